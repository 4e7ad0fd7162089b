//! kill -9 while calls are counted: none that was made is given back, and a kill charges at most a lease for nothing.
//!
//! Clients ask as fast as they can by API key and note what they sent and what was answered; the server is killed in the
//! middle of it. In the end the day is spent, and what was answered in all is held against what the company may.

use std::sync::atomic::{AtomicU64, Ordering};

use mortise::CALLS_LEASE;
use serde_json::{Value, json};

use super::{CLIENTS, Chances, kills};
use crate::world::{ACME, Client, World, email, until};

/// The most answers between a start and a kill: a few leases, so that kills meet the taking of one.
const ANSWERS_MAX: usize = 170;

/// What all clients of a run, or of a life of the server, have seen.
#[derive(Default)]
struct Seen {
    sent: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
}

impl Seen {
    /// Asks until the server goes away.
    fn ask(&self, program: &Client) {
        loop {
            self.sent.fetch_add(1, Ordering::Relaxed);
            let Ok(answer) = program.try_to_ask("{ __typename }", &Value::Null) else { return };
            let count = match answer.status {
                200 => &self.answered,
                429 => &self.refused,
                status => panic!("{status}: {}", answer.text),
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn answers(&self) -> u64 {
        self.answered.load(Ordering::Relaxed) + self.refused.load(Ordering::Relaxed)
    }
}

/// The calls by API key that the company has made today, as it is shown them.
fn counted(world: &World) -> u64 {
    let answer = world.client("ana").ask("{ tenant { entitlements { key used } } }", json!({}));
    let all = answer.data()["tenant"]["entitlements"].as_array().unwrap().clone();
    all.iter().find(|one| one["key"] == "apiCallsPerDay").unwrap()["used"].as_u64().unwrap()
}

/// Lets all clients ask until the server is killed, after so many answers.
fn life(world: &mut World, key: &str, answers: u64) -> Seen {
    let program = world.nobody().with_token(ACME, key);
    let seen = Seen::default();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| seen.ask(&program));
        }
        until("enough is answered", || seen.answers() >= answers);
        world.kill();
    });
    seen
}

fn no_call_is_given_back(store: &'static str) {
    let mut chances = Chances::new(store);
    let mut world = World::founded_on(store);
    // The day is spent before the last kill.
    let (lives, limit) = (kills() * 2, kills() as u64 * ANSWERS_MAX as u64 / 2);
    world.run(&["tenant", "tier", "acme", "basic"]).succeeded();
    world.run(&["tenant", "override", "acme", "apiCallsPerDay", &limit.to_string()]).succeeded();
    let words = ["token", "create", "--tenant", "acme", "--member", &email("ana")];
    let key = world.run(&words).succeeded().stdout.trim().to_owned();
    world.start();
    let (mut made, mut unsure) = (0, 0);
    for kill in 1..=lives {
        let before = counted(&world);
        let seen = life(&mut world, &key, chances.below(ANSWERS_MAX) as u64 + 1);
        world.start();
        let after = counted(&world);
        let (sent, answered) = (seen.sent.into_inner(), seen.answered.into_inner());
        let refused = seen.refused.into_inner();
        assert!(after >= (before + answered).min(limit), "{after}: some of {before} + {answered} came back");
        let most = before + (sent - refused) + CALLS_LEASE;
        assert!(after <= most, "{after}: more than a lease beyond {before} + {sent} was taken");
        made += answered;
        unsure += sent - refused - answered;
        println!(
            "calls on {store}: kill {kill}, {made} answered, {after} of {limit} counted, none given back"
        );
    }
    let program = world.nobody().with_token(ACME, &key);
    while program.ask("{ __typename }", json!({})).status == 200 {
        made += 1;
    }
    assert!(made <= limit, "{made} calls were made, {limit} were sold");
    let lost = lives as u64 * CALLS_LEASE + unsure;
    assert!(made + lost >= limit, "{made} calls of {limit} were made, kills took more than {lost}");
    assert_eq!(counted(&world), limit);
}

#[test]
fn no_call_is_given_back_on_sled() {
    no_call_is_given_back("sled");
}

#[test]
fn no_call_is_given_back_on_fjall() {
    no_call_is_given_back("fjall");
}
