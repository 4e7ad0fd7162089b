//! Memory of many installations: companies with fifty plugins each, the same fifty, all of them asked once; less what as many
//! companies without plugins take that do the same.
//!
//! Each kind is weighed in a process of its own, and was seeded by another one, so that nothing else is left in memory.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use mortise_engine::context::Principal;
use mortise_engine::model::{StateCategory, Tenant, Tier};
use mortise_engine::{Engine, NewTenant};
use mortise_plugins::Plugins;
use mortise_plugins::manifest::{Manifest, pack};
use mortise_plugins::service::{RunFilter, Shown};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use crate::Options;
use crate::company::{self, Company, guest};
use crate::memory::{in_use, resident};
use crate::report::Figure;

/// Plugins of one company.
const EACH: usize = 50;

/// Memory of each store for blocks that were read, and as much for rows that are not in a file yet; the companies share a score of
/// stores. As little as they work with: what a store holds grows with this, not with installations alone, and is left out on
/// purpose.
const STORE_BYTES: u64 = 16 << 10;

/// Companies that are seeded at once.
const AT_ONCE: usize = 8;

/// How long the store has to come to rest.
const SETTLED: Duration = Duration::from_secs(5);

/// What is aimed at for 10,000 installations with the code of their plugins, in MiB.
const AIM_MIB: f64 = 30.0;

/// How the names of companies begin: those without plugins, and those with them.
const BARE: &str = "bare-";
const FULL: &str = "full-";

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let companies = if options.quick { 4 } else { 200 };
    let wasm = guest(options.guests.as_deref(), "estimate-gate-rust")?;
    let plugins = (0..EACH).map(|number| renamed(&wasm, number)).collect::<anyhow::Result<Vec<_>>>()?;
    let folder = tempfile::tempdir()?;
    let company = Company::found_with(frugal(folder.path()).await?, folder).await?;
    let (mut seeding, mut left) = (JoinSet::new(), 0..companies);
    // The first alone: then everything is compiled.
    seed(&company.engine, &company.plugins, left.next().unwrap_or_default(), &plugins).await?;
    loop {
        while seeding.len() < AT_ONCE
            && let Some(number) = left.next()
        {
            let (engine, its) = (company.engine.clone(), company.plugins.clone());
            let plugins = plugins.clone();
            seeding.spawn(async move { seed(&engine, &its, number, &plugins).await });
        }
        let Some(seeded) = seeding.join_next().await else { break };
        seeded??;
    }
    let folder = company.close().await;

    let (bare, full) = (weighed(folder.path(), BARE)?, weighed(folder.path(), FULL)?);
    let installations = companies * EACH;
    let code = code_bytes(folder.path())?;
    let figure =
        |what: &str, mib: f64| Figure::new(format!("{installations} installations: {what}"), mib, "MiB");
    let added = |of: fn(&Weight) -> u64| mib(of(&full)) - mib(of(&bare));
    let pairs_take = added(|weight| weight.asked.in_use);
    Ok(vec![
        figure("known to the engine, in use", added(|weight| weight.known.in_use)),
        figure("and each asked once, in use", pairs_take),
        figure("the compiled code of their plugins", mib(code)),
        Figure { aim: Some(AIM_MIB), ..figure("both together", pairs_take + mib(code)) },
        figure("all of it as the system counts it", added(|weight| weight.asked.resident)),
    ])
}

/// An engine whose store keeps next to nothing in memory: that has bounds of its own, and is not what is weighed.
async fn frugal(folder: &Path) -> anyhow::Result<Engine> {
    let builder =
        company::builder(folder).store_cache_bytes(STORE_BYTES).store_write_buffer_bytes(STORE_BYTES);
    Ok(builder.open().await?)
}

/// What companies take.
#[derive(Deserialize, Serialize)]
struct Weight {
    /// They are loaded.
    known: Held,
    /// Each has written something, and its plugins were asked about that.
    asked: Held,
}

/// Memory, in bytes.
#[derive(Deserialize, Serialize)]
struct Held {
    in_use: u64,
    /// With what the allocator keeps, and code.
    resident: u64,
}

impl Held {
    /// By the whole process.
    fn now() -> anyhow::Result<Self> {
        Ok(Self { in_use: in_use(), resident: resident()? })
    }

    /// Since then.
    fn since(start: &Self) -> anyhow::Result<Self> {
        let now = Self::now()?;
        let since = |now: u64, start: u64| now.saturating_sub(start);
        Ok(Self { in_use: since(now.in_use, start.in_use), resident: since(now.resident, start.resident) })
    }
}

/// The code of all plugins as it lies in memory: as long as its files.
fn code_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for file in std::fs::read_dir(folder.join("plugins").join("code"))? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes)
}

/// Has companies of one kind weighed.
fn weighed(folder: &Path, kind: &str) -> anyhow::Result<Weight> {
    let output =
        Command::new(std::env::current_exe()?).arg("--weigh").arg(folder).arg("--kind").arg(kind).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("the other process says something else")
}

/// A company with all plugins, and one without any.
async fn seed(engine: &Engine, its: &Plugins, number: usize, plugins: &[Vec<u8>]) -> anyhow::Result<()> {
    for (kind, plugins) in [(BARE, [].as_slice()), (FULL, plugins)] {
        let slug = format!("{kind}{number}");
        // Companies that share a store, so that stores of their own are not what is weighed.
        let new = NewTenant::new(&slug, &slug).with_tier(Tier::Premium).with_team("ENG");
        let us = Principal::trusted_system(engine.create_tenant(new).await?.tenant.id);
        company::may_upload(engine, &us).await?;
        for wasm in plugins {
            company::install(its, &us, wasm.clone(), json!({})).await?;
        }
    }
    Ok(())
}

/// Says what companies of one kind take.
pub(crate) async fn weigh(folder: &Path, kind: &str) -> anyhow::Result<()> {
    let engine = frugal(folder).await?;
    let plugins = company::plugins(folder, &engine).await?;
    let tenants = engine.tenants();
    // Another one for whatever is needed once.
    let first = tenants.iter().find(|tenant| ![BARE, FULL].iter().any(|kind| tenant.slug.starts_with(kind)));
    write(&engine, first.context("nothing was seeded")?).await?;
    let start = Held::now()?;
    let weighed: Vec<_> = tenants.iter().filter(|tenant| tenant.slug.starts_with(kind)).collect();
    for tenant in &weighed {
        engine.reader(&Principal::trusted_system(tenant.id)).await?;
    }
    let known = Held::since(&start)?;
    for tenant in &weighed {
        write(&engine, tenant).await?;
    }
    if let Some(tenant) = weighed.last() {
        write_runs(&engine, &plugins, tenant).await?;
    }
    // The store merges what was written; what it needs for that is not what is weighed.
    #[expect(clippy::disallowed_methods, reason = "nothing tells when the store has merged")]
    tokio::time::sleep(SETTLED).await;
    let asked = Held::since(&start)?;
    println!("{}", serde_json::to_string(&Weight { known, asked })?);
    plugins.close().await;
    engine.close().await;
    Ok(())
}

/// An issue, and a move that all plugins of the company are asked about.
async fn write(engine: &Engine, tenant: &Tenant) -> anyhow::Result<()> {
    let us = Principal::trusted_system(tenant.id);
    let reader = engine.reader(&us).await?;
    let team = reader.directory().team_by_key("ENG").context("it has a team")?.id;
    let issue = company::issue(engine, &us, team).await?;
    let done = company::state(engine, &us, StateCategory::Completed).await?;
    company::move_to(engine, &us, issue, done).await
}

/// Has written what was noted of runs, which is forgotten then: whoever reads some waits for that.
async fn write_runs(engine: &Engine, plugins: &Plugins, tenant: &Tenant) -> anyhow::Result<()> {
    let us = Principal::trusted_system(tenant.id);
    let reader = engine.reader(&us).await?;
    let Some(one) = reader.directory().installations().next() else { return Ok(()) };
    plugins.runs(&us, one.id, &RunFilter::default(), Shown::default()).await?;
    Ok(())
}

/// The same code under another name: another component.
fn renamed(wasm: &[u8], number: usize) -> anyhow::Result<Vec<u8>> {
    let text = String::from_utf8(Manifest::text_of_component(wasm)?.to_vec())?;
    let id = Manifest::of_component(wasm)?.id;
    Ok(pack(wasm, &text.replace(&id, &format!("bench.plugin-{number}")))?)
}

fn mib(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let bytes = bytes as f64;
    bytes / f64::from(1 << 20)
}
