//! Walking both chains side by side, in the order of time.
//!
//! Each chain is in its own order whatever the clock did; of the two entries that are next, the one that comes first by
//! time is taken. So a place in the list is a place in each chain, and the list is the same whichever page of it is asked
//! for. What is looked at for one page is bounded: a page may end before it is full, and the next goes on there. Times that
//! cannot be, because a clock was wrong for a while, end nothing and are searched for by nobody: their neighbours' count.

use super::{AuditEntry, AuditFilter};
use crate::error::{Error, Result};
use crate::log::LogRecord;
use crate::model::Seq;
use crate::rows::{self, SecurityRow};
use crate::security::CLOCK_BACK_MS;
use crate::storage::{Scan, TenantStore, decode};
use crate::tenant::security_event_of;
use crate::time::Timestamp;
use std::collections::VecDeque;

/// Records read at once from one chain. Those of the log come with their bodies: with the longest texts these are 8 MiB.
const AT_ONCE: usize = 32;

/// Records that are read for one step of a search.
const SEARCHED: usize = 8;

/// A place in the list: what of each chain was passed already, up to here or down to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Position {
    #[n(0)]
    pub(crate) log: Seq,
    #[n(1)]
    pub(crate) security: Seq,
}

/// Between which moments a record can have been written down, if the clock was right: the company was founded before, and
/// the present comes behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plausible {
    pub(crate) founded: Timestamp,
    pub(crate) now: Timestamp,
}

impl Plausible {
    fn is(self, at: Timestamp) -> bool {
        (self.founded.plus_millis(-CLOCK_BACK_MS)..=self.now.plus_millis(CLOCK_BACK_MS)).contains(&at)
    }
}

/// Which way the list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
}

/// What is asked of a list.
pub(crate) struct Window<'a> {
    pub(crate) filter: &'a AuditFilter,
    pub(crate) order: Order,
    /// What was passed already.
    pub(crate) at: Position,
    /// The last places of both chains; only for a list that begins with the oldest.
    pub(crate) until: Position,
    /// Entries of the page.
    pub(crate) size: usize,
    /// Records that are looked at.
    pub(crate) reads: usize,
    /// Which times can be.
    pub(crate) plausible: Plausible,
    /// Whether entries come with their records.
    pub(crate) proof: bool,
}

/// A page of the list.
#[derive(Debug)]
pub(crate) struct Page {
    /// The entries, each with the place behind it.
    pub(crate) entries: Vec<(AuditEntry, Position)>,
    /// Where the next page begins; none at the end of the list.
    pub(crate) next: Option<Position>,
    /// Records that were looked at.
    pub(crate) read: usize,
}

/// A page of the list.
pub(crate) async fn page(store: &TenantStore, window: Window<'_>) -> Result<Page> {
    let mut walk = Walk::new(store, &window);
    let mut entries = Vec::new();
    for read in 0..window.reads {
        let behind = walk.at();
        let Some(entry) = walk.next().await? else { return Ok(Page { entries, next: None, read }) };
        if !window.filter.passes(&entry) {
            continue;
        }
        if entries.len() == window.size {
            let next = entries.last().map_or(behind, |(_, place)| *place);
            return Ok(Page { entries, next: Some(next), read });
        }
        entries.push((entry, walk.at()));
    }
    Ok(Page { entries, next: Some(walk.at()), read: window.reads })
}

struct Walk<'a> {
    store: &'a TenantStore,
    order: Order,
    until: Position,
    /// When all that is read at once is beyond this moment, no more is read.
    end: Option<Timestamp>,
    plausible: Plausible,
    proof: bool,
    log: Line,
    security: Line,
}

/// One of the two chains.
struct Line {
    /// What was taken of it last; what is read next begins there.
    taken: Seq,
    read: Seq,
    ahead: VecDeque<AuditEntry>,
    over: bool,
}

impl Line {
    /// One that nothing asked for can be in is over before it is read.
    fn new(at: Seq, wanted: bool) -> Self {
        Self { taken: at, read: at, ahead: VecDeque::new(), over: !wanted }
    }
}

impl<'a> Walk<'a> {
    fn new(store: &'a TenantStore, window: &Window<'_>) -> Self {
        let (order, until) = (window.order, window.until);
        let end = match order {
            Order::NewestFirst => window.filter.from.map(|from| from.plus_millis(-CLOCK_BACK_MS)),
            Order::OldestFirst => window.filter.to.map(|to| to.plus_millis(CLOCK_BACK_MS)),
        };
        let chains = window.filter.chains();
        let log = Line::new(window.at.log, chains.log);
        let security = Line::new(window.at.security, chains.security);
        let (plausible, proof) = (window.plausible, window.proof);
        Self { store, order, until, end, plausible, proof, log, security }
    }

    /// What was passed so far.
    const fn at(&self) -> Position {
        Position { log: self.log.taken, security: self.security.taken }
    }

    async fn next(&mut self) -> Result<Option<AuditEntry>> {
        if self.log.ahead.is_empty() && !self.log.over {
            self.read_log().await?;
        }
        if self.security.ahead.is_empty() && !self.security.over {
            self.read_security().await?;
        }
        let log_first = match (self.log.ahead.front(), self.security.ahead.front()) {
            (None, None) => return Ok(None),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(log), Some(security)) => match self.order {
                Order::NewestFirst => log.at >= security.at,
                Order::OldestFirst => log.at < security.at,
            },
        };
        let line = if log_first { &mut self.log } else { &mut self.security };
        let Some(entry) = line.ahead.pop_front() else { return Ok(None) };
        line.taken = match entry.place {
            super::AuditPlace::Log(seq) | super::AuditPlace::Security(seq) => seq,
        };
        Ok(Some(entry))
    }

    /// Whether the end lies before all of these: one odd time among them says nothing.
    fn is_beyond(&self, read: &VecDeque<AuditEntry>) -> bool {
        let Some(end) = self.end else { return false };
        let mut sound = read.iter().map(|entry| entry.at).filter(|at| self.plausible.is(*at)).peekable();
        sound.peek().is_some()
            && sound.all(|at| match self.order {
                Order::NewestFirst => at < end,
                Order::OldestFirst => at > end,
            })
    }

    async fn read_log(&mut self) -> Result<()> {
        let records = match self.order {
            Order::NewestFirst => self.store.changes_before(self.log.read.0, AT_ONCE).await?,
            Order::OldestFirst => {
                let left = self.until.log.0.saturating_sub(self.log.read.0);
                let most = usize::try_from(left).unwrap_or(AT_ONCE).min(AT_ONCE);
                if most == 0 { Vec::new() } else { self.store.changes(self.log.read.0, most).await? }
            }
        };
        self.log.over = records.is_empty();
        for (seq, bytes) in records {
            self.log.read = Seq(seq);
            self.log.ahead.push_back(AuditEntry::of_log(decode::<LogRecord>(&bytes)?, self.proof)?);
        }
        if self.is_beyond(&self.log.ahead) {
            self.log.over = true;
            self.log.ahead.clear();
        }
        Ok(())
    }

    async fn read_security(&mut self) -> Result<()> {
        let scan = Scan::prefix(&rows::security_events()).limit(AT_ONCE);
        let scan = match self.order {
            Order::NewestFirst => scan.backward(),
            Order::OldestFirst => scan,
        };
        let page = self.store.scan::<SecurityRow>(scan.after(&rows::security(self.security.read))).await?;
        self.security.over = page.entries.is_empty();
        for (_, row) in page.entries {
            let entry = AuditEntry::of_security(security_event_of(row)?, self.proof)?;
            let super::AuditPlace::Security(seq) = entry.place else { continue };
            if self.order == Order::OldestFirst && seq > self.until.security {
                self.security.over = true;
                break;
            }
            self.security.read = seq;
            self.security.ahead.push_back(entry);
        }
        if self.is_beyond(&self.security.ahead) {
            self.security.over = true;
            self.security.ahead.clear();
        }
        Ok(())
    }
}

/// The last places of both chains that are before a moment, as far as the clock can be trusted: none behind them was
/// written down before it. With no moment, the ends of both.
pub(crate) async fn ends(
    store: &TenantStore,
    newest: Position,
    before: Option<Timestamp>,
    plausible: Plausible,
) -> Result<Position> {
    let Some(before) = before.map(|before| before.plus_millis(CLOCK_BACK_MS)) else { return Ok(newest) };
    search(store, newest, before, plausible).await
}

/// The places before the first entries that were written down at this moment or later. Where the clock is not trusted, a
/// little before: none of them is left out then.
pub(crate) async fn place_before(
    store: &TenantStore,
    newest: Position,
    from: Timestamp,
    trusted: bool,
    plausible: Plausible,
) -> Result<Position> {
    let from = if trusted { from } else { from.plus_millis(-CLOCK_BACK_MS) };
    search(store, newest, from, plausible).await
}

/// The last places whose records were written down before a moment.
async fn search(
    store: &TenantStore,
    newest: Position,
    before: Timestamp,
    plausible: Plausible,
) -> Result<Position> {
    let log = last_before(store, Chain::Log, newest.log, (before, plausible)).await?;
    let security = last_before(store, Chain::Security, newest.security, (before, plausible)).await?;
    Ok(Position { log, security })
}

#[derive(Clone, Copy)]
enum Chain {
    Log,
    Security,
}

/// The last place of a chain that is before a moment, when all that are lie in front of all that are not.
async fn last_before(
    store: &TenantStore,
    chain: Chain,
    newest: Seq,
    (before, plausible): (Timestamp, Plausible),
) -> Result<Seq> {
    let (mut low, mut high) = (0, newest.0);
    while low < high {
        let middle = high - (high - low) / 2;
        // Where the time of one cannot be, the next ones tell.
        let times = times(store, chain, Seq(middle - 1), high).await?;
        let told = times.iter().find(|at| plausible.is(**at)).or(times.first());
        // None is kept any more: it was before all that are.
        if told.is_none_or(|at| *at < before) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(Seq(low))
}

/// When the records behind a place were written down, as far as they are read at once.
async fn times(store: &TenantStore, chain: Chain, after: Seq, until: u64) -> Result<Vec<Timestamp>> {
    match chain {
        Chain::Log => {
            let left = usize::try_from(until.saturating_sub(after.0)).unwrap_or(SEARCHED).min(SEARCHED);
            let records = store.changes(after.0, left).await?;
            if records.is_empty() {
                return Err(Error::internal(format!("there is no event behind {after}")));
            }
            let time = |bytes: &[u8]| Ok(decode::<LogRecord>(bytes)?.event()?.recorded_at);
            records.iter().map(|(_, bytes)| time(bytes)).collect()
        }
        Chain::Security => {
            let scan = Scan::prefix(&rows::security_events()).limit(SEARCHED);
            let page = store.scan::<SecurityRow>(scan.after(&rows::security(after))).await?;
            let mut times = Vec::with_capacity(SEARCHED);
            for (_, row) in page.entries {
                let event = security_event_of(row)?.event()?;
                if event.seq.0 > until {
                    break;
                }
                times.push(event.at);
            }
            Ok(times)
        }
    }
}
