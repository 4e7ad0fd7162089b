//! Where it was measured: figures of different machines are not comparable.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Processors that this process may use.
    pub(crate) cores: usize,
    /// Their name.
    pub(crate) processor: String,
    /// Memory, in MiB.
    pub(crate) memory_mib: u64,
    /// Name and version.
    pub(crate) kernel: String,
    /// Of the data folders.
    pub(crate) file_system: String,
    /// The load average of the last minute, before anything began.
    pub(crate) load_before: f64,
}

impl Machine {
    /// This machine; data will lie in this folder, which is made. A folder that is kept in memory is refused.
    pub(crate) fn with_data_on_disk(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let machine = Self::with_data_in(folder)?;
        anyhow::ensure!(
            !["tmpfs", "ramfs"].contains(&machine.file_system.as_str()),
            "{} is kept in memory ({}), where a durable write costs nothing: choose a folder on a disk with --folder",
            folder.display(),
            machine.file_system,
        );
        Ok(machine)
    }

    fn with_data_in(folder: &Path) -> anyhow::Result<Self> {
        let memory = read("/proc/meminfo")?;
        let memory_kib =
            value_of(&memory, "MemTotal:").and_then(|value| value.split(' ').next()?.parse::<u64>().ok());
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: value_of(&read("/proc/cpuinfo")?, "model name").unwrap_or("unknown").to_owned(),
            memory_mib: memory_kib.unwrap_or_default() / 1024,
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            file_system: file_system_of(folder)?,
            load_before: load_average()?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, memory_mib, kernel, file_system, load_before } = self;
        let memory_gib = (memory_mib + 512) / 1024;
        write!(f, "{cores} cores ({processor}), {memory_gib} GiB, Linux {kernel}, data on {file_system}, ")?;
        write!(f, "load {load_before:.1} before")
    }
}

/// How many processes wanted to run, on average over the last minute.
pub(crate) fn load_average() -> anyhow::Result<f64> {
    let text = read("/proc/loadavg")?;
    text.split(' ').next().and_then(|word| word.parse().ok()).context("cannot read /proc/loadavg")
}

/// The kind of file system a folder lies on: that of the longest mount point above it.
fn file_system_of(folder: &Path) -> anyhow::Result<String> {
    let folder = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    let mounts = read("/proc/self/mounts")?;
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (at, kind) = (Path::new(words.next()?), words.next()?);
        folder.starts_with(at).then(|| (at.components().count(), kind))
    });
    // The last of equals hides the others.
    let nearest = above.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind.to_owned());
    nearest.with_context(|| format!("no mount point lies above {}", folder.display()))
}

/// What stands behind the first line that starts with this word, and behind its colon.
fn value_of<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(word))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

fn read(path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {path}: this benchmark needs Linux"))
}
