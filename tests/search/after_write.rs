//! The first search behind a write's answer finds it, while others keep the index busy.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::find::{Found, try_to_find};
use crate::is_long;
use crate::words::word;
use crate::world::{Client, World, until};

/// Clients that write meanwhile.
const OTHERS: usize = 2;

/// Writes that are each sought once.
fn writes() -> u64 {
    if is_long() { 1_000 } else { 100 }
}

/// Words of the others are counted from here.
const OTHERS_WORDS: u64 = 1 << 32;

/// Writes issues with long texts, and comments on them, until told to stop; never the words that are sought.
fn write(ana: &Client, team: &str, who: u64, stop: &AtomicBool, written: &AtomicUsize) {
    let mut n = OTHERS_WORDS * (who + 1);
    while !stop.load(Ordering::Relaxed) {
        n += 30;
        let long: Vec<_> = (n..n + 20).map(word).collect();
        let input = json!({ "teamId": team, "title": word(n + 20), "description": long.join(" ") });
        let issue = ana.change("issueCreate", json!({ "input": input })).payload()["issue"]["id"].clone();
        let input = json!({ "issueId": issue, "body": word(n + 21) });
        ana.change("commentCreate", json!({ "input": input })).payload();
        written.fetch_add(2, Ordering::Relaxed);
    }
}

/// Makes an issue, and now and then a comment and another title, and seeks each as soon as it is acknowledged.
fn write_and_seek(ana: &Client, team: &str, n: u64) {
    let (title, body, other) = (word(n * 3), word(n * 3 + 1), word(n * 3 + 2));
    let input = json!({ "teamId": team, "title": format!("About {title}") });
    let answer = ana.change("issueCreate", json!({ "input": input }));
    let issue = answer.payload()["issue"]["id"].as_str().unwrap().to_owned();
    let only = || Found { issues: vec![issue.clone()], total: 1, complete: true };
    assert_eq!(try_to_find(ana, &title).unwrap(), only(), "write {n}: the title {title}");
    match n % 5 {
        0 => {
            let input = json!({ "issueId": issue, "body": format!("Seen with {body}") });
            ana.change("commentCreate", json!({ "input": input })).payload();
            assert_eq!(try_to_find(ana, &body).unwrap(), only(), "write {n}: the comment {body}");
        }
        1 => {
            let input = json!({ "title": format!("Now about {other}") });
            ana.change("issueUpdate", json!({ "id": issue, "input": input })).payload();
            assert_eq!(try_to_find(ana, &other).unwrap(), only(), "write {n}: the new title {other}");
            let gone = Found { issues: Vec::new(), total: 0, complete: true };
            assert_eq!(try_to_find(ana, &title).unwrap(), gone, "write {n}: the old title {title}");
        }
        _ => {}
    }
}

fn every_write_is_found_by_the_next_search(store: &'static str) {
    let world = World::on(store);
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (ana, team, stop, written) = (&ana, &team, &stop, &written);
        // A test that fails must not leave the others writing.
        let stopping = Stopping(stop);
        for who in 0..OTHERS as u64 {
            scope.spawn(move || write(ana, team, who, stop, written));
        }
        until("the others write", || written.load(Ordering::Relaxed) >= OTHERS * 2);
        for n in 0..writes() {
            write_and_seek(ana, team, n);
        }
        drop(stopping);
    });
    let (writes, others) = (writes(), written.into_inner());
    println!("search on {store}: {writes} of {writes} writes found at once, beside {others} of others");
}

/// Says stop when it goes.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn every_write_is_found_by_the_next_search_on_sled() {
    every_write_is_found_by_the_next_search("sled");
}

#[test]
fn every_write_is_found_by_the_next_search_on_fjall() {
    every_write_is_found_by_the_next_search("fjall");
}
