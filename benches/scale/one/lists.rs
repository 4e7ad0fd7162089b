//! The ten lists whose pages and counts are measured: what people filter by, and in which order they read.
//!
//! Each is a kind of question, asked with other people, labels and teams every time. It knows no pages.

use mortise_engine::filter::{
    Anchor, Compare, DateField, Day, DurationField, Filter, LabelTest, Many, Moment, Offset, Sort, SortKey,
    Span, Test, TextOperator, TextTest, TimeField,
};
use mortise_engine::model::{Issue, IssueKind, Priority, StateCategory};

use super::subject::Subject;
use crate::filters::{
    all, assignee, category, days_ago, down, labels, member, open, pressing, state, team, up,
};
use crate::words::Chance;

/// What is asked, and what must hold of every issue of the answer, as far as it can be said in a line.
pub(crate) struct List {
    pub(crate) filter: Filter,
    pub(crate) sort: Vec<Sort>,
    pub(crate) holds: Box<dyn Fn(&Issue) -> bool>,
}

/// A kind of list; none when the company has not what it needs.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&Subject, &mut Chance) -> Option<List>,
}

pub(crate) const KINDS: [Kind; 10] = [
    Kind { name: "state and assignee, last changed first", make: by_state },
    Kind { name: "mine and open, most pressing first", make: mine },
    Kind { name: "any of three labels, newest first", make: by_labels },
    Kind { name: "a team's pressing ones, by due date", make: pressing_of_team },
    Kind { name: "nobody's without an estimate, by rank", make: neglected },
    Kind { name: "changed in 90 days, without a label, by number", make: lately },
    Kind { name: "a word in the title, last changed first", make: titled },
    Kind { name: "of middling size, largest first", make: sized },
    Kind { name: "critical and open or somebody's bugs, by three keys", make: either },
    Kind { name: "overdue and long in its state, by comments", make: overdue },
];

pub(super) fn list(
    filter: Filter,
    sort: impl Into<Vec<Sort>>,
    holds: impl Fn(&Issue) -> bool + 'static,
) -> Option<List> {
    Some(List { filter, sort: sort.into(), holds: Box::new(holds) })
}

pub(super) fn is_open(issue: &Issue) -> bool {
    !issue.category.is_terminal()
}

fn by_state(of: &Subject, chance: &mut Chance) -> Option<List> {
    let (id, _) = *chance.pick(&of.company.states)?;
    let who = *chance.pick(&of.company.people)?;
    let holds = move |issue: &Issue| issue.state == id && issue.assignees.contains(&who);
    list(all([state(id), assignee(who)]), [down(SortKey::Updated)], holds)
}

fn mine(of: &Subject, chance: &mut Chance) -> Option<List> {
    let who = *chance.pick(&of.company.people)?;
    let holds = move |issue: &Issue| is_open(issue) && issue.assignees.contains(&who);
    list(all([open(), assignee(who)]), [down(SortKey::Priority), down(SortKey::Updated)], holds)
}

fn by_labels(of: &Subject, chance: &mut Chance) -> Option<List> {
    let three: Vec<_> = (0..3).filter_map(|_| chance.pick(&of.company.labels).copied()).collect();
    let filter = all([labels(three.clone())]);
    let holds = move |issue: &Issue| three.iter().any(|label| issue.labels.contains(label));
    list(filter, [down(SortKey::Created)], holds)
}

fn pressing_of_team(of: &Subject, chance: &mut Chance) -> Option<List> {
    let id = *chance.pick(&of.company.teams)?;
    let holds = move |issue: &Issue| issue.team == id && issue.priority >= Priority::High;
    list(all([team(id), pressing(Priority::High)]), [up(SortKey::Due)], holds)
}

fn neglected(_: &Subject, _: &mut Chance) -> Option<List> {
    let nobody = Test::Assignees(Many::Length(Compare::Eq(0)));
    let holds = |issue: &Issue| issue.assignees.is_empty() && issue.estimate.is_none();
    list(all([nobody, Test::Estimate(Compare::Null(true))]), [up(SortKey::Rank)], holds)
}

fn lately(of: &Subject, chance: &mut Chance) -> Option<List> {
    let label = *chance.pick(&of.company.labels)?;
    let without = Test::Labels(Many::None(vec![LabelTest::Id(Compare::Eq(label))]));
    let changed = Test::Time(TimeField::Updated, Compare::Gte(days_ago(90)));
    list(all([changed, without]), [down(SortKey::Number)], move |issue| !issue.labels.contains(&label))
}

fn titled(of: &Subject, chance: &mut Chance) -> Option<List> {
    let [word, _] = of.two_words(chance, |texts| &texts.title)?;
    let test = Test::Title(TextTest::folded(TextOperator::Contains, &*word));
    list(all([test]), [down(SortKey::Updated)], move |issue| issue.title.contains(&word))
}

fn sized(of: &Subject, chance: &mut Chance) -> Option<List> {
    let id = *chance.pick(&of.company.teams)?;
    let filter = all([Test::Estimate(Compare::Between(3, 8)), team(id)]);
    let holds = move |issue: &Issue| issue.estimate.is_some_and(|size| (3..=8).contains(&size));
    list(filter, [down(SortKey::Estimate), up(SortKey::Created)], holds)
}

fn either(of: &Subject, chance: &mut Chance) -> Option<List> {
    let who = *chance.pick(&of.company.people)?;
    let critical = all([pressing(Priority::Critical), open()]);
    let bugs = all([Test::Kind(Compare::Eq(IssueKind::Bug)), Test::Creator(member(who))]);
    let sort = [up(SortKey::Category), down(SortKey::Priority), up(SortKey::Title)];
    let holds = move |issue: &Issue| {
        is_open(issue) && issue.priority == Priority::Critical
            || issue.kind == IssueKind::Bug && issue.creator == who
    };
    list(Filter::Any(vec![critical, bugs]), sort, holds)
}

fn overdue(of: &Subject, chance: &mut Chance) -> Option<List> {
    const MONTH_MS: i64 = 30 * 24 * 60 * 60 * 1000;
    let id = *chance.pick(&of.company.teams)?;
    let today = Moment { anchor: Anchor::Now, offset: Offset::NONE };
    let due = Test::Date(DateField::Due, Compare::Lt(Day::Relative(today)));
    let long = Test::Duration(DurationField::InState, Compare::Gte(Span::from_millis(MONTH_MS)));
    let filter = all([team(id), category(StateCategory::Started), due, long]);
    let holds = |issue: &Issue| issue.due_date.is_some() && issue.category == StateCategory::Started;
    list(filter, [down(SortKey::Comments), up(SortKey::StateSince)], holds)
}
