//! One page of an order: by walking an ordered index where few steps lead to it, else by selecting the first so many.

use super::cell::Cell;
use super::numbers::{Numbers as _, Scores};
use super::order::{Fields, Order, Position, Start};
use super::select::select;
use super::{Looked, Question, View};
use crate::filter::{Sort, SortKey};
use crate::id::IssueId;
use crate::model::{Priority, StateCategory};
use roaring::RoaringBitmap;
use std::borrow::Cow;

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
    pub question: Question<'a>,
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

/// With fewer candidates, selecting is always cheap. (Tests, whose views are small, take the other ways too.)
const SELECTED_MAX: u64 = if cfg!(test) { 8 } else { 4_096 };

/// A step of a walk costs so many times what a candidate costs in a selection.
const WALK_COST: u64 = if cfg!(test) { 1 } else { 16 };

/// A walk that takes so many times the steps that chance would have it take is given up: what is sought does not lie
/// where the order begins.
const PATIENCE: u64 = 8;

impl View {
    pub(super) fn page(
        &self,
        matching: &RoaringBitmap,
        looked: &Looked,
        sort: &[Sort],
        page: &Page,
    ) -> IssuePage {
        let (count, from, backward) = match page {
            Page::First(count, after) => (*count, after.as_ref(), false),
            Page::Last(count, before) => (*count, before.as_ref(), true),
        };
        let fields = Fields { columns: &self.columns, scores: Scores(&looked.scores, self.len()) };
        let from = from.filter(|position| position.fits(sort)).map(|from| self.present(from, &fields, sort));
        let from = from.as_deref().map(|position| Start { values: &position.values, id: position.id });
        let order = Order { fields, sort, from, backward };
        let mut rows = self.first(matching, &order, count.saturating_add(1));
        let more = rows.len() > count;
        rows.truncate(count);
        if backward {
            rows.reverse();
        }
        let positions: Vec<_> = rows.iter().filter_map(|at| fields.position(*at, sort)).collect();
        IssuePage {
            ids: positions.iter().map(|position| position.id).collect(),
            positions,
            total: matching.len(),
            has_next: if backward { from.is_some() } else { more },
            has_previous: if backward { more } else { from.is_some() },
        }
    }

    /// A position, with how well its issue matches now. The more is written, the less each word is worth: by what the last
    /// of a page was worth when it was read, the next page would show the same again.
    fn present<'p>(&self, position: &'p Position, fields: &Fields<'_>, sort: &[Sort]) -> Cow<'p, Position> {
        let relevance = |step: &Sort| step.key == SortKey::Relevance;
        let now = self
            .ordinal_of(position.id)
            .filter(|at| fields.scores.number(*at as usize) != i64::MISSING && sort.iter().any(relevance));
        let Some(now) = now.and_then(|at| fields.position(at, sort)) else { return Cow::Borrowed(position) };
        let steps = sort.iter().zip(position.values.iter().zip(now.values));
        let values = steps.map(|(step, (then, now))| if relevance(step) { now } else { then.clone() });
        Cow::Owned(Position { values: values.collect(), id: position.id })
    }

    /// The first so many of an order.
    fn first(&self, matching: &RoaringBitmap, order: &Order<'_>, wanted: usize) -> Vec<u32> {
        if matching.len() <= SELECTED_MAX {
            return select(matching, order, wanted);
        }
        match order.sort.first().map(|step| step.key) {
            // Nothing was searched: all are equal in this step.
            Some(SortKey::Relevance) if order.fields.scores.is_empty() => {
                self.first(matching, &order.within(order.from), wanted)
            }
            Some(SortKey::Priority) => {
                let sets = Priority::ALL.iter().map(|p| (p.number(), self.sets.priority.of(p)));
                self.by_value(matching, order, wanted, sets)
            }
            Some(SortKey::Category) => {
                let sets = StateCategory::ALL.iter().map(|c| (c.number(), self.sets.category.of(c)));
                self.by_value(matching, order, wanted, sets)
            }
            _ => self.walk(matching, order, wanted).unwrap_or_else(|| select(matching, order, wanted)),
        }
    }

    /// The first so many of an order that begins with one of few values: value by value.
    fn by_value<'s>(
        &self,
        matching: &RoaringBitmap,
        order: &Order<'_>,
        wanted: usize,
        sets: impl Iterator<Item = (i64, Option<&'s RoaringBitmap>)>,
    ) -> Vec<u32> {
        let words = order.words();
        let mut sets: Vec<_> = sets.map(|(number, set)| (words.of(number), set)).collect();
        sets.sort_unstable_by_key(|(word, _)| *word);
        let start = order.from.and_then(|from| from.values.first()).map(|value| words.of(value.number()));
        let mut found = Vec::new();
        for (word, set) in sets {
            let Some(set) = set.filter(|_| start.is_none_or(|start| start <= word)) else { continue };
            if found.len() >= wanted {
                break;
            }
            let within = order.within(order.from.filter(|_| start == Some(word)));
            found.extend(self.first(&(matching & set), &within, wanted.saturating_sub(found.len())));
        }
        found
    }

    /// The first so many of an order that has an index, if walking along it is cheap.
    fn walk(&self, matching: &RoaringBitmap, order: &Order<'_>, wanted: usize) -> Option<Vec<u32>> {
        let expected = (self.len() as u64).saturating_mul(wanted as u64) / matching.len().max(1);
        let most = matching.len() / WALK_COST;
        let steps = expected.saturating_mul(PATIENCE).min(most);
        let steps = usize::try_from(steps).ok().filter(|_| expected <= most)?;
        match order.sort {
            [] => self.walk_ids(matching, order, wanted, steps),
            [Sort { key: SortKey::Created, .. }] if self.finished => {
                self.by_created.walk(order, wanted, steps, |at| matching.contains(at))
            }
            [Sort { key: SortKey::Updated, .. }] if self.finished => {
                self.by_updated.walk(order, wanted, steps, |at| matching.contains(at))
            }
            _ => None,
        }
    }

    fn walk_ids(
        &self,
        matching: &RoaringBitmap,
        order: &Order<'_>,
        wanted: usize,
        steps: usize,
    ) -> Option<Vec<u32>> {
        let mut rows = Vec::new();
        let mut left = steps;
        let mut take = |at: u32| {
            left = left.checked_sub(1)?;
            if matching.contains(at) {
                rows.push(at);
            }
            (rows.len() < wanted).then_some(())
        };
        let (by_id, columns, from) = (&self.by_id, &self.columns, order.from.map(|from| from.id));
        if order.backward {
            let from = from.map_or(by_id.end(), |id| by_id.behind(columns, |other| other < id));
            by_id.downward(from).try_for_each(&mut take)
        } else {
            let from = from.map_or(by_id.start(), |id| by_id.behind(columns, |other| other <= id));
            by_id.upward(from).try_for_each(&mut take)
        };
        (left > 0 || rows.len() >= wanted).then_some(rows)
    }
}
