//! How long a tenant takes to come into memory, from its rows and from its checkpoint, how much it takes there, and what
//! others notice while its checkpoint is written.
//!
//! `cargo xtask bench open [sled|fjall] [ISSUES …] [TENANTSxISSUES …]`, by default fjall with one
//! tenant of 100,000 issues, one of 1,000,000, and 1,000 of 100. What is measured is kept in the system's folder for temporary
//! files and used again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints what it measures"
)]

use mortise_engine::command::import::{ImportBatch, ImportItem, ImportedIssue, imported_issue_id};
use mortise_engine::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use mortise_engine::command::team::CreateTeam;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::engine::MemoryUse;
use mortise_engine::event::Origin;
use mortise_engine::filter::{Compare, Filter, Test};
use mortise_engine::id::{TeamId, TenantId};
use mortise_engine::model::{IssueKind, IssueSource, Priority, Resolution, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, NewTenant};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A tenant with the things that its issues speak of.
struct Company {
    tenant: TenantId,
    teams: Vec<TeamId>,
    people: usize,
    labels: usize,
}

/// Items of one batch of the import, and batches at once.
const BATCH: u32 = 20;
const AT_ONCE: usize = 64;

/// One of so many issues is changed after the checkpoint.
const CHANGED: u32 = 20;

/// When the oldest issue was made, and milliseconds between two.
const BEGUN: i64 = 1_600_000_000_000;
const BETWEEN: i64 = 60_000;

const WORDS: [&str; 12] = [
    "login",
    "fails",
    "after",
    "update",
    "the",
    "Export",
    "button",
    "is",
    "slow",
    "on",
    "mobile",
    "dashboard",
];

/// A repeatable number for each input (SplitMix64).
fn dice(n: u64) -> usize {
    let z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) as usize >> 1
}

fn issue(company: &Company, n: u32) -> ImportItem {
    let Company { tenant, teams, people, labels } = company;
    let person = |n: usize| person(n % people);
    let roll = |what: u64| dice(u64::from(n) << 8 | what);
    let id = format!("I_{n}");
    let created = Timestamp::from_millis(BEGUN + i64::from(n) * BETWEEN);
    let later = |what| created.plus_millis((roll(what) % 10_000_000_000) as i64);
    let title: Vec<_> =
        (0..4 + roll(0) % 5).map(|word| WORDS[roll(10 + word as u64) % WORDS.len()]).collect();
    let closed = (roll(1) % 10 < 7).then(|| (later(2), Resolution::ALL[roll(3) % 4]));
    let mut marks: Vec<_> =
        (0..roll(5) % 4).map(|l| format!("label {}", roll(20 + l as u64) % labels)).collect();
    marks.sort();
    marks.dedup();
    ImportItem::Issue(Box::new(ImportedIssue {
        id: imported_issue_id(*tenant, "github", &id, created),
        source: IssueSource { system: "github".into(), id, url: None, state: None },
        team: teams[roll(4) % teams.len()],
        number: n + 1,
        title: format!("{} {n}", title.join(" ")),
        description: Some("What is seen, and how to see it again. ".repeat(1 + roll(6) % 16)),
        kind: IssueKind::ALL[roll(7) % 4],
        updated_at: closed.map_or_else(|| later(8), |(at, _)| at),
        closed,
        creator: person(roll(9)),
        assignees: (0..roll(30) % 3).map(|a| person(roll(31 + a as u64))).collect(),
        labels: marks,
        created_at: created,
    }))
}

fn person(n: usize) -> String {
    format!("github:person{n}")
}

async fn import(engine: &Engine, tenant: TenantId, items: Vec<ImportItem>) {
    let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::Import);
    engine.execute(cx, ImportBatch { items }).await.unwrap();
}

/// Fills a tenant, many batches at once.
async fn fill(engine: &Engine, tenant: TenantId, issues: u32) {
    let us = || OpContext::new(Principal::trusted_system(tenant));
    let large = issues >= 10_000;
    let (teams, people, labels) = if large { (20, 300, 100) } else { (1, 20, 10) };
    for n in 1..teams {
        let (name, key) = (format!("Team {n}"), format!("T{n}"));
        let create = CreateTeam { id: None, name, key, description: None, workflow: None, private: false };
        engine.execute(us(), create).await.unwrap();
    }
    let directory = engine.reader(&Principal::trusted_system(tenant)).await.unwrap().directory().clone();
    let teams = directory.teams().map(|team| team.id).collect();
    let named = (0..people).map(|n| ImportItem::Person { source: person(n), name: format!("Person {n}") });
    let marks = (0..labels).map(|n| ImportItem::Label {
        name: format!("label {n}"),
        color: "#00ff00".into(),
        description: None,
    });
    for items in named.chain(marks).collect::<Vec<_>>().chunks(BATCH as usize) {
        import(engine, tenant, items.to_vec()).await;
    }
    let company = Arc::new(Company { tenant, teams, people, labels });
    let next = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..if large { AT_ONCE } else { 1 })
        .map(|_| {
            let (engine, next, company) = (engine.clone(), next.clone(), company.clone());
            tokio::spawn(async move {
                loop {
                    let start = next.fetch_add(BATCH, Ordering::Relaxed);
                    if start >= issues {
                        return;
                    }
                    let items = (start..issues.min(start + BATCH)).map(|n| issue(&company, n)).collect();
                    import(&engine, tenant, items).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Milliseconds of processor time that this process has taken.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    // A tick is a hundredth of a second on every Linux.
    ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

fn rss_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}

async fn open(folder: &Path, kind: StoreKind) -> Engine {
    Engine::builder(folder).store(kind).open().await.unwrap()
}

/// Asks a tenant something for the first time.
async fn ask(engine: &Engine, tenant: TenantId) -> Duration {
    let begun = Instant::now();
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    reader.count(&Filter::everything()).await.unwrap();
    begun.elapsed()
}

fn checkpoint(folder: &Path, tenant: TenantId) -> PathBuf {
    folder.join("views").join(tenant.uuid().to_string())
}

/// Writes and reads until told to stop; the longest that each took.
async fn disturb(engine: Engine, tenant: TenantId, stop: Arc<AtomicBool>) -> (Duration, Duration, u32) {
    let us = Principal::trusted_system(tenant);
    let reader = engine.reader(&us).await.unwrap();
    let team = reader.directory().teams().next().unwrap().id;
    let (mut write, mut read, mut writes) = (Duration::ZERO, Duration::ZERO, 0);
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let command = CreateIssue { title: "Meanwhile".into(), ..CreateIssue::in_team(team) };
        let made = engine.execute(OpContext::new(us.clone()), command).await.unwrap().issue().unwrap();
        write = write.max(begun.elapsed());
        let begun = Instant::now();
        reader.count(&Filter::Test(Test::Priority(Compare::Eq(Priority::High)))).await.unwrap();
        read = read.max(begun.elapsed());
        let patch = IssuePatch { priority: Some(Priority::High), ..IssuePatch::default() };
        engine.execute(OpContext::new(us.clone()), UpdateIssue::new(made.into(), patch)).await.unwrap();
        writes += 2;
    }
    (write, read, writes)
}

/// Changes so many issues, all over the tenant, many at once.
async fn change(engine: &Engine, tenant: TenantId, issues: u32, count: u32) {
    let next = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (engine, next) = (engine.clone(), next.clone());
            tokio::spawn(async move {
                let us = || OpContext::new(Principal::trusted_system(tenant));
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    let n = dice(u64::from(n) << 8) as u32 % issues;
                    let created = Timestamp::from_millis(BEGUN + i64::from(n) * BETWEEN);
                    let issue = imported_issue_id(tenant, "github", &format!("I_{n}"), created);
                    let title = format!("Changed {:?}", Instant::now());
                    let patch = IssuePatch { title: Some(title), ..IssuePatch::default() };
                    engine.execute(us(), UpdateIssue::new(issue.into(), patch)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn one(kind: StoreKind, issues: u32) {
    let folder = std::env::temp_dir().join(format!("mortise-bench-open-{kind}-{issues}"));
    let engine = open(&folder, kind).await;
    let tenant = match engine.tenant_by_slug("acme") {
        Some(tenant) => tenant.id,
        None => {
            let begun = Instant::now();
            let founded = engine
                .create_tenant(NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_team("T0"))
                .await
                .unwrap();
            fill(&engine, founded.tenant.id, issues).await;
            println!("{issues} issues: written in {:?}", begun.elapsed());
            founded.tenant.id
        }
    };
    engine.close().await;
    drop(engine);
    let file = checkpoint(&folder, tenant);
    drop(std::fs::remove_file(&file));

    let engine = open(&folder, kind).await;
    let (before, cpu) = (rss_mib(), cpu_ms());
    let took = ask(&engine, tenant).await;
    let cpu = cpu_ms() - cpu;
    let bytes = engine.memory().bytes;
    let resident = rss_mib().saturating_sub(before) * 1024 * 1024;
    println!(
        "{issues} issues: from the rows in {took:?}, {cpu} ms of processor, {} bytes each by estimate, {} resident",
        bytes / u64::from(issues),
        resident / u64::from(issues)
    );
    let begun = Instant::now();
    engine.save_checkpoint(tenant).await.unwrap();
    let (took, bytes) = (begun.elapsed(), file.metadata().unwrap().len());
    println!("{issues} issues: checkpoint written in {took:?}, {bytes} bytes");
    assert!(engine.unload(tenant).await.unwrap());
    for _ in 0..5 {
        let cpu = cpu_ms();
        let took = ask(&engine, tenant).await;
        let cpu = cpu_ms() - cpu;
        println!("{issues} issues: from the checkpoint in {took:?}, {cpu} ms of processor");
        assert!(engine.unload(tenant).await.unwrap());
    }

    for saving in [false, true] {
        ask(&engine, tenant).await;
        let stop = Arc::new(AtomicBool::new(false));
        let disturbed = tokio::spawn(disturb(engine.clone(), tenant, stop.clone()));
        tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await.unwrap_err();
        let begun = Instant::now();
        if saving {
            engine.save_checkpoint(tenant).await.unwrap();
        } else {
            tokio::time::timeout(Duration::from_millis(1500), std::future::pending::<()>())
                .await
                .unwrap_err();
        }
        let took = begun.elapsed();
        stop.store(true, Ordering::Relaxed);
        let (write, read, writes) = disturbed.await.unwrap();
        println!(
            "{issues} issues: {} {took:?}; meanwhile the longest of {writes} writes {write:?}, the longest read {read:?}",
            if saving { "checkpoint written in" } else { "nothing for" },
        );
    }
    change(&engine, tenant, issues, issues / CHANGED).await;
    // As after a power cut: the events behind the checkpoint are read from the log.
    drop(engine);
    let engine = open(&folder, kind).await;
    let (cpu, took) = (cpu_ms(), ask(&engine, tenant).await);
    let cpu = cpu_ms() - cpu;
    println!(
        "{issues} issues: from the checkpoint and {} events behind it in {took:?}, {cpu} ms of processor",
        issues / CHANGED
    );
    engine.close().await;
}

async fn many(kind: StoreKind, tenants: u32, issues: u32) {
    let folder = std::env::temp_dir().join(format!("mortise-bench-open-{kind}-{tenants}x{issues}"));
    let engine = open(&folder, kind).await;
    for n in engine.tenants().len()..tenants as usize {
        let new = NewTenant::new(format!("tenant-{n}"), "Acme").with_tier(Tier::Platinum).with_team("T0");
        let founded = engine.create_tenant(new).await.unwrap();
        fill(&engine, founded.tenant.id, issues).await;
    }
    engine.close().await;
    drop(engine);
    let begun = Instant::now();
    let engine = open(&folder, kind).await;
    println!("{tenants} tenants: engine opened in {:?}", begun.elapsed());
    let before = rss_mib();
    let mut took: Vec<_> = Vec::new();
    for tenant in engine.tenants() {
        took.push(ask(&engine, tenant.id).await);
    }
    took.sort();
    let MemoryUse { tenants: loaded, bytes } = engine.memory();
    println!(
        "{tenants} tenants of {issues}: first question p50 {:?}, p99 {:?}, longest {:?}; {loaded} in memory, \
         {} bytes each by estimate, {} resident",
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        took[took.len() - 1],
        bytes / loaded as u64,
        rss_mib().saturating_sub(before) * 1024 * 1024 / loaded as u64,
    );
    let begun = Instant::now();
    for tenant in engine.tenants() {
        assert!(engine.unload(tenant.id).await.unwrap());
    }
    println!("{tenants} tenants: all left in {:?}", begun.elapsed());
    engine.close().await;
}

fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let kind = words.iter().find_map(|word| word.parse().ok()).unwrap_or(StoreKind::Fjall);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut asked: Vec<_> =
        words.iter().filter(|word| word.parse::<StoreKind>().is_err()).map(String::as_str).collect();
    if asked.is_empty() {
        asked = vec!["100000", "1000000", "1000x100"];
    }
    for asked in asked {
        match asked.split_once('x') {
            Some((tenants, issues)) => {
                runtime.block_on(many(kind, tenants.parse().unwrap(), issues.parse().unwrap()));
            }
            None => runtime.block_on(one(kind, asked.parse().unwrap())),
        }
    }
}
