//! What an installation is given: permissions, settings and teams that fit.

use crate::command::World;
use crate::error::{Error, Result};
use crate::id::TeamId;
use crate::model::{PluginCode, PluginPermissions};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes of settings.
const SETTINGS_BYTES_MAX: usize = 64 * 1024;

/// Teams that an installation can be bound to.
const TEAMS_MAX: usize = 250;

/// What is granted: just what the code asks for. A plugin that asks for less than before is given less.
pub(super) fn granted(code: &PluginCode, granted: &PluginPermissions) -> Result<Arc<PluginPermissions>> {
    let asked = &code.permissions;
    if !asked.within(granted) {
        let message =
            format!("{} needs more than it is granted: {}", code.plugin, asked.beyond(granted).join(", "));
        return Err(Error::rejected(message).with_field("granted"));
    }
    if !granted.within(asked) {
        let message = format!(
            "{} is granted what it does not ask for: {}",
            code.plugin,
            granted.beyond(asked).join(", ")
        );
        return Err(Error::invalid("granted", message));
    }
    Ok(asked.clone())
}

/// Settings that are a JSON object of bounded size. Whether they fit the plugin was looked at before.
pub(super) fn settings(text: &str) -> Result<String> {
    if text.len() > SETTINGS_BYTES_MAX {
        let message = format!("settings have at most {SETTINGS_BYTES_MAX} bytes");
        return Err(Error::invalid("settings", message));
    }
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err(Error::invalid("settings", "settings are a JSON object, such as {}")),
        Err(error) => Err(Error::invalid("settings", format!("settings are no JSON: {error}"))),
    }
}

/// Teams that there are, each once.
pub(super) fn teams(world: &World<'_>, teams: Option<&[TeamId]>) -> Result<Option<Vec<TeamId>>> {
    let Some(teams) = teams else { return Ok(None) };
    if teams.is_empty() || teams.len() > TEAMS_MAX {
        let message = format!("name 1 to {TEAMS_MAX} teams, or none for all");
        return Err(Error::invalid("teamIds", message));
    }
    if let Some(missing) = teams.iter().find(|team| world.directory.team(**team).is_none()) {
        return Err(Error::not_found(format!("team {missing}")).with_field("teamIds"));
    }
    Ok(Some(teams.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()))
}
