//! How well does search find what a reader of a real archive found?
//!
//! `cargo xtask bench relevance` imports the archive into a fresh data folder, runs every query of `judgments.toml`, and
//! prints NDCG@10, the mean reciprocal rank and the share of first answers that help, for each class of queries. All of it
//! goes to `relevance.json` in the target folder's `bench/`. Without the archive it says so and succeeds. It knows
//! nothing of how an answer is made, and it measures no time.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports on the terminal")]

mod archive;
#[path = "../../tests/world/data.rs"]
mod data;
mod judgments;
mod measure;
#[path = "../http/place.rs"]
mod place;
mod report;
mod search;
mod tables;

use std::path::Path;

use archive::Imported;
use clap::Parser;
use judgments::Judgments;
use measure::DEPTH;
use mortise::time::Clock;
use report::{Answer, Figures, Report};

/// The archive that was judged.
const ARCHIVE: &str = "tls13-spec.json";

/// Says how well search finds what a reader found.
#[derive(Debug, Parser)]
#[command(name = "relevance", bin_name = "cargo xtask bench relevance")]
struct Options {
    /// Shows every query with what was found, the worst first.
    #[arg(long)]
    each: bool,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let Some(archive) = data::archive(ARCHIVE) else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(judge(&archive))?;
    if options.each {
        println!("{}", tables::of_answers(&report));
    }
    println!("{}", tables::of_classes(&report));
    println!("Written to {}.", place::write("relevance.json", &report)?.display());
    Ok(())
}

/// Imports the archive, and holds what is found against what should be.
async fn judge(archive: &Path) -> anyhow::Result<Report> {
    let judgments = Judgments::read()?;
    let at = Clock::system().now().to_string();
    let scratch =
        tempfile::Builder::new().prefix("mortise-relevance-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let Imported { engine, us } = Imported::into(&scratch.path().join("data"), archive).await?;
    let mut queries = Vec::new();
    for query in &judgments.queries {
        queries.push(Answer::of_query(query, search::search(&engine, &us, &query.text, DEPTH).await?));
    }
    let mut titles = Vec::new();
    for similar in &judgments.similar {
        titles.push(Answer::of_title(similar, search::similar(&engine, &us, &similar.title, DEPTH).await?));
    }
    engine.close().await;
    Ok(Report {
        at,
        commit: place::commit()?,
        archive: ARCHIVE.to_owned(),
        classes: Figures::of_classes(&queries),
        overall: Figures::of("all", queries.iter()),
        similar: Figures::of("similar", titles.iter()),
        queries,
        titles,
    })
}
