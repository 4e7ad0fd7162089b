//! Orders: how two issues compare, and where in an order a position lies.

use super::cell::{Cell, Head};
use super::columns::Columns;
use super::numbers::{Numbers, Scores};
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

impl Position {
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

/// What issues are ordered by: their columns, and how well each matches what is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) columns: &'a Columns,
    pub(super) scores: Scores<'a>,
}

/// An order, where in it to begin, and in which direction to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) sort: &'a [Sort],
    pub(super) from: Option<Start<'a>>,
    pub(super) backward: bool,
}

impl<'a> Fields<'a> {
    /// Where the issue with this ordinal lies in an order.
    pub(super) fn position(&self, at: u32, sort: &[Sort]) -> Option<Position> {
        let values = sort.iter().map(|step| match (self.text(at, step.key), self.number(at, step.key)) {
            (Some(text), _) => Value::Text(text.to_owned()),
            (None, i64::MISSING) => Value::Missing,
            (None, number) => Value::Number(number),
        });
        Some(Position { values: values.collect(), id: *self.columns.id.get(at as usize)? })
    }

    /// The number of the value that an issue is ordered by; of a text, the number of its head.
    fn number(&self, at: u32, key: SortKey) -> i64 {
        let (columns, at) = (self.columns, at as usize);
        match key {
            SortKey::Created => columns.created_at.number(at),
            SortKey::Updated => columns.updated_at.number(at),
            SortKey::Completed => columns.completed_at.number(at),
            SortKey::Priority => columns.priority.number(at),
            SortKey::Category => columns.category.number(at),
            SortKey::Number => columns.number.number(at),
            SortKey::Due => columns.due_date.number(at),
            SortKey::Estimate => columns.estimate.number(at),
            SortKey::Rank => columns.rank_head.number(at),
            SortKey::Title => columns.title_head.number(at),
            SortKey::Started => columns.started_at.number(at),
            SortKey::Start => columns.start_date.number(at),
            SortKey::Comments => columns.comment_count.number(at),
            SortKey::StateSince => columns.state_since.number(at),
            SortKey::Relevance => self.scores.number(at),
        }
    }

    /// The text that an issue is ordered by, if it is a text.
    fn text(&self, at: u32, key: SortKey) -> Option<&'a str> {
        match key {
            SortKey::Rank => Some(self.columns.rank(at as usize)),
            SortKey::Title => Some(self.columns.folded_title(at as usize)),
            _ => None,
        }
    }

    fn id(&self, at: u32) -> Option<&'a IssueId> {
        self.columns.id.get(at as usize)
    }
}

impl<'a> Order<'a> {
    /// The order within issues that are equal in its first step.
    pub(super) fn within(&self, from: Option<Start<'a>>) -> Self {
        let from = from.map(|start| Start { values: start.values.get(1..).unwrap_or_default(), ..start });
        Self { sort: self.sort.get(1..).unwrap_or_default(), from, ..*self }
    }

    /// How two issues compare in the direction of going. The last step is the id, so no two are equal.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        self.compare_by(self.sort, a, b)
    }

    /// [`Order::compare`] of two issues whose numbers are equal in the first step.
    pub(super) fn compare_tied(&self, a: u32, b: u32) -> Ordering {
        self.compare_by(self.sort.get(self.decided_by_number()..).unwrap_or_default(), a, b)
    }

    /// Steps at the beginning that are decided when the number of the first is: one, unless it is a text.
    fn decided_by_number(&self) -> usize {
        let first = self.sort.first();
        usize::from(first.is_some_and(|step| !matches!(step.key, SortKey::Rank | SortKey::Title)))
    }

    /// A word that lies before another when its issue does, of two issues whose numbers are equal in the first step.
    /// Equal words decide nothing.
    pub(super) fn word_of_tied(&self, at: u32) -> u64 {
        let decided = self.decided_by_number();
        if decided < self.sort.len().min(1) {
            return 0;
        }
        let step = self.sort.get(decided);
        let id = || self.fields.id(at).map_or(i64::MISSING, |id| id.number());
        self.words_of(step).of(step.map_or_else(id, |step| self.fields.number(at, step.key)))
    }

    fn compare_by(&self, sort: &[Sort], a: u32, b: u32) -> Ordering {
        let fields = self.fields;
        let steps = sort.iter().map(|step| {
            let numbers = (fields.number(a, step.key), fields.number(b, step.key));
            compared(*step, numbers, || fields.text(a, step.key).cmp(&fields.text(b, step.key)))
        });
        self.decided(steps, || fields.id(a).cmp(&fields.id(b)))
    }

    /// Whether an issue lies behind the beginning.
    pub(super) fn lies_behind(&self, at: u32) -> bool {
        let Some(from) = self.from else { return true };
        let fields = self.fields;
        let steps = self.sort.iter().zip(from.values).map(|(step, value)| {
            let numbers = (fields.number(at, step.key), value.number());
            compared(*step, numbers, || fields.text(at, step.key).cmp(&value.text()))
        });
        self.decided(steps, || fields.id(at).cmp(&Some(&from.id))).is_gt()
    }

    fn decided(&self, mut steps: impl Iterator<Item = Ordering>, ids: impl FnOnce() -> Ordering) -> Ordering {
        let forward = steps.find(|step| step.is_ne()).unwrap_or_else(ids);
        if self.backward { forward.reverse() } else { forward }
    }

    /// How the numbers of the first step become words.
    pub(super) fn words(&self) -> Words {
        self.words_of(self.sort.first())
    }

    /// The same of a step, or of the id.
    fn words_of(&self, step: Option<&Sort>) -> Words {
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
