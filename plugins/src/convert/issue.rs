//! Issues and comments as guests get them.

use super::{Sight, category, kind, priority, relation_word, state_ref};
use crate::host::wit;
use mortise_engine::Result;
use mortise_engine::filter::Link;
use mortise_engine::id::IssueId;
use mortise_engine::model::{Comment, Issue};
use mortise_engine::time::Timestamp;
use std::sync::Arc;

/// How much of a description is handed out at once, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds(usize);

impl Bounds {
    /// In a hook.
    pub(crate) const WORKFLOW: Self = Self(32 << 10);
    /// One issue, outside of hooks.
    pub(crate) const ONE: Self = Self(256 << 10);
    /// Each of a list.
    pub(crate) const LISTED: Self = Self(8 << 10);

    /// The smaller of two.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

/// The mark of a version of an issue.
#[must_use]
pub(super) fn revision(version: u64) -> String {
    format!("v{version}")
}

/// The version that a mark says; none for what is no mark.
#[must_use]
pub(crate) fn version_of(revision: &str) -> Option<u64> {
    revision.strip_prefix('v')?.parse().ok()
}

impl Sight {
    /// An issue that is stored, as it may be told.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub(crate) async fn issue(&self, row: &Arc<Issue>, bounds: Bounds) -> Result<Option<wit::Issue>> {
        let Some(seen) = self.row(row) else { return Ok(None) };
        let description = self.app().description(&seen).await?;
        let relations = self.relations(&seen).await?;
        Ok(Some(self.told(&seen, description.as_deref(), &relations, bounds)))
    }

    /// An issue as a proposal would leave it: its description is the stored one unless one is given, and so are its relations.
    /// None when it may not be told of, neither as it is nor as it would be.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub(crate) async fn proposed(
        &self,
        before: Option<&Arc<Issue>>,
        after: &Arc<Issue>,
        description: Option<&str>,
        bounds: Bounds,
    ) -> Result<Option<wit::Issue>> {
        let Some(seen) = self.proposed_row(before, after) else { return Ok(None) };
        let stored = match (description, before) {
            (None, Some(before)) => self.app().description(before).await?,
            _ => None,
        };
        let relations = match before {
            Some(before) => self.relations(before).await?,
            None => Vec::new(),
        };
        let mut told = self.told(&seen, description.or(stored.as_deref()), &relations, bounds);
        match before {
            Some(before) => told.revision = revision(before.version),
            None => {
                told.revision = String::new();
                told.key = String::new();
            }
        }
        Ok(Some(told))
    }

    /// A row that may be told, with what lies beside it.
    fn told(
        &self,
        row: &Issue,
        description: Option<&str>,
        relations: &[(Link, IssueId)],
        bounds: Bounds,
    ) -> wit::Issue {
        let directory = self.directory();
        let team_key = directory.team(row.team).map(|team| team.key.clone()).unwrap_or_default();
        let (description, truncated) = cut(description.unwrap_or_default(), bounds.0);
        let ids = |ids: &[mortise_engine::id::MemberId]| ids.iter().map(ToString::to_string).collect();
        let day = |day: Option<mortise_engine::time::CalendarDate>| day.map(|day| day.to_string());
        wit::Issue {
            id: row.id.to_string(),
            key: format!("{team_key}-{}", row.number),
            revision: revision(row.version),
            team: row.team.to_string(),
            team_key,
            title: row.title.clone(),
            description,
            description_truncated: truncated,
            kind: kind(row.kind),
            state: self.state(row),
            priority: priority(row.priority),
            estimate: row.estimate,
            assignees: ids(&row.assignees),
            creator: row.creator.to_string(),
            labels: row.labels.iter().filter_map(|id| self.label_ref(*id)).collect(),
            parent: row.parent.map(|parent| parent.to_string()),
            relations: relations.iter().map(|(link, other)| related(*link, *other)).collect(),
            start_date: day(row.start_date),
            due_date: day(row.due_date),
            resolution: row.resolution.map(|resolution| resolution.as_str().to_owned()),
            confidential: row.confidential.is_some(),
            comment_count: row.comment_count,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
            in_state_since: row.in_state_since().to_string(),
            fields: fields(row),
        }
    }

    fn state(&self, row: &Issue) -> wit::StateRef {
        let unknown = || wit::StateRef {
            id: row.state.to_string(),
            key: String::new(),
            name: String::new(),
            category: category(row.category),
        };
        self.directory().state(row.state).map_or_else(unknown, state_ref)
    }

    /// A label with its name.
    #[must_use]
    fn label_ref(&self, id: mortise_engine::id::LabelId) -> Option<wit::LabelRef> {
        self.label(id).map(|label| wit::LabelRef { id: id.to_string(), name: label.name.clone() })
    }

    /// A comment.
    #[must_use]
    pub(crate) fn comment(&self, comment: &Comment, bounds: Bounds) -> wit::Comment {
        wit::Comment {
            id: comment.id.to_string(),
            issue: comment.issue.to_string(),
            author: comment.author.to_string(),
            body: cut(&comment.body, bounds.0).0,
            created_at: comment.created_at.to_string(),
        }
    }
}

fn related(link: Link, other: IssueId) -> wit::Relation {
    wit::Relation { kind: relation_word(link).to_owned(), issue: other.to_string() }
}

/// What version 1.0 of the contract has no place for.
fn fields(row: &Issue) -> Vec<wit::Field> {
    let time = |key: &str, at: Option<Timestamp>| {
        at.map(|at| wit::Field { key: key.to_owned(), value: wit::Value::Time(at.to_string()) })
    };
    let mut fields: Vec<wit::Field> = [
        time("triaged-at", row.triaged_at),
        time("started-at", row.started_at),
        time("completed-at", row.completed_at),
        time("canceled-at", row.canceled_at),
        time("archived-at", row.archived_at),
    ]
    .into_iter()
    .flatten()
    .collect();
    if row.reopen_count > 0 {
        let value = wit::Value::Number(row.reopen_count.into());
        fields.push(wit::Field { key: "reopen-count".to_owned(), value });
    }
    if let Some(url) = row.source.as_ref().and_then(|source| source.url.clone()) {
        fields.push(wit::Field { key: "source-url".to_owned(), value: wit::Value::Text(url) });
    }
    fields
}

/// The beginning of a text, of at most so many bytes, and whether there is more.
fn cut(text: &str, bytes_max: usize) -> (String, bool) {
    if text.len() <= bytes_max {
        return (text.to_owned(), false);
    }
    let end = text.floor_char_boundary(bytes_max);
    (text.get(..end).unwrap_or_default().to_owned(), true)
}
