//! The view against a naive evaluator over plain rows: whatever is asked, both answer the same.

mod naive;
mod random;
mod saved;

use super::{CursorKey, IssueQuery, Page, Position, View, query_hash};
use crate::access::Scope;
use crate::filter::{Compare, Filter, Many, Sort, SortKey, Test};
use crate::id::IssueId;
use crate::model::Issue;
use proptest::prelude::*;
use random::{SLOTS, change, filter, issues, sorts};
use std::collections::{BTreeMap, BTreeSet};

/// Random trees and orders that one run of a property tries.
const CASES: u32 = 256;

fn scope() -> Scope {
    Scope::system("the tests ask everything")
}

fn loaded<'a>(rows: impl IntoIterator<Item = &'a Issue>) -> View {
    let mut view = View::new();
    rows.into_iter().for_each(|issue| view.load_issue(issue));
    view.finish_load();
    view
}

/// The rows that are left when changes come one after another, and the view that took each of them.
fn changed(start: &[Issue], changes: &[Issue]) -> (BTreeMap<IssueId, Issue>, View) {
    let mut view = loaded(start);
    let mut rows: BTreeMap<_, _> = start.iter().map(|issue| (issue.id, issue.clone())).collect();
    for issue in changes {
        view.apply(issue);
        rows.insert(issue.id, issue.clone());
    }
    (rows, view)
}

fn ids(found: &[&Issue]) -> Vec<IssueId> {
    found.iter().map(|issue| issue.id).collect()
}

/// Every page of a list, from the start or from the end, in the order of the list. Positions travel sealed.
fn walk(view: &View, filter: &Filter, sort: &[Sort], size: usize, backward: bool) -> Vec<IssueId> {
    let (key, list) = (CursorKey::new([7; 32]), query_hash(filter, sort));
    let (mut all, mut from) = (Vec::new(), None::<Position>);
    loop {
        let page = if backward { Page::Last(size, from.take()) } else { Page::First(size, from.take()) };
        let found = view.query(&scope(), &IssueQuery { filter, sort, page }).unwrap();
        assert!(found.ids.len() <= size && found.ids.len() == found.positions.len());
        assert_eq!(found.total, view.count(&scope(), filter).unwrap());
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn any_filter_finds_what_a_look_at_every_row_finds(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        filters in prop::collection::vec(filter(), 1..8),
    ) {
        let (rows, view) = changed(&start, &changes);
        for filter in &filters {
            let expected = ids(&naive::list(rows.values(), filter, &[]));
            prop_assert_eq!(view.count(&scope(), filter).unwrap(), expected.len() as u64, "{:?}", filter);
            prop_assert_eq!(&walk(&view, filter, &[], SLOTS, false), &expected, "{:?}", filter);
        }
    }

    #[test]
    fn different_lists_have_different_hashes(a in filter(), b in filter(), sort in sorts(), other in sorts()) {
        prop_assert_eq!(query_hash(&a, &sort) == query_hash(&b, &sort), a == b);
        prop_assert_eq!(query_hash(&a, &sort) == query_hash(&a, &other), sort == other);
    }

    #[test]
    fn pages_in_either_direction_cover_the_list_exactly_once(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        filter in random::mild_filter(),
        sort in sorts(),
        size in 1..9_usize,
    ) {
        let (rows, view) = changed(&start, &changes);
        let expected = ids(&naive::list(rows.values(), &filter, &sort));
        prop_assert_eq!(&walk(&view, &filter, &sort, size, false), &expected);
        prop_assert_eq!(&walk(&view, &filter, &sort, size, true), &expected);
    }

    #[test]
    fn writes_between_pages_neither_repeat_nor_hide_an_issue_that_did_not_move(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        filter in random::mild_filter(),
        sort in sorts(),
        size in 1..9_usize,
    ) {
        let mut view = loaded(&start);
        let touched: BTreeSet<_> = changes.iter().map(|issue| issue.id).collect();
        let still: Vec<_> = start.iter().filter(|issue| !touched.contains(&issue.id)).collect();
        let (mut seen, mut from, mut changes) = (Vec::new(), None, changes.iter());
        loop {
            let page = Page::First(size, from.take());
            let found = view.query(&scope(), &IssueQuery { filter: &filter, sort: &sort, page }).unwrap();
            seen.extend(found.ids.iter().copied().filter(|id| !touched.contains(id)));
            changes.by_ref().take(3).for_each(|issue| view.apply(issue));
            from = found.positions.last().cloned();
            if !found.has_next {
                break;
            }
        }
        prop_assert_eq!(seen, ids(&naive::list(still.into_iter(), &filter, &sort)));
    }

    #[test]
    fn a_view_that_took_each_change_equals_one_that_is_loaded_afresh(
        start in issues(),
        changes in prop::collection::vec(change(), 0..120),
    ) {
        let (rows, view) = changed(&start, &changes);
        let fresh = loaded(rows.values().rev());
        prop_assert_eq!(view.compare(&fresh), Vec::<String>::new());
        prop_assert_eq!(fresh.compare(&view), Vec::<String>::new());
        prop_assert_eq!(view.len(), rows.len());
        for issue in rows.values() {
            prop_assert_eq!(view.find(issue.team, issue.number), Some(issue.id));
            prop_assert_eq!(view.parent_of(issue.id), issue.parent);
            prop_assert_eq!(view.version_of(issue.id), Some(issue.version));
            let parts: BTreeSet<_> = view.parts_of(issue.id).collect();
            let expected = rows.values().filter(|part| part.parent == Some(issue.id)).map(|part| part.id);
            prop_assert_eq!(parts, expected.collect());
            let highest = rows.values().filter(|i| i.team == issue.team).map(|i| i.number).max();
            prop_assert_eq!(Some(view.max_number(issue.team)), highest);
        }
    }
}

#[test]
fn a_comparison_names_what_differs() {
    let row = random::plain(1);
    let other = Issue { title: "another title".to_owned(), ..row.clone() };
    let differences = loaded([&row]).compare(&loaded([&other]));
    assert_eq!(differences, [format!("issue {} differs from its stored row", row.id)]);
    let differences = loaded([&row]).compare(&loaded([&row, &random::plain(2)]));
    assert!(differences.iter().any(|d| d == "it holds 1 issues, 2 are stored"), "{differences:?}");
}

#[test]
fn a_deleted_issue_keeps_its_number_and_leaves_every_list_that_does_not_ask_for_it() {
    let at = crate::time::Timestamp::from_millis(5);
    let row = Issue { deleted_at: Some(at), ..random::plain(3) };
    let view = loaded([&row]);
    assert_eq!((view.find(row.team, row.number), view.max_number(row.team)), (Some(row.id), row.number));
    let of = |filter: &Filter| view.count(&scope(), filter).unwrap();
    assert_eq!(of(&Filter::everything()), 0);
    assert_eq!(of(&Filter::Test(Test::Id(Compare::Eq(row.id)))), 0);
    assert_eq!(of(&Filter::Test(Test::Deleted(true))), 1);
}

#[test]
fn issues_without_an_assignee_are_found_by_length_and_by_absence() {
    let view = loaded([&random::plain(1)]);
    for many in [Many::Length(Compare::Eq(0)), Many::None(Compare::Null(false)), Many::Length(Compare::Lt(1))]
    {
        assert_eq!(view.count(&scope(), &Filter::Test(Test::Assignees(many))).unwrap(), 1);
    }
}

#[test]
fn an_order_without_steps_is_the_order_of_ids() {
    let rows: Vec<_> = (0..20).map(random::plain).collect();
    let sort = Sort { key: SortKey::Priority, descending: true, nulls_first: false };
    let mut expected: Vec<_> = rows.iter().map(|issue| issue.id).collect();
    expected.sort();
    for sort in [&[][..], &[sort]] {
        assert_eq!(walk(&loaded(&rows), &Filter::everything(), sort, 3, false), expected);
    }
}
