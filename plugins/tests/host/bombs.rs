//! Uploads made to break a compiler: refused by the cheap pass, and if they were not, killed in the worker.

use crate::guests::Guest;
use crate::ifs::ifs;
use crate::world::{World, config};
use mortise_plugins::host::{CompileError, Digest, Host, HostError, Refused, UploadLimits};
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_cheap_pass_refuses_them() {
    let world = World::new();
    for bomb in [ifs(40_000, 1_000), ifs(14_000, 20_000)] {
        let begun = Instant::now();
        for limits in [UploadLimits::own(), UploadLimits::curated(), UploadLimits::large()] {
            let refused = world.host.inspect(&bomb, &limits).unwrap_err();
            assert!(matches!(refused, Refused::Over { .. }), "{refused}");
        }
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn the_worker_is_killed_when_it_takes_too_much_and_the_host_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut hungry = config(&folder);
    hungry.compile.memory_bytes = 512 << 20;
    let mut slow = config(&folder);
    slow.compile.cpu = Duration::from_secs(1);
    let mut late = config(&folder);
    late.compile.wall = Duration::from_millis(500);
    let bomb = ifs(14_000, 20_000);
    let load = async |config, wasm: &[u8]| {
        let wasm = wasm.to_vec();
        Host::new(config).unwrap().load(Digest::of(&wasm), async || Ok(wasm)).await
    };

    let died = load(hungry, &bomb).await.unwrap_err();
    assert!(matches!(died, HostError::Compile(CompileError::Memory { limit_bytes: 0x2000_0000 })), "{died}");
    let died = load(slow, &ifs(40_000, 1_000)).await.unwrap_err();
    assert!(matches!(died, HostError::Compile(CompileError::Cpu { .. })), "{died}");
    let died = load(late, &bomb).await.unwrap_err();
    assert!(matches!(died, HostError::Compile(CompileError::Wall { .. })), "{died}");
    load(config(&folder), &Guest::default().component()).await.unwrap();
}

/// The program on disk was replaced while the server runs: what it says is what the real one says then.
#[cfg(unix)]
#[tokio::test]
async fn a_worker_of_another_release_says_what_to_do_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = Guest::default().component();
    let script = "cat > /dev/null; printf '\\002'";
    let worker = ["/bin/sh", "-c", script].map(Into::into).to_vec();
    let host = Host::new(mortise_plugins::host::HostConfig { worker, ..config(&folder) }).unwrap();
    let failed = host.load(Digest::of(&wasm), async || Ok(wasm.clone())).await.unwrap_err();
    assert!(matches!(failed, HostError::Compile(CompileError::Replaced)), "{failed}");
    assert!(failed.to_string().contains("restart"), "{failed}");
    assert_eq!(std::fs::read_dir(folder.path().join("artifacts")).unwrap().count(), 0);
    let host = Host::new(config(&folder)).unwrap();
    host.load(Digest::of(&wasm), async || Ok(wasm.clone())).await.unwrap();
}

#[tokio::test]
async fn a_worker_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = Guest::default().component();
    for worker in
        [vec!["/nowhere/worker".into()], vec!["/bin/true".into()], vec!["/bin/cat".into()], Vec::new()]
    {
        let host = Host::new(mortise_plugins::host::HostConfig { worker, ..config(&folder) }).unwrap();
        let failed = host.load(Digest::of(&wasm), async || Ok(wasm.clone())).await.unwrap_err();
        assert!(matches!(failed, HostError::Compile(CompileError::Worker(_))), "{failed}");
    }
}
