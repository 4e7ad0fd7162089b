//! The plugins of a company: its installations, with all that it said of them.

use super::costs::{RECORDS_PER_UNIT, RUN_UNITS, RUNS_LOOKED_AT_UNITS};
use super::member::MemberNode;
use super::page::{self, PAGE_SIZE_DEFAULT};
use super::plugin_backlog::{PluginBacklog, PluginDeadLetterConnection};
use super::plugin_code::{PluginCodeNode, digest};
use super::plugin_permissions::{PluginHooks, PluginPermissionChange, PluginPermissions, PluginSchedule};
use super::plugin_run::{PluginHealth, PluginRunConnection, PluginRunFilter};
use super::plugin_word::{PluginMode, PluginOnFailure, PluginOrigin, PluginStatus};
use super::scalar::{self, DateTime};
use super::team::TeamNode;
use crate::context::{Asked, plugins, text_units};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::id::InstallationId;
use mortise_engine::model::{Installation, InstallationStatus, SecretHosts};
use mortise_plugins::service::{Described, RunFilter, Shown};
use std::sync::Arc;

/// The hosts that a secret may be sent to; with none it is not sent at all.
#[derive(SimpleObject)]
pub(crate) struct PluginSecretHosts {
    /// The secret, by name.
    secret: String,
    /// The hosts; `*.example.com` for all below one.
    hosts: Vec<String>,
}

impl From<&SecretHosts> for PluginSecretHosts {
    fn from(bound: &SecretHosts) -> Self {
        Self { secret: bound.secret.clone(), hosts: bound.hosts.clone() }
    }
}

/// See the module.
pub(crate) struct PluginNode(pub(crate) Arc<Installation>);

impl PluginNode {
    /// An installation that was not removed, for who manages plugins.
    pub(crate) fn find(asked: &Asked<'_>, id: InstallationId) -> Option<Self> {
        let found = asked.snapshot.reader().refreshed().installation(id);
        found.filter(|found| found.status != InstallationStatus::Removed).map(Self)
    }

    fn described(&self, ctx: &Context<'_>) -> Result<Option<Described>> {
        let code = Asked::of(ctx)?.snapshot.reader().refreshed().plugin_code(self.0.digest);
        let Some(code) = code else { return Ok(None) };
        Ok(Some(plugins(ctx)?.described(&code)?))
    }
}

/// Rows of a page as the service takes them.
pub(crate) fn first(asked: &Asked<'_>, first: Option<i32>) -> Result<usize> {
    let size = |first| page::size("first", first, asked.engine.limits());
    let first = first.map_or(Ok(PAGE_SIZE_DEFAULT), size)?.min(ROWS_MAX);
    asked.snapshot.charge(first)?;
    Ok(first)
}

/// Rows of a page of what plugins did: each is large.
const ROWS_MAX: usize = 100;

/// A plugin that the company has installed.
#[Object(name = "Plugin")]
impl PluginNode {
    /// The global id, `pin_…`.
    pub(crate) async fn id(&self) -> ID {
        scalar::global(self.0.id)
    }

    /// The plugin, as its author calls it, such as `acme.required-fields`.
    async fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// How it is shown.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it says of itself.
    async fn description(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.described(ctx)?.map(|described| described.description))
    }

    /// Where its code comes from.
    async fn origin(&self) -> PluginOrigin {
        self.0.origin.into()
    }

    /// The version of the code that runs, such as `1.2.0`.
    async fn plugin_version(&self) -> &str {
        &self.0.code_version
    }

    /// The code that runs: the hash of its bytes.
    async fn digest(&self) -> String {
        self.0.digest.to_string()
    }

    /// The code that ran before and can be rolled back to, the newest last; at most ten.
    async fn earlier_versions(&self, ctx: &Context<'_>) -> Result<Vec<PluginCodeNode>> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.charge(self.0.earlier.len())?;
        Ok(self.0.earlier.iter().filter_map(|digest| PluginCodeNode::find(&asked, *digest)).collect())
    }

    /// How it stands.
    async fn status(&self) -> PluginStatus {
        self.0.status.into()
    }

    /// Why it was disabled, where that was said.
    async fn stopped_reason(&self) -> Option<&str> {
        self.0.stopped.as_deref()
    }

    /// Why it acts by itself no more, though it is enabled and asked about changes: it failed too often. Until it is enabled again.
    async fn acting_stopped_reason(&self) -> Option<&str> {
        self.0.acting_stopped.as_deref()
    }

    /// Why it is not run at the moment though it is enabled, and what becomes of changes meanwhile, in words: its version was
    /// withdrawn and stopped, or the company's tier does not include it any more. Null while it is run, and while it is disabled.
    async fn not_run_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let tenant = Asked::of(ctx)?.snapshot.viewer().principal.tenant();
        Ok(plugins(ctx)?.not_run(tenant, &self.0))
    }

    /// Whether what it says counts.
    async fn mode(&self) -> PluginMode {
        self.0.mode.into()
    }

    /// What becomes of a change when it fails.
    async fn on_failure(&self) -> PluginOnFailure {
        self.0.on_failure.into()
    }

    /// Its place among those that are asked: smaller first, then older first.
    async fn order(&self) -> u32 {
        self.0.order
    }

    /// The teams whose issues it takes part in; null for all that its member sees.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Option<Rows<TeamNode>>> {
        let directory = Asked::of(ctx)?.snapshot.directory();
        let found =
            |ids: &Vec<_>| ids.iter().filter_map(|id| directory.team(*id).cloned().map(TeamNode)).collect();
        Ok(self.0.teams.as_ref().map(found))
    }

    /// What it takes part in.
    async fn hooks(&self) -> PluginHooks {
        (&*self.0.hooks).into()
    }

    /// Its schedules.
    async fn schedules(&self, ctx: &Context<'_>) -> Result<Vec<PluginSchedule>> {
        let (described, plugins) = (self.described(ctx)?, plugins(ctx)?);
        let tenant = Asked::of(ctx)?.snapshot.reader().tenant();
        let schedules = described.iter().flat_map(|described| &described.schedules);
        let due = |schedule| PluginSchedule::new(schedule, plugins.next_due(tenant, &self.0, schedule));
        Ok(schedules.map(due).collect())
    }

    /// What was granted.
    async fn granted(&self) -> PluginPermissions {
        (&*self.0.granted).into()
    }

    /// What its code asks for.
    async fn requested(&self, ctx: &Context<'_>) -> Result<Option<PluginPermissions>> {
        let code = Asked::of(ctx)?.snapshot.reader().refreshed().plugin_code(self.0.digest);
        Ok(code.map(|code| (&*code.permissions).into()))
    }

    /// Its settings: a JSON object, as text.
    async fn settings(&self, ctx: &Context<'_>) -> Result<&str> {
        Asked::of(ctx)?.snapshot.charge(text_units(self.0.settings.len()))?;
        Ok(&self.0.settings)
    }

    /// What can be set: a JSON schema, as text.
    async fn settings_schema(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let schema = self.described(ctx)?.map(|described| described.settings_schema.to_string());
        Asked::of(ctx)?.snapshot.charge(text_units(schema.as_ref().map_or(0, String::len)))?;
        Ok(schema)
    }

    /// The secrets that were set, by name. Nobody is shown their values. Those that are not among what is granted were set for
    /// another version: they are kept for it, and used by nobody until then.
    async fn secrets(&self) -> &[String] {
        &self.0.secrets
    }

    /// The hosts that its secrets are bound to; a secret that is not here may be sent to all that are granted.
    async fn secret_hosts(&self) -> Vec<PluginSecretHosts> {
        self.0.secret_hosts.iter().map(Into::into).collect()
    }

    /// The member that it acts as.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Row<MemberNode>>> {
        Ok(MemberNode::find(Asked::of(ctx)?.snapshot, self.0.member))
    }

    /// The path of its address for requests from outside, `/plugins/in/…`; null for one that answers none. It is a secret, and
    /// written otherwise each time; all of them lead there.
    async fn inbound_path(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.0.hooks.inbound {
            return Ok(None);
        }
        let asked = Asked::of(ctx)?;
        asked.snapshot.charge(1)?;
        let principal = &asked.snapshot.viewer().principal;
        Ok(Some(plugins(ctx)?.inbound_address(principal, self.0.id).await?))
    }

    /// How it did of late as it was asked about changes.
    async fn health(&self, ctx: &Context<'_>) -> Result<PluginHealth> {
        Ok((&self.healths(ctx).await?.0).into())
    }

    /// How it did of late as it acted by itself.
    async fn acting_health(&self, ctx: &Context<'_>) -> Result<PluginHealth> {
        Ok((&self.healths(ctx).await?.1).into())
    }

    /// Its runs, the newest first, as far as they are kept, for 30 days at most: the last 500 that are kept whole, and of those that are
    /// alike others and logged nothing the last 500 at least.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs; all unless said.")] filter: Option<PluginRunFilter>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said. Never more than 100 are given.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<PluginRunConnection> {
        let asked = Asked::of(ctx)?;
        let filter = filter.map(PluginRunFilter::read).transpose()?.unwrap_or_default();
        let first = self::first(&asked, first)?;
        // Taken before anything is read, for other fields are read at the same time.
        let looked_at = if filter == RunFilter::default() { 0 } else { RUNS_LOOKED_AT_UNITS };
        let taken = first.saturating_mul(RUN_UNITS - 1).saturating_add(looked_at);
        asked.snapshot.charge(taken)?;
        let after = after.map(|text| page::cursor("after", &text)).transpose()?;
        let is_first = after.is_none();
        let principal = &asked.snapshot.viewer().principal;
        let page = plugins(ctx)?.runs(principal, self.0.id, &filter, Shown { first, after }).await?;
        asked.snapshot.settle(taken, page.bytes / 1_024 + page.looked_at / RECORDS_PER_UNIT)?;
        Ok(PluginRunConnection::new(page, is_first))
    }

    /// What it has failed to do for good, by place in the log.
    async fn dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said. Never more than 100 are given.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<PluginDeadLetterConnection> {
        let asked = Asked::of(ctx)?;
        let first = self::first(&asked, first)?;
        let principal = &asked.snapshot.viewer().principal;
        let page = plugins(ctx)?.dead_letters(principal, self.0.id, first, after.as_deref()).await?;
        asked.snapshot.give_back(first.saturating_sub(page.letters.len()));
        Ok(PluginDeadLetterConnection::new(page, after.is_none()))
    }

    /// What waits for it.
    async fn backlog(&self, ctx: &Context<'_>) -> Result<PluginBacklog> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.charge(super::costs::QUESTION_UNITS)?;
        let principal = &asked.snapshot.viewer().principal;
        let backlog = plugins(ctx)?.backlog(principal, self.0.id).await?;
        asked.snapshot.charge(backlog.events.len().saturating_add(backlog.requests.len()))?;
        Ok(backlog.into())
    }

    /// When it was installed.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Counts its changes, from 1: for `ifVersion`.
    async fn version(&self) -> u64 {
        self.0.version
    }
}

impl PluginNode {
    async fn healths(
        &self,
        ctx: &Context<'_>,
    ) -> Result<(mortise_plugins::service::Health, mortise_plugins::service::Health)> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.charge(1)?;
        Ok(plugins(ctx)?.health(&asked.snapshot.viewer().principal, self.0.id).await?)
    }
}

/// Queries about plugins.
#[derive(Default)]
pub(crate) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// The plugins that the company has installed, in the order in which they are asked; at most 50. For admins.
    async fn plugins(&self, ctx: &Context<'_>) -> Result<Vec<PluginNode>> {
        let asked = Asked::of(ctx)?;
        asked.expect_plugins_managed()?;
        let all = asked.snapshot.reader().installations().into_iter();
        let all: Vec<_> = all.filter(|found| found.status != InstallationStatus::Removed).collect();
        asked.snapshot.charge(all.len())?;
        Ok(all.into_iter().map(PluginNode).collect())
    }

    /// An installed plugin; null when there is none. For admins.
    async fn plugin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
    ) -> Result<Option<PluginNode>> {
        let asked = Asked::of(ctx)?;
        asked.expect_plugins_managed()?;
        Ok(PluginNode::find(&asked, scalar::id("id", &id)?))
    }

    /// What an upgrade of a plugin to this code would ask for beyond what it asks for now, and what no more. For admins.
    async fn plugin_upgrade_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "The code: the hash of its bytes.", name = "digest")] to: String,
    ) -> Result<Vec<PluginPermissionChange>> {
        let asked = Asked::of(ctx)?;
        let (id, to) = (scalar::id("id", &id)?, digest("digest", &to)?);
        let changes = plugins(ctx)?.upgrade_preview(&asked.snapshot.viewer().principal, id, to).await?;
        Ok(changes.iter().map(Into::into).collect())
    }
}
