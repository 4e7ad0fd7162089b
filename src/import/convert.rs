//! Turns an item of the archive into what is imported. Nothing is left out silently: a value not carried becomes a
//! loss, a value changed or missing becomes a note.
//!
//! `#123` stays as it is written; numbers are kept, so it still means the same. It does not know other items, nor
//! what has been imported before.

mod talk;

use jiff::Timestamp;

use super::fate::losses;
use super::item::{Closed, ImportIssue, Kind, MAX_BODY_BYTES, MAX_TITLE_CHARS, Note, PULL_REQUEST_LABEL};
use super::model::{Author, State, Thread};
use super::text::pieces;
use talk::Talk;

/// How many labels, and how many assignees, the archiving tool keeps of an item.
const ARCHIVED_NAMES: usize = 5;

/// Stands for a title that is missing.
const NO_TITLE: &str = "(no title)";

/// Converts one issue or pull request; `json` is what it was read from.
pub(crate) fn to_import(kind: Kind, thread: Thread, json: &str) -> ImportIssue {
    let mut notes = Vec::new();
    let closed = closed(&thread, &mut notes);
    let title = title(thread.title.as_deref().unwrap_or_default(), &mut notes);
    let (created_at, updated_at) = times(thread.created_at, thread.updated_at, &mut notes);
    let author = account(thread.author, &mut notes);
    let labels = labels(kind, thread.labels.unwrap_or_default(), &mut notes);
    let assignees = assignees(thread.assignees.unwrap_or_default(), &mut notes);

    let mut body = pieces(thread.body.as_deref().unwrap_or_default(), MAX_BODY_BYTES).into_iter();
    let first = body.next().unwrap_or_default().to_owned();
    let mut talk = Talk::new(thread.number);
    for rest in body {
        notes.push(Note::BodyContinued);
        talk.continue_body(rest, author.as_deref(), created_at);
    }
    for comment in thread.comments.unwrap_or_default() {
        talk.comment(comment, &mut notes);
    }
    for review in thread.reviews.unwrap_or_default() {
        talk.review(review, &mut notes);
    }

    ImportIssue {
        number: thread.number,
        source_id: thread.id.unwrap_or_default(),
        url: thread.url.unwrap_or_default(),
        title,
        body: first,
        kind,
        closed,
        author,
        assignees,
        labels,
        created_at,
        updated_at,
        comments: talk.in_order(),
        losses: losses(kind.list(), json),
        notes,
    }
}

fn closed(thread: &Thread, notes: &mut Vec<Note>) -> Option<Closed> {
    let merged = thread.state == State::Merged;
    let known = match thread.state {
        State::Open => None,
        State::Closed => thread.closed_at,
        State::Merged => thread.merged_at.or(thread.closed_at),
    };
    if [thread.closed_at, thread.merged_at].into_iter().flatten().any(|time| Some(time) != known) {
        notes.push(Note::EndTimeDropped);
    }
    if thread.state == State::Open {
        return None;
    }
    let at = known.unwrap_or_else(|| {
        notes.push(Note::CloseTimeMissing);
        thread.updated_at.unwrap_or(thread.created_at)
    });
    let merged_by = thread.merged_by.login().map(str::to_owned);
    Some(Closed { at, merged, merged_by })
}

fn title(raw: &str, notes: &mut Vec<Note>) -> String {
    let plain: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let tidy = plain.trim();
    if tidy.is_empty() {
        notes.push(Note::TitleMissing);
        return NO_TITLE.to_owned();
    }
    if tidy != raw {
        notes.push(Note::TitleTidied);
    }
    if tidy.chars().nth(MAX_TITLE_CHARS).is_some() {
        notes.push(Note::TitleCut);
    }
    tidy.chars().take(MAX_TITLE_CHARS).collect()
}

/// The times of making and of the last change.
fn times(created: Timestamp, updated: Option<Timestamp>, notes: &mut Vec<Note>) -> (Timestamp, Timestamp) {
    match updated {
        Some(updated) if updated < created => {
            notes.push(Note::UpdatedBeforeCreated);
            (created, created)
        }
        _ => (created, updated.unwrap_or(created)),
    }
}

fn account(author: Author, notes: &mut Vec<Note>) -> Option<String> {
    match author {
        Author::Login(login) => return Some(login),
        Author::Deleted => notes.push(Note::AuthorDeleted),
        Author::Unrecorded => notes.push(Note::AuthorUnrecorded),
    }
    None
}

fn labels(kind: Kind, names: Vec<String>, notes: &mut Vec<Note>) -> Vec<String> {
    if names.len() == ARCHIVED_NAMES {
        notes.push(Note::FiveLabels);
    }
    let own = (kind == Kind::PullRequest).then(|| PULL_REQUEST_LABEL.to_owned());
    each_once(names.into_iter().chain(own))
}

fn assignees(logins: Vec<String>, notes: &mut Vec<Note>) -> Vec<String> {
    if logins.len() == ARCHIVED_NAMES {
        notes.push(Note::FiveAssignees);
    }
    each_once(logins)
}

fn each_once(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().filter(|name| seen.insert(name.clone())).collect()
}
