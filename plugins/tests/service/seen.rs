//! Those who do not see everything: what a plugin may read while it decides about their change, and runs as they see them. It
//! is an admin who does not belong to a private team.

use crate::world::{Company, World};
use mortise_engine::ErrorCode;
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::command::member::AddMember;
use mortise_engine::command::team::{CreateTeam, SetTeamMember};
use mortise_engine::context::Principal;
use mortise_engine::id::{InstallationId, IssueId, MemberId, TeamId};
use mortise_engine::model::{Role, TeamRole};
use mortise_plugins::service::{RunAnswer, RunFilter, RunPage, RunRecord, RunTask, Shown};
use serde_json::json;

/// An admin who is a member like others.
async fn admin(world: &World, company: &Company) -> Principal {
    let id = MemberId::generate();
    let ann = AddMember {
        id: Some(id),
        email: "ann@example.com".into(),
        name: "Ann".into(),
        role: Role::Admin,
        password_hash: None,
    };
    world.engine.execute(company.cx(), ann).await.unwrap();
    Principal::trusted_member(company.tenant, id)
}

/// A private team of this member alone.
async fn private_team(world: &World, company: &Company, member: MemberId) -> Company {
    let team = TeamId::generate();
    let board =
        CreateTeam { id: Some(team), name: "Board".into(), private: true, ..CreateTeam::with_key("BRD") };
    world.engine.execute(company.cx(), board).await.unwrap();
    let join = SetTeamMember { team, member, role: Some(TeamRole::Member), if_version: None };
    world.engine.execute(company.cx(), join).await.unwrap();
    Company { team, us: company.us.clone(), tenant: company.tenant }
}

async fn runs(world: &World, who: &Principal, id: InstallationId, issue: Option<IssueId>) -> RunPage {
    let filter = RunFilter { answers: Some(vec![RunAnswer::Denied]), issue, ..RunFilter::default() };
    world.plugins.runs(who, id, &filter, Shown { first: 100, after: None }).await.unwrap()
}

fn is_blank(run: &RunRecord) -> bool {
    run.about.is_empty()
        && run.logs.is_empty()
        && run.detail.is_none()
        && run.issue.is_none()
        && !run.replayable
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_an_issue_does_not_see_it_through_runs() {
    let world = World::new().await;
    let script = json!({ "validate": [["log", "info", "heard of the takeover"], ["deny", "the takeover"]] });
    let (company, installation) = world.played("acme", script).await;
    let board = private_team(&world, &company, installation.member).await;
    let ann = admin(&world, &company).await;
    world.create(&board, "the takeover").await.unwrap_err();
    world.create(&company, "Login fails").await.unwrap_err();

    let all = runs(&world, &company.us, installation.id, None).await;
    assert_eq!(all.runs.len(), 2);
    assert!(all.runs.iter().all(|run| run.replayable && run.outcome.words == "the takeover"));
    let (hidden, seen) = (all.runs[1].id, all.runs[0].id);
    let told = runs(&world, &ann, installation.id, None).await;
    assert_eq!(told.runs.iter().map(|run| run.id).collect::<Vec<_>>(), [seen, hidden], "that it was is told");
    assert_eq!(told.runs[0], all.runs[0], "of the team that Ann sees, all is told");
    assert!(is_blank(&told.runs[1]), "{:?}", told.runs[1]);
    assert!(!format!("{:?}", told.runs[1]).contains("takeover"), "{:?}", told.runs[1]);

    let input = world.plugins.run_input(&ann, installation.id, hidden).await.unwrap_err();
    assert_eq!(input.code(), ErrorCode::NotFound);
    let again = Box::pin(world.plugins.replay(&ann, hidden)).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::NotFound);
    assert!(world.plugins.run_input(&ann, installation.id, seen).await.is_ok());
    assert!(world.plugins.run_input(&company.us, installation.id, hidden).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_brief_tells_no_more_than_a_whole_one() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({})).await;
    let board = private_team(&world, &company, installation.member).await;
    let ann = admin(&world, &company).await;
    let issue = world.create(&board, "the takeover").await.unwrap();
    world.create(&board, "the takeover of the other").await.unwrap();
    let patch = IssuePatch { title: Some("the takeover is off".into()), ..IssuePatch::default() };
    world.update(&board, issue, patch).await.unwrap();
    world.create(&company, "Login fails").await.unwrap();

    let runs = async |who: &Principal, issue: Option<IssueId>| {
        let filter = RunFilter { tasks: Some(vec![RunTask::Validate]), issue, ..RunFilter::default() };
        let page = Shown { first: 100, after: None };
        world.plugins.runs(who, installation.id, &filter, page).await.unwrap().runs
    };
    let (all, told) = (runs(&company.us, None).await, runs(&ann, None).await);
    let [seen, of_issue, of_team, whole] = all.as_slice() else { panic!("{all:?}") };
    assert!(whole.replayable && !(seen.replayable || of_issue.replayable || of_team.replayable), "{all:?}");
    assert!(of_team.about == "a new issue in BRD" && of_issue.issue == Some(issue), "{all:?}");
    assert_eq!(told.len(), 4, "that they were is told");
    assert_eq!(told[0], *seen, "of the team that Ann sees, all is told");
    for (told, run) in told.iter().zip(&all).skip(1) {
        assert!(is_blank(told) && !format!("{told:?}").contains("takeover"), "{told:?}");
        assert_eq!((told.id, told.outcome.answer, &told.used), (run.id, run.outcome.answer, &run.used));
        assert_eq!(told.outcome.words, "about what you may not see");
        assert_eq!(world.plugins.run(&ann, installation.id, run.id).await.unwrap(), *told);
        let input = world.plugins.run_input(&ann, installation.id, run.id).await.unwrap_err();
        assert_eq!(input.code(), ErrorCode::NotFound, "nor why it cannot be done again");
    }
    assert_eq!(runs(&company.us, Some(issue)).await.len(), 1);
    assert!(runs(&ann, Some(issue)).await.is_empty(), "nor which issue they were about");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_read_of_others_hides_what_it_said() {
    let run = hidden_because_of(json!(["get", "BRD-1"])).await;
    assert!(!run.sight.issues.is_empty(), "{run:?}");
    let run = hidden_because_of(json!(["team", "BRD"])).await;
    assert!(run.sight.issues.is_empty() && !run.sight.teams.is_empty(), "{run:?}");
}

/// A run that read this of a private team, and is blank to who is not in it.
async fn hidden_because_of(read: serde_json::Value) -> RunRecord {
    let world = World::new().await;
    let company = world.company("acme", mortise_engine::model::Tier::Platinum).await;
    let script = json!({ "validate": [read, ["deny", "$last"]] });
    let installed = world.installed(&company, crate::world::puppet(), |new| {
        mortise_plugins::service::NewInstallation { settings: json!({ "script": script }), ..new }
    });
    let installation = installed.await.unwrap();
    let board = private_team(&world, &company, installation.member).await;
    let ann = admin(&world, &company).await;
    world.create(&board, "the takeover").await.unwrap();
    let issue = world.create(&company, "Login fails").await.unwrap();
    world.plugins.enable(company.cx(), installation.id).await.unwrap();
    let patch = IssuePatch { estimate: Some(Some(1)), ..IssuePatch::default() };
    world.update(&company, issue, patch).await.unwrap_err();

    let all = runs(&world, &company.us, installation.id, Some(issue)).await;
    assert_eq!(all.runs.len(), 1);
    assert!(runs(&world, &ann, installation.id, Some(issue)).await.runs.is_empty(), "nor is its issue told");
    let told = runs(&world, &ann, installation.id, None).await.runs;
    assert!(told.first().is_some_and(is_blank), "{told:?}");
    all.runs.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_reads_no_more_than_whoever_asks_sees() {
    let world = World::new().await;
    let company = world.company("acme", mortise_engine::model::Tier::Platinum).await;
    let reads = json!([
        ["get", "BRD-1"],
        ["get-many", ["BRD-1"]],
        ["comments", "BRD-1"],
        ["count", "takeover"],
        ["query", "takeover", 10],
        ["team", "BRD"],
        ["deny", "never"],
    ]);
    let installed = world.installed(&company, crate::world::puppet(), |new| {
        let settings = json!({ "script": { "validate": reads } });
        mortise_plugins::service::NewInstallation { settings, ..new }
    });
    let installation = installed.await.unwrap();
    let board = private_team(&world, &company, installation.member).await;
    world.create(&board, "the takeover").await.unwrap();
    world.plugins.enable(company.cx(), installation.id).await.unwrap();
    let us = admin(&world, &company).await;
    let ann = Company { us, team: company.team, tenant: company.tenant };
    for who in [&company, &ann] {
        world.create(who, "Login fails").await.unwrap_err();
    }

    // The same guest with the same settings: only who asks is another. Newest first.
    let page = runs(&world, &company.us, installation.id, None).await;
    let logs: Vec<Vec<&str>> =
        page.runs.iter().map(|run| run.logs.iter().map(|log| log.message.as_str()).collect()).collect();
    let [of_ann, of_all] = logs.as_slice() else { panic!("{logs:#?}") };
    assert!(of_all.iter().all(|log| log.contains(": ok")), "{of_all:#?}");
    assert!(of_all[0].contains("the takeover") && of_all[3].ends_with("ok 1"), "{of_all:#?}");
    assert!(!of_ann.join("\n").contains("takeover"), "{of_ann:#?}");
    for (log, expected) in of_ann.iter().zip([
        "get: error Error::NotFound",
        "get-many: ok -",
        "comments: error Error::NotFound",
        "count: ok 0",
        "query: ok []",
        "team: error Error::NotFound",
    ]) {
        assert!(log.starts_with(expected), "{of_ann:#?}");
    }
}
