//! Requests of those who run the platform that have a name, so that they can be asked again.
//!
//! It does not know what is asked.

use super::Engine;
use super::sessions::encoded;
use crate::context::Operator;
use crate::error::{Error, Result};
use crate::id::{MemberId, RootId, TeamId};
use crate::model::{Founding, Seq};
use minicbor::bytes::ByteArray;

/// A request that has a name: who asks and how they call it, and what is asked.
pub(super) struct NamedRequest {
    pub(super) scope: Option<[u8; 32]>,
    pub(super) input: [u8; 32],
    root: Option<RootId>,
}

impl NamedRequest {
    /// A request of this operator. `input` is what is asked, as it was written: ` Acme` asks for something else than `acme`.
    pub(super) fn of(
        engine: &Engine,
        (by, operation): (&Operator, &str),
        name: Option<&str>,
        input: &impl minicbor::Encode<()>,
    ) -> Result<Self> {
        let max = engine.limits().idempotency_key_bytes_max;
        if name.is_some_and(|name| name.is_empty() || name.len() > max) {
            return Err(Error::invalid("idempotencyKey", format!("an idempotency key has 1 to {max} bytes")));
        }
        let actor = encoded(by.root())?;
        let scope = name.map(|name| {
            let mut scope = blake3::Hasher::new();
            for part in [actor.as_slice(), operation.as_bytes(), name.as_bytes()] {
                scope.update(&(part.len() as u64).to_be_bytes()).update(part);
            }
            *scope.finalize().as_bytes()
        });
        Ok(Self { scope, input: *blake3::hash(&encoded(input)?).as_bytes(), root: by.root() })
    }

    /// A request that nobody will ask again.
    pub(super) const fn nameless() -> Self {
        Self { scope: None, input: [0; 32], root: None }
    }

    /// How a company was founded that this request asked for.
    pub(super) fn founding(&self, seq: Seq, admin: Option<MemberId>, team: Option<TeamId>) -> Founding {
        let (scope, input) = (self.scope.map(ByteArray::from), self.input.into());
        Founding { scope, input, admin, team, seq, root: self.root }
    }
}
