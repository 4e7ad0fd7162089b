//! Looking up what was once true of issues: the chains of the candidates' events are read and judged.

use super::super::history::{Judge, Settled};
use super::{AT_ONCE, LookUp, and};
use crate::error::Result;
use crate::event::Event;
use crate::filter::{Compare, Filter, HistoryTest, Test, TimeField, When};
use crate::view::Looked;
use roaring::RoaringBitmap;
use std::ops::ControlFlow;

impl LookUp<'_> {
    /// The candidates whose past passes.
    pub(super) async fn history(
        &mut self,
        test: &HistoryTest,
        candidates: Filter,
        looked: &Looked,
    ) -> Result<RoaringBitmap> {
        let settled = Settled::of(test, self.asking, &self.reader.directory);
        let candidates = match settled.changed_since() {
            Some(since) => and(candidates, Test::Time(TimeField::Updated, Compare::Gte(When::At(since)))),
            None => candidates,
        };
        let candidates = self.with_view(candidates, looked, |view, sight, question| {
            view.select(sight, question) & view.ever(question, &test.change)
        });
        self.issues.take(candidates.len())?;
        let candidates: Vec<_> = candidates.iter().collect();
        let mut passing = RoaringBitmap::new();
        for ordinals in candidates.chunks(AT_ONCE) {
            let rows = self.reader.rows_within(&self.ids(ordinals), &mut self.undoing).await?;
            let rows = ordinals.iter().zip(&rows).filter_map(|(at, row)| Some((*at, row.as_ref()?)));
            let (starts, mut judges): (Vec<_>, Vec<_>) =
                rows.map(|(at, row)| (row.last_event, (at, Judge::new(&settled, row)))).unzip();
            let judge = |chain: usize, event: Event| match judges.get_mut(chain) {
                Some((_, judge)) => judge.take(&event),
                None => ControlFlow::Break(()),
            };
            self.reader.live.walk_chains(&self.reader.scope, &starts, &mut self.events, judge).await?;
            passing.extend(judges.iter().filter(|(_, judge)| judge.passes).map(|(at, _)| *at));
        }
        Ok(passing)
    }
}
