//! Credentials: proving who somebody is, and nothing about what they may do.
//!
//! | credential | lives | kept by the server as |
//! | --- | --- | --- |
//! | [`Password`] | until changed | argon2id ([`PasswordHash`]) |
//! | access token ([`AccessTokens`]) | 10 minutes | nothing: signed with Ed25519 ([`SigningKeys`]) |
//! | refresh token ([`RefreshFamily`]) | 30 days unused, 90 at most | SHA-256, one family per session |
//! | API key ([`ApiKeyRecord`]) | until its date or revocation | SHA-256 |
//! | one-time token ([`OneTimeRecord`]) | minutes to days, one use | SHA-256 |
//! | code of an authenticator app ([`SecondFactor`]) | 30 s, one use | the shared secret, sealed |
//! | recovery code | until used | SHA-256 |
//!
//! The time is always a parameter, in milliseconds since the Unix epoch (UTC), so every expiry can be replayed in
//! a test. Records are plain values with a numbered CBOR form; whoever owns the storage keeps them.
//! This module does not know storage, HTTP or roles: a credential that passes here says *who*, and the caller still
//! compares the session and the version in it with what is in force now.

pub mod access_token;
pub mod api_key;
mod crypto_provider;
pub mod foreign;
pub mod guesses;
pub mod holder;
pub mod one_time;
mod opaque_token;
pub mod password;
pub mod refresh_token;
pub mod sealed_note;
pub mod second_factor;
pub mod secret;
pub mod signing_keys;
mod statement;
#[cfg(test)]
#[path = "../../tests/world/data.rs"]
pub(crate) mod test_data;
pub mod totp;
#[cfg(test)]
#[path = "identity/tests/wycheproof.rs"]
mod wycheproof;

pub use access_token::{AccessClaims, AccessTokenError, AccessTokens, Audience, IssuedAccessToken};
pub use api_key::{ApiKeyRecord, ApiKeyRefusal, PresentedApiKey};
pub use foreign::{
    ExternalIssuer, ForeignClaims, ForeignRefusal, JwksSource, JwksUnavailable, KeySet, KeySetError, Kinds,
    MemberFrom, RemoteKeys, TenantFrom,
};
pub use guesses::{Guesses, MailSources, MailsSent, Target, Try, Wait};
pub use holder::{Holder, Namespace};
pub use one_time::{OneTimeRecord, OneTimeRefusal, PresentedOneTime, Purpose};
pub use opaque_token::MalformedToken;
pub use password::{Password, PasswordError, PasswordHash, PasswordHasher, Verdict, WeakPassword};
pub use refresh_token::{ClientFingerprint, PresentedRefreshToken, RefreshFamily, Rotation, rotate};
pub use sealed_note::NoteKey;
pub use second_factor::{RecoveryCodes, SecondFactor};
pub use secret::{RandomnessUnavailable, SecretBytes, SecretHash, SecretText};
pub use signing_keys::{Jwk, Jwks, SigningKeyError, SigningKeys};
pub use statement::{NoPublicKeys, PublicKeys, StatementRefusal, read_statement};
