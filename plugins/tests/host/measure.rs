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
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

/// How much more memory there may be in the end: a twentieth. Of the short form, where other tests may run in the same
/// process, only what would be left if guests kept theirs.
pub(crate) fn grown(before: usize) -> usize {
    of_forms(256 << 20, before / 20)
}

/// What became of guests, one after the other, and of the memory of the process meanwhile.
pub(crate) struct Ends {
    what: &'static str,
    all: u64,
    seen: u64,
    of: BTreeMap<String, u64>,
    warm: usize,
    begun: Instant,
}

impl Ends {
    /// Nothing yet; so many will come.
    pub(crate) fn new(what: &'static str, all: u64) -> Self {
        Self { what, all, seen: 0, of: BTreeMap::new(), warm: 0, begun: Instant::now() }
    }

    /// Another guest, with what became of it.
    pub(crate) fn add(&mut self, end: impl Into<String>) {
        *self.of.entry(end.into()).or_default() += 1;
        self.seen += 1;
        if self.seen == (self.all / WARM_UP).max(1) {
            self.warm = resident();
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
        let (seconds, mib) = (begun.elapsed().as_secs(), resident() >> 20);
        println!("{what}: {seen} of {all} in {seconds} s, {mib} MiB: {of:?}");
    }

    /// All have come: the memory that they took is back.
    #[expect(clippy::print_stdout, reason = "the figures of the long form")]
    pub(crate) fn close(self) -> BTreeMap<String, u64> {
        let (warm, after) = (self.warm, resident());
        println!("{}: {} KiB of memory when it was warm, {} KiB now", self.what, warm >> 10, after >> 10);
        assert_eq!(self.seen, self.all, "{}", self.what);
        assert!(after <= warm + grown(warm), "{}: {warm} bytes before, {after} after", self.what);
        self.of
    }
}
