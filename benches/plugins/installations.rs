//! Memory of many installations: companies with plugins of which there are fifty, loaded and asked once.

use mortise::plugins::manifest::{Manifest, pack};
use mortise::plugins::service::NewInstallation;
use mortise_engine::NewTenant;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::model::Tier;
use serde_json::json;

use crate::Options;
use crate::company::{Company, guest};
use crate::usage::resident;

/// Plugins of one company.
const EACH: usize = 50;

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let companies = if options.quick { 4 } else { 200 };
    let wasm = guest(options, "estimate-gate-rust")?;
    let company = Company::found().await?;
    let mut plugins = Vec::new();
    for number in 0..EACH {
        plugins.push(renamed(&wasm, number)?);
    }
    // Once, so that the code is compiled and the program has what it needs.
    company.install(plugins.first().cloned().unwrap_or_default(), json!({})).await?;
    company.issue().await?;
    let (mut bare, mut loaded) = (0, 0);
    for with in [false, true] {
        let before = resident()?;
        for number in 0..companies {
            let slug = format!("c{number}-{with}");
            let new = NewTenant::new(&slug, &slug).with_tier(Tier::Platinum).with_team("ENG");
            let founded = company.engine.create_tenant(new).await?;
            let cx = || OpContext::new(Principal::trusted_system(founded.tenant.id));
            if with {
                for wasm in &plugins {
                    let uploaded = company.plugins.upload(cx(), wasm.clone()).await?;
                    let new = NewInstallation { enabled: true, ..NewInstallation::of(&uploaded.code) };
                    company.plugins.install(cx(), new).await?;
                }
            }
            let Some(team) = founded.team else { continue };
            let command = CreateIssue { title: "One".into(), ..CreateIssue::in_team(team) };
            let issue = company.engine.execute(cx(), command).await?.issue();
            if let Some(issue) = issue {
                let patch = IssuePatch { estimate: Some(Some(2)), ..IssuePatch::default() };
                company.engine.execute(cx(), UpdateIssue::new(issue.into(), patch)).await?;
            }
        }
        let took = resident()?.saturating_sub(before);
        if with { loaded = took } else { bare = took }
    }
    let pairs = companies * EACH;
    println!(
        "installations: {pairs} of {EACH} plugins in {companies} companies: {:.1} MiB beyond what the companies take (aim 30 for 10,000)",
        mib(loaded.saturating_sub(bare))
    );
    company.close().await;
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
