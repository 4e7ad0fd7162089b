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
    cli::run()
}
