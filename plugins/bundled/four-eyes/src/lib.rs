//! Whoever did the work may not be the one who passes it.
//!
//! Pure: who submitted an issue is found in its history, by the query language, so nothing has to be remembered here.

mod history;
mod settings;
#[cfg(test)]
mod tests;

use bundled_common::{clip, in_states};
use mortise_sdk::prelude::*;
use settings::{Settings, Worker};

/// What the host asks.
pub struct Plugin;

/// The longest message a denial may have, in characters.
const MESSAGE: usize = 500;

impl WorkflowPlugin for Plugin {
    fn validate(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        let (from, changes) = match proposal {
            Proposal::Create => (None, [].as_slice()),
            Proposal::Transition(transition) => (Some(&transition.from), transition.changes.as_slice()),
            Proposal::Update(_) | Proposal::Comment(_) => return Ok(Verdict::Allow),
        };
        let settings = Settings::read()?;
        if settings.passes_freely(call, issue) || !settings.guards(&issue.state) {
            return Ok(Verdict::Allow);
        }
        if from.is_some_and(|from| settings.guards(from)) {
            // From one passed state to another: it was passed before.
            return Ok(Verdict::Allow);
        }
        let worked = works_now(&settings, call, issue)
            || worked_until_now(&settings, call, changes)
            || (from.is_some() && history::worked_before(&settings, call, issue)?);
        if worked {
            return Ok(deny(&own_work(&issue.state), "state"));
        }
        if !may_pass(&settings, call)? {
            return Ok(deny(&not_among(&settings, &issue.state), "state"));
        }
        Ok(Verdict::Allow)
    }

    fn next_states(
        call: &Call,
        issues: &[Issue],
        candidates: &[Vec<StateRef>],
    ) -> Result<Vec<Vec<NextState>>, Error> {
        let settings = Settings::read()?;
        let asked: Vec<&Issue> = issues
            .iter()
            .filter(|issue| !settings.passes_freely(call, issue) && !settings.guards(&issue.state))
            .collect();
        let among = asked.is_empty() || may_pass(&settings, call)?;
        let before = if among { history::worked_on(&settings, call, &asked)? } else { Vec::new() };
        let why_not = |issue: &Issue, to: &StateRef| {
            if !settings.guards(to) || !asked.iter().any(|other| other.id == issue.id) {
                None
            } else if !among {
                Some(not_among(&settings, to))
            } else if works_now(&settings, call, issue) || before.contains(&issue.id) {
                Some(own_work(to))
            } else {
                None
            }
        };
        let of = |issue: &Issue, states: &Vec<StateRef>| {
            let next = states.iter().map(|state| {
                let why_not = why_not(issue, state);
                NextState { state: state.clone(), enabled: why_not.is_none(), why_not }
            });
            next.collect()
        };
        Ok(issues.iter().zip(candidates).map(|(issue, states)| of(issue, states)).collect())
    }
}

impl Settings {
    fn guards(&self, state: &StateRef) -> bool {
        if self.states.is_empty() && self.categories.is_empty() {
            return state.category == Category::Completed;
        }
        in_states(state, &self.states, &self.categories)
    }

    /// Whether nobody is asked: other issues, and what no person does.
    fn passes_freely(&self, call: &Call, issue: &Issue) -> bool {
        let actor = match call.actor.kind {
            ActorKind::Importer | ActorKind::Operator | ActorKind::System => true,
            ActorKind::Plugin => self.plugins_pass,
            ActorKind::Member | ActorKind::ApiKey | ActorKind::Unknown => false,
        };
        actor || !self.only.fits(issue)
    }
}

/// Whether who asks is one of those who work on the issue as it stands.
fn works_now(settings: &Settings, call: &Call, issue: &Issue) -> bool {
    let me = &call.actor.id;
    (settings.counts(Worker::Assignees) && issue.assignees.contains(me))
        || (settings.counts(Worker::Creator) && issue.creator == *me)
}

/// Whether who asks was assigned until this very change: nobody passes their own work by letting go of it.
fn worked_until_now(settings: &Settings, call: &Call, changes: &[Change]) -> bool {
    let had =
        changes.iter().filter(|change| change.key == "assignees").filter_map(|change| change.before.as_ref());
    settings.counts(Worker::Assignees)
        && had.into_iter().any(|before| match before {
            Value::References(people) => people.contains(&call.actor.id),
            Value::Reference(one) => *one == call.actor.id,
            _ => false,
        })
}

/// Whether who asks is among those who may pass anything.
fn may_pass(settings: &Settings, call: &Call) -> Result<bool, Error> {
    if settings.approver_teams.is_empty() && settings.approver_roles.is_empty() {
        return Ok(true);
    }
    if settings.approver_roles.iter().any(|role| role.eq_ignore_ascii_case(&call.actor.role)) {
        return Ok(true);
    }
    for named in &settings.approver_teams {
        if call.actor.teams.contains(named) {
            return Ok(true);
        }
        match host::issues::team(named) {
            Ok(team) if call.actor.teams.contains(&team.id) => return Ok(true),
            // A team that whoever asks does not see is not one of theirs.
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn own_work(to: &StateRef) -> String {
    format!(
        "whoever did the work does not pass it: ask somebody else to move it to \u{201c}{}\u{201d}",
        to.name
    )
}

fn not_among(settings: &Settings, to: &StateRef) -> String {
    let mut who = Vec::new();
    if !settings.approver_teams.is_empty() {
        who.push(format!("members of {}", settings.approver_teams.join(", ")));
    }
    if !settings.approver_roles.is_empty() {
        who.push(format!("the roles {}", settings.approver_roles.join(", ")));
    }
    clip(&format!("only {} may move it to \u{201c}{}\u{201d}", who.join(" or "), to.name), MESSAGE)
}

fn deny(message: &str, field: &str) -> Verdict {
    let fields = vec![FieldError { key: field.to_owned(), message: message.to_owned() }];
    Verdict::Deny(Denial { message: message.to_owned(), fields })
}

mortise_sdk::register!(Plugin: workflow);
