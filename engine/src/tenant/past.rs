//! Issues as they were at an earlier place of the log: what happened since is undone, newest first, from the rows as they
//! are now.
//!
//! One issue, or a page of them, is taken back along its own chain of events. It knows the rows and the log; what people
//! may see of the past is the queries' affair.

mod line;
mod making;
mod talk;
mod view;

pub(super) use line::PastLine;
pub(crate) use talk::Texts;
pub(crate) use view::{PastView, PastViews};

use super::LiveTenant;
use super::chain::{Allowance, Bound};
use crate::access::Scope;
use crate::error::Result;
use crate::event::{Event, EventBody, IssueChange, Unknown};
use crate::id::IssueId;
use crate::model::{Issue, Seq};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Undoing what has happened since.
pub(crate) const UNDOING: Bound = Bound {
    what: "events",
    limit: "past_events_max",
    field: "at",
    advice: "ask for a later time, or for fewer issues at once",
};

/// A row that is being taken back.
struct Rewind {
    row: Issue,
    unknown: Unknown,
    /// The issue was made after the place it is taken back to.
    later: bool,
}

impl Rewind {
    fn of(row: Issue) -> Self {
        Self { row, unknown: Unknown::default(), later: false }
    }

    /// Undoes its newest event; says whether there is more to undo behind a place.
    fn undo(&mut self, event: &Event, place: Seq) -> ControlFlow<()> {
        let Some(previous) = event.previous else {
            self.later = true;
            return ControlFlow::Break(());
        };
        self.unknown = self.unknown.and(self.row.undo(event));
        if previous > place { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    const fn lacks_description(&self, texts: Texts) -> bool {
        match texts {
            Texts::Whole => self.unknown.description,
            Texts::LeftOut => self.unknown.size,
        }
    }

    const fn is_open(&self, texts: Texts) -> bool {
        !self.later && (self.lacks_description(texts) || self.unknown.fields)
    }
}

impl LiveTenant {
    /// The rows of these issues as they were at a place of the log, in their order, deleted ones included; those that
    /// were not made yet are none. What an issue once had ([`Issue::past`]) is as it is now.
    pub(crate) async fn issues_at(
        &self,
        scope: &Scope,
        ids: &[IssueId],
        place: Seq,
        allowance: &mut Allowance,
    ) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut rows = self.issues(scope, ids).await?;
        self.take_back(scope, &mut rows, place, allowance).await?;
        Ok(rows)
    }

    /// Takes rows back to a place of the log.
    async fn take_back(
        &self,
        scope: &Scope,
        rows: &mut [Option<Arc<Issue>>],
        place: Seq,
        allowance: &mut Allowance,
    ) -> Result<()> {
        let newer: Vec<_> = rows.iter_mut().filter(|row| is_newer(row.as_deref(), place)).collect();
        if newer.is_empty() {
            return Ok(());
        }
        let mut rewinds: Vec<_> =
            newer.iter().filter_map(|row| row.as_deref().cloned().map(Rewind::of)).collect();
        let starts: Vec<_> = rewinds.iter().map(|rewind| rewind.row.last_event).collect();
        let undo = |chain: usize, event: Event| match rewinds.get_mut(chain) {
            Some(rewind) => rewind.undo(&event, place),
            None => ControlFlow::Break(()),
        };
        self.walk_chains(scope, &starts, allowance, undo).await?;
        self.fill_in(scope, &mut rewinds, Texts::Whole, allowance).await?;
        for (row, rewind) in newer.into_iter().zip(rewinds) {
            *row = (!rewind.later).then(|| Arc::new(rewind.row));
        }
        Ok(())
    }

    /// Fills in what undoing left open, from the events that are not undone: all of them, but for a description. Where texts
    /// are not wanted, rows may lack them.
    async fn fill_in(
        &self,
        scope: &Scope,
        rewinds: &mut [Rewind],
        texts: Texts,
        allowance: &mut Allowance,
    ) -> Result<()> {
        let mut open: Vec<_> = rewinds.iter_mut().filter(|rewind| rewind.is_open(texts)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let starts: Vec<_> = open.iter().map(|rewind| rewind.row.last_event).collect();
        let mut read: Vec<Vec<Event>> = open.iter().map(|_| Vec::new()).collect();
        let take = |chain: usize, event: Event| {
            let (Some(rewind), Some(read)) = (open.get_mut(chain), read.get_mut(chain)) else {
                return ControlFlow::Break(());
            };
            if rewind.lacks_description(texts)
                && let Some(text) = description_in(&event)
            {
                // Of one that was erased it may still be known how long it was.
                if text.is_some() || rewind.unknown.size {
                    rewind.row.set_description(text);
                }
                (rewind.unknown.description, rewind.unknown.size) = (false, false);
            }
            if rewind.unknown.fields {
                read.push(lean(event));
            }
            if rewind.is_open(texts) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        self.walk_chains(scope, &starts, allowance, take).await?;
        for (rewind, read) in open.into_iter().zip(read) {
            if let Some(replayed) = Issue::replay(read.iter().rev()) {
                let (description_bytes, description) =
                    (rewind.row.description_bytes, rewind.row.description.take());
                rewind.row = Issue {
                    description_bytes,
                    description,
                    past: std::mem::take(&mut rewind.row.past),
                    ..replayed
                };
            }
        }
        Ok(())
    }

    /// The whole description that an issue had when its row was this one.
    pub(crate) async fn description_at(
        &self,
        scope: &Scope,
        issue: &Issue,
        allowance: &mut Allowance,
    ) -> Result<Option<String>> {
        if !issue.has_long_description() {
            return Ok(issue.description.clone());
        }
        let mut found = None;
        let look = |_, event: Event| match description_in(&event) {
            Some(text) => {
                found = text.map(str::to_owned);
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        };
        self.walk_chains(scope, &[issue.last_event], allowance, look).await?;
        Ok(found)
    }
}

fn is_newer(row: Option<&Issue>, place: Seq) -> bool {
    row.is_some_and(|row| row.last_event > place)
}

/// The description that an issue had after this event, if the event says it. After an erased event it is unknown, and
/// taken for none: an older one may not have been its description then.
fn description_in(event: &Event) -> Option<Option<&str>> {
    match &event.body {
        None => Some(None),
        Some(EventBody::IssueCreated { description, .. }) => Some(description.as_deref()),
        Some(EventBody::IssueUpdated { changes }) => changes.iter().rev().find_map(|change| match change {
            IssueChange::Description { to, .. } => Some(to.as_deref()),
            _ => None,
        }),
        Some(_) => None,
    }
}

/// The event without its long texts, for where many are kept at once and nobody reads them.
fn lean(mut event: Event) -> Event {
    match &mut event.body {
        Some(EventBody::IssueCreated { description, .. }) => *description = None,
        Some(EventBody::IssueUpdated { changes }) => {
            changes.retain(|change| !matches!(change, IssueChange::Description { .. }));
        }
        Some(EventBody::CommentCreated { comment }) => comment.body = String::new(),
        Some(EventBody::CommentEdited { body, .. }) => *body = String::new(),
        _ => {}
    }
    event
}
