//! The CPU time of the running thread, where the system tells it. Elsewhere, the time that passes.

use std::time::Duration;

/// CPU time of this thread since some moment of its own.
#[cfg(unix)]
pub(super) fn thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Time since the first call.
#[cfg(not(unix))]
pub(super) fn thread() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
