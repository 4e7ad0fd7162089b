//! An identity provider: where a company's people prove who they are, instead of with a password here.
//!
//! It holds no secret: the client's secret is kept beside, and never in the log.

use crate::id::ProviderId;
use crate::time::Timestamp;

/// A provider of `OpenID` Connect that a company trusts to say who its people are.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct IdentityProvider {
    /// The id.
    #[n(0)]
    pub id: ProviderId,
    /// How it is called where people choose it.
    #[n(1)]
    pub name: String,
    /// Its issuer: the URL that its discovery document and its tokens must name, letter for letter.
    #[n(2)]
    pub issuer: String,
    /// The name under which it knows this installation.
    #[n(3)]
    pub client_id: String,
    /// The domains whose addresses it may vouch for, in lower case; at least one.
    #[n(4)]
    pub domains: Vec<String>,
    /// A claim that must name one of the domains too, such as Google's `hd`.
    #[n(5)]
    pub domain_claim: Option<String>,
    /// Whether somebody who is not there yet becomes a member, with the role of a user, on first coming.
    #[n(6)]
    pub creates_members: bool,
    /// When it was added.
    #[n(7)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(8)]
    pub updated_at: Timestamp,
    /// When it was taken away.
    #[n(9)]
    pub deleted_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    #[n(10)]
    pub version: u64,
}

impl IdentityProvider {
    /// Whether it may vouch for this address: the part behind the `@` is one of its domains.
    #[must_use]
    pub fn vouches_for(&self, email: &str) -> bool {
        email.rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && self.is_domain(domain))
    }

    /// Whether this is one of its domains, whatever the case.
    #[must_use]
    pub fn is_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
    }
}
