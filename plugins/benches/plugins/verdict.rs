//! CPU that a plugin's verdict adds to a write: moves to a closed state and back, with the plugin and without, in turns.

use std::sync::Arc;

use mortise_engine::id::{IssueId, StateId};
use mortise_engine::model::StateCategory;
use serde_json::json;

use crate::Options;
use crate::company::{Company, guest, move_to};
use crate::report::Figure;
use crate::usage::{cpu_us, median};

/// What is aimed at for a guest in Rust, in microseconds.
const AIM_US: f64 = 50.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let guests =
        [("estimate-gate-rust", Some(AIM_US)), ("estimate-gate-js", None), ("estimate-gate-python", None)];
    for (name, aim) in guests {
        let company = Company::found().await?;
        let installed = company.install(guest(options, name)?, json!({})).await?;
        let (rounds, writes) = if options.quick { (3, 50) } else { (9, 1_000) };
        let mut issues = Vec::new();
        for _ in 0..writes {
            issues.push(company.issue().await?);
        }
        let done = company.state(StateCategory::Completed).await?;
        let open = company.state(StateCategory::Unstarted).await?;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..rounds * 2 {
            let asks = round % 2 == 0;
            if asks {
                Box::pin(company.plugins.enable(company.cx(), installed.id)).await?;
            } else {
                Box::pin(company.plugins.disable(company.cx(), installed.id, None)).await?;
            }
            let took = moved(&company, &issues, [done, open]).await?;
            if asks { with.push(took) } else { without.push(took) }
        }
        let (with, without) = (median(with), median(without));
        println!("verdict: {name}: a write takes {without:.0} µs of CPU, with the plugin {with:.0} µs");
        let figure = Figure::new(format!("verdict added to a write, {name}"), with - without, "µs of CPU");
        figures.push(Figure { aim, ..figure });
        company.close().await;
    }
    Ok(figures)
}

/// Microseconds of CPU for a move, of all issues there and back, 16 at a time.
async fn moved(company: &Company, issues: &[IssueId], states: [StateId; 2]) -> anyhow::Result<f64> {
    let us = Arc::new(company.us());
    let began = cpu_us()?;
    for state in states {
        for some in issues.chunks(16) {
            let moves = some.iter().map(|issue| {
                let (engine, us, issue) = (company.engine.clone(), us.clone(), *issue);
                tokio::spawn(async move { move_to(&engine, &us, issue, state).await })
            });
            for done in moves.collect::<Vec<_>>() {
                done.await??;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    Ok((cpu_us()? - began) as f64 / (issues.len() * 2) as f64)
}
