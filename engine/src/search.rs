//! Full-text search: the index of one tenant's issues, and everything one may ask of it.
//!
//! A [`TextIndex`] is a folder of files. A [`TextWriter`] adds documents and commits them together with the place in the
//! log that they reflect, so that whoever follows the log goes on from there after any crash. A [`SearchQuery`] is what
//! somebody typed; [`TextIndex::prepare`] makes a [`Search`] of it, which looks at one commit, finds issues in it, judges
//! by the same rules those [`TailDocument`]s that the commit does not hold, and marks the words in their texts.
//!
//! Everything here blocks, on the disk or on arithmetic: call it from a thread that may. It is the only home of tantivy,
//! of which it uses the files and their merging; finding and ranking are its own, so that the index and the tail agree.
//! It knows no tenant, no permission and no store: which issues may be found is a bitmap that the caller passes in.
//!
//! # What a search costs at most
//!
//! The words of a query are at most [`bounds::QUERY_WORDS_MAX`], and stand for at most three terms each and
//! [`bounds::EXPANSIONS_MAX`] more in all. A search is refused beforehand if their posting lists hold more than
//! [`bounds::POSTINGS_MAX`] entries together; each is read once, those of the rarest word twice, at some nanoseconds an
//! entry: a fraction of a second for the most hostile query on a million issues. To expand prefixes, at most
//! [`bounds::WORDS_SCANNED_MAX`] words of the dictionaries are looked at; to forgive a typo, each dictionary is walked
//! along an automaton, for at most [`bounds::FUZZY_WORDS_MAX`] words.

pub mod bounds;
mod document;
mod fault;
mod fold;
mod gather;
mod index;
mod judge;
mod language;
mod ordinals;
mod plan;
mod query;
mod run;
mod schema;
mod score;
mod similar;
mod snapshot;
mod snippet;
mod split;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use document::{Document, Field};
pub use gather::{Hit, Hits, Rank, Want, Within};
pub use index::{Opened, TextIndex, WhyRebuild};
pub use language::Language;
pub use query::{SearchQuery, SyntaxError, Typing};
pub use snippet::Snippet;
pub use tail::TailDocument;
pub use writer::TextWriter;

use crate::error::Result;
use crate::model::Seq;
use crate::time::Timestamp;
use plan::Plan;
use snapshot::Snapshot;
use std::ops::Range;
use std::sync::Arc;

/// A query, ready to be answered from one commit of an index.
#[derive(Debug, Clone)]
pub struct Search {
    index: TextIndex,
    snapshot: Arc<Snapshot>,
    matcher: Matcher,
}

impl Search {
    /// The place in the log that the commit reflects. Issues that changed behind it belong to the tail.
    #[must_use]
    pub fn through(&self) -> Seq {
        self.snapshot.through.seq
    }

    /// Finds issues. `now` says how long ago a change was; the pages of one list pass the same.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the index cannot be read; then [`TextIndex::needs_rebuild`] says whether it must be made anew.
    pub fn run(&self, within: &Within<'_>, now: Timestamp, want: Want) -> Result<Hits> {
        self.index.read(|index| Ok(run::run(&self.snapshot, &self.matcher.plan, index, within, now, want)?))
    }

    /// Judges what the index does not hold, by the same rules and with the same numbers.
    #[must_use]
    pub const fn matcher(&self) -> &Matcher {
        &self.matcher
    }
}

/// Judges documents one by one, and marks what was looked for in texts.
#[derive(Debug, Clone)]
pub struct Matcher {
    plan: Arc<Plan>,
    language: Language,
}

impl Matcher {
    /// A matcher that asks no index: nothing is known of how rare words are, and typos are always forgiven.
    #[cfg(test)]
    fn without_index(query: &SearchQuery, language: Language) -> Result<Self> {
        Ok(Self { plan: Arc::new(Plan::make(query, language, None)?), language })
    }

    /// The score of a document, if it matches: comparable to the scores of [`Search::run`]. The document's words must
    /// have been found in the language of this matcher.
    #[must_use]
    pub fn matches(&self, document: &TailDocument, now: Timestamp) -> Option<f32> {
        self.plan.judge_tail(document, now)
    }

    /// The part of a field's text, of at most so many characters, that shows best what was looked for; none if nothing
    /// in it was. For a comment, pass the text of that comment.
    #[must_use]
    pub fn snippet(&self, field: Field, text: &str, chars_max: usize) -> Option<Snippet> {
        self.plan.snippet(self.language, field, text, chars_max)
    }

    /// Words of the query, as places in its text, that stand for more words of the index than are looked for.
    #[must_use]
    pub fn narrowed(&self) -> &[Range<usize>] {
        &self.plan.narrowed
    }
}
