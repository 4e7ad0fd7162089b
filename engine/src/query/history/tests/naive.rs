//! The judge against a naive one that reads a whole life forward, moment by moment.

use super::*;

/// A value, who gave it, and its first and last moment.
type Spell = (Priority, Option<MemberId>, i64, i64);

fn spells(life: &Life) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    for event in &life.events {
        let value = match &event.body {
            Some(EventBody::IssueCreated { issue, .. }) => issue.priority,
            Some(EventBody::IssueUpdated { changes }) => match changes.as_slice() {
                [IssueChange::Priority(c)] => c.to,
                _ => continue,
            },
            _ => continue,
        };
        if let Some(last) = spells.last_mut() {
            last.3 = (event.at.millis() - 1).max(last.2);
        }
        let start = event.at.millis();
        spells.push((value, event.actor.member(), start, NOW.max(start)));
    }
    spells
}

fn naive(life: &Life, test: &HistoryTest) -> bool {
    let PastChange::Priority(was) = &test.change else { panic!("only priorities are known here") };
    let during = |millis: i64| {
        let during = test.during.as_ref().map(|c| c.map(|when| when.settle(&asking())));
        during.is_none_or(|during| during.passes(Some(&at(millis))))
    };
    let by = |member: Option<MemberId>| match &test.by {
        Some(MemberTest::Id(compare)) => compare.passes(member.as_ref()),
        _ => true,
    };
    let spells = spells(life);
    match was {
        Was::Had(compare) => spells.iter().any(|(value, giver, first, last)| {
            compare.passes(Some(value)) && by(*giver) && (*first..=*last).any(during)
        }),
        Was::Changed { from, to } => spells.windows(2).any(|pair| {
            let ((was, ..), (became, giver, first, _)) = (pair[0], pair[1]);
            from.as_ref().is_none_or(|from| from.passes(Some(&was)))
                && to.as_ref().is_none_or(|to| to.passes(Some(&became)))
                && by(giver)
                && during(first)
        }),
    }
}

fn member(n: usize) -> MemberId {
    MemberId::from_uuid(uuid::Uuid::from_u128(7 + n as u128))
}

fn compare<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Compare<T>> {
    let list = prop::collection::vec(value.clone(), 0..4);
    prop_oneof![
        value.clone().prop_map(Compare::Eq),
        value.clone().prop_map(Compare::Neq),
        list.clone().prop_map(Compare::In),
        list.prop_map(Compare::Nin),
        value.clone().prop_map(Compare::Lt),
        value.clone().prop_map(Compare::Gte),
        (value.clone(), value).prop_map(|(low, high)| Compare::Between(low, high)),
        any::<bool>().prop_map(Compare::Null),
    ]
}

fn test() -> impl Strategy<Value = HistoryTest> {
    let priority = || compare(prop::sample::select(Priority::ALL));
    let change = prop_oneof![
        priority().prop_map(Was::Had),
        (prop::option::of(priority()), prop::option::of(priority()))
            .prop_map(|(from, to)| Was::Changed { from, to }),
    ];
    let moment = (90..160_i64).prop_map(|millis| When::At(at(millis)));
    let by = compare((0..3_usize).prop_map(member)).prop_map(MemberTest::Id);
    (change, prop::option::of(compare(moment)), prop::option::of(by))
        .prop_map(|(change, during, by)| HistoryTest { change: PastChange::Priority(change), during, by })
}

/// What happens: when, by whom, and to which priority; none is a comment.
fn steps() -> impl Strategy<Value = Vec<(i64, usize, Option<Priority>)>> {
    let step = (90..150_i64, 0..3_usize, prop::option::weighted(0.8, prop::sample::select(Priority::ALL)));
    (prop::collection::vec(step, 0..8), any::<bool>()).prop_map(|(mut steps, in_order)| {
        if in_order {
            steps.sort_by_key(|(millis, ..)| *millis);
        }
        steps
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_judge_who_reads_back_as_far_as_needed_says_what_one_says_who_reads_all(steps in steps(), test in test()) {
        let mut life = Life::of(Issue { creator: member(0), ..Issue::plain() });
        for (millis, who, priority) in steps {
            match priority.filter(|priority| *priority != life.row.priority) {
                Some(priority) => life.priority(millis, member(who), priority),
                None => life.does(millis, Actor::Member(member(who)), EventBody::CommentDeleted {
                    comment: crate::id::CommentId::generate(),
                    author: None,
                }),
            };
        }
        prop_assert_eq!(life.passes(&test), naive(&life, &test));
    }
}
