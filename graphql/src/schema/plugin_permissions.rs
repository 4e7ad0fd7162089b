//! What plugins ask for and are granted, what they take part in, and what is different in another version.

use super::plugin_word::PluginHookPoint;
use super::scalar::DateTime;
use async_graphql::{InputObject, SimpleObject};
use mortise_engine::model;
use mortise_engine::time::Timestamp;
use mortise_plugins::manifest::Schedule;
use mortise_plugins::service::PermissionChange;

/// What a plugin asks for, or was granted.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginPermissions {
    /// Reading issues.
    issues_read: bool,
    /// Changing issues.
    issues_write: bool,
    /// A store of its own.
    kv: bool,
    /// Random bytes.
    random: bool,
    /// Secrets, by name.
    secrets: Vec<String>,
    /// Hosts that it may send requests to; `*.example.com` for all below one.
    http: Vec<String>,
}

impl From<&model::PluginPermissions> for PluginPermissions {
    fn from(of: &model::PluginPermissions) -> Self {
        Self {
            issues_read: of.issues_read,
            issues_write: of.issues_write,
            kv: of.kv,
            random: of.random,
            secrets: of.secrets.clone(),
            http: of.http.clone(),
        }
    }
}

/// What a plugin is granted: as its code asks for it.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct PluginPermissionsInput {
    /// Reading issues.
    #[graphql(default = false)]
    issues_read: bool,
    /// Changing issues.
    #[graphql(default = false)]
    issues_write: bool,
    /// A store of its own.
    #[graphql(default = false)]
    kv: bool,
    /// Random bytes.
    #[graphql(default = false)]
    random: bool,
    /// Secrets, by name.
    #[graphql(default)]
    secrets: Vec<String>,
    /// Hosts that it may send requests to.
    #[graphql(default)]
    http: Vec<String>,
}

impl From<PluginPermissionsInput> for model::PluginPermissions {
    fn from(input: PluginPermissionsInput) -> Self {
        Self {
            issues_read: input.issues_read,
            issues_write: input.issues_write,
            kv: input.kv,
            random: input.random,
            secrets: input.secrets,
            http: input.http,
        }
    }
}

/// What a plugin takes part in.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginHooks {
    /// Where it may change something with what is proposed.
    amend: Vec<PluginHookPoint>,
    /// Where it may say no.
    validate: Vec<PluginHookPoint>,
    /// Whether it narrows the states that an issue may enter.
    next_states: bool,
    /// The names of events that it acts on, such as `issue.created`; `issue.*` for all that begin so.
    events: Vec<String>,
    /// Whether it answers requests from outside.
    inbound: bool,
    /// Whether it is told what becomes of its installation.
    lifecycle: bool,
}

impl From<&model::PluginHooks> for PluginHooks {
    fn from(hooks: &model::PluginHooks) -> Self {
        let points = |points: &[model::HookPoint]| points.iter().copied().map(Into::into).collect();
        Self {
            amend: points(&hooks.amend),
            validate: points(&hooks.validate),
            next_states: hooks.next_states,
            events: hooks.events.clone(),
            inbound: hooks.inbound,
            lifecycle: hooks.lifecycle,
        }
    }
}

/// A schedule of a plugin.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginSchedule {
    /// Its name.
    name: String,
    /// Its times, as cron writes them.
    cron: String,
    /// The time zone of its clock; null: that of the company, which is UTC unless it has another.
    time_zone: Option<String>,
    /// When it is due next. Null for code, while the plugin does not act by itself, and where there is no time within nine years.
    next_at: Option<DateTime>,
}

impl PluginSchedule {
    /// One that is due then.
    pub(crate) fn new(schedule: &Schedule, next_at: Option<Timestamp>) -> Self {
        let Schedule { name, cron, zone } = schedule;
        let next_at = next_at.map(DateTime);
        Self { name: name.clone(), cron: cron.to_string(), time_zone: zone.clone(), next_at }
    }
}

/// Something that another version asks for, or asks for no more.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginPermissionChange {
    /// What, in words for whoever grants it, such as `create and change issues`.
    permission: String,
    /// Whether it is asked for now; else it is asked for no more.
    added: bool,
    /// Whether nothing that was asked for before includes it: somebody must grant it.
    widens: bool,
}

impl From<&PermissionChange> for PluginPermissionChange {
    fn from(change: &PermissionChange) -> Self {
        Self {
            permission: change.permission().to_string(),
            added: matches!(change, PermissionChange::Added { .. }),
            widens: change.widens(),
        }
    }
}
