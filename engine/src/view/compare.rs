//! Comparing a view with one that was loaded afresh, and with itself: what was kept up change by change must be what
//! the rows say.

use super::columns::{Columns, Row};
use super::links::Links;
use super::sorted::{Index, Keyed, Sorted};
use super::{View, grams};
use crate::id::IssueId;

/// Issues that a comparison names.
const NAMED_MAX: usize = 50;

impl View {
    /// What differs between this view and one that was loaded afresh: a sentence for each difference, a bounded number
    /// of them.
    #[must_use]
    pub fn compare(&self, fresh: &Self) -> Vec<String> {
        let stored = |id: IssueId| fresh.row(id).and_then(|row| row.recoded(&fresh.sets, &self.sets));
        let differing = self.columns.id.iter().filter(|id| self.row(**id) != stored(**id));
        let mut differences: Vec<_> =
            differing.take(NAMED_MAX).map(|id| format!("issue {id} differs from its stored row")).collect();
        if self.len() != fresh.len() {
            differences.push(format!("it holds {} issues, {} are stored", self.len(), fresh.len()));
        }
        let kept = [
            (self.sets_agree(), "its bitmaps differ from its rows"),
            (self.links_agree(), "its links differ from its rows"),
            (self.timelines_agree(), "its ordered indexes differ from its rows"),
            (self.numbers_agree(), "its numbers differ from its rows"),
        ];
        differences.extend(kept.iter().filter(|(agrees, _)| !agrees).map(|(_, text)| (*text).to_owned()));
        differences
    }

    fn row(&self, id: IssueId) -> Option<Row> {
        self.ordinal_of(id).and_then(|ordinal| self.columns.row(ordinal as usize))
    }

    fn sets_agree(&self) -> bool {
        let mut rebuilt = self.sets.emptied();
        for (ordinal, at) in (0..).zip(0..self.len()) {
            if let Some(row) = self.columns.row(at) {
                rebuilt.change(ordinal, None, &row);
            }
        }
        if self.finished {
            rebuilt.grams = grams::built((0..self.len()).map(|at| self.columns.folded_title(at)));
        }
        rebuilt.agrees(&self.sets)
    }

    fn links_agree(&self) -> bool {
        Links::of(&self.columns, &self.by_id) == self.links
    }

    fn timelines_agree(&self) -> bool {
        self.is_ordered(&self.by_id)
            && (!self.finished || self.is_ordered(&self.by_created) && self.is_ordered(&self.by_updated))
    }

    fn is_ordered<K: Keyed<In = Columns>>(&self, index: &Sorted<K>) -> bool {
        index.iter().eq(Sorted::<K>::built(&self.columns, self.len()).iter())
    }

    fn numbers_agree(&self) -> bool {
        let found = self.columns.id.iter().zip(self.columns.team.iter().zip(&self.columns.number)).all(
            |(id, (team, number))| {
                let team = self.sets.team.key(*team);
                team.is_some_and(|team| {
                    self.find(team, *number) == Some(*id) && *number <= self.max_number(team)
                })
            },
        );
        found && (!self.finished || self.by_number.len() == self.len())
    }
}
