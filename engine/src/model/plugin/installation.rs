//! The installation of a plugin: its code in a company, with all that the company said of it.

use super::{
    Digest, InstallationStatus, OnFailure, PluginHooks, PluginMode, PluginOrigin, PluginPermissions, shared,
};
use crate::id::{InstallationId, MemberId, TeamId};
use crate::model::Seq;
use crate::time::Timestamp;
use std::sync::Arc;

/// A plugin in a company, with all that the company said of it. Rows that were opened share with those of other companies what they
/// have alike.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Installation {
    /// The id.
    #[n(0)]
    pub id: InstallationId,
    /// The plugin, as its author calls it; one installation of each in a company.
    #[cbor(n(1), with = "shared::text")]
    pub plugin: Arc<str>,
    /// How it is shown.
    #[cbor(n(2), with = "shared::text")]
    pub name: Arc<str>,
    /// Where its code comes from.
    #[n(3)]
    pub origin: PluginOrigin,
    /// The code that runs.
    #[n(4)]
    pub digest: Digest,
    /// The version of it.
    #[cbor(n(5), with = "shared::text")]
    pub code_version: Arc<str>,
    /// The code that ran before, newest last, at most ten: where one can roll back to.
    #[cbor(n(6), skip_if = "Vec::is_empty")]
    pub earlier: Vec<Digest>,
    /// What it takes part in.
    #[cbor(n(7), with = "shared::value")]
    pub hooks: Arc<PluginHooks>,
    /// What was granted.
    #[cbor(n(8), with = "shared::value")]
    pub granted: Arc<PluginPermissions>,
    /// Its settings, as a JSON object.
    #[cbor(n(9), with = "shared::settings")]
    pub settings: Arc<str>,
    /// The teams whose issues it takes part in; none: all that its member sees.
    #[n(10)]
    pub teams: Option<Vec<TeamId>>,
    /// Its place among the installations that are asked: smaller first, then older first.
    #[n(11)]
    pub order: u32,
    /// Whether what it says counts.
    #[n(12)]
    pub mode: PluginMode,
    /// What becomes of a change when it fails.
    #[n(13)]
    pub on_failure: OnFailure,
    /// How it stands.
    #[n(14)]
    pub status: InstallationStatus,
    /// Why it was disabled, where that was said.
    #[n(15)]
    pub stopped: Option<String>,
    /// The member that it acts as: a service account that sees what it is shown.
    #[n(16)]
    pub member: MemberId,
    /// The secrets that were set, by name; their values lie elsewhere. Those that are not among what was granted were set for
    /// another version: they are kept for it, and used by nobody.
    #[cbor(n(17), skip_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// When it was made.
    #[n(18)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(19)]
    pub updated_at: Timestamp,
    /// Counts the changes of this row, from 1.
    #[n(20)]
    pub version: u64,
    /// The place in the log from which it acts on events: the one where it was last enabled.
    #[n(21)]
    pub acts_after: Seq,
    /// Why it acts by itself no more, though it is enabled and asked about changes: it failed too often. Until somebody enables
    /// it again.
    #[n(22)]
    pub acting_stopped: Option<String>,
    /// Where its secrets may be sent, by name, of the hosts that were granted. One that is not here may be sent to all of them.
    #[cbor(n(23), skip_if = "Vec::is_empty")]
    pub secret_hosts: Vec<SecretHosts>,
}

/// The hosts that a secret may be sent to; with none it is not sent at all.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct SecretHosts {
    /// The secret, as the plugin calls it.
    #[n(0)]
    pub secret: String,
    /// Hosts; `*.example.com` for all below one.
    #[n(1)]
    pub hosts: Vec<String>,
}

impl Installation {
    /// Whether it takes part.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        matches!(self.status, InstallationStatus::Enabled)
    }

    /// Whether what it does by itself is done: it takes part, and that was not stopped.
    #[must_use]
    pub const fn is_acting(&self) -> bool {
        self.is_enabled() && self.acting_stopped.is_none()
    }

    /// Whether changes are refused when it fails: without it, what it guards would stand open.
    #[must_use]
    pub fn guards(&self) -> bool {
        let judges = !self.hooks.amend.is_empty() || !self.hooks.validate.is_empty();
        judges && self.counts() && matches!(self.on_failure, OnFailure::Closed)
    }

    /// Whether it does something by itself, beside being asked about changes: its hooks do, or it may have requests that other
    /// code of it staged and that are still to be sent.
    #[must_use]
    pub fn acts_alone(&self) -> bool {
        self.hooks.act_alone() || !self.granted.http.is_empty()
    }

    /// The name of the place in the log that an installation has come to: that of its follower.
    #[must_use]
    pub fn follower_of(id: InstallationId) -> String {
        format!("plugin {id}")
    }

    /// Whether what it says counts.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.mode, PluginMode::Enforce)
    }

    /// The hosts that a secret is bound to; none: all that were granted.
    #[must_use]
    pub fn hosts_of(&self, secret: &str) -> Option<&[String]> {
        let bound = self.secret_hosts.iter().find(|bound| bound.secret == secret);
        bound.map(|bound| bound.hosts.as_slice())
    }

    /// Binds a secret to hosts.
    pub(crate) fn bind(&mut self, secret: &str, hosts: Vec<String>) {
        self.secret_hosts.retain(|bound| bound.secret != secret);
        let place = self.secret_hosts.partition_point(|bound| bound.secret.as_str() < secret);
        self.secret_hosts.insert(place, SecretHosts { secret: secret.to_owned(), hosts });
    }

    /// Lets go of the bindings of secrets that are not set.
    pub(crate) fn unbind_unset(&mut self) {
        let Self { secrets, secret_hosts, .. } = self;
        secret_hosts.retain(|bound| secrets.contains(&bound.secret));
    }

    /// Whether it takes part in what concerns this team.
    #[must_use]
    pub fn concerns(&self, team: TeamId) -> bool {
        self.teams.as_ref().is_none_or(|teams| teams.contains(&team))
    }
}
