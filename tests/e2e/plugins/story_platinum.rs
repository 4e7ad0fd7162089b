//! An engineer of a Platinum company writes a rule, tries it on what has happened, and looks after it: `plugin new` to
//! `plugin remove`, with the program alone.
//!
//! The plugin is built here, by the cargo that an engineer has. Nothing is fetched for it, and most of what it needs is built
//! already: the stage `guests` has done both.

use super::desk::{self, Desk, alone, assert_refused, close, issue, kept, word};
use super::story_archive::denied;
use super::target;
use crate::world::{Client, Run, World, mortise};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const PLUGIN: &str = "acme.needs-assignee";
const END: &str = "        Ok(Verdict::allow())\n";

/// What the engineer adds to the template's rule: nothing is done that nobody has estimated.
const ESTIMATED: &str = r#"        if completes && issue.estimate.is_none() {
            host::log::info("it has no estimate");
            return Ok(Verdict::deny("say how large it was").at("estimate", "is missing"));
        }
"#;

/// And later: nothing is done of which a part is not.
const WHOLE: &str = r#"        if completes {
            let open = host::issues::count(&format!("parent:{} is:open", issue.key))?;
            if open > 0 {
                return Ok(Verdict::deny(format!("open parts: {open}")));
            }
        }
"#;

/// A company of three issues, one for each thing that the rule can say.
const EVENTS: &str = r#"
settings = { message = "who was it?" }

[[issue]]
key = "ENG-1"

[[issue]]
key = "ENG-2"
assignees = ["ada"]

[[issue]]
key = "ENG-3"
assignees = ["ada"]
estimate = 3

[[event]]
on = "validate"
what = "transition"
issue = "ENG-1"
to = "done"
expect = "deny"

[[event]]
on = "validate"
what = "transition"
issue = "ENG-2"
to = "done"
expect = "deny"

[[event]]
on = "validate"
what = "transition"
issue = "ENG-3"
to = "done"
expect = "allow"
"#;

struct Engineer {
    world: World,
    at: Desk,
    /// Of the plugin.
    folder: PathBuf,
    ana: Client,
    uwe: Client,
}

#[test]
fn an_engineer_writes_a_rule_and_the_company_lives_with_it() {
    let engineer = Engineer::begins_a_plugin();
    engineer.adds_a_rule_and_tests_it_as_any_crate();
    let wasm = engineer.builds_it();
    engineer.checks_it_and_runs_it_on_the_real_host(&wasm);
    let history = engineer.the_company_has_worked_meanwhile();

    engineer.uploads_it(&wasm);
    engineer.installs_it_in_shadow();
    let watched = engineer.a_shadow_lets_everything_pass_and_is_recorded();
    engineer.reads_the_run_and_does_it_again_at_home(&watched, &wasm);
    engineer.tries_it_on_what_has_happened(&[&history[..], &[watched]].concat());
    engineer.enforces_it_and_a_move_is_denied_beside_its_field();

    let next = engineer.writes_a_version_that_reads_and_forgets_to_ask();
    engineer.sees_what_it_asks_for_and_grants_it(&next);
    let whole = engineer.the_new_version_counts_open_parts();
    engineer.rolls_back(&whole);
    engineer.disables_and_removes_it();
}

impl Engineer {
    fn begins_a_plugin() -> Self {
        let mut world = World::founded_on("sled");
        let key = desk::key(&world);
        world.start();
        let within = world.beside("work");
        let said = alone(&["new", PLUGIN, "--within", word(&within)]).succeeded().stdout;
        assert!(said.contains("mortise plugin build"), "it says how to go on: {said}");
        let folder = within.join("needs-assignee");
        // The very versions of the SDK's own dependencies that are on this machine.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugins/rust/Cargo.lock");
        std::fs::copy(lock, folder.join("Cargo.lock")).unwrap();
        let (at, ana, uwe) = (Desk::of(&world, &key), world.client("ana"), world.client("uwe"));
        Self { world, at, folder, ana, uwe }
    }

    fn adds_a_rule_and_tests_it_as_any_crate(&self) {
        self.edit("src/lib.rs", END, &[ESTIMATED, END].concat());
        let assigned = "            assignees: vec![fake::member(\"ada\").id],\n";
        self.edit("src/lib.rs", assigned, &[assigned, "            estimate: Some(3),\n"].concat());
        let mut test = Command::new("cargo");
        test.args(["test", "--quiet"]).current_dir(&self.folder);
        finished(as_on_this_machine(&mut test)).succeeded();
    }

    fn builds_it(&self) -> PathBuf {
        let said = finished(as_on_this_machine(&mut mortise(&["plugin", "build", word(&self.folder)])));
        assert!(said.succeeded().stdout.contains(PLUGIN));
        self.folder.join("needs-assignee.wasm")
    }

    fn checks_it_and_runs_it_on_the_real_host(&self, wasm: &Path) {
        let run = alone(&["check", word(wasm), "--json"]).succeeded();
        let checked: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&checked["plugin"], &checked["wrong"]), (&json!(PLUGIN), &json!([])), "{checked}");
        let events = kept(&self.world, "events.toml", EVENTS);
        let run = alone(&["test", word(wasm), "--events", word(&events), "--json"]).succeeded();
        let tested: Value = serde_json::from_str(&run.stdout).unwrap();
        let calls = tested["events"].as_array().unwrap();
        let said: Vec<&Value> = calls.iter().map(|call| &call["details"]).collect();
        let expected = json!([
            ["who was it?", "assignees: is missing"],
            ["say how large it was", "estimate: is missing"],
            []
        ]);
        assert_eq!(json!(said), expected);
        assert_eq!(calls[1]["logs"][0]["message"], "it has no estimate", "{tested}");
        let told = alone(&["test", word(wasm), "--events", word(&events)]).succeeded().stdout;
        for what in ["CPU", "memory", "host calls", " %)"] {
            assert!(told.contains(what), "{what} is missing in {told}");
        }
    }

    /// The issues that the rule would have kept open.
    fn the_company_has_worked_meanwhile(&self) -> Vec<Value> {
        let una = self.ana.id_of("members", "una");
        let done = issue(&self.uwe, "Done well", &json!({ "assigneeIds": [una], "estimate": 3 }));
        let vague = issue(&self.uwe, "Of unknown size", &json!({ "assigneeIds": [una] }));
        let nobodys = issue(&self.uwe, "Nobody's", &json!({ "estimate": 1 }));
        issue(&self.uwe, "Still open", &json!({}));
        for issue in [&done, &vague, &nobodys] {
            close(&self.uwe, issue).payload();
        }
        vec![vague, nobodys]
    }

    fn uploads_it(&self, wasm: &Path) {
        self.at.plugin(&["upload", word(wasm), "--dry-run"]).succeeded();
        assert_eq!(self.at.told(&["list", "--code"]), json!([]), "it was looked at");
        let uploaded = self.at.told(&["upload", word(wasm)]);
        assert_eq!((&uploaded["known"], &uploaded["upgrades"]), (&json!(false), &Value::Null), "{uploaded}");
        let code = &self.at.told(&["list", "--code"])[0];
        assert_eq!((&code["plugin"], &code["digest"]), (&json!(PLUGIN), &uploaded["digest"]));
        let again = self.at.plugin(&["upload", word(wasm)]).succeeded().stdout;
        assert!(again.contains("was there already"), "{again}");
    }

    fn installs_it_in_shadow(&self) {
        let wrong = r#"{"mesage":"who was it?"}"#;
        self.at.plugin(&["install", PLUGIN, "--settings", wrong]).refused_with(&["mesage"]);
        let words = ["install", PLUGIN, "--grant-all", "--shadow"];
        let installed = self.at.told(&words);
        let plugin = &installed["plugin"];
        assert_eq!((&plugin["status"], &plugin["mode"]), (&json!("DISABLED"), &json!("SHADOW")));
        let settings = r#"{"message":"who was it?"}"#;
        self.at.plugin(&["configure", PLUGIN, "--settings", settings]).succeeded();
        assert_eq!(self.at.told(&["enable", PLUGIN])["plugin"]["status"], "ENABLED");
    }

    fn a_shadow_lets_everything_pass_and_is_recorded(&self) -> Value {
        let una = self.ana.id_of("members", "una");
        let watched = issue(&self.uwe, "While somebody watches", &json!({ "assigneeIds": [una] }));
        close(&self.uwe, &watched).payload();
        let runs = self.at.told(&["runs", PLUGIN, "--answer", "denied"]);
        let run = &runs["nodes"][0];
        assert_eq!(
            (&run["mode"], &run["outcome"]["answer"], &run["outcome"]["words"]),
            (&json!("SHADOW"), &json!("DENIED"), &json!("say how large it was")),
            "{runs}"
        );
        assert_eq!((&run["issueId"], &run["pluginVersion"]), (&watched["id"], &json!("0.1.0")));
        assert_eq!(runs["nodes"].as_array().unwrap().len(), 1, "{runs}");
        watched
    }

    fn reads_the_run_and_does_it_again_at_home(&self, issue: &Value, wasm: &Path) {
        let of_issue = ["runs", PLUGIN, "--issue", issue["id"].as_str().unwrap(), "--answer", "denied"];
        let line = self.at.plugin(&of_issue).succeeded().stdout;
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        assert_eq!((fields[3], fields[4], fields[5]), ("shadow", "denied", "say how large it was"), "{line}");
        let recording = self.world.beside("run.json");
        let show = ["run", PLUGIN, fields[0], "--recording", word(&recording)];
        let shown = self.at.plugin(&show).succeeded().stdout;
        assert!(shown.contains("it has no estimate"), "its log: {shown}");
        assert!(shown.contains("CPU ") && shown.contains("of 20 ms"), "its budgets: {shown}");
        let again = alone(&["replay", word(wasm), "--run", word(&recording)]).succeeded().stdout;
        assert!(again.contains("deny") && again.contains("it asked the same"), "{again}");
        let unfit = alone(&["replay", word(&recording), "--run", word(&recording)])
            .refused_with(&["run.json", "not a WebAssembly component"]);
        assert_eq!(unfit.stderr.trim_end().lines().count(), 1, "{}", unfit.stderr);
        self.at.plugin(&["replay-run", fields[0]]).succeeded();
    }

    fn tries_it_on_what_has_happened(&self, expected: &[Value]) {
        let head = self.ana.log_head();
        let found = self.at.told(&["backtest", PLUGIN, "--query", "team:ENG"]);
        assert_eq!(found["status"], "DONE", "{found}");
        let keys: BTreeSet<&str> = expected.iter().map(|one| one["identifier"].as_str().unwrap()).collect();
        assert_eq!(denied(&found), keys, "{found}");
        assert_eq!(self.ana.log_head(), head, "nothing was written");
        let told = self.at.plugin(&["backtest", PLUGIN]).succeeded();
        assert!(told.stdout.contains("who was it?") && told.stdout.contains("say how large it was"));
    }

    fn enforces_it_and_a_move_is_denied_beside_its_field(&self) {
        assert_eq!(self.at.told(&["configure", PLUGIN, "--mode", "enforce"])["plugin"]["mode"], "ENFORCE");
        let issue = issue(&self.uwe, "From now on", &json!({}));
        let nobodys = json!([[null, "who was it?"], ["assignees", "is missing"]]);
        assert_refused(&close(&self.uwe, &issue), &nobodys);
        let closed = self.uwe.id_of("workflowStates", "Closed");
        let done =
            json!({ "teamId": self.uwe.id_of("teams", "ENG"), "title": "Done at once", "stateId": closed });
        let created = self.uwe.change("issueCreate", json!({ "input": done }));
        assert_eq!(created.code(), Some("REJECTED"), "who creates it closed is asked too: {}", created.text);
        self.update(&issue, json!({ "assigneeIds": [self.ana.id_of("members", "uwe")] }));
        let of_no_size = json!([[null, "say how large it was"], ["estimate", "is missing"]]);
        assert_refused(&close(&self.uwe, &issue), &of_no_size);
        self.update(&issue, json!({ "estimate": 2 }));
        close(&self.uwe, &issue).payload();
        let runs = self.at.told(&["runs", PLUGIN, "--answer", "denied", "--first", "2"]);
        assert!(runs["nodes"].as_array().unwrap().iter().all(|run| run["mode"] == "LIVE"), "{runs}");
    }

    fn writes_a_version_that_reads_and_forgets_to_ask(&self) -> PathBuf {
        self.edit("src/lib.rs", END, &[WHOLE, END].concat());
        self.edit("plugin.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
        let wasm = self.builds_it();
        let check = alone(&["check", word(&wasm)]);
        assert!(!check.success && check.stdout.contains("add `issues-read = true`"), "{check:?}");
        self.at.plugin(&["upload", word(&wasm)]).refused_with(&["add `issues-read = true`"]);
        let (unasked, asked) = ("# [permissions]\n# issues-read = true", "[permissions]\nissues-read = true");
        self.edit("plugin.toml", unasked, asked);
        let wasm = self.builds_it();
        alone(&["check", word(&wasm)]).succeeded();
        wasm
    }

    fn sees_what_it_asks_for_and_grants_it(&self, wasm: &Path) {
        let uploaded = self.at.plugin(&["upload", word(wasm)]).succeeded();
        assert!(uploaded.stdout.contains("asks to read issues, people and teams"), "{}", uploaded.stdout);
        assert!(uploaded.stderr.contains("mortise plugin upgrade"), "{}", uploaded.stderr);
        self.at.plugin(&["upgrade", PLUGIN]).refused_with(&["asks for more: read issues, people and teams"]);
        let rehearsed = self.at.told(&["upgrade", PLUGIN, "--grant-all", "--dry-run"]);
        let more = json!([{ "permission": "read issues, people and teams", "added": true, "widens": true }]);
        assert_eq!(rehearsed["permissionChanges"], more, "{rehearsed}");
        assert_eq!(self.at.told(&["show", PLUGIN])["pluginVersion"], "0.1.0", "it was a rehearsal");
        let upgraded = self.at.plugin(&["upgrade", PLUGIN, "--to", "0.2.0", "--grant-all"]).succeeded();
        assert!(upgraded.stdout.contains("+ read issues, people and teams"), "{}", upgraded.stdout);
        let shown = self.at.told(&["show", PLUGIN]);
        assert_eq!(
            (&shown["pluginVersion"], &shown["granted"]["issuesRead"], &shown["mode"]),
            (&json!("0.2.0"), &json!(true), &json!("ENFORCE")),
            "{shown}"
        );
    }

    /// An issue with a part that is open.
    fn the_new_version_counts_open_parts(&self) -> Value {
        let filled = json!({ "assigneeIds": [self.ana.id_of("members", "uwe")], "estimate": 5 });
        let whole = issue(&self.uwe, "The whole", &filled);
        issue(&self.uwe, "A part", &json!({ "parentId": whole["id"] }));
        assert_refused(&close(&self.uwe, &whole), &json!([[null, "open parts: 1"]]));
        whole
    }

    fn rolls_back(&self, whole: &Value) {
        let back = self.at.told(&["rollback", PLUGIN]);
        assert_eq!(back["plugin"]["pluginVersion"], "0.1.0", "{back}");
        close(&self.uwe, whole).payload();
        let nobodys = issue(&self.uwe, "Nobody's again", &json!({}));
        assert_eq!(close(&self.uwe, &nobodys).code(), Some("REJECTED"), "the first version counts again");
    }

    fn disables_and_removes_it(&self) {
        self.at.plugin(&["disable", PLUGIN, "--reason", "it asks too much"]).succeeded();
        let shown = self.at.told(&["show", PLUGIN]);
        assert_eq!(
            (&shown["status"], &shown["stoppedReason"]),
            (&json!("DISABLED"), &json!("it asks too much"))
        );
        close(&self.uwe, &issue(&self.uwe, "Nobody's, and nobody asks", &json!({}))).payload();
        let said = self.at.plugin(&["remove", PLUGIN]).succeeded().stdout;
        assert!(said.contains("would go with it: its memory; the records of its runs"), "{said}");
        assert_eq!(self.at.told(&["list"])[0]["plugin"], PLUGIN, "it was only said what would become of it");
        self.at.plugin(&["remove", PLUGIN, "--yes"]).succeeded();
        assert_eq!(self.at.told(&["list"]), json!([]));
        self.at.plugin(&["runs", PLUGIN]).refused_with(&["not installed"]);
    }

    fn update(&self, issue: &Value, input: Value) {
        self.uwe.change("issueUpdate", json!({ "id": issue["id"], "input": input })).payload();
    }

    /// Writes other text into a file of the plugin; what it replaces must be there once.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let file = self.folder.join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        std::fs::write(&file, text.replace(from, to)).unwrap();
    }
}

/// The cargo below this command builds beside the guests, and fetches nothing.
fn as_on_this_machine(command: &mut Command) -> &mut Command {
    command.env("CARGO_TARGET_DIR", target().join("guests")).env("CARGO_NET_OFFLINE", "true")
}

fn finished(command: &mut Command) -> Run {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
