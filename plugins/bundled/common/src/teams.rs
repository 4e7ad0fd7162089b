//! States and labels of teams, each team asked for once a call.

use crate::states::pick;
use crate::words::is_word;
use mortise_sdk::prelude::*;
use std::collections::BTreeMap;

/// What a call has learned of teams. It grows by one team for each that is asked for.
#[derive(Default)]
pub struct Teams(BTreeMap<String, Option<Team>>);

impl Teams {
    /// The team of this id or key; none when there is none to be seen.
    ///
    /// # Errors
    ///
    /// Whatever the host says except that there is none.
    pub fn team(&mut self, which: &str) -> Result<Option<&Team>, Error> {
        if !self.0.contains_key(which) {
            let team = match host::issues::team(which) {
                Ok(team) => Some(team),
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            };
            self.0.insert(which.to_owned(), team);
        }
        Ok(self.0.get(which).and_then(Option::as_ref))
    }

    /// The state of a team that is called `named` (key, name or id), or the first of the category when nothing is named.
    ///
    /// # Errors
    ///
    /// As [`Teams::team`].
    pub fn state(
        &mut self,
        team: &str,
        named: Option<&str>,
        category: Category,
    ) -> Result<Option<StateRef>, Error> {
        let team = self.team(team)?;
        Ok(team.and_then(|team| pick(&team.states, named, category)).cloned())
    }

    /// The label of a team that is called `named` (name or id). A label that is missing is logged, since commands that name it
    /// would fail together with everything else of the call.
    ///
    /// # Errors
    ///
    /// As [`Teams::team`].
    pub fn label(&mut self, team: &str, named: Option<&str>) -> Result<Option<LabelRef>, Error> {
        let Some(named) = named.filter(|named| !named.trim().is_empty()) else { return Ok(None) };
        let team = self.team(team)?;
        let called = |label: &&LabelRef| label.id == named || is_word(&label.name, named);
        let label = team.and_then(|team| team.labels.iter().find(called)).cloned();
        if label.is_none() {
            host::log::warn(&format!("the team has no label {named}"));
        }
        Ok(label)
    }
}
