//! Making an issue.

use super::moving::{self, Decided};
use super::update::deltas;
use super::{IssuePatch, IssueRef, confidential, fields};
use crate::access::Action;
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::IssueChange;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{Issue, IssueKind, Priority, Seq, Team, WorkflowState, WorkflowTransition};
use crate::time::{CalendarDate, Timestamp};
use crate::workflow::Flow;
use std::sync::Arc;

/// Makes an issue in a team.
///
/// # Examples
///
/// ```
/// use mortise_engine::command::issue::CreateIssue;
/// use mortise_engine::id::TeamId;
/// let command = CreateIssue { title: "Login fails".into(), ..CreateIssue::in_team(TeamId::generate()) };
/// assert_eq!(command.title, "Login fails");
/// ```
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct CreateIssue {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<IssueId>,
    /// The team it belongs to.
    #[n(1)]
    pub team: TeamId,
    /// One line, 1 to 512 characters.
    #[n(2)]
    pub title: String,
    /// Markdown, at most 256 KiB.
    #[n(3)]
    pub description: Option<String>,
    /// What kind of work it is; a task unless said.
    #[n(4)]
    pub kind: Option<IssueKind>,
    /// The state; the workflow's initial one unless said.
    #[n(5)]
    pub state: Option<StateId>,
    /// How pressing it is; none unless said.
    #[n(6)]
    pub priority: Option<Priority>,
    /// Who works on it; the first leads.
    #[n(7)]
    pub assignees: Vec<MemberId>,
    /// Its labels.
    #[n(8)]
    pub labels: Vec<LabelId>,
    /// The issue it is a part of.
    #[n(9)]
    pub parent: Option<IssueRef>,
    /// Its size, in points.
    #[n(10)]
    pub estimate: Option<u32>,
    /// The day work is meant to start.
    #[n(11)]
    pub start_date: Option<CalendarDate>,
    /// The day it is due.
    #[n(12)]
    pub due_date: Option<CalendarDate>,
    /// Its place among its fellows; last unless said.
    #[n(13)]
    pub rank: Option<String>,
    /// Whether only those who make it, work on it or are named see it, and super admins.
    #[n(14)]
    pub confidential: bool,
    /// Who is named to see it, when it is confidential.
    #[n(15)]
    pub participants: Vec<MemberId>,
}

impl CreateIssue {
    /// An issue of this team with nothing said yet; the title must follow.
    #[must_use]
    pub const fn in_team(team: TeamId) -> Self {
        Self {
            id: None,
            team,
            title: String::new(),
            description: None,
            kind: None,
            state: None,
            priority: None,
            assignees: Vec::new(),
            labels: Vec::new(),
            parent: None,
            estimate: None,
            start_date: None,
            due_date: None,
            rank: None,
            confidential: false,
            participants: Vec::new(),
        }
    }
}

impl Command for CreateIssue {
    fn operation(&self) -> &'static str {
        "issueCreate"
    }

    fn reads(&self) -> Reads {
        Reads { issues: self.parent.clone().into_iter().collect(), ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let id = self.id.unwrap_or_else(|| world.circumstances.fresh_issue());
        if let Some(refusal) = world.circumstances.refusal(id) {
            return Err(refusal);
        }
        match world.circumstances.amendment(id) {
            Some(patch) => self.amended_by(world, patch)?.decide_as(world, id),
            None => self.decide_as(world, id),
        }
    }
}

impl CreateIssue {
    /// This issue, with what plugins amended.
    fn amended_by(&self, world: &World<'_>, patch: &IssuePatch) -> Result<Self> {
        let mut command = self.clone();
        command.kind = patch.kind.or(command.kind);
        command.priority = patch.priority.or(command.priority);
        if let Some(title) = &patch.title {
            command.title.clone_from(title);
        }
        if let Some(description) = &patch.description {
            command.description.clone_from(description);
        }
        let people = deltas(
            &self.assignees,
            patch.assignees.as_deref(),
            &patch.added_assignees,
            &patch.removed_assignees,
        );
        command.assignees = people.unwrap_or(command.assignees);
        let labels =
            deltas(&self.labels, patch.labels.as_deref(), &patch.added_labels, &patch.removed_labels);
        command.labels = labels.unwrap_or(command.labels);
        if let Some(parent) = &patch.parent {
            // It may be one that the command did not name, and so is looked up as who asks sees it.
            if let Some(parent) = parent {
                fields::parent(world, None, parent)?;
            }
            command.parent.clone_from(parent);
        }
        command.estimate = patch.estimate.unwrap_or(command.estimate);
        command.start_date = patch.start_date.unwrap_or(command.start_date);
        command.due_date = patch.due_date.unwrap_or(command.due_date);
        Ok(command)
    }

    fn decide_as(&self, world: &World<'_>, id: IssueId) -> Result<Draft> {
        let team = open_team(world, self.team)?;
        let flow = new_flow(world, &team, self.kind())?;
        let (state, listed) =
            crate::workflow::fit(&flow, flow.initial(), self.state.unwrap_or_else(|| flow.initial()))?;
        let permit = world.policy.authorize(Action::CreateIssue, team, None)?;
        let description = fields::description(world, self.description.as_deref())?;
        let mut draft = Draft::new();
        let Some(rules) = listed.filter(|listed| !listed.is_plain()) else {
            let issue = self.issue(world, permit.resource(), &flow, (id, state))?;
            draft.create_issue(permit, issue, description);
            return Ok(draft);
        };
        // A state behind rules is not where an issue can begin: it is made in the first, and then moved.
        let first = initial(&flow)?;
        let mut issue = self.issue(world, permit.resource(), &flow, (id, first))?;
        draft.create_issue(permit, issue.clone(), description.clone());
        issue.set_description(description.as_deref());
        self.enter(world, issue, rules, state)?.write(world, &mut draft)?;
        Ok(draft)
    }

    fn kind(&self) -> IssueKind {
        self.kind.unwrap_or(IssueKind::Task)
    }

    /// The move of a new issue into a state that has rules.
    fn enter(
        &self,
        world: &World<'_>,
        issue: Issue,
        rules: &WorkflowTransition,
        to: &WorkflowState,
    ) -> Result<Decided> {
        let permit = world.policy.authorize(Action::TransitionIssue, Arc::new(issue), None)?;
        let issue = permit.resource();
        let mut changes = vec![moving::state_change(issue, to)];
        let resolution = fields::resolution(to.category, None)?;
        fields::push(&mut changes, &issue.resolution, resolution, IssueChange::Resolution);
        let comments = moving::pass(world, issue, rules, to, &mut changes)?;
        Ok(Decided { permit, changes, comments })
    }

    fn issue(
        &self,
        world: &World<'_>,
        team: &Team,
        flow: &Flow<'_>,
        (id, state): (IssueId, &WorkflowState),
    ) -> Result<Issue> {
        if self.id.is_some() && world.index.contains(id) {
            return Err(Error::conflict(format!("there is an issue {id} already")).with_field("id"));
        }
        let number = world.index.max_number(team.id).checked_add(1);
        let mut issue = Issue {
            id,
            team: team.id,
            number: number.ok_or_else(|| Error::conflict("the team has used up its numbers"))?,
            title: fields::title(world, &self.title)?,
            kind: self.kind(),
            state: state.id,
            category: state.category,
            priority: self.priority.unwrap_or(Priority::None),
            assignees: fields::assignees(world, team, &self.assignees, &[])?,
            creator: world.policy.member().unwrap_or_else(crate::command::system_member),
            labels: fields::labels(world, team, &self.labels, &[])?,
            parent: self.parent.as_ref().map(|p| fields::parent(world, None, p)).transpose()?,
            estimate: self.estimate.map(fields::estimate).transpose()?,
            start_date: self.start_date,
            due_date: self.due_date,
            rank: self.rank.as_deref().map_or_else(|| Ok(rank_at(world.now)), fields::rank)?,
            resolution: fields::resolution(state.category, None)?,
            created_at: world.now,
            updated_at: world.now,
            triaged_at: None,
            started_at: None,
            completed_at: None,
            canceled_at: None,
            archived_at: None,
            deleted_at: None,
            reopen_count: 0,
            comment_count: 0,
            version: 1,
            last_event: Seq::default(),
            source: None,
            description_bytes: 0,
            description: None,
            relations: Vec::new(),
            past: crate::model::Past::default(),
            commenters: Vec::new(),
            state_since: None,
            confidential: confidential::of_new(world, team, self.confidential, &self.participants)?,
            workflow_version: flow.mark(),
            approvals: Vec::new(),
        };
        issue.enter(state.category, state.category, world.now);
        Ok(issue)
    }
}

/// The rank of an issue made at this time: after those made before it, for ranks grow with time.
pub(in crate::command) fn rank_at(at: Timestamp) -> String {
    format!("m{:011x}", at.millis().max(0))
}

/// A team whose issues can be changed.
pub(in crate::command) fn open_team(world: &World<'_>, id: TeamId) -> Result<Arc<Team>> {
    let missing = || Error::not_found(format!("team {id}")).with_field("teamId");
    let team = world.directory.team(id).ok_or_else(missing)?;
    if team.archived_at.is_some() {
        return Err(Error::rejected(format!("team {} is archived: its issues can be read only", team.key)));
    }
    Ok(team.clone())
}

/// What a new issue of this kind follows in a team.
pub(in crate::command) fn new_flow<'w>(
    world: &'w World<'_>,
    team: &Team,
    kind: IssueKind,
) -> Result<Flow<'w>> {
    Flow::for_new(world.directory, team, kind)
        .ok_or_else(|| Error::internal(format!("the workflow of team {} is not there", team.id)))
}

/// The state in which issues begin.
pub(in crate::command) fn initial<'w>(flow: &Flow<'w>) -> Result<&'w WorkflowState> {
    flow.state(flow.initial())
        .ok_or_else(|| Error::internal(format!("the workflow {} has no initial state", flow.workflow().id)))
}
