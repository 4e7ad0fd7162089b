//! What a version of a workflow shall say, as callers write it: states by their keys, moves between keys.
//!
//! What is read here is well formed: within its bounds, each name once, moves between states that are there. Whether
//! issues can follow it is judged when it is published.

use crate::command::{World, text};
use crate::error::{Error, Result};
use crate::id::StateId;
use crate::model::{
    ApprovalRule, Effect, Guard, StateCategory, WorkflowState, WorkflowTransition, WorkflowVersion,
};

/// Characters of a state's key.
const KEY_CHARS_MAX: usize = 32;

/// The largest limit for the issues in a state.
const WIP_LIMIT_MAX: u32 = 10_000;

/// Members that can be asked to approve one move.
const APPROVALS_MAX: u32 = 20;

/// Milliseconds of the longest time that an issue can be kept in a state: a year.
const TIME_IN_STATE_MAX_MS: i64 = 366 * 24 * 60 * 60 * 1000;

/// Days until an effect can let an issue be due.
const DUE_IN_DAYS_MAX: u16 = 3_660;

/// The largest estimate, in points.
const ESTIMATE_MAX: u32 = 10_000;

/// The states and moves of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode)]
pub struct WorkflowContent {
    /// The states, in the order in which boards show them.
    #[n(0)]
    pub states: Vec<NewState>,
    /// The key of the state of new issues.
    #[n(1)]
    pub initial: String,
    /// The moves.
    #[n(2)]
    pub transitions: Vec<NewTransition>,
}

/// A state of a version. One that has the key of an earlier version's state is that state.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct NewState {
    /// What versions know it by: a letter a to z, then letters, digits and `_`, at most 32.
    #[n(0)]
    pub key: String,
    /// How it is shown; unique in the version, whatever its case.
    #[n(1)]
    pub name: String,
    /// What it means.
    #[n(2)]
    pub category: StateCategory,
    /// `#rrggbb`; one that goes with the category unless said.
    #[n(3)]
    pub color: Option<String>,
    /// How many issues should be in it at once.
    #[n(4)]
    pub wip_limit: Option<u32>,
}

/// A move of a version.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct NewTransition {
    /// How it is shown.
    #[n(0)]
    pub name: Option<String>,
    /// The key of the state that is left; none means any.
    #[n(1)]
    pub from: Option<String>,
    /// The key of the state that is entered.
    #[n(2)]
    pub to: String,
    /// What must hold before it.
    #[n(3)]
    pub guards: Vec<Guard>,
    /// What follows from it, in order.
    #[n(4)]
    pub effects: Vec<Effect>,
    /// Who must have approved it.
    #[n(5)]
    pub approvals: Option<ApprovalRule>,
}

/// Content that was read.
pub(super) struct Content {
    pub(super) states: Vec<WorkflowState>,
    pub(super) initial: StateId,
    pub(super) transitions: Vec<WorkflowTransition>,
}

impl WorkflowContent {
    /// Reads it; `known` says which state has a key already.
    pub(super) fn read(&self, world: &World<'_>, known: impl Fn(&str) -> Option<StateId>) -> Result<Content> {
        let (states_max, moves_max) =
            (world.limits.workflow_states_max, world.limits.workflow_transitions_max);
        if self.states.is_empty() || self.states.len() > states_max {
            return Err(Error::invalid("states", format!("a workflow has 1 to {states_max} states")));
        }
        if self.transitions.len() > moves_max {
            return Err(Error::invalid("transitions", format!("a workflow lists at most {moves_max} moves")));
        }
        let mut states: Vec<WorkflowState> = Vec::with_capacity(self.states.len());
        for (index, new) in self.states.iter().enumerate() {
            let state = new.read(world, &known, &states).map_err(|error| within("states", index, error))?;
            states.push(state);
        }
        let initial = id_of(&states, &self.initial).map_err(|error| error.with_field("initial"))?;
        let mut transitions: Vec<WorkflowTransition> = Vec::with_capacity(self.transitions.len());
        for (index, new) in self.transitions.iter().enumerate() {
            let step = new.read(world, &states, &transitions);
            transitions.push(step.map_err(|error| within("transitions", index, error))?);
        }
        Ok(Content { states, initial, transitions })
    }
}

/// Refuses a version that takes too many bytes.
pub(super) fn bounded(world: &World<'_>, version: &WorkflowVersion) -> Result<()> {
    let bytes = minicbor::to_vec(version).map_err(|error| Error::internal(error.to_string()))?.len();
    let max = world.limits.workflow_bytes_max;
    if bytes > max {
        let message =
            format!("the workflow takes {bytes} bytes: at most {max} are allowed; give it fewer rules");
        return Err(Error::invalid("transitions", message));
    }
    Ok(())
}

/// An error about the item of a list.
fn within(list: &str, index: usize, error: Error) -> Error {
    let field = match error.field() {
        Some(field) => format!("{list}[{index}].{field}"),
        None => format!("{list}[{index}]"),
    };
    error.with_field(field)
}

fn id_of(states: &[WorkflowState], key: &str) -> Result<StateId> {
    let found = states.iter().find(|state| state.key() == key.trim()).map(|state| state.id);
    found.ok_or_else(|| {
        let shown: String = key.chars().take(KEY_CHARS_MAX).collect();
        Error::invalid("key", format!("there is no state with the key `{shown}` among the states"))
    })
}

impl NewState {
    fn read(
        &self,
        world: &World<'_>,
        known: impl Fn(&str) -> Option<StateId>,
        before: &[WorkflowState],
    ) -> Result<WorkflowState> {
        let key = key(&self.key)?;
        let name = text::line("name", "the state's name", &self.name, world.limits.name_chars_max)?;
        if before.iter().any(|other| other.key() == key) {
            return Err(Error::invalid("key", format!("two states have the key `{key}`")));
        }
        let folded = name.to_lowercase();
        if before.iter().any(|other| other.name.to_lowercase() == folded) {
            return Err(Error::invalid("name", format!("two states are called `{name}`")));
        }
        if self.wip_limit.is_some_and(|limit| !(1..=WIP_LIMIT_MAX).contains(&limit)) {
            let message = format!("a limit for the issues in a state lies between 1 and {WIP_LIMIT_MAX}");
            return Err(Error::invalid("wipLimit", message));
        }
        Ok(WorkflowState {
            id: known(&key).unwrap_or_else(StateId::generate),
            name,
            category: self.category,
            color: self.color.as_deref().map_or_else(
                || Ok(usual_color(self.category).to_owned()),
                |color| text::color("color", color),
            )?,
            key: Some(key),
            wip_limit: self.wip_limit,
        })
    }
}

fn key(text: &str) -> Result<String> {
    let key = text.trim();
    let shape = (1..=KEY_CHARS_MAX).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && key.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if shape {
        return Ok(key.to_owned());
    }
    let message = format!(
        "a state's key is a letter a to z and then letters, digits and `_`, at most {KEY_CHARS_MAX}, such as in_review"
    );
    Err(Error::invalid("key", message))
}

const fn usual_color(category: StateCategory) -> &'static str {
    match category {
        StateCategory::Triage => "#f2994a",
        StateCategory::Backlog => "#bec2c8",
        StateCategory::Unstarted => "#5e6ad2",
        StateCategory::Started => "#f2c94c",
        StateCategory::Completed => "#4cb782",
        StateCategory::Canceled => "#8a8f98",
    }
}

impl NewTransition {
    fn read(
        &self,
        world: &World<'_>,
        states: &[WorkflowState],
        before: &[WorkflowTransition],
    ) -> Result<WorkflowTransition> {
        let from = self.from.as_deref().map(|key| id_of(states, key));
        let from = from.transpose().map_err(|error| error.with_field("from"))?;
        let to = id_of(states, &self.to).map_err(|error| error.with_field("to"))?;
        if from == Some(to) {
            return Err(Error::invalid("to", "a move leads to another state than the one it leaves"));
        }
        if before.iter().any(|other| (other.from, other.to) == (from, to)) {
            let message = "there is a move between these states already: one move has all the rules";
            return Err(Error::invalid("to", message));
        }
        let max = world.limits.transition_rules_max;
        for (field, rules) in [("guards", self.guards.len()), ("effects", self.effects.len())] {
            if rules > max {
                return Err(Error::invalid(field, format!("a move has at most {max} {field}")));
            }
        }
        if self.effects.iter().filter(|effect| matches!(effect, Effect::Comment(_))).count() > 1 {
            return Err(Error::invalid("effects", "a move writes at most one comment"));
        }
        let name = self.name.as_deref();
        let name = name.map(|name| text::line("name", "the move's name", name, world.limits.name_chars_max));
        let guards = self.guards.iter().map(guard).collect::<Result<Vec<_>>>();
        let effects = self.effects.iter().map(|e| effect(world, e)).collect::<Result<_>>();
        Ok(WorkflowTransition {
            from,
            to,
            name: name.transpose()?,
            guards: guards.and_then(all_different).map_err(|error| error.with_field("guards"))?,
            effects: effects.map_err(|error| error.with_field("effects"))?,
            approvals: self.approvals.as_ref().map(approvals).transpose()?,
        })
    }
}

/// The values of a list, each once, in order; none is refused.
fn each_once<T: Copy + Ord>(what: &str, values: &[T]) -> Result<Vec<T>> {
    let mut list = values.to_vec();
    list.sort_unstable();
    list.dedup();
    if list.is_empty() {
        return Err(Error::invalid("guards", format!("a rule about {what} names at least one")));
    }
    Ok(list)
}

/// Refuses a rule that is said twice: it would be judged twice, and tell its reason twice.
fn all_different(guards: Vec<Guard>) -> Result<Vec<Guard>> {
    let twice = guards.iter().enumerate().any(|(n, guard)| guards.iter().take(n).any(|other| other == guard));
    if twice {
        return Err(Error::invalid("guards", "a move has the same guard twice: once is enough"));
    }
    Ok(guards)
}

fn guard(guard: &Guard) -> Result<Guard> {
    Ok(match guard {
        Guard::Role(roles) => Guard::Role(each_once("roles", roles)?),
        Guard::Actor(parties) => Guard::Actor(each_once("who may move it", parties)?),
        Guard::Fields(fields) => Guard::Fields(each_once("fields", fields)?),
        Guard::TimeInState { at_least_ms } if !(1..=TIME_IN_STATE_MAX_MS).contains(at_least_ms) => {
            return Err(Error::invalid("guards", "a time in a state lies between a millisecond and a year"));
        }
        other => other.clone(),
    })
}

fn effect(world: &World<'_>, effect: &Effect) -> Result<Effect> {
    match effect {
        Effect::Estimate(Some(to)) if *to > ESTIMATE_MAX => {
            Err(Error::invalid("effects", format!("an estimate is at most {ESTIMATE_MAX}")))
        }
        Effect::DueIn(Some(days)) if *days > DUE_IN_DAYS_MAX => {
            Err(Error::invalid("effects", format!("a due date is at most {DUE_IN_DAYS_MAX} days ahead")))
        }
        Effect::Comment(body) => {
            let max = world.limits.effect_comment_bytes_max;
            let body = text::body("effects", "the comment", Some(body), max)?;
            body.map(Effect::Comment).ok_or_else(|| Error::invalid("effects", "the comment is empty"))
        }
        other => Ok(other.clone()),
    }
}

fn approvals(rule: &ApprovalRule) -> Result<ApprovalRule> {
    if !(1..=APPROVALS_MAX).contains(&rule.count) {
        let message = format!("a move takes 1 to {APPROVALS_MAX} approvals");
        return Err(Error::invalid("approvals.count", message));
    }
    let roles = each_once("approval", &rule.roles).map_err(|error| error.with_field("approvals.roles"))?;
    Ok(ApprovalRule { count: rule.count, roles })
}
