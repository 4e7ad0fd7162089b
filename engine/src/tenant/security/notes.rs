//! What was noted and is not written yet: each sort of event once, with how often it happened.
//!
//! The first of a sort is due at once, but for what may come to nothing, which waits until that is known. The next ones of the
//! same sort, from the same place, wait twice as long each time, up to a quarter of an hour. More sorts than there is room
//! for, and more of a kind than a company may write on a day, are counted by what happened alone; those that name somebody
//! take the places of those that name nobody. So a company writes a bounded number of events on a day, whoever attacks it; and
//! no kind uses up the room of another, nor those that name nobody the room of those that name somebody.

use super::{Fresh, Wanted};
use crate::context::Client;
use crate::event::{Actor, Subject};
use crate::limits::Limits;
use crate::security::{SecurityKind, SecurityNote};
use crate::time::{Timestamp, day_of};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv6Addr};

/// The first pause between two events of a sort, in milliseconds: as often as the keeper looks.
const PAUSE_MIN_MS: i64 = 5_000;

/// The longest, in milliseconds.
const PAUSE_MAX_MS: i64 = 15 * 60 * 1000;

/// Parties whose uses of keys, tokens and visits are told apart on a day, of each kind; those of further ones are counted.
const USERS_MAX: usize = 1_000;

/// Places from which the uses of one party are told apart on a day; those from further ones are counted.
const PLACES_MAX: usize = 32;

/// See the module.
#[derive(Default)]
pub(super) struct Notes {
    noted: FxHashMap<Sort, Noted>,
    /// What there was no room for, by what happened.
    rest: FxHashMap<SecurityKind, Noted>,
    /// The day of which the following two tell.
    day: i64,
    used: FxHashMap<User, FxHashSet<Option<IpAddr>>>,
    /// Events written of each budget.
    written: FxHashMap<Budget, usize>,
}

/// Who used what, by which way.
type User = (SecurityKind, Actor, Option<Subject>);

/// Events of one budget share what may be written on a day: those of a kind that name somebody or something, and those that
/// do not.
type Budget = (SecurityKind, bool);

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

    /// What may come to nothing yet waits, where nothing waits already.
    fn hold_back(&mut self, kind: SecurityKind, now: Timestamp) {
        if self.count == 0 {
            self.due = self.due.max(now.plus_millis(kind.held_back_ms()));
        }
    }

    fn is_wanted(&self, wanted: Wanted, now: Timestamp) -> bool {
        let due = match wanted {
            Wanted::Due => self.due <= now,
            // Who looks often does not make many of one.
            Wanted::Now => self.due <= now || self.written == 0,
            Wanted::Last => true,
        };
        self.count > 0 && due
    }

    /// It is written: the next waits longer.
    fn give(&mut self, now: Timestamp) -> (u32, Timestamp) {
        let pause = PAUSE_MIN_MS.saturating_mul(1_i64 << self.written.min(20)).min(PAUSE_MAX_MS);
        self.due = now.plus_millis(pause);
        self.written = self.written.saturating_add(1);
        (std::mem::take(&mut self.count), self.since)
    }
}

/// What is about to be written: it is put back if it cannot be.
pub(super) struct Given {
    /// None for those that are counted by what happened alone.
    sort: Option<Sort>,
    kind: SecurityKind,
    client: Client,
    count: u32,
    since: Timestamp,
}

impl Given {
    /// The event.
    pub(super) fn event(&self) -> Fresh {
        let note = match &self.sort {
            Some(sort) => sort.note(&self.client),
            None => SecurityNote::new(self.kind).saying("several, not told apart"),
        };
        (self.kind, note.into_body(self.count, self.since))
    }
}

impl Notes {
    /// Counts an event.
    pub(super) fn take(&mut self, note: SecurityNote, now: Timestamp, limits: &Limits) {
        self.begin_day(now);
        let source = note.client.address.map(source);
        let SecurityNote { kind, actor, subject, client, detail } = note;
        let sort = Sort { kind, actor, subject, source, detail };
        if let Some(noted) = self.noted.get_mut(&sort) {
            noted.hold_back(kind, now);
            return noted.again(client, 1, now);
        }
        match self.room_for(sort, now, limits) {
            Some(noted) => {
                noted.hold_back(kind, now);
                noted.again(client, 1, now);
            }
            None => self.count_untold(kind, 1, now),
        }
    }

    /// Takes back one of what was noted of this, from the same place, and is not given yet.
    pub(super) fn withdraw(&mut self, kind: SecurityKind, subject: Subject, address: Option<IpAddr>) {
        let source = address.map(source);
        let sort = Sort { kind, actor: None, subject: Some(subject), source, detail: None };
        let Some(noted) = self.noted.get_mut(&sort) else { return };
        noted.count = noted.count.saturating_sub(1);
        if noted.count == 0 && noted.written == 0 {
            self.noted.remove(&sort);
        }
    }

    /// Counts a use, the first time on a day from a place. What is nothing new costs a look.
    pub(super) fn take_use(
        &mut self,
        (kind, actor): (SecurityKind, Actor),
        subject: Option<Subject>,
        client: &Client,
        now: Timestamp,
        limits: &Limits,
    ) {
        self.begin_day(now);
        let (user, place) = ((kind, actor, subject), client.address.map(source));
        if let Some(places) = self.used.get_mut(&user) {
            if places.contains(&place) {
                return;
            }
            if places.len() >= PLACES_MAX {
                return self.count_untold(kind, 1, now);
            }
            places.insert(place);
        } else {
            if self.used.keys().filter(|(of, ..)| *of == kind).count() >= USERS_MAX {
                return self.count_untold(kind, 1, now);
            }
            self.used.entry(user).or_default().insert(place);
        }
        let note = SecurityNote::new(kind).by(actor).about(subject).from(client);
        self.take(note, now, limits);
    }

    /// The room of a sort that may be new; none when all is taken.
    fn room_for(&mut self, sort: Sort, now: Timestamp, limits: &Limits) -> Option<&mut Noted> {
        if self.noted.len() >= limits.audit_noted_max {
            self.noted.retain(|of, noted| noted.count > 0 || *of == sort);
        }
        if self.noted.len() >= limits.audit_noted_max && !self.noted.contains_key(&sort) {
            let (_, names) = budget(&sort);
            let nobody = self.noted.keys().find(|of| !budget(of).1).filter(|_| names)?.clone();
            let pushed_out = self.noted.remove(&nobody)?;
            if pushed_out.count > 0 {
                self.count_untold(nobody.kind, pushed_out.count, pushed_out.since);
            }
        }
        Some(self.noted.entry(sort).or_insert_with(|| Noted::new(now)))
    }

    /// Counts by what happened alone.
    fn count_untold(&mut self, kind: SecurityKind, count: u32, now: Timestamp) {
        self.rest.entry(kind).or_insert_with(|| Noted::new(now)).again(Client::default(), count, now);
    }

    /// What could not be written is noted as before.
    pub(super) fn take_back(&mut self, given: Vec<Given>, now: Timestamp, limits: &Limits) {
        for Given { sort, kind, client, count, since } in given {
            let Some(sort) = sort else {
                self.count_untold(kind, count, since);
                continue;
            };
            if let Some(written) = self.written.get_mut(&budget(&sort)) {
                *written = written.saturating_sub(1);
            }
            let Some(noted) = self.room_for(sort, now, limits) else {
                self.count_untold(kind, count, since);
                continue;
            };
            if noted.count == 0 {
                noted.client = client;
            }
            (noted.count, noted.since) = (noted.count.saturating_add(count), since);
            (noted.due, noted.written) = (now, noted.written.saturating_sub(1));
        }
    }

    /// Whether nothing is known here that would be missed.
    pub(super) fn is_blank(&mut self, now: Timestamp) -> bool {
        self.begin_day(now);
        let mut all = self.noted.values().chain(self.rest.values());
        all.all(|noted| noted.count == 0) && self.used.is_empty() && self.written.is_empty()
    }

    /// Whether anything is to be written.
    pub(super) fn any(&self, wanted: Wanted, now: Timestamp) -> bool {
        let mut all = self.noted.values().chain(self.rest.values());
        all.any(|noted| noted.is_wanted(wanted, now))
    }

    /// What is to be written, at most so many.
    pub(super) fn give(&mut self, wanted: Wanted, now: Timestamp, limits: &Limits, max: usize) -> Vec<Given> {
        self.begin_day(now);
        let (mut given, mut over) = (Vec::new(), Vec::new());
        for (sort, noted) in &mut self.noted {
            if given.len() >= max {
                break;
            }
            if !noted.is_wanted(wanted, now) {
                continue;
            }
            let (kind, (count, since)) = (sort.kind, noted.give(now));
            let written = self.written.entry(budget(sort)).or_default();
            if *written < limits.audit_noted_per_day_max || kind == SecurityKind::VisitUsed {
                *written += 1;
                let client = noted.client.clone();
                given.push(Given { sort: Some(sort.clone()), kind, client, count, since });
            } else {
                over.push((kind, count));
            }
        }
        over.into_iter().for_each(|(kind, count)| self.count_untold(kind, count, now));
        self.noted.retain(|_, noted| noted.count > 0 || noted.due > now);
        // These are many by their nature: they wait for their time, unless there is none.
        let wanted = if wanted == Wanted::Last { Wanted::Last } else { Wanted::Due };
        for (kind, noted) in &mut self.rest {
            if given.len() < max && noted.is_wanted(wanted, now) {
                let (count, since) = noted.give(now);
                given.push(Given { sort: None, kind: *kind, client: Client::default(), count, since });
            }
        }
        given
    }

    fn begin_day(&mut self, now: Timestamp) {
        if self.day != day_of(now) {
            self.day = day_of(now);
            (self.used, self.written) = Default::default();
            self.noted.shrink_to_fit();
        }
    }
}

impl Sort {
    fn note(&self, client: &Client) -> SecurityNote {
        let (actor, subject, detail) = (self.actor, self.subject, self.detail.clone());
        SecurityNote { kind: self.kind, actor, subject, client: client.clone(), detail }
    }
}

const fn budget(sort: &Sort) -> Budget {
    (sort.kind, sort.subject.is_some() || sort.actor.is_some())
}

/// What counts as one place: an IPv4 address, or the /64 that one customer of a provider has.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests;
