//! Who did the work once, as the history of issues tells.

use crate::settings::{Settings, Worker};
use bundled_common::in_states;
use mortise_sdk::prelude::*;

/// Issues of a board that are looked up: one question names them all, and a query has 4,096 bytes.
const BOARD: usize = 80;
/// Different teams of a board whose review states are looked up.
const TEAMS: usize = 10;

/// Whether who asks has worked on the issue before.
pub(crate) fn worked_before(settings: &Settings, call: &Call, issue: &Issue) -> Result<bool, Error> {
    let Some(past) = past(settings, call, &[issue])? else { return Ok(false) };
    Ok(host::issues::count(&format!("id:{} {past}", issue.id))? > 0)
}

/// Those of a board's issues that who asks has worked on before. Of a longer board only the first are looked up; a move of
/// the others is judged when it is tried.
pub(crate) fn worked_on(settings: &Settings, call: &Call, issues: &[&Issue]) -> Result<Vec<String>, Error> {
    let issues: Vec<&Issue> = issues.iter().copied().take(BOARD).collect();
    let Some(past) = past(settings, call, &issues)? else { return Ok(Vec::new()) };
    let ids: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
    let page = host::issues::query(&format!("id:{} {past}", ids.join(",")), 100, None)?;
    Ok(page.items.into_iter().map(|issue| issue.id).collect())
}

/// The question whether who asks has worked on an issue; none when the past does not count.
fn past(settings: &Settings, call: &Call, issues: &[&Issue]) -> Result<Option<String>, Error> {
    let me = &call.actor.id;
    if me.is_empty() || issues.is_empty() {
        return Ok(None);
    }
    let mut parts = Vec::new();
    if settings.counts(Worker::PastAssignees) {
        parts.push(format!("was:(assignee={me})"));
    }
    if settings.counts(Worker::Submitter) {
        let states = review_states(settings, issues)?;
        if !states.is_empty() {
            parts.push(format!("changed:(state to:{} by:{me})", states.join(",")));
        }
    }
    Ok((!parts.is_empty()).then(|| format!("({})", parts.join(" OR "))))
}

/// Ids of the review states of the issues' teams.
fn review_states(settings: &Settings, issues: &[&Issue]) -> Result<Vec<String>, Error> {
    let mut teams: Vec<&str> = issues.iter().map(|issue| issue.team.as_str()).collect();
    teams.sort_unstable();
    teams.dedup();
    let mut states = Vec::new();
    for team in teams.into_iter().take(TEAMS) {
        let team = host::issues::team(team)?;
        let review = team.states.into_iter().filter(|state| in_states(state, &settings.review_states, &[]));
        states.extend(review.map(|state| state.id));
    }
    states.sort_unstable();
    states.dedup();
    Ok(states)
}
