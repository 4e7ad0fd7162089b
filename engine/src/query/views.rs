//! The saved views that one party sees. What is in a view, the list of issues answers: it is asked with the view's
//! filter.

use super::Reader;
use crate::event::{Event, EventBody};
use crate::id::ViewId;
use crate::saved_view::{SavedView, ready_made, ready_made_view};
use crate::view::fold;
use std::sync::Arc;

impl Reader {
    /// The views that this party sees: the ready-made ones, then the others by name.
    #[must_use]
    pub fn views(&self) -> Vec<Arc<SavedView>> {
        let mut saved: Vec<_> =
            self.directory.views().filter(|view| self.policy.sees_view(view)).cloned().collect();
        saved.sort_by_cached_key(|view| (fold(&view.name), view.id));
        ready_made().iter().cloned().chain(saved).collect()
    }

    /// A view; none when there is none, it is deleted, or somebody else's own.
    #[must_use]
    pub fn view(&self, id: ViewId) -> Option<Arc<SavedView>> {
        let view = ready_made_view(id).or_else(|| self.directory.view(id));
        view.filter(|view| self.policy.sees_view(view)).cloned()
    }

    /// The views that the member who asks keeps at hand, in their order; those they no longer see are left out.
    #[must_use]
    pub fn favorites(&self) -> Vec<Arc<SavedView>> {
        let favorites = self.policy.member().and_then(|member| self.directory.favorites(member));
        let views = favorites.map(|favorites| favorites.views.as_slice()).unwrap_or_default();
        views.iter().filter_map(|id| self.view(*id)).collect()
    }

    /// An event as this party may read it in the log: what a private view of somebody else held is left out. That it was
    /// saved stays.
    pub(super) fn veiled(&self, mut event: Event) -> Event {
        if let (Some(me), Some(EventBody::ViewSaved { before, after })) =
            (self.policy.member(), &mut event.body)
        {
            for view in before.iter_mut().chain([after]).filter(|view| !view.shared && view.owner != me) {
                view.empty();
            }
        }
        event
    }
}
