//! API keys: made, revoked and listed for their owners.
//!
//! The text of a key passes through here once. It does not know what a key may do.

use super::Engine;
use super::sessions::encoded;
use crate::access::{Action, Policy};
use crate::command::key::{CreateApiKey, RevokeApiKey};
use crate::command::service::key_action;
use crate::context::OpContext;
use crate::error::{Error, Result};
use crate::id::{ApiKeyId, MemberId};
use crate::identity::{ApiKeyRecord, Holder, SecretBytes, SecretText};
use crate::model::{KeyScope, Network};
use crate::rows::{self, ApiKeyRow};
use crate::tenant::Committed;
use crate::time::Timestamp;

/// API keys of one member that are listed: all in force, and the newest of those that were revoked.
const API_KEYS_LISTED_MAX: usize = 500;

/// An API key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Whose rights it has.
    pub member: MemberId,
    /// How its owner calls it.
    pub name: String,
    /// How far it reaches, within its owner's rights at the time of use.
    pub scope: KeyScope,
    /// When it stops working; never unless said.
    pub expires_at: Option<Timestamp>,
    /// From where it may be used; from everywhere when there are none.
    pub networks: Vec<Network>,
}

impl NewApiKey {
    /// A key that reaches as far as its owner, from everywhere, without an end.
    #[must_use]
    pub fn new(member: MemberId, name: impl Into<String>) -> Self {
        let (scope, networks) = (KeyScope::Admin, Vec::new());
        Self { member, name: name.into(), scope, expires_at: None, networks }
    }
}

/// An API key, as its owner sees it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// What is kept of it; its secret is not.
    pub record: ApiKeyRecord,
    /// When it was last used, to a minute or so; none when it never was.
    pub used_at: Option<Timestamp>,
    /// From where it was last used, if that is known.
    pub used_from: Option<String>,
}

impl Engine {
    /// Makes an API key for a member. The text is shown this once and kept nowhere; that of a rehearsal opens nothing.
    ///
    /// # Errors
    ///
    /// As the command; `CONFLICT` when a request with the same idempotency key has made the key: its text is not known
    /// any more.
    pub async fn create_api_key(&self, cx: OpContext, new: NewApiKey) -> Result<(Committed, SecretText)> {
        let NewApiKey { member, name, scope, expires_at, networks } = new;
        let id = ApiKeyId::generate();
        let holder = Holder::Member { tenant: cx.principal.tenant(), member };
        let fresh = SecretBytes::generate().map_err(Error::internal)?;
        let (now, expires_ms) = (self.clock().now().millis(), expires_at.map(Timestamp::millis));
        let (mut record, text) = ApiKeyRecord::create(id, holder, name.clone(), now, expires_ms, &fresh);
        record.scope = Some(scope);
        record.networks = Some(networks.clone()).filter(|networks| !networks.is_empty());
        let record = encoded(&record)?;
        let done =
            self.execute(cx, CreateApiKey { id, member, name, expires_at, scope, networks, record }).await?;
        if done.replayed {
            let message = "this key was made before and its text was shown then: revoke it and make another";
            return Err(Error::conflict(message).with_field("idempotencyKey"));
        }
        Ok((done, text))
    }

    /// Revokes an API key: it stops working at once.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` when there is no such key; otherwise as the command.
    pub async fn revoke_api_key(&self, cx: OpContext, id: ApiKeyId) -> Result<Committed> {
        let missing = || Error::not_found(format!("API key {id}"));
        let live = self.live(cx.principal.tenant()).await?;
        let record = live.api_key(id).await?.ok_or_else(missing)?;
        let Holder::Member { member, .. } = record.holder else { return Err(missing()) };
        let revoked_ms = record.revoked_ms.or_else(|| Some(self.clock().now().millis()));
        let record = encoded(ApiKeyRecord { revoked_ms, ..record })?;
        self.execute(cx, RevokeApiKey { id, member, record }).await
    }

    /// The API keys of a member: those in force, the newest first, and then those that were revoked. One's own; for super
    /// admins, anybody's; for admins, those of service accounts whose role is not above theirs.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; otherwise as [`Engine::reader`].
    pub async fn api_keys(&self, cx: &OpContext, member: MemberId) -> Result<Vec<ApiKey>> {
        let live = self.live(cx.principal.tenant()).await?;
        let directory = live.directory();
        let known = directory.member(member);
        let action = known.map_or(Action::ManageKeys, |member| key_action(member));
        self.may(cx, action, Some(member)).await?;
        let policy = Policy::of(&cx.principal, &live.record(), &directory)?;
        if let Some(above) = known.filter(|known| known.is_service() && !policy.outranks(known.role)) {
            let what =
                format!("see the keys of a service account of the role {}, which is above yours", above.role);
            return Err(Error::forbidden(what));
        }
        let mut owned: Vec<_> = directory.api_keys().filter(|key| key.member == member).collect();
        owned.sort_by_key(|key| (key.revoked, std::cmp::Reverse(key.key)));
        let ids: Vec<_> = owned.iter().take(API_KEYS_LISTED_MAX).map(|key| key.key).collect();
        let places: Vec<_> = ids.iter().map(|id| rows::api_key(*id)).collect();
        let uses = live.last_key_uses(&ids).await?;
        let rows = live.store().get_many::<ApiKeyRow>(&places).await?;
        let mut keys = Vec::with_capacity(ids.len());
        for (row, used) in rows.into_iter().zip(uses) {
            let Some(ApiKeyRow { record }) = row else { continue };
            let (used_at, used_from) = used.map_or((None, None), |used| (Some(used.at), used.address));
            keys.push(ApiKey { record, used_at, used_from });
        }
        Ok(keys)
    }
}
