//! The program `mortise`: the command line around the library.
//!
//! What belongs to the whole process is chosen here and in `cli`: the allocator, the runtime, the log. The library
//! chooses none of it.

mod cli;
mod import;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A host of plugins starts this program to compile one: nothing else of the program may run then.
    if std::env::args_os().nth(1).is_some_and(|word| word == mortise::plugins::WORKER) {
        return mortise::plugins::worker_main();
    }
    cli::run()
}
