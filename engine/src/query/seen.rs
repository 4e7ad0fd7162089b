//! Which view a reader asks: the present one, or that of an earlier moment.

use super::Reader;
use crate::access::Scope;
use crate::error::Result;
use crate::id::IssueId;
use crate::model::Issue;
use crate::tenant::{Allowance, PastView, UNDOING};
use crate::view::{Sight, View};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// The tenant's present view. It moves on.
    Now,
    /// The view of an earlier moment.
    Then(Arc<PastView>),
}

impl Seen {
    /// Whether it is of an earlier moment.
    pub(super) const fn is_past(&self) -> bool {
        matches!(self, Self::Then(_))
    }

    /// Issues that lie in the view and were made later, if there are any: no question is about them.
    pub(super) fn later(&self) -> Option<&RoaringBitmap> {
        match self {
            Self::Now => None,
            Self::Then(past) => Some(&past.later).filter(|later| !later.is_empty()),
        }
    }
}

impl Reader {
    /// The view that this reader asks. That of an earlier moment is made here, unless it is at hand.
    pub(crate) async fn seen(&self) -> Result<Seen> {
        let live = self.live()?;
        match self.moment {
            None => Ok(Seen::Now),
            Some(moment) => Ok(Seen::Then(Box::pin(live.view_at(&self.scope, moment.place)).await?)),
        }
    }

    /// Calls `ask` with a view, and with what of it this reader sees by the rights of now. The present view is locked
    /// meanwhile: ask, do not compute.
    pub(crate) fn with_view<T>(&self, seen: &Seen, ask: impl FnOnce(&View, &Sight) -> T) -> T {
        match seen {
            Seen::Now => self.with_present(&self.scope, |view| ask(view, &view.sight(&self.scope))),
            Seen::Then(past) => match self.live() {
                Ok(live) => ask(&past.view, &live.with_view(&self.scope, |view| view.sight(&self.scope))),
                Err(_) => self.with_present(&self.scope, |view| ask(view, &view.sight(&self.scope))),
            },
        }
    }

    /// Calls `ask` with the present view, whatever moment this reader sees; with an empty one when the tenant is being
    /// erased. It is locked meanwhile: ask, do not compute.
    pub(super) fn with_present<T>(&self, scope: &Scope, ask: impl FnOnce(&View) -> T) -> T {
        match self.live() {
            Ok(live) => live.with_view(scope, ask),
            Err(_) => ask(&View::default()),
        }
    }

    /// The rows of these issues as this reader sees them, in their order, deleted ones included; those not there, not there
    /// yet, or hidden, are none. What leads to hidden issues is left out of them.
    pub(super) async fn rows(&self, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        self.rows_within(ids, &mut self.allowance_to_undo()).await
    }

    /// [`Reader::rows`], for a part of what one request reads.
    pub(super) async fn rows_within(
        &self,
        ids: &[IssueId],
        undoing: &mut Allowance,
    ) -> Result<Vec<Option<Arc<Issue>>>> {
        let live = self.live()?;
        let mut rows = match self.moment {
            None => live.issues(&self.scope, ids).await,
            Some(moment) => Box::pin(live.issues_at(&self.scope, ids, moment.place, undoing)).await,
        }?;
        self.veil_rows(&mut rows);
        Ok(rows)
    }

    /// How many events of single issues one request may read to show them as they were.
    pub(super) fn allowance_to_undo(&self) -> Allowance {
        Allowance::new(&UNDOING, self.limits().past_events_max)
    }
}
