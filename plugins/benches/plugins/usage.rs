//! What this process has used, as the kernel counts it.

use anyhow::Context as _;

/// Microseconds in a tick of the kernel's count: 100 of them are a second.
const TICK_US: u64 = 10_000;

/// CPU time of all threads of this process so far, in microseconds; it moves in steps of ten milliseconds.
pub(crate) fn cpu_us() -> anyhow::Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("this benchmark needs Linux")?;
    let behind = stat.rsplit_once(')').context("/proc/self/stat is not as expected")?.1;
    let fields: Vec<&str> = behind.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) * TICK_US)
}

/// Memory that this process holds, in bytes.
pub(crate) fn resident() -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").context("this benchmark needs Linux")?;
    let pages: u64 = statm.split_whitespace().nth(1).context("no resident pages")?.parse()?;
    Ok(pages * 4096)
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
