//! Compiled code on disk: only what this host wrote is loaded.

use crate::guests::Guest;
use crate::world::{Somebody, World, call, config, validate, workflow};
use mortise_plugins::host::{Digest, Host, HostError};
use std::fs;
use std::path::PathBuf;

/// The only artifact in a world's folder.
fn artifact(world: &World) -> PathBuf {
    let mut files: Vec<PathBuf> = fs::read_dir(world.folder.path().join("artifacts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

/// Loads with a fresh host of this key; whether it had to compile.
async fn compiles(world: &World, key: [u8; 32], wasm: &[u8]) -> bool {
    let host =
        Host::new(mortise_plugins::host::HostConfig { mac_key: key, ..config(&world.folder) }).unwrap();
    let mut compiled = false;
    let load = host.load(Digest::of(wasm), async || {
        compiled = true;
        Ok(wasm.to_vec())
    });
    let code = load.await.unwrap();
    host.run(&code, validate(), call(), &workflow(), &mut Somebody::default()).await.outcome.unwrap();
    compiled
}

#[tokio::test]
async fn it_is_compiled_once_for_all_hosts_of_a_key() {
    let world = World::new();
    let wasm = Guest::default().component();
    assert!(!world.host.is_loaded(Digest::of(&wasm)));
    world.load(&wasm).await.unwrap();
    assert!(world.host.is_loaded(Digest::of(&wasm)));
    assert!(!compiles(&world, [7; 32], &wasm).await);
    assert!(compiles(&world, [8; 32], &wasm).await, "another key's artifact is not believed");
    assert!(compiles(&world, [7; 32], &wasm).await, "and was replaced");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_or_write_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.load(&Guest::default().component()).await.unwrap();
    let file = artifact(&world);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_changed_byte_anywhere_means_compiling_again() {
    let world = World::new();
    let wasm = Guest::default().component();
    world.load(&wasm).await.unwrap();
    let file = artifact(&world);
    let good = fs::read(&file).unwrap();
    let step = good.len() / 7;
    for at in [0, 15, 16, 40, 48, 64].into_iter().chain((1..7).map(|i| i * step)).chain([good.len() - 1]) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, bad).unwrap();
        assert!(compiles(&world, [7; 32], &wasm).await, "byte {at}");
        assert_eq!(fs::read(&file).unwrap().len(), good.len());
    }
    for cut in [0, 10, 47, good.len() / 2, good.len() - 1] {
        fs::write(&file, &good[..cut]).unwrap();
        assert!(compiles(&world, [7; 32], &wasm).await, "cut at {cut}");
    }
}

#[tokio::test]
async fn an_artifact_under_another_components_name_is_not_believed() {
    let world = World::new();
    let good = Guest::default().component();
    world.load(&good).await.unwrap();
    let file = artifact(&world);
    let other = Guest { validate: "(unreachable)", ..Guest::default() }.component();
    let name = file
        .file_name()
        .unwrap()
        .to_string_lossy()
        .replace(&Digest::of(&good).to_string(), &Digest::of(&other).to_string());
    fs::copy(&file, file.with_file_name(name)).unwrap();
    let code = world.load(&other).await.unwrap();
    let run = world.host.run(&code, validate(), call(), &workflow(), &mut Somebody::default()).await;
    assert!(run.outcome.is_err(), "what runs is what its digest says");
}

#[tokio::test]
async fn bytes_of_another_digest_are_not_compiled() {
    let world = World::new();
    let wasm = Guest::default().component();
    let loaded = world.host.load(Digest([0; 32]), async || Ok(wasm)).await;
    assert!(matches!(loaded, Err(HostError::OtherBytes)));
}

#[tokio::test]
async fn the_folder_and_the_memory_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = config(&folder);
    small.cache_bytes = 1;
    small.loaded_bytes = 1;
    let world = World { host: Host::new(small).unwrap(), folder };
    let first = Guest::default().component();
    let second = Guest { validate: "(unreachable)", ..Guest::default() }.component();
    world.load(&first).await.unwrap();
    world.load(&second).await.unwrap();
    assert!(!world.host.is_loaded(Digest::of(&first)) && world.host.is_loaded(Digest::of(&second)));
    assert!(artifact(&world).to_string_lossy().contains(&Digest::of(&second).to_string()));
}

#[tokio::test]
async fn many_who_want_it_at_once_share_one_compilation() {
    let world = World::new();
    let wasm = Guest::default().component();
    let (digest, count) = (Digest::of(&wasm), std::sync::atomic::AtomicU32::new(0));
    let load = || {
        world.host.load(digest, async || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(wasm.clone())
        })
    };
    let (a, b, c) = tokio::join!(load(), load(), load());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(count.into_inner(), 1);
}

/// A server loads and runs in tasks that move between threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loading_and_running_may_move_between_threads() {
    let world = World::new();
    let wasm = Guest::default().component();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (host, wasm) = (world.host.clone(), wasm.clone());
            tokio::spawn(async move {
                let code = host.load(Digest::of(&wasm), async || Ok(wasm.clone())).await.unwrap();
                host.run(&code, validate(), call(), &workflow(), &mut Somebody::default()).await.outcome
            })
        })
        .collect();
    let mut ran = 0;
    for task in tasks {
        // One company has 8 places; the others of these 20 wait their turn, or are told that there is none.
        ran += u32::from(task.await.unwrap().is_ok());
    }
    assert!(ran >= 8, "{ran}");
}
