//! What becomes of an installation that fails too often: the engine itself says so, and the company's admins are told.
//!
//! A guard is never switched off for failing, for then everything would pass: of one that fails as it acts by itself, that
//! alone is stopped; one that fails as it is asked stays. Then people are held up, and those who can see to it hear of it.

use super::state::{disabled, fitting};
use super::{existing, save};
use crate::command::{Command, World, notice};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::id::InstallationId;
use crate::model::{Installation, LetterKind};

/// As what an installation failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode)]
#[cbor(index_only)]
pub enum FailedAs {
    /// As it was asked about changes.
    #[n(0)]
    Asked,
    /// As it acted by itself.
    #[n(1)]
    Acting,
}

/// Stops an installation that has failed too often, as far as it may be stopped: see the module. One that is stopped so far
/// already stays as it is, and nobody is written to; of a guard that fails as it is asked they are each time: whoever says so
/// says it once while it lasts.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct StopInstallation {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// Why, in words; at most 500 characters.
    #[n(1)]
    pub reason: String,
    /// As what it failed.
    #[n(2)]
    pub failed: FailedAs,
    /// Its admins are written to. The letters are part of the change, which is `UNAVAILABLE` where the outbox has no room.
    #[n(3)]
    pub letters: bool,
}

impl Command for StopInstallation {
    fn operation(&self) -> &'static str {
        "pluginStop"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        if !matches!(world.cx.principal.actor(), Actor::System) {
            return Err(Error::forbidden("stop a plugin as if it had failed: disable it"));
        }
        let before = existing(world, self.id)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Installation(before.id));
        let reason = fitting(&self.reason)?;
        let Some((after, outcome)) = self.stopped(&before, &reason)? else { return Ok(draft) };
        if self.letters {
            let text = format!("{outcome} The reason: {reason}");
            let values = [("plugin", &*before.name), ("text", text.as_str())];
            let letters = notice::to_admins(world, LetterKind::PluginFails, &values);
            letters.into_iter().for_each(|letter| draft.send(letter));
        }
        save(world, &mut draft, &before, after)?;
        Ok(draft)
    }
}

impl StopInstallation {
    /// The installation as it becomes, and what that is in words; none where nothing is left to be stopped, or to be told.
    fn stopped(&self, before: &Installation, reason: &str) -> Result<Option<(Installation, &'static str)>> {
        let still = match self.failed {
            FailedAs::Asked => before.is_enabled(),
            FailedAs::Acting => before.is_acting(),
        };
        if !still {
            return Ok(None);
        }
        Ok(Some(match (before.guards(), self.failed) {
            (false, _) => {
                (disabled(before, Some(reason))?, "It was disabled, and takes part in nothing any more.")
            }
            (true, FailedAs::Acting) => {
                let after = Installation { acting_stopped: Some(reason.to_owned()), ..before.clone() };
                (after, "What it does by itself was stopped. It is still asked about changes.")
            }
            (true, FailedAs::Asked) => (
                before.clone(),
                "It is still asked about changes, and they are refused as long as it fails: see to it, disable it, or let changes \
                 pass when it fails.",
            ),
        }))
    }
}
