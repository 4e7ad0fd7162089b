//! Lists in groups: a board with its lanes, counts and first issues in one answer.

mod ask;

use super::filter::{IssueFilter, IssueFilterJson};
use super::group_key;
use super::issue::IssueNode;
use super::issue_query::connection;
use super::issue_sort::IssueSort;
use super::label::LabelNode;
use super::member::MemberNode;
use super::page::{self, PAGE_SIZE_DEFAULT};
use super::sight::{PastMoment, Sight};
use super::team::TeamNode;
use super::wish::Wish;
use super::word::{IssueDueBucket, IssueGroupBy, IssueType, Priority, StateCategory};
use super::workflow_state::StateNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, PageInfo, Row, Rows};
use ask::Ask;
use async_graphql::{Context, Lookahead, Object};
use mortise_engine::filter::GroupBy;
use mortise_engine::id::IssueId;
use mortise_engine::query::{GroupedList, GroupsRequest, ListGroup};
use mortise_engine::view::GroupKey;
use std::collections::HashMap;
use std::sync::Arc;

/// A group, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct GroupNode(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    key: GroupKey,
    parent: Option<IssueNode>,
    estimate: u64,
    total: u64,
    /// As many as are asked for in the place where the most are.
    issues: Connection<IssueNode>,
    groups: Rows<GroupNode>,
}

crate::lean_object! {
    /// Issues of a list that have something in common. Of `state`, `category`, `member` and so on the one is there that the
    /// list is cut by; all are null in the group of those that have none.
    "IssueGroup" for GroupNode, cx Snapshot {
        /// What they have in common: a global id, or a word such as `HIGH`; null for the group of those that have none.
        "key" key: Option<String> = |group, _| group_key::text(group.0.key);
        /// How the group is called.
        "title" title: String = |group, cx| group.0.title(cx);
        /// `#rrggbb`, in lower case, where a state or a label has one.
        "color" color: Option<String> = |group, cx| group_key::color(cx, group.0.key);
        /// The state.
        "state" state: Option<Row<StateNode>> = |group, cx| group.0.state(cx).map(Row);
        /// What the state means.
        "category" category: Option<StateCategory> = |group, _| match group.0.key {
            GroupKey::Category(category) => Some(category.into()),
            _ => None,
        };
        /// Who works on them, or who made them.
        "member" member: Option<Row<MemberNode>> = |group, cx| match group.0.key {
            GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => MemberNode::find(cx, id),
            _ => None,
        };
        /// The label.
        "label" label: Option<Row<LabelNode>> = |group, cx| group.0.label(cx).map(Row);
        /// How pressing they are.
        "priority" priority: Option<Priority> = |group, _| match group.0.key {
            GroupKey::Priority(priority) => Some(priority.into()),
            _ => None,
        };
        /// What kind of work they are.
        "type" kind: Option<IssueType> = |group, _| match group.0.key {
            GroupKey::Kind(kind) => Some(kind.into()),
            _ => None,
        };
        /// The team.
        "team" team: Option<Row<TeamNode>> = |group, cx| match group.0.key {
            GroupKey::Team(id) => Some(Row(TeamNode::of(cx, id))),
            _ => None,
        };
        /// What they are a part of.
        "parent" parent: Option<Row<IssueNode>> = |group, _| group.0.parent.clone().map(Row);
        /// How soon they are due.
        "due" due: Option<IssueDueBucket> = |group, _| match group.0.key {
            GroupKey::Due(bucket) => Some(bucket.into()),
            _ => None,
        };
        /// The condition that makes this group of the list, as the JSON of the input `IssueFilter`. The list with this
        /// condition added is the group, and the cursors of its pages go on there.
        "filterData" filter_data: Option<IssueFilterJson> = |group, _| IssueFilterJson::of(&group.0.key.test());
        /// How many issues it has.
        "totalCount" total_count: u64 = |group, _| group.0.total;
        /// The sum of their sizes.
        "sumEstimate" sum_estimate: u64 = |group, _| group.0.estimate;
        /// The first of its issues. The next are those of the list with `filterData` added, behind the `endCursor`.
        "issues" issues(
            #[graphql(desc = "Nodes of the page, 0 to 250; 50 unless said.")] first: Option<i32>
        ): Row<Connection<IssueNode>> = |group, _| Row(group.0.issues.first(ask::count(first)));
        /// Its parts, in order; empty unless the list is cut twice.
        "subGroups" sub_groups: &Rows<GroupNode> = |group, _| &group.0.groups;
    }
}

impl Shown {
    fn title(&self, cx: &Snapshot) -> String {
        self.parent.as_ref().map_or_else(|| group_key::title(cx, self.key), |issue| issue.0.title.clone())
    }

    fn state(&self, cx: &Snapshot) -> Option<StateNode> {
        let GroupKey::State(id) = self.key else { return None };
        Some(StateNode::of(&cx.directory(), id))
    }

    fn label(&self, cx: &Snapshot) -> Option<LabelNode> {
        let GroupKey::Label(Some(id)) = self.key else { return None };
        cx.directory().label(id).cloned().map(LabelNode)
    }
}

/// A page of a list in groups, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct GroupsNode(Arc<Whole>);

#[derive(Debug)]
struct Whole {
    groups: Rows<GroupNode>,
    neighbours: (bool, bool),
    ends: Option<(String, String)>,
    count: u64,
    total: u64,
    estimate: u64,
}

crate::lean_object! {
    /// A page of a list in groups. What is counted is counted over all pages.
    "IssueGroups" for GroupsNode, cx Snapshot {
        /// The groups of this page, in the order of a board.
        "nodes" nodes: &Rows<GroupNode> = |list, _| &list.0.groups;
        /// Where this page lies among the groups.
        "pageInfo" page_info: Row<PageInfo<Snapshot>> = |list, _| Row(PageInfo::new(list.0.neighbours, list.0.ends.clone().unzip()));
        /// How many groups the list has.
        "groupCount" group_count: u64 = |list, _| list.0.count;
        /// How many issues the list has. One that is in several groups counts once.
        "totalCount" total_count: u64 = |list, _| list.0.total;
        /// The sum of their sizes.
        "sumEstimate" sum_estimate: u64 = |list, _| list.0.estimate;
    }
}

/// How a list is cut, and which page of its groups is shown.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) by: GroupBy,
    pub(crate) sub_by: Option<GroupBy>,
    pub(crate) empty: bool,
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
}

/// A list in groups. Issues are read only where the document asks for them, and all at once.
///
/// # Errors
///
/// As [`Reader::groups`](mortise_engine::query::Reader::groups), and `INVALID_INPUT` for sizes of pages that cannot be
/// read.
pub(crate) async fn groups_of(
    asked: &Asked<'_>,
    looked: Lookahead<'_>,
    wish: Wish,
    cut: Cut,
    sight: &Sight,
) -> Result<Row<GroupsNode>> {
    let (filter, sort) = wish.settle(sight.reader(asked.snapshot))?;
    let asks = Ask::all(&looked.selection_fields(), "nodes")?;
    let (first, sub_first) = Ask::most(&asks);
    let groups =
        cut.first.map_or(Ok(PAGE_SIZE_DEFAULT), |n| page::size("first", n, asked.engine.limits()))?;
    let request = GroupsRequest {
        filter,
        sort,
        by: cut.by,
        sub_by: cut.sub_by,
        empty: cut.empty,
        groups,
        after: cut.after,
        first,
        sub_first,
    };
    let found = asked.snapshot.rows(sight.reader(asked.snapshot).groups(&request)).await?;
    asked.snapshot.charge(found.groups.iter().map(|group| Ask::units(&asks, group)).sum())?;
    let parents = parents(asked, &found, sight).await?;
    let node = |group| GroupNode::of(group, &parents, sight);
    Ok(Row(GroupsNode(Arc::new(Whole {
        groups: found.groups.into_iter().map(node).collect(),
        neighbours: (found.has_previous, found.has_next),
        ends: found.ends,
        count: found.count,
        total: found.total,
        estimate: found.estimate,
    }))))
}

/// The issues that groups are parts of.
async fn parents(
    asked: &Asked<'_>,
    found: &GroupedList,
    sight: &Sight,
) -> Result<HashMap<IssueId, IssueNode>> {
    let all = found.groups.iter().flat_map(|group| std::iter::once(group).chain(&group.groups));
    let mut ids: Vec<_> =
        all.filter_map(|group| if let GroupKey::Parent(id) = group.key { id } else { None }).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = asked.snapshot.rows(sight.reader(asked.snapshot).issues_by_id(&ids)).await?;
    let rows = ids.into_iter().zip(rows);
    Ok(rows.filter_map(|(id, row)| Some((id, IssueNode::seen(row?, sight)))).collect())
}

impl GroupNode {
    fn of(group: ListGroup, parents: &HashMap<IssueId, IssueNode>, sight: &Sight) -> Self {
        let parent =
            if let GroupKey::Parent(Some(id)) = group.key { parents.get(&id).cloned() } else { None };
        Self(Arc::new(Shown {
            key: group.key,
            parent,
            estimate: group.estimate,
            total: group.list.total,
            issues: connection(group.list, sight),
            groups: group.groups.into_iter().map(|part| Self::of(part, parents, sight)).collect(),
        }))
    }
}

/// Queries for lists in groups.
#[derive(Default)]
pub(crate) struct IssueGroupsQuery;

#[Object]
impl IssueGroupsQuery {
    /// Issues by filter, in groups, with counts, sums and the first issues of each: a board in one request. The groups come
    /// in pages; at most 250 parts of each, 12,500 parts and 10,000 issues in all groups of a page. An issue with several
    /// assignees or labels is in the group of each.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn issue_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<IssueFilter>,
        #[graphql(
            desc = "Which, as a text of the query language; `filter` must hold as well. Its order counts when `sort` does not say."
        )]
        query: Option<String>,
        #[graphql(desc = "What the list is cut by.")] group_by: IssueGroupBy,
        #[graphql(desc = "What each group is cut by: the lanes of a board.")] sub_group_by: Option<
            IssueGroupBy,
        >,
        #[graphql(desc = "In which order within their groups; the newest first unless said.")] sort: Option<
            Vec<IssueSort>,
        >,
        #[graphql(
            desc = "Whether groups are shown that could be there and have no issues: the states of the teams' workflows, active members, labels in use.",
            default = false
        )]
        empty_groups: bool,
        #[graphql(desc = "Groups of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the group behind which the page begins.")] after: Option<String>,
        #[graphql(desc = "As they were then. Refused when more than 200,000 events happened since.")]
        at: Option<PastMoment>,
        #[graphql(
            desc = "Where days and weeks begin, as the IANA names the zone, such as `Europe/Berlin`; the viewer's, else the company's, unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<Row<GroupsNode>> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, at, time_zone).await?;
        let wish = Wish { filter, query, sort, ..Wish::default() };
        let (by, sub_by) = (group_by.into(), sub_group_by.map(Into::into));
        let cut = Cut { by, sub_by, empty: empty_groups, first, after };
        groups_of(&asked, ctx.look_ahead(), wish, cut, &sight).await
    }
}
