//! Idempotency: a change asked for again with the same key has effect once and gets the same answer.
//!
//! The scope of a key is (tenant, actor, operation). The answer is kept 24 hours, in the same batch as the change.

use super::writer::Overlay;
use crate::command::Command;
use crate::context::OpContext;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::model::Seq;
use crate::rows::{self, IdempotencyRecord};
use crate::storage::TenantStore;
use crate::time::Timestamp;
use std::sync::Arc;

/// A request's key with its whole scope, and the hash of what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) scope: [u8; 32],
    input: [u8; 32],
}

impl Ticket {
    /// The ticket of a request that carries a key.
    pub(super) fn of<C: Command>(cx: &OpContext, command: &C, limits: &Limits) -> Result<Option<Self>> {
        let Some(key) = &cx.idempotency_key else { return Ok(None) };
        let max = limits.idempotency_key_bytes_max;
        if key.is_empty() || key.len() > max {
            let message = format!("an idempotency key has 1 to {max} bytes");
            return Err(Error::invalid("idempotencyKey", message));
        }
        let actor = minicbor::to_vec(cx.principal.actor()).map_err(|e| Error::internal(e.to_string()))?;
        let input = minicbor::to_vec(command).map_err(|e| Error::internal(e.to_string()))?;
        let mut scope = blake3::Hasher::new();
        for part in [actor.as_slice(), command.operation().as_bytes(), key.as_bytes()] {
            scope.update(&(part.len() as u64).to_be_bytes()).update(part);
        }
        Ok(Some(Self { scope: *scope.finalize().as_bytes(), input: *blake3::hash(&input).as_bytes() }))
    }

    /// What was answered to this request before, and the place that must be durable before it is answered again.
    pub(super) async fn answered(
        &self,
        overlay: &Overlay,
        store: &TenantStore,
        now: Timestamp,
        kept_ms: i64,
    ) -> Result<Option<Arc<IdempotencyRecord>>> {
        let record = match overlay.answer(&self.scope) {
            Some((_, record)) => Some(record),
            None => store.get::<IdempotencyRecord>(&rows::idempotency(&self.scope)).await?.map(Arc::new),
        };
        let Some(record) = record.filter(|r| r.at.plus_millis(kept_ms) > now) else { return Ok(None) };
        if *record.input != self.input {
            return Err(Error::conflict(
                "this idempotency key was used for another request: use a new key for a new change",
            )
            .with_field("idempotencyKey"));
        }
        Ok(Some(record))
    }

    /// The record of the answer.
    pub(super) fn record(&self, draft: &Draft, seq: Seq, now: Timestamp) -> IdempotencyRecord {
        IdempotencyRecord {
            input: self.input.into(),
            seq,
            subjects: draft.subjects().to_vec(),
            errors: draft.errors().to_vec(),
            at: now,
        }
    }
}
