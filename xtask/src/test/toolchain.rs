//! What must be on the machine before anything else can run, added where rustup can add it.
//!
//! It knows no version: `rust-toolchain.toml` names the compiler, and rustup fetches it unasked.

use crate::step::{Step, cargo};

/// Checks each tool, and adds the missing ones that rustup has.
///
/// # Errors
/// When a tool is missing and cannot be added; the message says how to get it.
pub(super) fn check() -> anyhow::Result<()> {
    Step::new("rustc").args(["--version"]).run()?;
    for (component, command) in [("clippy", "clippy"), ("rustfmt", "fmt")] {
        if !cargo([command, "--version"]).succeeds() {
            Step::new("rustup").args(["component", "add", component]).run()?;
        }
    }
    anyhow::ensure!(
        Step::new("cc").args(["--version"]).succeeds(),
        "there is no C compiler `cc`, which the cryptography library is built with; install one, \
         for example with `apt-get install build-essential`"
    );
    Ok(())
}
