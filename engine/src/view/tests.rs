//! The view against a naive evaluator over plain rows: whatever is asked, both answer the same.
//!
//! With `MORTISE_PROVE` set, each property tries ten thousand trees.

mod bounds;
mod grouped;
mod hidden;
mod history;
pub(crate) mod naive;
mod random;
mod saved;
mod sentences;
mod trees;
mod world;

use super::{CursorKey, IssueQuery, Looked, Page, Position, Question, Sight, View, query_hash};
use crate::access::Scope;
use crate::directory::Directory;
use crate::filter::{Asking, Filter, Sort, Test, TextTest};
use crate::id::IssueId;
use crate::model::Issue;
use naive::Naive;
use proptest::prelude::*;
use proptest::sample::select;
use random::{TEXTS, change, found, issues, sorts};
use std::collections::{BTreeMap, BTreeSet};
use trees::{filter, mild_filter};
use world::SLOTS;

/// Worlds that one run of a property tries, each with several trees.
fn worlds() -> ProptestConfig {
    ProptestConfig::with_cases(if std::env::var_os("MORTISE_PROVE").is_some() { 2_500 } else { 128 })
}

fn scope() -> Sight {
    View::new().sight(&Scope::system("the tests ask everything"))
}

fn loaded<'a>(rows: impl IntoIterator<Item = &'a Issue>) -> View {
    let mut view = View::new();
    rows.into_iter().for_each(|issue| view.load_issue(issue));
    view.finish_load();
    view
}

/// Issues, in plain rows and in a view, and what gives filters of them a meaning.
struct World {
    rows: BTreeMap<IssueId, Issue>,
    view: View,
    directory: Directory,
    asking: Asking,
    sets: Vec<BTreeSet<IssueId>>,
    scores: BTreeMap<IssueId, f32>,
    looked: Looked,
}

/// What was looked up: sets of issues, and scores.
type Found = (Vec<BTreeSet<IssueId>>, Vec<(IssueId, f32)>);

impl World {
    /// The rows that are left when changes come one after another, and the view that took each of them.
    fn new(start: &[Issue], changes: &[Issue], (sets, scores): Found) -> Self {
        let mut view = loaded(start);
        let mut rows: BTreeMap<_, _> = start.iter().map(|issue| (issue.id, issue.clone())).collect();
        for issue in changes {
            view.apply(issue);
            rows.insert(issue.id, issue.clone());
        }
        let asking = world::asking(start.len().is_multiple_of(2));
        let scores = scores.into_iter().collect();
        let looked = Looked::default();
        let mut world = Self { rows, view, directory: world::directory(), asking, sets, scores, looked };
        world.look_up();
        world
    }

    /// Finds the ordinals of what was looked up.
    fn look_up(&mut self) {
        let view = &self.view;
        let places = |ids: &BTreeSet<IssueId>| ids.iter().filter_map(|id| view.ordinal_of(*id)).collect();
        let scores = self.scores.iter().filter_map(|(id, score)| Some((view.ordinal_of(*id)?, *score)));
        self.looked = Looked { sets: self.sets.iter().map(places).collect(), scores: scores.collect() };
    }

    fn plain(rows: &[Issue]) -> Self {
        Self::new(rows, &[], Found::default())
    }

    fn naive(&self) -> Naive<'_> {
        Naive {
            rows: &self.rows,
            directory: &self.directory,
            asking: &self.asking,
            sets: &self.sets,
            // A score of an issue that is not there is none.
            scores: &self.scores,
        }
    }

    fn question<'a>(&'a self, filter: &'a Filter) -> Question<'a> {
        Question { filter, asking: &self.asking, directory: &self.directory, looked: &self.looked }
    }

    fn expected(&self, filter: &Filter, sort: &[Sort]) -> Vec<IssueId> {
        self.naive().list(filter, sort).into_iter().map(|issue| issue.id).collect()
    }

    fn count(&self, filter: impl Into<Filter>) -> u64 {
        self.view.count(&scope(), &self.question(&filter.into())).unwrap()
    }

    /// Every page of a list, from the start or from the end, in the order of the list. Positions travel sealed.
    fn walk(&self, filter: &Filter, sort: &[Sort], size: usize, backward: bool) -> Vec<IssueId> {
        let (key, list) = (CursorKey::new([7; 32]), query_hash(filter, sort));
        let (mut all, mut from) = (Vec::new(), None::<Position>);
        let question = self.question(filter);
        loop {
            let page = if backward { Page::Last(size, from.take()) } else { Page::First(size, from.take()) };
            let found = self.view.query(&scope(), &IssueQuery { question, sort, page }).unwrap();
            assert!(found.ids.len() <= size && found.ids.len() == found.positions.len());
            assert_eq!(found.total, self.view.count(&scope(), &question).unwrap());
            let (more, edge) = match backward {
                true => (found.has_previous, found.positions.first()),
                false => (found.has_next, found.positions.last()),
            };
            from = edge.map(|position| key.open(list, &key.seal(list, position)).unwrap());
            if backward {
                all.splice(0..0, found.ids);
            } else {
                all.extend(found.ids);
            }
            if !more {
                return all;
            }
        }
    }
}

/// All that must hold, in a fixed order.
fn conditions(filter: &Filter) -> Vec<String> {
    let mut all = match filter {
        Filter::All(parts) => parts.iter().flat_map(conditions).collect(),
        other => vec![format!("{other:?}")],
    };
    all.sort();
    all
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn any_filter_finds_what_a_look_at_every_row_finds(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        found in found(),
        filters in prop::collection::vec(filter(), 4..8),
    ) {
        let world = World::new(&start, &changes, found);
        for filter in &filters {
            let expected: BTreeSet<_> = world.expected(filter, &[]).into_iter().collect();
            let question = world.question(filter);
            prop_assert_eq!(world.count(filter.clone()), expected.len() as u64, "{:?}", filter);
            let selected = world.view.select(&scope(), &question);
            let selected: BTreeSet<_> = selected.iter().filter_map(|at| world.view.id_of(at)).collect();
            prop_assert_eq!(&selected, &expected, "{:?}", filter);
            for id in world.rows.keys() {
                let passes = world.view.passes(&scope(), &question, world.view.ordinal_of(*id).unwrap());
                prop_assert_eq!(passes, expected.contains(id), "{} {:?}", id, filter);
            }
            prop_assert!(!world.view.passes(&scope(), &question, world.view.len() as u32));
        }
    }

    #[test]
    fn every_test_of_a_title_finds_what_a_look_at_every_title_finds(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        wanted in prop::collection::vec(select(TEXTS), 0..4),
    ) {
        let world = World::new(&start, &changes, Found::default());
        for operator in trees::OPERATORS {
            for folded in [false, true] {
                let values = wanted.iter().map(|text| (*text).to_owned()).collect();
                let filter = Test::Title(TextTest { operator: *operator, values, folded }).into();
                prop_assert_eq!(world.walk(&filter, &[], SLOTS, false), world.expected(&filter, &[]), "{:?}", filter);
            }
        }
    }

    #[test]
    fn different_lists_have_different_hashes(a in filter(), b in filter(), sort in sorts(), other in sorts()) {
        prop_assert_eq!(query_hash(&a, &sort) == query_hash(&b, &sort), conditions(&a) == conditions(&b));
        prop_assert_eq!(query_hash(&a, &sort) == query_hash(&a, &other), sort == other);
    }

    #[test]
    fn pages_in_either_direction_cover_the_list_exactly_once(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        found in found(),
        filter in mild_filter(),
        sorts in prop::collection::vec(sorts(), 4),
        size in 1..9_usize,
    ) {
        let world = World::new(&start, &changes, found);
        for sort in &sorts {
            let expected = world.expected(&filter, sort);
            prop_assert_eq!(&world.walk(&filter, sort, size, false), &expected);
            prop_assert_eq!(&world.walk(&filter, sort, size, true), &expected);
        }
    }

    #[test]
    fn writes_between_pages_neither_repeat_nor_hide_an_issue_that_did_not_move(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        filter in mild_filter(),
        sort in sorts(),
        size in 1..9_usize,
    ) {
        // What is around an issue may change though it does not move itself, and lookups are of one moment.
        let around = |test: &Test| !test.inner().is_empty() || matches!(test, Test::Children(_) | Test::Related(..));
        prop_assume!(!filter.mentions(&|test| around(test) || matches!(test, Test::Looked(_))));
        let mut world = World::plain(&start);
        let touched: BTreeSet<_> = changes.iter().map(|issue| issue.id).collect();
        let expected = world.expected(&filter, &sort).into_iter().filter(|id| !touched.contains(id));
        let expected: Vec<_> = expected.collect();
        let (mut seen, mut from, mut changes) = (Vec::new(), None, changes.iter());
        loop {
            let page = Page::First(size, from.take());
            let query = IssueQuery { question: world.question(&filter), sort: &sort, page };
            let found = world.view.query(&scope(), &query).unwrap();
            seen.extend(found.ids.iter().copied().filter(|id| !touched.contains(id)));
            changes.by_ref().take(3).for_each(|issue| world.view.apply(issue));
            from = found.positions.last().cloned();
            if !found.has_next {
                break;
            }
        }
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn a_view_that_took_each_change_equals_one_that_is_loaded_afresh(
        start in issues(),
        changes in prop::collection::vec(change(), 0..120),
    ) {
        let world = World::new(&start, &changes, Found::default());
        let (rows, view) = (&world.rows, &world.view);
        let fresh = loaded(rows.values().rev());
        prop_assert_eq!(view.compare(&fresh), Vec::<String>::new());
        prop_assert_eq!(fresh.compare(view), Vec::<String>::new());
        prop_assert_eq!(view.len(), rows.len());
        for issue in rows.values() {
            prop_assert_eq!(view.find(issue.team, issue.number), Some(issue.id));
            prop_assert_eq!(view.parent_of(issue.id), issue.parent);
            prop_assert_eq!(view.version_of(issue.id), Some(issue.version));
            let parts: BTreeSet<_> = view.parts_of(issue.id).collect();
            let expected = rows.values().filter(|part| part.parent == Some(issue.id)).map(|part| part.id);
            prop_assert_eq!(parts, expected.collect());
            let related: BTreeSet<_> = view.relations_to(issue.id).into_iter().collect();
            let expected = rows.values().flat_map(|other| {
                let here = other.relations.iter().filter(|relation| relation.to == issue.id);
                here.map(|relation| (relation.kind, other.id))
            });
            prop_assert_eq!(related, expected.collect());
            let highest = rows.values().filter(|i| i.team == issue.team).map(|i| i.number).max();
            prop_assert_eq!(Some(view.max_number(issue.team)), highest);
        }
    }

    #[test]
    fn a_view_answers_the_same_before_its_loading_ends(
        start in issues(),
        filter in filter(),
        sort in sorts(),
    ) {
        let mut world = World::plain(&start);
        world.view = View::new();
        start.iter().for_each(|issue| world.view.load_issue(issue));
        world.look_up();
        prop_assert_eq!(world.walk(&filter, &sort, SLOTS, false), world.expected(&filter, &sort));
    }
}
