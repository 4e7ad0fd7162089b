//! Commands on second factors. Codes and passwords are checked by the engine, which knows the secrets.

use super::member::existing;
use super::{Command, World};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{MemberId, OneTimeId};
use crate::identity::SecondFactor;

/// Saves a member's second factor as it becomes: confirmed, with fresh recovery codes, or taken away.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SaveSecondFactor {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Whether there is one then.
    #[n(1)]
    pub on: bool,
    /// Whether its secret is a new one; else only its recovery codes are, which the log says nothing of.
    #[n(2)]
    pub replaces: bool,
    /// The row as it becomes.
    #[cbor(skip)]
    pub(crate) row: Vec<u8>,
    /// The one-time token that allows it on the way in, gone with it.
    #[cbor(skip)]
    pub(crate) spends: Option<OneTimeId>,
}

impl Command for SaveSecondFactor {
    fn operation(&self) -> &'static str {
        "secondFactorSave"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        let row: SecondFactor = minicbor::decode(&self.row).map_err(|e| Error::internal(e.to_string()))?;
        if row.member != self.member || row.is_on() != self.on {
            return Err(Error::internal("the row of a second factor is another's, or says something else"));
        }
        let permit = world.policy.authorize(Action::ManageSignIn, member.clone(), Some(member.id))?;
        let changes = self.replaces || world.directory.has_second_factor(member.id) != self.on;
        let mut draft = Draft::new();
        if let Some(spent) = self.spends {
            draft.spend_one_time(spent);
        }
        draft.save_second_factor(&permit, self.row.clone(), changes.then_some(self.on));
        Ok(draft)
    }
}
