//! What an import brings and what it leaves behind, gathered item by item, for people as a table and for scripts as
//! JSON. Its size does not grow with the archive.
//!
//! It does not know whether anything was written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::Table;
use serde::{Deserialize, Serialize};

use super::item::{CommentKind, ImportIssue, Kind, Loss, Note};

/// The most fields told apart; the values of further ones are counted together.
const MAX_FIELDS: usize = 512;

/// The field under which further ones are counted.
const OTHER_FIELDS: &str = "(other fields)";

/// An account of one import.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// What is carried.
    pub(crate) carried: Carried,
    /// What is not, by field.
    pub(crate) not_carried: BTreeMap<String, Left>,
    /// What was changed or could not be known.
    pub(crate) notes: BTreeMap<Note, Noted>,
}

/// How much is carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Carried {
    /// Labels of the repository.
    pub(crate) labels: u64,
    /// Issues.
    pub(crate) issues: u64,
    /// Pull requests.
    pub(crate) pull_requests: u64,
    /// Comments.
    pub(crate) comments: u64,
    /// Reviews.
    pub(crate) reviews: u64,
    /// Remarks within reviews.
    pub(crate) review_comments: u64,
    /// Comments made because a text was too long for one.
    pub(crate) continuations: u64,
}

/// Values of one field that are left behind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Left {
    /// How many.
    pub(crate) count: u64,
    /// One of them, shortened.
    pub(crate) example: String,
    /// Where that one is: a list and a number or index.
    pub(crate) example_at: String,
    /// Why.
    pub(crate) reason: Cow<'static, str>,
}

/// How often something was noted, and where first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Noted {
    /// How often.
    pub(crate) count: u64,
    /// The first item: a number of an issue or pull request.
    pub(crate) first_at: String,
}

impl Report {
    /// Adds an issue or pull request.
    pub(crate) fn add(&mut self, issue: &ImportIssue) {
        let at = format!("#{}", issue.number);
        match issue.kind {
            Kind::Issue => self.carried.issues += 1,
            Kind::PullRequest => self.carried.pull_requests += 1,
        }
        for comment in &issue.comments {
            match comment.kind {
                CommentKind::Comment => self.carried.comments += 1,
                CommentKind::Review { .. } => self.carried.reviews += 1,
                CommentKind::ReviewComment => self.carried.review_comments += 1,
                CommentKind::Continuation => self.carried.continuations += 1,
            }
        }
        issue.losses.iter().for_each(|loss| self.lose(loss, &at));
        issue.notes.iter().for_each(|&note| self.note(note, &at));
    }

    /// Adds a label, of which these values are left behind.
    pub(crate) fn add_label(&mut self, losses: &[Loss], name: &str) {
        self.carried.labels += 1;
        losses.iter().for_each(|loss| self.lose(loss, name));
    }

    /// Adds values left behind in the item called `at`.
    pub(crate) fn lose(&mut self, loss: &Loss, at: &str) {
        let known = self.not_carried.len() < MAX_FIELDS || self.not_carried.contains_key(&loss.field);
        let field = if known { loss.field.as_str() } else { OTHER_FIELDS };
        let left = self.not_carried.entry(field.to_owned()).or_insert_with(|| Left {
            count: 0,
            example: loss.value.clone(),
            example_at: at.to_owned(),
            reason: Cow::Borrowed(loss.reason),
        });
        left.count += loss.count;
    }

    fn note(&mut self, note: Note, at: &str) {
        let noted = self.notes.entry(note).or_insert_with(|| Noted { count: 0, first_at: at.to_owned() });
        noted.count += 1;
    }

    /// The report for people: what is carried in a line, then tables of what is not and of notes.
    pub(crate) fn to_table(&self) -> String {
        let Carried { labels, issues, pull_requests, comments, reviews, review_comments, continuations } =
            self.carried;
        let mut text = format!(
            "Carried: {issues} issues, {pull_requests} pull requests, {comments} comments, {reviews} reviews, \
             {review_comments} review comments, {labels} labels"
        );
        if continuations > 0 {
            _ = write!(text, ", {continuations} continuations of long texts");
        }
        if !self.not_carried.is_empty() {
            let mut table = plain_table(&["Not carried", "Values", "For example", "At", "Why"]);
            for (field, left) in &self.not_carried {
                table.add_row([
                    field,
                    &left.count.to_string(),
                    &left.example,
                    &left.example_at,
                    left.reason.as_ref(),
                ]);
            }
            _ = write!(text, "\n\n{table}");
        }
        if !self.notes.is_empty() {
            let mut table = plain_table(&["Noted", "Times", "First at"]);
            for (note, noted) in &self.notes {
                table.add_row([note.sentence(), &noted.count.to_string(), &noted.first_at]);
            }
            _ = write!(text, "\n\n{table}");
        }
        text
    }
}

fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.set_header(header.iter().copied());
    table
}
