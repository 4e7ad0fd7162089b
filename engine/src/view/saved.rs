//! A view as bytes: saved in small parts while others change it, and loaded at the speed of memory.
//!
//! Saving takes no copy of the view and asks for it only for the length of a part. So a part may be newer than one
//! before it, and what is loaded is right for the issues that did not change meanwhile: whoever loads it knows which did,
//! says so with [`View::doubt`], and applies their newest rows. This module knows no files and no log.

use super::View;
use super::columns::Columns;
use super::field::{self, Plain};
use super::fold;
use super::links::Links;
use super::sets::Sets;
use super::sorted::{Index, Sorted};
use super::source::{Source, malformed};
use crate::id::IssueId;
use roaring::RoaringBitmap;
use std::io::{self, Read};

/// Raised when the form changes in a way that the names and types of the columns and groups do not show; also when a
/// migration changes rows of issues without an event that says so.
const FORM: u32 = 1;

/// Rows of a part: writing one takes well below a millisecond. It is a multiple of the values that lie together in
/// [packed](super::packed) and in [sparse](super::sparse) columns. (Tests, whose views are small, save in parts too.)
const PART_ROWS: usize = if cfg!(test) { 64 } else { 2_048 };

/// What tells one form of saved views from any other. Bytes of another form are not to be loaded.
#[must_use]
pub fn schema_hash() -> [u8; 32] {
    let form = format!("form {FORM}, {PART_ROWS} rows in a part");
    let lists = [Columns::SCHEMA, Sets::SCHEMA, Sets::ITEMS];
    let schema = [lists.join("\n"), field::words(), fold::edition(), form];
    *blake3::hash(schema.join("\n").as_bytes()).as_bytes()
}

/// How far a view has been saved.
#[derive(Debug)]
pub struct Saving {
    /// Issues there were when it began; later ones are not saved.
    rows: usize,
    next: Step,
}

impl Saving {
    /// Issues that are saved.
    #[must_use]
    pub const fn issues(&self) -> usize {
        self.rows
    }
}

#[derive(Debug)]
enum Step {
    Length,
    Rows(usize),
    Sets(usize, u32),
    Index(usize),
    Done,
}

impl View {
    /// Begins to save the issues that are there now.
    #[must_use]
    pub fn start_saving(&self) -> Saving {
        Saving { rows: self.len(), next: Step::Length }
    }

    /// Adds the next part to these bytes; false when there is none left.
    pub fn save_part(&self, saving: &mut Saving, to: &mut Vec<u8>) -> bool {
        saving.next = match saving.next {
            Step::Length => {
                (saving.rows as u64).put(to);
                Step::Rows(0)
            }
            Step::Rows(start) if start < saving.rows => {
                let end = saving.rows.min(start.saturating_add(PART_ROWS));
                self.columns.save(start..end, to);
                Step::Rows(end)
            }
            Step::Rows(_) => Step::Sets(0, 0),
            Step::Sets(group, code) => match self.sets.save((group, code), to) {
                Some((group, code)) => Step::Sets(group, code),
                None => Step::Index(0),
            },
            Step::Index(index) => match self.indexes().get(index) {
                Some(sorted) => {
                    sorted.save(to);
                    Step::Index(index + 1)
                }
                None => Step::Done,
            },
            Step::Done => return false,
        };
        true
    }

    /// Reads what was saved. It is right once the issues that changed while it was saved, and since, are doubted and
    /// applied.
    ///
    /// # Errors
    ///
    /// The bytes end early, or are no saved view of this form.
    pub fn load(from: &mut dyn Read) -> io::Result<Self> {
        let mut from = Source::new(from);
        let rows = u32::try_from(from.value::<u64>()?).map_err(|_| malformed())?;
        let (count, mut columns) = (rows as usize, Columns::default());
        columns.reserve(count);
        for start in (0..count).step_by(PART_ROWS) {
            columns.load(PART_ROWS.min(count - start), &mut from)?;
        }
        let sets = Sets::load(rows, &mut from)?;
        let by_id = Sorted::load(&columns, rows, &mut from)?;
        let view = Self {
            links: Links::of(&columns, &by_id),
            by_number: Sorted::load(&columns, rows, &mut from)?,
            by_created: Sorted::load(&columns, rows, &mut from)?,
            by_updated: Sorted::load(&columns, rows, &mut from)?,
            by_id,
            columns,
            sets,
            finished: true,
            doubted: RoaringBitmap::new(),
        };
        if view.by_id.len() == count { Ok(view) } else { Err(malformed()) }
    }

    /// Forgets what values these issues have: until their newest rows are applied, they are in no list. Those that are not
    /// there are passed over.
    pub fn doubt(&mut self, issues: impl IntoIterator<Item = IssueId>) {
        let doubted: RoaringBitmap = issues.into_iter().filter_map(|id| self.ordinal_of(id)).collect();
        if doubted.is_empty() {
            return;
        }
        self.sets.forget(&doubted);
        let indexes: [&mut dyn Index<Columns>; 3] =
            [&mut self.by_number, &mut self.by_created, &mut self.by_updated];
        for index in indexes {
            index.forget(&self.columns, &doubted);
        }
        self.doubted |= doubted;
    }

    /// Whether the rows of all issues are known, and every index has all issues.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.doubted.is_empty() && self.indexes().iter().all(|sorted| sorted.len() == self.len())
    }
}
