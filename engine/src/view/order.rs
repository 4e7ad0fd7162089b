//! Orders: how two issues compare, and where in an order a position lies.

use super::columns::Columns;
use crate::filter::{Sort, SortKey};
use crate::id::IssueId;
use std::cmp::Ordering;

/// A place in an order: the values an issue was ordered by, and its id. It stays meaningful while others write, and
/// though the issue itself should move.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Position {
    #[n(0)]
    pub(super) values: Vec<Value>,
    #[n(1)]
    pub(super) id: IssueId,
}

/// A value that is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(super) enum Value {
    #[n(0)]
    Missing,
    #[n(1)]
    Number(#[n(0)] i64),
    #[n(2)]
    Text(#[n(0)] String),
}

/// A value that is ordered by, as it lies in a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen<'a> {
    Missing,
    Number(i64),
    Text(&'a str),
}

impl Value {
    fn seen(&self) -> Seen<'_> {
        match self {
            Self::Missing => Seen::Missing,
            Self::Number(n) => Seen::Number(*n),
            Self::Text(t) => Seen::Text(t),
        }
    }
}

impl Position {
    /// Where an issue lies in an order.
    pub(super) fn of(row: &Columns, sort: &[Sort]) -> Self {
        let values = sort.iter().map(|step| match seen(row, step.key) {
            Seen::Missing => Value::Missing,
            Seen::Number(n) => Value::Number(n),
            Seen::Text(t) => Value::Text(t.to_owned()),
        });
        Self { values: values.collect(), id: row.id }
    }

    /// Whether it is a position of this order.
    pub(super) fn fits(&self, sort: &[Sort]) -> bool {
        self.values.len() == sort.len()
    }
}

/// How two issues compare. The last step is the id, so no two are equal.
pub(super) fn compare(a: &Columns, b: &Columns, sort: &[Sort]) -> Ordering {
    let mut steps = sort.iter().map(|step| ordered(seen(a, step.key), seen(b, step.key), *step));
    steps.find(|step| step.is_ne()).unwrap_or(Ordering::Equal).then_with(|| a.id.cmp(&b.id))
}

/// How an issue compares with a position.
pub(super) fn compare_position(row: &Columns, position: &Position, sort: &[Sort]) -> Ordering {
    let mut steps = sort
        .iter()
        .zip(&position.values)
        .map(|(step, value)| ordered(seen(row, step.key), value.seen(), *step));
    steps.find(|step| step.is_ne()).unwrap_or(Ordering::Equal).then_with(|| row.id.cmp(&position.id))
}

fn ordered(a: Seen<'_>, b: Seen<'_>, step: Sort) -> Ordering {
    let nulls = if step.nulls_first { Ordering::Less } else { Ordering::Greater };
    match (a, b) {
        (Seen::Missing, Seen::Missing) => Ordering::Equal,
        (Seen::Missing, _) => nulls,
        (_, Seen::Missing) => nulls.reverse(),
        (a, b) if step.descending => b.cmp(&a),
        (a, b) => a.cmp(&b),
    }
}

fn seen(row: &Columns, key: SortKey) -> Seen<'_> {
    let number = |n: Option<i64>| n.map_or(Seen::Missing, Seen::Number);
    match key {
        SortKey::Created => Seen::Number(row.created_at.millis()),
        SortKey::Updated => Seen::Number(row.updated_at.millis()),
        SortKey::Completed => number(row.completed_at.map(|t| t.millis())),
        SortKey::Priority => Seen::Number(row.priority as i64),
        SortKey::Category => Seen::Number(row.category as i64),
        SortKey::Number => Seen::Number(i64::from(row.number)),
        SortKey::Due => number(row.due_date.map(|d| i64::from(d.days()))),
        SortKey::Estimate => number(row.estimate.map(i64::from)),
        SortKey::Rank => Seen::Text(&row.rank),
        SortKey::Title => Seen::Text(row.folded_title()),
    }
}

impl Position {
    /// The instant it lies at, in an order by one instant.
    pub(super) fn time(&self) -> Option<crate::time::Timestamp> {
        match self.values.as_slice() {
            [Value::Number(millis)] => Some(crate::time::Timestamp::from_millis(*millis)),
            _ => None,
        }
    }
}
