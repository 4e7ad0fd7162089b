//! Where the host comes in: panics and errors are logged before the call ends, so that its author reads why.

use crate::error::{failure_in_words, in_words};
use crate::host::log;
use crate::plugin::WorkflowPlugin;
use crate::prelude::{Call, Edit, Error, Failure, Issue, NextState, Proposal, StateRef, Verdict};

/// Logs the text of a panic: all that the host sees of one is that the guest trapped.
fn hear_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| log::error(&panic.to_string())));
}

/// Answers, or logs why not and traps: the host then does what the company has said for failures.
fn answer<T>(what: impl FnOnce() -> Result<T, Error>) -> T {
    hear_panics();
    what().unwrap_or_else(|error| stop(&in_words(&error)))
}

/// A trap is how a call that can answer no error ends badly. It is no panic, whose text would name this file.
#[cfg(target_arch = "wasm32")]
fn stop(why: &str) -> ! {
    log::error(why);
    std::arch::wasm32::unreachable()
}

/// In a test, the panic fails it.
#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::panic, reason = "stands for the trap that ends such a call in a component")]
fn stop(why: &str) -> ! {
    panic!("{why}")
}

/// See [`WorkflowPlugin::amend`].
pub fn amend<P: WorkflowPlugin>(call: &Call, issue: &Issue, proposal: &Proposal) -> Vec<Edit> {
    answer(|| P::amend(call, issue, proposal))
}

/// See [`WorkflowPlugin::validate`].
pub fn validate<P: WorkflowPlugin>(call: &Call, issue: &Issue, proposal: &Proposal) -> Verdict {
    answer(|| P::validate(call, issue, proposal))
}

/// See [`WorkflowPlugin::next_states`].
pub fn next_states<P: WorkflowPlugin>(
    call: &Call,
    issues: &[Issue],
    candidates: &[Vec<StateRef>],
) -> Vec<Vec<NextState>> {
    answer(|| P::next_states(call, issues, candidates))
}

/// Lets a handler run.
///
/// # Errors
///
/// What it fails with, which is logged as well.
pub fn handle<T>(handler: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    hear_panics();
    handler().inspect_err(|failure| log::error(&failure_in_words(failure)))
}
