//! What was noted and is not written yet: each sort of event once, with how often it happened.
//!
//! The first of a sort is due at once. The next ones of the same sort, from the same place, wait twice as long each time, up
//! to a quarter of an hour. More sorts than there is room for, and more of a kind than a company may write on a day, are
//! counted by what happened alone. So a company writes a bounded number of events on a day, whoever attacks it; and no kind
//! uses up the room of another, nor those that name nobody the room of those that name somebody.

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
            return noted.again(client, 1, now);
        }
        match self.room_for(sort, now, limits) {
            Some(noted) => noted.again(client, 1, now),
            None => self.count(kind, 1, now),
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
                return self.count(kind, 1, now);
            }
            places.insert(place);
        } else {
            if self.used.keys().filter(|(of, ..)| *of == kind).count() >= USERS_MAX {
                return self.count(kind, 1, now);
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
            return None;
        }
        Some(self.noted.entry(sort).or_insert_with(|| Noted::new(now)))
    }

    /// Counts by what happened alone.
    fn count(&mut self, kind: SecurityKind, count: u32, now: Timestamp) {
        self.rest.entry(kind).or_insert_with(|| Noted::new(now)).again(Client::default(), count, now);
    }

    /// What could not be written is noted as before.
    pub(super) fn take_back(&mut self, given: Vec<Given>, now: Timestamp, limits: &Limits) {
        for Given { sort, kind, client, count, since } in given {
            let Some(sort) = sort else {
                self.count(kind, count, since);
                continue;
            };
            if let Some(written) = self.written.get_mut(&budget(&sort)) {
                *written = written.saturating_sub(1);
            }
            let Some(noted) = self.room_for(sort, now, limits) else {
                self.count(kind, count, since);
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
        over.into_iter().for_each(|(kind, count)| self.count(kind, count, now));
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
        if self.day != day(now) {
            self.day = day(now);
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
        fresh.into_iter().map(|given| given.count).collect()
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
        let used = |notes: &mut Notes, host: u32, second: i64| {
            let client = Client { address: Some(IpAddr::V4(host.into())), ..Client::default() };
            notes.take_use((SecurityKind::KeyUsed, key), None, &client, at(second), &limits);
        };
        for (second, host) in [(0, 1), (1, 1), (2, 2), (60, 1)] {
            used(&mut notes, host, second);
        }
        assert_eq!(given(&mut notes, Wanted::Now, 61), [1, 1]);
        used(&mut notes, 1, 86_400);
        assert_eq!(given(&mut notes, Wanted::Now, 86_401), [1]);
        for host in 2..=1_000 {
            used(&mut notes, host, 86_402);
        }
        let told = given(&mut notes, Wanted::Last, 86_403);
        assert_eq!((told.len(), told.iter().sum::<u32>()), (PLACES_MAX, 999), "the rest is counted as one");
    }

    #[test]
    fn a_second_visit_of_an_operator_is_told_on_the_same_day_whatever_keys_do() {
        let (mut notes, limits) =
            (Notes::default(), Limits { audit_noted_per_day_max: 0, ..Limits::default() });
        let operator = Actor::Root(crate::id::RootId::generate());
        for _ in 0..2 {
            let visit = Some(Subject::Session(crate::id::SessionId::generate()));
            let used = (SecurityKind::VisitUsed, operator);
            notes.take_use(used, visit, &Client::default(), at(0), &limits);
            notes.take_use(used, visit, &Client::default(), at(1), &limits);
        }
        let told = notes.give(Wanted::Due, at(2), &limits, 10);
        assert_eq!(told.iter().filter(|given| given.sort.is_some()).count(), 2);
    }

    #[test]
    fn what_could_not_be_written_is_noted_as_it_was() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        notes.take(failure(1), at(0), &limits);
        let fresh = notes.give(Wanted::Due, at(0), &limits, 10);
        notes.take(failure(1), at(1), &limits);
        notes.take_back(fresh, at(1), &limits);
        let again = notes.give(Wanted::Due, at(1), &limits, 10);
        let (_, body) = again[0].event();
        assert_eq!((again.len(), body.count, body.since), (1, 2, at(0)));
        assert_eq!(body.address.as_deref(), Some("0.0.0.1"), "from where is still known");
        assert_eq!(notes.written.values().sum::<usize>(), 1, "it was written once");
    }

    #[test]
    fn none_is_forgotten_when_one_kind_is_over_its_bound_and_a_batch_is_full() {
        let limits = Limits { audit_noted_per_day_max: 5, ..Limits::default() };
        let (mut notes, mut told) = (Notes::default(), 0);
        for host in 0..100 {
            notes.take(failure(host), at(0), &limits);
            let refused = SecurityNote { kind: SecurityKind::ActionRefused, ..failure(host) };
            notes.take(refused, at(0), &limits);
        }
        for second in 1..1_000 {
            let some = notes.give(Wanted::Due, at(second), &limits, 2);
            told += some.iter().map(|given| given.count).sum::<u32>();
        }
        told += given(&mut notes, Wanted::Last, 1_000).iter().sum::<u32>();
        assert_eq!(told, 200);
    }

    #[test]
    fn failures_at_nobody_leave_room_for_those_at_somebody() {
        let limits = Limits { audit_noted_per_day_max: 5, ..Limits::default() };
        let mut notes = Notes::default();
        for host in 0..50 {
            notes.take(failure(host), at(0), &limits);
        }
        notes.give(Wanted::Due, at(0), &limits, 100);
        let member = Subject::Member(crate::id::MemberId::generate());
        notes.take(failure(99).about(Some(member)), at(1), &limits);
        let told = notes.give(Wanted::Due, at(1), &limits, 100);
        assert!(told.iter().any(|given| given.event().1.subject == Some(member)));
    }

    #[test]
    fn who_looks_often_does_not_make_many_of_one() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        let mut rows = 0;
        for second in 0..600 {
            notes.take(failure(7), at(second), &limits);
            rows += given(&mut notes, Wanted::Now, second).len();
        }
        assert!(rows <= 8, "{rows}");
    }

    #[test]
    fn a_desk_is_blank_again_on_the_day_after() {
        let (mut notes, limits) = (Notes::default(), Limits::default());
        notes.take(failure(1), at(0), &limits);
        assert!(!notes.is_blank(at(0)));
        notes.give(Wanted::Last, at(0), &limits, 10);
        assert!(!notes.is_blank(at(1)), "it is known what was written today");
        assert!(notes.is_blank(at(86_400)));
    }
}
