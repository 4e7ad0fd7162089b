//! Events that an automation acts on in a second: it comments on each new issue.

use std::time::{Duration, Instant};

use anyhow::ensure;
use mortise_engine::context::Principal;
use serde_json::json;

use crate::Options;
use crate::company::{Company, guest};
use crate::usage::cpu_us;

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let issues = if options.quick { 20 } else { 2_000 };
    let company = Company::found().await?;
    company.install(guest(options, "tally")?, json!({})).await?;
    let (began, cpu) = (Instant::now(), cpu_us()?);
    let mut made = Vec::new();
    for _ in 0..issues {
        made.push(company.issue().await?);
    }
    let written = began.elapsed();
    let reader_of = Principal::trusted_system(company.tenant);
    loop {
        let reader = company.engine.reader(&reader_of).await?;
        let rows =
            reader.issues_by_id(made.get(made.len().saturating_sub(100)..).unwrap_or_default()).await?;
        if rows.iter().flatten().all(|issue| issue.comment_count == 1) {
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(600), "the automation does not come to an end");
        #[expect(clippy::disallowed_methods, reason = "nothing tells when an automation is done")]
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let all = began.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (count, cpu) = (f64::from(issues), (cpu_us()? - cpu) as f64);
    println!(
        "events: {issues} issues made in {:.1} s, all commented on {:.1} s later: {:.0} events a second, {:.0} µs of CPU each, making included",
        written.as_secs_f64(),
        (all - written).as_secs_f64(),
        count / all.as_secs_f64(),
        cpu / count
    );
    company.close().await;
    Ok(())
}
