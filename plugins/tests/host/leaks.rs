//! What hostile guests leave behind: nothing.

use crate::hostile;
use crate::world::{Somebody, World, call, validate, workflow};

/// Memory of this process that is really there, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').collect::<Vec<_>>()[1].parse::<usize>().unwrap() * 4096
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_comes_back_after_all_of_them() {
    let world = World::new();
    let mut codes = Vec::new();
    for (_, guest, _) in hostile::all() {
        codes.push(world.load(&guest.component()).await.unwrap());
    }
    let round = async || {
        for code in &codes {
            let mut somebody = Somebody::default();
            let run = world.host.run(code, validate(), call(), &workflow(), &mut somebody).await;
            assert!(run.outcome.is_err());
        }
    };
    for _ in 0..3 {
        round().await;
    }
    let before = resident();
    for _ in 0..10 {
        round().await;
    }
    let after = resident();
    assert!(after <= before + before / 20, "{before} bytes before, {after} after");
}
