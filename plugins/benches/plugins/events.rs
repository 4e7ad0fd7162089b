//! Events that an automation acts on in a second: it comments on each new issue. All issues are there before it begins.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use mortise_engine::Engine;
use mortise_engine::context::Principal;
use mortise_engine::id::IssueId;
use mortise_plugins::manifest::{Manifest, pack};
use serde_json::json;

use crate::Options;
use crate::company::{self, Company, guest};
use crate::report::Figure;
use crate::usage::cpu_us;

/// When there is still something left after this, it will not come to an end.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let count = if options.quick { 20_u32 } else { 5_000 };
    let company = Company::found().await?;
    let script = json!({ "on-event": [["comment", "$issue", "seen as $key"]] });
    company.install(automation(options)?, json!({ "script": script })).await?;
    let (us, team) = (company.us(), company.team);
    let folder = company.close().await;

    // Nobody acts on anything while the plugins are not attached.
    let engine = company::engine(folder.path()).await?;
    let mut issues = Vec::new();
    for _ in 0..count.div_ceil(16) {
        let made = (0..16).map(|_| {
            let (engine, us) = (engine.clone(), us.clone());
            tokio::spawn(async move { company::issue(&engine, &us, team).await })
        });
        for made in made.collect::<Vec<_>>() {
            issues.push(made.await??);
        }
    }
    let (began, cpu) = (Instant::now(), cpu_us()?);
    let plugins = company::plugins(folder.path(), &engine).await?;
    done(&engine, &us, &issues).await?;
    let (took, cpu) = (began.elapsed(), cpu_us()? - cpu);
    plugins.close().await;
    engine.close().await;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (count, cpu) = (issues.len() as f64, cpu as f64);
    println!("events: {count} acted on in {:.1} s, each with a comment that is durable", took.as_secs_f64());
    Ok(vec![
        Figure::new("events that an automation acts on", count / took.as_secs_f64(), "a second"),
        Figure::new("CPU of one of them, its comment included", cpu / count, "µs of CPU"),
    ])
}

/// Waits until each issue has its comment. The last come last, and are looked at first.
async fn done(engine: &Engine, us: &Principal, issues: &[IssueId]) -> anyhow::Result<()> {
    let began = Instant::now();
    for some in issues.chunks(100).rev() {
        loop {
            let rows = engine.reader(us).await?.issues_by_id(some).await?;
            if rows.iter().flatten().filter(|issue| issue.comment_count == 1).count() == some.len() {
                break;
            }
            ensure!(began.elapsed() < PATIENCE, "the automation does not come to an end");
            #[expect(clippy::disallowed_methods, reason = "nothing tells when an automation is done")]
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// The guest that does what its settings say; it is woken by new issues alone.
fn automation(options: &Options) -> anyhow::Result<Vec<u8>> {
    let wasm = guest(options.guests.as_deref(), "puppet")?;
    let mut manifest = String::from_utf8(Manifest::text_of_component(&wasm)?.to_vec())?;
    for (from, to) in [
        ("cron = \"* * * * *\"", "cron = \"0 0 29 2 *\""),
        ("cron = \"0 9 * * *\"", "cron = \"0 0 29 2 *\""),
        ("events = [\"issue.*\", \"comment.*\"]", "events = [\"issue.created\"]"),
    ] {
        manifest.contains(from).then_some(()).with_context(|| format!("its manifest has no {from}"))?;
        manifest = manifest.replace(from, to);
    }
    Ok(pack(&wasm, &manifest)?)
}
