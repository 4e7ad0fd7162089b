//! What this process has used, as the kernel counts it.

/// CPU time of all threads of this process so far, in microseconds.
pub(crate) fn cpu_us() -> anyhow::Result<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec)?, u64::try_from(time.tv_nsec)?);
    Ok(seconds * 1_000_000 + nanos / 1_000)
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
