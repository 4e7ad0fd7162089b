//! Which issues pass a filter: bitmap algebra where a bitmap answers, a scan of one column where not.

use super::cell::Day;
use super::columns::NO_CODE;
use super::family::Family;
use super::fold::{fold, folded, folded_contains, grams};
use super::scan::{Wanted, look, scan};
use super::{Scope, View};
use crate::filter::{Compare, DateField, Filter, Many, Test, TextOperator, TextTest, TimeField};
use crate::id::IssueId;
use crate::time::{CalendarDate, Timestamp};
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::hash::Hash;

impl View {
    /// The ordinals of the issues that pass. Deleted and archived ones are left out unless the filter speaks of them.
    pub(super) fn matching(&self, _: &Scope, filter: &Filter) -> Cow<'_, RoaringBitmap> {
        let deleted = mentions(filter, &|test| matches!(test, Test::Deleted(_)));
        let archived =
            mentions(filter, &|test| matches!(test, Test::Archived(_) | Test::Time(TimeField::Archived, _)));
        let sets = &self.sets;
        let universe = match (deleted, archived) {
            (false, false) => Cow::Borrowed(&sets.live),
            (false, true) => Cow::Owned(&sets.all - &sets.deleted),
            (true, false) => Cow::Owned(&sets.all - &sets.archived),
            (true, true) => Cow::Borrowed(&sets.all),
        };
        match filter {
            Filter::All(parts) if parts.is_empty() => universe,
            _ => Cow::Owned(self.within(filter, &universe)),
        }
    }

    /// Those of `universe` that pass.
    fn within(&self, filter: &Filter, universe: &RoaringBitmap) -> RoaringBitmap {
        match filter {
            Filter::All(parts) => {
                // Cheap parts first: what is dear then looks at few rows.
                let mut parts: Vec<_> = parts.iter().map(|part| (cost(part), part)).collect();
                parts.sort_by_key(|(cost, _)| *cost);
                let mut left = Cow::Borrowed(universe);
                for (_, part) in parts {
                    left = Cow::Owned(self.within(part, &left));
                }
                left.into_owned()
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
        let (sets, columns) = (&self.sets, &self.columns);
        match test {
            Test::Team(c) => one(&sets.team, c, universe),
            Test::State(c) => one(&sets.state, c, universe),
            Test::Category(c) => one(&sets.category, c, universe),
            Test::Kind(c) => one(&sets.kind, c, universe),
            Test::Priority(c) => one(&sets.priority, c, universe),
            Test::Resolution(c) => one(&sets.resolution, c, universe),
            Test::Creator(c) => one(&sets.creator, c, universe),
            Test::Parent(Compare::Null(missing)) => {
                scan(universe, &columns.parent, |code| (*code == NO_CODE) == *missing)
            }
            Test::Parent(c) => one(&sets.parent, c, universe),
            Test::Id(c) => self.ids(c, universe),
            Test::Assignees(m) => many(&sets.assignee, &columns.assignee_count, m, universe),
            Test::Labels(m) => many(&sets.label, &columns.label_count, m, universe),
            Test::Number(c) => Wanted::of(c, i64::from).scan(universe, &columns.number),
            Test::Estimate(c) => Wanted::of(c, i64::from).scan(universe, &columns.estimate),
            Test::Time(field, c) => Wanted::of(c, Timestamp::millis).scan(universe, self.instants(*field)),
            Test::Date(field, c) => {
                Wanted::of(c, |date: CalendarDate| date.days().into()).scan(universe, self.days(*field))
            }
            Test::Title(text) => self.title(text, universe),
            Test::Archived(archived) => either(&sets.archived, *archived, universe),
            Test::Deleted(deleted) => either(&sets.deleted, *deleted, universe),
        }
    }

    const fn instants(&self, field: TimeField) -> &Vec<i64> {
        match field {
            TimeField::Created => &self.columns.created_at,
            TimeField::Updated => &self.columns.updated_at,
            TimeField::Started => &self.columns.started_at,
            TimeField::Completed => &self.columns.completed_at,
            TimeField::Canceled => &self.columns.canceled_at,
            TimeField::Archived => &self.columns.archived_at,
        }
    }

    const fn days(&self, field: DateField) -> &Vec<Day> {
        match field {
            DateField::Start => &self.columns.start_date,
            DateField::Due => &self.columns.due_date,
        }
    }

    fn ids(&self, compare: &Compare<IssueId>, universe: &RoaringBitmap) -> RoaringBitmap {
        let named =
            |ids: &[IssueId]| -> RoaringBitmap { ids.iter().filter_map(|id| self.ordinal(*id)).collect() };
        match compare {
            Compare::Eq(id) => named(std::slice::from_ref(id)) & universe,
            Compare::In(ids) => named(ids) & universe,
            Compare::Neq(id) => universe - named(std::slice::from_ref(id)),
            Compare::Nin(ids) => universe - named(ids),
            other => scan(universe, &self.columns.id, |id| other.passes(Some(id))),
        }
    }

    fn title(&self, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        match test.operator {
            TextOperator::Neq => universe - self.title_is(TextOperator::Eq, test, universe),
            TextOperator::Nin => universe - self.title_is(TextOperator::In, test, universe),
            TextOperator::NotContains => universe - self.title_is(TextOperator::Contains, test, universe),
            operator => self.title_is(operator, test, universe),
        }
    }

    /// Titles that are, begin or end with, or have in them what is wanted: only those with all its pairs of letters are
    /// looked at.
    fn title_is(&self, operator: TextOperator, test: &TextTest, universe: &RoaringBitmap) -> RoaringBitmap {
        let wanted: Vec<_> = match operator {
            TextOperator::In => test.values.iter().map(String::as_str).collect(),
            _ => vec![test.values.first().map_or("", String::as_str)],
        };
        let mut found = RoaringBitmap::new();
        for wanted in wanted {
            let plain = fold(wanted);
            let pairs = grams(&plain);
            let likely = scan(universe, &self.columns.title_grams, |grams| grams & pairs == pairs);
            let wanted = if test.folded { &plain } else { wanted };
            found |= look(
                &likely,
                |at| self.columns.title.get(at),
                |title| {
                    if test.folded && operator == TextOperator::Contains {
                        return folded_contains(title, wanted);
                    }
                    let title = if test.folded { folded(title) } else { Cow::Borrowed(title) };
                    match operator {
                        TextOperator::Contains => title.contains(wanted),
                        TextOperator::StartsWith => title.starts_with(wanted),
                        TextOperator::EndsWith => title.ends_with(wanted),
                        _ => title == wanted,
                    }
                },
            );
        }
        found
    }
}

/// How dear a part is: a bitmap, a column of numbers, or texts.
fn cost(filter: &Filter) -> u8 {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(cost).max().unwrap_or_default(),
        Filter::Not(part) => cost(part),
        Filter::Test(test) => match test {
            Test::Title(_) => 2,
            Test::Number(_) | Test::Estimate(_) | Test::Time(..) | Test::Date(..) => 1,
            Test::Parent(Compare::Null(_)) => 1,
            Test::Id(Compare::Eq(_) | Compare::Neq(_) | Compare::In(_) | Compare::Nin(_)) => 0,
            Test::Id(_) => 1,
            Test::Assignees(Many::Length(_)) | Test::Labels(Many::Length(_)) => 1,
            _ => 0,
        },
    }
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
fn one<K: Copy + Eq + Hash + PartialOrd>(
    family: &Family<K>,
    compare: &Compare<K>,
    universe: &RoaringBitmap,
) -> RoaringBitmap {
    match compare {
        Compare::Neq(key) => family.of(key).map_or_else(|| universe.clone(), |set| universe - set),
        Compare::Nin(keys) => universe - family.named(keys),
        Compare::Null(true) => universe - family.passing(|_| true),
        other => any(family, other, universe),
    }
}

/// Those of `universe` with a value that passes, of however many.
fn any<K: Copy + Eq + Hash + PartialOrd>(
    family: &Family<K>,
    compare: &Compare<K>,
    universe: &RoaringBitmap,
) -> RoaringBitmap {
    match compare {
        Compare::Eq(key) => family.of(key).map(|set| set & universe).unwrap_or_default(),
        Compare::In(keys) => family.named(keys) & universe,
        other => family.passing(|key| other.passes(Some(key))) & universe,
    }
}

/// Those of `universe` whose values pass, where each has several or none.
fn many<K: Copy + Eq + Hash + PartialOrd>(
    family: &Family<K>,
    counts: &[u16],
    test: &Many<K>,
    universe: &RoaringBitmap,
) -> RoaringBitmap {
    match test {
        Many::Some(c) => any(family, c, universe),
        Many::None(c) => universe - any(family, c, universe),
        Many::Every(c) => universe - family.passing(|key| !c.passes(Some(key))),
        Many::Length(c) => Wanted::of(c, i64::from).scan(universe, counts),
    }
}

fn either(set: &RoaringBitmap, wanted: bool, universe: &RoaringBitmap) -> RoaringBitmap {
    if wanted { universe & set } else { universe - set }
}
