//! The log's records: how an event becomes bytes, and how each record seals the one before it.
//!
//! A record is a header, a salted digest of the body inside that header, and the body. The chain hash covers the
//! previous hash and the header, so a body (with its salt) can be erased later and the chain still verifies, while no
//! header and no body can be changed, moved, dropped or slipped in. This module knows no storage.

mod security;

pub use security::{SecurityRecord, security_genesis};

use crate::error::{Error, Result};
use crate::event::{Actor, Amendment, Event, EventBody, Origin, Subject};
use crate::model::Seq;
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;

/// The hash of a record and, through it, of all before it.
pub type ChainHash = [u8; 32];

/// The hash that the first record follows.
pub const GENESIS: ChainHash = [0; 32];

/// Separates these hashes from any other use of the same function.
const CHAIN_CONTEXT: &[u8] = b"mortise log chain 1";
const BODY_CONTEXT: &[u8] = b"mortise log body 1";

/// The part of a record that stays for ever.
#[derive(Debug, Clone, minicbor::Encode, minicbor::Decode)]
struct Header {
    #[n(0)]
    seq: Seq,
    #[n(1)]
    at: Timestamp,
    #[n(2)]
    recorded_at: Timestamp,
    #[n(3)]
    actor: Actor,
    #[n(4)]
    origin: Origin,
    #[n(5)]
    request: ByteArray<16>,
    #[n(6)]
    subject: Subject,
    #[n(7)]
    previous: Option<Seq>,
    #[n(8)]
    body_digest: ByteArray<32>,
    #[n(9)]
    updated_before: Option<Timestamp>,
    #[n(10)]
    amended: Option<Vec<Amendment>>,
}

/// A record of the log, as stored.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct LogRecord {
    /// The header's bytes: hashed as they are, so that no re-encoding can change the hash.
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[n(1)]
    hash: ByteArray<32>,
    #[n(2)]
    body: Option<SaltedBody>,
}

#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
struct SaltedBody {
    #[n(0)]
    salt: ByteArray<16>,
    #[cbor(n(1), with = "minicbor::bytes")]
    bytes: Vec<u8>,
}

impl crate::storage::Record for LogRecord {
    const KIND: u8 = 1;
    const VERSION: u8 = 1;
}

/// Why a record does not follow the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// The chain hash is another.
    #[error("the record does not follow the one before it")]
    Hash,
    /// The body is not the one the header speaks of.
    #[error("the body was changed")]
    Body,
    /// The header names another place.
    #[error("the record stands in another's place")]
    Place,
}

impl LogRecord {
    /// The record of an event that follows the record with this hash. The salt must be random and new.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the event has no body: only a stored one can be erased.
    pub fn of(event: &Event, previous: &ChainHash, salt: [u8; 16]) -> Result<Self> {
        let body = event
            .body
            .as_ref()
            .ok_or_else(|| Error::internal("an event without a body was to be written"))?;
        let bytes = minicbor::to_vec(body).map_err(|e| Error::internal(e.to_string()))?;
        let header = Header {
            seq: event.seq,
            at: event.at,
            recorded_at: event.recorded_at,
            actor: event.actor,
            origin: event.origin,
            request: (*event.request.as_bytes()).into(),
            subject: event.subject,
            previous: event.previous,
            body_digest: digest(BODY_CONTEXT, &salt, &bytes).into(),
            updated_before: event.updated_before,
            amended: (!event.amended.is_empty()).then(|| event.amended.clone()),
        };
        let header = minicbor::to_vec(&header).map_err(|e| Error::internal(e.to_string()))?;
        let hash = chain(CHAIN_CONTEXT, previous, &header).into();
        Ok(Self { header, hash, body: Some(SaltedBody { salt: salt.into(), bytes }) })
    }

    /// The hash that the next record follows.
    #[must_use]
    pub fn hash(&self) -> ChainHash {
        *self.hash
    }

    /// This record without its body. The chain still verifies; what the body said is gone, as is the salt with which
    /// a guess at it could be tested.
    #[must_use]
    pub fn erase(mut self) -> Self {
        self.body = None;
        self
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the bytes are not a record of a version that is known here.
    pub fn event(&self) -> Result<Event> {
        let header = self.header()?;
        let body = self.body.as_ref().map(|body| minicbor::decode::<EventBody>(&body.bytes)).transpose();
        Ok(Event {
            seq: header.seq,
            at: header.at,
            recorded_at: header.recorded_at,
            actor: header.actor,
            origin: header.origin,
            request: uuid::Uuid::from_bytes(*header.request),
            subject: header.subject,
            previous: header.previous,
            updated_before: header.updated_before,
            amended: header.amended.unwrap_or_default(),
            body: body.map_err(|e| Error::internal(format!("the body of event {}: {e}", header.seq)))?,
        })
    }

    /// What the event is about; known though its body is erased.
    ///
    /// # Errors
    ///
    /// As [`LogRecord::event`].
    pub fn subject(&self) -> Result<Subject> {
        Ok(self.header()?.subject)
    }

    /// Checks that this is the record at `seq`, that it follows the record with the hash `previous`, and that its body,
    /// if it is still there, is the one that was written.
    ///
    /// # Errors
    ///
    /// What is broken.
    pub fn verify(&self, seq: Seq, previous: &ChainHash) -> std::result::Result<(), ChainBreak> {
        let header = self.header().map_err(|_| ChainBreak::Hash)?;
        if header.seq != seq {
            return Err(ChainBreak::Place);
        }
        if chain(CHAIN_CONTEXT, previous, &self.header) != *self.hash {
            return Err(ChainBreak::Hash);
        }
        match &self.body {
            Some(body) if digest(BODY_CONTEXT, &body.salt, &body.bytes) != *header.body_digest => {
                Err(ChainBreak::Body)
            }
            _ => Ok(()),
        }
    }

    fn header(&self) -> Result<Header> {
        minicbor::decode(&self.header).map_err(|e| Error::internal(format!("the header of an event: {e}")))
    }
}

fn chain(context: &[u8], previous: &ChainHash, header: &[u8]) -> ChainHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(context).update(previous).update(header);
    *hasher.finalize().as_bytes()
}

fn digest(context: &[u8], salt: &[u8; 16], body: &[u8]) -> ChainHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(context).update(salt).update(body);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::IssueId;
    use crate::model::Tier;

    fn event(seq: u64, name: &str) -> Event {
        Event {
            seq: Seq(seq),
            at: Timestamp::from_millis(1),
            recorded_at: Timestamp::from_millis(2),
            actor: Actor::System,
            origin: Origin::Embed,
            request: uuid::Uuid::nil(),
            subject: Subject::Issue(IssueId::from_uuid(uuid::Uuid::nil())),
            previous: None,
            updated_before: None,
            amended: Vec::new(),
            body: Some(EventBody::TenantCreated { name: name.to_owned(), tier: Tier::Basic, tenant: None }),
        }
    }

    fn three() -> Vec<LogRecord> {
        let mut previous = GENESIS;
        (1..=3u8)
            .map(|n| {
                let record = LogRecord::of(&event(u64::from(n), "Acme"), &previous, [n; 16]).unwrap();
                previous = record.hash();
                record
            })
            .collect()
    }

    fn verify(records: &[LogRecord]) -> std::result::Result<(), ChainBreak> {
        let mut previous = GENESIS;
        for (record, seq) in records.iter().zip(1..) {
            record.verify(Seq(seq), &previous)?;
            previous = record.hash();
        }
        Ok(())
    }

    #[test]
    fn an_event_reads_back_from_its_record() {
        assert_eq!(three()[1].event().unwrap(), event(2, "Acme"));
    }

    #[test]
    fn an_erased_body_leaves_the_chain_whole() {
        let mut records = three();
        records[1] = records[1].clone().erase();
        assert_eq!(verify(&records), Ok(()));
        assert_eq!(records[1].event().unwrap().body, None);
    }

    #[test]
    fn edits_swaps_and_removals_are_seen() {
        let mut edited = three();
        edited[1].body.as_mut().unwrap().bytes[5] ^= 1;
        assert_eq!(verify(&edited), Err(ChainBreak::Body));

        let mut header = three();
        header[1].header[3] ^= 1;
        assert!(verify(&header).is_err());

        let mut swapped = three();
        swapped.swap(0, 1);
        assert_eq!(verify(&swapped), Err(ChainBreak::Place));

        let mut shorter = three();
        shorter.remove(0);
        assert!(verify(&shorter).is_err());
    }
}
