//! kill -9 while a company is moved or erased, at every step and at any moment: nothing acknowledged is lost, nothing is in
//! two places, and what was begun is brought to its end by whoever opens the folder next.
//!
//! Another process, this test program again, works on the folder: its writers say every write that was acknowledged, its
//! log says how far the move has come, and at the step that is asked for it stands still until it is killed. The long form
//! runs with `cargo xtask prove placement`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may panic, and speaks")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write};
use std::ops::Bound;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::filter::Filter;
use mortise_engine::id::{TeamId, TenantId};
use mortise_engine::model::{Placement, Tenant};
use mortise_engine::query::{IssuePageRequest, Window};
use mortise_engine::storage::{DataFolder, FolderOptions, Scan, StoreKind, StoreOptions, open_store};
use mortise_engine::{Destination, Engine, NewTenant};

/// What the other process is to do: `STORE FOLDER WORK STEP`. Without it, it is none.
const WORK: &str = "MORTISE_TEST_PLACEMENT";

/// Writers of the other process.
const WRITERS: usize = 4;

/// What is waited for never takes longer, even on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The places between which the company moves.
const PLACES: [Placement; 3] = [Placement::Dedicated, Placement::Shard(7), Placement::Shard(0)];

const SLUG: &str = "acme";

/// The name of a company that is being founded.
const FOUNDED: &str = "next";

fn is_long() -> bool {
    std::env::var("MORTISE_PROVE").is_ok_and(|set| set == "1")
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(work)
}

// ── The other process ──

/// A log that stops whoever writes the line of a step.
#[derive(Clone)]
struct StandStill(String);

impl Write for StandStill {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if text.contains(&self.0) {
            println!("at the step");
            // What this thread was to run next goes to another: only the one who writes this line stands still.
            tokio::task::block_in_place(|| {
                loop {
                    std::thread::park();
                }
            });
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_other_process_works_until_it_is_killed() {
    let Ok(work) = std::env::var(WORK) else { return };
    let mut words = work.splitn(4, '|');
    let mut word = || words.next().unwrap().to_owned();
    let (store, folder, work, step) = (word(), word(), word(), word());
    let log = StandStill(format!("step=\"{step}\""));
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(move || log.clone())
        .init();
    run(async move {
        let engine = Engine::builder(folder).store(store.parse().unwrap()).open().await.unwrap();
        let record = engine.tenant_by_slug(SLUG).unwrap();
        for writer in 0..WRITERS {
            let (engine, record) = (engine.clone(), record.clone());
            tokio::spawn(async move { write(&engine, &record, writer).await });
        }
        if work == "found" {
            let new = NewTenant::new(FOUNDED, "The next").with_team("ENG");
            engine.create_tenant(new.with_placement(Placement::Dedicated)).await.unwrap();
            println!("founded");
        } else if work == "erase" {
            let erased = engine.erase_tenant(record.id).await.unwrap();
            println!("erased {}", erased.slug);
        } else {
            for to in PLACES.iter().cycle() {
                engine.move_tenant(record.id, Destination::At(to.clone())).await.unwrap();
                println!("moved to {to}");
            }
        }
    });
}

/// Writes, and says what was acknowledged.
async fn write(engine: &Engine, tenant: &Tenant, writer: usize) {
    let us = Principal::trusted_system(tenant.id);
    let team = team(engine, tenant.id).await;
    let own = std::process::id();
    for n in 0.. {
        let title = format!("{own} {writer} {n}");
        let command = CreateIssue { title: title.clone(), ..CreateIssue::in_team(team) };
        if engine.execute(OpContext::new(us.clone()), command).await.is_err() {
            // It is being erased.
            return;
        }
        println!("acknowledged {title}");
    }
}

async fn team(engine: &Engine, tenant: TenantId) -> TeamId {
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    reader.issue(&"ENG-1".parse().unwrap()).await.unwrap().unwrap().team
}

// ── This process ──

/// A folder with a company and a neighbour.
struct Folder {
    folder: tempfile::TempDir,
    store: StoreKind,
    /// Titles of issues whose writing was acknowledged.
    acknowledged: BTreeSet<String>,
    neighbour: TenantId,
}

impl Folder {
    fn new(store: StoreKind) -> Self {
        let folder = tempfile::Builder::new().prefix("mortise-placement-").tempdir().unwrap();
        let neighbour = run(async {
            let engine = Engine::builder(folder.path()).store(store).open().await.unwrap();
            let mut last = None;
            for slug in [SLUG, "other"] {
                let founded =
                    engine.create_tenant(NewTenant::new(slug, slug).with_team("ENG")).await.unwrap();
                let command =
                    CreateIssue { title: "First".into(), ..CreateIssue::in_team(founded.team.unwrap()) };
                let us = OpContext::new(Principal::trusted_system(founded.tenant.id));
                engine.execute(us, command).await.unwrap();
                last = Some(founded.tenant.id);
            }
            engine.close().await;
            last.unwrap()
        });
        Self { folder, store, acknowledged: BTreeSet::from(["First".to_owned()]), neighbour }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Lets the other process work until `enough` is true of a line it says, then kills it.
    fn killed(&mut self, work: &str, step: &str, mut enough: impl FnMut(&str) -> bool) {
        let words = format!("{}|{}|{work}|{step}", self.store.name(), self.path().display());
        let mut other = Command::new(std::env::current_exe().unwrap());
        let other = other
            .args(["--exact", "the_other_process_works_until_it_is_killed", "--nocapture"])
            .env(WORK, words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut other = other.spawn().unwrap();
        let (began, mut said) = (Instant::now(), Vec::new());
        let lines = BufReader::new(other.stdout.take().unwrap()).lines().map_while(Result::ok);
        // On a thread, so that one that says nothing more is not waited for without end.
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || lines.for_each(|line| drop(tell.send(line))));
        let mut killed = false;
        loop {
            let line = match told.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    other.kill().unwrap();
                    panic!("{work} never came to `{step}`:\n{}", said.join("\n"));
                }
            };
            if let Some(title) = line.strip_prefix("acknowledged ") {
                self.acknowledged.insert(title.to_owned());
            }
            killed = killed || {
                let now = enough(&line);
                if now {
                    other.kill().unwrap();
                }
                now
            };
            said.push(line);
        }
        let status = other.wait().unwrap();
        assert!(killed, "{work} ended before `{step}` with {status}:\n{}\n{}", said.join("\n"), rest(other));
    }

    /// Opens the folder, waits until what was interrupted is at its end, and looks that all is there, in one place.
    fn is_whole(&self) {
        let place = run(async {
            let engine = self.opened().await;
            let record = engine.tenant_by_slug(SLUG).unwrap();
            let report = engine.check(record.id).await.unwrap();
            assert!(report.is_clean(), "{report:#?}");
            let titles = titles(&engine, record.id).await;
            let lost: Vec<_> = self.acknowledged.difference(&titles).collect();
            assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), self.acknowledged.len());
            assert_eq!(engine.check(self.neighbour).await.unwrap().issues, 1);
            engine.close().await;
            (record.id, record.placement.clone())
        });
        self.lies_only_at(place.0, Some(&place.1));
    }

    async fn opened(&self) -> Engine {
        let engine = Engine::builder(self.path()).open().await.unwrap();
        let began = Instant::now();
        let unfinished = |engine: &Engine| {
            let moving = engine.tenants().into_iter().any(|tenant| tenant.undertaking.is_some());
            moving || !engine.tenants_being_erased().is_empty()
        };
        while unfinished(&engine) {
            assert!(began.elapsed() < PATIENCE, "what was begun is never finished");
            tokio::task::yield_now().await;
        }
        engine
    }

    /// Looks into every store.
    fn lies_only_at(&self, tenant: TenantId, expected: Option<&Placement>) {
        let options = FolderOptions { kind: self.store, ..FolderOptions::default() };
        let data = DataFolder::open(self.path(), &options).unwrap();
        let dedicated = data.dedicated(tenant);
        assert_eq!(dedicated.exists(), expected == Some(&Placement::Dedicated), "its own store");
        for number in [0, 7] {
            let path = data.shard(number);
            if !path.exists() {
                continue;
            }
            let store = open_store(self.store, &path, &StoreOptions::default()).unwrap();
            let all = Scan::range(Bound::Unbounded, Bound::Unbounded).limit(1);
            let page = run(async {
                let page = store.scan(tenant, all).await.unwrap();
                store.close().await;
                page
            });
            assert_eq!(
                page.entries.is_empty(),
                expected != Some(&Placement::Shard(number)),
                "shard {number}"
            );
        }
    }
}

fn rest(mut other: Child) -> String {
    let mut said = String::new();
    let lines = BufReader::new(other.stderr.take().unwrap()).lines().map_while(Result::ok);
    lines.for_each(|line| said.push_str(&format!("{line}\n")));
    said
}

async fn titles(engine: &Engine, tenant: TenantId) -> BTreeSet<String> {
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    let (mut titles, mut after) = (BTreeSet::new(), None);
    loop {
        let window = Window::First(250, after.take());
        let request = IssuePageRequest { filter: Filter::everything(), sort: Vec::new(), window };
        let page = reader.issues(&request).await.unwrap();
        titles.extend(page.issues.iter().map(|issue| issue.title.clone()));
        after = page.issues.len().checked_sub(1).and_then(|last| page.cursors.of(last));
        if page.issues.is_empty() {
            return titles;
        }
    }
}

/// The steps of a move, and how many writes are still acknowledged behind each before the kill: none while writes wait.
const MOVING: [(&str, usize); 8] = [
    ("announced", 20),
    ("copied", 20),
    ("paused", 0),
    ("agreed", 0),
    ("placed", 0),
    ("resumed", 20),
    ("left", 20),
    ("done", 20),
];

fn a_kill_at_any_step_of_a_move_loses_nothing(store: StoreKind) {
    let mut folder = Folder::new(store);
    for (step, writes) in MOVING {
        let (mut reached, mut behind) = (false, 0);
        folder.killed("move", step, |line| {
            reached |= line == "at the step";
            behind += usize::from(reached && line.starts_with("acknowledged"));
            reached && behind >= writes
        });
        folder.is_whole();
        println!("killed at `{step}` on {}: {} issues, none lost", store.name(), folder.acknowledged.len());
    }
}

#[test]
fn a_kill_at_any_step_of_a_move_loses_nothing_on_sled() {
    a_kill_at_any_step_of_a_move_loses_nothing(StoreKind::Sled);
}

#[test]
fn a_kill_at_any_step_of_a_move_loses_nothing_on_fjall() {
    a_kill_at_any_step_of_a_move_loses_nothing(StoreKind::Fjall);
}

fn a_kill_at_any_moment_of_a_move_loses_nothing(store: StoreKind) {
    use std::hash::{BuildHasher as _, RandomState};
    let mut folder = Folder::new(store);
    let kills = if is_long() { 40 } else { 3 };
    for kill in 1..=kills {
        let moment = RandomState::new().hash_one(kill) % 400;
        let mut lines = 0;
        folder.killed("move", "no step", |_| {
            lines += 1;
            lines > moment
        });
        folder.is_whole();
        println!(
            "kill {kill} on {} after {moment} lines: {} issues, none lost",
            store.name(),
            folder.acknowledged.len()
        );
    }
}

#[test]
fn a_kill_at_any_moment_of_a_move_loses_nothing_on_sled() {
    a_kill_at_any_moment_of_a_move_loses_nothing(StoreKind::Sled);
}

#[test]
fn a_kill_at_any_moment_of_a_move_loses_nothing_on_fjall() {
    a_kill_at_any_moment_of_a_move_loses_nothing(StoreKind::Fjall);
}

const ERASING: [&str; 6] =
    ["announced", "forgotten", "key destroyed", "rows removed", "index removed", "files removed"];

fn a_kill_at_any_step_of_an_erasure_erases(store: StoreKind) {
    for step in ERASING {
        let mut folder = Folder::new(store);
        let id = run(async {
            let engine = folder.opened().await;
            let id = engine.tenant_by_slug(SLUG).unwrap().id;
            engine.indexed(id).await.unwrap();
            engine.save_checkpoint(id).await.unwrap();
            engine.close().await;
            id
        });
        folder.killed("erase", step, |line| line == "at the step");
        run(async {
            let engine = folder.opened().await;
            assert!(engine.tenant_by_slug(SLUG).is_none());
            assert_eq!(engine.check(folder.neighbour).await.unwrap().issues, 1);
            engine.create_tenant(NewTenant::new(SLUG, "The next")).await.unwrap();
            engine.close().await;
        });
        folder.lies_only_at(id, None);
        let name = id.uuid().to_string();
        for sub in ["keys/tenants", "index", "views", "dedicated", "blobs"] {
            let entries = std::fs::read_dir(folder.path().join(sub)).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            assert!(names.into_iter().all(|own| !own.contains(&name)), "{sub} after `{step}`");
        }
    }
}

#[test]
fn a_kill_at_any_step_of_an_erasure_erases_on_sled() {
    a_kill_at_any_step_of_an_erasure_erases(StoreKind::Sled);
}

#[test]
fn a_kill_at_any_step_of_an_erasure_erases_on_fjall() {
    a_kill_at_any_step_of_an_erasure_erases(StoreKind::Fjall);
}

fn a_kill_while_a_company_is_founded_leaves_nothing_of_it(store: StoreKind) {
    for step in ["begun", "built"] {
        let mut folder = Folder::new(store);
        let names = |folder: &Folder, sub: &str| {
            let entries = std::fs::read_dir(folder.path().join(sub)).unwrap();
            entries.map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>()
        };
        let keys = names(&folder, "keys/tenants");
        folder.killed("found", step, |line| line == "at the step");
        run(async {
            let engine = Engine::builder(folder.path()).open().await.unwrap();
            let began = Instant::now();
            // Its name is free when nothing of it is left.
            while engine.create_tenant(NewTenant::new(FOUNDED, "The next")).await.is_err() {
                assert!(began.elapsed() < PATIENCE, "what was begun is never removed");
                tokio::task::yield_now().await;
            }
            let next = engine.tenant_by_slug(FOUNDED).unwrap().id;
            engine.erase_tenant(next).await.unwrap();
            engine.close().await;
        });
        assert_eq!(names(&folder, "keys/tenants"), keys, "after `{step}`");
        assert!(names(&folder, "dedicated").is_empty(), "after `{step}`");
        folder.is_whole();
    }
}

#[test]
fn a_kill_while_a_company_is_founded_leaves_nothing_of_it_on_sled() {
    a_kill_while_a_company_is_founded_leaves_nothing_of_it(StoreKind::Sled);
}

#[test]
fn a_kill_while_a_company_is_founded_leaves_nothing_of_it_on_fjall() {
    a_kill_while_a_company_is_founded_leaves_nothing_of_it(StoreKind::Fjall);
}
