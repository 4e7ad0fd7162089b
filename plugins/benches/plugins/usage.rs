//! What this process has used, as the kernel counts it.

use anyhow::Context as _;

/// CPU time of all threads of this process so far, in microseconds.
pub(crate) fn cpu_us() -> anyhow::Result<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec)?, u64::try_from(time.tv_nsec)?);
    Ok(seconds * 1_000_000 + nanos / 1_000)
}

/// Memory that this process holds, in bytes.
pub(crate) fn resident() -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").context("this benchmark needs Linux")?;
    let pages: u64 = statm.split_whitespace().nth(1).context("no resident pages")?.parse()?;
    Ok(pages * 4096)
}

/// Memory that was asked for and not given back, in bytes, compiled code not included: what is held, without what the allocator keeps
/// of what was.
pub(crate) fn in_use() -> u64 {
    crate::ALLOCATOR.allocated() as u64
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
