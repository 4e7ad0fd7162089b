//! What was noted and is not written yet: each sort of event once, with how often it happened.
//!
//! The first of a sort is due at once. The next ones of the same sort, from the same place, wait twice as long each time, up
//! to a quarter of an hour. More sorts than there is room for, and more than a company may write on a day, are counted
//! by what happened alone. So a company writes a bounded number of events on a day, whoever attacks it.

use super::{Fresh, Wanted};
use crate::context::Client;
use crate::event::{Actor, Subject};
use crate::limits::Limits;
use crate::security::{SecurityKind, SecurityNote, day};
use crate::time::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv6Addr};

/// The first pause between two events of a sort, in milliseconds: as often as the keeper looks.
const PAUSE_MIN_MS: i64 = 5_000;

/// The longest, in milliseconds.
const PAUSE_MAX_MS: i64 = 15 * 60 * 1000;

/// Uses of keys and visits that are told apart on a day, by who and from where; further ones are not noted.
const USES_MAX: usize = 4_000;

/// See the module.
#[derive(Default)]
pub(super) struct Notes {
    noted: FxHashMap<Sort, Noted>,
    /// What there was no room for, by what happened.
    rest: FxHashMap<SecurityKind, Noted>,
    /// The day of which the following two tell.
    day: i64,
    used: FxHashSet<(Actor, Option<IpAddr>)>,
    /// Events written of each class.
    written: [usize; 3],
}

/// Events that are counted as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sort {
    kind: SecurityKind,
    actor: Option<Actor>,
    subject: Option<Subject>,
    source: Option<IpAddr>,
    detail: Option<String>,
}

/// How often it happened since it was last written, and by whom last.
struct Noted {
    count: u32,
    since: Timestamp,
    client: Client,
    /// When it may be written.
    due: Timestamp,
    /// How often it was written already.
    written: u32,
}

impl Noted {
    fn new(now: Timestamp) -> Self {
        Self { count: 0, since: now, client: Client::default(), due: now, written: 0 }
    }

    fn again(&mut self, client: Client, count: u32, now: Timestamp) {
        if self.count == 0 {
            self.since = now;
        }
        self.count = self.count.saturating_add(count);
        self.client = client;
    }

    fn is_wanted(&self, wanted: Wanted, now: Timestamp) -> bool {
        self.count > 0 && (wanted != Wanted::Due || self.due <= now)
    }

    /// It is written: the next waits longer.
    fn give(&mut self, now: Timestamp) -> (u32, Timestamp) {
        let pause = PAUSE_MIN_MS.saturating_mul(1_i64 << self.written.min(20)).min(PAUSE_MAX_MS);
        self.due = now.plus_millis(pause);
        self.written = self.written.saturating_add(1);
        (std::mem::take(&mut self.count), self.since)
    }
}

impl Notes {
    /// Counts an event.
    pub(super) fn take(&mut self, note: SecurityNote, now: Timestamp, limits: &Limits) {
        self.begin_day(now);
        let source = note.client.address.map(source);
        if is_use(note.kind) && !self.is_first_use(note.actor, source) {
            return;
        }
        let SecurityNote { kind, actor, subject, client, detail } = note;
        let sort = Sort { kind, actor, subject, source, detail };
        if let Some(noted) = self.noted.get_mut(&sort) {
            return noted.again(client, 1, now);
        }
        if self.noted.len() >= limits.audit_noted_max {
            self.noted.retain(|_, noted| noted.count > 0);
        }
        if self.noted.len() >= limits.audit_noted_max {
            return self.count(kind, 1, now);
        }
        self.noted.entry(sort).or_insert_with(|| Noted::new(now)).again(client, 1, now);
    }

    /// Counts by what happened alone.
    fn count(&mut self, kind: SecurityKind, count: u32, now: Timestamp) {
        self.rest.entry(kind).or_insert_with(|| Noted::new(now)).again(Client::default(), count, now);
    }

    /// What could not be written is counted.
    pub(super) fn take_back(&mut self, fresh: Vec<Fresh>) {
        for (kind, body) in fresh {
            self.count(kind, body.count, body.since);
        }
    }

    /// Whether anything is to be written.
    pub(super) fn any(&self, wanted: Wanted, now: Timestamp) -> bool {
        let mut all = self.noted.values().chain(self.rest.values());
        all.any(|noted| noted.is_wanted(wanted, now))
    }

    /// What is to be written, at most so many.
    pub(super) fn give(&mut self, wanted: Wanted, now: Timestamp, limits: &Limits, max: usize) -> Vec<Fresh> {
        self.begin_day(now);
        let (mut fresh, mut over) = (Vec::new(), Vec::new());
        for (sort, noted) in &mut self.noted {
            if fresh.len() >= max {
                return fresh;
            }
            if !noted.is_wanted(wanted, now) {
                continue;
            }
            let (count, since) = noted.give(now);
            let class = class(sort.kind);
            let written = self.written.get_mut(class);
            match written.filter(|written| **written < limits.audit_noted_per_day_max) {
                Some(written) => {
                    *written += 1;
                    fresh.push((sort.kind, sort.note(&noted.client).into_body(count, since)));
                }
                None => over.push((sort.kind, count)),
            }
        }
        over.into_iter().for_each(|(kind, count)| self.count(kind, count, now));
        self.noted.retain(|_, noted| noted.count > 0 || noted.due > now);
        // These are many by their nature: they wait for their time, unless there is none.
        let wanted = if wanted == Wanted::Last { Wanted::Last } else { Wanted::Due };
        for (kind, noted) in &mut self.rest {
            if fresh.len() < max && noted.is_wanted(wanted, now) {
                let (count, since) = noted.give(now);
                let note = SecurityNote::new(*kind).saying("several, not told apart");
                fresh.push((*kind, note.into_body(count, since)));
            }
        }
        fresh
    }

    fn is_first_use(&mut self, actor: Option<Actor>, source: Option<IpAddr>) -> bool {
        actor.is_some_and(|actor| self.used.len() < USES_MAX && self.used.insert((actor, source)))
    }

    fn begin_day(&mut self, now: Timestamp) {
        if self.day != day(now) {
            self.day = day(now);
            self.used.clear();
            self.written = [0; 3];
        }
    }
}

impl Sort {
    fn note(&self, client: &Client) -> SecurityNote {
        let (actor, subject, detail) = (self.actor, self.subject, self.detail.clone());
        SecurityNote { kind: self.kind, actor, subject, client: client.clone(), detail }
    }
}

const fn is_use(kind: SecurityKind) -> bool {
    matches!(kind, SecurityKind::KeyUsed | SecurityKind::VisitUsed)
}

/// Events of a class share what may be written on a day: failures leave room for refusals and uses.
const fn class(kind: SecurityKind) -> usize {
    match kind {
        SecurityKind::ActionRefused => 1,
        SecurityKind::KeyUsed | SecurityKind::VisitUsed => 2,
        _ => 0,
    }
}

/// What counts as one place: an IPv4 address, or the /64 that one customer of a provider has.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + seconds * 1000)
    }

    fn failure(host: u32) -> SecurityNote {
        let client = Client { address: Some(IpAddr::V4(host.into())), ..Client::default() };
        SecurityNote::new(SecurityKind::SignInFailed).from(&client)
    }

    fn given(notes: &mut Notes, wanted: Wanted, second: i64) -> Vec<u32> {
        let fresh = notes.give(wanted, at(second), &Limits::default(), 1_000);
        fresh.into_iter().map(|(_, body)| body.count).collect()
    }

    #[test]
    fn the_first_is_written_at_once_and_the_next_are_counted_for_longer_and_longer() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        let mut rows = Vec::new();
        for second in 0..3_600 {
            notes.take(failure(7), at(second), &limits);
            rows.extend(given(&mut notes, Wanted::Due, second));
        }
        rows.extend(given(&mut notes, Wanted::Last, 3_600));
        assert_eq!(rows.first(), Some(&1));
        assert_eq!(rows.iter().sum::<u32>(), 3_600, "none is lost");
        assert!(rows.len() <= 12, "{rows:?}");
    }

    #[test]
    fn an_attack_from_everywhere_writes_a_bounded_number_on_a_day() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        let mut rows = Vec::new();
        for second in 0..20_000_u32 {
            for host in 0..10 {
                notes.take(failure(second * 10 + host), at(second.into()), &limits);
            }
            rows.extend(given(&mut notes, Wanted::Now, second.into()));
        }
        rows.extend(given(&mut notes, Wanted::Last, 20_000));
        assert_eq!(rows.iter().sum::<u32>(), 200_000, "all are counted");
        assert!(rows.len() < limits.audit_noted_per_day_max + 50, "{}", rows.len());
        assert!(notes.noted.len() <= limits.audit_noted_max, "{}", notes.noted.len());
    }

    #[test]
    fn a_use_is_noted_once_on_a_day_from_a_place() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        let key = Actor::Root(crate::id::RootId::generate());
        let used = |host: u32| SecurityNote { kind: SecurityKind::KeyUsed, ..failure(host) }.by(key);
        for (second, host) in [(0, 1), (1, 1), (2, 2), (60, 1)] {
            notes.take(used(host), at(second), &limits);
        }
        assert_eq!(given(&mut notes, Wanted::Now, 61), [1, 1]);
        notes.take(used(1), at(86_400), &limits);
        assert_eq!(given(&mut notes, Wanted::Now, 86_401), [1]);
    }

    #[test]
    fn what_could_not_be_written_is_still_counted() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        notes.take(failure(1), at(0), &limits);
        let fresh = notes.give(Wanted::Due, at(0), &limits, 10);
        notes.take_back(fresh);
        assert_eq!(given(&mut notes, Wanted::Last, 1), [1]);
    }
}
