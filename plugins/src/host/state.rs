//! What one call's store holds: its budget, what is used of it, and the way to whoever answers. It enforces memory,
//! tables, CPU time and the number of calls; what single imports are bounded by stands in `imports`.

use super::ask::{Ask, Left, Reply};
use super::budget::{Budget, Used};
use super::engine::{INSTANCES, MEMORIES, TABLES};
use super::mail::Mail;
use super::meter::Meter;
use super::stopped::Stopped;
use super::task::LogLine;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{ResourceLimiter, UpdateDeadline};

/// The data of a store.
pub(super) struct State {
    pub(super) budget: Budget,
    pub(super) used: Used,
    pub(super) logs: Vec<LogLine>,
    /// The time, which stands still.
    pub(super) now: String,
    /// The settings, once asked for.
    pub(super) settings: Option<String>,
    pub(super) kv_writes: u32,
    /// Bytes that were signed or verified.
    pub(super) hashed: usize,
    mail: Arc<Mail>,
    meter: Arc<Meter>,
    memory: usize,
    elements: usize,
}

impl State {
    /// For one call.
    pub(super) fn new(budget: Budget, now: String, mail: Arc<Mail>, meter: Arc<Meter>) -> Self {
        Self {
            budget,
            used: Used::default(),
            logs: Vec::new(),
            now,
            settings: None,
            kv_writes: 0,
            hashed: 0,
            mail,
            meter,
            memory: 0,
            elements: 0,
        }
    }

    /// Counts a call of an imported function.
    pub(super) fn count(&mut self) -> wasmtime::Result<()> {
        if self.used.host_calls >= self.budget.host_calls {
            return Err(wasmtime::Error::new(Stopped::HostCalls { limit: self.budget.host_calls }));
        }
        self.used.host_calls += 1;
        Ok(())
    }

    /// Hands a question out and waits for its answer.
    pub(super) async fn ask(&mut self, ask: Ask) -> Reply {
        let left = Left {
            query_cost: self.budget.query_cost.saturating_sub(self.used.query_cost),
            answer_bytes: self.budget.http_answer_bytes,
        };
        self.mail.ask(ask, left).await
    }

    /// At each tick: on to the others, or to an end.
    pub(super) fn tick(&self) -> wasmtime::Result<UpdateDeadline> {
        let used = self.meter.running();
        if used < self.budget.cpu {
            return Ok(UpdateDeadline::Yield(1));
        }
        Err(wasmtime::Error::new(Stopped::Cpu { used_us: micros(used), limit_us: micros(self.budget.cpu) }))
    }
}

/// Whole microseconds.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// All memories are summed: the limiter that comes with the engine looks at each alone.
impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_sub(current).saturating_add(desired);
        if wanted > self.budget.memory_bytes {
            let limit_bytes = self.budget.memory_bytes;
            return Err(wasmtime::Error::new(Stopped::Memory { wanted_bytes: wanted, limit_bytes }));
        }
        self.memory = wanted;
        self.used.memory_bytes = self.used.memory_bytes.max(wanted);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.elements.saturating_sub(current).saturating_add(desired);
        if wanted > self.budget.table_elements {
            return Err(wasmtime::Error::new(Stopped::Table { wanted, limit: self.budget.table_elements }));
        }
        self.elements = wanted;
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}
