//! The engine's enums that only those who run the platform see.

use async_graphql::Enum;
use mortise_engine::model;

/// Whether a company can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::TenantStatus")]
pub(super) enum TenantStatus {
    /// In use.
    Active,
    /// Held back for now: its people look at most, and change nothing.
    Suspended,
    /// Given up. It can be opened again for a while; then it may be erased.
    Closed,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::JobStatus")]
pub(super) enum JobStatus {
    /// It is being done, or waits for the server to start again.
    Running,
    /// Every company was tried.
    Done,
    /// It was ended before that.
    Canceled,
    /// It could not go on: what it is about could not be read, or what came of it not be saved.
    Failed,
}

/// What a job does to each of its companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum JobKind {
    /// Suspends it.
    Suspend,
    /// Opens it again.
    Resume,
    /// Sells it another tier.
    Retier,
    /// Tells its super admins something.
    Announce,
}

impl From<&model::JobTask> for JobKind {
    fn from(task: &model::JobTask) -> Self {
        match task {
            model::JobTask::Suspend { .. } => Self::Suspend,
            model::JobTask::Resume => Self::Resume,
            model::JobTask::Retier { .. } => Self::Retier,
            model::JobTask::Announce { .. } => Self::Announce,
        }
    }
}
