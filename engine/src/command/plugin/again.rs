//! Having a plugin do again what it has failed to do, or letting that go.

use super::existing;
use crate::access::Action;
use crate::command::{Command, World};
use crate::draft::{Draft, PluginRecord};
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::InstallationId;
use crate::model::Seq;

/// Events at once.
const EVENTS_MAX: usize = 500;

/// Says that an installation is to do again what it has failed to do about some events, or that this is let go. What its host
/// keeps of them changes with it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct DoneAgain {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// Which events, by their places in the log: 1 to 500.
    #[n(1)]
    pub events: Vec<Seq>,
    /// Let go instead.
    #[n(2)]
    pub dropped: bool,
    /// What the host keeps of it, all of this installation; at most 90.
    #[cbor(skip)]
    pub records: Vec<PluginRecord>,
}

/// Records at once: a batch has room for 100 keys.
const RECORDS_MAX: usize = 90;

impl Command for DoneAgain {
    fn operation(&self) -> &'static str {
        "pluginRedeliver"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        if self.events.is_empty() || self.events.len() > EVENTS_MAX {
            return Err(Error::invalid("events", format!("name 1 to {EVENTS_MAX} events")));
        }
        let own = |record: &PluginRecord| matches!(record, PluginRecord::Entry(of, ..) if *of == self.id);
        if self.records.len() > RECORDS_MAX || !self.records.iter().all(own) {
            return Err(Error::internal("what is kept of a plugin's failures is not its own, or too much"));
        }
        let permit = world.policy.authorize(Action::ManagePlugins, Some(before), None)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Installation(self.id));
        draft.plugin_done_again(&permit, self.events.clone(), self.dropped);
        draft.keep_for_plugins(self.records.iter().cloned());
        Ok(draft)
    }
}
