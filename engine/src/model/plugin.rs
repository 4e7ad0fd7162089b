//! A plugin that a company has: the code that was uploaded, what it takes part in and asks for, and its installation.
//!
//! The engine keeps and orders them and knows no WebAssembly: what a plugin answers comes through its hooks.

mod installation;
mod shared;

pub use installation::{Installation, SecretHosts};

use super::words;
use crate::id::MemberId;
use crate::time::Timestamp;
use std::fmt;
use std::sync::Arc;

/// The blake3 hash of a component: what it is known by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct Digest(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Digest {
    type Err = crate::error::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes
            .map(Self)
            .ok_or_else(|| crate::error::Error::invalid("digest", "a digest is 64 hexadecimal digits"))
    }
}

words! {
    /// Where a plugin comes from.
    PluginOrigin {
        /// The company uploaded it.
        0 Own = "OWN",
        /// The catalogue of those who run the platform.
        1 Curated = "CURATED",
    }
}

impl PluginOrigin {
    /// The word by which a company may have such plugins.
    #[must_use]
    pub const fn entitlement(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Curated => "curated",
        }
    }
}

/// The word by which a company may have uploads of its own that are as large as those of the catalogue; agreed with each.
pub const LARGE_PLUGINS: &str = "large";

words! {
    /// How an installation stands.
    InstallationStatus {
        /// It is there and takes no part.
        0 Disabled = "DISABLED",
        /// It takes part.
        1 Enabled = "ENABLED",
        /// It was taken away; what it did stays.
        2 Removed = "REMOVED",
    }
}

words! {
    /// Whether what a plugin says counts.
    PluginMode {
        /// It counts.
        0 Enforce = "ENFORCE",
        /// It is asked and recorded, and changes nothing.
        1 Shadow = "SHADOW",
    }
}

words! {
    /// What becomes of a change when a plugin that is asked about it fails.
    OnFailure {
        /// It is refused.
        0 Closed = "CLOSED",
        /// It passes.
        1 Open = "OPEN",
    }
}

words! {
    /// What a plugin can be asked about before it happens.
    HookPoint {
        /// A new issue.
        0 Create = "CREATE",
        /// Other fields of an issue.
        1 Update = "UPDATE",
        /// A move to another state.
        2 Transition = "TRANSITION",
        /// A new comment.
        3 Comment = "COMMENT",
    }
}

/// What a plugin takes part in, by its manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub struct PluginHooks {
    /// Where it may amend.
    #[n(0)]
    pub amend: Vec<HookPoint>,
    /// Where it may deny.
    #[n(1)]
    pub validate: Vec<HookPoint>,
    /// It narrows the states that an issue may enter.
    #[n(2)]
    pub next_states: bool,
    /// The names of events that it acts on, such as `issue.created`; `issue.*` for all that begin so.
    #[n(3)]
    pub events: Vec<String>,
    /// It answers requests from outside.
    #[n(4)]
    pub inbound: bool,
    /// It is told what becomes of its installation.
    #[n(5)]
    pub lifecycle: bool,
    /// The names of its schedules.
    #[n(6)]
    pub schedules: Vec<String>,
}

impl PluginHooks {
    /// Whether a plugin does something by itself, beside being asked about changes: it acts on events, on a schedule, on
    /// requests from outside, or on what becomes of it.
    #[must_use]
    pub const fn act_alone(&self) -> bool {
        !self.events.is_empty() || !self.schedules.is_empty() || self.inbound || self.lifecycle
    }

    /// Whether it acts on events of this name.
    #[must_use]
    pub fn acts_on(&self, event: &str) -> bool {
        self.events.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(beginning) => event.starts_with(beginning),
            None => wanted == event,
        })
    }
}

/// What a plugin asks for, or was granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub struct PluginPermissions {
    /// Reading issues.
    #[n(0)]
    pub issues_read: bool,
    /// Changing issues.
    #[n(1)]
    pub issues_write: bool,
    /// A store of its own.
    #[n(2)]
    pub kv: bool,
    /// Random bytes.
    #[n(3)]
    pub random: bool,
    /// Secrets, by name.
    #[n(4)]
    pub secrets: Vec<String>,
    /// Hosts that it may send requests to; `*.example.com` for all below one.
    #[n(5)]
    pub http: Vec<String>,
}

impl PluginPermissions {
    /// Whether these permissions are among those.
    #[must_use]
    pub fn within(&self, granted: &Self) -> bool {
        (granted.issues_read || !self.issues_read)
            && (granted.issues_write || !self.issues_write)
            && (granted.kv || !self.kv)
            && (granted.random || !self.random)
            && self.secrets.iter().all(|secret| granted.secrets.contains(secret))
            && self.http.iter().all(|host| granted.http.contains(host))
    }

    /// Those of these permissions that are not among those, in words.
    #[must_use]
    pub fn beyond(&self, granted: &Self) -> Vec<String> {
        let simple = [
            ("issues-read", self.issues_read, granted.issues_read),
            ("issues-write", self.issues_write, granted.issues_write),
            ("kv", self.kv, granted.kv),
            ("random", self.random, granted.random),
        ];
        let simple = simple.into_iter().filter(|(_, asked, given)| *asked && !given);
        let secrets = self.secrets.iter().filter(|secret| !granted.secrets.contains(secret));
        let hosts = self.http.iter().filter(|host| !granted.http.contains(host));
        let named = secrets.map(|s| format!("secret {s}")).chain(hosts.map(|host| format!("http {host}")));
        simple.map(|(name, ..)| name.to_owned()).chain(named).collect()
    }
}

/// A component that a company has uploaded, or taken from the catalogue. Its bytes lie beside it. Rows that were opened or saved
/// share with those of other companies what they have alike.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct PluginCode {
    /// The hash of its bytes.
    #[n(0)]
    pub digest: Digest,
    /// The plugin, as its author calls it, such as `acme.required-fields`.
    #[cbor(n(1), with = "shared::text")]
    pub plugin: Arc<str>,
    /// How it is shown.
    #[cbor(n(2), with = "shared::text")]
    pub name: Arc<str>,
    /// Its version, such as `1.2.0`.
    #[cbor(n(3), with = "shared::text")]
    pub version: Arc<str>,
    /// Where it comes from.
    #[n(4)]
    pub origin: PluginOrigin,
    /// Its bytes.
    #[n(5)]
    pub bytes: u64,
    /// Its manifest, as TOML.
    #[cbor(n(6), with = "shared::text")]
    pub manifest: Arc<str>,
    /// What it takes part in.
    #[cbor(n(7), with = "shared::value")]
    pub hooks: Arc<PluginHooks>,
    /// What it asks for.
    #[cbor(n(8), with = "shared::value")]
    pub permissions: Arc<PluginPermissions>,
    /// Who uploaded it; none: the embedding program.
    #[n(9)]
    pub uploader: Option<MemberId>,
    /// When.
    #[n(10)]
    pub uploaded_at: Timestamp,
    /// When its bytes were removed, because no installation needs them.
    #[n(11)]
    pub removed_at: Option<Timestamp>,
}

impl PluginCode {
    /// Whether an installation of it does something by itself: its hooks do, or it may have requests to be sent.
    #[must_use]
    pub fn acts_alone(&self) -> bool {
        self.hooks.act_alone() || !self.permissions.http.is_empty()
    }

    /// The same, with what is held once in this process, whichever companies have it.
    pub(crate) fn sharing(self) -> Self {
        Self {
            plugin: shared::once(self.plugin),
            name: shared::once(self.name),
            version: shared::once(self.version),
            manifest: shared::once(self.manifest),
            hooks: shared::once(self.hooks),
            permissions: shared::once(self.permissions),
            ..self
        }
    }
}
