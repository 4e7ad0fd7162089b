//! CPU of a fresh instance and a call: what a guest was really asked, asked again and again and answered from the recording.

use anyhow::{Context as _, ensure};
use mortise_engine::model::StateCategory;
use mortise_plugins::host::{Answer, Budget, Digest, HostError, Replay};
use mortise_plugins::service::{RunFilter, RunTask, Shown};
use serde_json::json;

use crate::company::{Company, guest};
use crate::report::Figure;
use crate::usage::cpu_us;
use crate::{Language, Options};

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for language in options.languages() {
        let (name, calls) = (language.guest(), calls(options, *language));
        let wasm = guest(options.guests.as_deref(), name)?;
        let company = Company::found().await?;
        let installed = company.install(wasm.clone(), json!({})).await?;
        let done = company.state(StateCategory::Completed).await?;
        company.move_to(company.issue().await?, done).await?;
        let filter = RunFilter { tasks: Some(vec![RunTask::Validate]), ..RunFilter::default() };
        let (us, page) = (company.us(), Shown { first: 10, after: None });
        let runs = Box::pin(company.plugins.runs(&us, installed.id, &filter, page)).await?;
        // Of those that are alike one a minute is kept with what it knew.
        let run = runs.runs.iter().find(|run| run.replayable).context("it was asked")?.id;
        let input = Box::pin(company.plugins.run_input(&us, installed.id, run)).await?;
        let host = company.plugins.host();
        let code = host.load(Digest::of(&wasm), async || Ok::<_, HostError>(wasm.clone())).await?;
        let (budget, mut guests_us) = (Budget::workflow(), 0);
        let began = cpu_us()?;
        for _ in 0..calls {
            let mut replay = Replay::new(input.recording.clone());
            let again = host.run(&code, input.task.clone(), input.call.clone(), &budget, &mut replay);
            let run = Box::pin(again).await;
            ensure!(matches!(run.outcome, Ok(Answer::Verdict(_))), "{:?}", run.outcome);
            guests_us += run.used.cpu_us;
        }
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let each = |us: u64| us as f64 / f64::from(calls);
        println!("instance: {name}: {:.1} µs of CPU inside the guest's own turns", each(guests_us));
        let all = each(cpu_us()? - began);
        figures.push(Figure::new(format!("fresh instance and call, {name}"), all, "µs of CPU"));
        company.close().await;
    }
    Ok(figures)
}

const fn calls(options: &Options, language: Language) -> u32 {
    match language {
        _ if options.quick => 100,
        Language::Rust => 50_000,
        Language::Js => 5_000,
        Language::Python => 1_000,
    }
}
