//! What is filtered and ordered by, in columns: a test of one field reads one column from end to end.
//!
//! An issue takes about 150 bytes here beside its title and rank. Values that many issues share (a team, a member) are
//! codes of a [`Family`](super::family::Family); what is missing has a place of its own below every value. A line in the
//! list below is all that a new column needs, to be saved with the view too.

use super::cell::{Cell, Day, Head};
use super::field::{Column, Field};
use super::fold::{folded, grams};
use super::sets::Sets;
use super::source::Source;
use crate::id::IssueId;
use crate::model::{Issue, IssueKind, Priority, Resolution, StateCategory};
use crate::time::Timestamp;
use std::io;
use std::ops::Range;

/// The code of no value.
pub(super) const NO_CODE: u32 = u32::MAX;

/// Declares the columns, and the row that lies across them.
macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// One issue across all columns.
        #[derive(Debug, Clone, PartialEq)]
        pub(super) struct Row {
            $($(#[$doc])* pub(super) $field: $type,)*
        }

        /// All issues, a column for each field; the place in every column is the issue's ordinal.
        #[derive(Debug, Default)]
        pub(super) struct Columns {
            $(pub(super) $field: <$type as Field>::Column,)*
        }

        impl Columns {
            /// What is in a saved form of them, and how.
            pub(super) const SCHEMA: &'static str = concat!($(stringify!($field), ":", stringify!($type), ";"),*);

            /// Adds a row behind the last.
            pub(super) fn push(&mut self, row: Row) {
                $(Column::push(&mut self.$field, row.$field);)*
            }

            /// Puts a row in the place of another.
            pub(super) fn set(&mut self, at: usize, row: Row) {
                $(Column::set(&mut self.$field, at, row.$field);)*
            }

            /// The row at this place.
            pub(super) fn row(&self, at: usize) -> Option<Row> {
                Some(Row { $($field: Column::value(&self.$field, at)?,)* })
            }

            /// Takes memory for so many rows.
            pub(super) fn reserve(&mut self, rows: usize) {
                $(Column::reserve(&mut self.$field, rows);)*
            }

            /// Gives back memory, but for some rows to come.
            pub(super) fn shrink(&mut self) {
                $(Column::shrink(&mut self.$field);)*
            }

            /// Bytes of memory.
            pub(super) fn memory_bytes(&self) -> usize {
                0 $(+ Column::memory_bytes(&self.$field))*
            }

            /// Writes some rows.
            pub(super) fn save(&self, rows: Range<usize>, to: &mut Vec<u8>) {
                $(Column::save(&self.$field, rows.clone(), to);)*
            }

            /// Reads so many rows, behind the last.
            pub(super) fn load(&mut self, rows: usize, from: &mut Source<'_>) -> io::Result<()> {
                $(Column::load(&mut self.$field, rows, from)?;)*
                Ok(())
            }
        }
    };
}

columns! {
    id: IssueId,
    team: u32,
    state: u32,
    creator: u32,
    parent: u32,
    number: u32,
    version: u64,
    created_at: i64,
    updated_at: i64,
    started_at: i64,
    completed_at: i64,
    canceled_at: i64,
    archived_at: i64,
    start_date: Day,
    due_date: Day,
    estimate: i64,
    category: StateCategory,
    kind: IssueKind,
    priority: Priority,
    resolution: Option<Resolution>,
    deleted: bool,
    assignee_count: u16,
    label_count: u16,
    /// The codes of the assignees, then those of the labels.
    lists: Box<[u32]>,
    title: Box<str>,
    /// How the folded title begins.
    title_head: Head,
    /// Which pairs of letters the folded title has.
    title_grams: u128,
    rank: Box<str>,
    rank_head: Head,
}

impl Row {
    /// The row of an issue; new values get their codes.
    pub(super) fn of(issue: &Issue, sets: &mut Sets) -> Self {
        let assignees = issue.assignees.iter().map(|id| sets.assignee.code(*id)).collect::<Vec<_>>();
        let labels = issue.labels.iter().map(|id| sets.label.code(*id));
        let title = folded(&issue.title);
        Self {
            id: issue.id,
            team: sets.team.code(issue.team),
            state: sets.state.code(issue.state),
            creator: sets.creator.code(issue.creator),
            parent: issue.parent.map_or(NO_CODE, |id| sets.parent.code(id)),
            number: issue.number,
            version: issue.version,
            created_at: issue.created_at.millis(),
            updated_at: issue.updated_at.millis(),
            started_at: instant(issue.started_at),
            completed_at: instant(issue.completed_at),
            canceled_at: instant(issue.canceled_at),
            archived_at: instant(issue.archived_at),
            start_date: Day::of(issue.start_date),
            due_date: Day::of(issue.due_date),
            estimate: issue.estimate.map_or(i64::MISSING, i64::from),
            category: issue.category,
            kind: issue.kind,
            priority: issue.priority,
            resolution: issue.resolution,
            deleted: issue.deleted_at.is_some(),
            assignee_count: count(issue.assignees.len()),
            label_count: count(issue.labels.len()),
            lists: assignees.into_iter().chain(labels).collect(),
            title_head: Head::of(&title),
            title_grams: grams(&title),
            title: issue.title.as_str().into(),
            rank_head: Head::of(&issue.rank),
            rank: issue.rank.as_str().into(),
        }
    }

    /// The codes of the assignees, and those of the labels.
    pub(super) fn lists(&self) -> (&[u32], &[u32]) {
        self.lists.split_at_checked(usize::from(self.assignee_count)).unwrap_or_default()
    }

    /// This row with the codes of other sets; none when they lack one of its values.
    pub(super) fn recoded(self, from: &Sets, to: &Sets) -> Option<Self> {
        let (assignees, labels) = self.lists();
        let lists = assignees.iter().map(|code| to.assignee.recode(*code, &from.assignee));
        let lists = lists.chain(labels.iter().map(|code| to.label.recode(*code, &from.label)));
        Some(Self {
            lists: lists.collect::<Option<_>>()?,
            team: to.team.recode(self.team, &from.team)?,
            state: to.state.recode(self.state, &from.state)?,
            creator: to.creator.recode(self.creator, &from.creator)?,
            parent: if self.parent == NO_CODE {
                NO_CODE
            } else {
                to.parent.recode(self.parent, &from.parent)?
            },
            ..self
        })
    }
}

impl Columns {
    /// Issues.
    pub(super) fn len(&self) -> usize {
        self.id.len()
    }

    /// The id at an ordinal.
    pub(super) fn id_at(&self, ordinal: u32) -> Option<IssueId> {
        self.id.get(ordinal as usize).copied()
    }
}

fn instant(at: Option<Timestamp>) -> i64 {
    at.map_or(i64::MISSING, |at| at.millis().max(i64::MISSING + 1))
}

fn count(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}
