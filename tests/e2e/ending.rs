//! How soon is refused what was taken away: a session, a key, a role, a member's part in the company, the company's own.
//!
//! Somebody asks over a second connection without a pause while it is taken away, so that whatever the server remembers of them
//! is fresh. Within five seconds they must be refused. How soon it is, is reported (`cargo xtask prove revocation`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::root::{RESUME, Root, SUSPEND, world_with_keys};
use crate::world::{ACME, Client, Line, PASSWORD, World};

/// What the product promises.
const PROMISE: Duration = Duration::from_secs(5);

/// Requests that are let in before anything is taken away.
const BEFORE: usize = 10;

fn rounds() -> usize {
    if std::env::var_os("MORTISE_PROVE").is_some() { 60 } else { 1 }
}

/// What is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Session,
    SignedOut,
    Password,
    Key,
    OwnerOfAKey,
    Member,
    Role,
    Company,
    KeyOfACompany,
}

const ENDINGS: [Ending; 9] = [
    Ending::Session,
    Ending::SignedOut,
    Ending::Password,
    Ending::Key,
    Ending::OwnerOfAKey,
    Ending::Member,
    Ending::Role,
    Ending::Company,
    Ending::KeyOfACompany,
];

/// Who takes away and gives back.
struct Scene {
    world: World,
    root: Root,
    ana: Client,
    /// The ids of the company and of the one it happens to.
    company: String,
    una: String,
}

impl Scene {
    fn new() -> Self {
        let (world, [root]) = world_with_keys(["admin"]);
        let ana = world.client("ana");
        let (company, una) = (root.tenant_id(ACME.slug), ana.id_of("members", "una"));
        let scene = Self { world, root, ana, company, una };
        scene.update(json!({ "role": "ADMIN" }));
        scene
    }

    fn update(&self, input: Value) {
        self.ana.change("memberUpdate", json!({ "id": self.una, "input": input })).payload();
    }

    /// Una, let in anew, in the way that will end; and the id of her key.
    fn begin(&self, ending: Ending) -> (Client, Option<String>) {
        if !matches!(ending, Ending::Key | Ending::OwnerOfAKey | Ending::KeyOfACompany) {
            return (self.world.client("una"), None);
        }
        let make =
            "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret apiKey { id } } }";
        let input = json!({ "memberId": self.una, "name": "a program", "scope": "ADMIN" });
        let made = self.ana.ask(make, json!({ "input": input })).data()["apiKeyCreate"].clone();
        let client = self.ana.with_token(ACME, made["secret"].as_str().unwrap());
        (client, Some(made["apiKey"]["id"].as_str().unwrap().to_owned()))
    }

    fn end(&self, ending: Ending, client: &Client, key: Option<&str>) {
        match ending {
            Ending::Session => {
                let end = "mutation($id: ID!) { sessionRevoke(memberId: $id) { success } }";
                self.ana.ask(end, json!({ "id": self.una })).data();
            }
            Ending::SignedOut => {
                let end = "mutation($token: String) { signOut(refreshToken: $token) { success } }";
                self.world.nobody().ask(end, json!({ "token": client.refresh_token })).data();
            }
            Ending::Password => {
                let input = json!({ "id": self.una, "password": PASSWORD });
                self.ana.change("memberSetPassword", input).payload();
            }
            Ending::Key => self.revoke(key),
            Ending::OwnerOfAKey | Ending::Member => self.update(json!({ "status": "SUSPENDED" })),
            Ending::Role => self.update(json!({ "role": "USER" })),
            Ending::Company | Ending::KeyOfACompany => {
                let input = json!({ "reads": false });
                self.root.change(SUSPEND, json!({ "id": self.company, "input": input }));
            }
        }
    }

    fn revoke(&self, key: Option<&str>) {
        let end = "mutation($id: ID!) { apiKeyRevoke(id: $id) { success } }";
        self.ana.ask(end, json!({ "id": key })).data();
    }

    /// Gives back what the next ending needs, and takes a key away that is left: nobody has more than a hundred.
    fn mend(&self, ending: Ending, key: Option<&str>) {
        match ending {
            Ending::OwnerOfAKey | Ending::Member => self.update(json!({ "status": "ACTIVE" })),
            Ending::Role => self.update(json!({ "role": "ADMIN" })),
            Ending::Company | Ending::KeyOfACompany => {
                self.root.change(RESUME, json!({ "id": self.company }));
            }
            Ending::Session | Ending::SignedOut | Ending::Password | Ending::Key => {}
        }
        if matches!(ending, Ending::OwnerOfAKey | Ending::KeyOfACompany) {
            self.revoke(key);
        }
    }
}

/// What admins may and users may not, rehearsed.
const ASKED: &str = "mutation($input: LabelCreateInput!) { labelCreate(input: $input, dryRun: true) {
    success userErrors { code } } }";

/// Asks once; true when it was let in.
fn is_let_in(line: &mut Line, bearer: &str) -> bool {
    let input = json!({ "input": { "name": "x", "color": "#d73a4a" } });
    let body = json!({ "query": ASKED, "variables": input }).to_string();
    let headers = [("authorization", bearer), ("content-type", "application/json")];
    let response = line.send("POST /graphql", &headers, body.as_bytes()).unwrap();
    let let_in = response.body.contains("\"success\":true");
    let refused = response.body.contains("UNAUTHENTICATED") || response.body.contains("FORBIDDEN");
    assert!(let_in != refused, "{response:?}");
    let_in
}

/// What became of one who was let in.
struct Outcome {
    /// From when it was asked to be taken away to the first refusal.
    asked: Duration,
    /// From when that was answered to the first refusal; nothing when it came before.
    answered: Duration,
    /// Requests that were begun after the answer and let in.
    outlived: usize,
}

fn outcome(scene: &Scene, ending: Ending) -> Outcome {
    let (client, key) = scene.begin(ending);
    let bearer = format!("Bearer {}", client.token.as_ref().unwrap());
    let mut line = Line::open(client.address).unwrap();
    assert!((0..BEFORE).all(|_| is_let_in(&mut line, &bearer)), "{ending:?}: nothing was taken away yet");
    let answered = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut outlived = 0;
            let deadline = Instant::now() + 10 * PROMISE;
            loop {
                let late = answered.load(Ordering::SeqCst);
                if !is_let_in(&mut line, &bearer) {
                    return (Instant::now(), outlived);
                }
                outlived += usize::from(late);
                assert!(Instant::now() < deadline, "{ending:?}: never refused");
            }
        });
        let began = Instant::now();
        scene.end(ending, &client, key.as_deref());
        let ended = Instant::now();
        answered.store(true, Ordering::SeqCst);
        let (refused, outlived) = asking.join().unwrap();
        let since = |moment: Instant| refused.saturating_duration_since(moment);
        Outcome { asked: since(began), answered: since(ended), outlived }
    });
    scene.mend(ending, key.as_deref());
    outcome
}

#[test]
fn what_was_taken_away_is_refused_within_five_seconds_over_a_second_connection() {
    let scene = Scene::new();
    let mut outcomes: Vec<Vec<Outcome>> = ENDINGS.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds() {
        for (ending, outcomes) in ENDINGS.into_iter().zip(&mut outcomes) {
            let outcome = outcome(&scene, ending);
            assert!(outcome.answered < PROMISE, "{ending:?}: refused after {:?}", outcome.answered);
            outcomes.push(outcome);
        }
    }
    eprintln!("{} rounds in turns; milliseconds until the first refusal, median and longest", rounds());
    for (ending, outcomes) in ENDINGS.into_iter().zip(&mut outcomes) {
        let figures = |of: fn(&Outcome) -> Duration| {
            let mut all: Vec<_> = outcomes.iter().map(of).collect();
            all.sort_unstable();
            format!(
                "{:7.2} {:7.2}",
                all[all.len() / 2].as_secs_f64() * 1e3,
                all[all.len() - 1].as_secs_f64() * 1e3
            )
        };
        let (asked, answered) = (figures(|outcome| outcome.asked), figures(|outcome| outcome.answered));
        let outlived: usize = outcomes.iter().map(|outcome| outcome.outlived).sum();
        eprintln!(
            "since asked {asked}, since answered {answered}, {outlived} let in after the answer: {ending:?}"
        );
    }
}
