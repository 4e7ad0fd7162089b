//! Memory of ten thousand installations over fifty plugins.
//!
//! A benchmark of its own, since its allocator counts what is in use, and that would be part of what the others measure. It wants the
//! guests that `cargo xtask guests` builds. Run with `cargo xtask bench installations`.

#![expect(clippy::print_stdout, reason = "a benchmark speaks")]

#[path = "../plugins/company.rs"]
#[expect(dead_code, reason = "the other benchmark of plugins has the rest")]
mod company;
mod memory;
#[path = "../plugins/report.rs"]
mod report;
mod weight;

use std::path::PathBuf;

use cap::Cap;
use clap::Parser;
use mimalloc::MiMalloc;

/// As in the program that is measured, but for the count of what is in use.
#[global_allocator]
static ALLOCATOR: Cap<MiMalloc> = Cap::new(MiMalloc, usize::MAX);

/// Memory of ten thousand installations over fifty plugins
#[derive(Debug, Parser)]
struct Options {
    /// Two hundred of them, to see whether it works
    #[arg(long)]
    quick: bool,
    /// Folder of the built guests [default: plugins/ in the target folder]
    #[arg(long)]
    guests: Option<PathBuf>,
    /// The part that is done in a process of its own, on what was seeded there
    #[arg(long, hide = true)]
    weigh: Option<PathBuf>,
    /// How the names of companies begin that are weighed
    #[arg(long, hide = true, requires = "weigh", default_value = "")]
    kind: String,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(folder) = &options.weigh {
        return runtime.block_on(Box::pin(weight::weigh(folder, &options.kind)));
    }
    let figures = runtime.block_on(Box::pin(weight::run(&options)))?;
    println!("{}", report::table(&figures));
    Ok(())
}
