//! The engine's own command on security events: nobody asks for it.

use super::{Command, World};
use crate::access::Action;
use crate::draft::{Draft, SecurityDropped};
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::model::LogPlace;

/// Says in the log how far the security events had come, and lets those go that are no longer kept.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct SealSecurity {
    /// How far they had come.
    #[n(0)]
    sealed: LogPlace,
    /// What goes.
    #[cbor(skip)]
    what: SecurityDropped,
}

impl SealSecurity {
    pub(crate) const fn new(what: SecurityDropped) -> Self {
        Self { sealed: what.sealed, what }
    }
}

impl Command for SealSecurity {
    fn operation(&self) -> &'static str {
        "securitySeal"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        if world.cx.principal.actor() != Actor::System {
            return Err(Error::forbidden("seal security events: the engine does"));
        }
        let permit = world.policy.authorize(Action::ReadAudit, (), None)?;
        let mut draft = Draft::new();
        draft.seal_security(&permit, self.what.clone());
        Ok(draft)
    }
}
