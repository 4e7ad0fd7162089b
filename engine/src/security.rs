//! Security events: how people and programs got in or did not, and what they were refused.
//!
//! They are facts beside the log: a company's issues do not follow from them, and they are not kept for ever. This module
//! knows no storage: how they are chained is the log's affair, and how seldom they are written the tenant's.

use crate::context::Client;
use crate::event::{Actor, Subject};
use crate::model::{Seq, words};
use crate::time::{DAY_MS, Timestamp};
use minicbor::bytes::ByteArray;

words! {
    /// What happened.
    SecurityKind {
        /// Somebody signed in.
        0 SessionBegan = "session.began",
        /// Somebody signed out.
        1 SessionEnded = "session.ended",
        /// A spent refresh token was shown: the session was ended, for somebody else may have had it.
        2 SessionStolen = "session.stolen",
        /// Somebody did not get in.
        3 SignInFailed = "sign_in.failed",
        /// Somebody guessed so often that they were not even heard.
        4 SignInSlowed = "sign_in.slowed",
        /// The password was right, and the code was wrong.
        5 SecondFactorFailed = "second_factor.failed",
        /// Somebody who is signed in did not know the password.
        6 PasswordFailed = "password.failed",
        /// A link for a forgotten password was sent.
        7 ResetRequested = "password_reset.requested",
        /// An API key that is here was shown and is not good: revoked, expired, from elsewhere, or forged.
        8 KeyRefused = "key.refused",
        /// An API key was used: the first time on a day from a place.
        9 KeyUsed = "key.used",
        /// An operator of the platform used a visit: the first time on a day from a place.
        10 VisitUsed = "visit.used",
        /// Somebody asked for what they may not do.
        11 ActionRefused = "action.refused",
        /// The audit log was exported.
        12 AuditExported = "audit.exported",
        /// A token of an external issuer was used: the first time on a day from a place.
        13 TokenUsed = "token.used",
        /// A good token of an external issuer was shown, and names nobody who takes part here.
        14 TokenRefused = "token.refused",
        /// The password was right, and a second step was asked for that was not taken by then.
        15 SecondFactorAsked = "second_factor.asked",
        /// The token of a visit that is here was shown and is not good: it is over, or forged.
        16 VisitRefused = "visit.refused",
        /// A refresh token of a session that is here was shown and is not good any more.
        17 SessionRefused = "session.refused",
        /// An import began to write.
        18 ImportBegan = "import.began",
    }
}

impl SecurityKind {
    /// For how long nothing is written of it, in milliseconds: by then it may have come to nothing.
    pub(crate) const fn held_back_ms(self) -> i64 {
        match self {
            Self::SecondFactorAsked => SECOND_STEP_MS,
            _ => 0,
        }
    }
}

/// A security event in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityEvent {
    /// Its place among the company's security events: 1 is the first, there are no gaps.
    pub seq: Seq,
    /// When it was written down. Never before the one before it, unless a clock was wrong by more than an hour.
    pub at: Timestamp,
    /// What happened.
    pub kind: SecurityKind,
    /// Who, and from where; none when that was erased.
    pub body: Option<SecurityBody>,
}

/// The part of a security event that can be erased.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct SecurityBody {
    /// Who did it; none where that is not proven.
    #[n(0)]
    pub actor: Option<Actor>,
    /// What it is about: the member who was guessed at, the key that was shown.
    #[n(1)]
    pub subject: Option<Subject>,
    /// From which address.
    #[n(2)]
    pub address: Option<String>,
    /// What the client says of itself.
    #[n(3)]
    pub agent: Option<String>,
    /// The request; the last of several.
    #[n(4)]
    pub request: Option<ByteArray<16>>,
    /// How often it happened.
    #[n(5)]
    pub count: u32,
    /// When it happened first.
    #[n(6)]
    pub since: Timestamp,
    /// More, in a few words.
    #[n(7)]
    pub detail: Option<String>,
}

impl SecurityBody {
    /// The request, where it is known.
    #[must_use]
    pub fn request(&self) -> Option<uuid::Uuid> {
        self.request.as_ref().map(|bytes| uuid::Uuid::from_bytes(**bytes))
    }
}

/// A security event that is about to be written, or counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SecurityNote {
    pub(crate) kind: SecurityKind,
    pub(crate) actor: Option<Actor>,
    pub(crate) subject: Option<Subject>,
    pub(crate) client: Client,
    pub(crate) detail: Option<String>,
}

impl SecurityNote {
    /// So much is known: nobody, from nowhere.
    pub(crate) fn new(kind: SecurityKind) -> Self {
        Self { kind, actor: None, subject: None, client: Client::default(), detail: None }
    }

    /// Done by this party.
    pub(crate) fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// About this.
    pub(crate) fn about(mut self, subject: Option<Subject>) -> Self {
        self.subject = subject;
        self
    }

    /// By way of this client.
    pub(crate) fn from(mut self, client: &Client) -> Self {
        self.client = client.clone();
        self
    }

    /// More, in a few words: ours, and of others' no more than names within bounds.
    pub(crate) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What is written of it, when it happened so often since then.
    pub(crate) fn into_body(self, count: u32, since: Timestamp) -> SecurityBody {
        let agent = self.client.said();
        SecurityBody {
            actor: self.actor,
            subject: self.subject,
            address: self.client.address.map(|address| address.to_canonical().to_string()),
            agent: Some(agent).filter(|agent| !agent.is_empty()),
            request: self.client.request.map(|request| request.into_bytes().into()),
            count,
            since,
            detail: self.detail,
        }
    }
}

/// How long the second step of signing in may take, in milliseconds.
pub(crate) const SECOND_STEP_MS: i64 = 5 * 60 * 1000;

/// How far the clock may have gone back between two events, in milliseconds: an hour.
pub(crate) const CLOCK_BACK_MS: i64 = 60 * 60 * 1000;

/// So many days, in milliseconds.
pub(crate) fn days_ms(days: u64) -> i64 {
    i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MS)
}

/// Security events are kept for so long whatever a company has bought, in milliseconds: 30 days. Whoever verifies them counts
/// on it.
pub(crate) const SECURITY_KEPT_MIN_MS: i64 = 30 * DAY_MS;
