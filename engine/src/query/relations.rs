//! How one issue stands to others, seen from it.

use super::Reader;
use crate::error::Result;
use crate::filter::Link;
use crate::id::IssueId;
use crate::model::{Issue, RelationKind};
use crate::view::View;
use std::sync::Arc;

impl Reader {
    /// The relations of an issue at the moment that is seen, seen from it, with the other issues: by kind, those it has to others before those that
    /// others have to it, in order of age. Deleted others are left out. One read of the store at most.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read; of the past `TOO_COSTLY` where that is too far back.
    pub async fn relations(&self, issue: &Issue) -> Result<Vec<(Link, Arc<Issue>)>> {
        let seen = self.seen().await?;
        let links = self.with_view(&seen, |view, _| links(view, issue.id));
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<IssueId> = links.iter().map(|(_, other)| *other).collect();
        let others = self.issues_by_id(&ids).await?;
        Ok(links.into_iter().zip(others).filter_map(|((link, _), other)| Some((link, other?))).collect())
    }
}

/// What leads from an issue and to it, in order.
fn links(view: &View, id: IssueId) -> Vec<(Link, IssueId)> {
    let from = view.relations_from(id).iter().map(|r| (Link { kind: r.kind, reversed: false }, r.to));
    let to = view.relations_to(id).into_iter().map(|(kind, from)| {
        let reversed = kind != RelationKind::Relates;
        (Link { kind, reversed }, from)
    });
    let mut links: Vec<_> = from.chain(to).collect();
    links.sort_unstable();
    links
}
