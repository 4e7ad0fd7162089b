//! Narrowing against a naive evaluator over a small world: looking up less never changes who passes.

use super::narrow::candidates;
use crate::filter::{Compare, Filter, Link, Many, ParentTest, Test, TimeField};
use crate::model::RelationKind;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Issues of the world.
const ISSUES: usize = 10;

/// Tests that are looked up.
const PLACES: u16 = 4;

/// What is known of the issues; each is its own number.
#[derive(Debug, Clone)]
struct World {
    parents: Vec<Option<usize>>,
    relations: Vec<(usize, usize)>,
    archived: Vec<bool>,
    deleted: Vec<bool>,
}

/// Which issues pass what is looked up, by place.
type Answers = Vec<Vec<bool>>;

impl World {
    /// The issues that pass, as a view would say.
    fn select(&self, filter: &Filter, answers: &Answers) -> BTreeSet<usize> {
        let deleted =
            filter.mentions(&|test| matches!(test, Test::Deleted(_) | Test::Time(TimeField::Deleted, _)));
        let archived =
            filter.mentions(&|test| matches!(test, Test::Archived(_) | Test::Time(TimeField::Archived, _)));
        let there = |at: &usize| (deleted || !self.deleted[*at]) && (archived || !self.archived[*at]);
        (0..ISSUES).filter(there).filter(|at| self.passes(filter, *at, answers)).collect()
    }

    fn passes(&self, filter: &Filter, at: usize, answers: &Answers) -> bool {
        match filter {
            Filter::All(parts) => parts.iter().all(|part| self.passes(part, at, answers)),
            Filter::Any(parts) => parts.iter().any(|part| self.passes(part, at, answers)),
            Filter::Not(part) => !self.passes(part, at, answers),
            Filter::Test(Test::Number(compare)) => compare.passes(Some(&(at as u32))),
            Filter::Test(Test::Archived(archived)) => self.archived[at] == *archived,
            Filter::Test(Test::Deleted(deleted)) => self.deleted[at] == *deleted,
            Filter::Test(Test::Looked(place)) => answers[usize::from(*place)][at],
            Filter::Test(Test::Parent(ParentTest::Passes(part))) => {
                let parent = self.parents[at].filter(|parent| !self.deleted[*parent]);
                parent.is_some_and(|parent| self.passes(part, parent, answers))
            }
            Filter::Test(Test::Children(many)) => {
                self.many(many, (0..ISSUES).filter(|other| self.parents[*other] == Some(at)), answers)
            }
            Filter::Test(Test::Related(link, many)) => {
                let ends = self
                    .relations
                    .iter()
                    .map(|(from, to)| if link.reversed { (to, from) } else { (from, to) });
                self.many(many, ends.filter(|(from, _)| **from == at).map(|(_, to)| *to), answers)
            }
            other => panic!("{other:?} is not known here"),
        }
    }

    fn many(&self, many: &Many<Filter>, others: impl Iterator<Item = usize>, answers: &Answers) -> bool {
        let others: Vec<_> = others.filter(|other| !self.deleted[*other]).collect();
        let passing = |parts: &[Filter]| {
            others.iter().filter(|other| parts.iter().all(|part| self.passes(part, **other, answers))).count()
        };
        match many {
            Many::Some(parts) => passing(parts) > 0,
            Many::Every(parts) => passing(parts) == others.len(),
            Many::None(parts) => passing(parts) == 0,
            Many::Length(compare) => compare.passes(Some(&(others.len() as u32))),
        }
    }
}

fn world() -> impl Strategy<Value = World> {
    let issue = 0..ISSUES;
    (
        prop::collection::vec(prop::option::of(issue.clone()), ISSUES),
        prop::collection::vec((issue.clone(), issue), 0..12),
        prop::collection::vec(prop::bool::weighted(0.2), ISSUES),
        prop::collection::vec(prop::bool::weighted(0.2), ISSUES),
    )
        .prop_map(|(parents, relations, archived, deleted)| World {
            parents,
            relations,
            archived,
            deleted,
        })
}

fn answers() -> impl Strategy<Value = Answers> {
    prop::collection::vec(prop::collection::vec(any::<bool>(), ISSUES), usize::from(PLACES))
}

/// A tree in which each place stands once at most: the places are given to what `u16::MAX` stands for.
fn filter() -> impl Strategy<Value = Filter> {
    let number = 0..ISSUES as u32;
    let test = prop_oneof![
        4 => Just(Test::Looked(u16::MAX)),
        2 => prop::collection::vec(number.clone(), 0..8).prop_map(|list| Test::Number(Compare::In(list))),
        1 => number.prop_map(|number| Test::Number(Compare::Lt(number))),
        1 => any::<bool>().prop_map(Test::Archived),
        1 => any::<bool>().prop_map(Test::Deleted),
    ];
    let tree = test.prop_map(Filter::Test).prop_recursive(5, 24, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        let many = prop_oneof![
            parts().prop_map(Many::Some),
            parts().prop_map(Many::Every),
            parts().prop_map(Many::None),
        ];
        let link = any::<bool>().prop_map(|reversed| Link { kind: RelationKind::Blocks, reversed });
        prop_oneof![
            3 => parts().prop_map(Filter::All),
            3 => parts().prop_map(Filter::Any),
            2 => inner.clone().prop_map(|part| Filter::Not(Box::new(part))),
            1 => inner.clone().prop_map(|part| Test::Parent(ParentTest::Passes(Box::new(part))).into()),
            1 => many.clone().prop_map(|many| Test::Children(many).into()),
            1 => (link, many).prop_map(|(link, many)| Test::Related(link, many).into()),
        ]
    });
    tree.prop_map(|mut tree| {
        let mut next = 0;
        super::replace(&mut tree, &mut |test| {
            let hole = *test == Test::Looked(u16::MAX);
            if hole {
                *test = if next < PLACES { Test::Looked(next) } else { Test::Number(Compare::Null(false)) };
                next += 1;
            }
            hole
        });
        tree
    })
}

fn places(filter: &Filter) -> Vec<u16> {
    let mut places = Vec::new();
    filter.each_test(&mut |test| {
        if let Test::Looked(place) = test {
            places.push(*place);
        }
        true
    });
    places
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn looking_up_candidates_alone_gives_the_same_list(
        world in world(), filter in filter(), truth in answers(), backwards in any::<bool>(),
    ) {
        let mut order = places(&filter);
        if backwards {
            order.reverse();
        }
        // What is not looked up counts as not passing.
        let mut looked = vec![vec![false; ISSUES]; usize::from(PLACES)];
        let mut known: Vec<u16> = Vec::new();
        for place in order {
            let candidates = candidates(&filter, place, &|place| known.contains(&place)).unwrap();
            for at in world.select(&candidates, &looked) {
                looked[usize::from(place)][at] = truth[usize::from(place)][at];
            }
            known.push(place);
        }
        prop_assert_eq!(world.select(&filter, &looked), world.select(&filter, &truth));
    }
}

fn looked(place: u16) -> Filter {
    Test::Looked(place).into()
}

fn numbers(numbers: &[u32]) -> Filter {
    Test::Number(Compare::In(numbers.to_vec())).into()
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// The issues for which place 0 is looked up, in a world where nobody is archived or deleted and 1 to 3 are parts of 0.
#[track_caller]
fn check(filter: Filter, known: &[u16], expected: &[usize]) {
    let parents = (0..ISSUES).map(|at| (1..=3).contains(&at).then_some(0)).collect();
    let world = World {
        parents,
        relations: vec![(4, 5)],
        archived: vec![false; ISSUES],
        deleted: vec![false; ISSUES],
    };
    let answers = vec![vec![false; ISSUES]; usize::from(PLACES)];
    let found = candidates(&filter, 0, &|place| known.contains(&place)).unwrap();
    assert_eq!(world.select(&found, &answers).into_iter().collect::<Vec<_>>(), expected, "{filter:?}");
}

#[test]
fn a_rare_test_beside_a_dear_one_leaves_few_candidates() {
    let all: Vec<_> = (0..ISSUES).collect();
    check(looked(0), &[], &all);
    check(Filter::All(vec![looked(0), numbers(&[1, 2])]), &[], &[1, 2]);
    check(
        Filter::All(vec![not(looked(0)), not(Filter::Any(vec![numbers(&[1, 2]), numbers(&[3])]))]),
        &[],
        &[0, 4, 5, 6, 7, 8, 9],
    );
    // Who passes anyway need not be looked up.
    check(Filter::Any(vec![looked(0), numbers(&[0, 1, 2, 3, 4, 5, 6, 7])]), &[], &[8, 9]);
    check(not(Filter::Any(vec![numbers(&[0, 1, 2, 3, 4, 5, 6, 7]), not(looked(0))])), &[], &[8, 9]);
    check(Filter::All(vec![numbers(&[7, 8]), Filter::Any(vec![numbers(&[8, 9]), looked(0)])]), &[], &[7]);
}

#[test]
fn another_dear_test_narrows_once_it_is_known() {
    let all: Vec<_> = (0..ISSUES).collect();
    check(Filter::All(vec![looked(0), looked(1)]), &[], &all);
    check(Filter::All(vec![looked(0), looked(1)]), &[1], &[]);
    check(Filter::All(vec![looked(0), not(looked(1))]), &[], &all);
    check(Filter::Any(vec![looked(0), not(looked(1))]), &[1], &[]);
}

#[test]
fn inside_a_test_of_other_issues_those_count_that_lie_in_that_relation() {
    let parent = |part| Test::Parent(ParentTest::Passes(Box::new(part))).into();
    let parts = |part| Test::Children(Many::None(vec![part])).into();
    let link = Link { kind: RelationKind::Blocks, reversed: false };
    let related = |part| Test::Related(link, Many::Some(vec![part])).into();
    check(Filter::All(vec![parent(looked(0)), numbers(&[1, 9])]), &[], &[0]);
    check(Filter::All(vec![parts(looked(0)), numbers(&[0])]), &[], &[1, 2, 3]);
    check(Filter::All(vec![parts(Filter::All(vec![looked(0), numbers(&[2])])), numbers(&[0])]), &[], &[2]);
    check(Filter::All(vec![related(looked(0)), numbers(&[4, 5])]), &[], &[5]);
    check(Filter::All(vec![related(looked(0)), numbers(&[5])]), &[], &[]);
}
