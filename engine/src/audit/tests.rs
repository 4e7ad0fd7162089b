//! Whoever changes a record of either chain is found out: by the chain, by the log, or by a head that was signed before.
//!
//! The records are those of a real engine. Whoever tampers holds all keys, so that no seal of the storage is in the way; the
//! cleverest of them computes all hashes anew.

use super::verify::Verifier;
use super::{AuditHead, AuditReport};
use crate::event::{Actor, EventBody, Subject};
use crate::id::TenantId;
use crate::log::{LogRecord, SecurityRecord};
use crate::model::{LogPlace, Seq};
use crate::rows::SecurityKept;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

pub(crate) use super::lines::as_json;

/// A company's chains.
#[derive(Clone, PartialEq)]
pub(crate) struct Chains {
    pub(crate) tenant: TenantId,
    pub(crate) log: Vec<LogRecord>,
    /// The security events that are kept.
    pub(crate) security: Vec<SecurityRecord>,
    pub(crate) kept: SecurityKept,
    /// When they were taken.
    pub(crate) now: Timestamp,
}

impl Chains {
    /// The ends of both.
    pub(crate) fn head(&self) -> AuditHead {
        let first = self.kept.dropped.seq.0;
        let place = |count: usize, hash| LogPlace { seq: Seq(count as u64), hash };
        AuditHead {
            tenant: self.tenant,
            at: self.now,
            log: place(self.log.len(), self.log.last().unwrap().hash()),
            security: place(first as usize + self.security.len(), self.security.last().unwrap().hash()),
        }
    }

    /// Lets all security events but the newest go, and that one lose what it said; the log says so, at a time so many days
    /// ahead.
    pub(crate) fn erase_newest(&mut self, days: i64) {
        let hash = self.security[self.security.len() - 2].hash();
        self.seal(self.security.len() - 1, hash, self.now.plus_millis(days * 24 * 60 * 60 * 1000));
        self.security[0] = self.security[0].clone().erase();
    }

    /// Adds an event to the log that seals the security events to the newest; so many go, of which the last has this hash.
    fn seal(&mut self, gone: usize, hash: crate::log::ChainHash, at: Timestamp) {
        let (Some(last), Some(tip)) = (self.log.last(), self.security.last()) else { return };
        let first = self.kept.dropped.seq.0;
        let place = |count: usize, hash| LogPlace { seq: Seq(first + count as u64), hash };
        let (sealed, dropped) = (place(self.security.len(), tip.hash()), place(gone, hash));
        let mut event = last.event().unwrap();
        (event.seq, event.subject, event.actor) = (event.seq.next(), Subject::Tenant, Actor::System);
        (event.recorded_at, event.body) = (at, Some(EventBody::SecuritySealed { sealed, dropped }));
        self.log.push(LogRecord::of(&event, &last.hash(), [9; 16]).unwrap());
        self.kept = SecurityKept { sealed, dropped };
        self.security.drain(..gone);
    }

    /// What is found when a company holds these chains.
    pub(crate) fn verified(&self, tenant: TenantId, heads: &[AuditHead]) -> AuditReport {
        let mut verifier = Verifier::new(tenant, heads, self.now);
        for (record, seq) in self.log.iter().zip(1..) {
            verifier.event(Seq(seq), record);
        }
        verifier.begin_security(self.kept);
        self.security.iter().for_each(|record| verifier.security(record));
        verifier.finish()
    }
}

/// A small generator of chances.
pub(crate) struct Chances(pub(crate) u64);

impl Chances {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// What was done to the chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tampering {
    Edit,
    Delete,
    Repeat,
    Reorder,
    Truncate,
    Empty,
    SwapRecord,
    SwapChain,
    Rewrite,
    Kept,
    Erase,
    DropEarly,
}

pub(crate) const ALL: [Tampering; 12] = [
    Tampering::Edit,
    Tampering::Delete,
    Tampering::Repeat,
    Tampering::Reorder,
    Tampering::Truncate,
    Tampering::Empty,
    Tampering::SwapRecord,
    Tampering::SwapChain,
    Tampering::Rewrite,
    Tampering::Kept,
    Tampering::Erase,
    Tampering::DropEarly,
];

/// Tampers with one chain of `ours`; the other company's is at hand. What is no change at all is none.
pub(crate) fn tamper(
    ours: &Chains,
    theirs: &Chains,
    how: Tampering,
    chances: &mut Chances,
) -> Option<Chains> {
    let mut changed = ours.clone();
    if how == Tampering::Kept {
        let place = match chances.below(2) {
            0 => &mut changed.kept.sealed,
            _ => &mut changed.kept.dropped,
        };
        match chances.below(2) {
            0 => place.seq = Seq(chances.below(20) as u64),
            _ => place.hash[chances.below(32)] ^= 1,
        }
    } else if how == Tampering::DropEarly {
        drop_early(&mut changed, chances);
    } else if chances.below(2) == 0 {
        change(&mut changed.log, &theirs.log, how, chances)?;
    } else {
        change(&mut changed.security, &theirs.security, how, chances)?;
    }
    Some(changed).filter(|changed| changed != ours)
}

/// Adds an event to the log by which security events are dropped whose time is not over; at a time that was made up, or not.
fn drop_early(changed: &mut Chains, chances: &mut Chances) {
    let Some(last) = changed.log.last() else { return };
    let recorded_at = last.event().unwrap().recorded_at;
    // The newest of those that are kept is of the last day.
    let gone = changed.security.len() - chances.below(2);
    let hash = changed.security[gone - 1].hash();
    let at = match chances.below(3) {
        0 => changed.now,
        1 => recorded_at.plus_millis(40 * 24 * 60 * 60 * 1000),
        _ => recorded_at.plus_millis(-40 * 24 * 60 * 60 * 1000),
    };
    changed.seal(gone, hash, at);
}

fn change<R>(ours: &mut Vec<R>, theirs: &[R], how: Tampering, chances: &mut Chances) -> Option<()>
where
    R: Clone + Encode<()> + for<'b> Decode<'b, ()> + Rehash,
{
    let at = chances.below(ours.len());
    match how {
        Tampering::Edit => ours[at] = edited(&ours[at], chances)?,
        Tampering::Delete => drop(ours.remove(at)),
        Tampering::Repeat => ours.insert(at, ours[at].clone()),
        Tampering::Reorder => {
            let other = chances.below(ours.len());
            ours.swap(at, other);
        }
        Tampering::Truncate => ours.truncate(at.max(1)),
        Tampering::Empty => ours.clear(),
        Tampering::SwapRecord => ours[at] = theirs[chances.below(theirs.len())].clone(),
        Tampering::SwapChain => *ours = theirs.to_vec(),
        // Something in the middle goes, and all that follows is made to follow what is left.
        Tampering::Rewrite => {
            ours.remove(at.min(ours.len() - 1));
            R::chain_anew(ours);
        }
        Tampering::Erase => ours[at] = ours[at].clone().erased(),
        Tampering::Kept | Tampering::DropEarly => {}
    }
    Some(())
}

/// A record with a byte changed, as far as it is still a record.
fn edited<R: Encode<()> + for<'b> Decode<'b, ()>>(record: &R, chances: &mut Chances) -> Option<R> {
    let mut bytes = minicbor::to_vec(record).unwrap();
    let at = chances.below(bytes.len());
    bytes[at] ^= 1 << chances.below(8);
    minicbor::decode(&bytes).ok()
}

/// Records whose hashes can be computed anew, as whoever holds the program can.
pub(crate) trait Rehash: Sized {
    fn chain_anew(records: &mut Vec<Self>);

    /// This record without its body.
    fn erased(self) -> Self;
}

impl Rehash for LogRecord {
    fn erased(self) -> Self {
        self.erase()
    }

    fn chain_anew(records: &mut Vec<Self>) {
        let mut previous = crate::log::GENESIS;
        for (record, seq) in records.iter_mut().zip(1..) {
            let Ok(mut event) = record.event() else { return };
            event.seq = Seq(seq);
            let Ok(anew) = Self::of(&event, &previous, [9; 16]) else { return };
            previous = anew.hash();
            *record = anew;
        }
    }
}

impl Rehash for SecurityRecord {
    fn erased(self) -> Self {
        self.erase()
    }

    fn chain_anew(records: &mut Vec<Self>) {
        let Some(first) = records.first().and_then(|first| first.event().ok()) else { return };
        let mut previous = records[0].hash();
        for (record, seq) in records.iter_mut().zip(first.seq.0..).skip(1) {
            let Ok(mut event) = record.event() else { return };
            event.seq = Seq(seq);
            let Ok(anew) = Self::of(&event, &previous, [9; 16]) else { return };
            previous = anew.hash();
            *record = anew;
        }
    }
}
