//! Moving issues to the newest version of a workflow: a beginning, batches, an end, or its being called off.
//!
//! What is left to do follows from the issues themselves, so a migration goes on after any interruption where it stopped.
//! No guards judge and no effects follow: the issues do not move on, the ground under them does.

use super::{changed, managed, to_save};
use crate::access::Action;
use crate::command::issue::{end_approvals, resolution_after, state_change};
use crate::command::{Command, IssueRef, Reads, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Actor, Change, IssueChange, Subject};
use crate::id::{IssueId, StateId, WorkflowId};
use crate::model::{Issue, Migration, MigrationEnd, StateMapping, Workflow};
use crate::time::Timestamp;
use crate::workflow::Flow;

/// States that one map can speak of.
const MAP_MAX: usize = 1_000;

/// Begins to move the issues of all teams and kinds that a workflow is for, and that follow something else, to its newest
/// version. [`Engine::migrate_workflow`](crate::Engine::migrate_workflow) begins it and sees to the rest.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct StartMigration {
    /// To the newest version of which workflow.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of the workflow's row that it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// Where issues in other states than those of the newest version go.
    #[n(2)]
    pub map: Vec<StateMapping>,
    /// The issues that there are to move. Counted by the engine, and no part of what is asked.
    #[cbor(skip)]
    pub strays: StrayCounts,
}

/// How many issues are to be moved to the newest version of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StrayCounts {
    /// All of them.
    pub total: u64,
    /// Those in states that the newest version lacks, state by state.
    pub missing: Vec<(StateId, u64)>,
}

impl Command for StartMigration {
    fn operation(&self) -> &'static str {
        "workflowMigrate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        let before = permit.resource();
        world.expect_version(&format!("workflow {}", before.name), self.if_version, before.version)?;
        if before.migration.is_some() {
            let message = "issues are on their way to the newest version already: wait until they are there, or call that off with workflowMigrationCancel";
            return Err(Error::conflict(message));
        }
        self.fits(world, before)?;
        self.leaves_none(world)?;
        let mut draft = Draft::new();
        if self.strays.total == 0 {
            draft.answer_with(Subject::Workflow(before.id));
            return Ok(draft);
        }
        let (map, total) = (self.map.clone(), self.strays.total);
        let (key, operator) = match world.cx.principal.actor() {
            Actor::Key(key, _) => (Some(key), None),
            Actor::Root(operator) => (None, Some(operator)),
            Actor::Member(_) | Actor::System | Actor::Plugin(_) => (None, None),
        };
        let migration = Migration { map, total, by: permit.by(), started_at: world.now, key, operator };
        let after = Workflow { migration: Some(Box::new(migration)), ..Workflow::clone(before) };
        draft.save_workflow(to_save(world, before)?, changed(world, after));
        Ok(draft)
    }
}

impl StartMigration {
    fn fits(&self, world: &World<'_>, workflow: &Workflow) -> Result<()> {
        if self.map.len() > MAP_MAX {
            return Err(Error::invalid("stateMap", format!("a map speaks of at most {MAP_MAX} states")));
        }
        for (index, StateMapping { from, to }) in self.map.iter().enumerate() {
            let field = |end: &str| format!("stateMap[{index}].{end}");
            if world.directory.state(*from).is_none() {
                return Err(Error::not_found(format!("state {from}")).with_field(field("from")));
            }
            if workflow.state(*to).is_none() {
                let message = format!("state {to} is not one of the workflow `{}`", workflow.name);
                return Err(Error::invalid(field("to"), message));
            }
            if self.map.iter().take(index).any(|other| other.from == *from) {
                return Err(Error::invalid(field("from"), "the map speaks of this state twice"));
            }
        }
        Ok(())
    }

    /// Refuses when issues are in states that the newest version lacks and the map does not speak of.
    fn leaves_none(&self, world: &World<'_>) -> Result<()> {
        let mapped = |state| self.map.iter().any(|step| step.from == state);
        let Some((state, count)) = self.strays.missing.iter().find(|(state, _)| !mapped(*state)) else {
            return Ok(());
        };
        let name = world.directory.state(*state).map_or("?", |state| state.name.as_str());
        let message = format!(
            "{count} issues are in `{name}` ({state}), which the newest version does not have: say which state they go to"
        );
        Err(Error::invalid("stateMap", message))
    }
}

/// Moves some issues, as the migration that is under way says. What is there already, or is not meant any more, stays.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct MigrateIssues {
    #[n(0)]
    pub(crate) workflow: WorkflowId,
    #[n(1)]
    pub(crate) issues: Vec<IssueId>,
}

impl Command for MigrateIssues {
    fn operation(&self) -> &'static str {
        "workflowMigrateIssues"
    }

    fn reads(&self) -> Reads {
        Reads { issues: self.issues.iter().map(|id| IssueRef::Id(*id)).collect(), ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        let workflow = permit.resource();
        let mut draft = Draft::new();
        let Some(migration) = &workflow.migration else { return Ok(draft) };
        let actor = began(migration);
        for id in &self.issues {
            let Some(issue) = world.issues.get(id) else { continue };
            let changes = moved(world, issue, Flow::newest(workflow), migration)?;
            if changes.is_empty() {
                continue;
            }
            let permit = world.policy.authorize(Action::ManageWorkflows, issue.clone(), None)?;
            draft.update_issue(permit, changes);
            draft.happened(world.now, actor);
        }
        Ok(draft)
    }
}

/// What changes of an issue; nothing when it is where it should be, or the map does not say where it goes.
fn moved(world: &World<'_>, issue: &Issue, to: Flow<'_>, migration: &Migration) -> Result<Vec<IssueChange>> {
    let mut changes = Vec::new();
    let from = world.flow(issue)?;
    let due = world.directory.team(issue.team).map(|team| team.workflow_for(issue.kind));
    if from.id() == to.id() || due != Some(to.workflow().id) {
        return Ok(changes);
    }
    let Some(state) = to.state(migration.target(issue.state).unwrap_or(issue.state)) else {
        return Ok(changes);
    };
    if state.id != issue.state {
        changes.push(state_change(issue, state));
        let resolution = resolution_after(issue, state.category, None)?;
        if resolution != issue.resolution {
            changes.push(IssueChange::Resolution(Change { from: issue.resolution, to: resolution }));
        }
    }
    changes.push(IssueChange::Flow {
        workflow: Change { from: from.workflow().id, to: to.workflow().id },
        version: Change { from: issue.workflow_version, to: to.mark() },
    });
    // What was approved was approved by the rules of another version.
    end_approvals(issue, &mut changes);
    Ok(changes)
}

/// Who began a migration: it is in their name that issues are moved.
fn began(migration: &Migration) -> Actor {
    match (migration.operator, migration.by, migration.key) {
        (Some(operator), ..) => Actor::Root(operator),
        (None, Some(member), Some(key)) => Actor::Key(key, member),
        (None, Some(member), None) => Actor::Member(member),
        (None, None, _) => Actor::System,
    }
}

/// Says that no issue is left that can be moved.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct FinishMigration {
    #[n(0)]
    pub(crate) workflow: WorkflowId,
    /// The migration that was seen to be at its end; one that began at another time goes on.
    #[n(1)]
    pub(crate) started_at: Timestamp,
    /// Issues that could not be moved.
    #[n(2)]
    pub(crate) left: u64,
}

impl Command for FinishMigration {
    fn operation(&self) -> &'static str {
        "workflowMigrateFinish"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        let before = permit.resource();
        let mut draft = Draft::new();
        let ended = before.migration.as_ref().filter(|migration| migration.started_at == self.started_at);
        let Some(migration) = ended else { return Ok(draft) };
        let after = Workflow { migration: None, ..Workflow::clone(before) };
        let end = MigrationEnd { canceled: false, left: self.left };
        draft.end_migration(to_save(world, before)?, changed(world, after), end);
        draft.happened(world.now, began(migration));
        Ok(draft)
    }
}

/// Calls off the moving of issues to the newest version of a workflow: those that were moved stay there, the others where
/// they are. Where none are being moved, nothing happens.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CancelMigration {
    /// To the newest version of which workflow.
    #[n(0)]
    pub workflow: WorkflowId,
    /// The version of the workflow's row that it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
}

impl Command for CancelMigration {
    fn operation(&self) -> &'static str {
        "workflowMigrationCancel"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = managed(world, self.workflow)?;
        let before = permit.resource();
        world.expect_version(&format!("workflow {}", before.name), self.if_version, before.version)?;
        let mut draft = Draft::new();
        if before.migration.is_none() {
            draft.answer_with(Subject::Workflow(before.id));
            return Ok(draft);
        }
        let after = Workflow { migration: None, ..Workflow::clone(before) };
        let end = MigrationEnd { canceled: true, left: 0 };
        draft.end_migration(to_save(world, before)?, changed(world, after), end);
        Ok(draft)
    }
}
