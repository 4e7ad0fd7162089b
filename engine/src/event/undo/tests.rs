use super::*;
use crate::event::{Actor, Change, Origin, Subject};
use crate::id::{CommentId, IssueId, LabelId, MemberId, StateId};
use crate::model::{Comment, IssueKind, Priority, Relation, RelationKind, Resolution, Seq, StateCategory};
use crate::time::{CalendarDate, Timestamp};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// An event about an issue in this form, which it follows.
fn event(issue: &Issue, seq: u64, millis: i64, body: EventBody) -> Event {
    Event {
        seq: Seq(seq),
        at: at(millis),
        recorded_at: at(millis),
        actor: Actor::System,
        origin: Origin::Embed,
        request: uuid::Uuid::nil(),
        subject: Subject::Issue(issue.id),
        previous: Some(issue.last_event),
        updated_before: Some(issue.updated_at),
        amended: Vec::new(),
        body: Some(body),
    }
}

fn change<T>(from: &T, to: T) -> Change<T>
where
    T: Clone,
{
    Change { from: from.clone(), to }
}

fn moved(issue: &Issue, category: StateCategory) -> IssueChange {
    IssueChange::State {
        state: change(&issue.state, StateId::generate()),
        category: change(&issue.category, category),
        before: Some(Box::new(issue.dates())),
    }
}

/// Takes changes and undoes them again: the row must be what it was, but for what it once had.
#[track_caller]
fn there_and_back(issue: &Issue, changes: Vec<IssueChange>) -> Issue {
    let event = event(issue, issue.last_event.0 + 7, 500, EventBody::IssueUpdated { changes });
    let mut row = issue.clone();
    row.take(&event);
    let after = row.clone();
    assert_ne!(&after, issue);
    assert_eq!(row.undo(&event), Unknown::default());
    row.past = issue.past.clone();
    assert_eq!(&row, issue);
    after
}

#[test]
fn every_change_of_a_field_can_be_undone() {
    let row = Issue::plain();
    let date = Some(CalendarDate::from_days(3));
    let relation = Relation { kind: RelationKind::Blocks, to: IssueId::generate() };
    for one in [
        IssueChange::Title(change(&row.title, "another".into())),
        IssueChange::Kind(change(&row.kind, IssueKind::Bug)),
        IssueChange::Resolution(change(&row.resolution, Some(Resolution::Done))),
        IssueChange::Priority(change(&row.priority, Priority::High)),
        IssueChange::Assignees(change(&row.assignees, vec![MemberId::generate()])),
        IssueChange::Labels(change(&row.labels, vec![LabelId::generate()])),
        IssueChange::Parent(change(&row.parent, Some(IssueId::generate()))),
        IssueChange::Estimate(change(&row.estimate, Some(3))),
        IssueChange::StartDate(change(&row.start_date, date)),
        IssueChange::DueDate(change(&row.due_date, date)),
        IssueChange::Rank(change(&row.rank, "z".into())),
        IssueChange::Archived(change(&row.archived_at, Some(at(9)))),
        IssueChange::Deleted(change(&row.deleted_at, Some(at(9)))),
        IssueChange::Relations(change(&row.relations, vec![relation])),
        IssueChange::Referenced { by: IssueId::generate(), kind: RelationKind::Blocks, added: true },
    ] {
        there_and_back(&row, vec![one]);
    }
}

#[test]
fn a_life_of_moves_can_be_undone_with_all_dates_that_follow_from_it() {
    use StateCategory::{Backlog, Canceled, Completed, Started, Triage};
    let mut row = Issue { category: Triage, ..Issue::plain() };
    for category in [Backlog, Started, Completed, Started, Canceled, Backlog] {
        let resolution = category.is_terminal().then_some(Resolution::Done);
        let changes =
            vec![moved(&row, category), IssueChange::Resolution(change(&row.resolution, resolution))];
        row = there_and_back(&row, changes);
    }
    assert_eq!(row.reopen_count, 2);
}

#[test]
fn comments_can_be_undone_with_who_wrote_them() {
    let author = MemberId::generate();
    let row = Issue::plain();
    let comment = Comment {
        id: CommentId::generate(),
        issue: row.id,
        author,
        body: "Yes".into(),
        parent: None,
        created_at: at(10),
        updated_at: at(10),
        edited_at: None,
        deleted_at: None,
        version: 1,
        source: None,
    };
    let mut rows = vec![row];
    let mut events = Vec::new();
    for body in [
        EventBody::CommentCreated { comment: Box::new(comment.clone()) },
        EventBody::CommentCreated {
            comment: Box::new(Comment { author: MemberId::generate(), ..comment.clone() }),
        },
        EventBody::CommentEdited { comment: comment.id, body: "No".into() },
        EventBody::CommentDeleted { comment: comment.id, author: Some(author) },
        EventBody::CommentDeleted { comment: comment.id, author: None },
    ] {
        let mut row = rows.last().unwrap().clone();
        // The times of an import lie in the past: when the issue last changed stays.
        let event = event(&row, row.last_event.0 + 1, 5 - events.len() as i64, body);
        row.take(&event);
        rows.push(row);
        events.push(event);
    }
    let mut row = rows.pop().unwrap();
    for (before, event) in rows.iter().zip(&events).rev() {
        assert_eq!(row.undo(event), Unknown::default());
        assert_eq!(&row, before);
    }
}

#[test]
fn what_an_event_does_not_hold_is_said_to_be_unknown() {
    let row = Issue::plain();
    let undone = |body, updated_before| {
        let event = Event { updated_before, ..event(&row, 9, 500, body) };
        let mut after = row.clone();
        after.take(&event);
        after.undo(&event)
    };
    let described = |bytes_before| EventBody::IssueUpdated {
        changes: vec![IssueChange::Description { to: Some("new".into()), bytes_before }],
    };
    let unknown = Unknown { description: true, ..Unknown::default() };
    assert_eq!(undone(described(Some(7)), Some(at(1))), unknown);
    assert_eq!(undone(described(None), Some(at(1))), Unknown { size: true, ..unknown });
    assert_eq!(undone(described(Some(7)), None), Unknown { fields: true, ..unknown });
    let IssueChange::State { state, category, .. } = moved(&row, StateCategory::Started) else { panic!() };
    let body =
        EventBody::IssueUpdated { changes: vec![IssueChange::State { state, category, before: None }] };
    assert_eq!(undone(body, Some(at(1))), Unknown { fields: true, ..Unknown::default() });
}

#[test]
fn after_an_erased_event_nothing_but_its_place_is_known() {
    let row = Issue::plain();
    let changes = vec![IssueChange::Priority(change(&row.priority, Priority::High))];
    let event = event(&row, 9, 500, EventBody::IssueUpdated { changes });
    let mut after = row.clone();
    after.take(&event);
    let unknown = after.undo(&Event { body: None, ..event });
    assert_eq!(unknown, Unknown { description: true, size: true, fields: true });
    assert_eq!(after, Issue { priority: Priority::High, past: after.past.clone(), ..row });
}
