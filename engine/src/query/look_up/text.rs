//! Looking up which issues have texts that are searched.

use super::{Found, LookUp};
use crate::error::{Error, Result};
use crate::filter::TextSearch;
use crate::search::{Hits, SearchQuery, Typing, Want};
use crate::tenant::TextQuestion;
use crate::time::{DAY_MS, Timestamp, day_of};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

impl LookUp<'_> {
    /// The issues among the candidates whose texts match, all of them, and how well. With `best`, how well is asked of the
    /// so many that match best, and of those that match as well as the last of them.
    pub(super) async fn text(
        &mut self,
        search: &TextSearch,
        candidates: RoaringBitmap,
        best: Option<usize>,
    ) -> Result<Found> {
        if self.seen.is_past() {
            let message = "texts are searched as they are now: leave the search out, or ask without `at`";
            return Err(Error::invalid("filter", message));
        }
        let query = SearchQuery::parse(&search.text, Typing::Done, self.reader.limits())?;
        let query = query.with_all_keys(|team| self.reader.directory.keys_of_team(team));
        // How long ago a change was is reckoned by the day, so that the pages of one list agree on how well issues match.
        let day = day_of(self.asking.now) * DAY_MS;
        let question = TextQuestion {
            query,
            allowed: candidates,
            now: Timestamp::from_millis(day),
            want: Want::All { scored: best.unwrap_or(usize::MAX) },
        };
        let hits = self.reader.live.search_texts(question).await?;
        Ok(found(hits, best))
    }
}

fn found(hits: Hits, best: Option<usize>) -> Found {
    let Hits { all, scores, .. } = hits;
    let bar = best.and_then(|best| nth_best(&scores, best)).unwrap_or(f32::NEG_INFINITY);
    let scored = all.iter().zip(scores).filter(|(_, score)| *score >= bar);
    Found { scores: scored.collect::<FxHashMap<_, _>>(), issues: all }
}

/// The score that so many have or exceed; none when there are not more.
fn nth_best(scores: &[f32], count: usize) -> Option<f32> {
    let last = count.checked_sub(1).filter(|last| *last < scores.len())?;
    let mut scores = scores.to_vec();
    let (_, bar, _) = scores.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
    Some(*bar)
}
