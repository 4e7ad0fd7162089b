//! Somebody at the command line with a key of their company in a file, as those work who write and look after plugins.
//!
//! It knows the words of no command.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::{Answer, Client, Run, World, email, mortise_with_input};

/// See the module.
pub(super) struct Desk {
    server: String,
    key: PathBuf,
}

impl Desk {
    /// At this world's server, with the key in this file.
    pub(super) fn of(world: &World, key: &Path) -> Self {
        Self { server: format!("http://{}", world.nobody().address), key: key.to_owned() }
    }

    /// Runs `mortise plugin` with these words at the server.
    pub(super) fn plugin(&self, words: &[&str]) -> Run {
        let place = ["--server", self.server.as_str(), "--token-file", self.key.to_str().unwrap()];
        mortise_with_input(&[&["plugin"], words, &place].concat(), "")
    }

    /// What it answers as JSON, which it must.
    #[track_caller]
    pub(super) fn told(&self, words: &[&str]) -> Value {
        let run = self.plugin(&[words, &["--json"]].concat()).succeeded();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
    }
}

/// Runs `mortise plugin` with these words, without a server.
pub(super) fn alone(words: &[&str]) -> Run {
    mortise_with_input(&[&["plugin"], words].concat(), "")
}

/// A file with an API key of `ana` in it; no server may run.
pub(super) fn key(world: &World) -> PathBuf {
    let words = ["token", "create", "--tenant", "acme", "--member", &email("ana")];
    kept(world, "acme.key", &world.run(&words).succeeded().stdout)
}

/// A file beside the data folder that holds this.
pub(super) fn kept(world: &World, name: &str, what: impl AsRef<[u8]>) -> PathBuf {
    let file = world.beside(name);
    std::fs::write(&file, what).unwrap();
    file
}

/// A path as a word of a command.
pub(super) fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Makes an issue with what else is said of it.
#[track_caller]
pub(super) fn issue(client: &Client, title: &str, more: &Value) -> Value {
    let mut input = json!({ "teamId": client.id_of("teams", "ENG"), "title": title });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.change("issueCreate", json!({ "input": input })).payload()["issue"].clone()
}

/// Moves an issue to the end of its workflow, or tries to.
#[track_caller]
pub(super) fn close(client: &Client, issue: &Value) -> Answer {
    let state = client.id_of("workflowStates", "Closed");
    client.change("issueTransition", json!({ "id": issue["id"], "input": { "stateId": state } }))
}

/// Fails unless a move was refused with just these words, each beside its field; those beside null are about the whole.
#[track_caller]
pub(super) fn assert_refused(answer: &Answer, expected: &Value) {
    assert_eq!(answer.code(), Some("REJECTED"), "{}", answer.text);
    let errors = answer.data()["issueTransition"]["userErrors"].as_array().unwrap();
    let said: Vec<Value> = errors.iter().map(|error| json!([error["field"], error["message"]])).collect();
    assert_eq!(json!(said), *expected, "{}", answer.text);
}
