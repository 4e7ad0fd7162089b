//! One store at one size, from an empty folder to its figures.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use mortise_engine::storage::StoreKind;
use serde_json::Value;

use crate::client::Connection;
use crate::footprint;
use crate::load;
use crate::options::Options;
use crate::report::{Disk, Figures, Issues, Run};
use crate::requests::Requests;
use crate::seed::{self, Company};
use crate::server::Server;
use crate::sheet::MIB;
use crate::words::Chance;
use crate::work::{LOADS, Load, Work};
use crate::{disk, documents, machine};

/// Seeds, starts, loads, stops. The data is removed afterwards.
pub(crate) fn run(options: &Options, folder: &Path, store: StoreKind, issues: u32) -> anyhow::Result<Run> {
    let scratch = tempfile::Builder::new().prefix("mortise-bench-").tempdir_in(folder)?;
    let data = scratch.path().join("data");
    let seeding = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let footprint = seeding.block_on(footprint::measure(&scratch.path().join("empty"), store))?;
    let company = seeding.block_on(seed::seed(&data, store, issues)).context("cannot seed the company")?;
    // Its threads must not take part in what is measured.
    drop(seeding);
    let seeded_bytes = disk::bytes_of(&data)?;

    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let requests = Rc::new(Requests::of(&company, options.idempotency_keys));
    let mut run = Run {
        store: store.name().to_owned(),
        issues,
        comments: company.issues.iter().map(|issue| issue.comments).sum(),
        seed_seconds: company.took.as_secs_f64(),
        first_answer_ms: Vec::new(),
        idle_rss_mib: 0.0,
        disk: Disk::of(issues, &footprint, seeded_bytes),
        per_create: footprint.per_create,
        per_keyed_create: footprint.per_keyed_create,
        issues_after: Issues::default(),
        loads: Vec::new(),
    };
    clients.block_on(serve(options, &data, store, &requests, &company, &mut run))?;
    run.disk.loaded_bytes = disk::bytes_of(&data)?;
    Ok(run)
}

/// Everything that needs the server.
async fn serve(
    options: &Options,
    data: &Path,
    store: StoreKind,
    requests: &Rc<Requests>,
    company: &Company,
    run: &mut Run,
) -> anyhow::Result<()> {
    for _ in 1..options.starts {
        let server = start(data, store, requests).await?;
        run.first_answer_ms.push(ms(server.first_answer_after));
        server.stop().await?;
    }
    let server = start(data, store, requests).await?;
    run.first_answer_ms.push(ms(server.first_answer_after));
    let (address, processes) = server.at();
    run.idle_rss_mib = processes.resident_bytes()? as f64 / MIB;
    let mut created = 0;
    let wanted = |load: &&Load| options.only.is_empty() || options.only.contains(&load.work);
    for load in LOADS.iter().filter(wanted) {
        let measured = load::run(*load, requests, server.at(), (options.warm_up, options.seconds)).await;
        let measured = measured.with_context(|| format!("cannot measure: {}", load.work))?;
        if load.work == Work::Create {
            created += measured.acknowledged;
        }
        let resident_bytes = processes.resident_bytes()?;
        run.loads.push(figures(*load, &measured, resident_bytes, machine::load_average()?));
    }
    let mut connection = Connection::open(address).await.context("cannot connect to count the issues")?;
    let answer =
        connection.send(&requests.plain(documents::COUNT)).await.context("cannot count the issues")?;
    let counted: Value = serde_json::from_slice(answer.body).context("cannot read the count of issues")?;
    let counted = counted.pointer("/data/issues/totalCount").and_then(Value::as_u64);
    run.issues_after = Issues {
        acknowledged: company.issues.len() as u64 + created,
        counted: counted.context("the server does not count its issues")?,
    };
    drop(connection);
    server.stop().await
}

/// Starts the server, which limits nobody: what an operation costs is asked, not how many may be had.
async fn start(data: &Path, store: StoreKind, requests: &Requests) -> anyhow::Result<Server> {
    let (mut body, mut request) = (Vec::new(), Vec::new());
    let asked = requests.write(Work::Read, &mut Chance::of(0), &mut body, &mut request);
    Server::start((data, store), &["--no-rate-limits"], &request, |answer| {
        requests.check(asked, answer).map_err(|wrong| anyhow::anyhow!("{wrong}"))
    })
    .await
}

fn figures(load: Load, measured: &load::Measured, resident_bytes: u64, load_average: f64) -> Figures {
    let per_operation = |amount: u64| amount as f64 / (measured.operations.max(1)) as f64;
    let percentile_ms = |percent: f64| measured.latencies_us.value_at_percentile(percent) as f64 / 1_000.0;
    Figures {
        load,
        operations: measured.operations,
        operations_per_second: measured.operations as f64 / measured.seconds,
        p50_ms: percentile_ms(50.0),
        p95_ms: percentile_ms(95.0),
        p99_ms: percentile_ms(99.0),
        max_ms: measured.latencies_us.max() as f64 / 1_000.0,
        errors: measured.errors,
        first_error: measured.first_error.clone(),
        cpu_ms_per_operation: per_operation(measured.used.cpu_ms),
        cores: measured.used.cpu_ms as f64 / (measured.seconds * 1_000.0),
        written_bytes_per_operation: load.work.writes().then(|| per_operation(measured.used.written_bytes)),
        rss_mib: resident_bytes as f64 / MIB,
        load_average,
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
