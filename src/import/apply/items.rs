//! The archive's things in the engine's terms.
//!
//! It does not know what has been imported before.

use mortise::command::import::{
    ImportItem, ImportedComment, ImportedIssue, imported_comment_id, imported_issue_id,
};
use mortise::id::{CommentId, TeamId, TenantId};
use mortise::model::{IssueKind, IssueSource, Resolution};
use mortise::time::Timestamp;

use super::super::item::{Closed, ImportComment, ImportIssue, Kind, Note, PULL_REQUEST_LABEL};
use super::super::model::Label;
use super::super::validate::Survey;

/// The system that archives come from, as sources name it.
pub(super) const SYSTEM: &str = "github";

/// The person who stands for every author whose account is gone or not recorded.
const NOBODY: &str = "ghost";

/// The colour of a label that the archive gives none, or none that can be read.
const COLOR_DEFAULT: &str = "8a8f98";

/// Characters of a name that the engine takes.
const NAME_CHARS_MAX: usize = 100;

/// Everybody in the archive, and the one who stands for the unknown where there are any.
pub(super) fn people(survey: &Survey) -> impl Iterator<Item = ImportItem> {
    let unknown = [Note::AuthorDeleted, Note::AuthorUnrecorded];
    let nobody = unknown.iter().any(|note| survey.report.notes.contains_key(note)).then_some(NOBODY);
    survey
        .people
        .iter()
        .map(String::as_str)
        .chain(nobody)
        .map(|login| ImportItem::Person { source: person(Some(login)), name: name(login) })
}

/// The repository's labels, those that are only used, and the one of pull requests. Those listed come first: a name
/// written in another case elsewhere then finds its colour.
pub(super) fn labels(survey: &Survey) -> impl Iterator<Item = ImportItem> {
    let pulls = (survey.report.carried.pull_requests > 0).then_some((PULL_REQUEST_LABEL, None));
    let all = || survey.labels.iter().map(|(name, label)| (name.as_str(), label.as_ref()));
    let listed = all().filter(|(_, label)| label.is_some());
    let used = all().filter(|(_, label)| label.is_none());
    listed.chain(used).chain(pulls).map(|(name, label)| ImportItem::Label {
        name: label_name(name),
        color: color(label),
        description: label.and_then(|label| label.description.clone()).filter(|text| !text.trim().is_empty()),
    })
}

/// A label's name as the engine takes it.
pub(super) fn label_name(raw: &str) -> String {
    name(raw)
}

fn name(raw: &str) -> String {
    let line: String = raw.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name: String = line.trim().chars().take(NAME_CHARS_MAX).collect();
    let name = name.trim_end();
    if name.is_empty() { "(no name)".to_owned() } else { name.to_owned() }
}

fn color(label: Option<&Label>) -> String {
    let is_color = |text: &&str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let color = label.and_then(|label| label.color.as_deref());
    let color = color.map(|text| text.trim_start_matches('#')).filter(is_color).unwrap_or(COLOR_DEFAULT);
    format!("#{}", color.to_ascii_lowercase())
}

fn person(login: Option<&str>) -> String {
    format!("{SYSTEM}:{}", login.unwrap_or(NOBODY))
}

/// Names an issue among everything that ever comes from this system.
pub(super) fn issue_source(repo: &str, team: &str, number: u64) -> String {
    format!("{}#{number}", namespace(repo, team))
}

/// An archive that does not say what it is of is told from others by where it goes.
fn namespace(repo: &str, team: &str) -> String {
    if repo.is_empty() { format!("({})", team.to_uppercase()) } else { repo.to_owned() }
}

/// What all items of one import have in common.
#[derive(Debug, Clone)]
pub(super) struct Source {
    tenant: TenantId,
    team: TeamId,
    /// `owner/name`.
    namespace: String,
}

impl Source {
    pub(super) fn new(tenant: TenantId, team: TeamId, repo: &str, team_key: &str) -> Self {
        Self { tenant, team, namespace: namespace(repo, team_key) }
    }

    /// The issue, then what was said about it, in order; a reply comes after what it replies to.
    pub(super) fn items(&self, issue: ImportIssue) -> Vec<ImportItem> {
        let said: Vec<_> =
            issue.comments.iter().map(|comment| self.comment_id(comment, &issue.comments)).collect();
        let number = issue.number;
        let id = format!("{}#{number}", self.namespace);
        let created_at = instant(issue.created_at);
        let issue_id = imported_issue_id(self.tenant, SYSTEM, &id, created_at);
        let (state, closed) = fate(issue.kind, issue.closed.as_ref());
        let url = Some(issue.url).filter(|url| !url.trim().is_empty());
        let imported = ImportedIssue {
            id: issue_id,
            source: IssueSource { system: SYSTEM.to_owned(), id, url, state: Some(state.to_owned()) },
            team: self.team,
            // The reader refuses larger numbers.
            number: u32::try_from(number).unwrap_or(u32::MAX),
            title: issue.title,
            description: Some(text(issue.body)),
            kind: IssueKind::Task,
            closed,
            creator: person(issue.author.as_deref()),
            assignees: issue.assignees.iter().map(|login| person(Some(login))).collect(),
            labels: issue.labels.iter().map(|label| label_name(label)).collect(),
            created_at,
            updated_at: instant(issue.updated_at),
        };
        let mut items = vec![ImportItem::Issue(Box::new(imported))];
        for (comment, &id) in issue.comments.into_iter().zip(&said) {
            items.push(ImportItem::Comment(Box::new(ImportedComment {
                id,
                source: self.comment_source(&comment),
                issue: issue_id,
                author: person(comment.author.as_deref()),
                parent: comment.reply_to.and_then(|at| said.get(at).copied()),
                created_at: instant(comment.created_at),
                updated_at: instant(comment.updated_at),
                body: text(comment.body),
            })));
        }
        items
    }

    fn comment_source(&self, comment: &ImportComment) -> IssueSource {
        // A comment's key begins with its issue's number.
        let id = format!("{}#{}", self.namespace, comment.key);
        IssueSource { system: SYSTEM.to_owned(), id, url: None, state: None }
    }

    /// Comments are shown in the order of their ids, which begin with a time: see [`place_in_time`].
    fn comment_id(&self, comment: &ImportComment, all: &[ImportComment]) -> CommentId {
        let source = self.comment_source(comment);
        imported_comment_id(self.tenant, SYSTEM, &source.id, place_in_time(comment, all))
    }
}

/// When a comment was written, moved by as little as puts it behind what it replies to and behind those of its sort
/// that have the same second. Like the key, it is the same in every later archive.
fn place_in_time(comment: &ImportComment, all: &[ImportComment]) -> Timestamp {
    let parent = comment.reply_to.and_then(|at| all.get(at));
    let began = parent.map_or(comment.created_at, |parent| parent.created_at.max(comment.created_at));
    let behind = comment.nth.saturating_add(u64::from(parent.is_some()));
    // The source's times are whole seconds: what fits into one does not pass the next comment.
    instant(began).plus_millis(i64::try_from(behind).map_or(999, |behind| behind.min(999)))
}

/// What the issue was at its source, and how it ended. A pull request that was not merged was not done.
fn fate(kind: Kind, closed: Option<&Closed>) -> (&'static str, Option<(Timestamp, Resolution)>) {
    match (kind, closed) {
        (_, None) => ("open", None),
        (_, Some(end)) if end.merged => ("merged", Some((instant(end.at), Resolution::Done))),
        (Kind::Issue, Some(end)) => ("closed", Some((instant(end.at), Resolution::Done))),
        (Kind::PullRequest, Some(end)) => ("closed", Some((instant(end.at), Resolution::WontDo))),
    }
}

fn instant(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millisecond())
}

/// A text without the one character that the engine does not take.
fn text(raw: String) -> String {
    if raw.contains('\0') { raw.replace('\0', " ") } else { raw }
}

/// Bytes of text that an item holds.
pub(super) fn text_bytes(item: &ImportItem) -> usize {
    match item {
        ImportItem::Issue(issue) => issue.title.len() + issue.description.as_ref().map_or(0, String::len),
        ImportItem::Comment(comment) => comment.body.len(),
        ImportItem::Person { .. } | ImportItem::Label { .. } => 0,
    }
}
