//! Many writers on one company at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{Client, World};

/// Clients that write at once.
const WRITERS: usize = 64;

/// Issues that each of them makes.
const ISSUES_EACH: usize = 4;

/// Lets every writer do this at once, and answers what came of it.
fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        let (start, work) = (&start, &work);
        let write = |n| {
            move || {
                start.wait();
                work(n)
            }
        };
        let threads: Vec<_> = (0..WRITERS).map(|n| scope.spawn(write(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn numbers_are_dense(store: &'static str) {
    let world = World::on(store);
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let create = |n: usize| -> Vec<u64> {
        let one = |i| {
            let input = json!({ "teamId": team, "title": format!("{n}/{i}") });
            let answer = ana.change("issueCreate", json!({ "input": input }));
            answer.payload()["issue"]["number"].as_u64().unwrap()
        };
        (0..ISSUES_EACH).map(one).collect()
    };
    let numbers: Vec<u64> = at_once(create).concat();
    let all = (WRITERS * ISSUES_EACH) as u64;
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from_iter(1..=all));
    let total = ana.ask("{ issues { totalCount } }", json!({})).data()["issues"]["totalCount"].clone();
    assert_eq!(total, all);
}

#[test]
fn numbers_are_dense_and_unique_on_sled() {
    numbers_are_dense("sled");
}

#[test]
fn numbers_are_dense_and_unique_on_fjall() {
    numbers_are_dense("fjall");
}

/// Adds one to the estimate, as often as it takes until nobody came between reading and writing.
fn count_one(client: &Client, key: &str) {
    loop {
        let read = "query($id: ID!) { issue(id: $id) { estimate version } }";
        let issue = client.ask(read, json!({ "id": key })).data()["issue"].clone();
        let input = json!({ "estimate": issue["estimate"].as_u64().unwrap_or_default() + 1 });
        let arguments = json!({ "id": key, "input": input, "ifVersion": issue["version"] });
        let answer = client.change("issueUpdate", arguments);
        match answer.code() {
            None => return,
            Some(code) => assert_eq!(code, "CONFLICT", "{}", answer.text),
        }
    }
}

fn no_update_is_lost(store: &'static str) {
    let world = World::on(store);
    let ana = world.client("ana");
    ana.issue("Everybody's");
    let issue = ana.issue("Everybody's labels");
    let labels: Vec<Value> = (0..WRITERS / 2)
        .map(|n| {
            let input = json!({ "name": format!("label {n}"), "color": "#d73a4a" });
            ana.change("labelCreate", json!({ "input": input })).payload()["label"]["id"].clone()
        })
        .collect();
    at_once(|n| match labels.get(n) {
        Some(label) => {
            let input = json!({ "addedLabelIds": [label] });
            ana.change("issueUpdate", json!({ "id": issue["id"], "input": input })).payload();
        }
        None => count_one(&ana, "ENG-1"),
    });
    let document = "{ counted: issue(id: \"ENG-1\") { estimate version } labelled: issue(id: \"ENG-2\") { labels { id } version } }";
    let answer = ana.ask(document, json!({}));
    let half = WRITERS / 2;
    assert_eq!(answer.data()["counted"], json!({ "estimate": half, "version": half + 1 }));
    assert_eq!(answer.data()["labelled"]["labels"].as_array().unwrap().len(), half);
    assert_eq!(answer.data()["labelled"]["version"], half + 1);
}

#[test]
fn no_update_is_lost_on_sled() {
    no_update_is_lost("sled");
}

#[test]
fn no_update_is_lost_on_fjall() {
    no_update_is_lost("fjall");
}
