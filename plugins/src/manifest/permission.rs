//! What a manifest asks for, one thing at a time, and what changes from one version of a plugin to the next.

use super::{Manifest, Point, Schedule};
use crate::destination::HostPattern;
use std::collections::BTreeSet;
use std::fmt;

/// One thing that a company grants, or does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Reading issues.
    IssuesRead,
    /// Changing issues.
    IssuesWrite,
    /// A store of its own.
    Kv,
    /// Random bytes.
    Random,
    /// A secret, by its name.
    Secret(String),
    /// Requests to a host, or to all below one.
    Host(HostPattern),
    /// Requests to the hosts of the addresses that are entered as a setting, by its name.
    HostOfSetting(String),
    /// Amending.
    Amend(Point),
    /// Denying.
    Validate(Point),
    /// Narrowing the states that an issue may enter.
    NextStates,
    /// Acting on an event, or on all that begin so.
    Event(String),
    /// Answering requests from outside.
    Inbound,
    /// Being told what becomes of the installation.
    Lifecycle,
    /// Being woken.
    Schedule {
        /// The schedule's name.
        name: String,
        /// Its cron.
        cron: String,
        /// Its zone, if it names one.
        zone: Option<String>,
    },
}

/// What is different in another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionChange {
    /// It is asked for now.
    Added {
        /// What.
        permission: Permission,
        /// Nothing that was asked for before includes it: somebody must grant it.
        widens: bool,
    },
    /// It is asked for no more.
    Removed(Permission),
}

/// What changes in what is asked for between two manifests, additions first, each in the order of [`Permission`].
#[must_use]
pub fn difference(from: &Manifest, to: &Manifest) -> Vec<PermissionChange> {
    let (before, after) = (from.asked(), to.asked());
    let added = after.difference(&before).map(|permission| PermissionChange::Added {
        permission: permission.clone(),
        widens: !before.iter().any(|known| known.includes(permission)),
    });
    let removed = before.difference(&after).cloned().map(PermissionChange::Removed);
    added.chain(removed).collect()
}

impl Manifest {
    /// Everything that it asks for.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<Permission> {
        let (hooks, asked) = (&self.hooks, &self.permissions);
        let flags = [
            (asked.issues_read, Permission::IssuesRead),
            (asked.issues_write, Permission::IssuesWrite),
            (asked.kv, Permission::Kv),
            (asked.random, Permission::Random),
            (hooks.next_states, Permission::NextStates),
            (hooks.inbound, Permission::Inbound),
            (hooks.lifecycle, Permission::Lifecycle),
        ];
        let flags = flags.into_iter().filter_map(|(asked, permission)| asked.then_some(permission));
        flags
            .chain(asked.secrets.iter().cloned().map(Permission::Secret))
            .chain(asked.http.iter().cloned().map(Permission::Host))
            .chain(asked.http_settings.iter().cloned().map(Permission::HostOfSetting))
            .chain(hooks.amend.iter().copied().map(Permission::Amend))
            .chain(hooks.validate.iter().copied().map(Permission::Validate))
            .chain(hooks.events.iter().cloned().map(Permission::Event))
            .chain(self.schedules.iter().map(|Schedule { name, cron, zone }| Permission::Schedule {
                name: name.clone(),
                cron: cron.to_string(),
                zone: zone.clone(),
            }))
            .collect()
    }
}

impl Permission {
    /// Whether whoever has this has the other as well.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Host(wide), Self::Host(narrow)) => wide.includes(narrow),
            (Self::Event(wide), Self::Event(narrow)) => {
                wide == narrow
                    || wide.strip_suffix('*').is_some_and(|beginning| narrow.starts_with(beginning))
            }
            _ => self == other,
        }
    }

    /// What programs know it by, such as `issues:read` or `http:hooks.slack.com`; stable.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::IssuesRead => "issues:read".to_owned(),
            Self::IssuesWrite => "issues:write".to_owned(),
            Self::Kv => "kv".to_owned(),
            Self::Random => "random".to_owned(),
            Self::Secret(name) => format!("secret:{name}"),
            Self::Host(host) => format!("http:{host}"),
            Self::HostOfSetting(setting) => format!("http:{}", super::hosts::named(setting)),
            Self::Amend(point) => format!("amend:{}", point.word()),
            Self::Validate(point) => format!("validate:{}", point.word()),
            Self::NextStates => "next-states".to_owned(),
            Self::Event(event) => format!("event:{event}"),
            Self::Inbound => "inbound".to_owned(),
            Self::Lifecycle => "lifecycle".to_owned(),
            Self::Schedule { name, .. } => format!("schedule:{name}"),
        }
    }
}

impl Point {
    /// As the manifest writes it, such as `create`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Transition => "transition",
            Self::Comment => "comment",
        }
    }

    /// In words, as what is done.
    const fn deed(self) -> &'static str {
        match self {
            Self::Create => "creating issues",
            Self::Update => "changing issues",
            Self::Transition => "moving issues to another state",
            Self::Comment => "commenting",
        }
    }
}

impl fmt::Display for Permission {
    /// In words, for whoever grants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuesRead => f.write_str("read issues, people and teams"),
            Self::IssuesWrite => f.write_str("create and change issues"),
            Self::Kv => f.write_str("keep data of its own"),
            Self::Random => f.write_str("use random numbers"),
            Self::Secret(name) => write!(f, "use the secret `{name}`"),
            Self::Host(host) => write!(f, "send requests to {host}"),
            Self::HostOfSetting(setting) => write!(f, "send requests to the hosts entered as `{setting}`"),
            Self::Amend(point) => write!(f, "add changes when {}", point.deed()),
            Self::Validate(point) => write!(f, "refuse {}", point.deed()),
            Self::NextStates => f.write_str("narrow the states that an issue may enter"),
            Self::Event(event) => write!(f, "act on {event}"),
            Self::Inbound => f.write_str("answer requests from outside"),
            Self::Lifecycle => f.write_str("be told when it is enabled, upgraded or disabled"),
            Self::Schedule { name, cron, zone: None } => write!(f, "run at the times of `{name}` ({cron})"),
            Self::Schedule { name, cron, zone: Some(zone) } => {
                write!(f, "run at the times of `{name}` ({cron}, {zone})")
            }
        }
    }
}

impl PermissionChange {
    /// What is different.
    #[must_use]
    pub const fn permission(&self) -> &Permission {
        match self {
            Self::Added { permission, .. } | Self::Removed(permission) => permission,
        }
    }

    /// Whether somebody must grant it anew.
    #[must_use]
    pub const fn widens(&self) -> bool {
        matches!(self, Self::Added { widens: true, .. })
    }
}
