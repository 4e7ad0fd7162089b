//! What makes and changes saved views: the inputs, each becoming one of the engine's commands.

use super::filter::{At, IssueFilter};
use super::issue_sort::IssueSort;
use super::language;
use super::scalar;
use super::word::{IssueGroupBy, ViewLayout};
use crate::error::Result;
use async_graphql::{ID, InputObject, MaybeUndefined};
use mortise_engine::command::view::{CreateView, UpdateView};
use mortise_engine::filter::{Filter, Sort};
use mortise_engine::id::{TeamId, ViewId};
use mortise_engine::language::Query;
use mortise_engine::query::Reader;

/// A new view.
#[derive(Debug, InputObject)]
pub(crate) struct ViewCreateInput {
    /// The global id it shall have, `view_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// How it is called, 1 to 100 characters.
    name: String,
    /// What it is for, at most 4 KiB.
    description: Option<String>,
    /// The team it is for; the whole company unless said.
    team_id: Option<ID>,
    /// Whether others see it. Sharing with the whole company is for admins.
    #[graphql(default = false)]
    shared: bool,
    /// Which issues; all unless said.
    filter: Option<IssueFilter>,
    /// Which issues, as a text of the query language; `filter` must hold as well. Its order counts when `sort` does not
    /// say.
    query: Option<String>,
    /// Where the days of `query` begin, as the IANA names the zone; the viewer's, else the company's, unless said.
    time_zone: Option<String>,
    /// In which order; the newest first unless said.
    sort: Option<Vec<IssueSort>>,
    /// What it is cut into groups by.
    group_by: Option<IssueGroupBy>,
    /// What each group is cut by.
    sub_group_by: Option<IssueGroupBy>,
    /// Whether groups without issues are shown.
    #[graphql(default = false)]
    show_empty_groups: bool,
    /// How it is laid out; `LIST` unless said.
    layout: Option<ViewLayout>,
    /// The fields that are shown, in order, as the client names them. At most 50.
    columns: Option<Vec<String>>,
}

impl ViewCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(super) fn command(self, reader: &Reader) -> Result<CreateView> {
        let plain = CreateView::named(self.name);
        let (filter, sort) = content(reader, self.filter, Text(self.query, self.time_zone), self.sort)?;
        Ok(CreateView {
            id: self.id.map(|id| scalar::id("input.id", &id)).transpose()?,
            description: self.description,
            team: self.team_id.map(|id| scalar::id("input.teamId", &id)).transpose()?,
            shared: self.shared,
            filter: filter.unwrap_or(plain.filter),
            sort: sort.unwrap_or_default(),
            group_by: self.group_by.map(Into::into),
            sub_group_by: self.sub_group_by.map(Into::into),
            show_empty_groups: self.show_empty_groups,
            layout: self.layout.map_or(plain.layout, Into::into),
            columns: self.columns.unwrap_or_default(),
            name: plain.name,
        })
    }
}

/// A text of the query language, if one is said, and where its days begin.
struct Text(Option<String>, Option<String>);

impl Text {
    fn read(self, reader: &Reader) -> Result<Option<Query>> {
        let Self(text, zone) = self;
        let reader = zone.map_or_else(|| Ok(reader.clone()), |zone| reader.in_zone_named(&zone))?;
        text.map(|text| language::read(&reader, "input.query", &text)).transpose()
    }
}

/// The filter and the order that are said, as inputs, as a text, or both.
fn content(
    reader: &Reader,
    filter: Option<IssueFilter>,
    query: Text,
    sort: Option<Vec<IssueSort>>,
) -> Result<(Option<Filter>, Option<Vec<Sort>>)> {
    let filter = filter.map(|filter| filter.filter(&At::Argument("input.filter"))).transpose()?;
    let query = query.read(reader)?;
    let (said, order) = query.map(|query| (query.filter, query.sort)).unzip();
    let both = match (filter, said) {
        (Some(filter), Some(said)) => Some(Filter::All(vec![filter, said])),
        (filter, said) => filter.or(said),
    };
    let order = order.filter(|order| !order.is_empty());
    Ok((both, sort.map(IssueSort::all).or(order)))
}

/// What to change in a view. What is not said stays. A null takes a value away where a view can be without one, and is
/// otherwise as if not said.
#[derive(Debug, InputObject)]
pub(crate) struct ViewUpdateInput {
    /// How it is called.
    name: Option<String>,
    /// What it is for.
    description: MaybeUndefined<String>,
    /// The team it is for; null for the whole company.
    team_id: MaybeUndefined<ID>,
    /// Whether others see it.
    shared: Option<bool>,
    /// Which issues.
    filter: Option<IssueFilter>,
    /// Which issues, as a text of the query language; `filter` must hold as well. Its order counts when `sort` does not
    /// say.
    query: Option<String>,
    /// Where the days of `query` begin, as the IANA names the zone; the viewer's, else the company's, unless said.
    time_zone: Option<String>,
    /// In which order; empty for the newest first.
    sort: Option<Vec<IssueSort>>,
    /// What it is cut into groups by.
    group_by: MaybeUndefined<IssueGroupBy>,
    /// What each group is cut by.
    sub_group_by: MaybeUndefined<IssueGroupBy>,
    /// Whether groups without issues are shown.
    show_empty_groups: Option<bool>,
    /// How it is laid out.
    layout: Option<ViewLayout>,
    /// The fields that are shown, in order, as the client names them.
    columns: Option<Vec<String>>,
}

impl ViewUpdateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(super) fn command(
        self,
        reader: &Reader,
        view: ViewId,
        if_version: Option<u64>,
    ) -> Result<UpdateView> {
        let (filter, sort) = content(reader, self.filter, Text(self.query, self.time_zone), self.sort)?;
        let team = |id: Option<&ID>| id.map(|id| scalar::id::<TeamId>("input.teamId", id)).transpose();
        Ok(UpdateView {
            if_version,
            name: self.name,
            description: self.description.as_opt_ref().map(|text| text.cloned()),
            team: self.team_id.as_opt_ref().map(team).transpose()?,
            shared: self.shared,
            filter,
            sort,
            group_by: self.group_by.as_opt_ref().map(|by| by.copied().map(Into::into)),
            sub_group_by: self.sub_group_by.as_opt_ref().map(|by| by.copied().map(Into::into)),
            show_empty_groups: self.show_empty_groups,
            layout: self.layout.map(Into::into),
            columns: self.columns,
            ..UpdateView::of(view)
        })
    }
}
