//! A component with bytes changed: refused, or run within its limits, never more.

use crate::guests::{GET, Guest};
use crate::world::{Somebody, World, call, validate, workflow};
use mortise_plugins::host::{CompileError, HostError, UploadLimits};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_mutations_do_no_harm() {
    let world = World::new();
    let get = "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";
    let good = Guest { imports: GET, validate: get, ..Guest::default() }.component();
    let (mut seed, mut refused, mut ran) = (42_u64, 0, 0);
    let mut next = || {
        // The generator of Marsaglia with the usual three shifts.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for _ in 0..100 {
        let mut wasm = good.clone();
        for _ in 0..1 + next() % 3 {
            let at = next() as usize % wasm.len();
            wasm[at] = next() as u8;
        }
        if world.host.inspect(&wasm, &UploadLimits::own()).is_err() {
            refused += 1;
            continue;
        }
        match world.load(&wasm).await {
            Err(HostError::Compile(CompileError::Invalid(_)) | HostError::Unfit(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
            Ok(code) => {
                let mut somebody = Somebody::default();
                let run = world.host.run(&code, validate(), call(), &workflow(), &mut somebody).await;
                assert!(!run.outcome.is_err_and(|stopped| stopped.kind() == "host"));
                ran += 1;
            }
        }
    }
    assert_eq!(refused + ran, 100);
    assert!(refused > 10, "{refused} were refused, {ran} ran");
}
