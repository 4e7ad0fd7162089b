//! Which view a reader asks: the present one, or that of an earlier moment.

use super::Reader;
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
        self.live.expect_not_gone()?;
        match self.moment {
            None => Ok(Seen::Now),
            Some(moment) => Ok(Seen::Then(Box::pin(self.live.view_at(&self.scope, moment.place)).await?)),
        }
    }

    /// Calls `ask` with a view, and with what of it this reader sees by the rights of now. The present view is locked
    /// meanwhile: ask, do not compute.
    pub(crate) fn with_view<T>(&self, seen: &Seen, ask: impl FnOnce(&View, &Sight) -> T) -> T {
        match seen {
            Seen::Now => self.live.with_view(&self.scope, |view| ask(view, &view.sight(&self.scope))),
            Seen::Then(past) => {
                let sight = self.live.with_view(&self.scope, |view| view.sight(&self.scope));
                ask(&past.view, &sight)
            }
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
        self.live.expect_not_gone()?;
        let mut rows = match self.moment {
            None => self.live.issues(&self.scope, ids).await,
            Some(moment) => Box::pin(self.live.issues_at(&self.scope, ids, moment.place, undoing)).await,
        }?;
        self.veil_rows(&mut rows);
        Ok(rows)
    }

    /// How many events of single issues one request may read to show them as they were.
    pub(super) const fn allowance_to_undo(&self) -> Allowance {
        Allowance::new(&UNDOING, self.limits.past_events_max)
    }
}
