//! The verbs of `mortise plugin` at a running server, as a script reads them.

use std::path::PathBuf;

use super::{guest, puppet, scripted};
use crate::world::{Client, Run, World, mortise_with_input};
use mortise_plugins::manifest::{Manifest, pack};
use serde_json::{Value, json};

/// A company's console: the command line with a key of its super admin.
struct Console {
    server: String,
    key: PathBuf,
}

impl Console {
    fn of(world: &World, client: &Client) -> Self {
        let make = "mutation { apiKeyCreate(input: { name: \"console\", scope: ADMIN }) { secret } }";
        let made = client.ask(make, json!({}));
        let key = world.beside("console.key");
        std::fs::write(&key, made.data()["apiKeyCreate"]["secret"].as_str().unwrap()).unwrap();
        Self { server: format!("http://{}", client.address), key }
    }

    fn run(&self, words: &[&str]) -> Run {
        let at = ["--server", &self.server, "--token-file", self.key.to_str().unwrap()];
        mortise_with_input(&[&["plugin"], words, &at[..]].concat(), "")
    }

    /// What it answers as JSON.
    #[track_caller]
    fn json(&self, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--json"]].concat()).succeeded();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}: {}", run.stdout))
    }
}

#[test]
fn a_script_takes_a_plugin_through_its_life_by_the_command_line() {
    let world = World::new();
    let ana = world.client("ana");
    let console = Console::of(&world, &ana);
    let less = world.beside("less.wasm");
    let old = [(", \"*.example.org\"", ""), ("version = \"1.0.0\"", "version = \"0.9.0\"")];
    std::fs::write(&less, puppet(&old)).unwrap();
    let file = world.beside("puppet.wasm");
    std::fs::write(&file, puppet(&[])).unwrap();
    let upload = |file: &PathBuf| {
        console.json(&["upload", file.to_str().unwrap()])["digest"].as_str().unwrap().to_owned()
    };

    let one = upload(&less);
    console.run(&["install", "test.puppet"]).refused_with(&["mortise plugin inspect", "--grant-all"]);
    console
        .run(&["install", "test.puppet", "--grant-all", "--team", "NONE"])
        .refused_with(&["there is no team `NONE`"]);
    let installed = console.json(&["install", "test.puppet", "--grant-all", "--team", "ENG", "--enable"]);
    assert_eq!(installed["plugin"]["status"], "ENABLED");
    let again = console.run(&["install", "test.puppet"]).refused_with(&["installed already"]);
    assert!(!again.stderr.contains("--grant-all"), "no grant would help: {}", again.stderr);
    let shown = console.json(&["show", "test.puppet"]);
    assert_eq!((&shown["teams"], &shown["digest"]), (&json!([{ "key": "ENG" }]), &json!(one)));

    let two = upload(&file);
    let inspected = console.json(&["inspect", "test.puppet@1.0.0"]);
    assert_eq!(
        (&inspected["digest"], &inspected["requested"]["http"][1]),
        (&json!(two), &json!("*.example.org"))
    );
    let changes = &inspected["upgrade"]["permissionChanges"];
    assert_eq!(
        changes,
        &json!([{ "permission": "send requests to *.example.org", "added": true, "widens": true }])
    );
    let told = console.run(&["inspect", "test.puppet"]).succeeded();
    assert!(told.stdout.contains("+ send requests to *.example.org"), "{}", told.stdout);

    scripted(&ana, &json!({ "amend": [["log", "warn", "said to people"], ["log", "debug", "beside it"]] }))
        .payload();
    let logs = console.json(&["logs", "test.puppet", "--level", "warn"]);
    let said: Vec<&Value> = logs.as_array().unwrap().iter().map(|line| &line["message"]).collect();
    assert!(said.contains(&&json!("said to people")) && !said.contains(&&json!("beside it")), "{logs}");
    assert!(console.json(&["backlog", "test.puppet"])["head"].is_string());

    let address = || console.json(&["address", "test.puppet"])["address"].as_str().unwrap().to_owned();
    assert!(address().starts_with(&format!("{}/plugins/in/", console.server)), "{}", address());
    let changed = console.json(&["address", "test.puppet", "--change"]);
    assert!(changed["address"].as_str().unwrap().contains("/plugins/in/"), "{changed}");

    console.run(&["upgrade", "test.puppet"]).refused_with(&["send requests to *.example.org", "--grant-all"]);
    console
        .run(&["upgrade", "pin_00000000000000000000000000"])
        .refused_with(&["there is no plugin pin_", "mortise plugin list"]);
    let opened = console.json(&["configure", "test.puppet", "--shadow", "--open"]);
    assert_eq!(
        (&opened["plugin"]["mode"], &opened["plugin"]["onFailure"]),
        (&json!("SHADOW"), &json!("OPEN"))
    );
    console.run(&["configure", "test.puppet", "--order", "3000000000"]).refused_with(&["2147483647"]);

    console.run(&["forget", &one, "--yes"]).refused_with(&["`Puppet` runs it"]);
    let kept = console.json(&["forget", &two]);
    assert_eq!(kept["events"], json!(["plugin.code_removed"]));
    assert!(console.json(&["inspect", &two])["digest"].is_string(), "it is there: nobody said --yes");
    console.json(&["forget", &two, "--yes"]);
    console.run(&["inspect", &two]).refused_with(&["mortise plugin list --code"]);
    console.run(&["show", "nobody.knows"]).refused_with(&["mortise plugin list"]);
    console.json(&["remove", "test.puppet", "--yes"]);
    assert_eq!(console.json(&["list"]), json!([]));
}

#[test]
fn a_backtest_is_told_to_a_script_and_one_that_is_over_can_be_looked_at_again() {
    let world = World::new();
    let ana = world.client("ana");
    let console = Console::of(&world, &ana);
    ana.issue("One");
    let file = world.beside("puppet.wasm");
    std::fs::write(&file, puppet(&[])).unwrap();
    console.json(&["upload", file.to_str().unwrap()]);
    let settings = json!({ "script": { "validate": [["deny", "too vague"]] } }).to_string();
    console.json(&["install", "test.puppet", "--grant-all", "--settings", &settings]);
    let found = console.json(&["backtest", "test.puppet"]);
    assert_eq!((&found["status"], &found["findings"][0]["message"]), (&json!("DONE"), &json!("too vague")));
    let again = console.json(&["backtest", "--cancel", found["id"].as_str().unwrap()]);
    assert_eq!((&again["status"], &again["findings"]), (&json!("DONE"), &found["findings"]));
}

#[test]
fn a_check_warns_of_what_an_upload_warns_of() {
    let world = World::new();
    let console = Console::of(&world, &world.client("ana"));
    let wasm = guest("estimate-gate-rust");
    let manifest = String::from_utf8(Manifest::text_of_component(&wasm).unwrap().to_vec()).unwrap();
    let needless = "[permissions]\nissues-read = true\nkv = true\nsecrets = [\"token\"]\nhttp = [\"a.example.com\"]\n\n[settings]";
    let file = world.beside("greedy.wasm");
    std::fs::write(&file, pack(&wasm, &manifest.replacen("[settings]", needless, 1)).unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let warned = console.json(&["upload", file, "--dry-run"])["inspection"]["warnings"].clone();
    assert_eq!(warned.as_array().unwrap().len(), 4, "{warned}");
    let check = |more: &[&str]| {
        mortise_with_input(&[&["plugin", "check", file], more].concat(), "").succeeded().stdout
    };
    let checked: Value = serde_json::from_str(&check(&["--json"])).unwrap();
    assert_eq!((&checked["warnings"], &checked["wrong"]), (&warned, &json!([])), "{checked}");
    let told = check(&[]);
    assert!(told.contains("warning: the manifest asks for `kv`"), "{told}");
}
