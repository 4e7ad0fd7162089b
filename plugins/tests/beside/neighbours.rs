//! What nine companies that work notice of a tenth whose plugins are hostile.

use crate::hostile::Hostile;
use crate::measure::{Memory, of_forms};
use crate::neighbour::Neighbour;
use crate::times::Times;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Companies that work.
const NEIGHBOURS: usize = 9;
/// Rounds without and with the tenth, in the short form and in the long one.
const ROUNDS: (usize, usize) = (1, 8);
/// How long half a round is, in both forms.
const HALF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));
/// What the long form is to show: the slowest of a hundred writes takes no longer than so many times what it takes without
/// the tenth. The short form looks at no time.
const TIMES_AT_MOST: (f64, f64) = (f64::INFINITY, 2.0);

#[tokio::test(flavor = "multi_thread")]
async fn they_go_on_while_hostile_plugins_are_stopped() {
    let world = World::new().await;
    let mut neighbours = Vec::new();
    for number in 0..NEIGHBOURS {
        neighbours.push(Neighbour::found(&world, number).await);
    }
    let hostile = Arc::new(Box::pin(Hostile::found(&world)).await);
    // Once for nothing, so that everybody is warm.
    let half = of_forms(HALF.0, HALF.1);
    (neighbours, _) = work(&world, neighbours, Instant::now() + half / 4).await;
    let before = Memory::now();
    let (mut without, mut with, mut uploads) = (Times::default(), Times::default(), BTreeMap::new());
    for round in 0..of_forms(ROUNDS.0, ROUNDS.1) {
        let writes;
        (neighbours, writes) = work(&world, neighbours, Instant::now() + half).await;
        without.add(writes);
        let until = Instant::now() + half;
        let rage = tokio::spawn(Box::pin(hostile.clone().rage(world.clone(), round, until)));
        let writes;
        (neighbours, writes) = work(&world, neighbours, until).await;
        with.add(writes);
        for (answer, count) in rage.await.unwrap() {
            *uploads.entry(answer).or_insert(0) += count;
        }
        println!("round {round}, {} of memory:\n  without {without}\n  with    {with}", Memory::now());
    }
    let stopped = hostile.judged(&world).await;
    println!("uploads: {uploads:?}\nstopped, of the last 100 runs of each: {stopped:?}");
    println!("{before} of memory before, {} after", Memory::now());
    let ratio = with.p99().as_secs_f64() / without.p99().as_secs_f64();
    println!("p99 {ratio:.2} times what it is without them (aim: under 2)");
    assert!(without.len() >= NEIGHBOURS && with.len() >= NEIGHBOURS);
    assert!(ratio < of_forms(TIMES_AT_MOST.0, TIMES_AT_MOST.1), "{ratio:.2}: see the figures above");
    for neighbour in &neighbours {
        neighbour.is_whole(&world).await;
    }
    world.close().await;
}

/// All of them work until then: gives them back, and how long each of their writes took.
async fn work(world: &World, neighbours: Vec<Neighbour>, until: Instant) -> (Vec<Neighbour>, Vec<Duration>) {
    let mut working = JoinSet::new();
    for neighbour in neighbours {
        working.spawn(Box::pin(neighbour.work(world.clone(), until)));
    }
    let (mut back, mut writes) = (Vec::new(), Vec::new());
    while let Some(ended) = working.join_next().await {
        let (neighbour, mut its) = ended.unwrap();
        back.push(neighbour);
        writes.append(&mut its);
    }
    (back, writes)
}
