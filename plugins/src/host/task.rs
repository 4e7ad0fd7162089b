//! What a guest is called for, and what comes of it. It knows nothing of how it is called.

use super::budget::Used;
use super::recording::Recording;
use super::stopped::Stopped;
use super::wit::{self, log::Level};
use std::fmt;

/// One call of one exported function.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Task {
    /// `workflow.amend`.
    Amend {
        /// As the proposal would leave it.
        issue: wit::Issue,
        /// What somebody is about to do.
        proposal: wit::Proposal,
    },
    /// `workflow.validate`.
    Validate {
        /// As everything together would leave it.
        issue: wit::Issue,
        /// What somebody is about to do.
        proposal: wit::Proposal,
    },
    /// `workflow.next-states`.
    NextStates {
        /// A whole board.
        issues: Vec<wit::Issue>,
        /// For each issue, what the workflow permits.
        candidates: Vec<Vec<wit::StateRef>>,
    },
    /// `automation.on-event`.
    Event(wit::Event),
    /// `scheduled.on-schedule`.
    Tick(wit::Tick),
    /// `inbound.on-request`.
    Request(wit::inbound::Request),
    /// `lifecycle.on-lifecycle`.
    Lifecycle(wit::Step),
}

impl Task {
    /// The exported interface that answers it.
    #[must_use]
    pub fn export(&self) -> Export {
        match self {
            Self::Amend { .. } | Self::Validate { .. } | Self::NextStates { .. } => Export::Workflow,
            Self::Event(_) => Export::Automation,
            Self::Tick(_) => Export::Scheduled,
            Self::Request(_) => Export::Inbound,
            Self::Lifecycle(_) => Export::Lifecycle,
        }
    }
}

/// An interface that a component may export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Export {
    /// Takes part in decisions.
    Workflow,
    /// Acts on what has happened.
    Automation,
    /// Acts at times.
    Scheduled,
    /// Answers requests from outside.
    Inbound,
    /// Is told what becomes of its installation.
    Lifecycle,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Workflow, Self::Automation, Self::Scheduled, Self::Inbound, Self::Lifecycle];

    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Automation => "automation",
            Self::Scheduled => "scheduled",
            Self::Inbound => "inbound",
            Self::Lifecycle => "lifecycle",
        }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What came of one call.
#[derive(Clone, Debug)]
pub struct Run {
    /// The guest's answer, or why there is none.
    pub outcome: Result<Answer, Stopped>,
    /// What it used, also when it was stopped.
    pub used: Used,
    /// What it logged, also when it was stopped.
    pub logs: Vec<LogLine>,
    /// Everything that it learned, in order; what a [`Replay`](super::Replay) needs.
    pub recording: Recording,
}

impl Run {
    /// A call that never began.
    pub(super) fn not_begun(why: Stopped) -> Self {
        Self { outcome: Err(why), used: Used::default(), logs: Vec::new(), recording: Recording::default() }
    }
}

/// What a guest answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Task::Amend`].
    Edits(Vec<wit::Edit>),
    /// To [`Task::Validate`].
    Verdict(wit::Verdict),
    /// To [`Task::NextStates`].
    NextStates(Vec<Vec<wit::NextState>>),
    /// Done, with nothing to say: what was staged may happen.
    Done,
    /// The guest says no: nothing that was staged happens.
    Failed(wit::Failure),
    /// To [`Task::Request`].
    Response(wit::inbound::Response),
}

/// One line that a guest logged. Control characters other than line ends and tabs are taken out
/// of all its texts.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// How grave it is.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// With what.
    pub fields: Vec<(String, String)>,
}
