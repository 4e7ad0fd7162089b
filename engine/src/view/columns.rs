//! What is filtered and ordered by, in columns: a test of one field reads one column from end to end.
//!
//! Values that many issues share (a team, a member) are codes of a [`Family`](super::family::Family); what few issues
//! have lies in [sparse](super::sparse) columns and in the [items](super::items). What is missing has a place of its own
//! below every value.

use super::capitals;
use super::cell::{Cell, Head};
use super::field::{Column, Field};
use super::fold::folded;
use super::items::{self, Tag};
use super::numbers::Numbers;
use super::origin::{self, Origin};
use super::sets::Sets;
use super::sight::CONFIDENTIAL;
use super::source::Source;
use super::sparse::{Seldom, Sparse};
use crate::filter::{DateField, TimeField};
use crate::id::IssueId;
use crate::model::{Issue, IssueKind, Priority, Relation, Resolution, StateCategory};
use crate::time::{CalendarDate, Timestamp};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::io;
use std::ops::Range;

/// Declares the columns, and the row that lies across them.
macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// One issue across all columns.
        #[derive(Debug, Clone, PartialEq)]
        pub(super) struct Row {
            $($(#[$doc])* pub(super) $field: $type,)*
        }

        /// All issues, a column for each field; the place in every column is the issue's ordinal.
        #[derive(Debug, Clone, Default)]
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

            /// Bytes of memory: the columns, and what they point to.
            pub(super) fn memory_bytes(&self) -> usize {
                0 $(+ Column::memory_bytes(&self.$field))*
            }

            /// Takes memory for so many rows.
            pub(super) fn reserve(&mut self, rows: usize) {
                $(Column::reserve(&mut self.$field, rows);)*
            }

            /// Gives back memory, but for some rows to come.
            pub(super) fn shrink(&mut self) {
                $(Column::shrink(&mut self.$field);)*
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
    number: u32,
    comment_count: u32,
    version: u64,
    created_at: i64,
    updated_at: i64,
    /// When it entered its present state: that of its creation when it never moved.
    state_since: i64,
    started_at: Seldom<i64>,
    completed_at: Seldom<i64>,
    canceled_at: Seldom<i64>,
    triaged_at: Seldom<i64>,
    archived_at: Seldom<i64>,
    deleted_at: Seldom<i64>,
    start_date: Seldom<i32>,
    due_date: Seldom<i32>,
    estimate: Seldom<u32>,
    /// How often it was reopened, if ever.
    reopen_count: Seldom<u32>,
    /// The version of a workflow that its row names.
    workflow_version: Seldom<u32>,
    parent: Seldom<IssueId>,
    relations: Seldom<Box<[Relation]>>,
    /// Its id where it was imported from, hashed.
    source_id: Seldom<i64>,
    category: StateCategory,
    kind: IssueKind,
    priority: Priority,
    resolution: Option<Resolution>,
    described: bool,
    /// What it has several of, or seldom any.
    items: Box<[u32]>,
    /// The title, folded.
    title: Box<str>,
    /// What folding took from the title.
    title_capitals: Box<[u8]>,
    title_head: Head,
    rank: Box<str>,
    rank_head: Head,
}

impl Row {
    /// The row of an issue; new values get their codes.
    pub(super) fn of(issue: &Issue, sets: &mut Sets) -> Self {
        let title = folded(&issue.title);
        Self {
            id: issue.id,
            team: sets.team.code(issue.team),
            state: sets.state.code(issue.state),
            creator: sets.creator.code(issue.creator),
            number: issue.number,
            comment_count: issue.comment_count,
            version: issue.version,
            created_at: instant(issue.created_at),
            updated_at: instant(issue.updated_at),
            state_since: instant(issue.in_state_since()),
            started_at: Seldom(issue.started_at.map(instant)),
            completed_at: Seldom(issue.completed_at.map(instant)),
            canceled_at: Seldom(issue.canceled_at.map(instant)),
            triaged_at: Seldom(issue.triaged_at.map(instant)),
            archived_at: Seldom(issue.archived_at.map(instant)),
            deleted_at: Seldom(issue.deleted_at.map(instant)),
            start_date: Seldom(issue.start_date.map(CalendarDate::days)),
            due_date: Seldom(issue.due_date.map(CalendarDate::days)),
            estimate: Seldom(issue.estimate),
            reopen_count: Seldom(Some(issue.reopen_count).filter(|count| *count > 0)),
            workflow_version: Seldom(issue.workflow_version.map(|id| sets.workflow_version.code(id))),
            parent: Seldom(issue.parent),
            relations: Seldom(Some(issue.relations.as_slice()).filter(|all| !all.is_empty()).map(Box::from)),
            source_id: Seldom(issue.source.as_ref().map(|source| origin::hashed(&source.id))),
            category: issue.category,
            kind: issue.kind,
            priority: issue.priority,
            resolution: issue.resolution,
            described: issue.description_bytes > 0,
            items: items_of(issue, sets),
            title_head: Head::of(&title),
            title_capitals: capitals::of(&issue.title, &title),
            title: Box::from(&*title),
            rank_head: Head::of(&issue.rank),
            rank: issue.rank.as_str().into(),
        }
    }

    /// This row with the codes of other sets; none when they lack one of its values.
    pub(super) fn recoded(self, from: &Sets, to: &Sets) -> Option<Self> {
        let version = self.workflow_version.0;
        let version = version.map(|code| to.workflow_version.recode(code, &from.workflow_version));
        Some(Self {
            workflow_version: Seldom(match version {
                Some(code) => Some(code?),
                None => None,
            }),
            team: to.team.recode(self.team, &from.team)?,
            state: to.state.recode(self.state, &from.state)?,
            creator: to.creator.recode(self.creator, &from.creator)?,
            items: self.items.iter().map(|item| to.recode(*item, from)).collect::<Option<_>>()?,
            ..self
        })
    }
}

/// The items of an issue, kind by kind.
fn items_of(issue: &Issue, sets: &mut Sets) -> Box<[u32]> {
    let (past, mut found) = (&issue.past, Vec::new());
    found.extend(issue.assignees.iter().map(|id| Tag::Assignee.item(sets.assignee.code(*id))));
    found.extend(issue.labels.iter().map(|id| Tag::Label.item(sets.label.code(*id))));
    found.extend(issue.commenters.iter().map(|c| Tag::Commenter.item(sets.commenter.code(c.member))));
    let origin = issue.source.as_ref().map(|source| Origin::of(&source.system));
    found.extend(origin.map(|origin| Tag::Source.item(sets.source.code(origin))));
    found.extend(past.states.iter().map(|id| Tag::PastState.item(sets.past_state.code(*id))));
    found.extend(past.categories.iter().map(|c| Tag::PastCategory.item(sets.past_category.code(*c))));
    found.extend(past.priorities.iter().map(|p| Tag::PastPriority.item(sets.past_priority.code(*p))));
    found.extend(past.kinds.iter().map(|kind| Tag::PastKind.item(sets.past_kind.code(*kind))));
    found.extend(past.resolutions.iter().map(|r| Tag::PastResolution.item(sets.past_resolution.code(*r))));
    found.extend(past.assignees.iter().map(|id| Tag::PastAssignee.item(sets.past_assignee.code(*id))));
    found.extend(past.labels.iter().map(|id| Tag::PastLabel.item(sets.past_label.code(*id))));
    if let Some(confidential) = &issue.confidential {
        let audience = [CONFIDENTIAL].into_iter().chain(confidential.participants.iter().copied());
        found.extend(audience.map(|id| Tag::Audience.item(sets.audience.code(id))));
    }
    found.extend(issue.approvals.iter().map(|asked| Tag::Approval.item(sets.approval.code(asked.to))));
    found.into()
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

    /// The items of an issue.
    pub(super) fn items(&self, at: usize, tag: Tag) -> &[u32] {
        self.items.get(at).map_or(&[], |all| items::of(all, tag))
    }

    /// Those of an issue's items that say who is let in: its audience, but for what says that it is confidential. That was met
    /// before anybody was, so it comes first.
    pub(super) fn participants(&self, at: usize) -> &[u32] {
        self.items(at, Tag::Audience).get(1..).unwrap_or_default()
    }

    /// The folded title of an issue.
    pub(super) fn folded_title(&self, at: usize) -> &str {
        self.title.get(at).unwrap_or_default()
    }

    /// The title of an issue as it was written.
    pub(super) fn written_title(&self, at: usize) -> Cow<'_, str> {
        let taken = self.title_capitals.get(at).unwrap_or_default();
        capitals::restored(self.folded_title(at), taken)
    }

    /// The rank of an issue.
    pub(super) fn rank(&self, at: usize) -> &str {
        self.rank.get(at).unwrap_or_default()
    }

    /// The relations that are stored with an issue.
    pub(super) fn relations(&self, at: usize) -> &[Relation] {
        self.relations.get(at).map_or(&[], |all| all)
    }

    /// The column of an instant.
    pub(super) const fn instants(&self, field: TimeField) -> Instants<'_> {
        match field {
            TimeField::Created => Instants::All(&self.created_at),
            TimeField::Updated => Instants::All(&self.updated_at),
            TimeField::StateSince => Instants::All(&self.state_since),
            TimeField::Started => Instants::Some(&self.started_at),
            TimeField::Completed => Instants::Some(&self.completed_at),
            TimeField::Canceled => Instants::Some(&self.canceled_at),
            TimeField::Archived => Instants::Some(&self.archived_at),
            TimeField::Triaged => Instants::Some(&self.triaged_at),
            TimeField::Deleted => Instants::Some(&self.deleted_at),
        }
    }

    /// An instant of an issue.
    pub(super) fn instant(&self, field: TimeField, at: usize) -> Option<i64> {
        Some(self.instants(field).number(at)).filter(|instant| *instant != i64::MISSING)
    }

    /// The column of a date.
    pub(super) const fn days(&self, field: DateField) -> &Sparse<i32> {
        match field {
            DateField::Start => &self.start_date,
            DateField::Due => &self.due_date,
        }
    }
}

/// The column of an instant that every issue has, or some.
#[derive(Clone, Copy)]
pub(super) enum Instants<'a> {
    All(&'a Vec<i64>),
    Some(&'a Sparse<i64>),
}

impl Numbers for Instants<'_> {
    fn len(&self) -> usize {
        match self {
            Self::All(column) => column.len(),
            Self::Some(column) => column.len(),
        }
    }

    fn number(&self, at: usize) -> i64 {
        match self {
            Self::All(column) => Numbers::number(*column, at),
            Self::Some(column) => Numbers::number(*column, at),
        }
    }

    fn read(&self, from: usize, to: &mut [i64]) {
        match self {
            Self::All(column) => column.read(from, to),
            Self::Some(column) => column.read(from, to),
        }
    }

    fn scan(&self, candidates: &RoaringBitmap, passes: impl Fn(i64) -> bool) -> RoaringBitmap {
        match self {
            Self::All(column) => Numbers::scan(*column, candidates, passes),
            Self::Some(column) => Numbers::scan(*column, candidates, passes),
        }
    }
}

fn instant(at: Timestamp) -> i64 {
    at.millis().max(i64::MISSING + 1)
}
