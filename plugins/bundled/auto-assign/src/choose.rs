//! Which of a rule's people gets the issue.

use crate::rota::{self, Turn};
use crate::settings::{Pick, Rule, Settings};
use mortise_sdk::prelude::*;

/// People of one rule that are asked for: two host calls each stay below the 50 of a workflow hook.
const PEOPLE: usize = 15;

/// The id of whoever gets the issue; none when nobody is there.
pub(crate) fn choose(settings: &Settings, rule: &Rule, call: &Call) -> Result<Option<String>, Error> {
    let turn = rota::turn(&settings.rota, &call.now, &call.time_zone);
    let first = if rule.pick == Pick::First { 0 } else { turn.begins(rule.people.len().min(PEOPLE)) };
    let people: Vec<&String> = rule.people.iter().take(PEOPLE).collect();
    let (behind, before) = people.split_at(first.min(people.len()));
    let in_order = before.iter().chain(behind);
    let mut least: Option<(u32, String)> = None;
    for named in in_order {
        let Some(member) = present(settings, named, turn)? else { continue };
        if rule.pick != Pick::Load {
            return Ok(Some(member.id));
        }
        let open = host::issues::count(&format!("assignee:{} is:open", member.id))?;
        if rule.most.is_some_and(|most| open >= most) {
            continue;
        }
        // Of those with equally little to do the first in the rota gets it.
        if least.as_ref().is_none_or(|(fewest, _)| open < *fewest) {
            least = Some((open, member.id));
        }
    }
    Ok(least.map(|(_, id)| id))
}

/// The member who is called so, if they are there today.
fn present(settings: &Settings, named: &str, turn: Turn) -> Result<Option<Member>, Error> {
    if settings.is_away(named, turn.today) {
        return Ok(None);
    }
    match host::issues::member(named) {
        Ok(member) => {
            let there = member.active
                && !settings.is_away(&member.handle, turn.today)
                && !settings.is_away(&member.id, turn.today);
            Ok(there.then_some(member))
        }
        // Somebody whom whoever asks does not see, or who never was.
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
