//! A guest made with the real toolchain and SDK.

use crate::world::World;
use mortise_plugins::host::UploadLimits;
use std::path::PathBuf;

/// The component that `cargo xtask test --only guests` builds.
fn puppet() -> Vec<u8> {
    let mut target = PathBuf::from(env!("CARGO_BIN_EXE_mortise-compile-plugin"));
    target.pop();
    target.pop();
    let file = target.join("plugins/puppet.wasm");
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!("no guest at {}: run `cargo xtask test --only guests` first ({error})", file.display())
    })
}

#[tokio::test]
async fn it_is_taken_compiled_and_called() {
    let world = World::new();
    let wasm = puppet();
    let found = world.host.inspect(&wasm, &UploadLimits::own()).unwrap();
    assert!(!found.exports.is_empty());
    assert!(found.manifest.is_some());
    let code = world.load(&wasm).await.unwrap();
    assert!(found.exports.iter().all(|export| code.exports(*export)));
}
