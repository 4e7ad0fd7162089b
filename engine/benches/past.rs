//! How long the first page of a list of the past takes, and what the pages behind it take, by how far back it lies.
//!
//! `cargo xtask bench past [sled|fjall] [ISSUES EVENTS]`, by default sled with 5,000 issues and
//! 50,000 changes of them. What is measured is kept in the system's folder for temporary files and used again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints what it measures"
)]

use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::filter::Filter;
use mortise_engine::id::{IssueId, StateId, TenantId};
use mortise_engine::model::{Priority, Seq};
use mortise_engine::query::Past;
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, NewTenant};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Writes on their way at once.
const AT_ONCE: usize = 64;

/// Places of the log that are looked at for each distance: near one another, none is kept from the one before.
const RUNS: u64 = 5;

/// A repeatable number for each input (SplitMix64).
fn dice(n: u64) -> usize {
    let z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) as usize >> 1
}

/// Does something so many times, many at once.
async fn many<F>(count: u64, work: impl Fn(u64) -> F + Send + Sync + 'static)
where
    F: Future<Output = ()> + Send,
{
    let (next, work) = (Arc::new(AtomicU64::new(0)), Arc::new(work));
    let one = || {
        let (next, work) = (next.clone(), work.clone());
        tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return;
                }
                work(n).await;
            }
        })
    };
    for writer in (0..AT_ONCE).map(|_| one()).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// A change as people make them: a state most often, and now and then a text.
fn patch(n: u64, states: &[StateId]) -> IssuePatch {
    let roll = |what: u64| dice(n << 8 | what);
    let mut patch = IssuePatch::default();
    match roll(1) % 10 {
        0 => patch.title = Some(format!("The export fails in another way, {n}")),
        1 => patch.description = Some(Some(format!("Seen {n} times. ").repeat(1 + roll(2) % 20))),
        2 | 3 => patch.priority = Some(Priority::ALL[roll(2) % Priority::ALL.len()]),
        4 => patch.estimate = Some(Some(roll(2) as u32 % 13)),
        _ => patch.state = Some(states[roll(2) % states.len()]),
    }
    patch
}

async fn fill(engine: &Engine, issues: u64, events: u64) -> TenantId {
    let founded = engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await.unwrap();
    let (tenant, team) = (founded.tenant.id, founded.team.unwrap());
    let us = move || OpContext::new(Principal::trusted_system(tenant));
    let directory = engine.reader(&us().principal).await.unwrap().directory().clone();
    let states: Vec<_> = directory.workflow_of(team).unwrap().states.iter().map(|state| state.id).collect();
    let ids: Arc<[IssueId]> = (0..issues).map(|_| IssueId::generate()).collect();
    let (to, made) = (engine.clone(), ids.clone());
    many(issues, move |n| {
        let command = CreateIssue {
            id: Some(made[n as usize]),
            title: format!("The export button is slow, {n}"),
            description: (n % 3 > 0).then(|| "What is seen, and how to see it again. ".repeat(8)),
            ..CreateIssue::in_team(team)
        };
        let to = to.clone();
        async move { drop(to.execute(us(), command).await.unwrap()) }
    })
    .await;
    let to = engine.clone();
    many(events, move |n| {
        let (to, issue, patch) = (to.clone(), ids[dice(n) % ids.len()].into(), patch(n, &states));
        async move {
            if n % 8 == 0 {
                let body = "It is still there.".repeat(3);
                let comment = CreateComment { id: None, issue, body, parent: None };
                drop(to.execute(us(), comment).await);
            } else {
                to.execute(us(), UpdateIssue::new(issue, patch)).await.unwrap();
            }
        }
    })
    .await;
    tenant
}

async fn measure(engine: &Engine, tenant: TenantId) {
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    let (head, all) = (reader.seq().0, Filter::everything());
    for back in [100, 1_000, 5_000, 10_000, 20_000, 40_000, 100_000, 190_000] {
        if back + RUNS > head {
            break;
        }
        let (mut first, mut next) = (Vec::new(), Duration::ZERO);
        for run in 0..RUNS {
            let past = reader.at(Past::Seq(Seq(head - back - run))).await.unwrap();
            let begun = Instant::now();
            past.count(&all).await.unwrap();
            first.push(begun.elapsed());
            let begun = Instant::now();
            past.count(&all).await.unwrap();
            next = begun.elapsed();
        }
        first.sort();
        let median = first[first.len() / 2];
        println!(
            "{back:>7} events back: first {median:?} ({:.1} µs an event), next {next:?}",
            median.as_secs_f64() * 1e6 / back as f64
        );
    }
}

async fn run(kind: StoreKind, issues: u64, events: u64) {
    let folder = std::env::temp_dir().join(format!("mortise-bench-past-{kind}-{issues}-{events}"));
    let engine = Engine::builder(&folder).store(kind).open().await.unwrap();
    let tenant = match engine.tenant_by_slug("acme") {
        Some(tenant) => tenant.id,
        None => {
            let begun = Instant::now();
            let tenant = fill(&engine, issues, events).await;
            println!("{issues} issues, {events} changes: written in {:?}", begun.elapsed());
            tenant
        }
    };
    measure(&engine, tenant).await;
    engine.close().await;
}

fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let kind = words.iter().find_map(|word| word.parse().ok()).unwrap_or(StoreKind::Sled);
    let numbers: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let (issues, events) =
        if let [issues, events] = numbers[..] { (issues, events) } else { (5_000, 50_000) };
    tokio::runtime::Runtime::new().unwrap().block_on(run(kind, issues, events));
}
