//! What code says of itself, for whoever shows it: read of its manifest.

use super::Plugins;
use crate::manifest::Schedule;
use mortise_engine::Result;
use mortise_engine::model::PluginCode;

/// What a manifest says beside what the engine keeps of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// What it says of itself.
    pub description: String,
    /// What it asks for, each thing in words for whoever grants it.
    pub asks_for: Vec<String>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
    /// What can be set, as JSON schema.
    pub settings_schema: serde_json::Value,
}

impl Plugins {
    /// What this code says of itself.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a manifest that cannot be read, which is none that was taken.
    pub fn described(&self, code: &PluginCode) -> Result<Described> {
        let known = self.0.known.of(code)?;
        let manifest = &known.manifest;
        Ok(Described {
            description: manifest.description.clone(),
            asks_for: manifest.asked().iter().map(ToString::to_string).collect(),
            schedules: manifest.schedules.clone(),
            settings_schema: known.schema().clone(),
        })
    }
}
