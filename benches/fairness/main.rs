//! What do the others notice when one company asks for ten times what it may, and everybody when all ask for too much?
//!
//! `cargo xtask bench fairness` seeds ten companies and starts the real server on them. First nine ask at half of what their
//! tier may, with and without a tenth that asks at ten times it, in turns; and again with a tenth that stays inside its burst
//! and asks for ten times its work. Then all ask for three times what the server can,
//! for a while, with nothing to limit them but the server's own bounds. Requests are sent when they are due, whether earlier
//! ones were answered or not, and the time of an answer counts from when it was due: a server that is slow gets no rest by
//! it. Figures go to `fairness.json` in the target folder's `bench/`. It sees the server from outside, and does not know how
//! anybody is limited.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

mod options;

mod clients;
mod companies;
mod pace;
mod tally;

mod fair;
mod flood;
mod report;

#[path = "../http/client.rs"]
mod client;
#[path = "../http/machine.rs"]
mod machine;
#[path = "../http/place.rs"]
mod place;
#[path = "../http/process.rs"]
#[expect(dead_code, reason = "other benchmarks need more of it")]
mod process;
#[path = "../http/server.rs"]
mod server;
#[path = "../http/words.rs"]
#[expect(dead_code, reason = "other benchmarks need more of it")]
mod words;

use std::process::ExitCode;

use clap::Parser as _;
use machine::Machine;
use options::Options;
use report::Report;

// What the server allocates with, so that the client is no slower than it need be.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse().settled();
    let folder = options.folder();
    let machine = Machine::with_data_on_disk(&folder)?;
    println!("{machine}\n");
    let mut report = Report::begin(&options, machine)?;
    for tier in &options.tiers {
        for loud in &options.loud {
            let fair = fair::measure(&options, &folder, *tier, *loud)?;
            println!("{fair}");
            report.fair.push(fair);
        }
    }
    if !options.no_flood {
        let flood = flood::measure(&options, &folder)?;
        println!("{flood}");
        report.flood = Some(flood);
    }
    println!("Written to {}.", place::write("fairness.json", &report)?.display());
    // Figures of a server that answers wrongly are not figures.
    Ok(if report.wrong() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
