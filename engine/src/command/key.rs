//! Commands on API keys.

use super::member::existing;
use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, MemberId};
use crate::identity::{ApiKeyRecord, Holder};
use crate::time::Timestamp;

/// Makes an API key for a member. The engine makes the secret; only its hash is in the record.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateApiKey {
    /// The id; random, as the record is, so neither is part of what an idempotency key is bound to.
    #[cbor(skip)]
    pub id: ApiKeyId,
    /// Whose rights it has.
    #[n(1)]
    pub member: MemberId,
    /// How its owner calls it.
    #[n(2)]
    pub name: String,
    /// When it stops working.
    #[n(3)]
    pub expires_at: Option<Timestamp>,
    /// The record to keep.
    #[cbor(skip)]
    pub record: Vec<u8>,
}

impl Command for CreateApiKey {
    fn operation(&self) -> &'static str {
        "keyCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        if !member.is_active() {
            return Err(Error::rejected(format!(
                "`{}` is not active: a key of theirs would not work",
                member.name
            )));
        }
        if self.expires_at.is_some_and(|at| at <= world.now) {
            return Err(Error::invalid("expiresAt", "the key would have expired already"));
        }
        matching(world, &self.record, self.id, self.member)?;
        let name = text::line("name", "the key's name", &self.name, world.limits.name_chars_max)?;
        let permit = world.policy.authorize(Action::ManageKeys, member.clone(), Some(member.id))?;
        let mut draft = Draft::new();
        draft.create_key(&permit, self.id, name, self.expires_at, self.record.clone());
        Ok(draft)
    }
}

/// Revokes an API key: it stops working at once.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RevokeApiKey {
    /// Which.
    #[n(0)]
    pub id: ApiKeyId,
    /// Whose.
    #[n(1)]
    pub member: MemberId,
    /// The record, revoked.
    #[cbor(skip)]
    pub record: Vec<u8>,
}

impl Command for RevokeApiKey {
    fn operation(&self) -> &'static str {
        "keyRevoke"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        let permit = world.policy.authorize(Action::ManageKeys, member.clone(), Some(member.id))?;
        if matching(world, &self.record, self.id, self.member)?.revoked_ms.is_none() {
            return Err(Error::internal("the record of a revoked key does not say that it is revoked"));
        }
        let mut draft = Draft::new();
        draft.revoke_key(&permit, self.id, self.record.clone());
        Ok(draft)
    }
}

/// The record of this key, refused when it opens the door for somebody else.
fn matching(world: &World<'_>, record: &[u8], id: ApiKeyId, member: MemberId) -> Result<ApiKeyRecord> {
    let read: ApiKeyRecord = minicbor::decode(record).map_err(|e| Error::internal(e.to_string()))?;
    if read.id == id && read.holder == (Holder::Member { tenant: world.tenant.id, member }) {
        return Ok(read);
    }
    Err(Error::internal("the record of an API key speaks for somebody else"))
}
