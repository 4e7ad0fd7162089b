//! kill -9 while the index follows and commits: afterwards search answers what the store holds.
//!
//! Clients write texts with words of their own, change them and take them away, and search all the while. The server is
//! killed at a random moment and started again. Then every acknowledged word finds its issue and no other, every word
//! that was taken away finds nothing, and what all issues have in common finds as many as there are: at once, while what
//! the index missed is still matched in memory, and again when the index has followed.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::find::{find_all, list, try_to_find};
use crate::is_long;
use crate::words::word;
use crate::world::{Client, World, until};

/// Clients that write at once.
const CLIENTS: usize = 6;

/// The most answers between a start and a kill. The index gathers changes for half a second before it takes them in, so
/// that kills fall before, into and behind its commits.
const ANSWERS_MAX: usize = 240;

/// The word in the title of every issue.
const COMMON: &str = "walnut";

fn kills() -> usize {
    if is_long() { 20 } else { 2 }
}

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
        println!("search on {store}: repeat with MORTISE_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// A text of an issue that holds one word.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Title,
    Description,
    /// A comment, by its id.
    Comment(String),
}

/// A change with everything that is needed to send it again.
#[derive(Debug, Clone)]
struct Change {
    /// The issue that it changes; none: it makes one.
    issue: Option<String>,
    /// What is written; none: a comment is deleted.
    word: Option<String>,
    /// The text that had a word before; none: a new one.
    place: Option<Place>,
}

/// What one client has been told, and what it waits for.
#[derive(Default)]
struct Notes {
    /// Changes of this client, answered or not.
    sent: u64,
    /// Where each word stands that is acknowledged: the issue, and which text of it.
    words: BTreeMap<String, (String, Place)>,
    /// Words that were taken away.
    gone: Vec<String>,
    /// The issue made last.
    issue: Option<String>,
    /// The change that has no answer yet.
    pending: Option<Change>,
}

impl Notes {
    /// Where a word stands that can be changed: the newest text of this kind.
    fn newest(&self, kind: impl Fn(&Place) -> bool) -> Option<(String, Place)> {
        self.words.values().rfind(|(_, place)| kind(place)).cloned()
    }

    fn next(&mut self, client: usize) -> Change {
        self.sent += 1;
        let word = Some(word(((client as u64 + 1) << 32) | self.sent));
        let comment = self.newest(|place| matches!(place, Place::Comment(_)));
        match (self.sent % 8, self.issue.clone(), comment) {
            (1, ..) | (_, None, _) => Change { issue: None, word, place: None },
            (2, issue, _) => Change { issue, word, place: Some(Place::Description) },
            (3, issue, _) => Change { issue, word, place: Some(Place::Title) },
            (6, _, Some((issue, place))) => Change { issue: Some(issue), word, place: Some(place) },
            (7, _, Some((issue, place))) => Change { issue: Some(issue), word: None, place: Some(place) },
            (_, issue, _) => Change { issue, word, place: None },
        }
    }

    /// The word that a change takes away.
    fn replaced(&self, change: &Change) -> Option<String> {
        let (issue, place) = (change.issue.as_ref()?, change.place.as_ref()?);
        let same = |(_, at): &(&String, &(String, Place))| at.0 == *issue && at.1 == *place;
        self.words.iter().find(same).map(|(word, _)| word.clone())
    }

    /// Sends the change that is pending, or the next, and notes its answer; then seeks what it wrote.
    fn step(&mut self, client: usize, api: &Client, team: &str) -> io::Result<()> {
        let change = self.pending.take().unwrap_or_else(|| self.next(client));
        self.pending = Some(change.clone());
        let (field, mut arguments) = request(&change, team);
        arguments["idempotencyKey"] = format!("{client}-{}", self.sent).into();
        let answer = api.try_to_change(field, &arguments)?;
        if answer.code() == Some("UNAVAILABLE") {
            return Err(io::Error::other("the outcome is not known"));
        }
        self.note(change.clone(), answer.payload());
        self.pending = None;
        let Some(word) = change.word else { return Ok(()) };
        let found = try_to_find(api, &word)?;
        // An index that is made anew says how far it has come.
        assert!(!found.complete || found.total == 1, "the first search for {word}: {found:?}");
        Ok(())
    }

    fn note(&mut self, change: Change, payload: &Value) {
        if let Some(replaced) = self.replaced(&change) {
            self.words.remove(&replaced);
            self.gone.push(replaced);
        }
        let id = |thing: &str| payload[thing]["id"].as_str().unwrap().to_owned();
        let place = match (change.place, &change.issue) {
            (Some(place), _) => place,
            (None, None) => Place::Title,
            (None, Some(_)) => Place::Comment(id("comment")),
        };
        if change.issue.is_none() {
            self.issue = Some(id("issue"));
        }
        let issue = change.issue.or_else(|| self.issue.clone()).unwrap();
        if let Some(word) = change.word {
            self.words.insert(word, (issue, place));
        }
    }
}

/// The mutation of a change, and its arguments.
fn request(change: &Change, team: &str) -> (&'static str, Value) {
    let (issue, word) = (&change.issue, change.word.as_deref().unwrap_or_default());
    let title = format!("{COMMON} {word}");
    match (&change.place, issue) {
        (None, None) => ("issueCreate", json!({ "input": { "teamId": team, "title": title } })),
        (None, Some(issue)) => ("commentCreate", json!({ "input": { "issueId": issue, "body": word } })),
        (Some(Place::Title), _) => ("issueUpdate", json!({ "id": issue, "input": { "title": title } })),
        (Some(Place::Description), _) => {
            ("issueUpdate", json!({ "id": issue, "input": { "description": format!("It is {word}.") } }))
        }
        (Some(Place::Comment(id)), _) if change.word.is_none() => ("commentDelete", json!({ "id": id })),
        (Some(Place::Comment(id)), _) => ("commentUpdate", json!({ "id": id, "input": { "body": word } })),
    }
}

/// Lets all clients write and search until the server goes away, which happens after so many answers.
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
                }
            });
        }
        until("enough is answered", || answered.load(Ordering::Relaxed) >= answers);
        world.kill();
    });
}

/// Compares what is found with what is noted and with what is stored, leaving out what a pending change may have changed.
fn compare(ana: &Client, notes: &mut [Mutex<Notes>], when: &str) -> usize {
    let mut compared = 0;
    for notes in notes.iter_mut().map(|notes| notes.get_mut().unwrap()) {
        let unsure = notes.pending.as_ref().and_then(|change| notes.replaced(change));
        let known = notes.words.iter().filter(|(word, _)| unsure.as_ref() != Some(word));
        let (words, issues): (Vec<_>, Vec<_>) = known.map(|(word, (issue, _))| (word.clone(), issue)).unzip();
        for ((word, issue), found) in words.iter().zip(issues).zip(find_all(ana, &words)) {
            assert_eq!((found.total, &found.issues[..]), (1, &[issue.clone()][..]), "{when}: {word}");
        }
        for (word, found) in notes.gone.iter().zip(find_all(ana, &notes.gone)) {
            assert_eq!(found.total, 0, "{when}: {word} was taken away: {found:?}");
        }
        compared += words.len() + notes.gone.len();
    }
    let stored = list(ana, &json!({}));
    assert_eq!(list(ana, &json!({ "text": { "matches": COMMON } })), stored, "{when}");
    let found = find_all(ana, &stored.0);
    for (key, found) in stored.0.iter().zip(found) {
        assert_eq!(found.total, 1, "{when}: {key}: {found:?}");
    }
    compared + stored.0.len()
}

/// The place in a log up to which an index on disk has taken it in: the furthest of all, which is the company's that
/// writes. It reads what the index says of itself, since no answer tells.
fn indexed_through(world: &World) -> u64 {
    let Ok(folders) = std::fs::read_dir(world.data().join("index")) else { return 0 };
    let through = |folder: std::io::Result<std::fs::DirEntry>| {
        let meta = std::fs::read(folder.ok()?.path().join("meta.json")).ok()?;
        let meta: Value = serde_json::from_slice(&meta).ok()?;
        // Behind the place stands what tells this log from another.
        meta["payload"].as_str()?.split(' ').next()?.parse().ok()
    };
    folders.filter_map(through).max().unwrap_or_default()
}

/// Searches right behind the start, then sends once more what has no answer, then when the index has followed.
fn verify(world: &World, notes: &mut [Mutex<Notes>]) -> usize {
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    // The index outlives a kill; were it being made anew, an answer would say how far it has come.
    let first = try_to_find(&ana, COMMON).unwrap();
    if !first.complete {
        println!("the index is made anew");
        until("the index is whole", || try_to_find(&ana, COMMON).unwrap().complete);
    }
    compare(&ana, notes, "at once");
    for (client, notes) in notes.iter_mut().enumerate() {
        let notes = notes.get_mut().unwrap();
        if notes.pending.is_some() {
            notes.step(client, &ana, &team).unwrap();
        }
    }
    let head = ana.log_head();
    until("the index has followed", || indexed_through(world) >= head);
    compare(&ana, notes, "when the index has followed")
}

fn search_equals_the_store(store: &'static str) {
    let mut chances = Chances::new(store);
    let mut world = World::on(store);
    let mut notes: Vec<Mutex<Notes>> = (0..CLIENTS).map(|_| Mutex::default()).collect();
    for kill in 1..=kills() {
        load(&mut world, &mut notes, chances.below(ANSWERS_MAX));
        let behind = indexed_through(&world);
        world.start();
        let compared = verify(&world, &mut notes);
        println!(
            "search on {store}: kill {kill} with the index at {behind}, {compared} words and keys right"
        );
    }
}

#[test]
fn search_equals_the_store_after_every_kill_on_sled() {
    search_equals_the_store("sled");
}

#[test]
fn search_equals_the_store_after_every_kill_on_fjall() {
    search_equals_the_store("fjall");
}
