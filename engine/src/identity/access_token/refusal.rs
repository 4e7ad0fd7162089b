//! Why an access token is refused.
//!
//! For logs and metrics; a client learns only that it is not signed in.

use jsonwebtoken::errors::ErrorKind;

/// Why an access token is refused. Carries nothing of the token itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AccessTokenError {
    /// Not three parts of base64url with a header and exactly our claims, each once.
    #[error("cannot accept the access token: it is malformed; sign in again")]
    Malformed,
    /// Longer than [`ACCESS_TOKEN_BYTES_MAX`](super::ACCESS_TOKEN_BYTES_MAX).
    #[error("cannot accept the access token: it is longer than any that is issued here")]
    TooLong,
    /// Its header names another algorithm than EdDSA.
    #[error("cannot accept the access token: it is not signed with EdDSA")]
    WrongAlgorithm,
    /// Its header does not say `at+jwt`.
    #[error("cannot accept the access token: it is a token of another kind")]
    WrongType,
    /// No `kid`, or one that is not (or no longer) among our keys.
    #[error("cannot accept the access token: it is signed with an unknown key; sign in again")]
    UnknownKey,
    /// The signature does not fit.
    #[error("cannot accept the access token: its signature does not fit")]
    BadSignature,
    /// Issued by another installation.
    #[error("cannot accept the access token: it was issued elsewhere")]
    WrongIssuer,
    /// Issued for the other of company and platform.
    #[error("cannot accept the access token: it was issued for another audience")]
    WrongAudience,
    /// Its time is over.
    #[error("cannot accept the access token: it has expired; refresh it")]
    Expired,
    /// Its time has not come; one of the clocks is wrong.
    #[error("cannot accept the access token: it is not valid yet; check the clocks")]
    NotYet,
    /// It claims to live longer than any that is issued here.
    #[error("cannot accept the access token: it lives longer than any that is issued here")]
    LivesTooLong,
}

impl From<jsonwebtoken::errors::Error> for AccessTokenError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::BadSignature,
            ErrorKind::InvalidIssuer => Self::WrongIssuer,
            ErrorKind::InvalidAudience => Self::WrongAudience,
            ErrorKind::InvalidAlgorithm => Self::WrongAlgorithm,
            _ => Self::Malformed,
        }
    }
}
