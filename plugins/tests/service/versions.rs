//! Upgrades and the way back.

use crate::world::{World, digest, puppet_as};
use mortise_engine::ErrorCode;
use mortise_engine::model::Tier;
use mortise_plugins::service::{InstallationChange, NewInstallation, Upgrade};
use serde_json::json;

const NARROWER: &[(&str, &str)] =
    &[("http = [\"hooks.example.com\", \"*.example.org\"]", "http = [\"hooks.example.com\"]")];

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_asks_for_more_is_granted_first_and_can_be_rolled_back() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let (one, two) = (puppet_as("1.0.0", NARROWER), puppet_as("1.1.0", &[]));
    let first =
        world.installed(&company, one.clone(), |new| NewInstallation { enabled: true, ..new }).await.unwrap();
    let uploaded = Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    assert_eq!(uploaded.upgrades, Some(first.id));
    let changes = world.plugins.upgrade_preview(&company.us, first.id, digest(&two)).await.unwrap();
    let said: Vec<_> = changes.iter().map(|c| (c.permission().key(), c.widens())).collect();
    assert_eq!(said, [("http:*.example.org".to_owned(), true)]);
    let to = Upgrade::to(digest(&two));
    let error = Box::pin(world.plugins.upgrade(company.cx(), first.id, to.clone())).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Rejected, Some("grant")));
    assert!(error.message().contains("*.example.org"), "{error}");
    let granted = Upgrade { grant: true, ..to };
    let done = Box::pin(world.plugins.upgrade(company.cx(), first.id, granted)).await.unwrap();
    assert_eq!(done.events, ["plugin.upgraded"]);
    let (second, changes) = done.what;
    assert_eq!((&*second.code_version, changes.len()), ("1.1.0", 1));
    assert_eq!(second.granted.http.len(), 2);
    let back = world.plugins.roll_back(company.cx(), first.id, None).await.unwrap();
    assert_eq!((back.digest, back.granted.http.len()), (digest(&one), 1));
    let error = world.plugins.roll_back(company.cx(), first.id, None).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_version_before_is_not_rolled_back_to_it() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let (one, two) = (puppet_as("1.0.0", &[("maxLength = 200", "maxLength = 3")]), puppet_as("1.1.0", &[]));
    let first = world.installed(&company, one.clone(), |new| new).await.unwrap();
    Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    let longer = Upgrade { settings: Some(json!({ "word": "longer" })), ..Upgrade::to(digest(&two)) };
    Box::pin(world.plugins.upgrade(company.cx(), first.id, longer)).await.unwrap();
    let error = world.plugins.roll_back(company.cx(), first.id, None).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some("settings.word")), "{error}");
    for said in ["version 1.0.0 ", "settings.word: ", &digest(&one).to_string(), "--settings"] {
        assert!(error.message().contains(said), "{said}: {error}");
    }
    let back = Upgrade { settings: Some(json!({ "word": "ok" })), ..Upgrade::to(digest(&one)) };
    let (back, _) = Box::pin(world.plugins.upgrade(company.cx(), first.id, back)).await.unwrap().what;
    assert_eq!((back.digest, &*back.settings), (digest(&one), "{\"word\":\"ok\"}"), "there is a way back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_fails_as_it_is_told_of_the_upgrade_does_not_come() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let script = json!({ "script": { "on-lifecycle": [["permanent", "entries of an unknown form"]] } });
    let installed = world.installed(&company, puppet_as("1.0.0", &[]), |new| NewInstallation {
        settings: script,
        enabled: true,
        ..new
    });
    let first = installed.await.unwrap();
    assert!(first.is_enabled(), "only an upgrade is held back");
    let two = puppet_as("1.1.0", &[]);
    Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    let upgrade = Upgrade { grant: true, ..Upgrade::to(digest(&two)) };
    let error = Box::pin(world.plugins.upgrade(company.cx(), first.id, upgrade)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    assert!(error.message().contains("entries of an unknown form"), "{error}");
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert_eq!(&*reader.installation(first.id).unwrap().code_version, "1.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enables_or_configures_it_is_warned_where_it_fails_at_that() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let code = Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", &[]))).await.unwrap().code;
    let with = |steps: serde_json::Value| json!({ "script": { "on-lifecycle": steps } });
    let settings = with(json!([["permanent", "the template is no JSON"]]));
    let new = NewInstallation { settings, enabled: true, ..NewInstallation::of(&code) };
    let installed = Box::pin(world.plugins.install(company.cx(), new)).await.unwrap();
    assert!(installed.is_enabled(), "it is done all the same");
    let warns = |warnings: &[String], of: &str| matches!(warnings, [one] if one.contains(of));
    assert!(
        warns(&installed.warnings, "the plugin says: the template is no JSON"),
        "{:?}",
        installed.warnings
    );
    let id = installed.id;
    let set = async |settings| {
        let change = InstallationChange { settings: Some(settings), ..InstallationChange::default() };
        Box::pin(world.plugins.change(company.cx(), id, change)).await.unwrap().warnings
    };
    let too_long = json!({ "team": company.team.to_string(), "title": "x".repeat(600) });
    let warnings = set(with(json!([["create", too_long]]))).await;
    assert!(warns(&warnings, "what it wanted done was refused"), "{warnings:?}");
    assert!(set(with(json!([]))).await.is_empty());
    let disabled = Box::pin(world.plugins.disable(company.cx(), id, None)).await.unwrap();
    assert!(disabled.warnings.is_empty(), "{:?}", disabled.warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_part_is_compiled_again_after_an_upgrade_of_the_program_and_nothing_else() {
    let world = World::new().await;
    let (_, enabled) = world.played("acme", json!({})).await;
    let other = world.company("other", Tier::Platinum).await;
    let disabled = world.installed(&other, puppet_as("1.0.1", &[]), |new| new).await.unwrap();
    assert!(!disabled.is_enabled());
    world.company("basic", Tier::Basic).await;
    let code = tempfile::tempdir().unwrap();
    let compiled = || {
        let files = std::fs::read_dir(code.path()).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    world.plugins.close().await;
    let plugins = world.upgraded(code.path());
    assert!(plugins.recompile_behind().is_err(), "it is attached to nothing");
    plugins.attach(&world.engine).await;
    assert!(compiled().is_empty());
    plugins.recompile_behind().unwrap().await.unwrap();
    let found = compiled();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&enabled.digest.to_string()), "{found:?} {}", enabled.digest);
    assert!(!plugins.host().is_loaded(mortise_plugins::host::Digest(enabled.digest.0)), "none is in memory");
    let failed = Box::pin(plugins.recompile(&world.engine, |_, _| ())).await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(compiled(), found);
    plugins.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_version_is_of_one_code() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", &[]))).await.unwrap();
    let again = Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", &[]))).await.unwrap();
    assert!(again.known);
    let error = Box::pin(world.plugins.upload(company.cx(), puppet_as("1.0.0", NARROWER))).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Conflict, Some("version")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_keeps_when_it_is_told_is_there_when_it_is_asked() {
    let world = World::new().await;
    let script = json!({
        "on-lifecycle": [["kv-set", "told", "a finch"]],
        "validate": [["kv-get", "told"]],
    });
    let (company, installation) = world.played("acme", script).await;
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let logs: Vec<_> = page.runs.iter().flat_map(|run| &run.logs).map(|log| log.message.as_str()).collect();
    assert!(logs.contains(&"kv-get: ok a finch"), "{logs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_keeps_all_that_was_staged_for_it_or_does_not_come() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let team = company.team.to_string();
    let script = |title: &str| {
        json!({ "script": {
            "on-lifecycle": [["kv-set", "form", "second"], ["create", { "team": team, "title": title }]],
            "validate": [["kv-get", "form"]],
        } })
    };
    // Too long a title is found when the command is done, not when it is staged.
    let too_long = script(&"x".repeat(600));
    let installed = world.installed(&company, puppet_as("1.0.0", &[]), |new| NewInstallation {
        settings: too_long,
        enabled: true,
        ..new
    });
    let first = installed.await.unwrap();
    let two = puppet_as("1.1.0", &[]);
    Box::pin(world.plugins.upload(company.cx(), two.clone())).await.unwrap();
    let upgrade = Upgrade { grant: true, ..Upgrade::to(digest(&two)) };
    let refused = Box::pin(world.plugins.upgrade(company.cx(), first.id, upgrade.clone())).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
    assert!(refused.message().contains("version 1.0.0 stays"), "{refused}");
    let read = async || {
        world.create(&company, "Login fails").await.unwrap();
        let page = world.runs(&company, first.id).await;
        let logs: Vec<_> =
            page.runs.iter().flat_map(|run| &run.logs).map(|log| log.message.clone()).collect();
        logs.contains(&"kv-get: ok second".to_owned())
    };
    assert!(!read().await, "nothing of it happened");
    let upgrade = Upgrade { settings: Some(script("Moved")), ..upgrade };
    let (second, _) = Box::pin(world.plugins.upgrade(company.cx(), first.id, upgrade)).await.unwrap().what;
    assert_eq!(&*second.code_version, "1.1.0");
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert_eq!(reader.issue(&"ENG-2".parse().unwrap()).await.unwrap().unwrap().title, "Moved");
    let later = mortise_plugins::service::InstallationChange {
        settings: Some(json!({ "script": { "validate": [["kv-get", "form"], ["deny", "never"]] } })),
        ..mortise_plugins::service::InstallationChange::default()
    };
    world.plugins.change(company.cx(), first.id, later).await.unwrap();
    world.create(&company, "Login fails").await.unwrap_err();
    let page = world.runs(&company, first.id).await;
    let logs: Vec<_> = page.runs.iter().flat_map(|run| &run.logs).map(|log| log.message.as_str()).collect();
    assert!(logs.contains(&"kv-get: ok second"), "{logs:?}");
}
