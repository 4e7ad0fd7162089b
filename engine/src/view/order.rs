//! Orders: how two issues compare, and where in an order a position lies.

use super::cell::{Cell, Head};
use super::columns::Columns;
use super::fold::folded;
use crate::filter::{Sort, SortKey};
use crate::id::IssueId;
use std::borrow::Cow;
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

impl Position {
    /// Where the issue with this ordinal lies in an order.
    pub(super) fn of(columns: &Columns, at: u32, sort: &[Sort]) -> Option<Self> {
        let values =
            sort.iter().map(|step| match (text(columns, at, step.key), number(columns, at, step.key)) {
                (Some(text), _) => Value::Text(text.into_owned()),
                (None, i64::MISSING) => Value::Missing,
                (None, number) => Value::Number(number),
            });
        Some(Self { values: values.collect(), id: *columns.id.get(at as usize)? })
    }

    /// Whether it is a position of this order.
    pub(super) fn fits(&self, sort: &[Sort]) -> bool {
        self.values.len() == sort.len()
    }
}

/// The place behind which a page begins: a position, or what is left of it behind the first steps of its order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) values: &'a [Value],
    pub(super) id: IssueId,
}

/// An order, where in it to begin, and in which direction to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) columns: &'a Columns,
    pub(super) sort: &'a [Sort],
    pub(super) from: Option<Start<'a>>,
    pub(super) backward: bool,
}

impl<'a> Order<'a> {
    /// The order within issues that are equal in its first step.
    pub(super) fn within(&self, from: Option<Start<'a>>) -> Self {
        let from = from.map(|start| Start { values: start.values.get(1..).unwrap_or_default(), ..start });
        Self { sort: self.sort.get(1..).unwrap_or_default(), from, ..*self }
    }

    /// How two issues compare in the direction of going. The last step is the id, so no two are equal.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        let steps = self.sort.iter().map(|step| {
            let numbers = (number(self.columns, a, step.key), number(self.columns, b, step.key));
            let texts = || text(self.columns, a, step.key).cmp(&text(self.columns, b, step.key));
            compared(*step, numbers, texts)
        });
        self.decided(steps, |columns| columns.id.get(a as usize).cmp(&columns.id.get(b as usize)))
    }

    /// Whether an issue lies behind the beginning.
    pub(super) fn lies_behind(&self, at: u32) -> bool {
        let Some(from) = self.from else { return true };
        let steps = self.sort.iter().zip(from.values).map(|(step, value)| {
            let numbers = (number(self.columns, at, step.key), value.number());
            compared(*step, numbers, || text(self.columns, at, step.key).as_deref().cmp(&value.text()))
        });
        self.decided(steps, |columns| columns.id.get(at as usize).cmp(&Some(&from.id))).is_gt()
    }

    fn decided(
        &self,
        mut steps: impl Iterator<Item = Ordering>,
        ids: impl FnOnce(&Columns) -> Ordering,
    ) -> Ordering {
        let forward = steps.find(|step| step.is_ne()).unwrap_or_else(|| ids(self.columns));
        if self.backward { forward.reverse() } else { forward }
    }

    /// How the numbers of the first step become words.
    pub(super) fn words(&self) -> Words {
        let step = self.sort.first();
        let nulls_first = step.is_none_or(|step| step.nulls_first);
        let descending = step.is_some_and(|step| step.descending);
        let reversed = |reverse: bool| if reverse { u64::MAX } else { 0 };
        Words {
            missing: reversed(!nulls_first) ^ reversed(self.backward),
            // The first bit makes the order of signed numbers that of words.
            flip: reversed(descending) ^ reversed(self.backward) ^ (1 << 63),
        }
    }
}

/// Words for numbers: a smaller word lies before, in the direction of going. Equal words decide nothing.
#[derive(Clone, Copy)]
pub(super) struct Words {
    missing: u64,
    flip: u64,
}

impl Words {
    pub(super) const fn of(self, number: i64) -> u64 {
        if number == i64::MISSING { self.missing } else { number.cast_unsigned() ^ self.flip }
    }
}

impl Value {
    pub(super) fn number(&self) -> i64 {
        match self {
            Self::Missing => i64::MISSING,
            Self::Number(number) => *number,
            Self::Text(text) => Head::of(text).number(),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How two values compare in one step: by their numbers, and if those do not decide, by their texts.
fn compared(step: Sort, (a, b): (i64, i64), texts: impl FnOnce() -> Ordering) -> Ordering {
    let nulls = if step.nulls_first { Ordering::Less } else { Ordering::Greater };
    match (a == i64::MISSING, b == i64::MISSING) {
        (true, true) => Ordering::Equal,
        (true, false) => nulls,
        (false, true) => nulls.reverse(),
        (false, false) => {
            let upward = a.cmp(&b).then_with(texts);
            if step.descending { upward.reverse() } else { upward }
        }
    }
}

/// The number of the value that an issue is ordered by; of a text, the number of its head.
fn number(columns: &Columns, at: u32, key: SortKey) -> i64 {
    fn of<C: Cell>(column: &[C], at: u32) -> i64 {
        column.get(at as usize).map_or(i64::MISSING, |cell| cell.number())
    }
    match key {
        SortKey::Created => of(&columns.created_at, at),
        SortKey::Updated => of(&columns.updated_at, at),
        SortKey::Completed => of(&columns.completed_at, at),
        SortKey::Priority => of(&columns.priority, at),
        SortKey::Category => of(&columns.category, at),
        SortKey::Number => of(&columns.number, at),
        SortKey::Due => of(&columns.due_date, at),
        SortKey::Estimate => of(&columns.estimate, at),
        SortKey::Rank => of(&columns.rank_head, at),
        SortKey::Title => of(&columns.title_head, at),
    }
}

/// The text that an issue is ordered by, if it is a text.
fn text(columns: &Columns, at: u32, key: SortKey) -> Option<Cow<'_, str>> {
    match key {
        SortKey::Rank => columns.rank.get(at as usize).map(Cow::Borrowed),
        SortKey::Title => columns.title.get(at as usize).map(folded),
        _ => None,
    }
}
