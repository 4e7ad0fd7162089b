//! Room on the stack for lists in lists, and for filters in filters.
//!
//! Resolvers below resolvers are polled inside one another, and each level takes its share of the thread's stack: a
//! document well within the limit of depth can use up the two mebibytes that threads commonly have, which would end the
//! whole process. So every object is polled where there is room. It knows nothing of what it polls.

use std::{future::poll_fn, pin::pin};

/// Stack that must be left before an object is polled, in bytes: more than one level takes in an unoptimised build.
const LEFT_MIN: usize = 768 * 1024;

/// Stack that is added when less is left, in bytes. The system hands it out as it is touched.
const ADDED: usize = 4 * 1024 * 1024;

/// Polls `future` with room on the stack, however deep the caller stands.
pub(super) async fn with_room<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| stacker::maybe_grow(LEFT_MIN, ADDED, || future.as_mut().poll(cx))).await
}

/// Calls `work` with room on the stack, however deep the caller stands.
pub(crate) fn with_room_for<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEFT_MIN, ADDED, work)
}
