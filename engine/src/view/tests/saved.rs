//! A view that was saved, whatever happened meanwhile and since, is loaded as it would be made afresh.

use super::random::{change, issues, plain};
use super::{changed, loaded};
use crate::model::Issue;
use crate::view::View;
use proptest::prelude::*;
use std::collections::BTreeMap;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::CASES))]

    #[test]
    fn what_was_saved_at_rest_is_loaded_as_it_was(
        start in issues(),
        changes in prop::collection::vec(change(), 0..120),
    ) {
        let (rows, mut view) = changed(&start, &changes);
        let bytes = save(&mut view, &mut [].iter(), 0);
        let mut again = load(&bytes);
        prop_assert!(again.is_whole());
        for (one, other) in [(&view, &again), (&again, &view), (&again, &loaded(rows.values()))] {
            prop_assert_eq!(one.compare(other), Vec::<String>::new());
        }
        // It is as good as one that was never saved, also for what comes.
        let next = changes.iter().rev().map(|issue| Issue { version: 99, ..issue.clone() }).collect::<Vec<_>>();
        next.iter().for_each(|issue| again.apply(issue));
        let mut rows = rows;
        rows.extend(next.into_iter().map(|issue| (issue.id, issue)));
        prop_assert_eq!(again.compare(&loaded(rows.values())), Vec::<String>::new());
        prop_assert_eq!(save(&mut load(&bytes), &mut [].iter(), 0), bytes);
    }

    #[test]
    fn changes_while_it_is_saved_and_later_are_made_good_from_their_newest_rows(
        start in issues(),
        meanwhile in prop::collection::vec(change(), 0..120),
        later in prop::collection::vec(change(), 0..40),
        at_once in 0..5_usize,
    ) {
        let mut view = loaded(&start);
        let mut waiting = meanwhile.iter();
        let bytes = save(&mut view, &mut waiting, at_once);
        let done = meanwhile.len() - waiting.len();
        let touched: BTreeMap<_, _> =
            meanwhile.iter().take(done).chain(&later).map(|issue| (issue.id, issue)).collect();
        let mut rows: BTreeMap<_, _> = start.iter().map(|issue| (issue.id, issue)).collect();
        rows.extend(touched.iter());

        let mut again = load(&bytes);
        again.doubt(touched.keys().copied());
        let known = touched.keys().filter(|id| start.iter().any(|issue| issue.id == **id)).count();
        prop_assert_eq!(again.is_whole(), known == 0);
        touched.values().for_each(|issue| again.apply(issue));
        prop_assert!(again.is_whole());
        let fresh = loaded(rows.values().copied());
        prop_assert_eq!(again.compare(&fresh), Vec::<String>::new());
        prop_assert_eq!(fresh.compare(&again), Vec::<String>::new());
    }
}

#[test]
fn a_view_that_was_cut_short_is_not_loaded() {
    let mut view = loaded(&(0..40).map(plain).collect::<Vec<_>>());
    let bytes = save(&mut view, &mut [].iter(), 0);
    for length in 0..bytes.len() {
        assert!(View::load(&mut &bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}
