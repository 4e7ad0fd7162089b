//! What does one operation cost, with the whole server around it: HTTP, GraphQL, storage, a durable write?
//!
//! `cargo xtask bench http` seeds a company into a fresh data folder, starts the real server on it, puts it under closed
//! loops of a few kinds of work, and writes `http.json` to the target folder's `bench/` beside a table on the terminal.
//! `docs/performance.md` says what each kind of work is. It sees the server from outside only, as a client and as an
//! operator would: it knows nothing of how an answer is made.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

mod options;

mod client;
mod documents;
mod load;
mod requests;
mod seed;
mod server;
mod texts;
mod words;
mod work;

mod disk;
mod footprint;
mod machine;
mod place;
mod process;
mod progress;
mod sheet;

mod aims;
mod report;
mod run;
mod tables;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use machine::Machine;
use options::Options;
use report::Report;

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse().settled();
    if let Some(document) = &options.markdown {
        return show_last(document.as_deref()).map(|()| ExitCode::SUCCESS);
    }
    let report = measure(&options)?;
    let path = report.write()?;
    println!("Written to {}.", path.display());
    // Figures of a server that answers wrongly are not figures.
    Ok(if report.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every store at every size, and shows each table as soon as it is known.
fn measure(options: &Options) -> anyhow::Result<Report> {
    let folder = options.folder();
    let machine = Machine::with_data_on_disk(&folder)?;
    println!("{machine}\n");
    let mut report = Report::begin(options, machine)?;
    for issues in &options.sizes {
        for store in &options.stores {
            let run = run::run(options, &folder, *store, *issues)
                .with_context(|| format!("cannot measure {store} with {issues} issues"))?;
            println!("{}", tables::of_run(&run, tables::Style::Terminal));
            report.runs.push(run);
        }
    }
    println!("{}", tables::of_stores(&report.runs, tables::Style::Terminal));
    Ok(report)
}

/// Shows the last report as markdown, or puts it into a document.
fn show_last(document: Option<&std::path::Path>) -> anyhow::Result<()> {
    let text = tables::markdown(&Report::read()?);
    match document {
        None => println!("{text}"),
        Some(document) => tables::put_into(document, &text)?,
    }
    Ok(())
}
