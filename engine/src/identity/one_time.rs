//! One-time tokens: what a mail or a first step of signing in carries, good for one use within a short time.
//!
//! A token is `mot_`, the tenant, the token's id, 256 random bits and a checksum; the record keeps a hash of the whole.
//! What it is for is part of the record: a token for a new password accepts no invitation. Whoever keeps the records
//! removes one with the change that it allows. This module does not know what a token is about.

use crate::{
    id::{OneTimeId, TenantId},
    identity::{
        MalformedToken, Namespace, SecretBytes, SecretHash, SecretText,
        opaque_token::{TokenReader, TokenWriter},
    },
};
use minicbor::{Decode, Encode, bytes::ByteArray};
use uuid::Uuid;
use zeroize::Zeroizing;

const PREFIX: &str = "mot_";

/// What a one-time token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Purpose {
    /// To choose a new password; about a member.
    #[n(0)]
    PasswordReset,
    /// To accept an invitation; about an invitation.
    #[n(1)]
    Invitation,
    /// To go on with signing in by a second factor, after the password was right; about a member.
    #[n(2)]
    SecondStep,
    /// To set up the second factor that the company asks for, after the password was right; about a member.
    #[n(3)]
    Enrolment,
    /// To get the tokens of somebody whom an identity provider has vouched for; about a member.
    #[n(4)]
    Provider,
    /// To look into a company as an operator of the platform, as often as one likes while the visit lasts; about a visit.
    #[n(5)]
    Visit,
}

impl Purpose {
    /// Whether it is about a member, who has come a part of the way to prove who they are.
    #[must_use]
    pub const fn is_about_a_member(self) -> bool {
        match self {
            Self::PasswordReset | Self::SecondStep | Self::Enrolment | Self::Provider => true,
            Self::Invitation | Self::Visit => false,
        }
    }
}

/// What is kept of a one-time token.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OneTimeRecord {
    /// The id.
    #[n(0)]
    pub id: OneTimeId,
    /// What it is for.
    #[n(1)]
    pub purpose: Purpose,
    /// What it is about: the id of a member, say.
    #[cbor(n(2), with = "minicbor::bytes")]
    about: [u8; 16],
    /// The hash of its whole text.
    #[n(3)]
    hash: SecretHash,
    /// When it was made, in milliseconds since the epoch.
    #[n(4)]
    pub created_ms: i64,
    /// From when on it is refused.
    #[n(5)]
    pub expires_ms: i64,
    /// By way of what it came: the id of an identity provider.
    #[n(6)]
    via: Option<ByteArray<16>>,
    /// The hash of what must be shown beside the token, where it passes through hands that are not to use it.
    #[n(7)]
    bound: Option<SecretHash>,
}

/// A one-time token is not what it should be: unknown, of another purpose, or its time is over. Which, is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot accept the one-time token: it is not known here, was used, or its time is over; ask for another"
)]
pub struct OneTimeRefusal;

impl OneTimeRecord {
    /// Makes a token from a fresh secret: the record to keep, and the text that is handed over once.
    #[must_use]
    pub fn issue(
        tenant: TenantId,
        purpose: Purpose,
        about: Uuid,
        now_ms: i64,
        life_ms: i64,
        fresh: &SecretBytes<32>,
    ) -> (Self, SecretText) {
        let id = OneTimeId::generate();
        let text = TokenWriter::new(PREFIX)
            .namespace(Namespace::Tenant(tenant))
            .bytes(id.as_bytes())
            .bytes(fresh.as_bytes())
            .finish();
        let text = SecretText::from_zeroizing(text);
        let hash = SecretHash::of(text.expose().as_bytes());
        let expires_ms = now_ms.saturating_add(life_ms);
        let about = *about.as_bytes();
        (Self { id, purpose, about, hash, created_ms: now_ms, expires_ms, via: None, bound: None }, text)
    }

    /// This record of a token that came by way of this.
    #[must_use]
    pub fn by_way_of(mut self, via: Uuid) -> Self {
        self.via = Some((*via.as_bytes()).into());
        self
    }

    /// This record of a token that is good only together with this.
    #[must_use]
    pub fn bound_to(mut self, challenge: &str) -> Self {
        self.bound = Some(SecretHash::of(challenge.as_bytes()));
        self
    }

    /// Whether what the token is bound to, if anything, is this.
    #[must_use]
    pub fn is_bound_to(&self, challenge: &str) -> bool {
        self.bound.is_none_or(|bound| bound == SecretHash::of(challenge.as_bytes()))
    }

    #[cfg(test)]
    pub(crate) fn with_fixed_id(self) -> Self {
        Self { id: OneTimeId::from_uuid(Uuid::from_bytes([22; 16])), hash: SecretHash::of(b"token"), ..self }
    }

    /// By way of what it came.
    #[must_use]
    pub fn via(&self) -> Option<Uuid> {
        self.via.map(|via| Uuid::from_bytes(*via))
    }

    /// What it is about.
    #[must_use]
    pub const fn about(&self) -> Uuid {
        Uuid::from_bytes(self.about)
    }

    /// Whether the presented token is this one, for this purpose, and in time.
    ///
    /// # Errors
    /// [`OneTimeRefusal`].
    pub fn check(
        &self,
        presented: &PresentedOneTime,
        purpose: Purpose,
        now_ms: i64,
    ) -> Result<(), OneTimeRefusal> {
        let is_it = presented.hash == self.hash && presented.id == self.id;
        let fits = is_it && self.purpose == purpose && now_ms < self.expires_ms;
        if fits { Ok(()) } else { Err(OneTimeRefusal) }
    }

    /// Whether its time is over.
    #[must_use]
    pub const fn is_over(&self, now_ms: i64) -> bool {
        self.expires_ms <= now_ms
    }
}

/// A one-time token as it is shown, read but not yet believed.
#[derive(Debug)]
pub struct PresentedOneTime {
    tenant: TenantId,
    id: OneTimeId,
    hash: SecretHash,
}

impl PresentedOneTime {
    /// Whether a bearer credential looks like one, rather than an access token.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Reads a token's text.
    ///
    /// # Errors
    /// [`MalformedToken`]: it is none; nothing needs to be looked up.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let body = text.strip_prefix(PREFIX).ok_or(MalformedToken::Prefix { expected: PREFIX })?;
        let mut fields = TokenReader::new(text, body)?;
        let tenant = TenantId::from_uuid(fields.uuid()?);
        let id = OneTimeId::from_uuid(fields.uuid()?);
        let _secret: Zeroizing<[u8; 32]> = fields.bytes()?;
        fields.finish()?;
        Ok(Self { tenant, id, hash: SecretHash::of(text.as_bytes()) })
    }

    /// Where the record is kept. It proves nothing: the secret's hash covers it.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Which token it says it is.
    #[must_use]
    pub const fn id(&self) -> OneTimeId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued() -> (OneTimeRecord, SecretText) {
        let (tenant, about) = (TenantId::from_uuid(Uuid::from_bytes([1; 16])), Uuid::from_bytes([2; 16]));
        OneTimeRecord::issue(
            tenant,
            Purpose::PasswordReset,
            about,
            1_000,
            500,
            &SecretBytes::from_bytes([7; 32]),
        )
    }

    #[test]
    fn a_token_is_good_for_its_purpose_until_its_time() {
        let (record, text) = issued();
        let presented = PresentedOneTime::parse(text.expose()).unwrap();
        assert_eq!((presented.id(), presented.tenant().as_bytes()), (record.id, &[1; 16]));
        assert_eq!(record.check(&presented, Purpose::PasswordReset, 1_499), Ok(()));
        assert_eq!(record.check(&presented, Purpose::PasswordReset, 1_500), Err(OneTimeRefusal));
        assert_eq!(record.check(&presented, Purpose::Invitation, 1_000), Err(OneTimeRefusal));
        assert_eq!(record.about(), Uuid::from_bytes([2; 16]));
    }

    #[test]
    fn another_token_does_not_open_the_record() {
        let (record, _) = issued();
        let (_, other) = issued();
        let other = PresentedOneTime::parse(other.expose()).unwrap();
        assert_eq!(record.check(&other, Purpose::PasswordReset, 1_000), Err(OneTimeRefusal));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let (_, text) = issued();
        let cut = text.expose().split_at(text.expose().len() - 1).0;
        for text in ["", "mot_", cut, "mrt_x"] {
            assert!(PresentedOneTime::parse(text).is_err(), "{text}");
        }
    }
}
