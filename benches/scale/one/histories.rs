//! Lists by what was once: values that issues had, and who changed them when.

use mortise_engine::filter::{
    Compare, HistoryTest, LabelTest, Many, MemberTest, PastChange, SortKey, StateTest, Test, Was,
};
use mortise_engine::model::{Issue, StateCategory};

use super::lists::{Kind, List, list};
use super::subject::Subject;
use crate::filters::{all, assignee, days_ago, down, member, team};
use crate::words::Chance;

/// From so many issues on, those of one assignee are more than histories are read of.
const LARGE: u32 = 200_000;

pub(crate) const KINDS: [Kind; 3] = [
    Kind { name: "was once in a state and somebody's", make: was },
    Kind { name: "a label was once there and is no more", make: had_label },
    Kind { name: "closed in 90 days, by one half of the people", make: closed_by },
];

fn once(change: PastChange) -> Test {
    Test::History(HistoryTest { change, during: None, by: None })
}

fn was(of: &Subject, chance: &mut Chance) -> Option<List> {
    let (id, _) = *chance.pick(&of.company.states)?;
    let who = *chance.pick(&of.company.people)?;
    let in_state = once(PastChange::State(Was::Had(StateTest::Id(Compare::Eq(id)))));
    let somebodys = once(PastChange::Assignee(Was::Had(member(who))));
    let holds = move |issue: &Issue| issue.state == id || issue.past.states.contains(&id);
    list(all([in_state, somebodys]), [down(SortKey::Updated)], holds)
}

fn had_label(of: &Subject, chance: &mut Chance) -> Option<List> {
    let label = *chance.pick(&of.company.labels)?;
    let had = once(PastChange::Label(Was::Had(LabelTest::Id(Compare::Eq(label)))));
    let has_not = Test::Labels(Many::None(vec![LabelTest::Id(Compare::Eq(label))]));
    let holds = move |issue: &Issue| issue.past.labels.contains(&label) && !issue.labels.contains(&label);
    list(all([had, has_not]), [down(SortKey::Updated)], holds)
}

/// Of one assignee, in a large company of one team too: histories are read for so many candidates at most.
fn closed_by(of: &Subject, chance: &mut Chance) -> Option<List> {
    let who = *chance.pick(&of.company.people)?;
    let id = *chance.pick(&of.company.teams)?;
    let half = of.company.movers.chunks(of.company.movers.len().div_ceil(2)).next()?;
    let done = Was::Changed { from: None, to: Some(Compare::Eq(StateCategory::Completed)) };
    let closed = Test::History(HistoryTest {
        change: PastChange::Category(done),
        during: Some(Compare::Gte(days_ago(90))),
        by: Some(MemberTest::Id(Compare::In(half.to_vec()))),
    });
    let in_team = (of.shape.issues >= LARGE).then(|| team(id));
    let filter = all([assignee(who), closed].into_iter().chain(in_team));
    list(filter, [down(SortKey::Updated)], move |issue| issue.assignees.contains(&who))
}
