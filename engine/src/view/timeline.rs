//! Timelines: walks along all issues in the order of one instant, newest first.

use super::index::Dated;
use super::order::{Order, Start};
use super::sorted::Sorted;
use std::cmp::Reverse;

impl<D: Dated> Sorted<D> {
    /// The first `wanted` of those that pass, in an order by this instant alone; none when that takes more steps than
    /// `steps`.
    pub(super) fn walk(
        &self,
        order: &Order<'_>,
        wanted: usize,
        steps: usize,
        passes: impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let columns = order.fields.columns;
        let instants = D::instants(columns);
        let natural = order.sort.first().is_some_and(|step| step.descending);
        let start = order.from.map(|from| (Reverse(instant(from)), from.id));
        let found = Found { order, natural, wanted, steps, instant: None, rows: Vec::new() };
        let dated = |at: u32| Some((Reverse(*instants.get(at as usize)?), at));
        if natural == order.backward {
            let from = match start {
                None => self.end(),
                Some(start) if natural => self.behind(columns, |key| key < start),
                Some((instant, _)) => self.behind(columns, |key| key.0 <= instant),
            };
            found.take(self.downward(from).filter_map(dated), passes)
        } else {
            let from = match start {
                None => self.start(),
                Some(start) if natural => self.behind(columns, |key| key <= start),
                Some((instant, _)) => self.behind(columns, |key| key.0 < instant),
            };
            found.take(self.upward(from).filter_map(dated), passes)
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
