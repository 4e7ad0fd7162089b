//! What a guest learned in one call, in order. It knows nothing of how it is kept.

use super::ask::{Ask, Reply};
use minicbor::encode::Write;
use serde::{Deserialize, Serialize};

/// Every question of one call with its answer. With the call's own arguments it is all that the guest ever knew, so a
/// replay of it does the same again. No secret is in it: guests name secrets and never see one, nor does an answer from outside
/// repeat one to them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    exchanges: Vec<Exchange>,
    bytes: usize,
    cut: bool,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What the guest asked.
    pub ask: Ask,
    /// What it was told.
    pub reply: Reply,
}

impl Recording {
    /// In the order in which they happened.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Whether it ends before the call did, because it would have been longer than the budget allows. Such a
    /// recording cannot be replayed to the end.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The encoded form.
    ///
    /// # Errors
    ///
    /// None that we know of: every value in it has one.
    pub fn encode(&self) -> Result<Vec<u8>, RecordingError> {
        minicbor_serde::to_vec(self).map_err(|e| RecordingError(e.to_string()))
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    ///
    /// When the bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordingError> {
        minicbor_serde::from_slice(bytes).map_err(|e| RecordingError(e.to_string()))
    }

    /// Adds one, unless that would pass `limit` bytes: then the recording ends here.
    pub(super) fn push(&mut self, ask: Ask, reply: Reply, limit: usize) {
        if self.cut {
            return;
        }
        let exchange = Exchange { ask, reply };
        let room = limit.saturating_sub(self.bytes);
        match encoded_len(&exchange, room) {
            Some(len) => {
                self.bytes = self.bytes.saturating_add(len);
                self.exchanges.push(exchange);
            }
            None => self.cut = true,
        }
    }

    /// For a replay: what is left to answer, in order.
    pub(super) fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges
    }
}

/// Bytes that are no recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the recording of a run: {0}")]
pub struct RecordingError(String);

/// A value as it is kept, where that takes `bytes_max` bytes at most.
pub(crate) fn within<T: Serialize>(value: &T, bytes_max: usize) -> Option<Vec<u8>> {
    let mut bytes = Bounded { bytes: Vec::new(), max: bytes_max };
    value.serialize(&mut minicbor_serde::Serializer::new(&mut bytes)).ok()?;
    Some(bytes.bytes)
}

/// Keeps what is written to it, and fails when it is full.
struct Bounded {
    bytes: Vec<u8>,
    max: usize,
}

impl Write for Bounded {
    type Error = Full;

    fn write_all(&mut self, buf: &[u8]) -> Result<(), Full> {
        if self.bytes.len().saturating_add(buf.len()) > self.max {
            return Err(Full);
        }
        self.bytes.extend_from_slice(buf);
        Ok(())
    }
}

/// How long an exchange is when encoded; none when it is longer than `room`.
fn encoded_len(exchange: &Exchange, room: usize) -> Option<usize> {
    let mut counter = Counter { left: room };
    exchange.serialize(&mut minicbor_serde::Serializer::new(&mut counter)).ok()?;
    Some(room - counter.left)
}

/// Counts what is written to it, and fails when it is full.
struct Counter {
    left: usize,
}

impl Write for Counter {
    type Error = Full;

    fn write_all(&mut self, buf: &[u8]) -> Result<(), Full> {
        self.left = self.left.checked_sub(buf.len()).ok_or(Full)?;
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("full")]
struct Full;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_too_long_is_not_encoded() {
        let value = vec!["word".to_owned(); 100];
        let whole = within(&value, 10_000).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Vec<String>>(&whole).unwrap(), value);
        assert_eq!(within(&value, whole.len()), Some(whole.clone()));
        assert_eq!(within(&value, whole.len() - 1), None);
    }
}
