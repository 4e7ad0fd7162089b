//! Nine companies at half of what they may, with and without a tenth at ten times it: in requests, or in work.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use mortise_engine::entitlement::Tiers;
use mortise_engine::model::{EntitlementKey, EntitlementValue, Tier};

use crate::clients::{self, Crowd};
use crate::companies::{self, Asks, COMPANIES, Company, WORK_POINTS};
use crate::options::{Loud, Options};
use crate::pace::{Due, steady};
use crate::report::{Fair, Side};
use crate::server::Server;
use crate::tally::{Window, ms};
use crate::words::Chance;

/// Connections of each company: more than its requests at work.
const CONNECTIONS: usize = 32;

/// Seconds of everybody asking before anything is measured.
const WARM_UP_SECONDS: u64 = 2;

/// The part of its limit at which a quiet company asks, and the loud one.
const QUIET: f64 = 0.5;
const LOUD: f64 = 10.0;

/// How many requests there are in a second when all is as it may be, and how many the tenth sends.
#[derive(Clone, Copy)]
struct Rates {
    limit: f64,
    loud: f64,
}

impl Rates {
    fn of(tier: Tier, loud: Loud) -> anyhow::Result<Self> {
        let tiers = Tiers::default();
        let may = |key| match tiers.value(tier, key) {
            EntitlementValue::Count(may) => Ok(*may as f64),
            other => Err(anyhow::anyhow!("{key} of {tier} is {other}")),
        };
        let limit = may(EntitlementKey::BurstPerSecond)?;
        let loud = match loud {
            Loud::Requests => limit * LOUD,
            Loud::Work => may(EntitlementKey::CostPerSecond)? * LOUD / WORK_POINTS,
        };
        Ok(Self { limit, loud })
    }
}

/// Seeds, starts, and measures in turns.
pub(crate) fn measure(options: &Options, folder: &Path, tier: Tier, loud: Loud) -> anyhow::Result<Fair> {
    let scratch = tempfile::Builder::new().prefix("mortise-bench-").tempdir_in(folder)?;
    let data = scratch.path().join("data");
    let seeding = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let asks = |number| match loud {
        Loud::Work if number == COMPANIES - 1 => Asks::Work,
        _ => Asks::Everyday,
    };
    let seeded = seeding.block_on(companies::seed(&data, options.store, tier, asks));
    let companies: Vec<Rc<Company>> =
        seeded.context("cannot seed the companies")?.into_iter().map(Rc::new).collect();
    // Its threads must not take part in what is measured.
    drop(seeding);
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    clients.block_on(rounds(options, &data, (tier, loud), &companies))
}

async fn rounds(
    options: &Options,
    data: &Path,
    (tier, loud): (Tier, Loud),
    companies: &[Rc<Company>],
) -> anyhow::Result<Fair> {
    let first = companies.first().context("there is no company")?;
    let right = |answer: crate::client::Answer<'_>| {
        anyhow::ensure!(answer.status == 200, "the first answer has the status {}", answer.status);
        Ok(())
    };
    let server = Server::start((data, options.store), &[], first.first(), right).await?;
    let (address, processes) = server.at();
    let crowd = Crowd {
        address,
        companies,
        connections: CONNECTIONS,
        window: Duration::from_secs(3_600),
        windows: 1,
    };
    let rates = Rates::of(tier, loud)?;
    clients::run(crowd, plan(rates, true, WARM_UP_SECONDS, 0)).await?;
    let (mut without, mut with) = (Side::new(Window::new()?), Side::new(Window::new()?));
    let mut of_loud = Window::new()?;
    for round in 0..options.rounds {
        // Whoever comes first finds the machine as the other left it: they take turns at that too.
        let order = if round % 2 == 0 { [false, true] } else { [true, false] };
        for is_loud in order {
            let before = processes.usage()?;
            let plan = plan(rates, is_loud, options.seconds, u64::from(round) + 1);
            let measured = clients::run(crowd, plan).await?;
            let cpu_ms = processes.usage()?.cpu_ms.saturating_sub(before.cpu_ms);
            let windows: Vec<&Window> = measured.iter().flatten().collect();
            let (last, nine) = windows.split_last().context("nobody has asked")?;
            let side = if is_loud { &mut with } else { &mut without };
            let mut of_round = Window::new()?;
            for window in nine {
                of_round.add(window)?;
            }
            side.p99_ms_of_rounds.push(ms(&of_round.right_us, 99.0));
            side.window.add(&of_round)?;
            side.cores.push(cpu_ms as f64 / (options.seconds as f64 * 1_000.0));
            if is_loud {
                of_loud.add(last)?;
            }
        }
    }
    server.stop().await?;
    let loud_seconds = options.seconds * u64::from(options.rounds);
    Ok(Fair::of((tier, loud), rates.limit, (&without, &with), (&of_loud, loud_seconds)))
}

/// The plan of a measurement: the last company is the loud one.
fn plan(rates: Rates, loud: bool, seconds: u64, seed: u64) -> Vec<Due> {
    let mut chance = Chance::of(seed);
    let span = (Duration::ZERO, Duration::from_secs(seconds));
    let quiet =
        (0..COMPANIES - 1).flat_map(|company| steady(company, rates.limit * QUIET, span, &mut chance));
    let mut plan: Vec<Due> = quiet.collect();
    if loud {
        plan.extend(steady(COMPANIES - 1, rates.loud, span, &mut chance));
    }
    plan
}
