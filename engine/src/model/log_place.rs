//! A place in one very log.
//!
//! What is derived from a log and kept outside of its store says with it how far it goes, and of which log it is. How the
//! hash comes about is the log's affair.

use super::Seq;

/// A place in a log, and the chain hash there. Another log has another hash there, though it began as the same: one that
/// grew on from an older copy, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, minicbor::Encode, minicbor::Decode)]
pub struct LogPlace {
    /// The place.
    #[n(0)]
    pub seq: Seq,
    /// The hash of the event there and, through it, of all before it; zeros before the first.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}
