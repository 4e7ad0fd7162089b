//! What a search gives back: the best hits, or all of them, and how many there are.
//!
//! It keeps no more hits than were asked for, and reckons what is costly (closeness, age) only for those that can still
//! be among them. It reads no index.

use super::bounds::TOP_MAX;
use super::fault::Fault;
use super::plan::Plan;
use crate::id::IssueId;
use crate::model::Seq;
use crate::time::Timestamp;
use roaring::RoaringBitmap;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use tantivy::DocId;

/// Which issues a search may find, and by what number the view knows each.
pub struct Within<'a> {
    /// The issues that may be found, by ordinal: those that pass the filter, that the asker may see, and that have not
    /// changed since the commit the search looks at.
    pub allowed: &'a RoaringBitmap,
    /// The ordinal of an issue; none while the view does not know it.
    pub ordinal_of: &'a dyn Fn(IssueId) -> Option<u32>,
    /// The life of the view. An issue keeps its ordinal for a life: what [`Self::ordinal_of`] says is remembered as
    /// long as the life is the same.
    pub life: u64,
}

/// What is wanted of the hits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Want {
    /// The best ones.
    Top {
        /// How many; at most [`bounds::TOP_MAX`](super::bounds::TOP_MAX).
        count: usize,
        /// Only those behind this one. Hits are in order of rank only as long as the search looks at the same commit
        /// at the same `now`.
        after: Option<Rank>,
    },
    /// All of them, in order of ordinal.
    All {
        /// How many of the best have a score that is told. One that cannot be among them, or equal to the last of them,
        /// may have a score of minus infinity instead. With none there are no scores.
        scored: usize,
    },
}

/// The place of a hit among others: by score, then the newer issue first. The greater ranks higher.
#[derive(Debug, Clone, Copy)]
pub struct Rank {
    /// How well it fits.
    pub score: f32,
    /// The issue.
    pub issue: IssueId,
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| self.issue.cmp(&other.issue))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Rank {}

/// An issue that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its place among the hits.
    pub rank: Rank,
    /// Its number in the view.
    pub ordinal: u32,
}

/// The answer of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    /// How many issues match, whatever was wanted of them.
    pub total: u64,
    /// The best, in order; empty if all were wanted.
    pub best: Vec<Hit>,
    /// All of them, by ordinal; empty if the best were wanted.
    pub all: RoaringBitmap,
    /// The score of each of [`Self::all`], in the same order, if wanted.
    pub scores: Vec<f32>,
    /// The place in the log that the search reflects.
    pub through: Seq,
}

/// A document that may become a hit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) doc: DocId,
    pub(super) ordinal: u32,
    pub(super) points: f32,
    /// Wanted clauses that match.
    pub(super) wanted: usize,
}

/// What is read of a hit only if it matters.
pub(super) trait Details {
    /// How close the words stand.
    fn closeness(&mut self) -> Result<f32, Fault>;
    /// When it changed, in milliseconds, and whether it is open.
    fn signals(&self) -> (i64, bool);
    /// Which issue it is.
    fn issue(&self) -> IssueId;
}

/// A score that can be compared.
#[derive(Clone, Copy)]
struct Score(f32);

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Score {}

/// Gathers hits as they are found.
pub(super) struct Gather<'a> {
    plan: &'a Plan,
    now: Timestamp,
    want: Want,
    total: u64,
    best: BinaryHeap<Reverse<(Rank, u32)>>,
    /// The highest scores of all hits, as many as are told.
    highest: BinaryHeap<Reverse<Score>>,
    all: RoaringBitmap,
    scored: Vec<(u32, f32)>,
}

impl<'a> Gather<'a> {
    pub(super) fn new(plan: &'a Plan, now: Timestamp, want: Want) -> Self {
        let want = match want {
            Want::Top { count, after } => Want::Top { count: count.min(TOP_MAX), after },
            Want::All { .. } => want,
        };
        let (best, highest, all) = (BinaryHeap::new(), BinaryHeap::new(), RoaringBitmap::new());
        Self { plan, now, want, total: 0, best, highest, all, scored: Vec::new() }
    }

    /// Takes a hit.
    pub(super) fn take(&mut self, ordinal: u32, points: f32, mut details: impl Details) -> Result<(), Fault> {
        self.total += 1;
        match self.want {
            Want::Top { count, after } => {
                let worst =
                    self.best.peek().filter(|_| self.best.len() >= count).map(|Reverse((rank, _))| *rank);
                let can_be_best = worst.is_none_or(|worst| self.plan.score_max(points) >= worst.score);
                if count == 0 || !can_be_best {
                    return Ok(());
                }
                let rank = Rank { score: self.score(points, &mut details)?, issue: details.issue() };
                let is_behind = after.is_none_or(|after| rank < after);
                if is_behind && worst.is_none_or(|worst| rank > worst) {
                    self.best.push(Reverse((rank, ordinal)));
                    if self.best.len() > count {
                        self.best.pop();
                    }
                }
            }
            Want::All { scored } => {
                self.all.insert(ordinal);
                if scored > 0 {
                    let score = self.score_if_high(points, &mut details, scored)?;
                    self.scored.push((ordinal, score));
                }
            }
        }
        Ok(())
    }

    /// The score of a hit, or minus infinity when so many others have a higher one for certain.
    fn score_if_high(&mut self, points: f32, details: &mut impl Details, count: usize) -> Result<f32, Fault> {
        if count == usize::MAX {
            return self.score(points, details);
        }
        let lowest =
            self.highest.peek().filter(|_| self.highest.len() >= count).map(|Reverse(Score(low))| *low);
        if lowest.is_some_and(|lowest| self.plan.score_max(points) < lowest) {
            return Ok(f32::NEG_INFINITY);
        }
        let score = self.score(points, details)?;
        if lowest.is_none_or(|lowest| score > lowest) {
            self.highest.push(Reverse(Score(score)));
            if self.highest.len() > count {
                self.highest.pop();
            }
        }
        Ok(score)
    }

    fn score(&self, points: f32, details: &mut impl Details) -> Result<f32, Fault> {
        let closeness = details.closeness()?;
        Ok(self.plan.score(points, closeness, details.signals(), self.now))
    }

    pub(super) fn finish(mut self, through: Seq) -> Hits {
        let best = self.best.into_sorted_vec();
        self.scored.sort_unstable_by_key(|(ordinal, _)| *ordinal);
        Hits {
            total: self.total,
            best: best.into_iter().map(|Reverse((rank, ordinal))| Hit { rank, ordinal }).collect(),
            all: self.all,
            scores: self.scored.into_iter().map(|(_, score)| score).collect(),
            through,
        }
    }
}
