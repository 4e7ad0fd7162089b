//! How long things took, or take: computed from the instants of an issue and the moment of asking, never stored.
//!
//! A duration is never less than none, whatever the clocks of an import said.

use super::View;
use super::cell::Cell;
use super::columns::Columns;
use super::scan::{Wanted, scan};
use super::sets::Sets;
use crate::filter::{Compare, DurationField, Span};
use crate::model::StateCategory;
use crate::time::Timestamp;
use roaring::RoaringBitmap;

/// See the module.
pub(super) struct Durations<'a> {
    columns: &'a Columns,
    sets: &'a Sets,
    now: i64,
}

impl<'a> Durations<'a> {
    pub(super) const fn of(view: &'a View, now: Timestamp) -> Self {
        Self { columns: &view.columns, sets: &view.sets, now: now.millis() }
    }

    /// A duration of one issue.
    pub(super) fn value(&self, field: DurationField, at: usize) -> Option<Span> {
        let columns = self.columns;
        let created = || columns.created_at.get(at).copied();
        Some(match field {
            DurationField::Cycle => between(*columns.started_at.get(at)?, *columns.completed_at.get(at)?),
            DurationField::Lead => between(created()?, *columns.completed_at.get(at)?),
            DurationField::Triage => between(created()?, *columns.triaged_at.get(at)?),
            DurationField::Age => {
                let category = columns.category.get(at).filter(|category| !category.is_terminal());
                category.and(created()).map(|created| between(created, self.now))?
            }
            DurationField::InState => between(*columns.state_since.get(at)?, self.now),
        })
    }

    /// Those of `candidates` whose duration, or its absence, passes.
    pub(super) fn scan(
        &self,
        field: DurationField,
        compare: &Compare<Span>,
        candidates: &RoaringBitmap,
    ) -> RoaringBitmap {
        let wanted = Wanted::of(compare, Span::millis);
        let absent = wanted.passes(i64::MISSING);
        let passes = |from: i64, to: i64| wanted.passes(between(from, to).millis());
        let columns = self.columns;
        match field {
            DurationField::Cycle => {
                columns.completed_at.scan_both(&columns.started_at, candidates, absent, passes)
            }
            DurationField::Lead => {
                columns.completed_at.scan_both(&columns.created_at, candidates, absent, passes)
            }
            DurationField::Triage => {
                columns.triaged_at.scan_both(&columns.created_at, candidates, absent, passes)
            }
            DurationField::Age => {
                let open = self.sets.category.passing(|category: &StateCategory| !category.is_terminal());
                let open = open & candidates;
                let found = scan(&open, &columns.created_at, |created| passes(*created, self.now));
                if absent { found | (candidates - open) } else { found }
            }
            DurationField::InState => {
                scan(candidates, &columns.state_since, |since| passes(*since, self.now))
            }
        }
    }
}

const fn between(from: i64, to: i64) -> Span {
    Span::from_millis(to.saturating_sub(from))
}
