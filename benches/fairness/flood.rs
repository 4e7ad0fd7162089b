//! The whole server asked for three times what it can, for a while, and then for half of it again.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mortise_engine::model::Tier;

use crate::clients::{self, Crowd};
use crate::companies::{self, Asks, COMPANIES, Company};
use crate::options::Options;
use crate::pace::{Due, steady};
use crate::process::Tree;
use crate::report::{Flood, Part};
use crate::server::Server;
use crate::tally::{Window, ms};
use crate::words::Chance;

/// Connections of each company while it is asked what the server can: enough to keep it busy.
const BUSY_CONNECTIONS: usize = 6;

/// Connections of each company during the flood: together more than the server takes in.
const FLOOD_CONNECTIONS: usize = 160;

/// How long a window is in which it is looked whether all is well again.
const WINDOW: Duration = Duration::from_millis(250);

/// What is asked for before, during and after, in parts of what the server can.
const BEFORE: f64 = 0.5;
const DURING: f64 = 3.0;

/// Seeds, starts, floods.
pub(crate) fn measure(options: &Options, folder: &Path) -> anyhow::Result<Flood> {
    let scratch = tempfile::Builder::new().prefix("mortise-bench-").tempdir_in(folder)?;
    let data = scratch.path().join("data");
    let seeding = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let seeded = seeding.block_on(companies::seed(&data, options.store, Tier::Platinum, |_| Asks::Pages));
    let companies: Vec<Rc<Company>> =
        seeded.context("cannot seed the companies")?.into_iter().map(Rc::new).collect();
    drop(seeding);
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    clients.block_on(flood(options, &data, &companies))
}

async fn flood(options: &Options, data: &Path, companies: &[Rc<Company>]) -> anyhow::Result<Flood> {
    let first = companies.first().context("there is no company")?;
    let right = |answer: crate::client::Answer<'_>| {
        anyhow::ensure!(answer.status == 200, "the first answer has the status {}", answer.status);
        Ok(())
    };
    // Nobody is limited for the sake of others: what is left are the bounds of the server itself.
    let server = Server::start((data, options.store), &["--no-rate-limits"], first.first(), right).await?;
    let (address, processes) = server.at();
    let crowd = Crowd { address, companies, connections: BUSY_CONNECTIONS, window: WINDOW, windows: 1 };
    // Once to warm up, once to measure.
    capacity(crowd, processes, 1).await?;
    let (peak, peak_cores) = capacity(crowd, processes, options.seconds).await?;

    let part = Duration::from_secs(options.seconds);
    let windows = (part.as_secs_f64() * 3.0 / WINDOW.as_secs_f64()) as usize;
    let crowd = Crowd { connections: FLOOD_CONNECTIONS, windows, ..crowd };
    let mut chance = Chance::of(1);
    let mut plan: Vec<Due> = Vec::new();
    for company in 0..COMPANIES {
        for (number, times) in [BEFORE, DURING, BEFORE].into_iter().enumerate() {
            let from = part * u32::try_from(number)?;
            plan.extend(steady(company, peak * times / COMPANIES as f64, (from, from + part), &mut chance));
        }
    }
    let (before, began) = (processes.usage()?, Instant::now());
    let measured = clients::run(crowd, plan).await?;
    let cpu_ms = processes.usage()?.cpu_ms.saturating_sub(before.cpu_ms);
    let cores = cpu_ms as f64 / began.elapsed().as_secs_f64() / 1_000.0;
    let all = merged(&measured)?;
    server.stop().await?;

    let each = all.len() / 3;
    let parts: Vec<Part> = all
        .chunks(each.max(1))
        .take(3)
        .map(|windows| Part::of(windows, WINDOW))
        .collect::<anyhow::Result<_>>()?;
    let usual = parts.first().map_or(0.0, |before| before.p99_ms);
    let unwell = |window: &Window| !window.shed_us.is_empty() || ms(&window.right_us, 99.0) > 2.0 * usual;
    let after = all.get(each * 2..).unwrap_or_default();
    let recovered = after.iter().rposition(unwell).map_or(0, |last| last + 1);
    Ok(Flood {
        peak_per_second: peak,
        peak_cores,
        cores,
        parts,
        recovered_after_s: recovered as f64 * WINDOW.as_secs_f64(),
    })
}

/// Right answers in a second when every connection asks as soon as it was answered, and the cores that took.
async fn capacity(crowd: Crowd<'_>, processes: Tree, seconds: u64) -> anyhow::Result<(f64, f64)> {
    // Everything is due at once; the first guess is far too small on a quick machine, and is doubled until it is not.
    let mut requests = 2_000;
    loop {
        let plan = (0..requests).map(|n| Due { after: Duration::ZERO, company: n % COMPANIES }).collect();
        let (before, began) = (processes.usage()?, Instant::now());
        let measured = clients::run(crowd, plan).await?;
        let took = began.elapsed().as_secs_f64();
        let cpu_ms = processes.usage()?.cpu_ms.saturating_sub(before.cpu_ms);
        if took >= seconds as f64 {
            let right: u64 = measured.iter().flatten().map(|window| window.right_us.len()).sum();
            return Ok((right as f64 / took, cpu_ms as f64 / took / 1_000.0));
        }
        requests *= 2;
    }
}

/// The windows of all companies together.
fn merged(measured: &[Vec<Window>]) -> anyhow::Result<Vec<Window>> {
    let (first, others) = measured.split_first().context("nobody has asked")?;
    let mut all = first.clone();
    for windows in others {
        for (sum, window) in all.iter_mut().zip(windows) {
            sum.add(window)?;
        }
    }
    Ok(all)
}
