//! Which issues pass a filter: bitmap algebra where a bitmap answers, a look at the rows that are left where not.

use super::columns::Columns;
use super::{View, fold};
use crate::access::Scope;
use crate::filter::{Compare, DateField, Filter, Many, Test, TextOperator, TextTest, TimeField};
use crate::id::IssueId;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::hash::Hash;

impl View {
    /// The ordinals of the issues that pass. Deleted and archived ones are left out unless the filter speaks of them.
    pub(super) fn matching(&self, _: &Scope, filter: &Filter) -> RoaringBitmap {
        let mut universe = self.sets.all.clone();
        if !mentions(filter, &|test| matches!(test, Test::Deleted(_))) {
            universe -= &self.sets.deleted;
        }
        if !mentions(filter, &|test| matches!(test, Test::Archived(_) | Test::Time(TimeField::Archived, _))) {
            universe -= &self.sets.archived;
        }
        self.within(filter, &universe)
    }

    /// Those of `universe` that pass.
    fn within(&self, filter: &Filter, universe: &RoaringBitmap) -> RoaringBitmap {
        match filter {
            Filter::All(parts) => {
                let mut left = universe.clone();
                // Cheap parts first: a scan then looks at few rows.
                for scans in [false, true] {
                    for part in parts.iter().filter(|part| is_scan(part) == scans) {
                        left = self.within(part, &left);
                    }
                }
                left
            }
            Filter::Any(parts) => {
                let mut found = RoaringBitmap::new();
                for part in parts {
                    found |= self.within(part, universe);
                }
                found
            }
            Filter::Not(part) => universe - self.within(part, universe),
            Filter::Test(test) => self.test(test, universe),
        }
    }

    fn test(&self, test: &Test, universe: &RoaringBitmap) -> RoaringBitmap {
        let sets = &self.sets;
        match test {
            Test::Team(c) => pick(&sets.team, c, universe),
            Test::State(c) => pick(&sets.state, c, universe),
            Test::Category(c) => pick(&sets.category, c, universe),
            Test::Kind(c) => pick(&sets.kind, c, universe),
            Test::Priority(c) => pick(&sets.priority, c, universe),
            Test::Resolution(c) => pick(&sets.resolution, c, universe),
            Test::Creator(c) => pick(&sets.creator, c, universe),
            Test::Parent(c) if names_values(c) => pick(&sets.parent, c, universe),
            Test::Parent(c) => self.scan(universe, |row| c.passes(row.parent.as_ref())),
            Test::Id(c) if names_values(c) => self.ids(c, universe),
            Test::Id(c) => self.scan(universe, |row| c.passes(Some(&row.id))),
            Test::Assignees(m) => self.many(&sets.assignee, m, universe, |row| &row.assignees),
            Test::Labels(m) => self.many(&sets.label, m, universe, |row| &row.labels),
            Test::Number(c) => self.scan(universe, |row| c.passes(Some(&row.number))),
            Test::Estimate(c) => self.scan(universe, |row| c.passes(row.estimate.as_ref())),
            Test::Time(field, c) => self.scan(universe, |row| c.passes(time(row, *field).as_ref())),
            Test::Date(field, c) => self.scan(universe, |row| c.passes(date(row, *field).as_ref())),
            Test::Title(text) => self.title(text, universe),
            Test::Archived(archived) => either(&sets.archived, *archived, universe),
            Test::Deleted(deleted) => either(&sets.deleted, *deleted, universe),
        }
    }

    fn scan(&self, universe: &RoaringBitmap, passes: impl Fn(&Columns) -> bool) -> RoaringBitmap {
        let found = universe.iter().filter(|at| self.rows.get(*at as usize).is_some_and(&passes));
        // Ordinals come in order, so this cannot fail.
        RoaringBitmap::from_sorted_iter(found).unwrap_or_default()
    }

    fn ids(&self, compare: &Compare<IssueId>, universe: &RoaringBitmap) -> RoaringBitmap {
        let ordinals = |ids: &[IssueId]| ids.iter().filter_map(|id| self.ordinals.get(id).copied()).collect();
        let named: RoaringBitmap = match compare {
            Compare::Eq(id) | Compare::Neq(id) => ordinals(std::slice::from_ref(id)),
            Compare::In(ids) | Compare::Nin(ids) => ordinals(ids),
            _ => RoaringBitmap::new(),
        };
        match compare {
            Compare::Neq(_) | Compare::Nin(_) => universe - named,
            _ => universe & named,
        }
    }

    fn many<T: Copy + Eq + Hash + PartialOrd>(
        &self,
        sets: &FxHashMap<T, RoaringBitmap>,
        many: &Many<T>,
        universe: &RoaringBitmap,
        values: impl Fn(&Columns) -> &[T],
    ) -> RoaringBitmap {
        match many {
            Many::Some(c @ (Compare::Eq(_) | Compare::In(_))) => pick(sets, c, universe),
            Many::None(c @ (Compare::Eq(_) | Compare::In(_))) => universe - pick(sets, c, universe),
            Many::Some(c) => self.scan(universe, |row| values(row).iter().any(|v| c.passes(Some(v)))),
            Many::None(c) => self.scan(universe, |row| !values(row).iter().any(|v| c.passes(Some(v)))),
            Many::Every(c) => self.scan(universe, |row| values(row).iter().all(|v| c.passes(Some(v)))),
            Many::Length(c) => self
                .scan(universe, |row| c.passes(Some(&u32::try_from(values(row).len()).unwrap_or(u32::MAX)))),
        }
    }

    fn title(&self, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        let wanted: Vec<String> =
            if test.folded { test.values.iter().map(|v| fold(v)).collect() } else { test.values.clone() };
        let first = wanted.first().map_or("", String::as_str);
        self.scan(universe, |row| {
            let title = if test.folded { row.folded_title() } else { &*row.title };
            match test.operator {
                TextOperator::Eq => title == first,
                TextOperator::Neq => title != first,
                TextOperator::In => wanted.iter().any(|w| w == title),
                TextOperator::Nin => !wanted.iter().any(|w| w == title),
                TextOperator::Contains => title.contains(first),
                TextOperator::NotContains => !title.contains(first),
                TextOperator::StartsWith => title.starts_with(first),
                TextOperator::EndsWith => title.ends_with(first),
            }
        })
    }
}

/// Whether a test is answered by looking at rows.
fn is_scan(filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(is_scan),
        Filter::Not(part) => is_scan(part),
        Filter::Test(test) => match test {
            Test::Number(_) | Test::Estimate(_) | Test::Time(..) | Test::Date(..) | Test::Title(_) => true,
            Test::Parent(c) | Test::Id(c) => !names_values(c),
            Test::Assignees(m) => is_scan_of_many(m),
            Test::Labels(m) => is_scan_of_many(m),
            _ => false,
        },
    }
}

const fn is_scan_of_many<T>(many: &Many<T>) -> bool {
    !matches!(many, Many::Some(Compare::Eq(_) | Compare::In(_)) | Many::None(Compare::Eq(_) | Compare::In(_)))
}

const fn names_values<T>(compare: &Compare<T>) -> bool {
    matches!(compare, Compare::Eq(_) | Compare::Neq(_) | Compare::In(_) | Compare::Nin(_))
}

/// Whether a test of this kind stands anywhere in the tree.
fn mentions(filter: &Filter, kind: &dyn Fn(&Test) -> bool) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(|part| mentions(part, kind)),
        Filter::Not(part) => mentions(part, kind),
        Filter::Test(test) => kind(test),
    }
}

/// Those of `universe` whose value passes, where each has one value or none.
fn pick<K: Eq + Hash + PartialOrd>(
    sets: &FxHashMap<K, RoaringBitmap>,
    compare: &Compare<K>,
    universe: &RoaringBitmap,
) -> RoaringBitmap {
    let of = |keys: &[K]| {
        let mut found = RoaringBitmap::new();
        for set in keys.iter().filter_map(|key| sets.get(key)) {
            found |= set & universe;
        }
        found
    };
    match compare {
        Compare::Eq(key) => sets.get(key).map(|set| set & universe).unwrap_or_default(),
        Compare::In(keys) => of(keys),
        Compare::Neq(key) => universe - of(std::slice::from_ref(key)),
        Compare::Nin(keys) => universe - of(keys),
        other => {
            let mut found = RoaringBitmap::new();
            let mut valued = RoaringBitmap::new();
            for (key, set) in sets {
                valued |= set;
                if other.passes(Some(key)) {
                    found |= set & universe;
                }
            }
            if other.passes(None) {
                found |= universe - valued;
            }
            found
        }
    }
}

fn either(set: &RoaringBitmap, wanted: bool, universe: &RoaringBitmap) -> RoaringBitmap {
    if wanted { universe & set } else { universe - set }
}

const fn time(row: &Columns, field: TimeField) -> Option<crate::time::Timestamp> {
    match field {
        TimeField::Created => Some(row.created_at),
        TimeField::Updated => Some(row.updated_at),
        TimeField::Started => row.started_at,
        TimeField::Completed => row.completed_at,
        TimeField::Canceled => row.canceled_at,
        TimeField::Archived => row.archived_at,
    }
}

const fn date(row: &Columns, field: DateField) -> Option<crate::time::CalendarDate> {
    match field {
        DateField::Start => row.start_date,
        DateField::Due => row.due_date,
    }
}
