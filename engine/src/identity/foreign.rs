//! Tokens that others sign: the keys of a foreign issuer, and what its tokens say.
//!
//! | file | |
//! | --- | --- |
//! | `algorithm` | the algorithms there are, and what a key of each must be like |
//! | `key` | one key, read from its JSON form (RFC 7517, 7518), or left out |
//! | `key_set` | the keys of an issuer, and the one way to decode what they signed |
//! | `remote` | a key set that is fetched, kept, and fetched again when keys change |
//! | `issuer` | an issuer that the operator trusts, and whom of which company its tokens speak for |
//!
//! A key has one algorithm, whatever a token's header says; keys that a header brings or points to (`jwk`, `jku`, `x5c`,
//! `x5u`) are never looked at. This module does not know HTTP: documents come through [`JwksSource`].

mod algorithm;
mod issuer;
mod key;
mod key_set;
mod remote;
mod roca;

pub use issuer::{ExternalIssuer, ForeignClaims, ForeignRefusal, MemberFrom, TenantFrom};
pub use key_set::{KeySet, KeySetError, Kinds};
pub use remote::{JwksSource, JwksUnavailable, KEY_SET_BYTES_MAX, RemoteKeys};
