//! What companies with stores of their own cost, and for how long writes wait when one moves.
//!
//! Each question is asked in a process of its own, so that what one leaves in memory does not weigh on the next. Run with
//! `cargo xtask bench placement`.

#![expect(clippy::print_stdout, reason = "a benchmark speaks")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{TeamId, TenantId};
use mortise_engine::model::{Placement, Tenant, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Destination, Engine, Limits, NewTenant};

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Issues of each company with a store of its own.
const ISSUES: usize = 50;

/// Those who write while a company moves.
const WRITERS: usize = 8;

/// Moves of one company that are measured.
const MOVES: usize = 10;

/// Idle stores are closed within so long.
const PATIENCE: Duration = Duration::from_secs(240);

/// What dedicated stores cost, and what a move costs
#[derive(Debug, Parser)]
struct Options {
    /// Stores to measure
    #[arg(long, value_delimiter = ',', default_value = "fjall,sled")]
    stores: Vec<StoreKind>,
    /// Companies with a store of their own
    #[arg(long, default_value_t = 200)]
    tenants: usize,
    /// Issues of the company that moves
    #[arg(long, default_value_t = 10_000)]
    issues: usize,
    /// Where to make the data folders [default: the system's temporary folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

/// What is done in a process of its own.
#[derive(Debug, Clone, Subcommand)]
enum Task {
    /// Founds the companies
    Seed { data: PathBuf, store: StoreKind },
    /// Asks and writes in every company, of which so many may have their stores open
    Work { data: PathBuf, open: usize },
    /// Moves a company that works
    Move { data: PathBuf, store: StoreKind },
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &options.task {
        Some(Task::Seed { data, store }) => runtime.block_on(seed(data, *store, options.tenants)),
        Some(Task::Work { data, open }) => runtime.block_on(work(data, *open)),
        Some(Task::Move { data, store }) => runtime.block_on(moves(data, *store, options.issues)),
        None => options.stores.iter().try_for_each(|store| of_store(&options, *store)),
    }
}

fn of_store(options: &Options, store: StoreKind) -> anyhow::Result<()> {
    let place = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::Builder::new().prefix("mortise-bench-placement-").tempdir_in(place)?;
    let (many, one) = (folder.path().join("many"), folder.path().join("one"));
    println!("\n{store}: {} companies with a store of their own, {ISSUES} issues each", options.tenants);
    child(options, &["seed".into(), many.display().to_string(), store.to_string()])?;
    for open in [options.tenants + 1, Limits::default().stores_open_max] {
        println!("  at most {open} stores open");
        child(options, &["work".into(), many.display().to_string(), open.to_string()])?;
    }
    println!("{store}: one company of {} issues moves, {WRITERS} write to it meanwhile", options.issues);
    child(options, &["move".into(), one.display().to_string(), store.to_string()])
}

fn child(options: &Options, task: &[String]) -> anyhow::Result<()> {
    let (tenants, issues) = (options.tenants.to_string(), options.issues.to_string());
    let status = Command::new(std::env::current_exe()?)
        .args(["--tenants", &tenants, "--issues", &issues])
        .args(task)
        .status()?;
    anyhow::ensure!(status.success(), "{task:?} failed with {status}");
    Ok(())
}

async fn seed(data: &Path, store: StoreKind, tenants: usize) -> anyhow::Result<()> {
    let engine = Engine::builder(data).store(store).open().await?;
    for n in 0..tenants {
        let new = NewTenant::new(format!("tenant-{n}"), "Acme").with_tier(Tier::Platinum).with_team("ENG");
        let founded = engine.create_tenant(new).await?;
        let team = founded.team.context("a team was asked for")?;
        fill(&engine, founded.tenant.id, team, ISSUES).await?;
    }
    engine.close().await;
    let (bytes, allocated) = size(&data.join("dedicated"))?;
    let per = |bytes: u64| bytes / 1_024 / tenants as u64;
    println!("  on disk: {} KiB each ({} KiB as files say)", per(allocated), per(bytes));
    Ok(())
}

/// Makes so many issues, some at once.
async fn fill(engine: &Engine, tenant: TenantId, team: TeamId, issues: usize) -> anyhow::Result<()> {
    for chunk in (0..issues).collect::<Vec<_>>().chunks(64) {
        let made: Vec<_> =
            chunk.iter().map(|n| tokio::spawn(create(engine.clone(), tenant, team, *n))).collect();
        for made in made {
            made.await??;
        }
    }
    Ok(())
}

async fn create(engine: Engine, tenant: TenantId, team: TeamId, n: usize) -> anyhow::Result<()> {
    let description = Some("It happens on Tuesdays, and only to those who look. ".repeat(8));
    let command = CreateIssue { title: format!("Issue {n}"), description, ..CreateIssue::in_team(team) };
    engine.execute(OpContext::new(Principal::trusted_system(tenant)), command).await?;
    Ok(())
}

async fn work(data: &Path, open: usize) -> anyhow::Result<()> {
    let limits = Limits { stores_open_max: open, ..Limits::default() };
    let engine = Engine::builder(data).limits(limits).open().await?;
    say(&engine, "opened, nobody asked");
    let tenants = engine.tenants();
    let mut first = Vec::new();
    for tenant in &tenants {
        let began = Instant::now();
        ask(&engine, tenant).await?;
        first.push(began.elapsed());
    }
    say(&engine, "every company asked once");
    let mut writes = Vec::new();
    for tenant in &tenants {
        let team = ask(&engine, tenant).await?;
        let began = Instant::now();
        create(engine.clone(), tenant.id, team, ISSUES).await?;
        writes.push(began.elapsed());
    }
    say(&engine, "every company wrote once");
    println!("    first question of a company: {}; a write: {}", spread(&mut first), spread(&mut writes));
    if open > tenants.len() {
        let began = Instant::now();
        while engine.stores_open() > 1 && began.elapsed() < PATIENCE {
            #[expect(
                clippy::disallowed_methods,
                reason = "idle stores are closed some time, and nobody says when"
            )]
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        say(&engine, &format!("idle for {} s", began.elapsed().as_secs()));
    }
    let began = Instant::now();
    engine.close().await;
    println!("    closed in {} ms", began.elapsed().as_millis());
    Ok(())
}

/// Asks for an issue; answers its team.
async fn ask(engine: &Engine, tenant: &Tenant) -> anyhow::Result<TeamId> {
    let reader = engine.reader(&Principal::trusted_system(tenant.id)).await?;
    let issue = reader.issue(&"ENG-1".parse().map_err(|_| anyhow::anyhow!("no key"))?).await?;
    Ok(issue.context("the company has no issue")?.team)
}

async fn moves(data: &Path, store: StoreKind, issues: usize) -> anyhow::Result<()> {
    let engine = Engine::builder(data).store(store).open().await?;
    // Of the tier that may have so many issues.
    let new = NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_team("ENG");
    let founded = engine.create_tenant(new).await?;
    let (tenant, team) = (founded.tenant.id, founded.team.context("a team was asked for")?);
    fill(&engine, tenant, team, issues).await?;
    let (stop, slowest, written) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (engine, stop, slowest, written) =
                (engine.clone(), stop.clone(), slowest.clone(), written.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    create(engine.clone(), tenant, team, 0).await?;
                    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                    slowest.fetch_max(micros, Ordering::Relaxed);
                    written.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, anyhow::Error>(())
            })
        })
        .collect();
    let (mut pauses, mut took, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..MOVES {
        let to = if n % 2 == 0 { Placement::Shard(0) } else { Placement::Dedicated };
        slowest.store(0, Ordering::Relaxed);
        let moved = engine.move_tenant(tenant, Destination::At(to)).await?;
        pauses.push(moved.paused);
        took.push(moved.took);
        waits.push(Duration::from_micros(slowest.load(Ordering::Relaxed)));
        let (ms, all) = (moved.paused.as_secs_f64() * 1e3, moved.took.as_secs_f64());
        println!("    to {}: {} entries, {ms:.1} ms of {all:.2} s", moved.to, moved.entries);
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await??;
    }
    let report = engine.check(tenant).await?;
    let expected = issues as u64 + written.load(Ordering::Relaxed);
    anyhow::ensure!(report.is_clean() && report.issues == expected, "something is lost: {report:?}");
    println!("    writes waited {}; a move took {}", spread(&mut pauses), spread(&mut took));
    println!("    the slowest write beside a move: {}; {expected} issues, none lost", spread(&mut waits));
    engine.close().await;
    Ok(())
}

/// Says what this process takes.
fn say(engine: &Engine, when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default()
    };
    let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let (open, rss, threads) = (engine.stores_open(), field("VmRSS:") / 1_024, field("Threads:"));
    println!("    {when}: {open} stores open, {rss} MiB, {threads} threads, {files} files");
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    format!("{:.1} ms, at most {:.1} ms", ms(at(50)), ms(times.last()))
}

/// Bytes of all files below a folder, as they say and as the disk gives them.
fn size(folder: &Path) -> anyhow::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let mut total = (0, 0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (bytes, allocated) = if entry.file_type()?.is_dir() {
            size(&entry.path())?
        } else {
            let metadata = entry.metadata()?;
            (metadata.len(), metadata.blocks() * 512)
        };
        total = (total.0 + bytes, total.1 + allocated);
    }
    Ok(total)
}
