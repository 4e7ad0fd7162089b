use super::*;
use crate::directory::DirectoryRow;
use crate::event::{Change, Origin, Subject};
use crate::filter::{LabelTest, MemberTest, StateTest, TextOperator, TextTest};
use crate::id::{LabelId, StateId};
use crate::model::{Label, Priority, Resolution, StateCategory};
use proptest::prelude::*;
use std::sync::Arc;

mod naive;

/// When the tests ask.
const NOW: i64 = 1_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn asking() -> Asking {
    Asking::at(at(NOW))
}

/// An issue, the events about it, oldest first, and the small tables.
struct Life {
    row: Issue,
    events: Vec<Event>,
    directory: Directory,
}

impl Life {
    /// An issue that is made at 100, by its creator.
    fn of(row: Issue) -> Self {
        let mut life = Self { row: row.clone(), events: Vec::new(), directory: Directory::default() };
        let body = EventBody::IssueCreated { issue: Box::new(row.clone()), description: None };
        let made = life.event(100, Actor::Member(row.creator), body);
        life.events.push(Event { previous: None, updated_before: None, seq: row.last_event, ..made });
        life
    }

    fn event(&self, millis: i64, actor: Actor, body: EventBody) -> Event {
        Event {
            seq: self.row.last_event.next(),
            at: at(millis),
            recorded_at: at(millis),
            actor,
            origin: Origin::Embed,
            request: uuid::Uuid::nil(),
            subject: Subject::Issue(self.row.id),
            previous: Some(self.row.last_event),
            updated_before: Some(self.row.updated_at),
            amended: Vec::new(),
            body: Some(body),
        }
    }

    fn does(&mut self, millis: i64, actor: Actor, body: EventBody) -> &mut Self {
        let event = self.event(millis, actor, body);
        self.row.take(&event);
        self.events.push(event);
        self
    }

    fn changes(&mut self, millis: i64, who: MemberId, change: IssueChange) -> &mut Self {
        self.does(millis, Actor::Member(who), EventBody::IssueUpdated { changes: vec![change] })
    }

    fn priority(&mut self, millis: i64, who: MemberId, to: Priority) -> &mut Self {
        let change = Change { from: self.row.priority, to };
        self.changes(millis, who, IssueChange::Priority(change))
    }

    fn assignees(&mut self, millis: i64, who: MemberId, to: &[MemberId]) -> &mut Self {
        let change = Change { from: self.row.assignees.clone(), to: to.to_vec() };
        self.changes(millis, who, IssueChange::Assignees(change))
    }

    fn moves(&mut self, millis: i64, who: MemberId, to: (StateId, StateCategory)) -> &mut Self {
        let change = IssueChange::State {
            state: Change { from: self.row.state, to: to.0 },
            category: Change { from: self.row.category, to: to.1 },
            before: None,
        };
        self.changes(millis, who, change)
    }

    /// Somebody writes a comment, of which nothing is left.
    fn erased(&mut self, millis: i64) -> &mut Self {
        self.does(
            millis,
            Actor::System,
            EventBody::CommentDeleted { comment: crate::id::CommentId::generate(), author: None },
        );
        self.erase_last()
    }

    fn erase_last(&mut self) -> &mut Self {
        self.events.last_mut().unwrap().body = None;
        self
    }

    fn passes(&self, test: &HistoryTest) -> bool {
        let settled = Settled::of(test, &asking(), &self.directory);
        passes(&settled, &self.row, &self.events)
    }
}

/// What a judge says who is given these events, oldest first, as far as they are wanted.
fn passes(test: &Settled, row: &Issue, events: &[Event]) -> bool {
    let mut judge = Judge::new(test, row);
    let _ = events.iter().rev().try_for_each(|event| judge.take(event));
    judge.passes
}

fn had(change: PastChange) -> HistoryTest {
    HistoryTest { change, during: None, by: None }
}

fn had_priority(priority: Priority) -> HistoryTest {
    had(PastChange::Priority(Was::Had(Compare::Eq(priority))))
}

fn changed_priority(from: Option<Priority>, to: Option<Priority>) -> HistoryTest {
    had(PastChange::Priority(Was::Changed { from: from.map(Compare::Eq), to: to.map(Compare::Eq) }))
}

fn had_assignee(member: MemberId) -> HistoryTest {
    had(PastChange::Assignee(Was::Had(MemberTest::Id(Compare::Eq(member)))))
}

impl HistoryTest {
    fn during(self, during: Compare<i64>) -> Self {
        Self { during: Some(during.map(|millis| When::At(at(*millis)))), ..self }
    }

    fn by(self, member: MemberId) -> Self {
        Self { by: Some(MemberTest::Id(Compare::Eq(member))), ..self }
    }
}

fn people() -> [MemberId; 3] {
    std::array::from_fn(|_| MemberId::generate())
}

#[test]
fn a_value_lasts_from_the_event_that_gave_it_to_the_one_that_took_it() {
    let [ana, bo, _] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(200, ana, Priority::High).priority(300, bo, Priority::Low);
    let high = || had_priority(Priority::High);
    for (during, expected) in [
        (Compare::Eq(199), false),
        (Compare::Eq(200), true),
        (Compare::Eq(299), true),
        (Compare::Eq(300), false),
        (Compare::Between(100, 200), true),
        (Compare::Between(300, 900), false),
        (Compare::Gte(299), true),
        (Compare::Gt(299), false),
        (Compare::Lt(200), false),
        (Compare::Lte(200), true),
        (Compare::In(vec![10, 250]), true),
        (Compare::In(vec![]), false),
        (Compare::Null(false), true),
        (Compare::Null(true), false),
    ] {
        assert_eq!(life.passes(&high().during(during.clone())), expected, "{during:?}");
    }
    assert!(life.passes(&high().by(ana)) && !life.passes(&high().by(bo)));
    assert!(life.passes(&high().by(ana).during(Compare::Gte(250))));
    assert!(!life.passes(&had_priority(Priority::Critical)));
}

#[test]
fn what_an_issue_was_made_with_was_given_by_its_creator_and_what_it_has_it_has_until_now() {
    let [ana, bo, _] = people();
    let mut life = Life::of(Issue { creator: ana, priority: Priority::Low, ..Issue::plain() });
    let low = || had_priority(Priority::Low);
    assert!(life.passes(&low().by(ana).during(Compare::Eq(100))));
    assert!(life.passes(&low().during(Compare::Eq(NOW))));
    assert!(!life.passes(&low().during(Compare::Gt(NOW))));
    assert!(!life.passes(&low().during(Compare::Lt(100))) && !life.passes(&low().by(bo)));
    life.priority(400, bo, Priority::High);
    assert!(life.passes(&low().by(ana).during(Compare::Eq(399))));
    assert!(!life.passes(&low().during(Compare::Gte(400))));
    assert!(life.passes(&had_priority(Priority::High).by(bo).during(Compare::Gte(900))));
}

#[test]
fn what_the_embedding_program_made_was_given_by_nobody() {
    let nobody = crate::command::system_member();
    let life = Life::of(Issue { creator: nobody, ..Issue::plain() });
    let by = |test| HistoryTest { by: Some(test), ..had_priority(Priority::None) };
    assert!(life.passes(&by(MemberTest::Id(Compare::Null(true)))));
    assert!(!life.passes(&by(MemberTest::Id(Compare::Null(false)))));
    assert!(!life.passes(&by(MemberTest::Me(true))));
}

#[test]
fn a_change_counts_at_its_moment_and_for_who_made_it() {
    let [ana, bo, _] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(200, ana, Priority::High).priority(300, bo, Priority::Low);
    let change = changed_priority(Some(Priority::High), Some(Priority::Low));
    assert!(life.passes(&change) && life.passes(&change.clone().by(bo)));
    assert!(!life.passes(&change.clone().by(ana)));
    assert!(life.passes(&change.clone().during(Compare::Eq(300))));
    assert!(!life.passes(&change.during(Compare::Between(301, 900))));
    assert!(life.passes(&changed_priority(None, None).by(ana)));
    assert!(life.passes(&changed_priority(Some(Priority::None), None)));
    assert!(!life.passes(&changed_priority(Some(Priority::None), Some(Priority::Low))));
    // What it was made with is no change.
    assert!(!life.passes(&changed_priority(None, Some(Priority::None))));
}

#[test]
fn of_a_field_with_several_values_what_left_and_what_came_counts() {
    let [ana, bo, cy] = people();
    let mut life = Life::of(Issue { assignees: vec![ana], ..Issue::plain() });
    life.assignees(200, bo, &[ana, bo]).assignees(300, cy, &[bo, cy]).assignees(400, cy, &[cy, bo]);
    assert!(life.passes(&had_assignee(ana).during(Compare::Eq(299))));
    assert!(!life.passes(&had_assignee(ana).during(Compare::Gte(300))));
    assert!(life.passes(&had_assignee(bo).by(bo).during(Compare::Gte(900))));
    assert!(!life.passes(&had_assignee(bo).by(cy)));
    let changed = |from: Option<MemberId>, to: Option<MemberId>| {
        let test = |id| MemberTest::Id(Compare::Eq(id));
        had(PastChange::Assignee(Was::Changed { from: from.map(test), to: to.map(test) }))
    };
    assert!(life.passes(&changed(Some(ana), Some(cy))) && life.passes(&changed(None, Some(bo))));
    assert!(!life.passes(&changed(Some(ana), Some(bo))) && !life.passes(&changed(Some(bo), None)));
    // Another order of the same people is no change.
    assert!(!life.passes(&changed(None, None).during(Compare::Gte(301))));
    assert!(!life.passes(&had(PastChange::Assignee(Was::Had(MemberTest::Id(Compare::Null(true)))))));
}

#[test]
fn a_move_within_a_category_is_a_change_of_the_state_alone() {
    let [ana, ..] = people();
    let mut life = Life::of(Issue::plain());
    life.moves(200, ana, (StateId::generate(), StateCategory::Backlog));
    let any = |change| life.passes(&had(change));
    assert!(any(PastChange::State(Was::Changed { from: None, to: None })));
    assert!(!any(PastChange::Category(Was::Changed { from: None, to: None })));
    assert!(any(PastChange::Category(Was::Had(Compare::Lt(StateCategory::Unstarted)))));
}

#[test]
fn an_open_issue_has_no_resolution() {
    let [ana, ..] = people();
    let mut life = Life::of(Issue::plain());
    let change = Change { from: None, to: Some(Resolution::Done) };
    life.changes(200, ana, IssueChange::Resolution(change));
    // As in the view: no value is none that it had, whatever is said of the time.
    for none in [Compare::Null(true), Compare::Neq(Resolution::Done), Compare::Nin(vec![Resolution::Done])] {
        let had_none = || had(PastChange::Resolution(Was::Had(none.clone())));
        assert!(!life.passes(&had_none()) && !life.passes(&had_none().during(Compare::Lt(200))), "{none:?}");
    }
    let closed = Was::Changed { from: Some(Compare::Null(true)), to: Some(Compare::Eq(Resolution::Done)) };
    assert!(life.passes(&had(PastChange::Resolution(closed))));
}

#[test]
fn names_are_those_of_today_and_a_deleted_label_keeps_its_own() {
    let [ana, ..] = people();
    let (kept, id) = (LabelId::generate(), LabelId::generate());
    let mut life = Life::of(Issue { labels: vec![id], ..Issue::plain() });
    life.changes(200, ana, IssueChange::Labels(Change { from: vec![id], to: Vec::new() }));
    for (id, deleted_at) in [(kept, None), (id, Some(at(500)))] {
        let name = if deleted_at.is_some() { "Won't fix".to_owned() } else { "ui".to_owned() };
        let label = Label {
            id,
            name,
            color: "#000000".into(),
            description: None,
            team: None,
            created_at: at(0),
            updated_at: at(0),
            deleted_at,
            version: 1,
        };
        life.directory.apply(DirectoryRow::Label(Arc::new(label)));
    }
    let named = |operator, name: &str| {
        life.passes(&had(PastChange::Label(Was::Had(LabelTest::Name(TextTest::folded(operator, name))))))
    };
    assert!(named(TextOperator::Eq, "WON'T FIX") && named(TextOperator::Contains, "fix"));
    assert!(named(TextOperator::Neq, "ui") && !named(TextOperator::Eq, "ui"));
    assert!(!named(TextOperator::NotContains, "fix"));
    // A state that nobody knows has no name.
    let state = |operator| had(PastChange::State(Was::Had(StateTest::Name(TextTest::folded(operator, "")))));
    assert!(!life.passes(&state(TextOperator::Contains)) && life.passes(&state(TextOperator::Neq)));
}

#[test]
fn times_that_run_backwards_count_where_a_value_was_given() {
    let [ana, ..] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(500, ana, Priority::High).priority(300, ana, Priority::Low);
    let during = |priority, during| life.passes(&had_priority(priority).during(during));
    assert!(during(Priority::High, Compare::Eq(500)) && !during(Priority::High, Compare::Eq(501)));
    assert!(!during(Priority::High, Compare::Eq(400)));
    assert!(during(Priority::Low, Compare::Eq(300)) && during(Priority::Low, Compare::Eq(600)));
    assert!(life.passes(&changed_priority(Some(Priority::High), None).during(Compare::Eq(300))));
}

#[test]
fn what_an_erased_event_did_does_not_pass() {
    let [ana, bo, _] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(200, ana, Priority::High).erase_last().priority(300, bo, Priority::Low);
    assert!(!life.passes(&changed_priority(Some(Priority::None), Some(Priority::High))));
    assert!(life.passes(&changed_priority(Some(Priority::High), Some(Priority::Low))));
    // It had the value that the next change took from it: when is known, who gave it is not.
    assert!(life.passes(&had_priority(Priority::High).during(Compare::Between(200, 299))));
    assert!(!life.passes(&had_priority(Priority::High).by(ana)));
    assert!(life.passes(&had_priority(Priority::None).during(Compare::Eq(199))));
    assert!(!life.passes(&had_priority(Priority::None).during(Compare::Gte(200))));
}

#[test]
fn what_is_the_same_on_both_sides_of_erased_events_stayed() {
    let [ana, ..] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(200, ana, Priority::High).erased(300).erased(400);
    assert!(life.passes(&had_priority(Priority::High).by(ana).during(Compare::Eq(900))));
    assert!(life.passes(&had_priority(Priority::High).during(Compare::Gte(900))));
    assert!(!life.passes(&had_priority(Priority::None).during(Compare::Gte(200))));
}

#[test]
fn between_several_erased_events_only_their_ends_are_certain() {
    let [ana, bo, cy] = people();
    let mut life = Life::of(Issue { assignees: vec![ana], ..Issue::plain() });
    life.assignees(200, ana, &[bo]).erase_last().erased(300).assignees(400, ana, &[bo, cy]);
    assert!(life.passes(&had_assignee(ana).during(Compare::Lt(200))));
    assert!(!life.passes(&had_assignee(ana).during(Compare::Gte(200))));
    assert!(life.passes(&had_assignee(bo).during(Compare::Eq(300))));
    assert!(!life.passes(&had_assignee(bo).during(Compare::Lt(300))));
    assert!(life.passes(&had_assignee(cy).by(ana)) && !life.passes(&had_assignee(bo).by(ana)));
}

#[test]
fn an_erased_creation_still_says_when_and_by_whom() {
    let [ana, bo, _] = people();
    let mut life = Life::of(Issue { creator: ana, ..Issue::plain() });
    life.erase_last().priority(200, bo, Priority::High);
    assert!(life.passes(&had_priority(Priority::None).by(ana).during(Compare::Eq(100))));
    life.events[1].body = None;
    // Now nothing but the present is certain.
    assert!(life.passes(&had_priority(Priority::High).during(Compare::Gte(200))));
    assert!(
        !life.passes(&had_priority(Priority::None)) && !life.passes(&had_priority(Priority::High).by(bo))
    );
}

#[test]
fn nothing_older_is_read_than_can_matter() {
    let [ana, ..] = people();
    let mut life = Life::of(Issue::plain());
    life.priority(200, ana, Priority::High).priority(300, ana, Priority::Low).priority(
        400,
        ana,
        Priority::None,
    );
    let read = |test: HistoryTest| {
        let settled = Settled::of(&test, &asking(), &life.directory);
        let mut judge = Judge::new(&settled, &life.row);
        let mut left = life.events.iter().rev();
        let _ = left.try_for_each(|event| judge.take(event));
        (life.events.len() - left.len(), judge.passes)
    };
    assert_eq!(read(changed_priority(None, Some(Priority::Critical))), (4, false));
    assert_eq!(read(changed_priority(None, Some(Priority::Critical)).during(Compare::Gte(350))), (1, false));
    assert_eq!(read(had_priority(Priority::Critical).during(Compare::Gte(350))), (1, false));
    assert_eq!(read(had_priority(Priority::Low).during(Compare::Gte(350))), (1, true));
    assert_eq!(read(had_priority(Priority::Low)), (2, true));
    assert_eq!(
        read(had_priority(Priority::None).by(MemberId::generate()).during(Compare::Gte(350))),
        (4, false)
    );
}
