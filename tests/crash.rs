//! kill -9 under load: whatever was acknowledged is there afterwards, nothing is there by half, nothing twice.
//!
//! Clients write with idempotency keys and note every answer. The server is killed at a random moment and started again;
//! the clients send what they have no answer for once more, with the same key. In the end every note is compared with
//! what the server holds. The calls of the day, which are sold, have a proof of their own beside it. The short form runs
//! with all tests, the long one with `cargo xtask prove crash` and `cargo xtask prove calls`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a run says its seed and how far it is")]

#[path = "world/world.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the world of all whole-system tests; this one needs a part of it"
)]
mod world;

#[path = "crash/calls.rs"]
mod calls;

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use world::{Client, World, until};

/// Clients that write at once.
const CLIENTS: usize = 8;

/// Kills of one run.
fn kills() -> usize {
    if std::env::var("MORTISE_PROVE").is_ok_and(|set| set == "1") { 20 } else { 3 }
}

/// The most answers between a start and a kill.
const ANSWERS_MAX: usize = 120;

/// A small generator of chances: a run can be repeated by its seed.
struct Chances(u64);

impl Chances {
    /// Seeded by `MORTISE_SEED`, or anew; the seed is printed.
    fn new(store: &str) -> Self {
        let given = std::env::var("MORTISE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            use std::hash::{BuildHasher as _, RandomState};
            RandomState::new().hash_one(store)
        });
        println!("crash on {store}: repeat with MORTISE_SEED={seed}");
        Self(seed)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// What one client has been told, and what it waits for.
#[derive(Default)]
struct Notes {
    /// Changes of this client, answered or not.
    sent: usize,
    /// Its issues by id: title, estimate and comments as acknowledged.
    issues: BTreeMap<String, Issue>,
    /// The change that has no answer yet.
    pending: Option<Change>,
}

#[derive(Default, Clone, Debug, PartialEq)]
struct Issue {
    number: u64,
    title: String,
    estimate: u64,
    comments: Vec<String>,
}

/// A change with everything that is needed to send it again.
#[derive(Clone)]
enum Change {
    Create(String),
    Estimate(String, u64),
    Comment(String, String),
}

impl Notes {
    /// The next change: of what is there, or something new.
    fn next(&mut self, client: usize) -> Change {
        self.sent += 1;
        let (n, word) = (self.sent, format!("client {client} change {}", self.sent));
        let last = self.issues.keys().next_back().cloned();
        match (n % 3, last) {
            (1, Some(issue)) => Change::Estimate(issue, n as u64),
            (2, Some(issue)) => Change::Comment(issue, word),
            _ => Change::Create(word),
        }
    }

    /// Sends the change that is pending, or the next, and notes its answer.
    fn step(&mut self, client: usize, api: &Client, team: &str) -> io::Result<()> {
        let change = self.pending.take().unwrap_or_else(|| self.next(client));
        self.pending = Some(change.clone());
        let key = format!("{client}-{}", self.sent);
        let (field, mut arguments) = match &change {
            Change::Create(title) => ("issueCreate", json!({ "input": { "teamId": team, "title": title } })),
            Change::Estimate(id, estimate) => {
                ("issueUpdate", json!({ "id": id, "input": { "estimate": estimate } }))
            }
            Change::Comment(id, body) => {
                ("commentCreate", json!({ "input": { "issueId": id, "body": body } }))
            }
        };
        arguments["idempotencyKey"] = key.into();
        let answer = api.try_to_change(field, &arguments)?;
        if answer.code() == Some("UNAVAILABLE") {
            return Err(io::Error::other("the outcome is not known"));
        }
        let payload = answer.payload();
        self.pending = None;
        match change {
            Change::Create(title) => {
                let issue = &payload["issue"];
                let number = issue["number"].as_u64().unwrap();
                let noted = Issue { number, title, ..Issue::default() };
                self.issues.insert(issue["id"].as_str().unwrap().to_owned(), noted);
            }
            Change::Estimate(id, estimate) => self.issues.get_mut(&id).unwrap().estimate = estimate,
            Change::Comment(id, body) => self.issues.get_mut(&id).unwrap().comments.push(body),
        }
        Ok(())
    }
}

/// Lets all clients write until the server goes away, which happens after so many answers.
fn load(world: &mut World, notes: &mut [Mutex<Notes>], answers: usize) {
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for (client, notes) in notes.iter().enumerate() {
            let (ana, team, answered) = (&ana, &team, &answered);
            scope.spawn(move || {
                let mut notes = notes.lock().unwrap();
                while notes.step(client, ana, team).is_ok() {
                    answered.fetch_add(1, Ordering::Relaxed);
                    if client == 0 && notes.sent % 4 == 0 {
                        // Security events are written beside it all: that it was exported, and what was noted.
                        let _cut = ana.send("GET /audit/export?format=csv", &[("accept", "*/*")], b"");
                    }
                }
            });
        }
        until("enough is answered", || answered.load(Ordering::Relaxed) >= answers);
        world.kill();
    });
}

/// What the server holds of an issue.
fn stored(ana: &Client, id: &str) -> Issue {
    let document = "query($id: ID!) { issue(id: $id) {
        number title estimate comments(first: 250) { nodes { body } }
    } }";
    let answer = ana.ask(document, json!({ "id": id }));
    let issue = &answer.data()["issue"];
    let bodies =
        issue["comments"]["nodes"].as_array().unwrap_or_else(|| panic!("{id} is lost: {}", answer.text));
    Issue {
        number: issue["number"].as_u64().unwrap(),
        title: issue["title"].as_str().unwrap().to_owned(),
        estimate: issue["estimate"].as_u64().unwrap_or_default(),
        comments: bodies.iter().map(|node| node["body"].as_str().unwrap().to_owned()).collect(),
    }
}

/// Sends once more what has no answer, then compares every note with what is stored.
fn verify(world: &World, notes: &mut [Mutex<Notes>]) -> usize {
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    let mut changes = 0;
    for (client, notes) in notes.iter_mut().enumerate() {
        let notes = notes.get_mut().unwrap();
        if notes.pending.is_some() {
            notes.step(client, &ana, &team).unwrap();
        }
        changes += notes.sent;
        for (id, noted) in &notes.issues {
            assert_eq!(stored(&ana, id), *noted, "{id} of client {client}");
        }
    }
    let issues: usize = notes.iter_mut().map(|notes| notes.get_mut().unwrap().issues.len()).sum();
    let total = ana.ask("{ issues { totalCount } }", Value::Null).data()["issues"]["totalCount"].clone();
    assert_eq!(total, issues, "what was sent twice is there twice");
    let mut numbers: Vec<u64> = notes
        .iter_mut()
        .flat_map(|notes| notes.get_mut().unwrap().issues.values().map(|issue| issue.number))
        .collect();
    numbers.sort_unstable();
    assert!(numbers.iter().zip(1..).all(|(number, expected)| *number == expected), "{numbers:?}");
    changes
}

fn nothing_acknowledged_is_lost(store: &'static str) {
    let mut chances = Chances::new(store);
    let mut world = World::on(store);
    let mut notes: Vec<Mutex<Notes>> = (0..CLIENTS).map(|_| Mutex::default()).collect();
    for kill in 1..=kills() {
        load(&mut world, &mut notes, chances.below(ANSWERS_MAX));
        world.run(&["check", "--json"]).succeeded();
        world.run(&["audit", "verify"]).succeeded();
        world.start();
        let changes = verify(&world, &mut notes);
        println!("crash on {store}: kill {kill}, {changes} changes so far, none lost");
    }
}

#[test]
fn nothing_acknowledged_is_lost_on_sled() {
    nothing_acknowledged_is_lost("sled");
}

#[test]
fn nothing_acknowledged_is_lost_on_fjall() {
    nothing_acknowledged_is_lost("fjall");
}
