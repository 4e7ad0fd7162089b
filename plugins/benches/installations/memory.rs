//! What this process holds of memory.

use anyhow::Context as _;

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
