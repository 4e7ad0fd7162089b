//! CPU that a plugin's verdict adds to a write: moves to a closed state and back, with the plugin and without, in turns.
//!
//! As what is aimed at for other writes, sixteen people write at once, each one change after the other. Their changes share commits,
//! and while a plugin is asked about each, fewer share one: that is part of the difference. Where one person writes alone, each
//! change is a commit of its own in any case, and threads wait for each other in between. What is written of runs is part of the
//! round that they belong to.

use std::sync::Arc;

use anyhow::ensure;
use mortise_engine::id::{InstallationId, IssueId, StateId};
use mortise_engine::model::StateCategory;
use mortise_plugins::service::{RunFilter, Shown};
use serde_json::json;
use tokio::task::JoinSet;

use crate::company::{Company, guest, move_to};
use crate::report::Figure;
use crate::usage::{cpu_us, median};
use crate::{Language, Options};

/// What is aimed at for a guest in Rust where sixteen people write, in microseconds.
const AIM_US: f64 = 50.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for language in options.languages() {
        let (name, aim) = (language.guest(), (*language == Language::Rust).then_some(AIM_US));
        let company = Company::found().await?;
        let installed = company.install(guest(options.guests.as_deref(), name)?, json!({})).await?;
        let mut issues = Vec::new();
        for _ in 0..issues_for(options, *language) {
            issues.push(company.issue().await?);
        }
        for (at_once, aim) in [(16, aim), (1, None)] {
            let rounds = if options.quick { 3 } else { 9 };
            let (without, with) = both(&company, installed.id, &issues, at_once, rounds).await?;
            println!(
                "verdict: {name}, {at_once} at once: a write takes {without:.0} µs of CPU, with the plugin {with:.0} µs"
            );
            let what = format!("verdict added to a write, {at_once} at once, {name}");
            figures.push(Figure { aim, ..Figure::new(what, with - without, "µs of CPU") });
        }
        company.close().await;
    }
    Ok(figures)
}

/// Microseconds of CPU for a move: without the plugin, and with it.
async fn both(
    company: &Company,
    plugin: InstallationId,
    issues: &[IssueId],
    at_once: usize,
    rounds: usize,
) -> anyhow::Result<(f64, f64)> {
    let states =
        [company.state(StateCategory::Completed).await?, company.state(StateCategory::Unstarted).await?];
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..rounds * 2 {
        let asks = round % 2 == 0;
        if asks {
            Box::pin(company.plugins.enable(company.cx(), plugin)).await?;
        } else {
            Box::pin(company.plugins.disable(company.cx(), plugin, None)).await?;
        }
        let took = moved(company, plugin, issues, states, at_once).await?;
        if asks { with.push(took) } else { without.push(took) }
    }
    Ok((median(without), median(with)))
}

/// The same of all issues there and back, by so many people at once, each with as many of them.
async fn moved(
    company: &Company,
    plugin: InstallationId,
    issues: &[IssueId],
    states: [StateId; 2],
    at_once: usize,
) -> anyhow::Result<f64> {
    ensure!(issues.len().is_multiple_of(at_once), "{} issues for {at_once} people", issues.len());
    let us = Arc::new(company.us());
    write_runs(company, plugin).await?;
    let began = cpu_us()?;
    let mut people = JoinSet::new();
    for own in issues.chunks(issues.len() / at_once) {
        let (engine, us, own) = (company.engine.clone(), us.clone(), own.to_vec());
        people.spawn(async move {
            for state in states {
                for issue in &own {
                    move_to(&engine, &us, *issue, state).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = people.join_next().await {
        done??;
    }
    write_runs(company, plugin).await?;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    Ok((cpu_us()? - began) as f64 / (issues.len() * 2) as f64)
}

/// Has written what was noted of runs: whoever reads some waits for that.
async fn write_runs(company: &Company, plugin: InstallationId) -> anyhow::Result<()> {
    company.plugins.runs(&company.us(), plugin, &RunFilter::default(), Shown::default()).await?;
    Ok(())
}

/// So many that a round takes some tenths of a second. Sixteen people have as many each.
const fn issues_for(options: &Options, language: Language) -> usize {
    match language {
        _ if options.quick => 48,
        Language::Python => 96,
        Language::Rust | Language::Js => 960,
    }
}
