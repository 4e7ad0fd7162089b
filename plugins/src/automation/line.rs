//! Whose turn it is: companies that have work, each once, in the order in which they were rung for; and those that are looked
//! at later.
//!
//! A company has at most one turn at a time and stands at the end of the line afterwards, so that none waits behind another's
//! thousands. Pure: time comes in as a value, and what the work is, it does not know.

use mortise_engine::id::TenantId;
use mortise_engine::time::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// See the module. It holds about a hundred bytes for each company that has work.
#[derive(Debug)]
pub(super) struct Line {
    places: HashMap<TenantId, Place>,
    ready: VecDeque<TenantId>,
    later: BTreeSet<(Timestamp, TenantId)>,
    /// The newest time that anybody was taken at.
    seen: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ready,
    /// It has its turn; rung for again meanwhile, or not.
    Out(bool),
    Later(Timestamp),
}

/// What becomes of a company after its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// There is more to do.
    Again,
    /// There may be more at this time.
    At(Timestamp),
    /// Nothing, until it is rung for.
    Rest,
}

impl Next {
    /// The sooner of both.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Again, _) | (_, Self::Again) => Self::Again,
            (Self::At(a), Self::At(b)) => Self::At(a.min(b)),
            (Self::At(at), Self::Rest) | (Self::Rest, Self::At(at)) => Self::At(at),
            (Self::Rest, Self::Rest) => Self::Rest,
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        let (places, ready, later) = Default::default();
        Self { places, ready, later, seen: Timestamp::from_millis(i64::MIN) }
    }
}

impl Line {
    /// There is work for this company.
    pub(super) fn ring(&mut self, tenant: TenantId) {
        match self.places.get_mut(&tenant) {
            Some(Place::Out(rung)) => *rung = true,
            Some(Place::Ready) => {}
            Some(Place::Later(_)) | None => self.make_ready(tenant),
        }
    }

    /// The next company that is ready; else when the first of the others is to be looked at.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<TenantId, Option<Timestamp>> {
        // A clock that was set back: times that were meant by the former one say nothing any more.
        let set_back = now < std::mem::replace(&mut self.seen, now);
        while let Some((at, tenant)) = self.later.first().copied().filter(|(at, _)| set_back || *at <= now) {
            self.later.remove(&(at, tenant));
            self.places.insert(tenant, Place::Ready);
            self.ready.push_back(tenant);
        }
        match self.ready.pop_front() {
            Some(tenant) => {
                self.places.insert(tenant, Place::Out(false));
                Ok(tenant)
            }
            None => Err(self.later.first().map(|(at, _)| *at)),
        }
    }

    /// Its turn is over.
    pub(super) fn back(&mut self, tenant: TenantId, next: Next) {
        let rung = matches!(self.places.get(&tenant), Some(Place::Out(true)));
        match next {
            _ if rung => self.make_ready(tenant),
            Next::Again => self.make_ready(tenant),
            Next::At(at) => {
                self.places.insert(tenant, Place::Later(at));
                self.later.insert((at, tenant));
            }
            Next::Rest => {
                self.places.remove(&tenant);
            }
        }
    }

    fn make_ready(&mut self, tenant: TenantId) {
        if let Some(Place::Later(at)) = self.places.insert(tenant, Place::Ready) {
            self.later.remove(&(at, tenant));
        }
        self.ready.push_back(tenant);
    }

    /// Companies that have work or will.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.places.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn companies_take_turns() {
        let (a, b) = (TenantId::generate(), TenantId::generate());
        let mut line = Line::default();
        line.ring(a);
        line.ring(b);
        line.ring(a);
        assert_eq!(line.take(at(0)), Ok(a));
        line.back(a, Next::Again);
        assert_eq!(line.take(at(0)), Ok(b), "who has had a turn stands at the end");
        assert_eq!(line.take(at(0)), Ok(a));
        assert_eq!(line.take(at(0)), Err(None), "both are out");
        line.ring(a);
        line.back(a, Next::Rest);
        line.back(b, Next::Rest);
        assert_eq!(line.take(at(0)), Ok(a), "rung for while it was out");
        line.back(a, Next::Rest);
        assert_eq!((line.take(at(0)), line.len()), (Err(None), 0), "and nothing is left behind");
    }

    #[test]
    fn later_is_not_now_unless_rung_for() {
        let (a, b) = (TenantId::generate(), TenantId::generate());
        let mut line = Line::default();
        for (tenant, time) in [(a, 100), (b, 50)] {
            line.ring(tenant);
            assert_eq!(line.take(at(0)), Ok(tenant));
            line.back(tenant, Next::At(at(time)));
        }
        assert_eq!(line.take(at(0)), Err(Some(at(50))));
        assert_eq!(line.take(at(60)), Ok(b));
        line.back(b, Next::Rest);
        line.ring(a);
        assert_eq!(line.take(at(60)), Ok(a));
        line.back(a, Next::Rest);
        assert_eq!(line.take(at(1_000)), Err(None));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let a = TenantId::generate();
        let mut line = Line::default();
        line.ring(a);
        assert_eq!(line.take(at(5_000)), Ok(a));
        line.back(a, Next::At(at(6_000)));
        assert_eq!(line.take(at(5_500)), Err(Some(at(6_000))));
        assert_eq!(line.take(at(1_000)), Ok(a), "it is looked at once more");
        line.back(a, Next::At(at(2_000)));
        assert_eq!(line.take(at(1_500)), Err(Some(at(2_000))));
    }

    #[test]
    fn the_sooner_counts() {
        assert_eq!(Next::Rest.or(Next::At(at(3))).or(Next::At(at(2))), Next::At(at(2)));
        assert_eq!(Next::At(at(1)).or(Next::Again), Next::Again);
        assert_eq!(Next::Rest.or(Next::Rest), Next::Rest);
    }
}
