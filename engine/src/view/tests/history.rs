//! What issues may have been, against what they were: histories are made, and none that passes is missed.

use super::trees::past;
use super::world::{labels, members, plain, states};
use super::{World, worlds};
use crate::event::{Change, IssueChange};
use crate::filter::{Compare, Filter, PastChange, Was};
use crate::model::{Issue, IssueKind, Priority, Resolution, Seq, StateCategory};
use crate::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// One step of a history: the values that an issue has from there on.
fn step() -> impl Strategy<Value = Issue> {
    let words = (select(states()), select(StateCategory::ALL), select(Priority::ALL), select(IssueKind::ALL));
    let lists = (subsequence(members(), 0..=2), subsequence(labels(), 0..=2));
    (words, lists, prop::option::of(select(Resolution::ALL))).prop_map(|(words, lists, resolution)| Issue {
        state: words.0,
        category: words.1,
        priority: words.2,
        kind: words.3,
        assignees: lists.0,
        labels: lists.1,
        resolution,
        ..plain(1)
    })
}

/// A history: what an issue was made with, and what it became.
fn history() -> impl Strategy<Value = Vec<Issue>> {
    prop::collection::vec(step(), 1..4)
}

fn changes(from: &Issue, to: &Issue) -> Vec<IssueChange> {
    fn of<T: PartialEq + Clone>(
        from: &T,
        to: &T,
        change: impl Fn(Change<T>) -> IssueChange,
    ) -> Option<IssueChange> {
        (from != to).then(|| change(Change { from: from.clone(), to: to.clone() }))
    }
    let moved = of(&from.state, &to.state, |state| IssueChange::State {
        state,
        category: Change { from: from.category, to: to.category },
        before: None,
    });
    let rest = [
        moved,
        of(&from.priority, &to.priority, IssueChange::Priority),
        of(&from.kind, &to.kind, IssueChange::Kind),
        of(&from.resolution, &to.resolution, IssueChange::Resolution),
        of(&from.assignees, &to.assignees, IssueChange::Assignees),
        of(&from.labels, &to.labels, IssueChange::Labels),
    ];
    rest.into_iter().flatten().collect()
}

/// Whether a history passes, at some moment of it.
fn passes(world: &World, steps: &[Issue], change: &PastChange) -> bool {
    /// Values of a field at each step, and whether the test of one, or of none, passes.
    fn once<C, T: PartialEq + Clone>(
        steps: &[Vec<T>],
        was: &Was<C>,
        single: bool,
        passes: impl Fn(&C, Option<&T>) -> bool,
    ) -> bool {
        // One of these passes, or there are none and nothing passes.
        let some = |test: &Option<C>, values: &[T]| {
            test.as_ref().is_none_or(|test| {
                values.iter().any(|value| passes(test, Some(value)))
                    || (values.is_empty() && passes(test, None))
            })
        };
        match was {
            Was::Had(test) => steps.iter().flatten().any(|value| passes(test, Some(value))),
            Was::Changed { from, to } => steps.windows(2).any(|pair| {
                let (before, after) = (&pair[0], &pair[1]);
                let left: Vec<_> = before.iter().filter(|v| single || !after.contains(v)).cloned().collect();
                let came: Vec<_> = after.iter().filter(|v| single || !before.contains(v)).cloned().collect();
                before != after && some(from, &left) && some(to, &came)
            }),
        }
    }
    fn each<T>(steps: &[Issue], value: impl Fn(&Issue) -> Vec<T>) -> Vec<Vec<T>> {
        steps.iter().map(value).collect()
    }
    // A test of a value is one that the naive evaluator puts to an issue that has just that value.
    let naive = world.naive();
    match change {
        PastChange::State(was) => {
            once(&each(steps, |i| vec![i.state]), was, true, |t, v| v.is_some_and(|v| naive.state(t, *v)))
        }
        PastChange::Category(was) => {
            once(&each(steps, |i| vec![i.category]), was, true, |c: &Compare<_>, v| c.passes(v))
        }
        PastChange::Priority(was) => {
            once(&each(steps, |i| vec![i.priority]), was, true, |c: &Compare<_>, v| c.passes(v))
        }
        PastChange::Kind(was) => {
            once(&each(steps, |i| vec![i.kind]), was, true, |c: &Compare<_>, v| c.passes(v))
        }
        PastChange::Resolution(was) => {
            let values = each(steps, |i| i.resolution.into_iter().collect());
            once(&values, was, true, |c: &Compare<_>, v| c.passes(v))
        }
        PastChange::Assignee(was) => {
            once(&each(steps, |i| i.assignees.clone()), was, false, |t, v| match v {
                Some(v) => naive.member(t, *v),
                None => missing_member(t),
            })
        }
        PastChange::Label(was) => {
            once(&each(steps, |i| i.labels.clone()), was, false, |t, v| v.is_some_and(|v| naive.label(t, *v)))
        }
    }
}

fn missing_member(test: &crate::filter::MemberTest) -> bool {
    matches!(test, crate::filter::MemberTest::Id(Compare::Null(true) | Compare::Neq(_) | Compare::Nin(_)))
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn an_issue_that_was_so_is_among_those_that_may_have_been(
        histories in prop::collection::vec(history(), 1..40),
        tests in prop::collection::vec(past(true), 8),
    ) {
        let mut rows = Vec::new();
        let mut truths = Vec::new();
        for (slot, history) in histories.iter().enumerate() {
            // A category changes with the state alone.
            let mut steps: Vec<Issue> = Vec::new();
            for step in history {
                let before = steps.last().filter(|before| before.state == step.state);
                let category = before.map_or(step.category, |before| before.category);
                steps.push(Issue { category, ..step.clone() });
            }
            let mut row = Issue { id: plain(slot).id, team: plain(slot).team, number: slot as u32 + 1, ..steps[0].clone() };
            for (seq, pair) in (2..).zip(steps.windows(2)) {
                row.apply(&changes(&pair[0], &pair[1]), Seq(seq), Timestamp::from_millis(1));
            }
            rows.push(row);
            truths.push(steps);
        }
        let world = World::plain(&rows);
        let everything = Filter::everything();
        for test in &tests {
            let may = world.view.ever(&world.question(&everything), test);
            for (row, steps) in rows.iter().zip(&truths) {
                let was = passes(&world, steps, test);
                prop_assert!(!was || may.contains(world.view.ordinal_of(row.id).unwrap()), "{test:?} {steps:?}");
            }
        }
    }
}
