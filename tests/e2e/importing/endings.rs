//! What ends an import before its end: whoever asked goes away or may no more, the server stops or is killed.

use std::io::{BufRead as _, BufReader, Write as _};

use serde_json::json;

use super::{archive, begun, rest, run, taken_in, teams};
use crate::world::{World, until};

/// More issues than are written before anybody notices that somebody went away.
const MANY: u64 = 2_000;

fn issues(world: &World) -> u64 {
    let answer = world.client("ana").ask("{ issues { totalCount } }", json!({}));
    answer.data()["issues"]["totalCount"].as_u64().unwrap()
}

#[test]
fn who_hangs_up_ends_the_import_and_the_next_run_goes_on() {
    let world = World::new();
    let ana = world.client("ana");
    let text = archive(MANY);
    let mut stream = begun(&ana, text.len());
    stream.write_all(text.as_bytes()).unwrap();
    let mut told = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains("\"written\"") {
        line.clear();
        assert_ne!(told.read_line(&mut line).unwrap(), 0, "it ended before anything was written");
    }
    drop(told);
    until("what was taken in is gone", || taken_in(&world) == 0);
    let some = issues(&world);
    assert!(0 < some && some < MANY, "{some} issues were written");
    let rest = run(&world, ana.token.as_deref().unwrap(), &text, &["--json"]).succeeded();
    let account: serde_json::Value = serde_json::from_str(&rest.stdout).unwrap();
    let added = account["added"]["issues"].as_u64().unwrap();
    assert!(0 < added && added <= MANY - some, "{added} of {MANY} came behind {some}");
    assert_eq!(issues(&world), MANY);
}

#[test]
fn who_signs_out_while_the_archive_comes_imports_nothing() {
    let world = World::new();
    let ana = world.client("ana");
    let text = archive(3);
    let mut stream = begun(&ana, text.len());
    stream.write_all(&text.as_bytes()[..100]).unwrap();
    until("it is being taken in", || taken_in(&world) == 1);
    ana.ask("mutation { signOut { success } }", json!({})).data();
    let ana = world.client("ana");
    let head = ana.log_head();
    stream.write_all(&text.as_bytes()[100..]).unwrap();
    let answer = rest(stream);
    assert!(answer.contains("\"UNAUTHENTICATED\""), "{answer}");
    until("what was taken in is gone", || taken_in(&world) == 0);
    assert_eq!((ana.log_head(), teams(&ana)), (head, 1));
}

#[test]
fn who_signs_out_is_not_heard_to_the_end() {
    let world = World::new();
    let ana = world.client("ana");
    let mut stream = begun(&ana, 1_000_000);
    stream.write_all(b"{").unwrap();
    until("it is being taken in", || taken_in(&world) == 1);
    ana.ask("mutation { signOut { success } }", json!({})).data();
    until("it is not taken in any more", || taken_in(&world) == 0);
    drop(stream);
    assert_eq!(teams(&world.client("ana")), 1);
}

#[test]
fn a_server_that_stops_does_not_wait_for_an_archive_and_one_that_was_killed_keeps_none() {
    let mut world = World::new();
    let text = archive(3);
    let half = |world: &World| {
        let mut stream = begun(&world.client("ana"), text.len());
        stream.write_all(&text.as_bytes()[..100]).unwrap();
        until("it is being taken in", || taken_in(world) == 1);
        stream
    };
    let stream = half(&world);
    world.server().ask_to_stop();
    let answer = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("goes on where it stopped"), "{answer}");
    world.stopped();
    assert_eq!(taken_in(&world), 0);

    world.start();
    let _stream = half(&world);
    world.kill();
    assert_eq!(taken_in(&world), 1, "a kill leaves what was there");
    world.start();
    assert_eq!(taken_in(&world), 0);
    assert_eq!(issues(&world), 0);
}
