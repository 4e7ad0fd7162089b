//! Teams: the object, and the queries for one and for all.

use super::filter::IssueFilter;
use super::issue::IssueNode;
use super::issue_query::page_of_issues;
use super::issue_sort::IssueSort;
use super::member::MemberNode;
use super::page::{self, PageArguments};
use super::scalar::DateTime;
use super::sight::Sight;
use super::wish::Wish;
use super::word::{IssueType, TeamRole};
use super::workflow::WorkflowNode;
use super::workflow_state::StateNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::filter::{Compare, TeamTest, Test};
use mortise_engine::id::{TeamId, WorkflowId};
use mortise_engine::model::{KindWorkflow, Team};
use mortise_engine::time::Timestamp;
use std::sync::Arc;

/// A team, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct TeamNode(pub(crate) Arc<Team>);

impl TeamNode {
    /// The team that a row names. It is always there; were it not, a stand-in is shown rather than no list at all.
    pub(crate) fn of(cx: &Snapshot, id: TeamId) -> Self {
        Self(cx.directory().team(id).cloned().unwrap_or_else(|| Arc::new(stand_in(id))))
    }

    pub(crate) fn id_of(&self) -> TeamId {
        self.0.id
    }
}

fn stand_in(id: TeamId) -> Team {
    Team {
        id,
        key: "?".to_owned(),
        name: "?".to_owned(),
        description: None,
        workflow: WorkflowId::from_uuid(id.uuid()),
        former_keys: Vec::new(),
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
        archived_at: None,
        version: 0,
        private: false,
        members: Vec::new(),
        by_kind: Vec::new(),
    }
}

/// Somebody who belongs to a team, as the API shows them.
#[derive(Debug, Clone)]
pub(crate) struct TeamMemberNode {
    member: MemberNode,
    role: TeamRole,
}

impl TeamMemberNode {
    fn all(cx: &Snapshot, team: &Team) -> Rows<Self> {
        let directory = cx.directory();
        let node = |of: &mortise_engine::model::TeamMember| {
            let member = MemberNode(directory.member(of.member)?.clone());
            Some(Self { member, role: of.role.into() })
        };
        team.members.iter().filter_map(node).collect()
    }
}

crate::lean_object! {
    /// Somebody who belongs to a team.
    "TeamMember" for TeamMemberNode, cx Snapshot {
        /// Who.
        "member" member: Row<MemberNode> = |of, _| Row(of.member.clone());
        /// What they are there.
        "role" role: TeamRole = |of, _| of.role;
    }
}

crate::lean_object! {
    /// A team: the owner of a numbered row of issues.
    "Team" for TeamNode, cx Snapshot {
        /// The global id, `team_…`.
        "id" id: Id<TeamId> = |team, _| Id(team.0.id);
        /// The first part of its issues' keys, such as `ENG`: 2 to 7 of A–Z and 0–9, a letter first.
        "key" key: &str = |team, _| team.0.key.as_str();
        /// How it is shown.
        "name" name: &str = |team, _| team.0.name.as_str();
        /// What it is for.
        "description" description: Option<&str> = |team, _| team.0.description.as_deref();
        /// The workflow that its new issues follow, those of `typeWorkflows` excepted.
        "workflow" workflow: Option<Row<WorkflowNode>> = |team, cx| {
            cx.directory().workflow(team.0.workflow).cloned().map(|workflow| Row(WorkflowNode::now(workflow)))
        };
        /// Types of issues that follow a workflow of their own.
        "typeWorkflows" type_workflows: Rows<TypeWorkflowNode> = |team, _| {
            team.0.by_kind.iter().copied().map(TypeWorkflowNode).collect()
        };
        /// Keys it had before; issues are still found by them.
        "formerKeys" former_keys: Vec<String> = |team, _| team.0.former_keys.clone();
        /// Whether only those who belong to it, and super admins, know of it and see its issues.
        "private" private: bool = |team, _| team.0.private;
        /// When it was made.
        "createdAt" created_at: DateTime = |team, _| DateTime(team.0.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |team, _| DateTime(team.0.updated_at);
        /// When it was archived: its issues can be read and not changed.
        "archivedAt" archived_at: Option<DateTime> = |team, _| team.0.archived_at.map(DateTime);
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |team, _| team.0.version;
    }
    stock {
        /// The states its new issues can be in, in the order in which boards show them: those of its workflow, then those
        /// of its types' workflows.
        async fn states(&self, ctx: &Context<'_>) -> Result<Rows<StateNode>> {
            let cx = Asked::of(ctx)?.snapshot;
            let directory = cx.directory();
            let workflows = self.0.workflows().into_iter().filter_map(|id| directory.workflow(id));
            cx.charged(workflows.flat_map(StateNode::all))
        }

        /// Who belongs to it, in the order in which they were added to the company; at most 500.
        async fn members(&self, ctx: &Context<'_>) -> Result<Rows<TeamMemberNode>> {
            let asked = Asked::of(ctx)?;
            asked.snapshot.charge(self.0.members.len())?;
            Ok(TeamMemberNode::all(asked.snapshot, &self.0))
        }

        /// Its issues.
        #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
        async fn issues(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
            #[graphql(desc = "Which of them, as a text of the query language.")] query: Option<String>,
            #[graphql(desc = "In which order; the newest first unless said.")] sort: Option<Vec<IssueSort>>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<String>,
            #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
            #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
        ) -> Result<Row<Connection<IssueNode>>> {
            let asked = Asked::of(ctx)?;
            let here = Test::Team(TeamTest::Id(Compare::Eq(self.0.id))).into();
            let wish = Wish { within: Some(here), filter, query, sort, usual: Vec::new() };
            page_of_issues(&asked, wish, &Sight::PRESENT, PageArguments { first, after, last, before }).await
        }
    }
}

/// The workflow of one type of a team's issues, as the API shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypeWorkflowNode(KindWorkflow);

crate::lean_object! {
    /// The workflow that a team's new issues of one type follow.
    "TeamTypeWorkflow" for TypeWorkflowNode, cx Snapshot {
        /// The type.
        "type" kind: IssueType = |own, _| own.0.kind.into();
        /// The workflow.
        "workflow" workflow: Option<Row<WorkflowNode>> = |own, cx| {
            cx.directory().workflow(own.0.workflow).cloned().map(|workflow| Row(WorkflowNode::now(workflow)))
        };
    }
}

/// Queries about teams.
#[derive(Default)]
pub(crate) struct TeamQuery;

#[Object]
impl TeamQuery {
    /// A team by global id or by key, now or formerly; null when there is none.
    async fn team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `team_…`, or the key, such as `ENG`.")] id: ID,
    ) -> Result<Option<Row<TeamNode>>> {
        let asked = Asked::of(ctx)?;
        let directory = asked.snapshot.directory();
        let team = match id.parse::<TeamId>() {
            Ok(id) => directory.team(id),
            Err(_) => directory.team_by_key(&id),
        };
        Ok(team.cloned().map(TeamNode).map(Row))
    }

    /// The teams of the company, in the order in which they were made.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether archived ones are shown too.", default = false)] include_archived: bool,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<TeamNode>>> {
        let asked = Asked::of(ctx)?;
        let directory = asked.snapshot.directory();
        let wanted = |team: &&Arc<Team>| include_archived || team.archived_at.is_none();
        let all = directory.teams().filter(wanted).cloned().map(TeamNode).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, TeamNode::id_of, arguments, asked.snapshot)
    }
}
