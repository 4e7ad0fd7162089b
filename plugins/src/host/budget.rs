//! What one call may use, and what it has used. It knows nothing of how either is measured.

use std::time::Duration;

/// What is measured of a call, with its unit, in the order in which it is told. Records that are kept name a measure by its place:
/// a new one comes last.
pub(crate) const MEASURES: [&str; 8] = [
    "cpu_us",
    "wall_us",
    "memory_bytes",
    "host_calls",
    "log_lines",
    "staged_commands",
    "query_cost",
    "http_calls",
];

/// Whose places a call takes. Calls of one never wait for those of the other, nor are they refused because of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Those of companies that choose from a catalogue.
    Premium,
    /// Those of companies that may bring code of their own.
    Platinum,
}

impl Places {
    /// How many there are.
    pub(super) const ALL: usize = 2;
}

/// The limits of one call. Reaching one stops the call, unless its line says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// CPU time of the guest, what it waits for not included.
    pub cpu: Duration,
    /// Time that passes, waiting included.
    pub wall: Duration,
    /// All linear memories of the guest together, in bytes.
    pub memory_bytes: usize,
    /// All tables of the guest together, in elements.
    pub table_elements: usize,
    /// Calls of imported functions.
    pub host_calls: u32,
    /// Bytes that one imported or exported function may copy out of the guest.
    pub host_call_bytes: usize,
    /// Lines of log kept; the rest are counted.
    pub log_lines: u32,
    /// Bytes of log kept; the rest are counted.
    pub log_bytes: usize,
    /// Commands staged. One more is refused to the guest as `quota-exceeded(commands)`.
    pub staged_commands: u32,
    /// Issues and comments looked at. More are refused to the guest as `quota-exceeded(query-cost)`.
    pub query_cost: u32,
    /// Requests to the outside, staged ones included. One more is refused as `quota-exceeded(http-calls)`.
    pub http_calls: u32,
    /// Bytes of the answer to one request; a longer body is cut and marked so.
    pub http_answer_bytes: usize,
    /// Entries written or deleted in the key-value room. One more is refused as `quota-exceeded(kv-keys)`.
    pub kv_writes: u32,
    /// Bytes of the recording. Beyond, the run goes on and cannot be replayed.
    pub recording_bytes: usize,
    /// Where it waits for its turn.
    pub places: Places,
}

impl Budget {
    /// For a hook inside somebody's own request.
    #[must_use]
    pub fn workflow() -> Self {
        Self {
            cpu: Duration::from_millis(20),
            wall: Duration::from_millis(50),
            memory_bytes: 32 << 20,
            table_elements: 20_000,
            host_calls: 50,
            host_call_bytes: 256 << 10,
            log_lines: 20,
            log_bytes: 8 << 10,
            staged_commands: 0,
            query_cost: 100,
            http_calls: 0,
            http_answer_bytes: 0,
            kv_writes: 0,
            recording_bytes: 256 << 10,
            places: Places::Premium,
        }
    }

    /// For what happens after a commit, or at a time.
    #[must_use]
    pub fn automation() -> Self {
        Self {
            cpu: Duration::from_millis(250),
            wall: Duration::from_secs(5),
            memory_bytes: 64 << 20,
            table_elements: 20_000,
            host_calls: 1_000,
            host_call_bytes: 1 << 20,
            log_lines: 100,
            log_bytes: 32 << 10,
            staged_commands: 100,
            query_cost: 2_000,
            http_calls: 10,
            http_answer_bytes: 1 << 20,
            kv_writes: 1_000,
            recording_bytes: 2 << 20,
            places: Places::Premium,
        }
    }

    /// As [`automation`](Self::automation), with the time that talking to others takes.
    #[must_use]
    pub fn integration() -> Self {
        Self { wall: Duration::from_secs(15), recording_bytes: 8 << 20, ..Self::automation() }
    }
}

/// What one call used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// CPU time of the guest, in microseconds.
    pub cpu_us: u64,
    /// CPU time of answering what it asked, in microseconds; without what other threads did for it.
    pub answers_us: u64,
    /// Time that passed, in microseconds, waiting for a turn not included.
    pub wall_us: u64,
    /// The most that all linear memories together had, in bytes.
    pub memory_bytes: usize,
    /// Calls of imported functions.
    pub host_calls: u32,
    /// Lines of log kept.
    pub log_lines: u32,
    /// Bytes of log kept.
    pub log_bytes: usize,
    /// Bytes of log that were over the budget.
    pub log_bytes_dropped: usize,
    /// Lines of log that were over the budget.
    pub log_lines_dropped: u32,
    /// Commands staged.
    pub staged_commands: u32,
    /// Issues and comments looked at.
    pub query_cost: u32,
    /// Requests to the outside, staged ones included.
    pub http_calls: u32,
}

/// One line of [`Used::percent_of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What is measured, with its unit, such as `cpu_us`.
    pub name: &'static str,
    /// How much was used.
    pub used: u64,
    /// How much there was.
    pub limit: u64,
    /// Whole percent, rounded up; 100 when there was nothing to use and something was used.
    pub percent: u64,
}

impl Used {
    /// What its company pays: CPU time of the guest and of the answers to it.
    #[must_use]
    pub const fn cpu(&self) -> Duration {
        Duration::from_micros(self.cpu_us.saturating_add(self.answers_us))
    }

    /// Each measure beside its limit, in a fixed order.
    #[must_use]
    pub fn percent_of(&self, budget: &Budget) -> Vec<Share> {
        let measured = std::iter::zip(MEASURES, self.measured(budget));
        measured.map(|(name, (used, limit))| Share::of(name, used, limit)).collect()
    }

    /// The same as numbers alone, in the order of [`MEASURES`]: how much was used, and how much there was.
    pub(crate) fn measured(&self, budget: &Budget) -> [(u64, u64); MEASURES.len()] {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        [
            (self.cpu_us, micros(budget.cpu)),
            (self.wall_us, micros(budget.wall)),
            (self.memory_bytes as u64, budget.memory_bytes as u64),
            (self.host_calls.into(), budget.host_calls.into()),
            (self.log_lines.into(), budget.log_lines.into()),
            (self.staged_commands.into(), budget.staged_commands.into()),
            (self.query_cost.into(), budget.query_cost.into()),
            (self.http_calls.into(), budget.http_calls.into()),
        ]
    }
}

impl Share {
    /// So much of this measure, and how much there was.
    pub(crate) const fn of(name: &'static str, used: u64, limit: u64) -> Self {
        let percent = match (used, limit) {
            (0, _) => 0,
            (_, 0) => 100,
            _ => used.saturating_mul(100).div_ceil(limit),
        };
        Self { name, used, limit, percent }
    }
}
