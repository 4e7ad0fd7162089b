//! What of the small tables one party does not see: private teams it does not belong to, and the labels and views of
//! those. Who belongs where is not decided here.

use super::Directory;
use crate::id::TeamId;
use std::sync::Arc;

/// The teams that are hidden, in order of id. Nearly always none.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden(Option<Arc<[TeamId]>>);

impl Hidden {
    pub(super) fn has(&self, team: TeamId) -> bool {
        self.0.as_ref().is_some_and(|teams| teams.binary_search(&team).is_ok())
    }

    /// Whether what belongs to this team, if to any, is hidden with it.
    pub(super) fn has_any(&self, team: Option<TeamId>) -> bool {
        team.is_some_and(|team| self.has(team))
    }
}

impl Directory {
    /// These tables, without these teams, which are in order of id. Both share their rows.
    #[must_use]
    pub fn hiding(&self, teams: &Arc<[TeamId]>) -> Self {
        Self {
            tables: self.tables.clone(),
            hidden: Hidden(Some(teams.clone()).filter(|teams| !teams.is_empty())),
        }
    }

    /// These tables, with nothing left out: for what must hold of the whole company, such as that no two teams have one
    /// key. What it says is not for the asker's eyes.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { tables: self.tables.clone(), hidden: Hidden::default() }
    }
}
