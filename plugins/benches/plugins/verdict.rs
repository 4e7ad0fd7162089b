//! CPU that a plugin's verdict adds to a write: moves to a closed state and back, with the plugin and without, in turns.
//!
//! Writes that come one by one say what the verdict costs: each is a commit of its own, whether somebody is asked or not. Of
//! sixteen at once a company without plugins makes few commits; while a plugin is asked about each, fewer share one, and the
//! difference is more than the verdict.

use std::sync::Arc;

use mortise_engine::id::{InstallationId, IssueId, StateId};
use mortise_engine::model::StateCategory;
use serde_json::json;

use crate::company::{Company, guest, move_to};
use crate::report::Figure;
use crate::usage::{cpu_us, median};
use crate::{Language, Options};

/// What is aimed at for a guest in Rust, in microseconds.
const AIM_US: f64 = 50.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for language in options.languages() {
        let (name, aim) = (language.guest(), (*language == Language::Rust).then_some(AIM_US));
        let company = Company::found().await?;
        let installed = company.install(guest(options, name)?, json!({})).await?;
        let mut issues = Vec::new();
        for _ in 0..issues_for(options, *language) {
            issues.push(company.issue().await?);
        }
        for (at_once, aim) in [(1, aim), (16, None)] {
            let rounds = if options.quick { 3 } else { 9 };
            let issues = if at_once == 1 { issues.get(..issues.len() / 4) } else { issues.get(..) };
            let (without, with) =
                both(&company, installed.id, issues.unwrap_or_default(), at_once, rounds).await?;
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
        let took = moved(company, issues, states, at_once).await?;
        if asks { with.push(took) } else { without.push(took) }
    }
    Ok((median(without), median(with)))
}

/// The same of all issues there and back, so many at a time.
async fn moved(
    company: &Company,
    issues: &[IssueId],
    states: [StateId; 2],
    at_once: usize,
) -> anyhow::Result<f64> {
    let us = Arc::new(company.us());
    let began = cpu_us()?;
    for state in states {
        for some in issues.chunks(at_once) {
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

/// So many that a round takes a second or two.
const fn issues_for(options: &Options, language: Language) -> usize {
    match language {
        _ if options.quick => 48,
        Language::Python => 96,
        Language::Rust | Language::Js => 960,
    }
}
