//! What a plugin costs a write: a fresh store, instance and call of `workflow.validate` with an issue of ordinary size.
//!
//! `cargo bench -p mortise-plugins --bench verdict`, after `cargo xtask test --only guests` for the second of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark stops at the first surprise")]

#[path = "../tests/host/guests.rs"]
#[expect(dead_code, reason = "it has more guests than are measured")]
mod guests;
#[path = "../tests/host/world.rs"]
#[expect(dead_code, reason = "it knows more calls than are measured")]
mod world;

use criterion::{Criterion, criterion_group, criterion_main};
use guests::Guest;
use mortise_plugins::host::{Answer, Budget, Export};
use std::path::PathBuf;
use world::{Somebody, World, call, validate};

fn verdict(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let puppet = PathBuf::from(env!("CARGO_BIN_EXE_mortise-compile-plugin"));
    let puppet = puppet.parent().and_then(|folder| folder.parent()).unwrap().join("plugins/puppet.wasm");
    let guests =
        [("smallest guest", Some(Guest::default().component())), ("puppet", std::fs::read(puppet).ok())];
    let world = World::new();
    for (name, wasm) in guests {
        let Some(wasm) = wasm else { continue };
        let code = runtime.block_on(world.load(&wasm)).unwrap();
        if !code.exports(Export::Workflow) {
            continue;
        }
        c.bench_function(&format!("verdict, {name}"), |b| {
            b.iter(|| {
                let mut somebody = Somebody::default();
                let budget = Budget::workflow();
                let run = runtime.block_on(world.host.run(&code, validate(), call(), &budget, &mut somebody));
                assert!(matches!(run.outcome, Ok(Answer::Verdict(_))));
            });
        });
    }
}

criterion_group!(benches, verdict);
criterion_main!(benches);
