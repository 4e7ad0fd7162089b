//! Those who run the platform, over real HTTP: what they can do, and whom their endpoint tells nothing.

mod attacks;
mod console;
mod domains;
mod ids;
mod lifecycle;
mod people;
mod visits;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::world::{Response, Run, World, mortise_with_input, send};

pub(crate) const OPERATOR: &str = "root@example.com";

/// The API of those who run the platform, asked with one key.
pub(crate) struct Root {
    address: SocketAddr,
    key: String,
}

/// A world with an operator, whose server runs, and a key of each of these scopes.
pub(crate) fn world_with_keys<const N: usize>(scopes: [&str; N]) -> (World, [Root; N]) {
    let mut world = World::founded_on("sled");
    let create = ["root", "create", "--email", OPERATOR, "--password-stdin"];
    world.run_with_input(&create, "an operators own passphrase\n").succeeded();
    let keys = scopes.map(|scope| {
        let words = ["root", "key", "create", "--operator", OPERATOR, "--name", scope, "--scope", scope];
        let key = world.run(&words).succeeded().stdout.trim().to_owned();
        assert!(key.starts_with("iss_root_"), "{key}");
        key
    });
    world.start();
    let address = world.nobody().address;
    (world, keys.map(|key| Root { address, key }))
}

/// Runs the command line at the running server.
fn at(world: &World, root: &Root, words: &[&str]) -> Run {
    at_with_key(world, root, &root.key, words)
}

/// The same, with another key.
fn at_with_key(world: &World, root: &Root, key: &str, words: &[&str]) -> Run {
    let other = Root { address: root.address, key: key.to_owned() };
    let (server, file) = (format!("http://{}", root.address), other.file(world, "root.key"));
    let place = ["--server", server.as_str(), "--token-file", file.to_str().unwrap()];
    mortise_with_input(&[words, &place].concat(), "")
}

impl Root {
    fn post(address: SocketAddr, path: &str, bearer: Option<&str>, document: &str) -> Response {
        let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let body = json!({ "query": document }).to_string();
        send(address, &format!("POST {path}"), &headers, body.as_bytes()).unwrap()
    }

    /// What a document answers.
    #[track_caller]
    fn try_to_ask(&self, document: &str, variables: &Value) -> Value {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "query": document, "variables": variables }).to_string();
        let response = send(self.address, "POST /root/graphql", &headers, body.as_bytes()).unwrap();
        serde_json::from_str(&response.body).unwrap()
    }

    /// The data of an answer without errors.
    #[track_caller]
    fn ask(&self, document: &str, variables: Value) -> Value {
        let answer = self.try_to_ask(document, &variables);
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// The answer of the only mutation, which must not have been refused.
    #[track_caller]
    pub(crate) fn change(&self, document: &str, variables: Value) -> Value {
        let data = self.ask(document, variables);
        let payload = data.as_object().unwrap().values().next().unwrap().clone();
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload
    }

    /// The code with which the only mutation is refused.
    #[track_caller]
    fn refusal(&self, document: &str, variables: Value) -> String {
        let data = self.ask(document, variables);
        let payload = data.as_object().unwrap().values().next().unwrap().clone();
        payload["userErrors"][0]["code"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    pub(crate) fn tenant_id(&self, slug: &str) -> String {
        let document = "query($slug: String!) { tenantBySlug(slug: $slug) { id } }";
        let data = self.ask(document, json!({ "slug": slug }));
        data["tenantBySlug"]["id"].as_str().unwrap().to_owned()
    }

    /// The key in a file of its own.
    pub(crate) fn file(&self, world: &World, name: &str) -> PathBuf {
        let path = world.beside(name);
        std::fs::write(&path, format!("{}\n", self.key)).unwrap();
        path
    }
}

pub(crate) const SUSPEND: &str = "mutation($id: ID!, $input: TenantSuspendInput!) {
    tenantSuspend(id: $id, input: $input) { tenant { status } userErrors { code message } } }";
pub(crate) const RESUME: &str =
    "mutation($id: ID!) { tenantResume(id: $id) { tenant { status } userErrors { code message } } }";
const CLOSE: &str = "mutation($id: ID!, $input: TenantCloseInput!) {
    tenantClose(id: $id, input: $input) { tenant { status hold { graceUntil } } userErrors { code message } } }";
