//! Saved views: the object, and the queries for one, for all, and for those at hand.

use super::abilities::ViewAbilities;
use super::filter::{IssueFilter, IssueFilterJson};
use super::issue::IssueNode;
use super::issue_groups::{Cut, GroupsNode, groups_of};
use super::issue_query::page_of_issues;
use super::issue_sort::{IssueSort, SortNode};
use super::member::MemberNode;
use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::sight::Sight;
use super::team::TeamNode;
use super::wish::Wish;
use super::word::{IssueGroupBy, ViewLayout};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::id::{TeamId, ViewId};
use mortise_engine::saved_view::{SavedView, ready_made_view};
use std::sync::Arc;

/// A view, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct SavedViewNode(pub(crate) Arc<SavedView>);

impl SavedViewNode {
    pub(crate) fn id_of(&self) -> ViewId {
        self.0.id
    }

    /// The views with these ids that who asks sees, in their order.
    pub(crate) fn all(cx: &Snapshot, ids: &[ViewId]) -> Rows<Self> {
        let reader = cx.reader().refreshed();
        ids.iter().filter_map(|id| reader.view(*id)).map(Self).collect()
    }

    /// The views that who asks keeps at hand, in their order.
    pub(crate) fn favorites(cx: &Snapshot) -> Rows<Self> {
        cx.reader().refreshed().favorites().into_iter().map(Self).collect()
    }
}

crate::lean_object! {
    /// A list that people keep: which issues, in which order, in which groups, and how it looks. What is said relative to
    /// who asks ("me", "this week") is settled anew by each who opens it.
    "SavedView" for SavedViewNode, cx Snapshot {
        /// The global id, `view_…`.
        "id" id: Id<ViewId> = |view, _| Id(view.0.id);
        /// How it is called.
        "name" name: &str = |view, _| view.0.name.as_str();
        /// What it is for.
        "description" description: Option<&str> = |view, _| view.0.description.as_deref();
        /// Whose it is; null for those that every company has, and those that the embedding program made.
        "owner" owner: Option<Row<MemberNode>> = |view, cx| MemberNode::find(cx, view.0.owner);
        /// The team it is for; null for the whole company.
        "team" team: Option<Row<TeamNode>> = |view, cx| view.0.team.map(|id| Row(TeamNode::of(cx, id)));
        /// Whether others see it; else its owner alone.
        "shared" shared: bool = |view, _| view.0.shared;
        /// Whether every company has it from its first day. It stays as it is.
        "readyMade" ready_made: bool = |view, _| ready_made_view(view.0.id).is_some();
        /// Which issues, as the JSON of the input `IssueFilter`; null when it asks what no input can ask.
        "filterData" filter_data: Option<IssueFilterJson> = |view, _| IssueFilterJson::of(&view.0.filter);
        /// In which order; the newest first when empty.
        "sort" sort: Rows<SortNode> = |view, _| SortNode::all(&view.0.sort);
        /// What it is cut into groups by.
        "groupBy" group_by: Option<IssueGroupBy> = |view, _| view.0.group_by.map(IssueGroupBy::from);
        /// What each group is cut by: the lanes of a board.
        "subGroupBy" sub_group_by: Option<IssueGroupBy> = |view, _| view.0.sub_group_by.map(IssueGroupBy::from);
        /// Whether groups without issues are shown.
        "showEmptyGroups" show_empty_groups: bool = |view, _| view.0.show_empty_groups;
        /// How it is laid out.
        "layout" layout: ViewLayout = |view, _| view.0.layout.into();
        /// The fields that are shown, in order, as its clients name them.
        "columns" columns: Vec<&str> = |view, _| view.0.columns.iter().map(String::as_str).collect();
        /// Whether who asks keeps it at hand.
        "isFavorite" is_favorite: bool = |view, cx| {
            let directory = cx.directory();
            let kept = cx.member().and_then(|member| directory.favorites(member));
            kept.is_some_and(|kept| kept.views.contains(&view.0.id))
        };
        /// When it was made.
        "createdAt" created_at: DateTime = |view, _| DateTime(view.0.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |view, _| DateTime(view.0.updated_at);
        /// When it was deleted.
        "deletedAt" deleted_at: Option<DateTime> = |view, _| view.0.deleted_at.map(DateTime);
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |view, _| view.0.version;
        /// What who asks may do with it.
        "viewerCan" viewer_can: Row<ViewAbilities> = |view, _| Row(ViewAbilities::of(&view.0));
    }
    stock {
        /// Which issues and in which order, as a text of the query language in its canonical form.
        async fn query(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Where days begin, as the IANA names the zone; the viewer's, else the company's, unless said.")] time_zone: Option<String>,
        ) -> Result<String> {
            let asked = Asked::of(ctx)?;
            let sight = Sight::of(&asked, None, time_zone).await?;
            Ok(sight.reader(asked.snapshot).format_query(&self.0.filter, &self.0.sort))
        }

        /// Its issues, in its order.
        #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
        async fn issues(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
            #[graphql(desc = "Which of them, as a text of the query language.")] query: Option<String>,
            #[graphql(desc = "In another order.")] sort: Option<Vec<IssueSort>>,
            #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<String>,
            #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
            #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
            #[graphql(desc = "Where days and weeks begin, as the IANA names the zone; the viewer's, else the company's, unless said.")] time_zone: Option<String>,
        ) -> Result<Row<Connection<IssueNode>>> {
            let asked = Asked::of(ctx)?;
            let sight = Sight::of(&asked, None, time_zone).await?;
            let (within, usual) = (Some(self.0.filter.clone()), self.0.sort.clone());
            let wish = Wish { within, filter, query, sort, usual };
            page_of_issues(&asked, wish, &sight, PageArguments { first, after, last, before }).await
        }

        /// Its issues in its groups; null unless it has groups.
        async fn groups(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
            #[graphql(desc = "Which of them, as a text of the query language.")] query: Option<String>,
            #[graphql(desc = "Groups of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
            #[graphql(desc = "The cursor of the group behind which the page begins.")] after: Option<String>,
            #[graphql(desc = "Where days and weeks begin, as the IANA names the zone; the viewer's, else the company's, unless said.")] time_zone: Option<String>,
        ) -> Result<Option<Row<GroupsNode>>> {
            let Some(by) = self.0.group_by else { return Ok(None) };
            let asked = Asked::of(ctx)?;
            let sight = Sight::of(&asked, None, time_zone).await?;
            let (within, usual) = (Some(self.0.filter.clone()), self.0.sort.clone());
            let wish = Wish { within, filter, query, sort: None, usual };
            let (sub_by, empty) = (self.0.sub_group_by, self.0.show_empty_groups);
            let cut = Cut { by, sub_by, empty, first, after };
            groups_of(&asked, ctx.look_ahead(), wish, cut, &sight).await.map(Some)
        }

        /// How many issues it has.
        async fn count(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Where days and weeks begin, as the IANA names the zone; the viewer's, else the company's, unless said.")] time_zone: Option<String>,
        ) -> Result<u64> {
            let asked = Asked::of(ctx)?;
            let sight = Sight::of(&asked, None, time_zone).await?;
            asked.snapshot.charge(1)?;
            Ok(sight.reader(asked.snapshot).count(&self.0.filter).await?)
        }
    }
}

/// Queries about saved views.
#[derive(Default)]
pub(crate) struct SavedViewQuery;

#[Object]
impl SavedViewQuery {
    /// A view by global id; null when there is none, it is deleted, or somebody else's own.
    async fn view(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `view_…`.")] id: ID,
    ) -> Result<Option<Row<SavedViewNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(asked.snapshot.reader().view(scalar::id("id", &id)?).map(SavedViewNode).map(Row))
    }

    /// The views that who asks sees: those that every company has, then the others in the order in which they were made.
    async fn views(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for this team.")] team_id: Option<ID>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<SavedViewNode>>> {
        let asked = Asked::of(ctx)?;
        let team: Option<TeamId> = team_id.map(|id| scalar::id("teamId", &id)).transpose()?;
        let wanted = |view: &Arc<SavedView>| team.is_none() || view.team == team;
        let all = asked.snapshot.reader().views().into_iter().filter(wanted).map(SavedViewNode).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, SavedViewNode::id_of, arguments, asked.snapshot)
    }

    /// The views that who asks keeps at hand, in their order; at most 100.
    async fn favorites(&self, ctx: &Context<'_>) -> Result<Rows<SavedViewNode>> {
        let asked = Asked::of(ctx)?;
        let favorites = SavedViewNode::favorites(asked.snapshot);
        asked.snapshot.charge(favorites.0.len())?;
        Ok(favorites)
    }
}
