//! Memory of many installations: companies with fifty plugins each, the same fifty, all of them asked once.
//!
//! What is weighed was seeded by another process, so that nothing of the seeding is left in memory.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use mortise_engine::context::Principal;
use mortise_engine::model::{StateCategory, Tenant, Tier};
use mortise_engine::{Engine, NewTenant};
use mortise_plugins::Plugins;
use mortise_plugins::manifest::{Manifest, pack};
use serde_json::json;
use tokio::task::JoinSet;

use crate::Options;
use crate::company::{self, Company, guest};
use crate::report::Figure;
use crate::usage::resident;

/// Plugins of one company.
const EACH: usize = 50;

/// Companies that are seeded at once.
const AT_ONCE: usize = 8;

/// The figure that is aimed at, for 10,000 installations, in MiB.
const SUM: &str = "all together";
const AIM_MIB: f64 = 30.0;

/// How the names of companies begin: those without plugins, and those with them.
const BARE: &str = "bare-";
const FULL: &str = "full-";

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let companies = if options.quick { 4 } else { 200 };
    let wasm = guest(options, "estimate-gate-rust")?;
    let plugins = (0..EACH).map(|number| renamed(&wasm, number)).collect::<anyhow::Result<Vec<_>>>()?;
    let company = Company::found().await?;
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

    let output = Command::new(std::env::current_exe()?).arg("--weigh").arg(folder.path()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pairs = companies * EACH;
    let mut figures = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let (mib, what) = line.split_once(' ').context("the other process says something else")?;
        let figure = Figure::new(format!("{pairs} installations: {what}"), mib.parse()?, "MiB");
        figures.push(Figure { aim: (what == SUM).then_some(AIM_MIB), ..figure });
    }
    Ok(figures)
}

/// A company with all plugins, and one without any.
async fn seed(engine: &Engine, its: &Plugins, number: usize, plugins: &[Vec<u8>]) -> anyhow::Result<()> {
    for (kind, plugins) in [(BARE, [].as_slice()), (FULL, plugins)] {
        let slug = format!("{kind}{number}");
        let new = NewTenant::new(&slug, &slug).with_tier(Tier::Platinum).with_team("ENG");
        let us = Principal::trusted_system(engine.create_tenant(new).await?.tenant.id);
        for wasm in plugins {
            company::install(its, &us, wasm.clone(), json!({})).await?;
        }
    }
    Ok(())
}

/// Says what companies take with plugins and without, in MiB, a line for each.
pub(crate) async fn weigh(folder: &Path) -> anyhow::Result<()> {
    let engine = company::engine(folder).await?;
    let plugins = company::plugins(folder, &engine).await?;
    let tenants = engine.tenants();
    let of = |kind: &'static str| tenants.iter().filter(move |tenant| tenant.slug.starts_with(kind));
    // Another one for whatever is needed once.
    let first = tenants.iter().find(|tenant| ![BARE, FULL].iter().any(|kind| tenant.slug.starts_with(kind)));
    write(&engine, first.context("nothing was seeded")?).await?;
    let start = resident()?;
    for tenant in of(BARE) {
        write(&engine, tenant).await?;
    }
    let bare = resident()?;
    for tenant in of(FULL) {
        engine.reader(&Principal::trusted_system(tenant.id)).await?;
    }
    let known = resident()?;
    for tenant in of(FULL) {
        write(&engine, tenant).await?;
    }
    let asked = resident()?;
    let companies = bare.saturating_sub(start);
    println!("{:.2} as many companies without plugins (not counted)", mib(companies));
    println!("{:.2} known to the engine", mib((known - bare.min(known)).saturating_sub(companies)));
    println!("{:.2} loaded and each asked once", mib(asked.saturating_sub(known)));
    println!("{:.2} {SUM}", mib((asked - bare.min(asked)).saturating_sub(companies)));
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
