//! API keys: what programs sign in with, and people who want their own tools to.

use super::done::DonePayload;
use super::payload::{Outcome, UserError};
use super::scalar::{self, DateTime};
use super::session::member;
use super::word::ApiKeyScope;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::event::Subject;
use mortise_engine::model::Network;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, NewApiKey};

/// An API key. Its text is shown once, when it is made.
#[derive(SimpleObject)]
pub(crate) struct ApiKey {
    /// The global id, `key_…`.
    id: ID,
    /// How its owner calls it.
    name: String,
    /// Enough of its text to recognise it.
    shown: String,
    /// How far it reaches, within its owner's rights at the time of use.
    scope: ApiKeyScope,
    /// From where it may be used, in CIDR notation; from everywhere when empty.
    networks: Vec<String>,
    /// When it was made.
    created_at: DateTime,
    /// When it stops working; null: never.
    expires_at: Option<DateTime>,
    /// When it was revoked.
    revoked_at: Option<DateTime>,
    /// When it was last used, to a minute or so.
    last_used_at: Option<DateTime>,
    /// From where it was last used, where that is known.
    last_used_from: Option<String>,
}

impl From<mortise_engine::ApiKey> for ApiKey {
    fn from(mortise_engine::ApiKey { record, used_at, used_from }: mortise_engine::ApiKey) -> Self {
        let at = |ms: i64| DateTime(Timestamp::from_millis(ms));
        Self {
            id: scalar::global(record.id),
            scope: record.reach().into(),
            networks: record.networks.iter().flatten().map(Network::to_string).collect(),
            created_at: at(record.created_ms),
            expires_at: record.expires_ms.map(at),
            revoked_at: record.revoked_ms.map(at),
            last_used_at: used_at.map(DateTime),
            last_used_from: used_from,
            name: record.name,
            shown: record.shown,
        }
    }
}

/// A new API key.
#[derive(InputObject)]
pub(crate) struct ApiKeyCreateInput {
    /// Whose rights it has: global id, `usr_…`; one's own unless said, which makes it a personal token.
    member_id: Option<ID>,
    /// How its owner calls it, 1 to 100 characters.
    name: String,
    /// How far it reaches.
    #[graphql(default_with = "ApiKeyScope::Read")]
    scope: ApiKeyScope,
    /// When it stops working; never unless said.
    expires_at: Option<DateTime>,
    /// From where it may be used, in CIDR notation such as `192.0.2.0/24`, at most 20; from everywhere unless said.
    #[graphql(default)]
    networks: Vec<String>,
}

impl ApiKeyCreateInput {
    fn key(self, asked: &Asked<'_>) -> mortise_engine::Result<NewApiKey> {
        let network = |(at, text): (usize, &String)| {
            text.parse().map_err(|e| Error::invalid(format!("input.networks[{at}]"), format!("{e}")))
        };
        Ok(NewApiKey {
            member: member(asked, self.member_id.as_ref())?,
            name: self.name,
            scope: self.scope.into(),
            expires_at: self.expires_at.map(|DateTime(at)| at),
            networks: self.networks.iter().enumerate().map(network).collect::<mortise_engine::Result<_>>()?,
        })
    }
}

/// The answer to making an API key.
#[derive(SimpleObject)]
pub(crate) struct ApiKeyCreatePayload {
    /// Whether it was made. False exactly when there are `userErrors`.
    success: bool,
    /// Its text, to be sent as `Authorization: Bearer …`. It is shown this once; that of a dry run opens nothing.
    secret: Option<String>,
    /// The key; null when it was refused.
    api_key: Option<ApiKey>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

/// Queries about API keys.
#[derive(Default)]
pub(crate) struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The API keys of a member: those in force, the newest first, and then those that were revoked; at most 500. One's
    /// own; for super admins, anybody's; for admins, those of service accounts whose role is not above theirs.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose: global id, `usr_…`; one's own unless said.")] member_id: Option<ID>,
    ) -> Result<Vec<ApiKey>> {
        let asked = Asked::of(ctx)?;
        let member = member(&asked, member_id.as_ref())?;
        let keys = asked.engine.api_keys(&asked.question(), member).await?;
        asked.snapshot.charge(keys.len())?;
        Ok(keys.into_iter().map(ApiKey::from).collect())
    }
}

/// Mutations of API keys.
#[derive(Default)]
pub(crate) struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Makes an API key. One's own; for super admins, anybody's; for admins, that of a service account whose role is not above
    /// theirs. No API key makes another.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: ApiKeyCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once, and answers that the text was shown before."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<ApiKeyCreatePayload> {
        let asked = Asked::of(ctx)?;
        let key = input.key(&asked)?;
        let member = key.member;
        let made = asked.engine.create_api_key(asked.operation(idempotency_key, dry_run), key).await;
        let (done, secret) = match made {
            Ok((done, secret)) => (Ok(done), Some(secret.expose().to_owned())),
            Err(error) => (Err(error), None),
        };
        asked.snapshot.catch_up();
        let Outcome { errors, sync_cursor, events, done } = Outcome::of(asked.snapshot, done)?;
        let api_key = match done.filter(|_| !dry_run) {
            Some(done) => {
                let keys = asked.engine.api_keys(&asked.question(), member).await?;
                let is_made =
                    |key: &mortise_engine::ApiKey| done.subjects.contains(&Subject::Key(key.record.id));
                keys.into_iter().find(is_made).map(ApiKey::from)
            }
            None => None,
        };
        let success = errors.is_empty();
        Ok(ApiKeyCreatePayload { success, secret, api_key, user_errors: errors, sync_cursor, events })
    }

    /// Revokes an API key: it stops working at once.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key: global id, `key_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let done = asked.engine.revoke_api_key(asked.operation(idempotency_key, dry_run), id).await;
        DonePayload::answer(&asked, done)
    }
}
