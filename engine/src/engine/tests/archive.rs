//! Everything that can be asked of a list, against a plain reading of rows and log: over the archive of a real project,
//! which lives on at random after its import, and over a company that was random from the beginning.
//!
//! The rows are those that the log makes when it is replayed, so that nothing of what is tested is trusted. What a view
//! does not answer alone, histories and comments, is judged here by reading every event and comment forwards; texts are
//! searched alone, so that a search inside a tree must find what it finds by itself.

mod import;
mod plain;

use super::life::{Life, everything};
use super::past::Then;
use crate::command::issue::{CreateRelation, IssuePatch, UpdateIssue};
use crate::context::{OpContext, Principal};
use crate::filter::random::{Sources, sort};
use crate::filter::{Filter, IssueKey, Link, Sort, SortKey, Test};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::limits::Limits;
use crate::model::RelationKind;
use crate::query::{IssuePageRequest, Past, Reader, Window};
use crate::time::{CalendarDate, Timestamp};
use plain::Plain;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use std::path::Path;

/// How much is tried.
struct Effort {
    /// Issues of the archive, the oldest.
    issues: usize,
    /// Things that happen afterwards.
    steps: usize,
    /// Random trees, each with an order and pages.
    trees: u32,
    /// Places of the log that are looked back to.
    places: usize,
}

impl Effort {
    fn of() -> Self {
        if std::env::var_os("MORTISE_PROVE").is_some() {
            Self { issues: usize::MAX, steps: 3_000, trees: 10_000, places: 24 }
        } else {
            Self { issues: 150, steps: 150, trees: 200, places: 3 }
        }
    }
}

/// Bounds that no tree reaches: what is refused cannot be compared.
fn boundless() -> Limits {
    Limits {
        filter_nodes_max: 10_000,
        filter_depth_max: 100,
        looked_up_max: 10_000,
        history_candidates_max: usize::MAX / 2,
        history_events_max: usize::MAX / 2,
        ..Limits::default()
    }
}

/// Lets a company live on, with more parents and relations than chance gives.
async fn live_on(life: &mut Life, steps: usize) {
    let who = Principal::trusted_member(life.tenant, life.people[0]);
    let cx = || OpContext::new(who.clone());
    let (issues, mut links) = (life.issues.clone(), Vec::new());
    for _ in 0..steps.min(issues.len()) / 2 {
        let (one, other) = (life.chance.pick(&issues), life.chance.pick(&issues));
        links.push((one, other, life.chance.pick(RelationKind::ALL), life.chance.often(5)));
    }
    for (issue, other, kind, reversed) in links {
        // What makes a circle is refused.
        let link = Link { kind, reversed };
        let related =
            CreateRelation { issue: issue.into(), link, other: other.into(), if_version: None, close: true };
        let _ = life.engine.execute(cx(), related).await;
        let patch = IssuePatch { parent: Some(Some(other.into())), ..IssuePatch::default() };
        let _ = life.engine.execute(cx(), UpdateIssue::new(issue.into(), patch)).await;
    }
    for _ in 0..steps {
        life.step().await;
    }
    life.wait_ms(1);
}

/// Values that are there, and some that are not.
fn sources(plain: &Plain) -> Sources {
    fn ids<T: Clone + std::fmt::Debug + 'static>(found: Vec<T>, other: T) -> BoxedStrategy<T> {
        prop_oneof![20 => select(found), 1 => Just(other)].boxed()
    }
    let directory = &plain.directory;
    let mut texts: Vec<String> =
        ["", "a", "E", "tls", "TLS 1.3", "ghost", "fix", "Open", "done", "github"].map(str::to_owned).into();
    texts.extend(directory.members().take(20).map(|member| member.name.clone()));
    texts.extend(directory.labels().take(20).map(|label| label.name.clone()));
    texts.extend(plain.rows.values().step_by(17).map(|row| row.title.clone()));
    texts.extend(plain.rows.values().step_by(29).map(|row| row.title.chars().skip(3).take(5).collect()));
    let mut instants: Vec<Timestamp> = plain.events.iter().map(|event| event.at).collect();
    instants.extend(plain.rows.values().map(|row| row.updated_at));
    instants.extend(plain.comments.values().flatten().map(|comment| comment.created_at));
    let days = instants.iter().map(|at| i32::try_from(at.millis() / 86_400_000).unwrap());
    let days: Vec<_> = days.flat_map(|day| [day, day + 9]).map(CalendarDate::from_days).collect();
    let instant = (select(instants), -1..=1_i64).prop_map(|(at, by)| at.plus_millis(by));
    let numbers: Vec<u32> = plain.rows.values().map(|row| row.number).collect();
    let key = |number: u32| IssueKey { team: "ENG".to_owned(), number };
    let states = directory.workflows().flat_map(|workflow| workflow.states.iter().map(|state| state.id));
    Sources {
        text: select(texts).boxed(),
        number: prop_oneof![4 => 0..6_u32, 1 => select(numbers.clone())].boxed(),
        instant: instant.boxed(),
        date: select(days).boxed(),
        key: select(numbers).prop_map(key).boxed(),
        issue: ids(plain.rows.keys().copied().collect(), IssueId::generate()),
        team: ids(directory.teams().map(|team| team.id).collect(), TeamId::generate()),
        state: ids(states.collect(), StateId::generate()),
        member: ids(directory.members().map(|member| member.id).collect(), MemberId::generate()),
        label: ids(directory.labels().map(|label| label.id).collect(), LabelId::generate()),
        workflow: ids(directory.workflows().map(|flow| flow.id).collect(), WorkflowId::generate()),
        version: ids(
            directory.workflows().map(|flow| flow.newest()).collect(),
            WorkflowVersionId::generate(),
        ),
    }
}

/// Trees with few issues in their answers, and with many.
fn filters(plain: &Plain) -> impl Strategy<Value = Filter> {
    let tree = sources(plain).filter(24);
    prop_oneof![
        4 => tree.clone(),
        1 => tree.clone().prop_map(|tree| Filter::Not(Box::new(tree))),
        1 => tree.prop_map(|tree| Filter::Any(vec![Test::Deleted(true).into(), tree])),
    ]
}

/// The pages from one end, as many as a list may have that is walked to the end.
const PAGES_MAX: usize = 5;

/// Walks a list from one end and compares it with what is expected.
async fn walk(
    reader: &Reader,
    (filter, sort): (&Filter, &[Sort]),
    size: usize,
    expected: &[IssueId],
    back: bool,
) {
    let (mut seen, mut from) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let window = if back { Window::Last(size, from.take()) } else { Window::First(size, from.take()) };
        let request = IssuePageRequest { filter: filter.clone(), sort: sort.to_vec(), window };
        let page = reader.issues(&request).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{filter:?}");
        let ids = page.issues.iter().map(|issue| issue.id);
        let edge = if back { 0 } else { page.issues.len().saturating_sub(1) };
        from = page.cursors.of(edge);
        let more = if back {
            seen.splice(0..0, ids);
            assert_eq!(seen, expected[expected.len() - seen.len()..], "{filter:?} {sort:?}");
            page.has_previous
        } else {
            seen.extend(ids);
            assert_eq!(seen, expected[..seen.len()], "{filter:?} {sort:?}");
            page.has_next
        };
        assert_eq!(more, seen.len() < expected.len(), "{filter:?}");
        if !more {
            return;
        }
    }
}

/// Tries random trees: count, order and pages both ways are those of the plain reading.
async fn compare_trees(life: &Life, trees: u32) {
    let reader = life.reader().await;
    let plain = Plain::of(life, &reader).await;
    assert_eq!(reader.count(&everything()).await.unwrap(), plain.rows.len() as u64);
    let size = select(vec![1, 3, 20, 250]);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(trees) });
    let handle = tokio::runtime::Handle::current();
    let case = |(filter, sort, size): (Filter, Vec<Sort>, usize)| {
        let (filter, sort) = (plain::searching(filter), settled(sort));
        handle.block_on(async {
            let expected = plain.list(&reader, &filter, &sort).await;
            assert_eq!(reader.count(&filter).await.unwrap(), expected.len() as u64, "{filter:?}");
            walk(&reader, (&filter, &sort), size, &expected, false).await;
            walk(&reader, (&filter, &sort), size, &expected, true).await;
        });
        Ok(())
    };
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&(filters(&plain), sort(), size), case).map_err(|error| error.to_string())
    });
    outcome.unwrap();
}

/// How well texts match is for the tests of ranking; an order of nothing is the newest first.
fn settled(mut sort: Vec<Sort>) -> Vec<Sort> {
    sort.retain(|step| step.key != SortKey::Relevance);
    if sort.is_empty() {
        sort.push(Sort { key: SortKey::Created, descending: true, nulls_first: false });
    }
    sort
}

/// Looks back to random places of the log, and compares rows, talk and lists with what the log makes up to there.
async fn compare_pasts(life: &mut Life, places: usize) {
    let (events, reader) = (life.events().await, life.reader().await);
    let mut at: Vec<_> = (0..places).map(|_| life.chance.below(events.len())).collect();
    at.push(events.len() - 1);
    let mut then = Then::default();
    for (n, event) in events.iter().enumerate() {
        then.take(event);
        if at.contains(&n) {
            let past = reader.at(Past::Seq(event.seq)).await.unwrap();
            super::past::compare_rows(life, &past, &then).await;
            super::past::compare_lists(life, &past, &then).await;
            super::past::compare_former(life, &past, &then).await;
        }
    }
}

async fn imported(folder: &Path, effort: &Effort) -> Option<Life> {
    let archive = import::archive()?;
    let mut life = Life::found(folder, 23, boundless()).await;
    import::import(&mut life, &archive, effort.issues).await;
    live_on(&mut life, effort.steps).await;
    Some(life)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_list_of_a_real_archive_is_what_a_plain_reading_finds() {
    let (folder, effort) = (tempfile::tempdir().unwrap(), Effort::of());
    let Some(life) = imported(folder.path(), &effort).await else { return };
    compare_trees(&life, effort.trees).await;
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_list_of_a_random_company_is_what_a_plain_reading_finds() {
    let (folder, effort) = (tempfile::tempdir().unwrap(), Effort::of());
    let mut life = Life::found(folder.path(), 41, boundless()).await;
    for _ in 0..effort.steps {
        life.step().await;
    }
    live_on(&mut life, effort.steps).await;
    compare_trees(&life, effort.trees).await;
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_of_a_real_archive_is_what_its_log_makes() {
    let (folder, effort) = (tempfile::tempdir().unwrap(), Effort::of());
    let Some(mut life) = imported(folder.path(), &effort).await else { return };
    compare_pasts(&mut life, effort.places).await;
    life.close().await;
}
