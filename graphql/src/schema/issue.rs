//! Issues: the object. Its lists and the queries for issues are in `issue_query`.

use super::abilities::IssueAbilities;
use super::comment::{CommentNode, page_of_comments};
use super::filter::IssueFilter;
use super::history::{IssueHistoryConnection, page_of_history};
use super::issue_query::page_of_issues;
use super::issue_sort::IssueSort;
use super::issue_transition::{ApprovalNode, IssueTransitionNode};
use super::label::LabelNode;
use super::member::MemberNode;
use super::page::PageArguments;
use super::relation::{RelationNode, relations_of};
use super::scalar::{Date, DateTime, Duration};
use super::sight::Sight;
use super::source::SourceNode;
use super::team::TeamNode;
use super::wish::Wish;
use super::word::{IssueType, Priority, Resolution};
use super::workflow::WorkflowNode;
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::{Asked, Snapshot, text_units};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::Context;
use mortise_engine::filter::{Compare, DurationField, ParentTest, Sort, SortKey, Test};
use mortise_engine::id::IssueId;
use mortise_engine::model::Issue;
use mortise_engine::workflow::Flow;
use std::sync::Arc;

/// An issue, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct IssueNode(pub(crate) Arc<Issue>, Sight);

impl IssueNode {
    /// An issue as it is now.
    pub(crate) const fn now(issue: Arc<Issue>) -> Self {
        Self(issue, Sight::PRESENT)
    }

    /// An issue as it was found through this.
    pub(crate) fn seen(issue: Arc<Issue>, sight: &Sight) -> Self {
        Self(issue, sight.clone())
    }

    /// How long something took it, or takes.
    fn took(&self, cx: &Snapshot, field: DurationField) -> Option<Duration> {
        field.of(&self.0, self.1.reader(cx).now()).map(Duration)
    }
}

/// Sub-issues come in the order in which people put them.
const BY_RANK: &[Sort] = &[Sort { key: SortKey::Rank, descending: false, nulls_first: false }];

crate::lean_object! {
    /// One piece of work of one team.
    "Issue" for IssueNode, cx Snapshot {
        /// The global id, `iss_…`.
        "id" id: Id<IssueId> = |issue, _| Id(issue.0.id);
        /// The key people call it by, such as `ENG-12`.
        "identifier" identifier: String = |issue, cx| cx.directory().identifier(issue.0.team, issue.0.number);
        /// Its number in the team; never given twice.
        "number" number: u32 = |issue, _| issue.0.number;
        /// One line that says what it is about.
        "title" title: &str = |issue, _| issue.0.title.as_str();
        /// What kind of work it is.
        "type" kind: IssueType = |issue, _| issue.0.kind.into();
        /// How pressing it is.
        "priority" priority: Priority = |issue, _| issue.0.priority.into();
        /// The team it belongs to.
        "team" team: Row<TeamNode> = |issue, cx| Row(TeamNode::of(cx, issue.0.team));
        /// The state it is in.
        "state" state: Row<StateNode> = |issue, cx| {
            Row(StateNode::of(&cx.directory(), issue.0.state))
        };
        /// The workflow it follows.
        "workflow" workflow: Option<Row<WorkflowNode>> = |issue, cx| {
            let directory = cx.directory();
            Flow::of(&directory, &issue.0).map(|flow| Row(WorkflowNode::now(flow.workflow().clone())))
        };
        /// The version of the workflow that it follows until it is moved to another.
        "workflowVersion" workflow_version: Option<Row<VersionNode>> = |issue, cx| {
            let directory = cx.directory();
            Flow::of(&directory, &issue.0).and_then(|flow| VersionNode::of(&directory, flow.id())).map(Row)
        };
        /// Why it was closed.
        "resolution" resolution: Option<Resolution> = |issue, _| issue.0.resolution.map(Resolution::from);
        /// Who leads the work: the first of `assignees`.
        "assignee" assignee: Option<Row<MemberNode>> = |issue, cx| {
            issue.0.assignees.first().and_then(|id| MemberNode::find(cx, *id))
        };
        /// Who works on it; the first leads.
        "assignees" assignees: Rows<MemberNode> = |issue, cx| MemberNode::all(cx, &issue.0.assignees);
        /// Who made it; null when the program that embeds the engine did.
        "creator" creator: Option<Row<MemberNode>> = |issue, cx| MemberNode::find(cx, issue.0.creator);
        /// Its labels.
        "labels" labels: Rows<LabelNode> = |issue, cx| LabelNode::all(cx, &issue.0.labels);
        /// The global id of the issue it is a part of.
        "parentId" parent_id: Option<Id<IssueId>> = |issue, _| issue.0.parent.map(Id);
        /// Whether only those who made it, work on it or are named see it, and super admins.
        "confidential" confidential: bool = |issue, _| issue.0.confidential.is_some();
        /// Who is named to see it, while it is confidential.
        "participants" participants: Rows<MemberNode> = |issue, cx| {
            issue.0.confidential.as_ref().map_or_else(|| Rows(Vec::new()), |c| MemberNode::all(cx, &c.participants))
        };
        /// Its size, in the team's unit (points).
        "estimate" estimate: Option<u32> = |issue, _| issue.0.estimate;
        /// The day work is meant to start.
        "startDate" start_date: Option<Date> = |issue, _| issue.0.start_date.map(Date);
        /// The day it is due.
        "dueDate" due_date: Option<Date> = |issue, _| issue.0.due_date.map(Date);
        /// Its place among its fellows where people order by hand; sorts as text.
        "rank" rank: &str = |issue, _| issue.0.rank.as_str();
        /// When it was made.
        "createdAt" created_at: DateTime = |issue, _| DateTime(issue.0.created_at);
        /// When it, or its comments, last changed.
        "updatedAt" updated_at: DateTime = |issue, _| DateTime(issue.0.updated_at);
        /// When it entered its present state.
        "stateSince" state_since: DateTime = |issue, _| DateTime(issue.0.in_state_since());
        /// When it left triage.
        "triagedAt" triaged_at: Option<DateTime> = |issue, _| issue.0.triaged_at.map(DateTime);
        /// When work first started, counted anew after a reopening.
        "startedAt" started_at: Option<DateTime> = |issue, _| issue.0.started_at.map(DateTime);
        /// When it was completed; null unless its state is of the category `COMPLETED`.
        "completedAt" completed_at: Option<DateTime> = |issue, _| issue.0.completed_at.map(DateTime);
        /// When it was canceled; null unless its state is of the category `CANCELED`.
        "canceledAt" canceled_at: Option<DateTime> = |issue, _| issue.0.canceled_at.map(DateTime);
        /// When it was archived.
        "archivedAt" archived_at: Option<DateTime> = |issue, _| issue.0.archived_at.map(DateTime);
        /// When it was deleted; it can be restored.
        "deletedAt" deleted_at: Option<DateTime> = |issue, _| issue.0.deleted_at.map(DateTime);
        /// How long the work took: from its start to completion; null unless it is completed and was started.
        "cycleTime" cycle_time: Option<Duration> = |issue, cx| issue.took(cx, DurationField::Cycle);
        /// From creation to completion; null unless it is completed.
        "leadTime" lead_time: Option<Duration> = |issue, cx| issue.took(cx, DurationField::Lead);
        /// From creation to leaving triage; null unless it left triage.
        "triageTime" triage_time: Option<Duration> = |issue, cx| issue.took(cx, DurationField::Triage);
        /// Since creation; null once it is closed.
        "ageTime" age_time: Option<Duration> = |issue, cx| issue.took(cx, DurationField::Age);
        /// Since it entered its present state.
        "timeInState" time_in_state: Option<Duration> = |issue, cx| issue.took(cx, DurationField::InState);
        /// How often it was reopened.
        "reopenCount" reopen_count: u32 = |issue, _| issue.0.reopen_count;
        /// How many comments it has.
        "commentCount" comment_count: u32 = |issue, _| issue.0.comment_count;
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |issue, _| issue.0.version;
        /// Where it was imported from.
        "source" source: Option<Row<SourceNode>> = |issue, _| issue.0.source.clone().map(|source| Row(SourceNode(source)));
        /// What who asks may do with it.
        "viewerCan" viewer_can: Row<IssueAbilities> = |issue, cx| Row(IssueAbilities::of(cx, &issue.0));
    }
    stock {
        /// The moves out of its state, in the order of the states they lead to: those that are allowed to who asks, and
        /// those that the rules of the moment refuse, with the reasons. In the mode `STRICT` only listed moves are here.
        async fn allowed_transitions(&self, ctx: &Context<'_>) -> Result<Rows<IssueTransitionNode>> {
            IssueTransitionNode::all(Asked::of(ctx)?.snapshot, &self.0).await
        }

        /// The moves out of its state that approval was asked for.
        async fn approvals(&self, ctx: &Context<'_>) -> Result<Rows<ApprovalNode>> {
            let cx = Asked::of(ctx)?.snapshot;
            cx.charged(ApprovalNode::all(&cx.directory(), &self.0))
        }

        /// What is to be done, in markdown.
        async fn description(&self, ctx: &Context<'_>) -> Result<Option<String>> {
            let asked = Asked::of(ctx)?;
            asked.snapshot.charge(text_units(usize::try_from(self.0.description_bytes).unwrap_or(usize::MAX)))?;
            Ok(self.1.reader(asked.snapshot).description(&self.0).await?)
        }

        /// The issue it is a part of; null when there is none, or it is deleted.
        async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Row<IssueNode>>> {
            let Some(parent) = self.0.parent else { return Ok(None) };
            let asked = Asked::of(ctx)?;
            let found = asked.snapshot.rows(self.1.reader(asked.snapshot).issue(&parent.into())).await?;
            Ok(found.map(|issue| Row(Self::seen(issue, &self.1))))
        }

        /// The issues that are parts of it, in the order in which people put them.
        #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
        async fn children(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
            #[graphql(desc = "Which of them, as a text of the query language.")] query: Option<String>,
            #[graphql(desc = "In another order.")] sort: Option<Vec<IssueSort>>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<String>,
            #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
            #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
        ) -> Result<Row<Connection<IssueNode>>> {
            let asked = Asked::of(ctx)?;
            let this = Test::Id(Compare::Eq(self.0.id)).into();
            let below = Test::Parent(ParentTest::Passes(Box::new(this))).into();
            let wish = Wish { within: Some(below), filter, query, sort, usual: BY_RANK.to_vec() };
            page_of_issues(&asked, wish, &self.1, PageArguments { first, after, last, before }).await
        }

        /// How it stands to other issues, deleted ones left out: by kind, then in the order in which the others were made. At
        /// most 100.
        async fn relations(&self, ctx: &Context<'_>) -> Result<Rows<RelationNode>> {
            relations_of(&Asked::of(ctx)?, &self.0, &self.1).await
        }

        /// What was said about it, in the order in which it was written.
        async fn comments(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
        ) -> Result<Row<Connection<CommentNode>>> {
            let asked = Asked::of(ctx)?;
            page_of_comments(&asked, &self.0, &self.1, PageArguments::forwards(first, after)).await
        }

        /// What happened to it, the newest first: one item for each change of a field and for each comment.
        async fn history(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
        ) -> Result<IssueHistoryConnection> {
            let asked = Asked::of(ctx)?;
            page_of_history(&asked, &self.0, PageArguments::forwards(first, after)).await
        }
    }
}
