//! What a plugin says of itself: its name and version, where it takes part, what it asks for, when it wants to be woken.
//!
//! It is TOML inside the component, so that code and claims cannot be parted. It asks; what is granted is the company's
//! affair, and this knows nothing of it.

mod coverage;
mod events;
mod hosts;
mod permission;
mod raw;
mod section;
mod version;

use crate::destination::HostPattern;
use crate::schedule::Cron;
use crate::settings::{Schema, SchemaError};
use serde_json::Value;
use std::fmt;

pub use coverage::{ALWAYS_GRANTED, PACKAGE};
pub use hosts::hosts_of;
pub(crate) use hosts::named as host_of_setting;
pub use permission::{Permission, PermissionChange, difference};
pub use section::{SECTION, pack};
pub use version::{Contract, ParseVersionError, Version};

/// Bytes of a manifest's text.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// Schedules of one plugin.
pub const SCHEDULES_MAX: usize = 10;

/// A plugin's manifest; everything in it has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// What it is known by, such as `acme.required-fields`: lower-case words with dots between, at most 100 bytes.
    pub id: String,
    /// How it is shown; at most 80 characters.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The contract it was made for.
    pub contract: Contract,
    /// What it does, in a sentence or two; at most 500 characters.
    pub description: String,
    /// Where it takes part.
    pub hooks: Hooks,
    /// What it asks for.
    pub permissions: Permissions,
    /// When it wants to be woken.
    pub schedules: Vec<Schedule>,
    /// The schema of its settings, if it has any.
    pub settings: Option<Value>,
    /// The memory that it asks for, in MiB; none: what the tier gives.
    pub memory_mib: Option<u32>,
}

/// What may be amended and denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// A new issue.
    Create,
    /// Other fields of an issue.
    Update,
    /// A move to another state.
    Transition,
    /// A new comment.
    Comment,
}

/// Where a plugin takes part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Where it may amend.
    pub amend: Vec<Point>,
    /// Where it may deny.
    pub validate: Vec<Point>,
    /// It narrows the states that an issue may enter.
    pub next_states: bool,
    /// The names of events that it acts on, such as `issue.created`; `issue.*` for all that begin so.
    pub events: Vec<String>,
    /// It answers requests from outside.
    pub inbound: bool,
    /// It is told what becomes of its installation.
    pub lifecycle: bool,
}

/// What a plugin asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Reading issues.
    pub issues_read: bool,
    /// Changing issues.
    pub issues_write: bool,
    /// A store of its own.
    pub kv: bool,
    /// Random bytes.
    pub random: bool,
    /// Secrets, by name.
    pub secrets: Vec<String>,
    /// Hosts that it sends requests to.
    pub http: Vec<HostPattern>,
    /// Settings that hold addresses to whose hosts it sends requests as well, as whoever installs it enters them.
    pub http_settings: Vec<String>,
}

impl Permissions {
    /// Whether it sends requests at all.
    #[must_use]
    pub fn reach_out(&self) -> bool {
        !self.http.is_empty() || !self.http_settings.is_empty()
    }
}

/// A time at which a plugin wants to be woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, which no other of the plugin has.
    pub name: String,
    /// When.
    pub cron: Cron,
    /// On the clocks of this zone, by its name; none: the company's.
    pub zone: Option<String>,
}

/// Why there is no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// These bytes are no component.
    #[error("this is no WebAssembly component: {0}")]
    NotAComponent(&'static str),
    /// The component has none.
    #[error(
        "the component has no section `mortise:manifest`: put one in with `mortise plugin build --component FILE`"
    )]
    Missing,
    /// The component has two.
    #[error("the component has more than one section `mortise:manifest`")]
    Twice,
    /// It is too long.
    #[error("the manifest has {bytes} bytes, more than {MANIFEST_BYTES_MAX}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is no TOML, or has fields that no manifest has.
    #[error("line {line}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Fields hold what they cannot.
    #[error("{}", joined(.0))]
    Fields(Vec<FieldProblem>),
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which, such as `permissions.http[1]`.
    pub field: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.message)
    }
}

fn joined(problems: &[FieldProblem]) -> String {
    problems.iter().map(FieldProblem::to_string).collect::<Vec<_>>().join("; ")
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// [`ManifestError`], with all fields that are wrong at once.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong { bytes: text.len() });
        }
        let text = std::str::from_utf8(text).map_err(|error| {
            let before = text.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            ManifestError::Syntax { line, message: "this is no UTF-8".to_owned() }
        })?;
        raw::read(text)
    }

    /// The manifest inside a component.
    ///
    /// # Errors
    ///
    /// [`ManifestError`].
    pub fn of_component(wasm: &[u8]) -> Result<Self, ManifestError> {
        Self::parse(section::find(wasm)?)
    }

    /// The text of the manifest inside a component, as it stands there.
    ///
    /// # Errors
    ///
    /// [`ManifestError`]; the text itself is not read.
    pub fn text_of_component(wasm: &[u8]) -> Result<&[u8], ManifestError> {
        section::find(wasm)
    }

    /// The hosts of the addresses that are entered as the settings which it names for that.
    #[must_use]
    pub fn hosts_entered(&self, settings: &Value) -> Vec<HostPattern> {
        let named: Vec<String> = self.permissions.http_settings.iter().map(|it| hosts::named(it)).collect();
        hosts_of(&named, settings)
    }

    /// The schema of its settings, compiled. One that takes no settings takes an empty object alone.
    ///
    /// # Errors
    ///
    /// None for a manifest that was parsed, whose schema was tried then.
    pub fn schema(&self) -> Result<Schema, SchemaError> {
        let none = || serde_json::json!({ "type": "object", "additionalProperties": false });
        Schema::new(&self.settings.clone().unwrap_or_else(none))
    }

    /// What a component with these imports and exports needs that the manifest does not say, in words; empty when nothing is
    /// missing. Names are those of interfaces, such as `mortise:plugin/kv@1.0.0`.
    #[must_use]
    pub fn covers(&self, imports: &[String], exports: &[String]) -> Vec<String> {
        coverage::missing(self, imports, exports)
    }
}

#[cfg(test)]
mod tests;
