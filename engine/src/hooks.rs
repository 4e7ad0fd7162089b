//! Hooks: how plugins take part in a decision. The engine knows who is asked about what, in which order, and what an answer
//! or a failure means; what is asked for an answer, it does not know: whoever hosts plugins implements [`Hooks`].
//!
//! A hook is asked while the tenant's writer waits, so it has milliseconds, sees what readers see, and changes nothing.

use crate::command::issue::IssuePatch;
use crate::context::Principal;
use crate::id::StateId;
use crate::model::{HookPoint, Installation, Issue, WorkflowState};
use crate::time::Timestamp;
use std::sync::Arc;

pub use crate::draft::ProposedIssue as Proposal;

/// Steps of plugins that may follow from one another; what a plugin beyond them wants is refused.
pub const PLUGIN_DEPTH_MAX: u8 = 8;

/// One question to one plugin.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Who is asked.
    pub installation: &'a Arc<Installation>,
    /// Whose request it is.
    pub principal: &'a Principal,
    /// The request; found in logs and in the records of runs.
    pub request: uuid::Uuid,
    /// Now.
    pub now: Timestamp,
    /// It is a rehearsal: nothing will be written whatever is answered.
    pub rehearsal: bool,
}

/// What a plugin says no with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Why, for whoever asked; plain text, at most 500 characters.
    pub message: String,
    /// Fields at fault, each with what is wrong with it; at most 20.
    pub fields: Vec<(String, String)>,
}

/// A plugin could not answer: it was stopped, or failed, or there is no room for it. The text says why, in words for whoever
/// only wanted something done; the figures, and what the plugin said itself, are in the record of its run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HookFailure(pub String);

/// Whom to tell that what a plugin amends is refused, with why.
pub type Refused = Box<dyn FnOnce(&str) + Send>;

/// What a plugin amends of a proposal.
#[derive(Default)]
pub struct Amends {
    /// What else should change.
    pub patch: IssuePatch,
    /// Told where the rules refuse that: the plugin has failed then, whatever it thought.
    pub refused: Option<Refused>,
}

impl From<IssuePatch> for Amends {
    fn from(patch: IssuePatch) -> Self {
        Self { patch, refused: None }
    }
}

impl std::fmt::Debug for Amends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amends").field("patch", &self.patch).finish_non_exhaustive()
    }
}

/// What the host of plugins answers for them.
///
/// An installation in shadow mode is asked as all others; the engine does not act on what it says. Each call leaves a record
/// of its run with the host, also when it fails.
#[async_trait::async_trait]
pub trait Hooks: Send + Sync + 'static {
    /// What else should change with a proposal: no state is among it.
    async fn amend(&self, question: Question<'_>, proposal: &Proposal) -> Result<Amends, HookFailure>;

    /// Whether a proposal may be.
    async fn validate(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<Option<Denial>, HookFailure>;

    /// Which of these states each issue may enter, as far as this plugin is concerned: for each issue the states that it may
    /// not, with the reason. One call for a whole list.
    async fn next_states(
        &self,
        question: Question<'_>,
        issues: &[(Arc<Issue>, Vec<&WorkflowState>)],
    ) -> Result<Vec<Vec<(StateId, String)>>, HookFailure>;
}

impl Installation {
    /// Whether it is asked to amend at this point.
    #[must_use]
    pub fn amends(&self, point: HookPoint) -> bool {
        self.hooks.amend.contains(&point)
    }

    /// Whether it is asked to validate at this point.
    #[must_use]
    pub fn validates(&self, point: HookPoint) -> bool {
        self.hooks.validate.contains(&point)
    }
}
