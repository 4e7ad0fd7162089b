//! One page of an order: by walking an ordered index where few steps lead to it, else by selecting the first so many.

use super::View;
use super::columns::Columns;
use super::order::{Position, compare, compare_position};
use crate::filter::{Filter, Sort, SortKey};
use crate::id::IssueId;
use crate::time::Timestamp;
use roaring::RoaringBitmap;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// So many from the start, or behind a position.
    First(usize, Option<Position>),
    /// So many from the end, or before a position.
    Last(usize, Option<Position>),
}

/// Which issues, in which order, which page.
#[derive(Debug)]
pub struct IssueQuery<'a> {
    /// Which issues.
    pub filter: &'a Filter,
    /// In which order; the id decides between equals.
    pub sort: &'a [Sort],
    /// Which page.
    pub page: Page,
}

/// A page of issues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssuePage {
    /// The issues, in order.
    pub ids: Vec<IssueId>,
    /// The position of each.
    pub positions: Vec<Position>,
    /// How many pass the filter in all.
    pub total: u64,
    /// Whether there are more behind the last; for a page from the end: whether it was asked for before a position.
    pub has_next: bool,
    /// Whether there are more before the first; for a page from the start: whether it was asked for behind a position.
    pub has_previous: bool,
}

/// Looking at a row through the index costs so many times what it costs in a selection.
const WALK_COST: u64 = 4;

impl View {
    pub(super) fn page(&self, matching: &RoaringBitmap, query: &IssueQuery<'_>) -> IssuePage {
        let (count, from, backward) = match &query.page {
            Page::First(count, after) => (*count, after.as_ref(), false),
            Page::Last(count, before) => (*count, before.as_ref(), true),
        };
        let from = from.filter(|position| position.fits(query.sort));
        let order = Order { sort: query.sort, from, backward };
        let wanted = count.saturating_add(1);
        let mut rows = match self.walkable(matching, query.sort, wanted) {
            Some(index) => self.walk(index, matching, &order, wanted),
            None => self.select(matching, &order, wanted),
        };
        let more = rows.len() > count;
        rows.truncate(count);
        if backward {
            rows.reverse();
        }
        IssuePage {
            ids: rows.iter().map(|row| row.id).collect(),
            positions: rows.iter().map(|row| Position::of(row, query.sort)).collect(),
            total: matching.len(),
            has_next: if backward { from.is_some() } else { more },
            has_previous: if backward { more } else { from.is_some() },
        }
    }

    /// The index of this order, if walking it is cheaper than selecting.
    fn walkable(
        &self,
        matching: &RoaringBitmap,
        sort: &[Sort],
        wanted: usize,
    ) -> Option<&BTreeSet<(Timestamp, IssueId)>> {
        let index = match sort {
            [Sort { key: SortKey::Created, .. }] => &self.by_created,
            [Sort { key: SortKey::Updated, .. }] => &self.by_updated,
            _ => return None,
        };
        let steps = (self.rows.len() as u64).saturating_mul(wanted as u64) / matching.len().max(1);
        (steps.saturating_mul(WALK_COST) < matching.len()).then_some(index)
    }

    /// Walks an index whose order is time and then id. In descending time the ids of one instant still ascend, so those
    /// of one instant are gathered and put in order.
    fn walk(
        &self,
        index: &BTreeSet<(Timestamp, IssueId)>,
        matching: &RoaringBitmap,
        order: &Order<'_>,
        wanted: usize,
    ) -> Vec<&Columns> {
        let upward = order.sort.first().is_some_and(|step| step.descending) == order.backward;
        let start = order.from.and_then(Position::time);
        let range = match (start, upward) {
            (None, _) => index.range::<(Timestamp, IssueId), _>(..),
            (Some(at), true) => index.range((Bound::Included((at, LOWEST)), Bound::Unbounded)),
            (Some(at), false) => index.range((Bound::Unbounded, Bound::Included((at, HIGHEST)))),
        };
        let found = |&(at, id): &(Timestamp, IssueId)| {
            let ordinal = self.ordinals.get(&id).filter(|ordinal| matching.contains(**ordinal))?;
            let row = self.rows.get(*ordinal as usize).filter(|row| order.lies_behind(row))?;
            Some((at, row))
        };
        if upward {
            order.gather(range.filter_map(found), wanted)
        } else {
            order.gather(range.rev().filter_map(found), wanted)
        }
    }

    /// Selects the first so many of an order.
    fn select(&self, matching: &RoaringBitmap, order: &Order<'_>, wanted: usize) -> Vec<&Columns> {
        let rows = matching.iter().filter_map(|at| self.rows.get(at as usize));
        let mut rows: Vec<&Columns> = rows.filter(|row| order.lies_behind(row)).collect();
        if rows.len() > wanted {
            rows.select_nth_unstable_by(wanted, |a, b| order.compare(a, b));
            rows.truncate(wanted);
        }
        rows.sort_unstable_by(|a, b| order.compare(a, b));
        rows
    }
}

/// An order, where in it to begin, and in which direction to go.
struct Order<'a> {
    sort: &'a [Sort],
    from: Option<&'a Position>,
    backward: bool,
}

impl Order<'_> {
    fn compare(&self, a: &Columns, b: &Columns) -> Ordering {
        let forward = compare(a, b, self.sort);
        if self.backward { forward.reverse() } else { forward }
    }

    /// Whether an issue lies behind the beginning, in the direction of going.
    fn lies_behind(&self, row: &Columns) -> bool {
        let Some(from) = self.from else { return true };
        let wanted = if self.backward { Ordering::Less } else { Ordering::Greater };
        compare_position(row, from, self.sort) == wanted
    }

    /// The first so many of rows that come in order of time, those of one instant put in order among themselves.
    fn gather<'r>(
        &self,
        rows: impl Iterator<Item = (Timestamp, &'r Columns)>,
        wanted: usize,
    ) -> Vec<&'r Columns> {
        let mut gathered: Vec<&Columns> = Vec::with_capacity(wanted);
        let mut instant = None;
        for (at, row) in rows {
            if gathered.len() >= wanted && instant != Some(at) {
                break;
            }
            instant = Some(at);
            gathered.push(row);
        }
        gathered.sort_by(|a, b| self.compare(a, b));
        gathered.truncate(wanted);
        gathered
    }
}

const LOWEST: IssueId = IssueId::from_uuid(uuid::Uuid::nil());
const HIGHEST: IssueId = IssueId::from_uuid(uuid::Uuid::max());
