//! The catalogue: signed, offered, withdrawn.

use crate::world::{World, digest, puppet_as};
use mortise_engine::ErrorCode;
use mortise_engine::context::{OpContext, Operator};
use mortise_engine::model::{PluginOrigin, Tier};
use mortise_plugins::manifest::Manifest;
use mortise_plugins::rehearse::Rehearse;
use mortise_plugins::service::{NewInstallation, Upgrade};
use mortise_plugins::signing::{Signature, SigningKey};
use serde_json::json;

fn signed(key: &SigningKey, wasm: &[u8]) -> Signature {
    key.sign(&digest(wasm).0, Manifest::text_of_component(wasm).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_is_offered_and_installed_by_a_premium_company() {
    let world = World::new().await;
    let by = Operator::trusted();
    let wasm = puppet_as("1.0.0", &[]);
    let stranger = SigningKey::generate().unwrap();
    let refused =
        Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&stranger, &wasm))).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("signature")));
    let tampered = puppet_as("1.0.1", &[]);
    let refused =
        Box::pin(world.plugins.publish(&by, tampered, &signed(&world.key, &wasm))).await.unwrap_err();
    assert_eq!(refused.field(), Some("signature"));
    let entry = Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, &wasm))).await.unwrap();
    assert_eq!(entry.signed_by, world.key.public_key().fingerprint());

    let company = world.company("acme", Tier::Premium).await;
    assert_eq!(world.plugins.catalogue(&company.us).await.unwrap(), std::slice::from_ref(&entry));
    let settings = json!({ "script": { "validate": [["deny", "never"]] } });
    let new = NewInstallation { enabled: true, settings, ..NewInstallation::plain(entry.digest) };
    let install = world.plugins.install_curated(company.cx(), "test.puppet", None, new);
    let installation = Box::pin(install).await.unwrap();
    assert_eq!(installation.origin, PluginOrigin::Curated);
    assert_eq!(world.create(&company, "Login fails").await.unwrap_err().message(), "never");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_withdrawn_is_offered_no_more_and_may_be_stopped() {
    let world = World::new().await;
    let by = Operator::trusted();
    let company = world.company("acme", Tier::Premium).await;
    let (one, two) = (puppet_as("1.0.0", &[]), puppet_as("1.10.0", &[]));
    for wasm in [&one, &two] {
        Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, wasm))).await.unwrap();
    }
    let versions: Vec<_> =
        world.plugins.catalogue(&company.us).await.unwrap().into_iter().map(|entry| entry.version).collect();
    assert_eq!(versions, ["1.10.0", "1.0.0"], "newest first");
    let new = NewInstallation { enabled: true, ..NewInstallation::plain(digest(&two)) };
    let installed = Box::pin(world.plugins.install_curated(company.cx(), "test.puppet", None, new)).await;
    let installation = installed.unwrap();
    world.create(&company, "Login fails").await.unwrap();
    assert_eq!(world.plugins.not_run(company.tenant, &installation), None);
    world.plugins.withdraw(&by, "test.puppet", "1.10.0", "it leaks", true).await.unwrap();
    let error = world.create(&company, "Login fails").await.unwrap_err();
    assert!(error.message().contains("it leaks"), "{error}");
    let daily = Rehearse::Schedule("daily".into());
    let error = Box::pin(world.plugins.rehearse(&company.us, installation.id, daily)).await.unwrap_err();
    assert!(error.message().contains("it leaks"), "nor does it act: {error}");
    let why =
        "version 1.10.0 was withdrawn and is not run: it leaks; changes that it is asked about are refused";
    assert_eq!(world.plugins.not_run(company.tenant, &installation).as_deref(), Some(why));
    let other = world.company("other", Tier::Premium).await;
    let new = NewInstallation::plain(digest(&two));
    let refused = world.plugins.install_curated(other.cx(), "test.puppet", Some("1.10.0"), new.clone());
    assert_eq!(Box::pin(refused).await.unwrap_err().code(), ErrorCode::Rejected);
    let taken = Box::pin(world.plugins.install_curated(other.cx(), "test.puppet", None, new)).await.unwrap();
    assert_eq!(&*taken.code_version, "1.0.0", "the newest that is offered");

    let refused =
        world.plugins.withdraw(&by, "test.puppet", "1.0.0", &"x".repeat(501), false).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("reason")));
    world.plugins.withdraw(&by, "test.puppet", "1.0.0", "it is slow", false).await.unwrap();
    let third = world.company("third", Tier::Premium).await;
    for (version, why) in
        [(None, "1.10.0, was withdrawn: it leaks"), (Some("1.0.0"), "withdrawn: it is slow")]
    {
        let new = NewInstallation::plain(digest(&one));
        let refused = Box::pin(world.plugins.install_curated(third.cx(), "test.puppet", version, new)).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Rejected);
        assert!(refused.message().contains(why), "{refused}");
    }
    let new = NewInstallation::plain(digest(&one));
    let lost = Box::pin(world.plugins.install_curated(third.cx(), "test.puppet", Some("7"), new)).await;
    assert_eq!(lost.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_stays_so_when_its_key_is_trusted_no_more_and_the_rest_runs_on() {
    let world = World::new().await;
    let by = Operator::trusted();
    let (bad, good) = (puppet_as("1.0.0", &[]), puppet_as("1.1.0", &[]));
    let mut installed = Vec::new();
    for (slug, version, wasm) in [("acme", "1.0.0", &bad), ("other", "1.1.0", &good)] {
        Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, wasm))).await.unwrap();
        let company = world.company(slug, Tier::Premium).await;
        let new = NewInstallation { enabled: true, ..NewInstallation::plain(digest(wasm)) };
        let install = world.plugins.install_curated(company.cx(), "test.puppet", Some(version), new);
        let id = Box::pin(install).await.unwrap().id;
        installed.push((company, id));
    }
    world.plugins.withdraw(&by, "test.puppet", "1.0.0", "it leaks", true).await.unwrap();
    world.plugins.close().await;
    let (acme, other) = (&installed[0], &installed[1]);
    for keys in [Vec::new(), vec![SigningKey::generate().unwrap().public_key()]] {
        let plugins = world.again_trusting(keys);
        plugins.attach(&world.engine).await;
        assert!(plugins.catalogue_of_platform(&by).await.unwrap().is_empty(), "nothing is offered");
        let refused = plugins.enable(acme.0.cx(), acme.1).await.unwrap_err();
        assert!(refused.message().contains("it leaks"), "{refused}");
        let daily = || Rehearse::Schedule("daily".into());
        let refused = Box::pin(plugins.rehearse(&acme.0.us, acme.1, daily())).await.unwrap_err();
        assert!(refused.message().contains("it leaks"), "{refused}");
        Box::pin(plugins.rehearse(&other.0.us, other.1, daily())).await.unwrap();
        plugins.close().await;
    }
    // It can be withdrawn just because its key is trusted no more.
    let plugins = world.again_trusting(Vec::new());
    plugins.withdraw(&by, "test.puppet", "1.1.0", "its key was stolen", true).await.unwrap();
    let plugins = world.again_trusting(Vec::new());
    plugins.attach(&world.engine).await;
    let refused = plugins.enable(other.0.cx(), other.1).await.unwrap_err();
    assert!(refused.message().contains("version 1.1.0 was withdrawn"), "{refused}");
    plugins.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_withdrawn_is_offered_again_only_where_that_is_said() {
    let world = World::new().await;
    let by = Operator::trusted();
    let wasm = puppet_as("1.0.0", &[]);
    let signature = signed(&world.key, &wasm);
    Box::pin(world.plugins.publish(&by, wasm.clone(), &signature)).await.unwrap();
    world.plugins.withdraw(&by, "test.puppet", "1.0.0", "it leaks", true).await.unwrap();
    let refused = Box::pin(world.plugins.publish(&by, wasm.clone(), &signature)).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::Rejected, Some("again")), "{refused}");
    assert!(refused.message().contains("it leaks") && refused.message().contains("--again"), "{refused}");
    let still = world.plugins.withdraw(&by, "test.puppet", "1.0.0", "it leaks a lot", false).await.unwrap();
    assert!(still.withdrawn.unwrap().stops, "another reason does not let it run");
    let offered = Box::pin(world.plugins.publish_again(&by, wasm.clone(), &signature)).await.unwrap();
    assert_eq!(offered.withdrawn, None);
    assert_eq!(world.again().catalogue_of_platform(&by).await.unwrap(), [offered]);

    let next = SigningKey::generate().unwrap();
    let both = world.again_trusting(vec![world.key.public_key(), next.public_key()]);
    let offered = Box::pin(both.publish(&by, wasm.clone(), &signed(&next, &wasm))).await.unwrap();
    assert_eq!(offered.signed_by, next.public_key().fingerprint());
    let after = world.again_trusting(vec![next.public_key()]).catalogue_of_platform(&by).await.unwrap();
    assert_eq!(after, [offered], "signed anew it is there without the old key");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_the_catalogue_is_what_was_signed_and_nothing_else() {
    let world = World::new().await;
    let by = Operator::trusted();
    let wasm = puppet_as("1.0.0", &[]);
    Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, &wasm))).await.unwrap();
    world.plugins.withdraw(&by, "test.puppet", "1.0.0", "too early", false).await.unwrap();
    let entries = world.again().catalogue_of_platform(&by).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].withdrawn.as_ref().unwrap().reason, "too early");

    let folder = world.folder.path().join("plugins/catalogue");
    let page = folder.join(format!("{}.json", digest(&wasm)));
    let changed = std::fs::read_to_string(&page).unwrap().replace("kv = true", "kv = false");
    std::fs::write(&page, changed).unwrap();
    assert!(world.again().catalogue_of_platform(&by).await.unwrap().is_empty(), "its manifest was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_changed_behind_its_back_are_not_installed() {
    let world = World::new().await;
    let by = Operator::trusted();
    let wasm = puppet_as("1.0.0", &[]);
    Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, &wasm))).await.unwrap();
    let file = world.folder.path().join("plugins/catalogue").join(format!("{}.wasm", digest(&wasm)));
    let mut bytes = wasm.clone();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let company = world.company("acme", Tier::Premium).await;
    let new = NewInstallation::plain(digest(&wasm));
    let error =
        Box::pin(world.plugins.install_curated(company.cx(), "test.puppet", None, new)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    let cx = OpContext::new(company.us.clone());
    assert_eq!(
        Box::pin(world.plugins.upload(cx, wasm)).await.unwrap_err().code(),
        ErrorCode::EntitlementExceeded
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsed_installation_takes_nothing_out_of_the_catalogue() {
    let world = World::new().await;
    let by = Operator::trusted();
    let (one, two) = (puppet_as("1.0.0", &[]), puppet_as("1.1.0", &[]));
    for wasm in [&one, &two] {
        Box::pin(world.plugins.publish(&by, wasm.clone(), &signed(&world.key, wasm))).await.unwrap();
    }
    let company = world.company("acme", Tier::Premium).await;
    let rehearsal = || OpContext { dry_run: true, ..company.cx() };
    let new = || NewInstallation { enabled: true, ..NewInstallation::plain(digest(&one)) };
    let would = world.plugins.install_curated(rehearsal(), "test.puppet", Some("1.0.0"), new());
    let would = Box::pin(would).await.unwrap();
    assert_eq!((&*would.code_version, would.granted.http.len()), ("1.0.0", 2));
    let wrong = NewInstallation { settings: json!({ "word": 1 }), ..new() };
    let refused = world.plugins.install_curated(rehearsal(), "test.puppet", Some("1.0.0"), wrong);
    assert_eq!(Box::pin(refused).await.unwrap_err().field(), Some("settings.word"));
    let there = async || {
        let reader = world.engine.reader(&company.us).await.unwrap();
        (reader.plugin_codes().len(), reader.installations().len())
    };
    assert_eq!(there().await, (0, 0));

    let first = world.plugins.install_curated(company.cx(), "test.puppet", Some("1.0.0"), new());
    let first = Box::pin(first).await.unwrap();
    let to = world.plugins.take_curated(rehearsal(), "test.puppet", None).await.unwrap();
    let to = Upgrade { grant: true, ..Upgrade::to(to.what) };
    let would = Box::pin(world.plugins.upgrade(rehearsal(), first.id, to)).await.unwrap();
    assert!(would.1.is_empty(), "it asks for nothing more");
    assert_eq!(there().await, (1, 1));
}
