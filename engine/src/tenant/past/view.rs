//! The view of an earlier place of the log: a copy of the present one, with everything since undone.
//!
//! Making one reads the log from its end back to the place, so the newest few are kept for the pages that follow.
//! Issues that were made later cannot be taken out of a view. They stay in it as blanks, deleted and belonging to
//! nothing, and whoever asks leaves them out: see [`PastView::later`].

use super::super::row_cache::Life;
use super::LiveTenant;
use super::line::Room;
use crate::access::Scope;
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;
use crate::model::Seq;
use crate::view::View;
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use std::collections::VecDeque;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct PastView {
    /// The view. What issues once had, beyond what they had then, is as it is now: the past of the past is read from the
    /// log.
    pub(crate) view: View,
    /// The ordinals of issues that were made later.
    pub(crate) later: RoaringBitmap,
}

/// The newest views of the past, all tenants together, bounded in number and in bytes; the newest is kept whatever its
/// size.
pub(crate) struct PastViews {
    kept: Mutex<VecDeque<Kept>>,
    room: Room,
    count_max: usize,
    bytes_max: usize,
}

struct Kept {
    life: Life,
    place: Seq,
    bytes: usize,
    view: Arc<PastView>,
}

impl PastViews {
    /// None yet. On a computer with so many cores.
    pub(crate) fn new(limits: &Limits, cores: usize) -> Self {
        Self {
            kept: Mutex::default(),
            room: Room::new(limits, cores),
            count_max: limits.past_views_max,
            bytes_max: limits.past_views_bytes,
        }
    }

    fn find(&self, life: Life, place: Seq) -> Option<Arc<PastView>> {
        let kept = self.kept.lock();
        kept.iter().find(|kept| (kept.life, kept.place) == (life, place)).map(|kept| kept.view.clone())
    }

    fn keep(&self, life: Life, place: Seq, view: &Arc<PastView>) {
        let bytes = view.view.memory_bytes();
        let mut kept = self.kept.lock();
        kept.push_back(Kept { life, place, bytes, view: view.clone() });
        let mut total: usize = kept.iter().map(|kept| kept.bytes).sum();
        while kept.len() > 1 && (kept.len() > self.count_max || total > self.bytes_max) {
            total -= kept.pop_front().map_or(0, |oldest| oldest.bytes);
        }
    }

    /// Forgets everything of one load of a tenant.
    pub(crate) fn end(&self, life: Life) {
        self.kept.lock().retain(|kept| kept.life != life);
    }
}

impl LiveTenant {
    /// The view as it was at a place of the log.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` when more has happened since than may be undone, `UNAVAILABLE` when too many other places are asked for.
    pub(crate) async fn view_at(self: &Arc<Self>, scope: &Scope, place: Seq) -> Result<Arc<PastView>> {
        let views = &self.shared.past;
        if let Some(view) = views.find(self.life, place) {
            return Ok(view);
        }
        self.bound(self.applied(), place)?;
        let make = |turn| async move {
            // It may have been made just before this one asked.
            if let Some(view) = views.find(self.life, place) {
                return Ok(view);
            }
            let view = Arc::new(self.make_view_at(scope, place, turn).await?);
            views.keep(self.life, place, &view);
            Ok(view)
        };
        self.past_line.view(place, self.shared.limits.past_moments_max, &views.room, make).await
    }

    /// Refuses to undo too much.
    pub(super) fn bound(&self, head: Seq, place: Seq) -> Result<()> {
        let (since, max) = (head.0.saturating_sub(place.0), self.shared.limits.past_events_max);
        if since <= max {
            return Ok(());
        }
        let message = format!(
            "since then {since} events have happened, and at most {max} can be undone for a list (the limit \
             `past_events_max`): ask for a later time, or for single issues"
        );
        Err(Error::new(ErrorCode::TooCostly, message).with_field("at"))
    }
}
