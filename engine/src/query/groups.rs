//! Lists in groups: a board with its lanes, counts and first issues in one answer.
//!
//! Each group is a list of its own, that of all with [`GroupKey::test`] added to the filter, so its next page is asked
//! for as a page of that list. Groups have pages of their own, in the order of the board. All rows of an answer are read at
//! once. How a list falls into groups is the view's affair.

use super::Reader;
use super::issues::{Cursors, IssueList, NEWEST_FIRST};
use crate::error::{Error, Result};
use crate::filter::{Filter, GroupBy, Sort};
use crate::id::IssueId;
use crate::model::Issue;
use crate::view::{self, Conditions, Group, GroupKey, GroupPlace, GroupRequest};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Which issues, in which groups, and how many of each.
#[derive(Debug, Clone)]
pub struct GroupsRequest {
    /// Which.
    pub filter: Filter,
    /// In which order within their groups; newest first when empty.
    pub sort: Vec<Sort>,
    /// What the list is cut by.
    pub by: GroupBy,
    /// What each group is cut by.
    pub sub_by: Option<GroupBy>,
    /// Whether groups that could be there and have no issues are shown.
    pub empty: bool,
    /// Groups of the page.
    pub groups: usize,
    /// The cursor of the group behind which the page begins.
    pub after: Option<String>,
    /// Issues of each group; none for counts alone.
    pub first: usize,
    /// Issues of each part of a group.
    pub sub_first: usize,
}

/// A page of a list in groups.
#[derive(Debug)]
pub struct GroupedList {
    /// The groups, in order.
    pub groups: Vec<ListGroup>,
    /// The cursors of the first and the last of them, for the next page.
    pub ends: Option<(String, String)>,
    /// Whether there are more behind the last.
    pub has_next: bool,
    /// Whether there are more before the first: whether it was asked for behind a cursor.
    pub has_previous: bool,
    /// How many groups there are in all.
    pub count: u64,
    /// How many issues there are in all. One that is in several groups counts once.
    pub total: u64,
    /// The sum of their estimates.
    pub estimate: u64,
}

/// Issues of a list that have something in common.
#[derive(Debug)]
pub struct ListGroup {
    /// What they have in common.
    pub key: GroupKey,
    /// The first of them, and how many there are.
    pub list: IssueList,
    /// The sum of their estimates.
    pub estimate: u64,
    /// Its parts, in order, when it was asked to be cut.
    pub groups: Vec<Self>,
}

/// How many issues of a list have each value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The field.
    pub by: GroupBy,
    /// Its values, the most frequent first, with how many issues have each.
    pub values: Vec<(GroupKey, u64)>,
}

impl Facet {
    /// The most frequent of these values; between equals the order of a board stays, for the sort is stable.
    fn of(by: GroupBy, mut values: Vec<(GroupKey, u64)>) -> Self {
        values.sort_by_key(|(_, issues)| std::cmp::Reverse(*issues));
        values.truncate(FACET_SHOWN_MAX);
        Self { by, values }
    }
}

/// Values of a facet that are shown.
const FACET_SHOWN_MAX: usize = 50;

/// Values that a facet may have: people and labels of a very large company.
const FACET_VALUES_MAX: usize = 20_000;

impl Reader {
    /// How many issues of a list have each value of some fields, of each field the most frequent values.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for the parent, which has too many values, and for a field that is named twice; else as
    /// [`Reader::count`].
    pub async fn facets(&self, filter: &Filter, by: &[GroupBy]) -> Result<Vec<Facet>> {
        view::validate(filter, self.limits())?;
        let twice =
            by.iter().enumerate().any(|(at, field)| by.iter().skip(at + 1).any(|later| later == field));
        if twice || by.contains(&GroupBy::Parent) {
            return Err(Error::invalid("by", "name fields other than the parent, each once"));
        }
        let prepared = self.prepare(filter).await?;
        let question = prepared.question(&self.directory);
        let found = self
            .with_view(prepared.seen(), |view, sight| view.facets(sight, &question, by, FACET_VALUES_MAX))?;
        Ok(by.iter().zip(found).map(|(by, values)| Facet::of(*by, values)).collect())
    }

    /// A page of a list in groups.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for more groups, or more issues of each, than a page has, and for a cursor of another list;
    /// `TOO_COSTLY` for a filter or an order that is too large, or for too many groups or issues in all of them;
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn groups(&self, request: &GroupsRequest) -> Result<GroupedList> {
        let sort = if request.sort.is_empty() { NEWEST_FIRST } else { &request.sort };
        view::validate_sort(sort, self.limits())?;
        view::validate(&request.filter, self.limits())?;
        self.fits_pages(request)?;
        let conditions = Conditions::of(&request.filter);
        let (key, hash) = (self.live.cursor_key(), self.groups_hash(&conditions, request.by));
        let after =
            request.after.as_deref().map(|cursor| key.open::<GroupPlace>(hash, cursor)).transpose()?;
        let prepared = self.prepare(&request.filter).await?;
        let question = prepared.question(&self.directory);
        let wanted = GroupRequest {
            by: request.by,
            sub_by: request.sub_by,
            empty: request.empty,
            groups: request.groups,
            after: after.as_ref(),
            sort,
            first: request.first,
            sub_first: request.sub_first,
            limits: self.limits(),
        };
        let found = self.with_view(prepared.seen(), |view, sight| view.groups(sight, &question, &wanted))?;
        let mut ids = FxHashSet::default();
        shown(&found.groups, &mut ids);
        let ids: Vec<IssueId> = ids.into_iter().collect();
        let rows = ids.iter().copied().zip(self.rows(&ids).await?);
        let rows = rows.filter_map(|(id, row)| Some((id, row?))).collect();
        let answer = Answer { reader: self, sort, rows };
        let groups = found.groups.into_iter().map(|group| answer.group(group, &conditions)).collect();
        Ok(GroupedList {
            groups,
            ends: found.ends.map(|(first, last)| (key.seal(hash, &first), key.seal(hash, &last))),
            has_next: found.has_next,
            has_previous: after.is_some(),
            count: found.count,
            total: found.total,
            estimate: found.estimate,
        })
    }

    fn fits_pages(&self, request: &GroupsRequest) -> Result<()> {
        let (max, groups) = (self.limits().page_size_max, request.groups);
        if !(1..=max).contains(&groups) {
            return Err(Error::invalid(
                "first",
                format!("`first` is {groups}: ask for 1 to {max} groups at once"),
            ));
        }
        let first = request.first.max(request.sub_first);
        if first <= max {
            return Ok(());
        }
        let message = format!("`first` is {first}: ask for at most {max} issues of each group");
        Err(Error::invalid("issues.first", message))
    }

    /// What tells the groups of a list from those of any other, and from its issues.
    fn groups_hash(&self, conditions: &Conditions, by: GroupBy) -> [u8; 16] {
        let mut hash = self.list_hash(conditions, &[]);
        let mut hasher = blake3::Hasher::new_derive_key("mortise groups 1");
        hasher.update(&hash).update(by.as_str().as_bytes()).finalize_xof().fill(&mut hash);
        hash
    }
}

/// The issues that some group shows.
fn shown(groups: &[Group], into: &mut FxHashSet<IssueId>) {
    for group in groups {
        into.extend(&group.page.ids);
        shown(&group.groups, into);
    }
}

/// What the groups of one answer share.
struct Answer<'a> {
    reader: &'a Reader,
    sort: &'a [Sort],
    rows: FxHashMap<IssueId, Arc<Issue>>,
}

impl Answer<'_> {
    fn group(&self, group: Group, conditions: &Conditions) -> ListGroup {
        let conditions = conditions.and(&group.key.test());
        let groups = group.groups.into_iter().map(|part| self.group(part, &conditions)).collect();
        let page = group.page;
        // A row may have been changed since the view was asked; it is shown as it is now.
        let rows = page.ids.iter().zip(page.positions);
        let (issues, positions): (Vec<_>, _) =
            rows.filter_map(|(id, position)| Some((self.rows.get(id)?.clone(), position))).unzip();
        let cursors = Cursors {
            key: self.reader.live.cursor_key().clone(),
            list: self.reader.list_hash(&conditions, self.sort),
            positions,
        };
        let (has_next, has_previous) = (page.has_next, page.has_previous);
        let relevance = vec![None; issues.len()];
        let list = IssueList { issues, cursors, relevance, total: page.total, has_next, has_previous };
        ListGroup { key: group.key, list, estimate: group.estimate, groups }
    }
}
