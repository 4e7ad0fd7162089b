//! The past as it is undone from the present, against the past as the log makes it from the beginning.

use super::life::{Life, everything};
use crate::access::Scope;
use crate::check::CheckReport;
use crate::check::replay::Replay;
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::error::ErrorCode;
use crate::event::{Actor, Change, Event, EventBody, IssueChange, Origin, Subject};
use crate::filter::{Asking, Filter, HistoryTest, PastChange, Sort, Test, TextSearch, Was};
use crate::filter::{Compare, SortKey};
use crate::id::IssueId;
use crate::limits::Limits;
use crate::log::LogRecord;
use crate::model::{Issue, Past as Former, Priority, RelationKind, Seq, StateCategory};
use crate::query::{IssuePageRequest, Past, Reader, Window};
use crate::rows;
use crate::storage::{Batch, CommitOutcome, HeadCondition, decode, encode};
use crate::view::{IssueQuery, Looked, Page, Question, View};
use std::collections::BTreeMap;

/// What the log makes up to a place.
#[derive(Default)]
pub(super) struct Then {
    pub(super) replay: Replay,
    descriptions: BTreeMap<IssueId, Option<String>>,
}

impl Then {
    pub(super) fn take(&mut self, event: &Event) {
        let mut report = CheckReport::default();
        self.replay.take(event, &mut report);
        assert!(report.differences.is_empty(), "{report:#?}");
        let Subject::Issue(id) = event.subject else { return };
        match event.body.as_ref().unwrap() {
            EventBody::IssueCreated { description, .. } => {
                self.descriptions.insert(id, description.clone());
            }
            EventBody::IssueUpdated { changes } => {
                for change in changes {
                    if let IssueChange::Description { to, .. } = change {
                        self.descriptions.insert(id, to.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// How an issue stood to those that were not deleted then, seen from it.
    fn relations(&self, id: IssueId) -> Vec<(RelationKind, bool, IssueId)> {
        let is_there = |other: &IssueId| self.replay.issues[other].deleted_at.is_none();
        let from = self.replay.issues[&id].relations.iter().map(|r| (r.kind, false, r.to));
        let to = self.replay.issues.values().flat_map(|other| {
            let here = other.relations.iter().filter(|relation| relation.to == id);
            here.map(|r| (r.kind, r.kind != RelationKind::Relates, other.id))
        });
        let mut found: Vec<_> = from.chain(to).filter(|(_, _, other)| is_there(other)).collect();
        found.sort();
        found
    }

    fn view(&self) -> View {
        let mut view = View::new();
        self.replay.issues.values().for_each(|issue| view.load_issue(issue));
        view.finish_load();
        view
    }
}

/// A row without what it once had, which is not undone.
fn without_past(issue: &Issue) -> Issue {
    Issue { past: Former::default(), ..issue.clone() }
}

/// A list of the past in pages, as ids and rows.
async fn list(reader: &Reader, filter: &Filter, sort: &[Sort], size: usize) -> Vec<Issue> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let window = Window::First(size, after.take());
        let request = IssuePageRequest { filter: filter.clone(), sort: sort.to_vec(), window };
        let page = reader.issues(&request).await.unwrap();
        assert_eq!(page.total, reader.count(filter).await.unwrap());
        assert!(!page.issues.is_empty() || !page.has_next, "an empty page before others");
        after = page.issues.len().checked_sub(1).and_then(|last| page.cursors.of(last));
        found.extend(page.issues.iter().map(|issue| without_past(issue)));
        if !page.has_next {
            assert_eq!(found.len() as u64, page.total);
            return found;
        }
    }
}

async fn relations(past: &Reader, issue: &Issue) -> Vec<(RelationKind, bool, IssueId)> {
    let found = past.relations(issue).await.unwrap().into_iter();
    let mut found: Vec<_> = found.map(|(link, other)| (link.kind, link.reversed, other.id)).collect();
    found.sort();
    found
}

pub(super) async fn compare_rows(life: &Life, past: &Reader, then: &Then) {
    for id in &life.issues {
        let found = past.issue_even_deleted(&(*id).into()).await.unwrap();
        let expected = then.replay.issues.get(id);
        assert_eq!(found.as_deref().map(without_past), expected.map(without_past), "{id}");
        let Some(issue) = found else { continue };
        assert_eq!(past.description(&issue).await.unwrap(), then.descriptions[id], "{id}");
        assert_eq!(relations(past, &issue).await, then.relations(*id), "{id}");
        let (comments, more) = past.comments(&issue, None, 250).await.unwrap();
        let mut said: Vec<_> = then.replay.comments.values().filter(|comment| comment.issue == *id).collect();
        said.retain(|comment| comment.deleted_at.is_none());
        said.sort_by_key(|comment| comment.id);
        assert!(!more && comments.iter().map(|comment| &**comment).eq(said), "{id}");
    }
}

pub(super) async fn compare_lists(life: &mut Life, past: &Reader, then: &Then) {
    let view = then.view();
    let sight = View::new().sight(&Scope::system("the tests ask everything"));
    for at in 0..8 {
        let filter = if at == 0 { everything() } else { life.plain_filter(3) };
        let sort = life.sort();
        let (asking, looked) = (Asking::at(life.now()), Looked::default());
        let question =
            Question { filter: &filter, asking: &asking, directory: past.directory(), looked: &looked };
        let query = IssueQuery { question, sort: &sort, page: Page::First(10_000, None) };
        let expected = view.query(&sight, &query).unwrap().ids;
        let expected: Vec<_> = expected.iter().map(|id| without_past(&then.replay.issues[id])).collect();
        let found = list(past, &filter, &sort, 7).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// What an issue ever had comes from the log there, and from the replayed row here.
pub(super) async fn compare_former(life: &mut Life, past: &Reader, then: &Then) {
    let priority = life.chance.pick(Priority::ALL);
    let had =
        HistoryTest { change: PastChange::Priority(Was::Had(Compare::Eq(priority))), during: None, by: None };
    let found = list(past, &Test::History(had).into(), &[], 50).await;
    let rows = then.replay.issues.values().filter(|issue| issue.is_live());
    let ever = rows.filter(|issue| issue.priority == priority || issue.past.priorities.contains(&priority));
    let mut expected: Vec<_> = ever.map(|issue| issue.id).collect();
    let mut found: Vec<_> = found.iter().map(|issue| issue.id).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "{priority}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_place_of_a_random_life_is_seen_as_the_log_makes_it() {
    for seed in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::found(folder.path(), seed, Limits::default()).await;
        for _ in 0..160 {
            life.step().await;
        }
        let (events, reader, mut then) = (life.events().await, life.reader().await, Then::default());
        for event in &events {
            then.take(event);
            if event.seq.0 % 23 == 0 || event.seq == reader.seq() {
                let past = reader.at(Past::Seq(event.seq)).await.unwrap();
                assert_eq!(past.seq(), event.seq);
                compare_rows(&life, &past, &then).await;
                compare_lists(&mut life, &past, &then).await;
                compare_former(&mut life, &past, &then).await;
            }
        }
        life.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instant_means_all_that_had_been_written_by_then() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 7, Limits::default()).await;
    for _ in 0..60 {
        life.step().await;
    }
    let (events, reader) = (life.events().await, life.reader().await);
    for event in &events {
        for instant in [event.recorded_at, event.recorded_at.plus_millis(-1)] {
            let expected =
                events.iter().filter(|event| event.recorded_at <= instant).map(|event| event.seq).max();
            let past = reader.at(Past::Instant(instant)).await.unwrap();
            assert_eq!(past.seq(), expected.unwrap_or_default(), "{instant}");
        }
    }
    assert!(events.iter().any(|event| event.at < event.recorded_at), "nothing was imported");
    let before = reader.at(Past::Seq(Seq(0))).await.unwrap();
    assert_eq!(before.count(&everything()).await.unwrap(), 0);
    let ahead = [Past::Instant(life.now().plus_millis(1)), Past::Seq(reader.seq().next())];
    for past in ahead {
        let refused = reader.at(past).await.err().unwrap();
        assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("at")));
    }
    life.close().await;
}

/// A life in which one issue was made and 30 changes followed, and the place where it had just been made.
async fn changed_life(folder: &std::path::Path, limits: Limits) -> (Life, IssueId, Seq) {
    let life = Life::found(folder, 1, limits).await;
    let team = life.reader().await.directory().teams().next().unwrap().id;
    let cx = crate::context::OpContext::new(crate::context::Principal::trusted_system(life.tenant));
    let made = CreateIssue { title: "First".into(), ..CreateIssue::in_team(team) };
    let made = life.engine.execute(cx.clone(), made).await.unwrap();
    let issue = made.issue().unwrap();
    for n in 0..30 {
        let patch = IssuePatch { title: Some(format!("Change {n}")), ..IssuePatch::default() };
        life.engine.execute(cx.clone(), UpdateIssue::new(issue.into(), patch)).await.unwrap();
        let other = CreateIssue { title: format!("Later {n}"), ..CreateIssue::in_team(team) };
        life.engine.execute(cx.clone(), other).await.unwrap();
    }
    (life, issue, made.seq)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_too_far_back_is_too_costly_and_a_single_issue_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { past_events_max: 40, ..Limits::default() };
    let (life, issue, made) = Box::pin(changed_life(folder.path(), limits)).await;
    let past = life.reader().await.at(Past::Seq(made)).await.unwrap();
    let refused = past.count(&Filter::everything()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::TooCostly);
    assert!(refused.message().contains("past_events_max"), "{refused}");
    assert_eq!(past.issue(&issue.into()).await.unwrap().unwrap().title, "First");
    let near = life.reader().await.at(Past::Seq(Seq(made.0 + 30))).await.unwrap();
    assert_eq!(near.count(&Filter::everything()).await.unwrap(), 16);
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moments_that_are_asked_for_at_once_are_all_answered_though_some_who_ask_go_away() {
    let folder = tempfile::tempdir().unwrap();
    let (life, _, made) = Box::pin(changed_life(folder.path(), Limits::default())).await;
    let reader = life.reader().await;
    let ask = |back: u64| {
        let reader = reader.clone();
        tokio::spawn(async move {
            let past = reader.at(Past::Seq(Seq(made.0 + back))).await?;
            past.count(&Filter::everything()).await
        })
    };
    let asked: Vec<_> = (0..60).map(|n| (n % 20 * 3, ask(n % 20 * 3))).collect();
    for (n, (back, answer)) in asked.into_iter().enumerate() {
        if n % 3 == 0 {
            answer.abort();
            continue;
        }
        assert_eq!(answer.await.unwrap().unwrap(), 1 + back / 2, "{back} events behind");
    }
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_the_past_stand_still_while_others_write_and_open_there_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 5, Limits::default()).await;
    for _ in 0..60 {
        life.step().await;
    }
    let reader = life.reader().await;
    let past = reader.at(Past::Instant(life.now())).await.unwrap();
    let sort = [Sort { key: SortKey::Updated, descending: true, nulls_first: false }];
    let before = list(&past, &everything(), &sort, 250).await;
    let request = |after| IssuePageRequest {
        filter: everything(),
        sort: sort.to_vec(),
        window: Window::First(3, after),
    };
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = past.issues(&request(after.take())).await.unwrap();
        seen.extend(page.issues.iter().map(|issue| without_past(issue)));
        after = page.cursors.of(page.issues.len() - 1);
        for other in [&reader, &reader.at(Past::Seq(Seq(past.seq().0 - 1))).await.unwrap()] {
            assert_eq!(
                other.issues(&request(after.clone())).await.unwrap_err().code(),
                ErrorCode::InvalidInput
            );
        }
        if !page.has_next {
            break;
        }
        for _ in 0..4 {
            life.wait_ms(1);
            life.step().await;
        }
    }
    assert_eq!(seen, before);
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_ends_where_the_past_does_and_texts_are_not_searched_there() {
    let folder = tempfile::tempdir().unwrap();
    let (life, issue, made) = Box::pin(changed_life(folder.path(), Limits::default())).await;
    let past = life.reader().await.at(Past::Seq(made)).await.unwrap();
    let row = past.issue(&issue.into()).await.unwrap().unwrap();
    // The event behind is about another issue, and not seen.
    for before in [None, Some(made), Some(made.next()), Some(Seq(made.0 + 2))] {
        let history = past.history(&row, before, 50).await.unwrap();
        assert_eq!(history.iter().map(|event| event.seq).collect::<Vec<_>>(), [made], "{before:?}");
    }
    assert!(past.events(made, 50).await.unwrap().is_empty());
    let search = Test::Text(TextSearch { text: "first".into() });
    let refused = past.count(&search.into()).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("filter")));
    life.close().await;
}

/// Appends an event about an issue, and the row that follows from it: as an earlier version of the engine did, without
/// what was before, or with its body erased. Memory is behind then: the engine must be opened anew.
async fn write_as_formerly(life: &Life, issue: &Issue, change: IssueChange, erased: bool) -> Issue {
    let live = life.engine.live(life.tenant).await.unwrap();
    let store = live.store();
    let head = store.fence().await.unwrap();
    let last = store.changes(head.seq - 1, 1).await.unwrap();
    let last = decode::<LogRecord>(&last[0].1).unwrap();
    let at = life.now().plus_millis(head.seq as i64);
    let event = Event {
        seq: Seq(head.seq + 1),
        at,
        recorded_at: at,
        actor: Actor::System,
        origin: Origin::Embed,
        request: uuid::Uuid::nil(),
        subject: Subject::Issue(issue.id),
        previous: Some(issue.last_event),
        updated_before: erased.then_some(issue.updated_at),
        amended: Vec::new(),
        body: Some(EventBody::IssueUpdated { changes: vec![change] }),
    };
    let mut row = issue.clone();
    row.take(&event);
    let record = LogRecord::of(&event, &last.hash(), [7; 16]).unwrap();
    let record = if erased { record.erase() } else { record };
    let mut batch = Batch::following(HeadCondition { epoch: head.epoch, after: head.seq });
    batch.log(encode(&record).unwrap());
    batch.put(rows::issue(issue.id), &row).unwrap();
    let outcome = store.commit(batch).await;
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
    row
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_events_of_earlier_versions_and_erased_ones_do_not_hold_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 9, Limits::default()).await;
    while life.issues.len() < 6 {
        life.step().await;
    }
    let (reader, id) = (life.reader().await, life.issues[0]);
    let mut row = Issue::clone(&reader.issue_even_deleted(&id.into()).await.unwrap().unwrap());
    for category in [StateCategory::Started, StateCategory::Completed, StateCategory::Started] {
        let reader = life.reader().await;
        let directory = reader.directory();
        let flow = crate::workflow::Flow::of(directory, &row).unwrap();
        let meaning: Vec<_> =
            flow.states().iter().filter(|state| state.category == category).map(|state| state.id).collect();
        let state = Change { from: row.state, to: life.chance.pick(&meaning) };
        let to = Some(format!("In {category}"));
        let category = Change { from: row.category, to: category };
        row =
            write_as_formerly(&life, &row, IssueChange::State { state, category, before: None }, false).await;
        row =
            write_as_formerly(&life, &row, IssueChange::Description { to, bytes_before: None }, false).await;
    }
    let mut life = life.reopened(folder.path()).await;
    let (events, reader, mut then) = (life.events().await, life.reader().await, Then::default());
    for event in &events {
        then.take(event);
        if then.replay.issues.contains_key(&id) {
            let past = reader.at(Past::Seq(event.seq)).await.unwrap();
            compare_rows(&life, &past, &then).await;
            compare_lists(&mut life, &past, &then).await;
        }
    }
    let (before, expected) = (reader.seq(), row.clone());
    for change in [
        IssueChange::Estimate(Change { from: row.estimate, to: Some(77) }),
        IssueChange::Description { to: Some("Erased".into()), bytes_before: None },
    ] {
        row = write_as_formerly(&life, &row, change, true).await;
    }
    let life = life.reopened(folder.path()).await;
    let past = life.reader().await.at(Past::Seq(before)).await.unwrap();
    let found = past.issue_even_deleted(&id.into()).await.unwrap().unwrap();
    assert_eq!(without_past(&found), without_past(&expected));
    life.close().await;
}
