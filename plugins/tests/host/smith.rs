//! Random modules: as they come, and as guests of the contract, so that what is random really runs.

use crate::drawn;
use crate::guests::try_wrap;
use crate::measure::{Ends, of_forms};
use crate::world::World;
use mortise_plugins::host::UploadLimits;
use wasm_encoder::{CodeSection, Function, Module, RawSection};
use wasm_smith::{Config, Module as Random};
use wasmparser::{ExternalKind, Parser, Payload};

/// How many of each, in the short form and in the long one.
const MODULES: (u64, u64) = (300, 10_000);

fn count() -> u64 {
    of_forms(MODULES.0, MODULES.1)
}

/// Bytes that depend on nothing but the seed.
fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut output = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut output);
    output
}

/// What the contract wants of a module of a workflow guest.
const EXPORTS: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "mortise:plugin/workflow@1.0.0#amend") (param i32) (result i32) unreachable)
    (func (export "mortise:plugin/workflow@1.0.0#validate") (param i32) (result i32) unreachable)
    (func (export "mortise:plugin/workflow@1.0.0#next-states") (param i32) (result i32) unreachable))"#;

/// What it may import, as a guest sees it.
const IMPORTS: &str = r#"(module
    (import "mortise:plugin/issues@1.0.0" "get" (func (param i32 i32 i32)))
    (import "mortise:plugin/issues@1.0.0" "count" (func (param i32 i32 i32)))
    (import "mortise:plugin/settings@1.0.0" "all" (func (param i32)))
    (import "mortise:plugin/clock@1.0.0" "now" (func (param i32)))
    (import "mortise:plugin/kv@1.0.0" "get" (func (param i32 i32 i32)))
    (import "mortise:plugin/log@1.0.0" "write" (func (param i32 i32 i32 i32 i32))))"#;

/// A random module with the exports of a workflow guest.
fn guest(seed: u64) -> Option<Vec<u8>> {
    let config = Config {
        exports: Some(wat::parse_str(EXPORTS).unwrap()),
        available_imports: Some(wat::parse_str(IMPORTS).unwrap()),
        // References to things outside belong to garbage collection, which the host was built without.
        reference_types_enabled: false,
        threads_enabled: false,
        memory64_enabled: false,
        gc_enabled: false,
        exceptions_enabled: false,
        relaxed_simd_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        shared_everything_threads_enabled: false,
        max_memories: 3,
        max_memory32_bytes: 4 << 20,
        // Without a start function and with memory to begin with, more of them get as far as the hook.
        allow_start_export: seed.is_multiple_of(8),
        max_data_segments: 2,
        max_tables: 4,
        max_table_elements: 1_000,
        ..Config::default()
    };
    let random = bytes(seed, 4096);
    let module = Random::new(config, &mut arbitrary::Unstructured::new(&random)).ok()?;
    try_wrap("workflow-plugin", with_memory(&module.to_bytes())).ok()
}

/// The module with a `cabi_realloc` that gives out fresh pages: a random one lets nothing in.
fn with_memory(module: &[u8]) -> Vec<u8> {
    let mut rest = Module::new();
    let (mut imported, mut realloc) = (0, None);
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::ImportSection(section) => {
                imported = section
                    .clone()
                    .into_imports()
                    .filter(|import| {
                        matches!(
                            import.as_ref().unwrap().ty,
                            wasmparser::TypeRef::Func(_) | wasmparser::TypeRef::FuncExact(_)
                        )
                    })
                    .count();
            }
            Payload::ExportSection(section) => {
                let found = section
                    .clone()
                    .into_iter()
                    .map(Result::unwrap)
                    .find(|export| export.name == "cabi_realloc");
                realloc = found
                    .filter(|export| export.kind == ExternalKind::Func)
                    .map(|export| export.index as usize);
            }
            _ => {}
        }
    }
    let Some(realloc) = realloc.and_then(|index| index.checked_sub(imported)) else { return module.to_vec() };
    let (mut code, mut at) = (CodeSection::new(), 0);
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.unwrap();
        if let Payload::CodeSectionEntry(body) = &payload {
            if at == realloc {
                let mut fresh = Function::new([]);
                let mut sink = fresh.instructions();
                sink.local_get(3).i32_const(65_535).i32_add().i32_const(16).i32_shr_u();
                sink.memory_grow(0).i32_const(16).i32_shl().end();
                code.function(&fresh);
            } else {
                code.raw(&module[body.range()]);
            }
            at += 1;
        } else if let Some((id, range)) = payload.as_section() {
            sections.push((id, range));
        }
    }
    for (id, range) in sections {
        if id == 10 {
            rest.section(&code);
        } else {
            rest.section(&RawSection { id, data: &module[range] });
        }
    }
    rest.finish()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_guests_run_and_are_stopped_within_their_limits() {
    let world = drawn::world();
    let mut ends = Ends::new("random guests", count());
    for seed in 0..count() {
        match guest(seed) {
            Some(wasm) => ends.add(drawn::end_of(&world, &wasm).await),
            None => ends.add("not made"),
        }
    }
    let (made, ran, all) = (count() - ends.count("not made"), ends.count("ran"), ends.count(""));
    let answered = ends.count("ran: answered");
    let ends = ends.close();
    assert!(made > all / 2, "{made} of {all} were made");
    assert!(ran * 2 > made, "{ran} of {made} ran: {ends:?}");
    assert!(answered > 0 && ran > answered, "some answer and some are stopped: {ends:?}");
}

#[tokio::test]
async fn random_modules_as_they_come_are_refused_with_a_reason() {
    let world = World::new();
    let mut ends = Ends::new("random modules", count());
    for seed in 0..count() {
        let random = bytes(seed, 4096);
        let Ok(module) = Random::new(Config::default(), &mut arbitrary::Unstructured::new(&random)) else {
            ends.add("not made");
            continue;
        };
        assert!(world.host.inspect(&module.to_bytes(), &UploadLimits::own()).is_err());
        // As the outermost header says that it is a component, its sections are read as a component's.
        let mut disguised = module.to_bytes();
        disguised[4..8].copy_from_slice(&[0x0d, 0, 1, 0]);
        assert!(world.host.inspect(&disguised, &UploadLimits::own()).is_err());
        ends.add("refused");
    }
    assert!(ends.count("refused") > count() / 2);
    ends.close();
}
