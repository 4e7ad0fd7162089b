//! Who is asking: the door through which a server brings its own way to tell.
//!
//! It does not know tokens. It fixes only when the question is asked (before a byte of the request is parsed) and
//! what a refusal looks like.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, StatusCode, header, request::Parts};

use super::{
    code::ErrorCode,
    limit::{self, Account, Calls, Spent},
    refusal::Refusal,
};

/// Tells from a request's head who sends it.
///
/// What it answers is put into the GraphQL request's data under its own type, where resolvers find it.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// What resolvers get to know about the caller.
    type Identity: Clone + Send + Sync + 'static;

    /// The caller, or `None` for a request that brings no credentials: it may still sign in, and resolvers refuse
    /// the rest.
    ///
    /// # Errors
    /// [`AuthFailure`] when credentials were brought and do not hold. Nothing of the request is looked at then.
    async fn authenticate(&self, parts: &Parts) -> Result<Option<Self::Identity>, AuthFailure>;

    /// Whether it costs more than a moment to tell whether the credentials of this request hold: something is read for them,
    /// or somebody asked. Such credentials are not looked at for a while when too many did not hold that came from the same
    /// address. Default: yes.
    fn is_costly(&self, _parts: &Parts) -> bool {
        true
    }

    /// Whose limits the requests of this caller use. Default: nobody's, and they are not limited.
    fn account(&self, _identity: &Self::Identity) -> Option<Account> {
        None
    }

    /// Counts a request of this caller among the calls of the day. It is asked once the request has been let in, and
    /// before a byte of it is parsed. Default: nothing is counted.
    ///
    /// # Errors
    /// [`AuthFailure::CallsSpent`] when there are no more today, [`AuthFailure::Unavailable`] when it cannot be counted.
    async fn count(&self, _identity: &Self::Identity) -> Result<Option<Calls>, AuthFailure> {
        Ok(None)
    }

    /// Points of work that answering this caller's request has come to: what it has shown. Default: none.
    fn work(&self, _identity: &Self::Identity) -> u64 {
        0
    }
}

/// A door that several share.
#[async_trait]
impl<A: Authenticator> Authenticator for Arc<A> {
    type Identity = A::Identity;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<A::Identity>, AuthFailure> {
        A::authenticate(self, parts).await
    }

    fn is_costly(&self, parts: &Parts) -> bool {
        A::is_costly(self, parts)
    }

    fn account(&self, identity: &A::Identity) -> Option<Account> {
        A::account(self, identity)
    }

    async fn count(&self, identity: &A::Identity) -> Result<Option<Calls>, AuthFailure> {
        A::count(self, identity).await
    }

    fn work(&self, identity: &A::Identity) -> u64 {
        A::work(self, identity)
    }
}

/// Why credentials were not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFailure {
    /// Malformed, forged, expired or revoked: 401. Which of them is not said.
    InvalidToken,
    /// The same of what has the form of an API key: 401.
    InvalidKey,
    /// Genuine, and its time is over: 401, in the same words. It is no guess, and does not count as one.
    ExpiredToken,
    /// The caller sends too many requests: 429, to be repeated after this time.
    RateLimited(Duration),
    /// The caller's calls of the day are spent: 429, to be repeated tomorrow.
    CallsSpent(Box<Spent>),
    /// It cannot be told now: 503.
    Unavailable,
}

impl AuthFailure {
    /// The code that says what to do about it.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidToken | Self::InvalidKey | Self::ExpiredToken => ErrorCode::Unauthenticated,
            Self::RateLimited(_) | Self::CallsSpent(_) => ErrorCode::RateLimited,
            Self::Unavailable => ErrorCode::Unavailable,
        }
    }

    /// The sentence for who is refused.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::InvalidToken | Self::ExpiredToken => {
                "the access token is not valid: sign in again or refresh it"
            }
            Self::InvalidKey => {
                "the API key is not valid here: it was revoked, its time is over, it is of another server, or of another kind \
                 (those of companies begin with `iss_live_`, those of the platform with `iss_root_`)"
            }
            Self::RateLimited(_) => "too many requests: slow down",
            Self::CallsSpent(spent) => &spent.message,
            Self::Unavailable => "cannot check the access token now: repeat the request",
        }
    }
}

/// Lets everybody in as nobody: for schemas without identities.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

#[async_trait]
impl Authenticator for Nobody {
    type Identity = ();

    async fn authenticate(&self, _parts: &Parts) -> Result<Option<()>, AuthFailure> {
        Ok(None)
    }
}

impl From<AuthFailure> for Refusal {
    fn from(failure: AuthFailure) -> Self {
        let message = failure.message();
        match failure {
            AuthFailure::InvalidToken | AuthFailure::InvalidKey | AuthFailure::ExpiredToken => {
                Self::new(StatusCode::UNAUTHORIZED, failure.code(), message).header(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer error=\"invalid_token\""),
                )
            }
            AuthFailure::RateLimited(wait) => limit::limited(message, wait),
            AuthFailure::CallsSpent(spent) => limit::spent(*spent),
            AuthFailure::Unavailable => Self::unavailable(message),
        }
    }
}
