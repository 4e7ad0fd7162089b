//! A guest of the first release, byte for byte as it was then: it loads, is called in all its exports, and gets an answer from
//! all its imports. What breaks it breaks plugins that nobody builds again.

use crate::world::{Somebody, World, event, issue, validate, workflow};
use mortise_plugins::host::wit::{self, Verdict};
use mortise_plugins::host::{Answer, Budget, Digest, Export, Task, UploadLimits};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// The file's digest; it is never another.
const DIGEST: &str = "c27cacd0e509a52f79fc3496b4d63132f06d1cfdc9b452c86aaf3acf68ccd5c2";

/// A host call of each kind, and the import that it reaches.
const CALLS: [(&str, &str); 21] = [
    (r#"["get", "iss_1"]"#, "issues.get"),
    (r#"["get-many", ["iss_1"]]"#, "issues.get-many"),
    (r#"["query", "state = todo", 10]"#, "issues.query"),
    (r#"["count", "state = todo"]"#, "issues.count"),
    (r#"["comments", "iss_1"]"#, "issues.comments"),
    (r#"["member", "ana"]"#, "issues.get-member"),
    (r#"["team", "ENG"]"#, "issues.get-team"),
    (r#"["create", {"team": "ENG", "title": "x"}]"#, "commands.create-issue"),
    (r#"["update", "iss_1", [{"title": "x"}]]"#, "commands.update-issue"),
    (r#"["transition", "iss_1", "done"]"#, "commands.transition"),
    (r#"["comment", "iss_1", "text"]"#, "commands.add-comment"),
    (r#"["link", "iss_1", "blocks", "iss_2"]"#, "commands.link-issues"),
    (r#"["kv-get", "k"]"#, "kv.get"),
    (r#"["kv-set", "k", "text", 60]"#, "kv.set"),
    (r#"["kv-scan", "k"]"#, "kv.scan"),
    (r#"["kv-delete", "k"]"#, "kv.delete"),
    (r#"["secrets"]"#, "secrets.names"),
    (r#"["hmac", "token", "text"]"#, "secrets.hmac"),
    (r#"["send", "POST", "https://hooks.example.com/", {"x-a": "b"}, "body"]"#, "http.send"),
    (r#"["enqueue", "POST", "https://hooks.example.com/", {"x-a": "b"}, "body"]"#, "http.enqueue"),
    (r#"["random", 16]"#, "random.bytes"),
];

fn puppet() -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/frozen/puppet-1.0.wasm");
    std::fs::read(file).unwrap()
}

fn budget() -> Budget {
    Budget { wall: Duration::from_secs(20), ..Budget::integration() }
}

async fn called(world: &World, task: Task) -> Result<Answer, mortise_plugins::host::Stopped> {
    let budget = if task.export() == Export::Workflow { workflow() } else { budget() };
    world.run(&puppet(), task, &budget, &mut Somebody::default()).await.outcome
}

#[tokio::test]
async fn every_export_of_the_first_release_is_still_called() {
    let (world, wasm) = (World::new(), puppet());
    assert_eq!(
        Digest::of(&wasm).to_string(),
        DIGEST,
        "a frozen guest is never changed: add another beside it"
    );
    let found = world.host.inspect(&wasm, &UploadLimits::own()).unwrap();
    assert_eq!(found.contract, "1.0.0");
    assert_eq!(found.exports, Export::ALL);
    assert!(found.manifest.is_some());

    let amend = Task::Amend { issue: issue(), proposal: wit::Proposal::Comment("Done?".into()) };
    assert_eq!(called(&world, amend).await, Ok(Answer::Edits(Vec::new())));
    assert_eq!(called(&world, validate()).await, Ok(Answer::Verdict(Verdict::Allow)));
    let state = issue().state;
    let board = Task::NextStates { issues: vec![issue()], candidates: vec![vec![state.clone()]] };
    let open = wit::NextState { state, enabled: true, why_not: None };
    assert_eq!(called(&world, board).await, Ok(Answer::NextStates(vec![vec![open]])));
    assert_eq!(called(&world, event()).await, Ok(Answer::Done));
    let due_at = "2026-01-31T09:00:00.000Z".into();
    let tick = wit::Tick { schedule: "daily".into(), due_at, missed: 1 };
    assert_eq!(called(&world, Task::Tick(tick)).await, Ok(Answer::Done));
    let request = wit::inbound::Request {
        method: "POST".into(),
        path: "/".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: br#"[["respond", 200, "taken"]]"#.to_vec(),
    };
    let answered = called(&world, Task::Request(request)).await.unwrap();
    assert!(
        matches!(&answered, Answer::Response(it) if it.status == 200 && it.body == b"taken"),
        "{answered:?}"
    );
    for step in [
        wit::Step::Enabled,
        wit::Step::Upgraded("0.9.0".into()),
        wit::Step::SettingsChanged,
        wit::Step::Disabled,
    ] {
        assert_eq!(called(&world, Task::Lifecycle(step)).await, Ok(Answer::Done));
    }
}

#[tokio::test]
async fn every_import_of_the_first_release_still_answers() {
    let world = World::new();
    let steps: Vec<&str> = CALLS.iter().map(|(step, _)| *step).collect();
    let title = format!(r#"[["log", "info", "begins"], ["now"], ["setting", "word"], {}]"#, steps.join(", "));
    let told = wit::Event::Created(wit::Issue { title, ..issue() });
    let mut somebody = Somebody::default();
    let run = world.run(&puppet(), Task::Event(told), &budget(), &mut somebody).await;
    assert_eq!(run.outcome, Ok(Answer::Done), "{:?}", run.logs);
    let asked: BTreeSet<&str> =
        run.recording.exchanges().iter().map(|exchange| exchange.ask.name()).collect();
    let wanted: BTreeSet<&str> = CALLS.iter().map(|(_, name)| *name).chain(["settings"]).collect();
    assert_eq!(asked, wanted);
    let said = |word: &str| run.logs.iter().any(|line| line.message.starts_with(word));
    assert!(said("begins") && said("now: ok 2026-01-31") && said("send: ok 200"), "{:?}", run.logs);
}
