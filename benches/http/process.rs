//! What a process and its children have used, as the Linux kernel counts it.

use std::path::Path;

use anyhow::Context as _;

/// Milliseconds of one tick of `/proc/PID/stat`: the kernel shows 100 a second on every machine.
const TICK_MS: u64 = 10;

/// A process and everything it has started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    root: u32,
}

/// What a tree of processes has used since it began.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// User and system time of all its threads, in milliseconds.
    pub(crate) cpu_ms: u64,
    /// Bytes it has caused to be written to disks.
    pub(crate) written_bytes: u64,
}

impl Tree {
    pub(crate) const fn of(root: u32) -> Self {
        Self { root }
    }

    /// What it has used up to now.
    pub(crate) fn usage(self) -> anyhow::Result<Usage> {
        let mut usage = Usage::default();
        for process in self.processes()? {
            let Some(stat) = Stat::of(process)? else { continue };
            usage.cpu_ms += stat.cpu_ticks * TICK_MS;
            usage.written_bytes += number_in(process, "io", "write_bytes:")?;
        }
        Ok(usage)
    }

    /// Memory that it holds now, in bytes.
    pub(crate) fn resident_bytes(self) -> anyhow::Result<u64> {
        let each = self.processes()?.into_iter().map(|process| number_in(process, "status", "VmRSS:"));
        Ok(each.sum::<anyhow::Result<u64>>()? * 1024)
    }

    /// The root and its descendants. A server has few, so the whole list is looked through for each generation.
    fn processes(self) -> anyhow::Result<Vec<u32>> {
        let mut parents = Vec::new();
        for entry in
            std::fs::read_dir("/proc").context("cannot list the processes of this machine in /proc")?
        {
            let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if let Some(stat) = Stat::of(process)? {
                parents.push((process, stat.parent));
            }
        }
        let mut tree = vec![self.root];
        let mut next = 0;
        while let Some(parent) = tree.get(next).copied() {
            next += 1;
            tree.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        }
        Ok(tree)
    }
}

struct Stat {
    parent: u32,
    cpu_ticks: u64,
}

impl Stat {
    /// None for a process that has ended meanwhile.
    fn of(process: u32) -> anyhow::Result<Option<Self>> {
        let path = format!("/proc/{process}/stat");
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        // The second field is the program's name in brackets, which may hold anything; field numbers are proc(5)'s.
        let (_, rest) = text.rsplit_once(") ").with_context(|| format!("cannot read {path}"))?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let field = |number: usize| -> anyhow::Result<u64> {
            let text = fields.get(number - 3).with_context(|| format!("{path} has no field {number}"))?;
            text.parse().with_context(|| format!("cannot read field {number} of {path}"))
        };
        let parent = u32::try_from(field(4)?)?;
        // utime, stime, and those of children that have ended.
        Ok(Some(Self { parent, cpu_ticks: field(14)? + field(15)? + field(16)? + field(17)? }))
    }
}

/// The number behind a word in one of a process's files.
fn number_in(process: u32, file: &str, word: &str) -> anyhow::Result<u64> {
    let path = Path::new("/proc").join(process.to_string()).join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let number =
        text.lines().find_map(|line| line.strip_prefix(word)?.split_whitespace().next()?.parse().ok());
    number.with_context(|| format!("{} says no `{word}`", path.display()))
}
