//! Commands on API keys.

use super::member::existing;
use super::{Command, World, plugin, service, text};
use crate::access::Authorized;
use crate::draft::{Draft, NewKey};
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, MemberId};
use crate::identity::{ApiKeyRecord, Holder};
use crate::model::{KeyScope, Member, Network};
use crate::time::Timestamp;
use std::sync::Arc;

/// Makes an API key for a member: see [`Engine::create_api_key`](crate::Engine::create_api_key). The engine makes the
/// secret; only its hash is in the record.
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
    /// How far it reaches.
    #[n(4)]
    pub scope: KeyScope,
    /// From where it may be used; from everywhere when there are none.
    #[n(5)]
    pub networks: Vec<Network>,
    /// The record to keep.
    #[cbor(skip)]
    pub(crate) record: Vec<u8>,
}

impl Command for CreateApiKey {
    fn operation(&self) -> &'static str {
        "keyCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        plugin::is_no_app(world, &member)?;
        if !member.is_active() {
            return Err(Error::rejected(format!(
                "`{}` is not active: a key of theirs would not work",
                member.name
            )));
        }
        if self.expires_at.is_some_and(|at| at <= world.now) {
            return Err(Error::invalid("expiresAt", "the key would have expired already"));
        }
        self.within_bounds(world)?;
        let record = matching(world, &self.record, self.id, self.member)?;
        if record.reach() != self.scope || record.networks.unwrap_or_default() != self.networks {
            return Err(Error::internal("the record of an API key reaches further than was asked for"));
        }
        let name = text::line("name", "the key's name", &self.name, world.limits.name_chars_max)?;
        let permit = permit(world, &member)?;
        let mut draft = Draft::new();
        let key = NewKey {
            id: self.id,
            name,
            expires_at: self.expires_at,
            scope: self.scope,
            networks: self.networks.clone(),
        };
        draft.create_key(&permit, key, self.record.clone());
        Ok(draft)
    }
}

impl CreateApiKey {
    fn within_bounds(&self, world: &World<'_>) -> Result<()> {
        let (keys_max, networks_max) = (world.limits.keys_per_member_max, world.limits.key_networks_max);
        let owned = || world.directory.api_keys().filter(|key| key.member == self.member);
        if owned().filter(|key| !key.revoked).count() >= keys_max {
            let message = format!("a member has at most {keys_max} API keys: revoke one that is not needed");
            return Err(Error::rejected(message));
        }
        let ever_max = world.limits.keys_ever_per_member_max;
        if owned().count() >= ever_max {
            let message = format!(
                "a member has at most {ever_max} API keys in all, revoked ones too: use another member"
            );
            return Err(Error::rejected(message));
        }
        if self.networks.len() > networks_max {
            let message = format!("an API key is bound to at most {networks_max} networks");
            return Err(Error::invalid("networks", message));
        }
        Ok(())
    }
}

/// Revokes an API key: see [`Engine::revoke_api_key`](crate::Engine::revoke_api_key), which reads whose it is.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RevokeApiKey {
    /// Which.
    #[n(0)]
    pub id: ApiKeyId,
    /// Whose, as its record says.
    #[n(1)]
    pub(crate) member: MemberId,
    /// The record, revoked.
    #[cbor(skip)]
    pub(crate) record: Vec<u8>,
}

impl Command for RevokeApiKey {
    fn operation(&self) -> &'static str {
        "keyRevoke"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        let permit = permit(world, &member)?;
        if matching(world, &self.record, self.id, self.member)?.revoked_ms.is_none() {
            return Err(Error::internal("the record of a revoked key does not say that it is revoked"));
        }
        let mut draft = Draft::new();
        draft.revoke_key(&permit, self.id, self.record.clone());
        Ok(draft)
    }
}

/// Leave to manage the keys of a member.
fn permit(world: &World<'_>, member: &Arc<Member>) -> Result<Authorized<Arc<Member>>> {
    service::stays_below(world, member, None)?;
    world.policy.authorize(service::key_action(member), member.clone(), Some(member.id))
}

/// The record of this key, refused when it opens the door for somebody else.
fn matching(world: &World<'_>, record: &[u8], id: ApiKeyId, member: MemberId) -> Result<ApiKeyRecord> {
    let read: ApiKeyRecord = minicbor::decode(record).map_err(|e| Error::internal(e.to_string()))?;
    if read.id == id && read.holder == (Holder::Member { tenant: world.tenant.id, member }) {
        return Ok(read);
    }
    Err(Error::internal("the record of an API key speaks for somebody else"))
}
