//! Credentials: proving who somebody is, and nothing about what they may do.
//!
//! | credential | lives | kept by the server as |
//! | --- | --- | --- |
//! | [`Password`] | until changed | argon2id ([`PasswordHash`]) |
//! | access token ([`AccessTokens`]) | 10 minutes | nothing: signed with Ed25519 ([`SigningKeys`]) |
//! | refresh token ([`RefreshFamily`]) | 30 days unused, 90 at most | SHA-256, one family per session |
//! | API key ([`ApiKeyRecord`]) | until its date or revocation | SHA-256 |
//!
//! The time is always a parameter, in milliseconds since the Unix epoch (UTC), so every expiry can be replayed in
//! a test. Records are plain values with a numbered CBOR form; whoever owns the storage keeps them.
//! This module does not know storage, HTTP or roles: a credential that passes here says *who*, and the caller still
//! compares the session and the version in it with what is in force now.

pub mod access_token;
pub mod api_key;
mod crypto_provider;
pub mod holder;
mod opaque_token;
pub mod password;
pub mod refresh_token;
pub mod secret;
pub mod signing_keys;

pub use access_token::{AccessClaims, AccessTokenError, AccessTokens, Audience, IssuedAccessToken};
pub use api_key::{ApiKeyRecord, ApiKeyRefusal, PresentedApiKey};
pub use holder::{Holder, Namespace};
pub use opaque_token::MalformedToken;
pub use password::{Password, PasswordError, PasswordHash, PasswordHasher, Verdict, WeakPassword};
pub use refresh_token::{ClientFingerprint, PresentedRefreshToken, RefreshFamily, Rotation, rotate};
pub use secret::{RandomnessUnavailable, SecretBytes, SecretHash, SecretText};
pub use signing_keys::{Jwk, Jwks, SigningKeyError, SigningKeys};
