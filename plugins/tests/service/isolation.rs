//! A plugin sees its own company, what it was granted, and what its app member and whoever asks both see.

use crate::world::{Company, World};
use mortise_engine::id::{IssueId, MemberId, TeamId};
use mortise_plugins::service::RunTask;
use serde_json::json;

/// What a validating puppet logged as it was asked last.
async fn logs(
    world: &World,
    company: &Company,
    installation: mortise_engine::id::InstallationId,
) -> Vec<String> {
    let page = world.runs(company, installation).await;
    let run = page.runs.iter().find(|run| run.task == RunTask::Validate).unwrap();
    run.logs.iter().map(|log| log.message.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_argument_leads_into_another_company() {
    let world = World::new().await;
    let other = world.company("other", mortise_engine::model::Tier::Platinum).await;
    let secret = world.create(&other, "The secret of the other").await.unwrap();
    let reader = world.engine.reader(&other.us).await.unwrap();
    let stranger = reader.directory().members().next().map(|member| member.id);
    let stranger = stranger.unwrap_or_else(MemberId::generate);
    let script = json!({ "validate": [
        ["get", secret.to_string()],
        ["get", IssueId::generate().to_string()],
        ["get", "../../ten_0/ENG-1"],
        ["get", ""],
        ["get-many", [secret.to_string(), "ENG-99"]],
        ["comments", secret.to_string()],
        ["count", "The secret of the other"],
        ["query", "secret", 10],
        ["team", other.team.to_string()],
        ["team", TeamId::generate().to_string()],
        ["member", stranger.to_string()],
        ["kv-get", "../x"],
        ["kv-scan", ""],
    ] });
    let (company, installation) = world.played("acme", script).await;
    world.create(&company, "Login fails").await.unwrap();
    let logs = logs(&world, &company, installation.id).await;
    assert_eq!(logs.len(), 13, "{logs:#?}");
    assert!(!logs.join("\n").contains("The secret of the other"), "{logs:#?}");
    for (at, expected) in [
        (0, "get: error Error::NotFound"),
        (1, "get: error Error::NotFound"),
        (2, "get: error Error::NotFound"),
        (3, "get: error Error::NotFound"),
        (4, "get-many: ok -; -"),
        (5, "comments: error Error::NotFound"),
        (6, "count: ok 0"),
        (8, "team: error Error::NotFound"),
        (9, "team: error Error::NotFound"),
        (10, "member: error Error::NotFound"),
        (12, "kv-scan: ok []"),
    ] {
        assert!(logs[at].starts_with(expected), "{at}: {} {logs:#?}", logs[at]);
    }
    assert!(logs[7].starts_with("query: ok []"), "{}", logs[7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_not_asked_about_issues_that_its_member_does_not_see() {
    use mortise_engine::command::team::CreateTeam;
    let world = World::new().await;
    let (company, _) = world.played("acme", json!({ "validate": [["deny", "never"]] })).await;
    let id = TeamId::generate();
    let board =
        CreateTeam { id: Some(id), name: "Board".into(), private: true, ..CreateTeam::with_key("BRD") };
    world.engine.execute(company.cx(), board).await.unwrap();
    let private = Company { team: id, us: company.us.clone(), tenant: company.tenant };
    world.create(&private, "What nobody else sees").await.unwrap();
    assert!(world.create(&company, "What everybody sees").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_needs_the_grant() {
    let world = World::new().await;
    let company = world.company("acme", mortise_engine::model::Tier::Platinum).await;
    let wasm = crate::world::puppet_as("1.0.0", &[("issues-read = true", "issues-read = false")]);
    let error = world.installed(&company, wasm, |new| new).await.unwrap_err();
    assert!(
        error.message().contains("issues-read"),
        "the manifest must say what the component imports: {error}"
    );
}
