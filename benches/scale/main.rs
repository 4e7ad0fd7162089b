//! What stays quick when there is much of it: a million issues of one company, ten thousand companies on one machine?
//!
//! `cargo xtask bench scale one` seeds one company at several sizes and asks it everything a board, a list and a search
//! box ask; `cargo xtask bench scale many` seeds many companies and looks at starting, memory and the first question to a
//! company that sleeps. Both work in process, through the engine as a library, each step in a process of its own so that
//! one leaves nothing in the memory of the next. Figures go to `scale-one.json` and `scale-many.json` in the target
//! folder's `bench/`, beside tables on the terminal. `docs/performance.md` says what each of them is. It knows nothing of
//! HTTP and GraphQL; `ask.rs` is the one place that knows how the engine is asked.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

mod child;
mod effort;
mod folder;
mod options;
mod work;

mod company;
mod filters;
mod seed;
mod shape;

mod aims;
mod ask;
mod index;
mod many;
mod one;
mod report;
mod tables;
mod timing;

#[path = "../http/disk.rs"]
mod disk;
#[path = "../http/machine.rs"]
mod machine;
#[path = "../http/place.rs"]
mod place;
#[path = "../http/process.rs"]
mod process;
#[path = "../http/progress.rs"]
mod progress;
#[path = "../http/sheet.rs"]
mod sheet;
#[path = "../http/texts.rs"]
mod texts;
#[path = "../http/words.rs"]
mod words;

use clap::Parser as _;
use options::{Command, Options};
use sheet::Style;

// What the server allocates with, so that memory here says something of memory there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(document) = &options.markdown {
        return show_last(document.as_deref());
    }
    match &options.command {
        Some(Command::One(chosen)) => one::run(&chosen.settled()),
        Some(Command::Many(chosen)) => many::run(&chosen.settled()),
        Some(Command::Child) => child::serve(),
        None => anyhow::bail!("which? `one` large company, or `many` companies: see `--help`"),
    }
}

/// Shows the last reports as markdown, or puts them into a document.
fn show_last(document: Option<&std::path::Path>) -> anyhow::Result<()> {
    let text = tables::markdown(report::read(one::FILE)?.as_ref(), report::read(many::FILE)?.as_ref());
    match document {
        None => println!("{text}"),
        Some(document) => sheet::put_into(document, "scale", &text)?,
    }
    Ok(())
}

/// Shows tables on the terminal, and where the figures are kept.
fn show(tables: &str, kept: &std::path::Path) {
    println!("{tables}\nWritten to {}.", kept.display());
}

/// For whom the tables of a run are, while it runs.
const STYLE: Style = Style::Terminal;
