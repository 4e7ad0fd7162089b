//! A timeline: all issues in the order of one instant, newest first, those of one instant in the order of ids.

use super::order::{Order, Start};
use crate::id::IssueId;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline(BTreeMap<(Reverse<i64>, IssueId), u32>);

const LOWEST: IssueId = IssueId::from_uuid(uuid::Uuid::nil());
const HIGHEST: IssueId = IssueId::from_uuid(uuid::Uuid::max());

impl Timeline {
    /// The timeline of these instants, each with its issue; the places are the ordinals.
    pub(super) fn new(instants: &[i64], ids: &[IssueId]) -> Self {
        let entries = (0..).zip(instants.iter().zip(ids));
        Self(entries.map(|(at, (instant, id))| ((Reverse(*instant), *id), at)).collect())
    }

    /// Moves an issue to another instant.
    pub(super) fn change(&mut self, id: IssueId, ordinal: u32, old: Option<i64>, new: i64) {
        if old != Some(new) {
            old.and_then(|old| self.0.remove(&(Reverse(old), id)));
            self.0.insert((Reverse(new), id), ordinal);
        }
    }

    /// Whether both have the same issues at the same instants.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.0.keys().eq(other.0.keys())
    }

    /// The first `wanted` of those that pass, in an order by this instant alone; none when that takes more steps than
    /// `steps`.
    pub(super) fn walk(
        &self,
        order: &Order<'_>,
        wanted: usize,
        steps: usize,
        passes: impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let natural = order.sort.first().is_some_and(|step| step.descending);
        let start = order.from.map(|from| (Reverse(instant(from)), from.id));
        let found = Found { order, natural, wanted, steps, instant: None, rows: Vec::new() };
        let edge = |id: IssueId| match start {
            None => Bound::Unbounded,
            Some(at) if natural => Bound::Excluded(at),
            Some((instant, _)) => Bound::Included((instant, id)),
        };
        if natural == order.backward {
            let entries = self.0.range((Bound::Unbounded, edge(HIGHEST))).rev();
            found.take(entries.map(|((instant, _), at)| (*instant, *at)), passes)
        } else {
            let entries = self.0.range((edge(LOWEST), Bound::Unbounded));
            found.take(entries.map(|((instant, _), at)| (*instant, *at)), passes)
        }
    }
}

fn instant(from: Start<'_>) -> i64 {
    from.values.first().map_or(i64::MIN, super::order::Value::number)
}

/// What a walk has found.
struct Found<'a> {
    order: &'a Order<'a>,
    /// Whether the walk goes exactly as the order does. In ascending time the ids of one instant come descending, so
    /// those of one instant are gathered and put in order.
    natural: bool,
    wanted: usize,
    steps: usize,
    instant: Option<Reverse<i64>>,
    rows: Vec<u32>,
}

impl Found<'_> {
    fn take(
        mut self,
        entries: impl Iterator<Item = (Reverse<i64>, u32)>,
        passes: impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        for (instant, at) in entries {
            if self.rows.len() >= self.wanted && (self.natural || self.instant != Some(instant)) {
                break;
            }
            self.steps = self.steps.checked_sub(1)?;
            if passes(at) && (self.natural || self.order.lies_behind(at)) {
                self.instant = Some(instant);
                self.rows.push(at);
            }
        }
        if !self.natural {
            self.rows.sort_unstable_by(|a, b| self.order.compare(*a, *b));
            self.rows.truncate(self.wanted);
        }
        Some(self.rows)
    }
}
