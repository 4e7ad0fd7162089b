//! Commands on API keys. What a key's record holds is the identity's affair: here it is bytes, kept beside the log.

use super::{Command, World, text};
use crate::access::{Action, Authorized};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, MemberId};
use crate::model::Member;
use crate::time::Timestamp;
use std::sync::Arc;

/// Makes an API key, with which programs act in a member's name.
///
/// The id and the record are not part of the normalised input: they are drawn anew for each attempt, and a repeated
/// request must be known again. A repetition answers with the first key's id.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateApiKey {
    /// The key's id.
    #[cbor(skip)]
    pub id: ApiKeyId,
    /// In whose name it acts.
    #[n(1)]
    pub member: MemberId,
    /// How its owner calls it, 1 to 100 characters.
    #[n(2)]
    pub name: String,
    /// When it stops working; later than now.
    #[n(3)]
    pub expires_at: Option<Timestamp>,
    /// The record to keep: it holds the key's hash, never the key.
    #[cbor(skip)]
    pub record: Vec<u8>,
}

impl Command for CreateApiKey {
    fn operation(&self) -> &'static str {
        "keyCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = keys_of(world, self.member)?;
        if !permit.resource().is_active() {
            let why = format!("member `{}` is not active: nobody acts in their name", permit.resource().name);
            return Err(Error::rejected(why));
        }
        if self.expires_at.is_some_and(|at| at <= world.now) {
            return Err(Error::invalid("expiresAt", "the key would have expired already: give a later time"));
        }
        let name = text::line("name", "the name", &self.name, world.limits.name_chars_max)?;
        let mut draft = Draft::new();
        draft.create_key(&permit, self.id, name, self.expires_at, self.record.clone());
        Ok(draft)
    }
}

/// Revokes an API key: from then on it opens nothing.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct RevokeApiKey {
    /// Which.
    #[n(0)]
    pub id: ApiKeyId,
    /// In whose name it acts.
    #[n(1)]
    pub member: MemberId,
    /// The record to keep, marked as revoked. Not part of the normalised input: it holds the time of the attempt.
    #[cbor(skip)]
    pub record: Vec<u8>,
}

impl Command for RevokeApiKey {
    fn operation(&self) -> &'static str {
        "keyRevoke"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = keys_of(world, self.member)?;
        let mut draft = Draft::new();
        draft.revoke_key(&permit, self.id, self.record.clone());
        Ok(draft)
    }
}

/// Leave to make and revoke a member's keys.
fn keys_of(world: &World<'_>, id: MemberId) -> Result<Authorized<Arc<Member>>> {
    let missing = || Error::not_found(format!("member {id}")).with_field("memberId");
    let member = world.directory.member(id).cloned().ok_or_else(missing)?;
    world.policy.authorize(Action::ManageKeys, member, Some(id))
}
