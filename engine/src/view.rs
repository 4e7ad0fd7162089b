//! One tenant's issues in memory: columns, bitmaps per value, ordered indexes.
//!
//! A filter is bitmap algebra and scans of single columns, a count is free, and the common orders are walked rather than
//! sorted. The view is a pure value: it knows no storage, no locks and no text beyond titles. An issue's place in it,
//! its ordinal, means nothing outside.

mod capitals;
mod cell;
mod columns;
mod compare;
mod cursor;
mod durations;
mod evaluate;
mod family;
mod field;
mod fold;
mod grams;
mod groups;
mod items;
mod keys;
mod linked;
mod links;
mod list_hash;
mod marks;
mod numbers;
mod order;
mod origin;
mod page;
mod pairs;
mod past;
mod relations;
mod row;
mod scan;
mod select;
mod sets;
mod sparse;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod titles;
mod validate;

pub use cursor::CursorKey;
pub use fold::fold;
pub use groups::{DueBucket, Group, GroupKey, GroupRequest, Groups};
pub use list_hash::{Conditions, query_hash};
pub use order::Position;
pub use page::{IssuePage, IssueQuery, Page};
pub(crate) use text::Matcher as TextMatcher;
pub use validate::{validate, validate_sort};

use crate::access::Scope;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::filter::{Asking, CommentTest, Filter, Many, PastChange, Test};
use crate::id::{IssueId, TeamId};
use crate::model::{Issue, RelationKind};
use columns::{Columns, Row};
use evaluate::Evaluation;
use links::{Links, Named};
use roaring::RoaringBitmap;
use row::{RowTest, Visits};
use rustc_hash::FxHashMap;
use sets::Sets;
use std::collections::BTreeMap;
use timeline::Timeline;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct View {
    columns: Columns,
    sets: Sets,
    links: Links,
    by_id: BTreeMap<IssueId, u32>,
    numbers: FxHashMap<TeamId, Numbers>,
    by_created: Timeline,
    by_updated: Timeline,
    /// Whether the timelines and the pairs of letters are built. Before, what they would answer is selected, and every
    /// title looked at.
    finished: bool,
}

/// The numbers that a team has given.
#[derive(Debug, Clone, Default)]
struct Numbers {
    highest: u32,
    ordinals: FxHashMap<u32, u32>,
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
    /// The issues that pass, for each [`Test::Looked`](crate::filter::Test::Looked) in order.
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
        self.take(issue);
    }

    /// Builds what is quicker built at once. Before it every answer is right, and some are slow.
    pub fn finish_load(&mut self) {
        self.by_created = Timeline::new(&self.columns.created_at, &self.columns.id);
        self.by_updated = Timeline::new(&self.columns.updated_at, &self.columns.id);
        self.sets.grams = grams::built((0..self.len()).map(|at| self.columns.folded_title(at)));
        self.finished = true;
    }

    /// Takes the newest row of an issue.
    pub fn apply(&mut self, issue: &Issue) {
        if !self.finished {
            self.finish_load();
        }
        let (ordinal, old) = self.take(issue);
        let created = old.as_ref().map(|old| old.created_at);
        let updated = old.as_ref().map(|old| old.updated_at);
        let title = old.as_ref().map(|old| &*old.title);
        let (columns, at) = (&self.columns, ordinal as usize);
        let (Some(new_created), Some(new_updated)) = (columns.created_at.get(at), columns.updated_at.get(at))
        else {
            return;
        };
        grams::change(&mut self.sets.grams, ordinal, title, columns.folded_title(at));
        self.by_created.change(issue.id, ordinal, created, *new_created);
        self.by_updated.change(issue.id, ordinal, updated, *new_updated);
    }

    /// Takes a row into all but what is built when loading ends; gives its ordinal, and the row it had before.
    fn take(&mut self, issue: &Issue) -> (u32, Option<Row>) {
        let next = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        let ordinal = *self.by_id.entry(issue.id).or_insert(next);
        let row = Row::of(issue, &mut self.sets);
        let old = self.columns.row(ordinal as usize);
        if old.is_none() {
            self.links.arrive(issue.id, ordinal);
            let numbers = self.numbers.entry(issue.team).or_default();
            numbers.highest = numbers.highest.max(issue.number);
            numbers.ordinals.insert(issue.number, ordinal);
        }
        self.sets.change(ordinal, old.as_ref(), &row);
        self.links.change(ordinal, old.as_ref(), &row, |id| self.by_id.get(&id).copied());
        if old.is_none() {
            self.columns.push(row);
        } else {
            self.columns.set(ordinal as usize, row);
        }
        (ordinal, old)
    }

    /// One page of the issues that pass a filter, in order, and how many pass in all.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when a test was not looked up that had to be: see [`View::answers`].
    pub fn query(&self, scope: &Scope, query: &IssueQuery<'_>) -> Result<IssuePage> {
        answerable(query.question.filter)?;
        let matching = self.matching(scope, &query.question);
        Ok(self.page(&matching, query.question.looked, query.sort, &query.page))
    }

    /// How many issues pass a filter.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when a test was not looked up that had to be: see [`View::answers`].
    pub fn count(&self, scope: &Scope, question: &Question<'_>) -> Result<u64> {
        answerable(question.filter)?;
        Ok(self.matching(scope, question).len())
    }

    /// The ordinals of all issues that pass a filter. A test that had to be looked up and was not passes for none.
    #[must_use]
    pub fn select(&self, scope: &Scope, question: &Question<'_>) -> RoaringBitmap {
        self.matching(scope, question).into_owned()
    }

    /// Whether one issue passes a filter: as [`View::select`] would say, at the cost of one row. When its filters of
    /// other issues lead to too many of those, it costs what [`View::select`] does.
    #[must_use]
    pub fn passes(&self, scope: &Scope, question: &Question<'_>, ordinal: u32) -> bool {
        let visits = Visits::for_rows(1);
        let row = RowTest { view: self, q: question, visits: &visits };
        self.is_meant(question.filter, ordinal)
            && row
                .passes(question.filter, ordinal)
                .unwrap_or_else(|| self.matching(scope, question).contains(ordinal))
    }

    /// The issues that may pass a test of their past, whenever and by whomever it was: all that pass are among them,
    /// deleted and archived ones too.
    #[must_use]
    pub fn ever(&self, question: &Question<'_>, change: &PastChange) -> RoaringBitmap {
        Evaluation::of(self, question).ever(change)
    }

    /// The ordinal of an issue: its place in this very view.
    #[must_use]
    pub fn ordinal_of(&self, id: IssueId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// The ids of all issues, deleted ones included, in order of ordinal.
    pub fn all_ids(&self) -> impl Iterator<Item = IssueId> + '_ {
        self.columns.id.iter().copied()
    }

    /// The issue with this ordinal.
    #[must_use]
    pub fn id_of(&self, ordinal: u32) -> Option<IssueId> {
        self.columns.id.get(ordinal as usize).copied()
    }

    /// Whether the view alone answers this test. One that it does not must be looked up beforehand: see [`Looked`].
    #[must_use]
    pub const fn answers(test: &Test) -> bool {
        match test {
            Test::Text(_) => false,
            Test::History(history) => {
                history.during.is_none() && history.by.is_none() && history.change.is_had()
            }
            Test::Comments(many) => match many {
                Many::Length(_) => true,
                Many::Some(tests) | Many::Every(tests) | Many::None(tests) => {
                    matches!(tests.as_slice(), [] | [CommentTest::Author(_)])
                }
            },
            _ => true,
        }
    }

    /// The issue with this number in the team, deleted ones included.
    #[must_use]
    pub fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        let ordinal = self.numbers.get(&team)?.ordinals.get(&number)?;
        self.columns.id.get(*ordinal as usize).copied()
    }

    /// Whether there is an issue with this id, deleted ones included.
    #[must_use]
    pub fn contains(&self, id: IssueId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// The issue this one is a part of.
    #[must_use]
    pub fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        self.columns.parent.get(self.ordinal_of(id)? as usize).copied()
    }

    /// The issues that are a part of this one, deleted ones included.
    pub fn parts_of(&self, id: IssueId) -> impl Iterator<Item = IssueId> + '_ {
        self.naming(Named::Parent, id)
    }

    /// The issues that are stored with a relation of this kind to this one, deleted ones included.
    pub fn related_to(&self, id: IssueId, kind: RelationKind) -> impl Iterator<Item = IssueId> + '_ {
        self.naming(Named::Related(kind), id)
    }

    fn naming(&self, as_what: Named, id: IssueId) -> impl Iterator<Item = IssueId> + '_ {
        let named = self.ordinal_of(id).into_iter();
        named.flat_map(move |to| self.links.naming(as_what, to)).filter_map(|from| self.id_of(from))
    }

    /// The version of an issue's row that this view has taken.
    #[must_use]
    pub fn version_of(&self, id: IssueId) -> Option<u64> {
        let ordinal = *self.by_id.get(&id)? as usize;
        self.columns.version.get(ordinal).copied()
    }

    /// The highest number the team has given; deleted issues keep theirs.
    #[must_use]
    pub fn max_number(&self, team: TeamId) -> u32 {
        self.numbers.get(&team).map_or(0, |numbers| numbers.highest)
    }

    /// Issues, deleted ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Issues that are neither archived nor deleted.
    #[must_use]
    pub fn live_len(&self) -> u64 {
        self.sets.live.len()
    }

    /// Whether there are no issues.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.len() == 0
    }

    /// Bytes of memory it takes, estimated.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        /// Bytes of an issue in the map of ids, in that of numbers, and in the two timelines, as full as they usually
        /// are.
        const INDEXES: usize = 28 + 16 + 2 * 36;
        let links = self.links.memory_bytes();
        self.columns.memory_bytes() + self.len() * INDEXES + self.sets.memory_bytes() + links
    }
}

/// Refuses a filter with a test that the view cannot answer: an answer without it would be wrong in silence.
fn answerable(filter: &Filter) -> Result<()> {
    if filter.each_test(&mut |test| View::answers(test)) {
        return Ok(());
    }
    Err(Error::internal("a test of the filter was not looked up before the view was asked"))
}
