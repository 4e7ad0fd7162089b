//! Which form of a proof runs, what memory this process has, and a count of what became of many guests.

use std::collections::BTreeMap;
use std::time::Instant;

/// Set for the long form: see `cargo xtask prove`. It chooses numbers, never what is checked.
const LONG_FORM: &str = "MORTISE_PROVE";

/// After one in so many guests the process is warm: what is kept at all is full.
const WARM_UP: u64 = 5;

/// The first of the short form, the second of the long one.
pub(crate) fn of_forms<T>(short: T, long: T) -> T {
    if std::env::var(LONG_FORM).is_ok_and(|set| set == "1") { long } else { short }
}

/// Memory of this process that is really there, in bytes. Zero where nobody says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// All of it.
    pub(crate) resident: usize,
    /// Without what is read from files: the program itself is there page by page, once it is looked at.
    pub(crate) own: usize,
}

impl Memory {
    /// That of now.
    pub(crate) fn now() -> Self {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let bytes = |field| {
            statm.split(' ').nth(field).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default()
                * 4096
        };
        let (resident, of_files) = (bytes(1), bytes(2));
        Self { resident, own: resident.saturating_sub(of_files) }
    }

    /// Whether what was taken since is back: of all that there was then a twentieth may be left.
    pub(crate) fn is_back(self) -> bool {
        self.is_back_but_for(self.resident / 20)
    }

    /// The same, where so many bytes may be left.
    fn is_back_but_for(self, bytes: usize) -> bool {
        Self::now().own <= self.own + bytes
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} KiB ({} of its own)", self.resident >> 10, self.own >> 10)
    }
}

/// What became of guests, one after the other, and of the memory of the process meanwhile.
pub(crate) struct Ends {
    what: &'static str,
    all: u64,
    seen: u64,
    of: BTreeMap<String, u64>,
    warm: Memory,
    begun: Instant,
}

impl Ends {
    /// Nothing yet; so many will come.
    pub(crate) fn new(what: &'static str, all: u64) -> Self {
        Self { what, all, seen: 0, of: BTreeMap::new(), warm: Memory::default(), begun: Instant::now() }
    }

    /// Another guest, with what became of it.
    pub(crate) fn add(&mut self, end: impl Into<String>) {
        *self.of.entry(end.into()).or_default() += 1;
        self.seen += 1;
        if self.seen == (self.all / WARM_UP).max(1) {
            self.warm = Memory::now();
        }
        if self.seen.is_multiple_of((self.all / 10).max(1)) {
            self.say();
        }
    }

    /// How many ends begin so.
    pub(crate) fn count(&self, end: &str) -> u64 {
        self.of.iter().filter(|(of, _)| of.starts_with(end)).map(|(_, count)| count).sum()
    }

    #[expect(clippy::print_stdout, reason = "whoever runs the long form wants to see how far it is")]
    fn say(&self) {
        let Self { what, all, seen, of, begun, .. } = self;
        let (seconds, mib) = (begun.elapsed().as_secs(), Memory::now().resident >> 20);
        println!("{what}: {seen} of {all} in {seconds} s, {mib} MiB: {of:?}");
    }

    /// All have come: the memory that they took is back.
    #[expect(clippy::print_stdout, reason = "the figures of the long form")]
    pub(crate) fn close(self) -> BTreeMap<String, u64> {
        let Self { what, warm, .. } = self;
        let after = Memory::now();
        println!("{what}: {warm} of memory when it was warm, {after} now");
        assert_eq!(self.seen, self.all, "{what}");
        // Of the short form, where other tests may run in the same process, what guests would not leave that kept theirs.
        let is_back = of_forms(warm.is_back_but_for(256 << 20), warm.is_back());
        assert!(is_back, "{what}: {warm} of memory before, {after} after");
        self.of
    }
}
