//! What belongs to another company, named in every place where a plugin that acts can name something: nothing of it is found, and
//! nothing of it changes.

use crate::world::{Company, World, until};
use mortise_engine::command::label::CreateLabel;
use mortise_engine::command::member::AddMember;
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId};
use mortise_engine::model::{Role, StateCategory};
use mortise_plugins::service::{RunAnswer, RunRecord, RunTask};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A word of the other company's that nobody else has a reason to know.
const CANARY: &str = "quetzal";

/// What the other company has.
struct Theirs {
    company: Company,
    issue: IssueId,
    label: LabelId,
    member: MemberId,
    closed: StateId,
}

/// A company that has one of everything.
async fn theirs(world: &World) -> Theirs {
    let company = world.company("other", json!({ "on-event": [["kv-set", "nest", CANARY]] })).await;
    let secret = Zeroizing::new(CANARY.to_owned());
    world.plugins.set_secret(company.cx(), company.puppet.id, "token", secret).await.unwrap();
    let (label, member) = (LabelId::generate(), MemberId::generate());
    let new =
        CreateLabel { id: Some(label), name: CANARY.into(), color: None, description: None, team: None };
    world.engine.execute(company.cx(), new).await.unwrap();
    let (email, name) = (format!("{CANARY}@example.com"), CANARY.to_owned());
    let new = AddMember { id: Some(member), email, name, role: Role::User, password_hash: None };
    world.engine.execute(company.cx(), new).await.unwrap();
    let issue = world.create(&company, CANARY).await;
    world.comment(&company, issue, CANARY).await;
    world.settled(&company).await;
    let reader = world.engine.reader(&company.us).await.unwrap();
    let closed = reader.directory().workflow_of(company.team).unwrap();
    let closed = closed.first_of(StateCategory::Completed).unwrap().id;
    Theirs { company, issue, label, member, closed }
}

/// Every question that takes a name, and every memory.
fn questions(theirs: &Theirs) -> Value {
    let issue = theirs.issue.to_string();
    json!([
        ["get", issue],
        ["get-many", [issue]],
        ["comments", issue],
        ["query", CANARY, 10],
        ["query", format!("id:{issue}"), 10],
        ["query", format!("label:{}", theirs.label), 10],
        ["count", CANARY],
        ["count", format!("assignee:{}", theirs.member)],
        ["member", theirs.member.to_string()],
        ["member", format!("{CANARY}@example.com")],
        ["member", CANARY],
        ["team", theirs.company.team.to_string()],
        ["kv-get", "nest"],
        ["kv-scan", ""],
        ["kv-delete", "nest"],
        ["secrets"],
        ["hmac", "token", "x"],
    ])
}

/// Every command, with each of its names theirs.
fn commands(theirs: &Theirs, ours: &Company) -> Vec<Value> {
    let (issue, team) = (theirs.issue.to_string(), ours.team.to_string());
    let new = |key: &str, value: Value| {
        let mut new = json!({ "team": team, "title": "made" });
        new[key] = value;
        json!(["create", new])
    };
    let edit = |edit: Value| json!(["update", "$issue", [edit]]);
    vec![
        new("team", json!(theirs.company.team.to_string())),
        new("parent", json!(issue)),
        new("assignees", json!([theirs.member.to_string()])),
        new("labels", json!([theirs.label.to_string()])),
        new("state", json!(theirs.closed.to_string())),
        json!(["update", issue, [{ "title": "changed" }]]),
        edit(json!({ "parent": issue })),
        edit(json!({ "assignees": [theirs.member.to_string()] })),
        edit(json!({ "add-label": theirs.label.to_string() })),
        json!(["transition", issue, "closed"]),
        json!(["transition", "$issue", theirs.closed.to_string()]),
        json!(["comment", issue, "said"]),
        json!(["link", issue, "blocks", "$issue"]),
        json!(["link", "$issue", "blocks", issue]),
    ]
}

/// Whether a line of the log says that nothing was found.
fn says_nothing(line: &str) -> bool {
    let empty = |told: &str| ["-", "0", "()", "false", "[]"].contains(&told) || told.starts_with("[] ");
    line.contains(": error ") || line.split_once(": ok ").is_some_and(|(_, told)| empty(told.trim()))
}

fn run_about(runs: &[RunRecord], issue: IssueId) -> &RunRecord {
    runs.iter().find(|run| run.task == RunTask::Event && run.issue == Some(issue)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_of_theirs_leads_anywhere() {
    let world = World::new().await;
    let theirs = theirs(&world).await;
    let before = world.engine.head(theirs.company.us.tenant()).await.unwrap();
    let questions = questions(&theirs);
    let ours = world.company("acme", json!({ "on-event": questions })).await;
    let asked = world.create(&ours, "plain").await;
    let mut tried = Vec::new();
    for command in commands(&theirs, &ours) {
        let issue = world.create(&ours, json!({ "on-event": [command] }).to_string()).await;
        tried.push((issue, command));
    }
    let last = world.create(&ours, json!({ "on-event": [["comment", "$issue", "own"]] }).to_string()).await;
    until("the last one", async || world.bodies(&ours, last).await == ["own"]).await;

    let runs = world.runs(&ours).await;
    let told = &run_about(&runs, asked).logs;
    assert_eq!(told.len(), questions.as_array().unwrap().len(), "{told:#?}");
    for line in told {
        assert!(says_nothing(&line.message), "{}", line.message);
    }
    for (issue, command) in &tried {
        let run = run_about(&runs, *issue);
        let refused = run.outcome.answer == RunAnswer::Refused
            || run.logs.iter().any(|line| line.message.contains(": error "));
        assert!(refused, "{command}: {run:?}");
        let row = world.issue(&ours, *issue).await;
        assert_eq!((row.version, row.parent, row.comment_count), (1, None, 0), "{command}");
        assert!(row.assignees.is_empty() && row.labels.is_empty(), "{command}");
    }
    let letters = world.plugins.dead_letters(&ours.us, ours.puppet.id, 100, None).await.unwrap();
    assert!(!format!("{runs:?}{letters:?}").contains(CANARY), "what refuses does not tell either");
    let reader = world.engine.reader(&ours.us).await.unwrap();
    let next = format!("ENG-{}", tried.len() + 3).parse().unwrap();
    assert!(reader.issue(&next).await.unwrap().is_none(), "nothing was made");
    assert_eq!(
        world.engine.head(theirs.company.us.tenant()).await.unwrap(),
        before,
        "nothing happened there"
    );
    for tenant in [ours.us.tenant(), theirs.company.us.tenant()] {
        let report = world.engine.check(tenant).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
    world.close().await;
}
