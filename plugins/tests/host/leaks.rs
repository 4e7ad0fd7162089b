//! What hostile guests leave behind: nothing.

use crate::harmful;
use crate::measure::{Memory, of_forms};
use crate::world::{Somebody, World, call, validate, workflow};

/// How often all of them run, in the short form and in the long one.
const ROUNDS: (u32, u32) = (10, 200);

#[tokio::test]
async fn memory_comes_back_after_all_of_them() {
    let world = World::new();
    let mut codes = Vec::new();
    for (_, guest, _) in harmful::all() {
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
    let before = Memory::now();
    let rounds = of_forms(ROUNDS.0, ROUNDS.1);
    for _ in 0..rounds {
        round().await;
    }
    let after = Memory::now();
    println!("{} hostile guests, {rounds} times: {before} of memory before, {after} after", codes.len());
    assert!(before.is_back(), "{before} of memory before, {after} after");
}
