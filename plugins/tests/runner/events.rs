//! Acting on what has happened: once, as oneself, together or not at all.

use crate::world::{World, puppet, until};
use mortise_engine::event::Actor;
use mortise_engine::model::Priority;
use mortise_plugins::service::{RunAnswer, RunMode, RunTask};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_is_written_once_by_the_plugins_own_member() {
    let world = World::new().await;
    let script = json!({ "on-event": [["comment", "$issue", "seen as $key"], ["kv-add", "seen", 1]] });
    let company = world.company("acme", script).await;
    let issue = world.create(&company, "Login fails").await;
    until("the comment", async || !world.bodies(&company, issue).await.is_empty()).await;
    world.settled(&company).await;
    let comments = world.comments(&company, issue).await;
    assert_eq!(comments.len(), 1, "its own comment is none to act on");
    assert_eq!(comments[0].body, "seen as ENG-1");
    assert_eq!(comments[0].author, company.puppet.member);
    let reader = world.engine.reader(&company.us).await.unwrap();
    let row = world.issue(&company, issue).await;
    let newest = reader.history(&row, None, 1).await.unwrap().remove(0);
    let Actor::Plugin(by) = newest.actor else { panic!("{newest:?}") };
    assert_eq!((by.installation, by.depth), (company.puppet.id, 1));
    let runs = world.runs(&company).await;
    assert_eq!(runs[0].outcome.answer, RunAnswer::Done, "{runs:?}");
    assert_eq!((runs[0].about.as_str(), runs[0].issue), ("issue.created ENG-1", Some(issue)));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_nothing_is_done_twice_and_nothing_is_left_out() {
    let mut world = World::new().await;
    let script = json!({ "on-event": [["comment", "$issue", "seen"]] });
    let company = world.company("acme", script).await;
    let mut issues = Vec::new();
    for round in 0..3 {
        for n in 0..4 {
            issues.push(world.create(&company, format!("issue {round}.{n}")).await);
        }
        // Closed at any point of the work.
        let (folder, hands) = world.close().await;
        world = World::on(folder, hands).await;
    }
    world.settled(&company).await;
    for issue in issues {
        assert_eq!(world.bodies(&company, issue).await, ["seen"]);
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_one_call_see_each_other_and_happen_together() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let steps = json!([
        ["create", { "team": company.team.to_string(), "title": "Follow-up", "labels": [] }],
        ["comment", "$last", "begun for $key"],
        ["update", "$issue", [{ "priority": "high" }]],
    ]);
    let issue = world.create(&company, json!({ "on-event": steps }).to_string()).await;
    until("the priority", async || world.issue(&company, issue).await.priority == Priority::High).await;
    let runs = world.runs(&company).await;
    assert_eq!(runs[0].staged, 3, "{runs:?}");
    let reader = world.engine.reader(&company.us).await.unwrap();
    let made = reader.issue(&"ENG-2".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(made.title, "Follow-up");
    assert_eq!(world.bodies(&company, made.id).await, ["begun for ENG-1"]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_leaves_nothing_behind() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let bad = "x".repeat(600);
    let steps = json!([["comment", "$issue", "half"], ["kv-set", "half", "1"], ["update", "$issue", [{ "title": bad }]]]);
    let issue = world.create(&company, "plain").await;
    world.comment(&company, issue, &json!({ "on-event": steps }).to_string()).await;
    until("it is given up", async || {
        world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap().total == 1
    })
    .await;
    assert_eq!(world.bodies(&company, issue).await.len(), 1, "the script alone");
    let letters = world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap().letters;
    assert!(letters[0].why.contains("refused"), "{letters:?}");
    let runs = world.runs(&company).await;
    let refused: Vec<_> = runs.iter().filter(|run| run.outcome.answer == RunAnswer::Refused).collect();
    assert_eq!(refused.len(), 1, "{runs:?}");
    assert_eq!(letters[0].run, Some(refused[0].id));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_plugins_that_answer_each_other_are_stopped() {
    let world = World::new().await;
    let script = json!({ "on-event": [["comment", "$issue", "ping"]] });
    let company = world.company("acme", script.clone()).await;
    let other = puppet(&[("id = \"test.puppet\"", "id = \"test.other\"")]);
    let other = world.install(&company.us, other, json!({ "script": script })).await;
    let issue = world.create(&company, "Ping").await;
    let circle = async || {
        let mut total = 0;
        for id in [company.puppet.id, other.id] {
            total += world.plugins.dead_letters(&company.us, id, 10, None).await.unwrap().total;
        }
        total
    };
    until("the circle is found", async || circle().await >= 2).await;
    world.settled(&company).await;
    // Both answer the creation; each answer is answered by the other, eight steps deep.
    assert_eq!(world.bodies(&company, issue).await.len(), 16);
    assert_eq!(circle().await, 2);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_plugins_that_answer_each_other_many_times_over_are_stopped() {
    let world = World::new().await;
    let script = json!({ "on-event": [["silent"], ["repeat", 29, [["comment", "$issue", "ping"]]]] });
    let company = world.company("acme", script.clone()).await;
    let other = puppet(&[("id = \"test.puppet\"", "id = \"test.other\"")]);
    let other = world.install(&company.us, other, json!({ "script": script })).await;
    let issue = world.create(&company, "Ping").await;
    until("both have come to the end", async || {
        world.hands.on(std::time::Duration::from_secs(6));
        let mut there = true;
        for id in [company.puppet.id, other.id] {
            let backlog = world.plugins.backlog(&company.us, id).await.unwrap();
            there &= backlog.place >= backlog.head;
        }
        there
    })
    .await;
    // Both answer the creation; what follows is bounded, but for what both stage at the same moment.
    let comments = world.issue(&company, issue).await.comment_count;
    assert!((1_058..=1_058 + 29).contains(&comments), "{comments}");
    // Whichever of them came to it first.
    let mut runs = world.runs(&company).await;
    runs.extend(world.runs_of(&company, other.id).await);
    let said = |run: &mortise_plugins::service::RunRecord| {
        run.logs.iter().any(|line| line.message.contains("plugins set each other off"))
    };
    assert!(runs.iter().any(said), "{:?}", runs.first());
    // What is left of it is done again by nobody for an hour, and stays for people to see.
    let left = async || world.plugins.dead_letters(&company.us, other.id, 10, None).await.unwrap();
    let (before, letter) = (left().await.total, left().await.letters[0].id.clone());
    assert_eq!(world.plugins.redeliver(company.cx(), other.id, &[letter]).await.unwrap().what, 1);
    until("it is left to people again", async || left().await.total == before).await;
    assert_eq!(world.issue(&company, issue).await.comment_count, comments);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_shadow_it_is_asked_and_nothing_happens() {
    let world = World::new().await;
    let script = json!({ "on-event": [["comment", "$issue", "seen"], ["kv-set", "a", "1"]] });
    let company = world.company("acme", script).await;
    let shadow = mortise_plugins::service::InstallationChange {
        mode: Some(mortise_engine::model::PluginMode::Shadow),
        ..Default::default()
    };
    Box::pin(world.plugins.change(company.cx(), company.puppet.id, shadow)).await.unwrap();
    let issue = world.create(&company, "Login fails").await;
    world.settled(&company).await;
    assert!(world.bodies(&company, issue).await.is_empty());
    let runs = world.runs(&company).await;
    assert_eq!((runs[0].mode, runs[0].outcome.answer), (RunMode::Shadow, RunAnswer::Done), "{runs:?}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_much_as_fits_into_one_commit_is_done_and_the_rest_is_refused_while_it_is_staged() {
    let world = World::new().await;
    let company = world.company("acme", json!({})).await;
    let team = company.team.to_string();
    // What is new takes two keys of the batch, a comment three, and its issue one.
    let steps = json!([
        ["repeat", 60, [["create", { "team": team, "title": "One of many" }]]],
        ["comment", "$issue", "no room for this"],
    ]);
    let issue = world.create(&company, json!({ "on-event": steps }).to_string()).await;
    world.settled(&company).await;
    // A run is noted once what it staged is done: its place in the log is known a moment before.
    let mut runs = Vec::new();
    until("the run is noted", async || {
        runs = world.runs(&company).await;
        runs.iter().any(|run| run.task == RunTask::Event)
    })
    .await;
    let run = runs.iter().find(|run| run.task == RunTask::Event).unwrap();
    assert_eq!(run.outcome.answer, RunAnswer::Done, "{run:?}");
    let said = |words: &str| run.logs.iter().filter(|line| line.message.contains(words)).count();
    assert_eq!((said("create: ok"), said("create: error Error::QuotaExceeded")), (45, 15), "{runs:?}");
    assert_eq!(said("45 commands, 0 entries of memory and 0 requests fitted"), 1, "{runs:?}");
    assert_eq!(world.bodies(&company, issue).await, Vec::<String>::new());
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert!(reader.issue(&"ENG-46".parse().unwrap()).await.unwrap().is_some());
    assert!(reader.issue(&"ENG-47".parse().unwrap()).await.unwrap().is_none());

    let steps = json!([["repeat", 40, [["comment", "$issue", "seen"]]], ["kv-set", "cursor", "29"],]);
    let issue = world.create(&company, json!({ "on-event": steps }).to_string()).await;
    world.settled(&company).await;
    assert_eq!(world.bodies(&company, issue).await.len(), 29);
    let dead = world.plugins.dead_letters(&company.us, company.puppet.id, 10, None).await.unwrap();
    assert_eq!(dead.total, 0, "{dead:?}");
    world.close().await;
}
