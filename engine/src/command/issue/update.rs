//! Changing an issue: any set of its fields at once.

use super::create::open_team;
use super::fields::push;
use super::moving::{self, Decided, Entering};
use super::retyped;
use super::{IssueRef, fields};
use crate::access::Action;
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::Result;
use crate::event::{Change, IssueChange};
use crate::id::{LabelId, MemberId, StateId};
use crate::model::{Issue, IssueKind, Priority, Resolution, Team};
use crate::time::CalendarDate;
use std::sync::Arc;

/// The fields to change. What is not said stays; an inner none takes the value away.
///
/// It is encoded as a map: there, a value that is taken away and one that is not spoken of are two requests.
#[derive(Debug, Clone, Default, PartialEq, minicbor::Encode)]
#[cbor(map)]
pub struct IssuePatch {
    /// The title.
    #[n(0)]
    pub title: Option<String>,
    /// The description.
    #[n(1)]
    pub description: Option<Option<String>>,
    /// What kind of work it is.
    #[n(2)]
    pub kind: Option<IssueKind>,
    /// The state to move to.
    #[n(3)]
    pub state: Option<StateId>,
    /// Why it is closed.
    #[n(4)]
    pub resolution: Option<Resolution>,
    /// How pressing it is.
    #[n(5)]
    pub priority: Option<Priority>,
    /// All who work on it; the first leads.
    #[n(6)]
    pub assignees: Option<Vec<MemberId>>,
    /// Those who join.
    #[n(7)]
    pub added_assignees: Vec<MemberId>,
    /// Those who leave.
    #[n(8)]
    pub removed_assignees: Vec<MemberId>,
    /// All its labels.
    #[n(9)]
    pub labels: Option<Vec<LabelId>>,
    /// Labels to add.
    #[n(10)]
    pub added_labels: Vec<LabelId>,
    /// Labels to take away.
    #[n(11)]
    pub removed_labels: Vec<LabelId>,
    /// The issue it is a part of.
    #[n(12)]
    pub parent: Option<Option<IssueRef>>,
    /// Its size, in points.
    #[n(13)]
    pub estimate: Option<Option<u32>>,
    /// The day work is meant to start.
    #[n(14)]
    pub start_date: Option<Option<CalendarDate>>,
    /// The day it is due.
    #[n(15)]
    pub due_date: Option<Option<CalendarDate>>,
    /// Its place among its fellows.
    #[n(16)]
    pub rank: Option<String>,
    /// Whether it is archived.
    #[n(17)]
    pub archived: Option<bool>,
    /// Whether it is confidential. Who makes it so and would not see it any more is named with it.
    #[n(18)]
    pub confidential: Option<bool>,
    /// All who are named to see it, while it is confidential.
    #[n(19)]
    pub participants: Option<Vec<MemberId>>,
    /// Those who are named beside them.
    #[n(20)]
    pub added_participants: Vec<MemberId>,
    /// Those who are named no more.
    #[n(21)]
    pub removed_participants: Vec<MemberId>,
}

/// Changes an issue.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct UpdateIssue {
    /// Which.
    #[n(0)]
    pub issue: IssueRef,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// What to change.
    #[n(2)]
    pub patch: IssuePatch,
    /// The operation's name: `issueUpdate`, `issueTransition`, `issueAssign` or `issueArchive`.
    #[n(3)]
    pub operation: Operation,
}

/// The names under which an issue is changed; they differ in nothing but the scope of idempotency keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, minicbor::Encode)]
#[cbor(index_only)]
pub enum Operation {
    /// Any fields.
    #[default]
    #[n(0)]
    Update,
    /// The state.
    #[n(1)]
    Transition,
    /// Who works on it.
    #[n(2)]
    Assign,
    /// In or out of the archive.
    #[n(3)]
    Archive,
}

impl Command for UpdateIssue {
    fn operation(&self) -> &'static str {
        match self.operation {
            Operation::Update => "issueUpdate",
            Operation::Transition => "issueTransition",
            Operation::Assign => "issueAssign",
            Operation::Archive => "issueArchive",
        }
    }

    fn reads(&self) -> Reads {
        let parent = self.patch.parent.clone().flatten();
        Reads { issues: [self.issue.clone()].into_iter().chain(parent).collect(), ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue)?;
        world.expect_version(&self.issue.to_string(), self.if_version, issue.version)?;
        let mut draft = Draft::new();
        self.patch.decide(world, issue)?.write(world, &mut draft)?;
        Ok(draft)
    }
}

impl IssuePatch {
    /// The changes that this patch makes to an issue, with leave to make them. Values that stay are no changes.
    pub(super) fn decide(&self, world: &World<'_>, issue: Arc<Issue>) -> Result<Decided> {
        if let Some(refusal) = world.circumstances.refusal(issue.id) {
            return Err(refusal);
        }
        let id = issue.id;
        let decided = match world.circumstances.amendment(id) {
            Some(patch) => self.clone().amended_by(patch.clone()).decide_alone(world, issue)?,
            None => self.decide_alone(world, issue)?,
        };
        match world.circumstances.refusal_of_comment(id) {
            Some(refusal) if !decided.comments.is_empty() => Err(refusal),
            _ => Ok(decided),
        }
    }

    /// This patch, with another upon it: a value that both say is the other's.
    #[must_use]
    pub(crate) fn amended_by(mut self, other: Self) -> Self {
        fn take<T>(to: &mut Option<T>, from: Option<T>) {
            if from.is_some() {
                *to = from;
            }
        }
        fn join<T: PartialEq>(to: &mut Vec<T>, against: &mut Vec<T>, from: Vec<T>) {
            against.retain(|item| !from.contains(item));
            from.into_iter().for_each(|item| {
                if !to.contains(&item) {
                    to.push(item);
                }
            });
        }
        take(&mut self.title, other.title);
        take(&mut self.description, other.description);
        take(&mut self.kind, other.kind);
        take(&mut self.state, other.state);
        take(&mut self.resolution, other.resolution);
        take(&mut self.priority, other.priority);
        take(&mut self.parent, other.parent);
        take(&mut self.estimate, other.estimate);
        take(&mut self.start_date, other.start_date);
        take(&mut self.due_date, other.due_date);
        if other.assignees.is_some() {
            self.assignees = other.assignees;
            (self.added_assignees, self.removed_assignees) = (Vec::new(), Vec::new());
        }
        if other.labels.is_some() {
            self.labels = other.labels;
            (self.added_labels, self.removed_labels) = (Vec::new(), Vec::new());
        }
        join(&mut self.added_assignees, &mut self.removed_assignees, other.added_assignees);
        join(&mut self.removed_assignees, &mut self.added_assignees, other.removed_assignees);
        join(&mut self.added_labels, &mut self.removed_labels, other.added_labels);
        join(&mut self.removed_labels, &mut self.added_labels, other.removed_labels);
        self
    }

    /// Puts what plugins amended beside a change that is none of an issue's fields, such as a comment, into its draft.
    pub(crate) fn amend_beside(&self, world: &World<'_>, issue: Arc<Issue>, draft: &mut Draft) -> Result<()> {
        self.decide_alone(world, issue)?.write(world, draft)
    }

    fn decide_alone(&self, world: &World<'_>, issue: Arc<Issue>) -> Result<Decided> {
        for action in self.actions() {
            world.policy.authorize(action, (), Some(issue.creator))?;
        }
        let permit = world.policy.authorize(Action::UpdateIssue, issue, None)?;
        let issue = permit.resource();
        let team = open_team(world, issue.team)?;
        let mut changes = Vec::new();
        self.texts(world, issue, &mut changes)?;
        let moved = self.flow(world, &team, issue, &mut changes)?;
        self.people_and_labels(world, &team, issue, &mut changes)?;
        self.plan(world, issue, &mut changes)?;
        self.audience(world, &team, issue, &mut changes)?;
        let comments = match &moved {
            Some(moved) => moved.pass(world, issue, &mut changes)?,
            None => Vec::new(),
        };
        if moved.is_some() {
            moving::end_approvals(issue, &mut changes);
        }
        Ok(Decided { permit, changes, comments })
    }

    fn actions(&self) -> impl Iterator<Item = Action> {
        let assigns = self.assignees.is_some()
            || !self.added_assignees.is_empty()
            || !self.removed_assignees.is_empty();
        [
            assigns.then_some(Action::AssignIssue),
            self.state.map(|_| Action::TransitionIssue),
            self.archived.map(|_| Action::ArchiveIssue),
        ]
        .into_iter()
        .flatten()
    }

    fn texts(&self, world: &World<'_>, issue: &Issue, changes: &mut Vec<IssueChange>) -> Result<()> {
        if let Some(title) = &self.title {
            let to = fields::title(world, title)?;
            push(changes, &issue.title, to, IssueChange::Title);
        }
        if let Some(description) = &self.description {
            let to = fields::description(world, description.as_deref())?;
            if !same_description(issue, to.as_deref()) {
                changes.push(IssueChange::Description { to, bytes_before: None });
            }
        }
        push_some(changes, &issue.kind, self.kind, IssueChange::Kind);
        push_some(changes, &issue.priority, self.priority, IssueChange::Priority);
        Ok(())
    }

    /// The state that it enters, when that is another, and the listed move that leads there; whether its rules let it pass
    /// is seen when all other changes are known.
    fn flow<'w>(
        &self,
        world: &'w World<'_>,
        team: &Team,
        issue: &Issue,
        changes: &mut Vec<IssueChange>,
    ) -> Result<Option<Entering<'w>>> {
        let moved = match self.kind.and_then(|kind| retyped::other_workflow(world, team, issue, kind)) {
            Some(to) => Some(retyped::enter(world, issue, to?, self.state, changes)?),
            None => self.moved(world, issue)?,
        };
        let to = moved.as_ref().map(|moved| moved.to);
        changes.extend(to.map(|to| moving::state_change(issue, to)));
        let category = to.map_or(issue.category, |to| to.category);
        let resolution = fields::resolution_after(issue, category, self.resolution)?;
        push(changes, &issue.resolution, resolution, IssueChange::Resolution);
        Ok(moved)
    }

    /// The state that it enters in what it follows.
    fn moved<'w>(&self, world: &'w World<'_>, issue: &Issue) -> Result<Option<Entering<'w>>> {
        let Some(to) = self.state.filter(|to| *to != issue.state) else { return Ok(None) };
        let (to, rules) = crate::workflow::fit(&world.flow(issue)?, issue.state, to)?;
        Ok(Some(Entering { to, rules, anew: None }))
    }

    fn people_and_labels(
        &self,
        world: &World<'_>,
        team: &Team,
        issue: &Issue,
        changes: &mut Vec<IssueChange>,
    ) -> Result<()> {
        let wanted = deltas(
            &issue.assignees,
            self.assignees.as_deref(),
            &self.added_assignees,
            &self.removed_assignees,
        );
        if let Some(wanted) = wanted {
            let to = fields::assignees(world, team, &wanted, &issue.assignees)?;
            push(changes, &issue.assignees, to, IssueChange::Assignees);
        }
        let wanted = deltas(&issue.labels, self.labels.as_deref(), &self.added_labels, &self.removed_labels);
        if let Some(wanted) = wanted {
            let to = fields::labels(world, team, &wanted, &issue.labels)?;
            push(changes, &issue.labels, to, IssueChange::Labels);
        }
        Ok(())
    }

    fn plan(&self, world: &World<'_>, issue: &Issue, changes: &mut Vec<IssueChange>) -> Result<()> {
        // Who does not see the parent reads none, and so says nothing of it by saying "none".
        let unseen = issue.parent.is_some_and(|parent| !world.sees(parent));
        if let Some(parent) = self.parent.as_ref().filter(|parent| parent.is_some() || !unseen) {
            let to = parent.as_ref().map(|p| fields::parent(world, Some(issue.id), p)).transpose()?;
            push(changes, &issue.parent, to, IssueChange::Parent);
        }
        if let Some(estimate) = self.estimate {
            push(
                changes,
                &issue.estimate,
                estimate.map(fields::estimate).transpose()?,
                IssueChange::Estimate,
            );
        }
        push_some(changes, &issue.start_date, self.start_date, IssueChange::StartDate);
        push_some(changes, &issue.due_date, self.due_date, IssueChange::DueDate);
        if let Some(rank) = &self.rank {
            push(changes, &issue.rank, fields::rank(rank)?, IssueChange::Rank);
        }
        if let Some(archived) = self.archived.filter(|a| *a != issue.archived_at.is_some()) {
            let to = archived.then_some(world.now);
            push(changes, &issue.archived_at, to, IssueChange::Archived);
        }
        Ok(())
    }
}

/// Whether the description is this text already. A long one is not at hand: then only none equals none.
fn same_description(issue: &Issue, to: Option<&str>) -> bool {
    match &issue.description {
        Some(text) => to == Some(text),
        None => issue.description_bytes == 0 && to.is_none(),
    }
}

fn push_some<T: Clone + PartialEq>(
    changes: &mut Vec<IssueChange>,
    from: &T,
    to: Option<T>,
    make: impl FnOnce(Change<T>) -> IssueChange,
) {
    if let Some(to) = to {
        push(changes, from, to, make);
    }
}

/// The list after setting, adding and removing; none when nothing was said about it.
pub(super) fn deltas<T: Copy + PartialEq>(
    now: &[T],
    set: Option<&[T]>,
    added: &[T],
    removed: &[T],
) -> Option<Vec<T>> {
    if set.is_none() && added.is_empty() && removed.is_empty() {
        return None;
    }
    let mut list = set.unwrap_or(now).to_vec();
    for item in added {
        if !list.contains(item) {
            list.push(*item);
        }
    }
    list.retain(|item| !removed.contains(item));
    Some(list)
}

impl UpdateIssue {
    /// A change of this issue, whatever its version.
    #[must_use]
    pub const fn new(issue: IssueRef, patch: IssuePatch) -> Self {
        Self { issue, if_version: None, patch, operation: Operation::Update }
    }
}
