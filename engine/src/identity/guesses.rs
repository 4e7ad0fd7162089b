//! Guessing slowed down: who fails waits before the next try, longer each time.
//!
//! Three things are counted: one account tried from one source, one source whatever it tries, and one account whoever
//! tries it. The first two grow to a quarter of an hour. The third begins late and stays below a minute, so that nobody
//! can lock somebody else out: whose sign-in is under attack from everywhere gets in between two guesses, or at once from
//! where they have been before. Names are counted whether anybody has them or not.
//!
//! Memory is fixed. Names share cells by a keyed hash, a name's count is the least of its cells, so sharing may only make
//! somebody wait who need not. A try is charged before its outcome is known, and given back when it was right: many at once
//! get no further than one after the other. Failures leak away one by one, however often new ones come. This module does
//! not know passwords, and forgets all when the process ends.

mod mail;

pub use mail::{MailSources, MailsSent};

use parking_lot::Mutex;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Rows of a table: as many cells as a name has.
const ROWS: usize = 4;

/// The rule of one table.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Failures that cost nothing.
    free: u32,
    /// The wait after the first failure beyond those, in milliseconds; it doubles with each.
    first_ms: i64,
    /// The longest wait, in milliseconds.
    longest_ms: i64,
    /// One failure is forgotten after so long, whether others come meanwhile or not.
    forget_ms: i64,
}

/// What is counted, by which rules, in how much memory.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// One account from one source: the typing errors of a person.
    pair: Rule,
    /// One source: an office behind one address makes more of them.
    source: Rule,
    /// One account from everywhere.
    account: Rule,
    /// Cells in one row of a table, at 16 bytes each.
    cells: usize,
}

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;

const fn rule(free: u32, first_ms: i64, longest_ms: i64, forget_ms: i64) -> Rule {
    Rule { free, first_ms, longest_ms, forget_ms }
}

/// Passwords. Every try costs a run of argon2, so that nobody fills the cells.
const PASSWORDS: Rules = Rules {
    pair: rule(5, SECOND_MS, 15 * MINUTE_MS, 30 * MINUTE_MS),
    source: rule(50, SECOND_MS, 15 * MINUTE_MS, 2 * MINUTE_MS),
    account: rule(100, SECOND_MS, MINUTE_MS, 5 * MINUTE_MS),
    cells: 8192,
};

/// Codes of a second factor: who guesses them has the password, so the account itself is guarded more closely.
const CODES: Rules = Rules {
    pair: rule(5, SECOND_MS, 15 * MINUTE_MS, 30 * MINUTE_MS),
    source: rule(50, SECOND_MS, 15 * MINUTE_MS, 2 * MINUTE_MS),
    account: rule(10, SECOND_MS, 15 * MINUTE_MS, 30 * MINUTE_MS),
    cells: 1024,
};

/// Whose account somebody tries to get at.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// At which company, as typed.
    pub company: &'a str,
    /// Of whom, as typed.
    pub account: &'a str,
}

/// Who must wait, for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: try again in {} s", self.0.as_secs().max(1))]
pub struct Wait(pub Duration);

/// A try that was charged. Dropped, it stays charged.
#[derive(Debug)]
#[must_use = "a try that was right is given back"]
pub struct Try {
    name: Name,
    pair: Vec<Charge>,
    source: Vec<Charge>,
    account: Vec<Charge>,
}

/// Where the cells of a try are in each table. Of a source that nobody knows only the account counts: all who come from
/// one would wait for each other.
#[derive(Debug, Clone, Copy)]
struct Name {
    pair: Option<Cells>,
    source: Option<Cells>,
    account: Cells,
}

/// Where a name's cells are, one in each row; taken modulo the length of a row.
type Cells = [usize; ROWS];

/// See the module.
pub struct Guesses {
    key: [u8; 32],
    tables: Mutex<Tables>,
}

impl std::fmt::Debug for Guesses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guesses")
    }
}

struct Tables {
    pairs: Table,
    sources: Table,
    accounts: Table,
}

impl Guesses {
    /// Slows down guessing passwords. `key` is random: it keeps strangers from finding names that share cells.
    #[must_use]
    pub fn of_passwords(key: [u8; 32]) -> Self {
        Self::new(key, PASSWORDS)
    }

    /// Slows down guessing the codes of second factors.
    #[must_use]
    pub fn of_codes(key: [u8; 32]) -> Self {
        Self::new(key, CODES)
    }

    fn new(key: [u8; 32], rules: Rules) -> Self {
        let table = |rule| Table::new(rule, rules.cells);
        let tables =
            Tables { pairs: table(rules.pair), sources: table(rules.source), accounts: table(rules.account) };
        Self { key, tables: Mutex::new(tables) }
    }

    /// Charges a try at `target` from `source`; `known` when the account's owner has been there before.
    ///
    /// # Errors
    /// [`Wait`]: nothing is charged, and nothing may be tried.
    pub fn begin(
        &self,
        target: &Target<'_>,
        source: Option<IpAddr>,
        known: bool,
        now_ms: i64,
    ) -> Result<Try, Wait> {
        let name = self.name(target, source);
        let mut tables = self.tables.lock();
        let account_ms = if known { 0 } else { tables.accounts.wait_ms(&name.account, now_ms) };
        wait(tables.wait_of_source_ms(&name, now_ms).max(account_ms))?;
        let pair = name.pair.map(|cells| tables.pairs.charge(&cells, now_ms)).unwrap_or_default();
        let source = name.source.map(|cells| tables.sources.charge(&cells, now_ms)).unwrap_or_default();
        let account = tables.accounts.charge(&name.account, now_ms);
        Ok(Try { name, pair, source, account })
    }

    /// Whether a try from `source` would have to wait whoever its account is; asked before anything is looked up.
    ///
    /// # Errors
    /// [`Wait`].
    pub fn ask(&self, target: &Target<'_>, source: Option<IpAddr>, now_ms: i64) -> Result<(), Wait> {
        wait(self.tables.lock().wait_of_source_ms(&self.name(target, source), now_ms))
    }

    /// Nothing was tried after all: it is given back.
    pub fn withdrawn(&self, tried: &Try) {
        let mut tables = self.tables.lock();
        if let Some(cells) = tried.name.pair {
            tables.pairs.give_back(&cells, &tried.pair);
        }
        tables.give_back(tried);
    }

    /// The try was right: it is given back, and earlier failures of this account from this source are forgotten.
    pub fn succeeded(&self, tried: &Try) {
        let mut tables = self.tables.lock();
        if let Some(cells) = tried.name.pair {
            tables.pairs.forget(&cells);
        }
        tables.give_back(tried);
    }

    fn name(&self, target: &Target<'_>, source: Option<IpAddr>) -> Name {
        let source = source.map(network_of);
        let plain = |text: &str| text.trim().to_lowercase();
        let (company, account) = (plain(target.company), plain(target.account));
        let (company, account) = (company.as_bytes(), account.as_bytes());
        let key = &self.key;
        let pair = source.map(|source| cells(key, b"pair", &[company, account, &source]));
        Name {
            pair,
            source: source.map(|source| cells(key, b"source", &[&source])),
            account: cells(key, b"account", &[company, account]),
        }
    }
}

impl Tables {
    /// How long a source has to wait, with this account and whatever it tries.
    fn wait_of_source_ms(&mut self, name: &Name, now_ms: i64) -> i64 {
        let pair_ms = name.pair.map_or(0, |cells| self.pairs.wait_ms(&cells, now_ms));
        name.source.map_or(0, |cells| self.sources.wait_ms(&cells, now_ms)).max(pair_ms)
    }

    /// Undoes what a try has cost its source and its account.
    fn give_back(&mut self, tried: &Try) {
        if let Some(cells) = tried.name.source {
            self.sources.give_back(&cells, &tried.source);
        }
        self.accounts.give_back(&tried.name.account, &tried.account);
    }
}

/// Refuses when there is something to wait for.
fn wait(ms: i64) -> Result<(), Wait> {
    match u64::try_from(ms) {
        Ok(ms) if ms > 0 => Err(Wait(Duration::from_millis(ms))),
        _ => Ok(()),
    }
}

fn cells(key: &[u8; 32], table: &[u8], parts: &[&[u8]]) -> Cells {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in std::iter::once(&table).chain(parts) {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let hash = hasher.finalize();
    let mut words = hash.as_bytes().chunks_exact(8);
    std::array::from_fn(|_| {
        let word = words.next().unwrap_or_default();
        word.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    })
}

/// The bytes of what counts as one source: an IPv4 address, or the /64 that one customer of a provider has.
fn network_of(address: IpAddr) -> [u8; 16] {
    let v6 = match address {
        IpAddr::V4(v4) => return v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6,
    };
    if v6.to_ipv4_mapped().is_some() {
        return v6.octets();
    }
    Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).octets()
}

/// Counts of names under one rule.
struct Table {
    rule: Rule,
    rows: [Vec<Cell>; ROWS],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell {
    /// When all failures will be forgotten, each after the one before it. So the count leaks steadily, and a new failure
    /// does not put off the forgetting of old ones.
    forgotten_ms: i64,
    /// When the last failure was.
    last_ms: i64,
}

/// What a charge found in a name's cells, and what it left there.
#[derive(Debug, Clone, Copy)]
struct Charge {
    before: Cell,
    after: Cell,
}

impl Table {
    fn new(rule: Rule, cells: usize) -> Self {
        Self { rule, rows: std::array::from_fn(|_| vec![Cell::default(); cells]) }
    }

    /// How long a name has to wait from now on: the least of what its cells say.
    fn wait_ms(&mut self, cells: &Cells, now_ms: i64) -> i64 {
        let rule = self.rule;
        self.each(cells).map(|cell| rule.wait_ms(cell, now_ms)).min().unwrap_or_default()
    }

    fn charge(&mut self, cells: &Cells, now_ms: i64) -> Vec<Charge> {
        let rule = self.rule;
        let charged = self.each(cells).map(|cell| {
            let forgotten_ms = cell.forgotten_ms.max(now_ms).saturating_add(rule.forget_ms);
            let after = Cell { forgotten_ms, last_ms: now_ms };
            Charge { before: std::mem::replace(cell, after), after }
        });
        charged.collect()
    }

    /// Undoes a charge; where another came meanwhile, it only counts one less.
    fn give_back(&mut self, cells: &Cells, charged: &[Charge]) {
        let forget_ms = self.rule.forget_ms;
        for (cell, charge) in self.each(cells).zip(charged) {
            let less = Cell { forgotten_ms: cell.forgotten_ms.saturating_sub(forget_ms), ..*cell };
            *cell = if *cell == charge.after { charge.before } else { less };
        }
    }

    fn forget(&mut self, cells: &Cells) {
        for cell in self.each(cells) {
            *cell = Cell::default();
        }
    }

    /// A name's cells.
    fn each(&mut self, cells: &Cells) -> impl Iterator<Item = &mut Cell> {
        self.rows.iter_mut().zip(cells).filter_map(|(row, at)| {
            let length = row.len().max(1);
            row.get_mut(at % length)
        })
    }
}

impl Rule {
    /// The failures of a cell that are not forgotten yet.
    fn left(&self, cell: &Cell, now_ms: i64) -> u32 {
        let left_ms = cell.forgotten_ms.saturating_sub(now_ms).max(0);
        let begun = i64::from(left_ms % self.forget_ms > 0);
        u32::try_from(left_ms / self.forget_ms + begun).unwrap_or(u32::MAX)
    }

    fn wait_ms(&self, cell: &Cell, now_ms: i64) -> i64 {
        let Some(beyond) = self.left(cell, now_ms).checked_sub(self.free) else { return 0 };
        let pause_ms = self.first_ms.saturating_mul(1_i64 << beyond.min(30)).min(self.longest_ms);
        cell.last_ms.saturating_add(pause_ms).saturating_sub(now_ms).max(0)
    }
}

#[cfg(test)]
mod tests;
