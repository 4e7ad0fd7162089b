//! An id of another company and an id of nobody are answered alike: to the byte, and in the same time.
//!
//! `matrix` asks this of every place where an id may stand, with the request's name left out. Here the whole answer is
//! compared, head and all, over connections that are kept, in turns. The bytes are judged. The times are reported
//! (`cargo xtask prove isolation`): a machine has other work.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::isolation::{Things, nobodys};
use crate::world::{ACME, Client, Line, OTHER, Response, World};

/// Whose id, and a document that takes it as `$id`. What is asked to change something is rehearsed.
const QUESTIONS: &[(&str, &str)] = &[
    ("iss", "query($id: ID!) { issue(id: $id) { id title description } }"),
    ("cmt", "query($id: ID!) { comment(id: $id) { id body } }"),
    ("lbl", "query($id: ID!) { label(id: $id) { id name } }"),
    ("team", "query($id: ID!) { team(id: $id) { id name } }"),
    ("usr", "query($id: ID!) { member(id: $id) { id name } }"),
    ("view", "query($id: ID!) { view(id: $id) { id name count } }"),
    ("wf", "query($id: ID!) { workflow(id: $id) { id name } }"),
    ("wfv", "query($id: ID!) { workflowVersion(id: $id) { id } }"),
    ("iss", "query($id: ID!) { node(id: $id) { id } }"),
    ("st", "query($id: ID!) { issues(filter: { state: { id: { eq: $id } } }) { totalCount } }"),
    (
        "iss",
        "mutation($id: ID!) { issueUpdate(id: $id, input: { title: \"x\" }, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "cmt",
        "mutation($id: ID!) { commentDelete(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "key",
        "mutation($id: ID!) { apiKeyRevoke(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "ses",
        "mutation($id: ID!) { sessionRevoke(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "idp",
        "mutation($id: ID!) { identityProviderDelete(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "inv",
        "mutation($id: ID!) { invitationWithdraw(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
    (
        "visit",
        "mutation($id: ID!) { visitEnd(id: $id, dryRun: true) { success userErrors { code message } } }",
    ),
];

/// How often each question is asked about each id.
fn rounds() -> usize {
    if std::env::var_os("MORTISE_PROVE").is_some() { 2_000 } else { 4 }
}

/// Somebody who asks over one connection.
struct Asking {
    line: Line,
    bearer: String,
}

impl Asking {
    fn of(client: &Client) -> Self {
        let bearer = format!("Bearer {}", client.token.as_ref().unwrap());
        Self { line: Line::open(client.address).unwrap(), bearer }
    }

    /// The answer to a document about this id, and how long it took.
    fn ask(&mut self, document: &str, id: &str) -> (Response, Duration) {
        let body = json!({ "query": document, "variables": { "id": id } }).to_string();
        let headers = [
            ("authorization", self.bearer.as_str()),
            ("content-type", "application/json"),
            ("x-request-id", "the-same"),
        ];
        let began = Instant::now();
        let response = self.line.send("POST /graphql", &headers, body.as_bytes()).unwrap();
        (response, began.elapsed())
    }
}

/// The whole answer, with the id that was asked about left out.
fn told(response: &Response, id: &str) -> String {
    response.told().replace(id, "ID")
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn what_is_anothers_and_what_is_nobodys_is_answered_with_the_same_bytes_in_turns() {
    let mut world = World::new();
    world.visit(&[ACME, OTHER], "to be seen");
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let things = |client, word| Things::made_by(client, word).with_ways_in(client, word);
    let (ours, theirs) = (things(&ana, ACME.canary), things(&zoe, OTHER.canary));
    let mut asking = Asking::of(&ana);
    let mut times: Vec<[Vec<Duration>; 2]> = QUESTIONS.iter().map(|_| [Vec::new(), Vec::new()]).collect();
    for round in 0..rounds() {
        for ((kind, document), times) in QUESTIONS.iter().zip(&mut times) {
            let ids = [theirs.id(kind).to_owned(), nobodys(theirs.id(kind))];
            let mut answers = [String::new(), String::new()];
            // Whichever comes second finds everything warm: they take turns.
            for turn in [round % 2, 1 - round % 2] {
                let (response, took) = asking.ask(document, &ids[turn]);
                answers[turn] = told(&response, &ids[turn]);
                times[turn].push(took);
            }
            assert_eq!(answers[0], answers[1], "{kind}: {document}");
            if round == 0 {
                let (own, _) = asking.ask(document, ours.id(kind));
                assert_ne!(
                    told(&own, ours.id(kind)),
                    answers[0],
                    "an id of our own makes no difference: {document}"
                );
            }
        }
    }
    eprintln!("{} rounds in turns; medians in microseconds\n another's   nobody's  ratio", rounds());
    for ((kind, document), [foreign, nowhere]) in QUESTIONS.iter().zip(&mut times) {
        let (foreign, nowhere) = (median(foreign).as_secs_f64() * 1e6, median(nowhere).as_secs_f64() * 1e6);
        let field =
            document.split_once("{ ").map_or("", |(_, rest)| rest.split('(').next().unwrap_or_default());
        eprintln!("{foreign:10.1} {nowhere:10.1} {:6.3}  {kind}: {field}", foreign / nowhere);
    }
}
