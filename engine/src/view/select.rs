//! Selection: the first so many of an order, from one pass over the column it begins with.
//!
//! A small sample sets the bar first, so that nearly every issue is passed over with one comparison of two words,
//! however the column happens to be sorted.

use super::cell::Cell;
use super::numbers::Numbers;
use super::order::Order;
use crate::filter::SortKey;
use roaring::RoaringBitmap;

/// With fewer candidates there is no sample. (Tests, whose views are small, take samples too.)
const SAMPLED_MIN: u64 = if cfg!(test) { 16 } else { 16_384 };

/// The sample: of so many ordinals in a row the first so many.
const SAMPLE: (u32, u32) = if cfg!(test) { (16, 4) } else { (4_096, 64) };

/// The whole column is read, and only good cells are asked whether they are candidates', when at least one of so many of
/// its rows is one; else only the candidates' cells are read.
const DENSE: u64 = 4;

/// Cells that are read at once.
const BLOCK: usize = 64;

/// Candidates that are kept before the worst are dropped, at least.
const KEPT_MIN: usize = if cfg!(test) { 4 } else { 512 };

/// The first `wanted` of the candidates behind the beginning of an order, in order.
pub(super) fn select(candidates: &RoaringBitmap, order: &Order<'_>, wanted: usize) -> Vec<u32> {
    let columns = order.fields.columns;
    match order.sort.first().map(|step| step.key) {
        None => first(candidates, &columns.id, order, wanted),
        Some(SortKey::Created) => first(candidates, &columns.created_at, order, wanted),
        Some(SortKey::Updated) => first(candidates, &columns.updated_at, order, wanted),
        Some(SortKey::Completed) => first(candidates, &columns.completed_at, order, wanted),
        Some(SortKey::Priority) => first(candidates, &columns.priority, order, wanted),
        Some(SortKey::Category) => first(candidates, &columns.category, order, wanted),
        Some(SortKey::Number) => first(candidates, &columns.number, order, wanted),
        Some(SortKey::Due) => first(candidates, &columns.due_date, order, wanted),
        Some(SortKey::Estimate) => first(candidates, &columns.estimate, order, wanted),
        Some(SortKey::Rank) => first(candidates, &columns.rank_head, order, wanted),
        Some(SortKey::Title) => first(candidates, &columns.title_head, order, wanted),
        Some(SortKey::Started) => first(candidates, &columns.started_at, order, wanted),
        Some(SortKey::Start) => first(candidates, &columns.start_date, order, wanted),
        Some(SortKey::Comments) => first(candidates, &columns.comment_count, order, wanted),
        Some(SortKey::StateSince) => first(candidates, &columns.state_since, order, wanted),
        Some(SortKey::Relevance) => first(candidates, &order.fields.scores, order, wanted),
    }
}

fn first(candidates: &RoaringBitmap, column: &impl Numbers, order: &Order<'_>, wanted: usize) -> Vec<u32> {
    let words = order.words();
    let start = order.from.map(|from| {
        words.of(from.values.first().map_or_else(|| from.id.number(), super::order::Value::number))
    });
    let mut best = Best { order, start, wanted, kept: Vec::new(), bar: None };
    if candidates.len() >= SAMPLED_MIN {
        for block in (0..u32::try_from(column.len()).unwrap_or(u32::MAX)).step_by(SAMPLE.0 as usize) {
            for at in candidates.range(block..block.saturating_add(SAMPLE.1)) {
                best.offer(words.of(column.number(at as usize)), at);
            }
        }
        best.keep_only_the_bar();
    }
    if best.bar.is_some() && candidates.len().saturating_mul(DENSE) >= column.len() as u64 {
        let mut numbers = [0; BLOCK];
        for from in (0..column.len()).step_by(BLOCK) {
            let read = numbers.get_mut(..BLOCK.min(column.len() - from)).unwrap_or_default();
            column.read(from, read);
            for (at, number) in (from..).zip(read) {
                let word = words.of(*number);
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                if best.may_take(word) && !best.is_beyond(word, at) && candidates.contains(at) {
                    best.take(word, at);
                }
            }
        }
    } else {
        for at in candidates {
            best.offer(words.of(column.number(at as usize)), at);
        }
    }
    best.in_order()
}

/// The best candidates so far.
struct Best<'a> {
    order: &'a Order<'a>,
    /// The word of the beginning.
    start: Option<u64>,
    wanted: usize,
    kept: Vec<(u64, u32)>,
    /// A candidate behind which there is nothing that is wanted, with its word and that of its second step.
    bar: Option<(u64, u64, u32)>,
}

impl Best<'_> {
    /// Whether a candidate with this word may be among the wanted.
    fn may_take(&self, word: u64) -> bool {
        self.bar.is_none_or(|(bar, ..)| word <= bar) && self.start.is_none_or(|start| start <= word)
    }

    /// Whether a candidate with this word lies behind the bar.
    fn is_beyond(&self, word: u64, at: u32) -> bool {
        let Some((_, second, last)) = self.bar.filter(|(bar, ..)| *bar == word) else { return false };
        let tied = self.order.word_of_tied(at);
        tied > second || (tied == second && self.order.compare_tied(at, last).is_gt())
    }

    fn offer(&mut self, word: u64, at: u32) {
        if self.may_take(word) && !self.is_beyond(word, at) {
            self.take(word, at);
        }
    }

    /// Takes a candidate that is not behind the bar, if it is behind the beginning.
    fn take(&mut self, word: u64, at: u32) {
        if self.start == Some(word) && !self.order.lies_behind(at) {
            return;
        }
        self.kept.push((word, at));
        if self.kept.len() >= self.wanted.saturating_mul(2).max(KEPT_MIN) {
            self.drop_the_worst();
        }
    }

    /// Keeps as many as are wanted, the last of them as the bar.
    fn drop_the_worst(&mut self) {
        let Some(last) = self.wanted.checked_sub(1).filter(|last| *last < self.kept.len()) else { return };
        let order = self.order;
        let (_, bar, _) = self
            .kept
            .select_nth_unstable_by(last, |a, b| a.0.cmp(&b.0).then_with(|| order.compare_tied(a.1, b.1)));
        self.bar = Some((bar.0, order.word_of_tied(bar.1), bar.1));
        self.kept.truncate(self.wanted);
    }

    /// Forgets a sample, but for how good the wanted ones are at least.
    fn keep_only_the_bar(&mut self) {
        self.drop_the_worst();
        self.kept.clear();
    }

    fn in_order(mut self) -> Vec<u32> {
        self.drop_the_worst();
        let order = self.order;
        self.kept.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| order.compare_tied(a.1, b.1)));
        self.kept.into_iter().map(|(_, at)| at).collect()
    }
}
