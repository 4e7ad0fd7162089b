//! Groups: what is in them, in which order they stand, and that each is a list of its own.

use super::random::{change, issues, sorts};
use super::trees::mild_filter;
use super::world::{self, SLOTS, issue_id, labels, members, plain, states, team};
use super::{Found, World, scope, worlds};
use crate::error::ErrorCode;
use crate::filter::{Compare, Filter, GroupBy, Sort, TeamTest, Test};
use crate::id::{IssueId, MemberId};
use crate::limits::Limits;
use crate::model::{Issue, Priority, StateCategory};
use crate::time::CalendarDate;
use crate::view::{DueBucket, Group, GroupKey, GroupPlace, GroupRequest, Groups, IssueQuery, Page};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// The groups that an issue belongs to.
fn keys(world: &World, row: &Issue, by: GroupBy) -> Vec<GroupKey> {
    match by {
        GroupBy::State => vec![GroupKey::State(row.state)],
        GroupBy::Category => vec![GroupKey::Category(row.category)],
        GroupBy::Assignee if row.assignees.is_empty() => vec![GroupKey::Assignee(None)],
        GroupBy::Assignee => row.assignees.iter().map(|id| GroupKey::Assignee(Some(*id))).collect(),
        GroupBy::Label if row.labels.is_empty() => vec![GroupKey::Label(None)],
        GroupBy::Label => row.labels.iter().map(|id| GroupKey::Label(Some(*id))).collect(),
        GroupBy::Priority => vec![GroupKey::Priority(row.priority)],
        GroupBy::Kind => vec![GroupKey::Kind(row.kind)],
        GroupBy::Team => vec![GroupKey::Team(row.team)],
        GroupBy::Creator => vec![GroupKey::Creator(row.creator)],
        GroupBy::Parent => {
            let parent = row.parent.and_then(|id| world.rows.get(&id));
            let parent = parent.filter(|parent| parent.deleted_at.is_none());
            vec![GroupKey::Parent(parent.map(|parent| parent.id))]
        }
        GroupBy::Due => vec![GroupKey::Due(due(row.due_date))],
    }
}

/// The tests are asked on a Sunday evening: hour 100 of 1970 is nine hours behind, on January 4.
fn due(date: Option<CalendarDate>) -> DueBucket {
    match date.map(CalendarDate::days) {
        None => DueBucket::None,
        Some(..3) => DueBucket::Overdue,
        Some(3) => DueBucket::Today,
        Some(4..=10) => DueBucket::NextWeek,
        Some(11..) => DueBucket::Later,
    }
}

fn request<'a>(by: GroupBy, limits: &'a Limits) -> GroupRequest<'a> {
    GroupRequest {
        by,
        sub_by: None,
        empty: false,
        groups: usize::MAX,
        after: None,
        sort: &[],
        first: 0,
        sub_first: 0,
        limits,
    }
}

fn groups(world: &World, filter: &Filter, request: &GroupRequest<'_>) -> Groups {
    world.view.groups(&scope(), &world.question(filter), request).unwrap()
}

/// Asserts that pages of so many groups are the groups of the whole, one page after the other.
fn walk(world: &World, filter: &Filter, request: &GroupRequest<'_>, whole: &Groups, page: usize) {
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let request = GroupRequest { groups: page, after: after.as_ref(), ..*request };
        let found = groups(world, filter, &request);
        assert_eq!((found.count, found.total, found.estimate), (whole.count, whole.total, whole.estimate));
        assert!(found.groups.len() == page || !found.has_next, "{found:?}");
        seen.extend(found.groups);
        after = found.ends.map(|(_, last)| last);
        if !found.has_next {
            break;
        }
    }
    assert_eq!(seen, whole.groups);
}

/// Whether a group says what its issues say, and what its own list says.
fn check(world: &World, group: &Group, filters: &[Filter], issues: &[&Issue], sort: &[Sort], first: usize) {
    assert_eq!(group.page.total, issues.len() as u64, "{group:?}");
    assert_eq!(group.estimate, issues.iter().filter_map(|i| i.estimate).map(u64::from).sum::<u64>());
    let expected: Vec<_> = issues.iter().map(|issue| issue.id).take(first).collect();
    assert_eq!(group.page.ids, expected);
    let filter = Filter::All(filters.to_vec());
    let query = IssueQuery { question: world.question(&filter), sort, page: Page::First(first.max(1), None) };
    let list = world.view.query(&scope(), &query).unwrap();
    assert_eq!(group.page.total, list.total, "{filter:?}");
    if first > 0 {
        assert_eq!(group.page, list, "{filter:?}");
    }
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn every_group_is_the_list_of_those_that_have_its_key(
        start in issues(),
        changes in prop::collection::vec(change(), 0..40),
        filter in mild_filter(),
        by in (select(GroupBy::ALL), prop::option::of(select(GroupBy::ALL))),
        sort in sorts(),
        firsts in (0..6_usize, 0..6_usize),
        page in 1..6_usize,
        empty in any::<bool>(),
    ) {
        let world = World::new(&start, &changes, Found::default());
        let limits = Limits::default();
        let request = GroupRequest {
            sub_by: by.1, empty, sort: &sort, first: firsts.0, sub_first: firsts.1,
            ..request(by.0, &limits)
        };
        let found = groups(&world, &filter, &request);
        let rows = world.naive().list(&filter, &sort);
        prop_assert_eq!(found.total, rows.len() as u64);
        prop_assert_eq!(found.estimate, rows.iter().filter_map(|i| i.estimate).map(u64::from).sum::<u64>());
        let mut left: BTreeMap<String, Vec<&Issue>> = BTreeMap::new();
        for row in &rows {
            for key in keys(&world, row, by.0) {
                left.entry(format!("{key:?}")).or_default().push(row);
            }
        }
        for group in &found.groups {
            let issues = left.remove(&format!("{:?}", group.key)).unwrap_or_default();
            prop_assert!(empty || !issues.is_empty());
            check(&world, group, &[filter.clone(), group.key.test()], &issues, &sort, firsts.0);
            let Some(sub_by) = by.1 else { continue };
            let mut cells = 0;
            for lane in &group.groups {
                let cell = issues.iter().copied().filter(|row| keys(&world, row, sub_by).contains(&lane.key));
                let cell: Vec<_> = cell.collect();
                prop_assert!(empty || !cell.is_empty());
                let filters = [filter.clone(), group.key.test(), lane.key.test()];
                check(&world, lane, &filters, &cell, &sort, firsts.1);
                cells += cell.len();
            }
            prop_assert_eq!(cells, issues.iter().map(|row| keys(&world, row, sub_by).len()).sum::<usize>());
        }
        prop_assert!(left.is_empty(), "{:?}", left);
        prop_assert_eq!((found.count, found.has_next), (found.groups.len() as u64, false));
        walk(&world, &filter, &request, &found, page);
    }

    #[test]
    fn facets_say_how_many_issues_are_in_each_group(
        start in issues(),
        changes in prop::collection::vec(change(), 0..40),
        filter in mild_filter(),
    ) {
        let world = World::new(&start, &changes, Found::default());
        let limits = Limits::default();
        let facets = world.view.facets(&scope(), &world.question(&filter), GroupBy::ALL, 100).unwrap();
        for (by, facet) in GroupBy::ALL.iter().zip(facets) {
            let found = groups(&world, &filter, &request(*by, &limits));
            let counts: Vec<_> = found.groups.iter().map(|group| (group.key, group.page.total)).collect();
            prop_assert_eq!(facet, counts);
        }
    }
}

#[test]
fn a_facet_of_too_many_values_is_refused() {
    let rows: Vec<_> = (0..4).map(|slot| Issue { state: states()[slot], ..plain(slot) }).collect();
    let (world, everything) = (World::plain(&rows), Filter::everything());
    let facets = |max| world.view.facets(&scope(), &world.question(&everything), &[GroupBy::State], max);
    assert_eq!(facets(4).unwrap()[0].len(), 4);
    let refused = facets(3).unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::TooCostly, Some("by")));
}

fn in_order(rows: &[Issue], filter: &Filter, by: GroupBy, empty: bool) -> Vec<GroupKey> {
    let (world, limits) = (World::plain(rows), Limits::default());
    let found = groups(&world, filter, &GroupRequest { empty, ..request(by, &limits) });
    found.groups.into_iter().map(|group| group.key).collect()
}

#[test]
fn states_stand_as_in_their_workflow_and_those_of_several_by_category() {
    let [done, review, other_done, triage, later, _] = states()[..] else { panic!("six states") };
    let of_one: Vec<_> = [review, done].map(GroupKey::State).to_vec();
    let rows = [Issue { state: done, ..plain(0) }, Issue { state: review, ..plain(3) }];
    let everything = Filter::everything();
    assert_eq!(in_order(&rows, &everything, GroupBy::State, false), [of_one[1], of_one[0]]);
    let all = [triage, later, review, other_done, done].map(GroupKey::State);
    assert_eq!(in_order(&rows, &everything, GroupBy::State, true), all);
    let of_team = Filter::Test(Test::Team(TeamTest::Id(Compare::Eq(team(0)))));
    let own = [triage, done, review].map(GroupKey::State);
    assert_eq!(in_order(&rows, &of_team, GroupBy::State, true), own);
}

#[test]
fn groups_stand_in_the_order_people_expect() {
    let everything = Filter::everything();
    let order = |by| in_order(&[], &everything, by, true);
    let [ada, other_ada, emile, ..] = members()[..] else { panic!("five members") };
    let mut adas = [ada, other_ada];
    adas.sort();
    let members = [Some(adas[0]), Some(adas[1]), Some(emile), None];
    assert_eq!(order(GroupBy::Assignee), members.map(GroupKey::Assignee));
    let mut bugs = [labels()[0], labels()[1]];
    bugs.sort();
    let words = [Some(bugs[0]), Some(bugs[1]), Some(labels()[2]), None];
    assert_eq!(order(GroupBy::Label), words.map(GroupKey::Label));
    let priorities = Priority::ALL.iter().rev().map(|priority| GroupKey::Priority(*priority));
    assert_eq!(order(GroupBy::Priority), priorities.collect::<Vec<_>>());
    let categories = StateCategory::ALL.iter().map(|category| GroupKey::Category(*category));
    assert_eq!(order(GroupBy::Category), categories.collect::<Vec<_>>());
    let due = DueBucket::ALL.iter().map(|bucket| GroupKey::Due(*bucket));
    assert_eq!(order(GroupBy::Due), due.collect::<Vec<_>>());
    // Team 2 is archived; the others are called Émile and Done.
    assert_eq!(order(GroupBy::Team), [GroupKey::Team(team(1)), GroupKey::Team(team(0))]);
    assert_eq!(order(GroupBy::Parent), [GroupKey::Parent(None)]);
}

#[test]
fn parts_stand_by_the_title_of_their_whole_and_those_of_a_deleted_whole_with_those_of_none() {
    let titled = |slot, title: &str| Issue { title: title.to_owned(), ..plain(slot) };
    let part = |slot, of| Issue { parent: Some(issue_id(of)), ..plain(slot) };
    let gone = Issue { deleted_at: Some(world::plain(3).created_at), ..plain(3) };
    let rows = [titled(1, "Zoo"), titled(2, "ape"), gone, part(4, 1), part(5, 2), part(6, 3)];
    let keys = [Some(issue_id(2)), Some(issue_id(1)), None].map(GroupKey::Parent);
    assert_eq!(in_order(&rows, &Filter::everything(), GroupBy::Parent, false), keys);
}

#[test]
fn a_page_of_groups_goes_on_where_the_last_ended_though_that_group_is_gone_or_called_otherwise() {
    let titled = |slot, title: &str| Issue { title: title.to_owned(), ..plain(slot) };
    let part = |slot, of| Issue { parent: Some(issue_id(of)), ..plain(slot) };
    let wholes = [titled(1, "bee"), titled(2, "ant"), titled(3, "cat")];
    let rows = [wholes.as_slice(), &[part(4, 1), part(5, 2), part(6, 3)]].concat();
    let (limits, everything) = (Limits::default(), Filter::everything());
    let mut world = World::plain(&rows);
    let page = |world: &World, after: Option<&GroupPlace>| {
        let request = GroupRequest { groups: 2, after, ..request(GroupBy::Parent, &limits) };
        let found = groups(world, &everything, &request);
        (
            found.groups.iter().map(|group| group.key).collect::<Vec<_>>(),
            found.ends.unwrap().1,
            found.has_next,
        )
    };
    let whole = |slot: usize| GroupKey::Parent(Some(issue_id(slot)));
    let (first, after, more) = page(&world, None);
    assert_eq!((first, more), (vec![whole(2), whole(1)], true));
    let rest = vec![whole(3), GroupKey::Parent(None)];
    assert_eq!(page(&world, Some(&after)).0, rest);
    world.view.apply(&Issue { parent: None, ..plain(4) });
    assert_eq!(page(&world, Some(&after)).0, rest);
    world.view.apply(&part(4, 1));
    world.view.apply(&titled(1, "aardvark"));
    assert_eq!(page(&world, Some(&after)).0, rest);
}

#[test]
fn a_company_with_thousands_of_assignees_is_paged_through() {
    let people = 3_000;
    let rows = (0..people).map(|number| Issue {
        id: IssueId::generate(),
        number,
        assignees: vec![MemberId::generate()],
        ..plain(0)
    });
    let rows: Vec<_> = rows.chain([plain(1)]).collect();
    let (world, everything, limits) = (World::plain(&rows), Filter::everything(), Limits::default());
    for sub_by in [None, Some(GroupBy::Priority)] {
        let request = GroupRequest { first: 1, sub_by, ..request(GroupBy::Assignee, &limits) };
        let whole = groups(&world, &everything, &request);
        assert_eq!((whole.count, whole.groups.len()), (u64::from(people) + 1, people as usize + 1));
        assert_eq!(whole.groups.last().map(|group| group.key), Some(GroupKey::Assignee(None)));
        walk(&world, &everything, &request, &whole, limits.page_size_max);
    }
}

#[test]
fn too_many_groups_lanes_or_issues_are_refused_by_name() {
    let rows: Vec<_> = (0..SLOTS)
        .map(|slot| Issue { state: states()[slot % 5], labels: vec![labels()[slot % 4]], ..plain(slot) })
        .collect();
    let (world, everything) = (World::plain(&rows), Filter::everything());
    let refused = |limits: Limits, sub_by, first| {
        let request = GroupRequest { sub_by, first, ..request(GroupBy::State, &limits) };
        let refused = world.view.groups(&scope(), &world.question(&everything), &request).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::TooCostly);
        refused.field().unwrap_or_default().to_owned()
    };
    let limits = Limits::default;
    assert_eq!(refused(Limits { groups_max: 4, ..limits() }, None, 0), "groupBy");
    let lanes = Some(GroupBy::Label);
    assert_eq!(refused(Limits { lanes_max: 3, ..limits() }, lanes, 0), "subGroupBy");
    assert_eq!(refused(Limits { cells_max: 19, ..limits() }, lanes, 0), "subGroupBy");
    assert_eq!(refused(Limits { group_issues_max: 24, ..limits() }, None, 5), "issues.first");
    let enough = Limits { groups_max: 5, lanes_max: 4, cells_max: 20, group_issues_max: 25, ..limits() };
    let request = GroupRequest { sub_by: lanes, first: 5, ..request(GroupBy::State, &enough) };
    assert_eq!(groups(&world, &everything, &request).groups.len(), 5);
}
