//! A view that was saved, whatever happened meanwhile and since, is loaded as it would be made afresh, and answers the same.

use super::random::{change, found, issues, sorts};
use super::trees::filter;
use super::world::plain;
use super::{Found, World, loaded, scope, worlds};
use crate::filter::{Filter, Sort};
use crate::id::IssueId;
use crate::model::Issue;
use crate::view::View;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Saves a view, and lets one change after another come between the parts, as many at once as said.
fn save(view: &mut View, changes: &mut std::slice::Iter<'_, Issue>, at_once: usize) -> Vec<u8> {
    let (mut saving, mut bytes) = (view.start_saving(), Vec::new());
    while view.save_part(&mut saving, &mut bytes) {
        changes.by_ref().take(at_once).for_each(|issue| view.apply(issue));
    }
    bytes
}

fn load(bytes: &[u8]) -> View {
    let mut left = bytes;
    let view = View::load(&mut left).unwrap();
    assert!(left.is_empty(), "{} bytes were not read", left.len());
    view
}

fn ids(world: &World, filter: &Filter) -> BTreeSet<IssueId> {
    let selected = world.view.select(&scope(), &world.question(filter));
    selected.iter().filter_map(|at| world.view.id_of(at)).collect()
}

/// The world with another view of the same rows answers as a look at every row does.
fn answers(world: &mut World, view: View, filters: &[Filter], sort: &[Sort]) -> Result<(), TestCaseError> {
    world.view = view;
    world.look_up();
    for filter in filters {
        let expected = world.expected(filter, sort);
        prop_assert_eq!(
            ids(world, filter),
            expected.iter().copied().collect::<BTreeSet<_>>(),
            "{:?}",
            filter
        );
        prop_assert_eq!(world.walk(filter, sort, 7, false), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn what_was_saved_at_rest_is_loaded_as_it_was(
        start in issues(),
        changes in prop::collection::vec(change(), 0..120),
        found in found(),
        filters in prop::collection::vec(filter(), 4),
        sort in sorts(),
    ) {
        let mut world = World::new(&start, &changes, found);
        let bytes = save(&mut world.view, &mut [].iter(), 0);
        let mut again = load(&bytes);
        prop_assert!(again.is_whole());
        for (one, other) in [(&world.view, &again), (&again, &world.view), (&again, &loaded(world.rows.values()))] {
            prop_assert_eq!(one.compare(other), Vec::<String>::new());
        }
        let selected = filters.iter().map(|filter| ids(&world, filter)).collect::<Vec<_>>();
        answers(&mut world, load(&bytes), &filters, &sort)?;
        prop_assert_eq!(filters.iter().map(|filter| ids(&world, filter)).collect::<Vec<_>>(), selected);
        // It is as good as one that was never saved, also for what comes.
        let next = changes.iter().rev().map(|issue| Issue { version: 99, ..issue.clone() }).collect::<Vec<_>>();
        next.iter().for_each(|issue| again.apply(issue));
        world.rows.extend(next.into_iter().map(|issue| (issue.id, issue)));
        prop_assert_eq!(again.compare(&loaded(world.rows.values())), Vec::<String>::new());
        answers(&mut world, again, &filters, &sort)?;
        prop_assert_eq!(save(&mut load(&bytes), &mut [].iter(), 0), bytes);
    }

    #[test]
    fn changes_while_it_is_saved_and_later_are_made_good_from_their_newest_rows(
        start in issues(),
        meanwhile in prop::collection::vec(change(), 0..120),
        later in prop::collection::vec(change(), 0..40),
        at_once in 0..5_usize,
        filters in prop::collection::vec(filter(), 4),
        sort in sorts(),
    ) {
        let mut world = World::new(&start, &[], Found::default());
        let mut waiting = meanwhile.iter();
        let bytes = save(&mut world.view, &mut waiting, at_once);
        let done = meanwhile.len() - waiting.len();
        let touched: BTreeMap<_, _> =
            meanwhile.iter().take(done).chain(&later).map(|issue| (issue.id, issue)).collect();
        let known = touched.keys().filter(|id| world.rows.contains_key(id)).count();
        world.rows.extend(touched.values().map(|issue| (issue.id, (*issue).clone())));

        let mut again = load(&bytes);
        again.doubt(touched.keys().copied());
        prop_assert_eq!(again.is_whole(), known == 0);
        touched.values().for_each(|issue| again.apply(issue));
        prop_assert!(again.is_whole());
        let fresh = loaded(world.rows.values());
        prop_assert_eq!(again.compare(&fresh), Vec::<String>::new());
        prop_assert_eq!(fresh.compare(&again), Vec::<String>::new());
        answers(&mut world, again, &filters, &sort)?;
    }
}

#[test]
fn a_view_that_was_cut_short_is_not_loaded() {
    let mut view = loaded(&(0..80).map(plain).collect::<Vec<_>>());
    let bytes = save(&mut view, &mut [].iter(), 0);
    for length in 0..bytes.len() {
        assert!(View::load(&mut &bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}
