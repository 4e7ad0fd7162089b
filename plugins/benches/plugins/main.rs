//! What plugins cost: a verdict on a write, a fresh instance and call, events that are acted on, an upload until it is ready. What
//! many of them take of memory is a benchmark of its own, `installations`.
//!
//! CPU time of the whole process is what counts; rounds with and without a plugin take turns, so that a busy machine weighs on
//! both. It wants the guests that `cargo xtask guests` builds. Run with `cargo xtask bench plugins`.

#![expect(clippy::print_stdout, reason = "a benchmark speaks")]

mod company;
mod events;
mod instance;
mod report;
mod upload;
mod usage;
mod verdict;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use mimalloc::MiMalloc;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What plugins cost
#[derive(Debug, Parser)]
struct Options {
    /// Questions to ask; all unless said
    #[arg(long, value_delimiter = ',')]
    only: Vec<Question>,
    /// Languages of the guests that are asked; all unless said
    #[arg(long, value_delimiter = ',')]
    language: Vec<Language>,
    /// Little data, to see whether it works
    #[arg(long)]
    quick: bool,
    /// Folder of the built guests [default: plugins/ in the target folder]
    #[arg(long)]
    guests: Option<PathBuf>,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Question {
    /// CPU that a plugin's verdict adds to a write
    Verdict,
    /// CPU of a fresh instance and a call, without a write around it
    Instance,
    /// Events that an automation acts on in a second
    Events,
    /// From an upload to a plugin that is ready
    Upload,
}

/// What the same guest is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Js,
    Python,
}

impl Language {
    /// The guest's file, without its ending.
    const fn guest(self) -> &'static str {
        match self {
            Self::Rust => "estimate-gate-rust",
            Self::Js => "estimate-gate-js",
            Self::Python => "estimate-gate-python",
        }
    }
}

impl Options {
    fn languages(&self) -> &[Language] {
        if self.language.is_empty() { Language::value_variants() } else { &self.language }
    }
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut figures = Vec::new();
    for question in Question::value_variants() {
        if options.only.is_empty() || options.only.contains(question) {
            figures.extend(runtime.block_on(async {
                match question {
                    Question::Verdict => Box::pin(verdict::run(&options)).await,
                    Question::Instance => Box::pin(instance::run(&options)).await,
                    Question::Events => Box::pin(events::run(&options)).await,
                    Question::Upload => Box::pin(upload::run(&options)).await,
                }
            })?);
        }
    }
    println!("{}", report::table(&figures));
    Ok(())
}
