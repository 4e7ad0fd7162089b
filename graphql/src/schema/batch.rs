//! The answer to a bulk change: one result for each issue that was named.

use super::issue::IssueNode;
use super::payload::{Outcome, UserError};
use crate::context::Asked;
use crate::error::Result;
use crate::lean::Row;
use async_graphql::{ID, SimpleObject};
use mortise_engine::draft::RowWrite;
use mortise_engine::event::Subject;
use mortise_engine::id::IssueId;
use mortise_engine::model::Issue;
use mortise_engine::{Committed, Error};
use std::collections::HashMap;
use std::sync::Arc;

/// What became of one issue of a bulk change.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct IssueBatchResult {
    /// Its place in the request, from 0.
    index: u32,
    /// Its name, as the request gave it.
    id: ID,
    /// Whether it was changed, or already was so.
    success: bool,
    /// The issue as it became; null when it was refused.
    issue: Option<Row<IssueNode>>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// The answer to a bulk change of issues.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct IssueBatchPayload {
    /// Whether all were changed. False exactly when there are `userErrors`.
    success: bool,
    /// One result for each issue that was named, in the order of the request; empty when the whole request was refused.
    results: Vec<IssueBatchResult>,
    /// The issues that were changed, in the order of the request.
    issues: Vec<Row<IssueNode>>,
    /// All refusals; `index` says which issue one is about.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl IssueBatchPayload {
    /// The answer to a bulk change of the issues with these names.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    pub(super) async fn answer(
        asked: &Asked<'_>,
        names: Vec<ID>,
        done: std::result::Result<Committed, Error>,
    ) -> Result<Self> {
        let outcome = Outcome::of(asked.snapshot, done)?;
        let changed = match &outcome.done {
            Some(done) => changed(asked, done).await?,
            None => Vec::new(),
        };
        let results =
            if outcome.done.is_some() { pair(names, &changed, &outcome.errors) } else { Vec::new() };
        Ok(Self {
            success: outcome.errors.is_empty(),
            results,
            issues: changed.into_iter().flatten().map(IssueNode::now).map(Row).collect(),
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}

/// The issues that were changed, in the order of the request: as they became, or, where nothing was written, as they are.
pub(super) async fn changed(asked: &Asked<'_>, done: &Committed) -> Result<Vec<Option<Arc<Issue>>>> {
    let ids: Vec<IssueId> = done
        .subjects
        .iter()
        .filter_map(|subject| if let Subject::Issue(id) = subject { Some(*id) } else { None })
        .collect();
    let written: HashMap<IssueId, &Arc<Issue>> = done
        .rows
        .iter()
        .filter_map(
            |row| if let RowWrite::Issue { after, .. } = row { Some((after.id, after)) } else { None },
        )
        .collect();
    let stored = asked.snapshot.rows(asked.snapshot.reader().issues_by_id(&ids)).await?;
    let reader = asked.snapshot.reader().refreshed();
    let newest = |(id, stored): (&IssueId, Option<Arc<Issue>>)| {
        // A change may put an issue out of the sight of who made it.
        written.get(id).map_or(stored, |written| reader.as_seen(written))
    };
    Ok(ids.iter().zip(stored).map(newest).collect())
}

/// Gives each name its result: those not refused were changed, in their order.
fn pair(names: Vec<ID>, changed: &[Option<Arc<Issue>>], errors: &[UserError]) -> Vec<IssueBatchResult> {
    let mut changed = changed.iter();
    (0u32..)
        .zip(names)
        .map(|(index, id)| {
            let user_errors: Vec<_> = errors.iter().filter(|e| e.is_about(index)).cloned().collect();
            let success = user_errors.is_empty();
            let issue = if success { changed.next().cloned().flatten() } else { None };
            IssueBatchResult { index, id, success, issue: issue.map(IssueNode::now).map(Row), user_errors }
        })
        .collect()
}
