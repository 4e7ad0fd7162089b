//! One tenant's issues in memory: columns, bitmaps per value, ordered indexes.
//!
//! A filter is bitmap algebra and scans of single columns, a count is free, and the common orders are walked rather than
//! sorted. The view is a pure value: it knows no storage, no locks and no text beyond titles. An issue's place in it,
//! its ordinal, means nothing outside.

mod bitmaps;
mod capitals;
mod cell;
mod columns;
mod compare;
mod cursor;
mod durations;
mod evaluate;
mod family;
mod few;
mod field;
mod flows;
mod fold;
mod followed;
mod grams;
mod groups;
mod index;
mod items;
mod keys;
mod linked;
mod links;
mod list_hash;
mod marks;
mod numbers;
mod order;
mod origin;
mod packed;
mod page;
mod pairs;
mod past;
mod ranks;
mod relations;
mod row;
mod saved;
mod scan;
mod select;
mod sets;
mod sight;
mod sorted;
mod source;
mod sparse;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod timeline;
mod titles;
mod validate;

pub use cursor::CursorKey;
pub use flows::{Followers, Strays};
pub use fold::fold;
pub use groups::{DueBucket, Group, GroupKey, GroupPlace, GroupRequest, Groups};
pub use list_hash::{Conditions, query_hash};
pub use order::Position;
pub use page::{IssuePage, IssueQuery, Page};
pub use saved::{Saving, schema_hash};
pub use sight::Sight;
pub(crate) use text::Matcher as TextMatcher;
pub use validate::{validate, validate_sort};

use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::filter::{Asking, Filter, PastChange, Test};
use crate::id::{IssueId, TeamId};
use crate::model::Issue;
use crate::time::Timestamp;
use columns::{Columns, Row};
use evaluate::Evaluation;
use index::{ByCreated, ById, ByNumber, ByUpdated};
use links::{Links, Named};
use roaring::RoaringBitmap;
use row::{RowTest, Visits};
use rustc_hash::FxHashMap;
use sets::Sets;
use sorted::{Index, Keyed, Sorted};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct View {
    columns: Columns,
    sets: Sets,
    links: Links,
    by_id: Sorted<ById>,
    by_number: Sorted<ByNumber>,
    by_created: Sorted<ByCreated>,
    by_updated: Sorted<ByUpdated>,
    /// Whether the indexes but that of ids, and the pairs of letters, are built. Before, what they would answer is
    /// selected, and every title looked at.
    finished: bool,
    /// Issues that were read from a checkpoint and whose newest rows are still to come: see [`View::doubt`].
    doubted: RoaringBitmap,
}

/// A filter, and all that gives it its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The filter. What is not in the view (texts, histories, comments) is looked up before: see [`Looked`].
    pub filter: &'a Filter,
    /// Who asks, and when.
    pub asking: &'a Asking,
    /// What names stand for.
    pub directory: &'a Directory,
    /// What was looked up.
    pub looked: &'a Looked,
}

/// What was looked up for the tests of a filter that the view cannot answer, as ordinals of this very view: they mean
/// nothing in another.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// The issues that pass, for each [`Test::Looked`] in order.
    pub sets: Vec<RoaringBitmap>,
    /// How well issues match the texts that are searched; what is not here has no relevance.
    pub scores: FxHashMap<u32, f32>,
}

impl Looked {
    /// What was found for the test in this place; nothing when there is no such place.
    fn set(&self, place: u16) -> &RoaringBitmap {
        static NOTHING: std::sync::LazyLock<RoaringBitmap> = std::sync::LazyLock::new(RoaringBitmap::new);
        self.sets.get(usize::from(place)).unwrap_or(&NOTHING)
    }
}

impl View {
    /// An empty view.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the row of an issue while loading, each once. [`View::finish_load`] comes after the last.
    pub fn load_issue(&mut self, issue: &Issue) {
        self.finished = false;
        let row = Row::of(issue, &mut self.sets);
        self.add(row);
    }

    /// Builds what is quicker built at once. Before it every answer is right, and some are slow.
    pub fn finish_load(&mut self) {
        self.columns.shrink();
        self.by_number = Sorted::built(&self.columns, self.len());
        self.by_created = Sorted::built(&self.columns, self.len());
        self.by_updated = Sorted::built(&self.columns, self.len());
        self.sets.grams = grams::built((0..self.len()).map(|at| self.columns.folded_title(at)));
        self.finished = true;
    }

    /// Takes the newest row of an issue.
    pub fn apply(&mut self, issue: &Issue) {
        if !self.finished {
            self.finish_load();
        }
        let row = Row::of(issue, &mut self.sets);
        match self.ordinal_of(issue.id) {
            None => {
                let ordinal = self.add(row);
                self.enter(ordinal);
            }
            Some(ordinal) => self.replace(ordinal, row),
        }
    }

    /// Adds a row to all but what [`View::finish_load`] builds.
    fn add(&mut self, row: Row) -> u32 {
        let ordinal = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        let (id, by_id, columns) = (row.id, &self.by_id, &self.columns);
        let find = |named| if named == id { Some(ordinal) } else { by_id.find(columns, named) };
        self.sets.change(ordinal, None, &row);
        self.links.arrive(id, ordinal);
        self.links.change(ordinal, None, &row, find);
        self.columns.push(row);
        self.by_id.enter(&self.columns, ordinal);
        ordinal
    }

    /// Adds an issue to what [`View::finish_load`] builds.
    fn enter(&mut self, ordinal: u32) {
        grams::change(&mut self.sets.grams, ordinal, None, self.columns.folded_title(ordinal as usize));
        self.by_number.enter(&self.columns, ordinal);
        self.by_created.enter(&self.columns, ordinal);
        self.by_updated.enter(&self.columns, ordinal);
    }

    /// Puts a row in the place of the one before.
    fn replace(&mut self, ordinal: u32, row: Row) {
        let (at, columns) = (ordinal as usize, &self.columns);
        let Some(old) = columns.row(at) else { return };
        // Its links are right, for they are made from the columns.
        self.links.change(ordinal, Some(&old), &row, |id| self.by_id.find(columns, id));
        if self.doubted.remove(ordinal) {
            self.sets.change(ordinal, None, &row);
            self.columns.set(at, row);
            self.enter(ordinal);
            return;
        }
        let number = ByNumber::key(columns, ordinal);
        let (created, updated) = (ByCreated::key(columns, ordinal), ByUpdated::key(columns, ordinal));
        self.sets.change(ordinal, Some(&old), &row);
        self.columns.set(at, row);
        let title = self.columns.folded_title(at);
        grams::change(&mut self.sets.grams, ordinal, Some(&old.title), title);
        self.by_number.moved(&self.columns, ordinal, number);
        self.by_created.moved(&self.columns, ordinal, created);
        self.by_updated.moved(&self.columns, ordinal, updated);
    }

    /// One page of the issues that pass a filter, in order, and how many pass in all.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when a test was not looked up that had to be: see [`View::answers`].
    pub fn query(&self, sight: &Sight, query: &IssueQuery<'_>) -> Result<IssuePage> {
        answerable(query.question.filter)?;
        let matching = self.matching(sight, &query.question);
        Ok(self.page(&matching, query.question.looked, query.sort, &query.page))
    }

    /// How many issues pass a filter.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when a test was not looked up that had to be: see [`View::answers`].
    pub fn count(&self, sight: &Sight, question: &Question<'_>) -> Result<u64> {
        answerable(question.filter)?;
        Ok(self.matching(sight, question).len())
    }

    /// The ordinals of all issues that pass a filter. A test that had to be looked up and was not passes for none.
    #[must_use]
    pub fn select(&self, sight: &Sight, question: &Question<'_>) -> RoaringBitmap {
        self.matching(sight, question).into_owned()
    }

    /// Whether one issue passes a filter: as [`View::select`] would say, at the cost of one row. When its filters of
    /// other issues lead to too many of those, it costs what [`View::select`] does.
    #[must_use]
    pub fn passes(&self, sight: &Sight, question: &Question<'_>, ordinal: u32) -> bool {
        let visits = Visits::for_rows(1);
        let row = RowTest { view: self, q: question, sight, visits: &visits };
        self.is_meant(question.filter, ordinal)
            && !sight.hides(ordinal)
            && row
                .passes(question.filter, ordinal)
                .unwrap_or_else(|| self.matching(sight, question).contains(ordinal))
    }

    /// The issues that may pass a test of their past, whenever and by whomever it was: all that pass are among them,
    /// deleted, archived and hidden ones too. It narrows what [`View::select`] gives, and is not to be shown by itself.
    #[must_use]
    pub fn ever(&self, question: &Question<'_>, change: &PastChange) -> RoaringBitmap {
        Evaluation::of(self, &Sight::default(), question).ever(change)
    }

    /// The ordinal of an issue: its place in this very view.
    #[must_use]
    pub fn ordinal_of(&self, id: IssueId) -> Option<u32> {
        self.by_id.find(&self.columns, id)
    }

    /// The ids of all issues, deleted ones included, in order of ordinal.
    pub fn all_ids(&self) -> impl Iterator<Item = IssueId> + '_ {
        self.columns.id.iter().copied()
    }

    /// The issue with this ordinal.
    #[must_use]
    pub fn id_of(&self, ordinal: u32) -> Option<IssueId> {
        self.columns.id_at(ordinal)
    }

    /// Whether the view alone answers this test. One that it does not must be looked up beforehand: see [`Looked`].
    #[must_use]
    pub const fn answers(test: &Test) -> bool {
        !test.is_looked_up()
    }

    /// The issue with this number in the team, deleted ones included.
    #[must_use]
    pub fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        let (columns, code) = (&self.columns, self.sets.team.known(&team)?);
        let is_it =
            |at: &u32| ByNumber::key(columns, *at).is_some_and(|key| (key.0, key.1) == (code, number));
        let found = if self.finished {
            let behind = self.by_number.behind(columns, |key| (key.0, key.1) < (code, number));
            self.by_number.upward(behind).next().filter(is_it)
        } else {
            self.sets.all.iter().find(is_it)
        };
        found.and_then(|at| columns.id_at(at))
    }

    /// Whether there is an issue with this id, deleted ones included.
    #[must_use]
    pub fn contains(&self, id: IssueId) -> bool {
        self.ordinal_of(id).is_some()
    }

    /// The issue this one is a part of.
    #[must_use]
    pub fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        self.columns.parent.get(self.ordinal_of(id)? as usize).copied()
    }

    /// Whether this issue is there, and neither deleted nor in a closed state.
    #[must_use]
    pub fn is_open(&self, id: IssueId) -> bool {
        self.ordinal_of(id).is_some_and(|at| {
            let category = self.columns.category.get(at as usize);
            category.is_some_and(|category| !category.is_terminal()) && !self.sets.deleted.contains(at)
        })
    }

    /// The issues that are a part of this one, deleted ones included.
    pub fn parts_of(&self, id: IssueId) -> impl Iterator<Item = IssueId> + '_ {
        self.naming(Named::Parent, id)
    }

    fn naming(&self, as_what: Named, id: IssueId) -> impl Iterator<Item = IssueId> + '_ {
        let named = self.ordinal_of(id).into_iter();
        named.flat_map(move |to| self.links.naming(as_what, to)).filter_map(|from| self.id_of(from))
    }

    /// The version of an issue's row that this view has taken.
    #[must_use]
    pub fn version_of(&self, id: IssueId) -> Option<u64> {
        self.columns.version.get(self.ordinal_of(id)? as usize).copied()
    }

    /// The highest number the team has given; deleted issues keep theirs.
    #[must_use]
    pub fn max_number(&self, team: TeamId) -> u32 {
        let Some(code) = self.sets.team.known(&team) else { return 0 };
        let columns = &self.columns;
        let number = |at: u32| ByNumber::key(columns, at).filter(|key| key.0 == code).map(|key| key.1);
        let highest = if self.finished {
            let end = self.by_number.behind(columns, |key| key.0 <= code);
            self.by_number.downward(end).next().and_then(number)
        } else {
            self.sets.all.iter().filter_map(number).max()
        };
        highest.unwrap_or_default()
    }

    /// Issues, deleted ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// The issues that are deleted, and since when.
    pub fn deleted(&self) -> impl Iterator<Item = (Timestamp, IssueId)> + '_ {
        self.sets.deleted.iter().filter_map(|at| {
            let since = self.columns.deleted_at.get(at as usize)?;
            Some((Timestamp::from_millis(*since), self.columns.id_at(at)?))
        })
    }

    /// Whether there are no issues.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.len() == 0
    }

    /// Bytes of memory it takes, estimated.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let indexes: usize = self.indexes().iter().map(|index| index.memory_bytes()).sum();
        let (sets, links) = (self.sets.memory_bytes(), self.links.memory_bytes());
        size_of::<Self>() + self.columns.memory_bytes() + sets + links + indexes
    }

    fn indexes(&self) -> [&dyn Index<Columns>; 4] {
        [&self.by_id, &self.by_number, &self.by_created, &self.by_updated]
    }
}

/// Refuses a filter with a test that the view cannot answer: an answer without it would be wrong in silence.
fn answerable(filter: &Filter) -> Result<()> {
    if filter.each_test(&mut |test| View::answers(test)) {
        return Ok(());
    }
    Err(Error::internal("a test of the filter was not looked up before the view was asked"))
}
