//! A timeline: all issues in the order of one instant, newest first, those of one instant in the order of ids.

use super::order::{Order, Start};
use super::sorted::{Place, Sorted};
use crate::id::IssueId;
use std::cmp::Reverse;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Timeline(pub(super) Sorted);

/// Where an issue lies.
type Key = (Reverse<i64>, IssueId);

impl Timeline {
    /// The timeline of these instants, each with its issue; the places are the ordinals.
    pub(super) fn new(instants: &[i64], ids: &[IssueId]) -> Self {
        let mut entries: Vec<_> = instants.iter().map(|instant| Reverse(*instant)).zip(0_u32..).collect();
        let id = |at: u32| ids.get(at as usize);
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1))));
        Self(Sorted::of(&entries.into_iter().map(|(_, at)| at).collect::<Vec<_>>()))
    }

    /// Takes an issue in, which lies in the columns.
    pub(super) fn enter(&mut self, instants: &[i64], ids: &[IssueId], ordinal: u32) {
        if let Some(key) = key(instants, ids, ordinal) {
            self.0.insert(self.behind(instants, ids, |other| other < key), ordinal);
        }
    }

    /// Lets an issue go, before it changes in the columns.
    pub(super) fn leave(&mut self, instants: &[i64], ids: &[IssueId], ordinal: u32) {
        if let Some(key) = key(instants, ids, ordinal) {
            self.0.remove(self.behind(instants, ids, |other| other < key), ordinal);
        }
    }

    /// Whether both have the same issues in the same order.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.0.iter().eq(other.0.iter())
    }

    /// The first `wanted` of those that pass, in an order by this instant alone; none when that takes more steps than
    /// `steps`.
    pub(super) fn walk(
        &self,
        instants: &[i64],
        order: &Order<'_>,
        wanted: usize,
        steps: usize,
        passes: impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let natural = order.sort.first().is_some_and(|step| step.descending);
        let start = order.from.map(|from| (Reverse(instant(from)), from.id));
        let found = Found { order, natural, wanted, steps, instant: None, rows: Vec::new() };
        let behind =
            |lies_before: &dyn Fn(Key) -> bool| self.behind(instants, &order.columns.id, lies_before);
        let dated = |at: u32| Some((Reverse(*instants.get(at as usize)?), at));
        if natural == order.backward {
            let from = match start {
                None => self.0.end(),
                Some(start) if natural => behind(&|key| key < start),
                Some((instant, _)) => behind(&|key| key.0 <= instant),
            };
            found.take(self.0.downward(from).filter_map(dated), passes)
        } else {
            let from = match start {
                None => behind(&|_| false),
                Some(start) if natural => behind(&|key| key <= start),
                Some((instant, _)) => behind(&|key| key.0 < instant),
            };
            found.take(self.0.upward(from).filter_map(dated), passes)
        }
    }

    fn behind(&self, instants: &[i64], ids: &[IssueId], lies_before: impl Fn(Key) -> bool) -> Place {
        self.0.behind(|at| key(instants, ids, at).is_some_and(&lies_before))
    }
}

fn key(instants: &[i64], ids: &[IssueId], at: u32) -> Option<Key> {
    Some((Reverse(*instants.get(at as usize)?), *ids.get(at as usize)?))
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
