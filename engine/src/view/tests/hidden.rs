//! Hidden issues: whatever somebody asks who does not see them, the answer is that of a company in which they are not.

use super::random::{change, found, issues, sorts};
use super::trees::{filter, mild_filter};
use super::world::{issue_id, members, plain, team};
use super::{Found, World, worlds};
use crate::access::Scope;
use crate::filter::{Compare, Filter, GroupBy, Many, ParentTest, Sort, Test};
use crate::id::{IssueId, MemberId, TeamId};
use crate::limits::Limits;
use crate::model::{Confidential, Issue, Relation, RelationKind};
use crate::view::{GroupRequest, Groups, IssuePage, IssueQuery, Page, Sight};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A company as it is, what somebody sees of it, and a company that has nothing else.
struct Twins {
    whole: World,
    sight: Sight,
    scope: Scope,
    rest: World,
}

impl Twins {
    fn new(start: &[Issue], changes: &[Issue], found: Found, scope: Scope, hidden: &[TeamId]) -> Self {
        let mut whole = World::new(start, changes, found.clone());
        let is_hidden = |id: &IssueId| whole.rows.get(id).is_some_and(|issue| !scope.sees(issue));
        let rows: Vec<_> = whole.rows.values().filter(|issue| scope.sees(issue)).cloned().collect();
        let veiled = rows.into_iter().map(|mut issue| {
            issue.parent = issue.parent.filter(|id| !is_hidden(id));
            issue.relations.retain(|relation| !is_hidden(&relation.to));
            issue
        });
        let veiled: Vec<_> = veiled.collect();
        let mut rest = World::new(&veiled, &[], found);
        let mut hidden = hidden.to_vec();
        hidden.sort_unstable();
        whole.directory = whole.directory.hiding(&Arc::from(hidden));
        rest.directory = whole.directory.clone();
        rest.asking = whole.asking.clone();
        let sight = whole.view.sight(&scope);
        Self { whole, sight, scope, rest }
    }

    fn selected(world: &World, sight: &Sight, filter: &Filter) -> BTreeSet<IssueId> {
        let found = world.view.select(sight, &world.question(filter));
        found.iter().filter_map(|at| world.view.id_of(at)).collect()
    }

    fn page(world: &World, sight: &Sight, filter: &Filter, sort: &[Sort], size: usize) -> IssuePage {
        let query = IssueQuery { question: world.question(filter), sort, page: Page::First(size, None) };
        world.view.query(sight, &query).unwrap()
    }

    fn groups(world: &World, sight: &Sight, filter: &Filter, request: &GroupRequest<'_>) -> Groups {
        world.view.groups(sight, &world.question(filter), request).unwrap()
    }
}

fn everything() -> Sight {
    Sight::default()
}

/// A member, and the private teams that they do not belong to.
fn asker() -> impl Strategy<Value = (MemberId, Vec<TeamId>)> {
    let teams: Vec<TeamId> = (0..3).map(team).collect();
    (select(members()), subsequence(teams, 0..=2))
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn what_is_hidden_is_as_if_it_were_not_there(
        start in issues(),
        changes in prop::collection::vec(change(), 0..60),
        found in found(),
        filters in prop::collection::vec(filter(), 4..8),
        (member, hidden) in asker(),
    ) {
        let scope = Scope::of_member(member, &hidden);
        let twins = Twins::new(&start, &changes, found, scope, &hidden);
        let (whole, rest) = (&twins.whole, &twins.rest);
        for filter in &filters {
            let expected = Twins::selected(rest, &everything(), filter);
            prop_assert_eq!(&Twins::selected(whole, &twins.sight, filter), &expected, "{:?}", filter);
            let count = whole.view.count(&twins.sight, &whole.question(filter)).unwrap();
            prop_assert_eq!(count, expected.len() as u64, "{:?}", filter);
            for id in whole.rows.keys() {
                let at = whole.view.ordinal_of(*id).unwrap();
                let passes = whole.view.passes(&twins.sight, &whole.question(filter), at);
                prop_assert_eq!(passes, expected.contains(id), "{} {:?}", id, filter);
            }
        }
        for issue in whole.rows.values() {
            let at = whole.view.ordinal_of(issue.id).unwrap();
            let seen = twins.scope.sees(issue);
            prop_assert_eq!((whole.view.shows(&twins.scope, issue.id), !twins.sight.hides(at)), (seen, seen));
        }
    }

    #[test]
    fn pages_and_boards_do_not_show_that_something_is_hidden(
        start in issues(),
        changes in prop::collection::vec(change(), 0..40),
        filter in mild_filter(),
        sort in sorts(),
        by in (select(GroupBy::ALL), prop::option::of(select(GroupBy::ALL))),
        empty in any::<bool>(),
        (member, hidden) in asker(),
    ) {
        let scope = Scope::of_member(member, &hidden);
        let twins = Twins::new(&start, &changes, Found::default(), scope, &hidden);
        let (whole, rest, all) = (&twins.whole, &twins.rest, everything());
        let expected = Twins::page(rest, &all, &filter, &sort, 5);
        prop_assert_eq!(Twins::page(whole, &twins.sight, &filter, &sort, 5), expected);
        let limits = Limits::default();
        let request = GroupRequest {
            by: by.0, sub_by: by.1, empty, groups: usize::MAX, after: None, sort: &sort, first: 3, sub_first: 2,
            limits: &limits,
        };
        let expected = Twins::groups(rest, &all, &filter, &request);
        prop_assert_eq!(Twins::groups(whole, &twins.sight, &filter, &request), expected);
        let facets = |world: &World, sight: &Sight| {
            world.view.facets(sight, &world.question(&filter), GroupBy::ALL, 1_000).unwrap()
        };
        prop_assert_eq!(facets(whole, &twins.sight), facets(rest, &all));
    }
}

#[test]
fn a_confidential_issue_is_seen_by_who_made_it_works_on_it_or_is_named() {
    let [maker, worker, named, other] = [0, 1, 2, 3].map(|n| members()[n]);
    let confidential = Some(Confidential { participants: vec![named] });
    let issue = Issue { creator: maker, assignees: vec![worker], confidential, ..plain(0) };
    let view = super::loaded([&issue]);
    for (member, sees) in [(maker, true), (worker, true), (named, true), (other, false)] {
        let scope = Scope::of_member(member, &[]);
        assert_eq!((scope.sees(&issue), view.shows(&scope, issue.id)), (sees, sees));
    }
    let outside = Scope::of_member(maker, &[issue.team]);
    assert!(!outside.sees(&issue), "who made it and does not belong to the team any more");
    assert!(!view.shows(&outside, issue.id));
}

#[test]
fn a_hidden_parent_is_no_parent_and_a_hidden_relation_no_relation() {
    let hidden = Issue { confidential: Some(Confidential::default()), ..plain(0) };
    let relations = vec![Relation { kind: RelationKind::Blocks, to: hidden.id }];
    let part = Issue { parent: Some(hidden.id), relations, ..plain(1) };
    let world = World::plain(&[hidden.clone(), part.clone()]);
    let passes = |sight: &Sight, test: Test| {
        let filter = test.into();
        let at = world.view.ordinal_of(part.id).unwrap();
        let one = world.view.passes(sight, &world.question(&filter), at);
        assert_eq!(one, world.view.select(sight, &world.question(&filter)).contains(at));
        one
    };
    let orphan = || Test::Parent(ParentTest::Null(true));
    let blocks = crate::filter::Link { kind: RelationKind::Blocks, reversed: false };
    let free = || Test::Related(blocks, Many::Length(Compare::Eq(0)));
    let outsider = world.view.sight(&Scope::of_member(members()[3], &[]));
    assert!(passes(&outsider, orphan()) && passes(&outsider, free()));
    assert!(!passes(&everything(), orphan()) && !passes(&everything(), free()));
    assert!(
        world.view.select(&outsider, &world.question(&Test::Id(Compare::Eq(issue_id(0))).into())).is_empty()
    );
}

#[test]
fn somebody_who_is_no_longer_there_sees_nothing() {
    let view = super::loaded([&plain(0)]);
    let directory = super::world::directory();
    let suspended = members()[3];
    let policy = crate::access::Policy::for_tests(suspended);
    let scope = policy.scope(&directory);
    assert!(!view.shows(&scope, issue_id(0)) && view.sight(&scope).hides(0));
}
