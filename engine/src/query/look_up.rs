//! Looking up which issues pass a test that memory does not answer, within the bounds of one query.

mod comments;
mod history;
mod text;

use super::Reader;
use super::seen::Seen;
use crate::error::Result;
use crate::filter::{Asking, Filter, Test};
use crate::id::IssueId;
use crate::tenant::{Allowance, Bound};
use crate::view::{Looked, Question, Sight, View};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

/// Issues whose rows are in hand at once.
const AT_ONCE: usize = 256;

/// What to do when memory leaves too many candidates, or too much to read of them.
const ADVICE: &str = "ask of fewer issues, for example of one team, or of those that changed lately";

/// Looking at single issues.
const ISSUES: Bound =
    Bound { what: "issues", limit: "history_candidates_max", field: "filter", advice: ADVICE };

/// Reading what has happened to them.
const EVENTS: Bound =
    Bound { what: "events and comments", limit: "history_events_max", field: "filter", advice: ADVICE };

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The issues that pass.
    pub(super) issues: RoaringBitmap,
    /// How well they match, where that was asked.
    pub(super) scores: FxHashMap<u32, f32>,
}

impl From<RoaringBitmap> for Found {
    fn from(issues: RoaringBitmap) -> Self {
        Self { issues, scores: FxHashMap::default() }
    }
}

/// What one query looks up.
pub(super) struct LookUp<'r> {
    reader: &'r Reader,
    seen: &'r Seen,
    asking: &'r Asking,
    /// Issues that may still be read.
    issues: Allowance,
    /// Events and comments that may still be read.
    events: Allowance,
    /// Events that may still be undone, to see rows as they were.
    undoing: Allowance,
}

impl<'r> LookUp<'r> {
    pub(super) fn new(reader: &'r Reader, seen: &'r Seen, asking: &'r Asking) -> Self {
        let limits = reader.limits();
        Self {
            reader,
            seen,
            asking,
            issues: Allowance::new(&ISSUES, limits.history_candidates_max as u64),
            events: Allowance::new(&EVENTS, limits.history_events_max as u64),
            undoing: reader.allowance_to_undo(),
        }
    }

    /// The issues that pass a test, among those that pass `candidates`. With `best`, only so many matter, those that match
    /// best.
    pub(super) async fn test(
        &mut self,
        test: &Test,
        candidates: Filter,
        looked: &Looked,
        best: Option<usize>,
    ) -> Result<Found> {
        match test {
            Test::Text(search) => self.text(search, self.select(candidates, looked), best).await,
            Test::History(test) => self.history(test, candidates, looked).await.map(Found::from),
            Test::Comments(many) => self.comments(many, candidates, looked).await.map(Found::from),
            _ => Ok(Found::default()),
        }
    }

    /// The issues that pass a filter that the view answers.
    fn select(&self, filter: Filter, looked: &Looked) -> RoaringBitmap {
        self.with_view(filter, looked, |view, sight, question| view.select(sight, question))
    }

    fn with_view<T>(
        &self,
        filter: Filter,
        looked: &Looked,
        ask: impl FnOnce(&View, &Sight, &Question<'_>) -> T,
    ) -> T {
        let question =
            Question { filter: &filter, asking: self.asking, directory: &self.reader.directory, looked };
        self.reader.with_view(self.seen, |view, sight| ask(view, sight, &question))
    }

    /// The ids of these ordinals; the issues of a view do not go away.
    fn ids(&self, ordinals: &[u32]) -> Vec<IssueId> {
        self.reader.with_view(self.seen, |view, _| ordinals.iter().filter_map(|at| view.id_of(*at)).collect())
    }
}

/// Issues that pass this filter and this test too.
fn and(filter: Filter, test: Test) -> Filter {
    match filter {
        Filter::All(mut parts) => {
            parts.push(test.into());
            Filter::All(parts)
        }
        other => Filter::All(vec![other, test.into()]),
    }
}
