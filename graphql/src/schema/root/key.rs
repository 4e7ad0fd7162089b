//! Platform keys: they are made on the command line, and seen and revoked here too.

use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::ApiKeyScope;
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::identity::{ApiKeyRecord, Holder};
use mortise_engine::model::Network;
use mortise_engine::time::Timestamp;

/// A platform key. Its text is shown once, when it is made.
#[derive(SimpleObject)]
pub(super) struct PlatformKey {
    /// The global id, `key_…`.
    id: ID,
    /// The operator in whose name it acts, `root_…`.
    operator_id: Option<ID>,
    /// What it is for.
    name: String,
    /// Enough of its text to recognise it.
    shown: String,
    /// How far it reaches.
    scope: ApiKeyScope,
    /// From where it may be used, in CIDR notation; from everywhere when empty.
    networks: Vec<String>,
    /// When it was made.
    created_at: DateTime,
    /// When it stops working; null: never.
    expires_at: Option<DateTime>,
    /// When it was revoked.
    revoked_at: Option<DateTime>,
    /// When it was last used, to an hour or so.
    last_used_at: Option<DateTime>,
}

impl From<ApiKeyRecord> for PlatformKey {
    fn from(key: ApiKeyRecord) -> Self {
        let at = |ms: i64| DateTime(Timestamp::from_millis(ms));
        let root = if let Holder::Root { root } = key.holder { Some(root) } else { None };
        Self {
            id: scalar::global(key.id),
            operator_id: root.map(scalar::global),
            scope: key.reach().into(),
            networks: key.networks.iter().flatten().map(Network::to_string).collect(),
            created_at: at(key.created_ms),
            expires_at: key.expires_ms.map(at),
            revoked_at: key.revoked_ms.map(at),
            last_used_at: key.last_used_ms.map(at),
            name: key.name,
            shown: key.shown,
        }
    }
}

/// The answer to the revocation of a platform key.
#[derive(SimpleObject)]
pub(super) struct PlatformKeyPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The key as it became; null when it was refused.
    platform_key: Option<PlatformKey>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Queries about platform keys.
#[derive(Default)]
pub(super) struct KeyQuery;

#[Object]
impl KeyQuery {
    /// The platform keys, the newest first, those that are over included; at most 1,000.
    async fn platform_keys(&self, ctx: &Context<'_>) -> Result<Vec<PlatformKey>> {
        Ok(Asked::of(ctx)?.engine.platform_keys().into_iter().map(PlatformKey::from).collect())
    }
}

/// Mutations of platform keys. None makes one: that needs the data folder.
#[derive(Default)]
pub(super) struct KeyMutation;

#[Object]
impl KeyMutation {
    /// Revokes a platform key: it stops working at once. One's own, or, with `ADMIN`, any.
    async fn platform_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key: global id, `key_…`.")] id: ID,
    ) -> Result<PlatformKeyPayload> {
        let asked = Asked::of(ctx)?;
        let done = asked.engine.revoke_platform_key(asked.operator, scalar::id("id", &id)?).await;
        let (key, user_errors) = answered(done)?;
        let platform_key = key.map(PlatformKey::from);
        Ok(PlatformKeyPayload { success: user_errors.is_empty(), platform_key, user_errors })
    }
}
