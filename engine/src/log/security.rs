//! The records of security events: a chain of its own, with the same seal as the log's.
//!
//! It begins with the company itself, so that no company's chain passes for another's. A record without its body still
//! verifies; and since security events are not kept for ever, so does what is left when the oldest are gone, as long as the
//! hash is known that the first of the rest follows.

use super::{ChainBreak, ChainHash, SaltedBody, chain, digest};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::Seq;
use crate::security::{SecurityBody, SecurityEvent, SecurityKind};
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;

/// Separates these hashes from those of the log, and from any other use of the same function.
const CHAIN_CONTEXT: &[u8] = b"mortise security chain 1";
const BODY_CONTEXT: &[u8] = b"mortise security body 1";
const GENESIS_CONTEXT: &str = "mortise security genesis 1";

/// The hash that the first security event of a company follows.
#[must_use]
pub fn security_genesis(tenant: TenantId) -> ChainHash {
    blake3::derive_key(GENESIS_CONTEXT, tenant.as_bytes())
}

/// The part of a record that nothing personal is in.
#[derive(Debug, Clone, minicbor::Encode, minicbor::Decode)]
struct Header {
    #[n(0)]
    seq: Seq,
    #[n(1)]
    at: Timestamp,
    #[n(2)]
    kind: SecurityKind,
    #[n(3)]
    body_digest: ByteArray<32>,
}

/// A security event, as stored.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct SecurityRecord {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[n(1)]
    hash: ByteArray<32>,
    #[n(2)]
    body: Option<SaltedBody>,
}

impl SecurityRecord {
    /// The record of an event that follows the record with this hash. The salt must be random and new.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the event has no body: only a stored one can be erased.
    pub fn of(event: &SecurityEvent, previous: &ChainHash, salt: [u8; 16]) -> Result<Self> {
        let body = event.body.as_ref();
        let body =
            body.ok_or_else(|| Error::internal("a security event without a body was to be written"))?;
        let bytes = minicbor::to_vec(body).map_err(|e| Error::internal(e.to_string()))?;
        let body_digest = digest(BODY_CONTEXT, &salt, &bytes).into();
        let header = Header { seq: event.seq, at: event.at, kind: event.kind, body_digest };
        let header = minicbor::to_vec(&header).map_err(|e| Error::internal(e.to_string()))?;
        let hash = chain(CHAIN_CONTEXT, previous, &header).into();
        Ok(Self { header, hash, body: Some(SaltedBody { salt: salt.into(), bytes }) })
    }

    /// The hash that the next record follows.
    #[must_use]
    pub fn hash(&self) -> ChainHash {
        *self.hash
    }

    /// Whether its body was erased.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        self.body.is_none()
    }

    /// This record without its body.
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
    pub fn event(&self) -> Result<SecurityEvent> {
        let Header { seq, at, kind, .. } = self.header()?;
        let body = self.body.as_ref().map(|body| minicbor::decode::<SecurityBody>(&body.bytes)).transpose();
        let body = body.map_err(|e| Error::internal(format!("the body of security event {seq}: {e}")))?;
        Ok(SecurityEvent { seq, at, kind, body })
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
        minicbor::decode(&self.header)
            .map_err(|e| Error::internal(format!("the header of a security event: {e}")))
    }
}
