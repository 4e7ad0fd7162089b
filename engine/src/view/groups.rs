//! Groups: a list cut by one field, and each part by another: a board with its lanes, in one answer.
//!
//! All groups of a list are found and counted, and those of one page are made, so that a list may fall into thousands.
//! A group is a list of its own. Its page is that of the list with [`GroupKey::test`] added to the filter, so its cursors
//! are those of that list. An issue with several assignees or labels is in the group of each. This module knows no names
//! but to put groups in order.

mod cut;
mod due;
mod key;
mod place;
mod possible;

pub use due::DueBucket;
pub use key::GroupKey;
pub use place::GroupPlace;

use super::{IssuePage, Page, Question, Sight, View, answerable};
use crate::error::{Error, ErrorCode, Result};
use crate::filter::{GroupBy, Sort};
use crate::limits::Limits;
use cut::{Cutter, Field};
use place::Placed;
use roaring::RoaringBitmap;

/// Which groups, and what of each.
#[derive(Debug, Clone, Copy)]
pub struct GroupRequest<'a> {
    /// What the list is cut by.
    pub by: GroupBy,
    /// What each group is cut by.
    pub sub_by: Option<GroupBy>,
    /// Whether groups that could be there and have no issues are shown: the states of the teams' workflows, active
    /// members, labels in use. There are none of parents.
    pub empty: bool,
    /// How many groups.
    pub groups: usize,
    /// The place behind which they begin.
    pub after: Option<&'a GroupPlace>,
    /// The order of the issues in each group; the id decides between equals.
    pub sort: &'a [Sort],
    /// How many issues of each group.
    pub first: usize,
    /// How many issues of each part of a group.
    pub sub_first: usize,
    /// The bounds: [`Limits::groups_max`], [`Limits::lanes_max`], [`Limits::cells_max`],
    /// [`Limits::group_issues_max`].
    pub limits: &'a Limits,
}

/// A page of a list in groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The groups, in order.
    pub groups: Vec<Group>,
    /// The places of the first and the last of them.
    pub ends: Option<(GroupPlace, GroupPlace)>,
    /// Whether there are more behind the last.
    pub has_next: bool,
    /// How many groups there are in all.
    pub count: u64,
    /// How many issues pass the filter in all, whichever groups are shown.
    pub total: u64,
    /// The sum of their estimates.
    pub estimate: u64,
}

/// Issues of a list that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// The first of them, and how many there are.
    pub page: IssuePage,
    /// The sum of their estimates.
    pub estimate: u64,
    /// Its parts, in order, when it was asked to be cut.
    pub groups: Vec<Self>,
}

/// A group's key and its issues.
type Cut = (GroupKey, RoaringBitmap);

impl View {
    /// The issues that pass a filter, in groups.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` when there are too many groups, or too many issues would be shown in them; `INTERNAL` when a test was
    /// not looked up that had to be: see [`View::answers`].
    pub fn groups(
        &self,
        sight: &Sight,
        question: &Question<'_>,
        request: &GroupRequest<'_>,
    ) -> Result<Groups> {
        answerable(question.filter)?;
        let matching = self.matching(sight, question);
        let list = List { question, sight, matching: &matching, empty: request.empty };
        let (field, mut placed) = self.placed_groups(&list, request.by, request.limits.groups_max)?;
        let count = placed.len() as u64;
        let has_next = place::cut_down(&mut placed, request.after, request.groups);
        let ends =
            placed.first().zip(placed.last()).map(|((first, _), (last, _))| (first.clone(), last.clone()));
        let lanes_max = lanes_max(request.limits, placed.len());
        let cutter = field.cutter(&matching, keys(placed));
        let lanes = request.sub_by.map(|by| self.lanes(&list, by, lanes_max)).transpose()?;
        let mut answer = Answer { view: self, question, request, left: request.limits.group_issues_max };
        let groups = cutter.cut(&matching).into_iter().map(|(key, issues)| {
            let parts = lanes.iter().flat_map(|lanes| lanes.cut(&issues));
            let parts = parts.filter(|(_, part)| request.empty || !part.is_empty());
            let parts = parts.map(|(key, part)| answer.group(key, &part, request.sub_first, Vec::new()));
            let parts = parts.collect::<Result<Vec<_>>>()?;
            answer.group(key, &issues, request.first, parts)
        });
        Ok(Groups {
            groups: groups.collect::<Result<_>>()?,
            ends,
            has_next,
            count,
            total: matching.len(),
            estimate: self.estimate_of(&matching),
        })
    }

    /// How many of the issues that pass a filter have each value of these fields: for each field its groups, in order,
    /// without sums and without pages.
    ///
    /// # Errors
    ///
    /// As [`View::groups`], when a field has more than `values_max` values.
    pub fn facets(
        &self,
        sight: &Sight,
        question: &Question<'_>,
        by: &[GroupBy],
        values_max: usize,
    ) -> Result<Vec<Vec<(GroupKey, u64)>>> {
        answerable(question.filter)?;
        let matching = self.matching(sight, question);
        let list = List { question, sight, matching: &matching, empty: false };
        let values = |by: &GroupBy| {
            let found = self.placed_groups(&list, *by, values_max);
            let (field, mut placed) = found.map_err(|error| error.with_field("by"))?;
            place::cut_down(&mut placed, None, values_max);
            let cuts = field.cutter(&matching, keys(placed)).cut(&matching);
            Ok(cuts.into_iter().map(|(key, issues)| (key, issues.len())).collect())
        };
        by.iter().map(values).collect()
    }

    /// The lanes of a board, in order: the same for each of its groups.
    fn lanes(&self, list: &List<'_>, by: GroupBy, max: usize) -> Result<Cutter<'_>> {
        let found = self.placed_groups(list, by, max).map_err(|error| error.with_field("subGroupBy"));
        let (field, mut placed) = found?;
        place::cut_down(&mut placed, None, max);
        Ok(field.cutter(list.matching, keys(placed)))
    }

    /// All groups of a list by a field, each with its place, in no order.
    fn placed_groups(&self, list: &List<'_>, by: GroupBy, max: usize) -> Result<(Field<'_>, Vec<Placed>)> {
        let field = self.field(list, by);
        // One too many is enough to know.
        let mut keys = field.keys(list.matching, max.saturating_add(1));
        if list.empty {
            possible::add_empty(&mut keys, by, list.question);
        }
        if keys.len() > max {
            return Err(too_many(by, max));
        }
        let placed = self.placed(keys, list.question.directory);
        Ok((field, placed))
    }

    /// The sum of the estimates of these issues.
    fn estimate_of(&self, issues: &RoaringBitmap) -> u64 {
        /// With fewer issues each is looked at. (Tests, whose views are small, take sums of bits too.)
        const LOOKED_AT_MAX: u64 = if cfg!(test) { 4 } else { 512 };
        if issues.len() <= LOOKED_AT_MAX {
            let each = issues.iter().filter_map(|at| self.columns.estimate.get(at as usize));
            return each.map(|estimate| u64::from(*estimate)).sum();
        }
        self.sets.estimate.iter().map(|(bit, set)| set.intersection_len(issues) << bit).sum()
    }
}

/// A list that is to be cut.
struct List<'a> {
    question: &'a Question<'a>,
    sight: &'a Sight,
    matching: &'a RoaringBitmap,
    /// Whether groups without issues are wanted.
    empty: bool,
}

fn keys(placed: Vec<Placed>) -> Vec<GroupKey> {
    placed.into_iter().map(|(_, key)| key).collect()
}

/// How many parts each of so many groups may be cut into.
fn lanes_max(limits: &Limits, groups: usize) -> usize {
    limits.cells_max.checked_div(groups).map_or(limits.lanes_max, |max| max.min(limits.lanes_max))
}

fn too_many(by: GroupBy, max: usize) -> Error {
    let message = format!(
        "the list falls into more than {max} groups by `{by}`: that many are allowed here; ask for fewer issues, or, of \
         groups in groups, for a smaller page"
    );
    Error::new(ErrorCode::TooCostly, message).with_field("groupBy")
}

/// An answer while it is put together.
struct Answer<'a> {
    view: &'a View,
    question: &'a Question<'a>,
    request: &'a GroupRequest<'a>,
    /// How many issues may still be shown.
    left: usize,
}

impl Answer<'_> {
    fn group(
        &mut self,
        key: GroupKey,
        issues: &RoaringBitmap,
        first: usize,
        groups: Vec<Group>,
    ) -> Result<Group> {
        let shown = first.min(usize::try_from(issues.len()).unwrap_or(usize::MAX));
        self.left = self.left.checked_sub(shown).ok_or_else(|| {
            let max = self.request.limits.group_issues_max;
            let message = format!(
                "the groups together would show more than {max} issues: that many are allowed; ask for fewer of each"
            );
            Error::new(ErrorCode::TooCostly, message).with_field("issues.first")
        })?;
        let page = if shown == 0 {
            IssuePage { total: issues.len(), has_next: !issues.is_empty(), ..IssuePage::default() }
        } else {
            self.view.page(issues, self.question.looked, self.request.sort, &Page::First(first, None))
        };
        Ok(Group { key, page, estimate: self.view.estimate_of(issues), groups })
    }
}
