//! A job: one change of many companies, made by those who run the platform, with what came of it for each.
//!
//! It does not know how the work is done.

use super::{Tier, words};
use crate::error::Error;
use crate::id::{ApiKeyId, JobId, RootId, TenantId};
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;

/// What a job does to each of its companies.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum JobTask {
    /// Suspends it.
    #[n(0)]
    Suspend {
        /// Whether its people may still look at what is there.
        #[n(0)]
        reads: bool,
        /// Why, in words that its people read.
        #[n(1)]
        reason: Option<String>,
    },
    /// Opens it again.
    #[n(1)]
    Resume,
    /// Sells it another tier.
    #[n(2)]
    Retier {
        /// Which.
        #[n(0)]
        tier: Tier,
    },
    /// Tells its super admins something, by mail and in its log.
    #[n(3)]
    Announce {
        /// In a line.
        #[n(0)]
        subject: String,
        /// At length.
        #[n(1)]
        text: String,
    },
}

impl JobTask {
    /// The word for the kind of it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Suspend { .. } => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Retier { .. } => "RETIER",
            Self::Announce { .. } => "ANNOUNCE",
        }
    }
}

words! {
    /// How far a job has come.
    JobStatus {
        /// It is being done, or waits for the server to start again.
        0 Running = "RUNNING",
        /// Every company was tried.
        1 Done = "DONE",
        /// It was ended before that.
        2 Canceled = "CANCELED",
        /// It could not go on: what it is about could not be read, or what came of it not be saved.
        3 Failed = "FAILED",
    }
}

/// The head of a job: what is known of it without its companies.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Job {
    /// The id.
    #[n(0)]
    pub id: JobId,
    /// What is done.
    #[n(1)]
    pub task: JobTask,
    /// The operator who asked for it; none for the embedding program.
    #[n(2)]
    pub root: Option<RootId>,
    /// How far it has come.
    #[n(3)]
    pub status: JobStatus,
    /// Companies.
    #[n(4)]
    pub total: u32,
    /// Companies that were tried, in their order.
    #[n(5)]
    pub done: u32,
    /// Companies among them that refused.
    #[n(6)]
    pub failed: u32,
    /// When it was asked for.
    #[n(7)]
    pub created_at: Timestamp,
    /// When it ended.
    #[n(8)]
    pub finished_at: Option<Timestamp>,
    /// The hash of who asked, and of the name they gave to the request.
    #[n(9)]
    pub scope: Option<ByteArray<32>>,
    /// The hash of what was asked.
    #[n(10)]
    pub input: ByteArray<32>,
    /// The platform key by which it was asked for.
    #[n(11)]
    pub key: Option<ApiKeyId>,
}

/// One company of a job.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct JobItem {
    /// Which.
    #[n(0)]
    pub tenant: TenantId,
    /// When it was tried.
    #[n(1)]
    pub at: Option<Timestamp>,
    /// Why it was not done.
    #[n(2)]
    pub fault: Option<JobFault>,
}

/// Why a company of a job was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct JobFault {
    /// The code's word, such as `REJECTED`.
    #[n(0)]
    pub code: String,
    /// The sentence for who asked.
    #[n(1)]
    pub message: String,
}

impl From<&Error> for JobFault {
    fn from(error: &Error) -> Self {
        Self { code: error.code().as_str().to_owned(), message: error.message().to_owned() }
    }
}
