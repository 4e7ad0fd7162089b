//! What may be told to a guest: what its app member sees, and in a hook what whoever asks sees as well.
//!
//! All that leads from one issue to another passes through here. Texts are their writers' affair.

use mortise_engine::Result;
use mortise_engine::command::IssueRef;
use mortise_engine::directory::Directory;
use mortise_engine::filter::Link;
use mortise_engine::id::{IssueId, LabelId, TeamId};
use mortise_engine::model::{Issue, Label, Team};
use mortise_engine::query::Reader;
use std::sync::Arc;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sight {
    app: Arc<Reader>,
    asker: Option<Arc<Reader>>,
}

impl Sight {
    /// What this app member sees.
    #[must_use]
    pub(crate) fn of(app: Reader) -> Self {
        Self { app: Arc::new(app), asker: None }
    }

    /// What the app member sees, as far as whoever asks sees it too.
    #[must_use]
    pub(crate) fn with_asker(self, asker: Reader) -> Self {
        Self { asker: Some(Arc::new(asker)), ..self }
    }

    /// The app member's reader. What it gives is not yet what whoever asks may see.
    #[must_use]
    pub(crate) fn app(&self) -> &Reader {
        &self.app
    }

    /// Whether whoever asks sees all that the app member does, without looking at single issues.
    #[must_use]
    pub(crate) fn is_the_apps(&self) -> bool {
        self.asker.as_ref().is_none_or(|asker| asker.policy().scope(asker.directory()).is_everything())
    }

    /// The small tables as the app member sees them.
    #[must_use]
    pub(crate) fn directory(&self) -> &Arc<Directory> {
        self.app.directory()
    }

    /// Whether an issue that there is may be told of.
    #[must_use]
    pub(crate) fn sees(&self, id: IssueId) -> bool {
        self.app.sees(id) && self.asker.as_ref().is_none_or(|asker| asker.sees(id))
    }

    /// The issue of this name, by id or key, if it may be told of.
    #[must_use]
    pub(crate) fn find(&self, issue: &IssueRef) -> Option<IssueId> {
        self.app.find(issue).filter(|id| self.sees(*id))
    }

    /// A row as it may be told; none when it may not. One that is being made is its maker's to see, and so is one that its
    /// maker hides from themselves, without what leads on from it.
    #[must_use]
    pub(crate) fn row(&self, row: &Arc<Issue>) -> Option<Arc<Issue>> {
        let seen = self.app.as_seen(row)?;
        let Some(asker) = &self.asker else { return Some(seen) };
        Some(asker.as_seen(&seen).unwrap_or_else(|| bare(&seen)))
    }

    /// A row as a proposal would leave it, as it may be told; none when it may not. What the app member sees before and would see
    /// no more is told of, without what leads on from it: nobody gets past a plugin by hiding in the same change what it is
    /// asked about.
    #[must_use]
    pub(crate) fn proposed_row(&self, before: Option<&Arc<Issue>>, after: &Arc<Issue>) -> Option<Arc<Issue>> {
        let seen = self.row(after);
        seen.or_else(|| before.filter(|before| self.app.as_seen(before).is_some()).map(|_| bare(after)))
    }

    /// How an issue stands to others that may be told of.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub(crate) async fn relations(&self, issue: &Issue) -> Result<Vec<(Link, IssueId)>> {
        let found = self.app.relations(issue).await?;
        let told = found.into_iter().map(|(link, other)| (link, other.id));
        Ok(told.filter(|(_, other)| self.asker.as_ref().is_none_or(|asker| asker.sees(*other))).collect())
    }

    /// A team that may be told of.
    #[must_use]
    pub(crate) fn team(&self, id: TeamId) -> Option<&Arc<Team>> {
        let seen = |asker: &Reader| asker.directory().team(id).is_some();
        self.directory().team(id).filter(|_| self.asker.as_deref().is_none_or(seen))
    }

    /// A label that may be told of, deleted ones too.
    #[must_use]
    pub(crate) fn label(&self, id: LabelId) -> Option<&Arc<Label>> {
        self.directory().label(id)
    }
}

/// A row without what leads to other issues.
fn bare(row: &Issue) -> Arc<Issue> {
    let mut bare = row.clone();
    bare.parent = None;
    bare.relations.clear();
    Arc::new(bare)
}
