//! How the WebAssembly engine is set up: the same code must come out of the compile worker that the host will load.
//!
//! Left out on purpose, beside what was not even built in: threads, 64-bit memories, relaxed SIMD, the async of
//! components. Several memories in a module stay allowed: the engine's own adapters between components need them.

use super::config::HostConfig;
use std::hash::{Hash, Hasher};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy,
};

/// Stack of a guest, in bytes.
pub(super) const STACK: usize = 512 << 10;
/// Memories of one component: three were seen, in a guest with an interpreter.
pub(super) const MEMORIES: u32 = 4;
/// Core instances of one component: 38 were seen.
pub(super) const INSTANCES: u32 = 64;
/// Tables of one component: three were seen, in a guest with an interpreter.
pub(super) const TABLES: u32 = 16;
/// Elements of one table; a budget bounds all of them together.
const TABLE_ELEMENTS: usize = 20_000;

/// Addresses of one memory, in bytes: all that code can name. None of it is memory until it is used, and code that can reach
/// nothing else looks at no bounds: it is a quarter shorter.
const ADDRESSES: u64 = 4 << 30;

/// What decides about the code that comes out.
pub(super) fn config() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        // A replay has to come out the same, to the last bit of a number that is none.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_component_model(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .memory_reservation(ADDRESSES)
        .memory_reservation_for_growth(0)
        .memory_may_move(false)
        .wasm_backtrace_max_frames(None)
        // Nobody asks where in its source a guest was.
        .generate_address_map(false)
        // Windows has no code without it.
        .native_unwind_info(cfg!(windows));
    config
}

/// An engine that runs guests, from a pool made ahead.
///
/// The pool has all that every call at once can take, each the most that a component may have: what one lacked, others
/// would have taken from it, whatever places their companies have. By default 144 calls: 9,216 core instances, 576 memories,
/// 2,304 tables, 144 stacks. Memories are 2.3 TiB of addresses and tables some hundreds of MiB, none of it there until it is used.
pub(super) fn runner(host: &HostConfig) -> wasmtime::Result<Engine> {
    let calls = u32::try_from(host.calls()).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(host.memory_max)
        .total_core_instances(calls.saturating_mul(INSTANCES))
        .total_memories(calls.saturating_mul(MEMORIES))
        .total_tables(calls.saturating_mul(TABLES))
        .total_stacks(calls);
    keep_pages(&mut pool, host.kept_bytes);
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let memories = u64::from(calls.saturating_mul(MEMORIES));
    let gib = memories.saturating_mul(ADDRESSES) >> 30;
    Engine::new(&config).map_err(|error| {
        error.context(format!(
            "{calls} calls at once want {gib} GiB of addresses for guests, of which next to nothing is memory; give the process as many \
             (`ulimit -v`, `LimitAS`), or let fewer calls run at once"
        ))
    })
}

/// Pages that a call has written are cleared and kept for the next one, where the system says which they are (Linux 6.7 and
/// later). Giving them back and getting others interrupts every processor that the program runs on: a small guest takes
/// half as much time again. Elsewhere all that might have been written would have to be cleared, which takes longer than to give
/// it back.
fn keep_pages(pool: &mut PoolingAllocationConfig, bytes: usize) {
    if bytes > 0 && PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes).linear_memory_keep_resident(bytes).table_keep_resident(bytes / 8);
    } else {
        pool.linear_memory_keep_resident(0).table_keep_resident(0);
    }
}

/// An engine that only compiles.
pub(super) fn compiler() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// What an artifact must have been made with to be loaded here: version of the engine, settings, kind of processor.
pub(super) fn compatibility(engine: &Engine) -> blake3::Hash {
    let mut hasher = Feed(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize()
}

/// Hashes with BLAKE3 what is made to be hashed for a table.
struct Feed(blake3::Hasher);

impl Hasher for Feed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}
