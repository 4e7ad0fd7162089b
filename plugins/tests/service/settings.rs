//! Settings: judged by the manifest's schema, and given to the guest with its defaults.

use crate::world::{World, guest, puppet};
use mortise_engine::ErrorCode;
use mortise_engine::model::Tier;
use mortise_plugins::service::{InstallationChange, NewInstallation};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_fit_are_refused_at_their_field() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let unfit = json!({ "required": ["estimate", "colour"] });
    let refused = world.installed(&company, guest("estimate-gate-rust"), |new| NewInstallation {
        settings: unfit.clone(),
        ..new
    });
    let error = refused.await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert_eq!(error.field(), Some("settings.required.1"), "{error:?}");
    let installation = world.installed(&company, guest("estimate-gate-rust"), |new| new).await.unwrap();
    let change = InstallationChange { settings: Some(unfit), ..InstallationChange::default() };
    let error = world.plugins.change(company.cx(), installation.id, change).await.unwrap_err();
    assert_eq!(error.field(), Some("settings.required.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_installed_once_and_granted_what_it_asks_for() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let installation = world.installed(&company, puppet(), |new| new).await.unwrap();
    assert!(!installation.is_enabled());
    let error = world.installed(&company, puppet(), |new| new).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    world.plugins.remove(company.cx(), installation.id).await.unwrap();
    let less = world.installed(&company, puppet(), |mut new| {
        new.granted.kv = false;
        new
    });
    let error = less.await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Rejected, Some("granted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_set_by_name_and_shown_to_nobody() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["secrets"]] })).await;
    let value = || zeroize::Zeroizing::new("chaffinch".to_owned());
    let error = world.plugins.set_secret(company.cx(), installation.id, "other", value()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let set = world.plugins.set_secret(company.cx(), installation.id, "token", value()).await.unwrap();
    assert_eq!(set.secrets, ["token"]);
    let bind = |hosts: &[&str]| {
        let hosts = Some(hosts.iter().map(|host| (*host).to_owned()).collect());
        world.plugins.set_bound_secret(company.cx(), installation.id, "token", value(), hosts)
    };
    for wrong in ["elsewhere.example", "example.org", "*.com", "https://hooks.example.com"] {
        let error = bind(&[wrong]).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some("hosts")), "{wrong}");
    }
    let set = bind(&["HOOKS.example.com", "a.example.org", "a.example.org"]).await.unwrap();
    assert_eq!(set.hosts_of("token").unwrap(), ["hooks.example.com", "a.example.org"]);
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let told = format!("{page:?}");
    assert!(told.contains("token") && !told.contains("chaffinch"));
    let gone = world.plugins.remove_secret(company.cx(), installation.id, "token").await.unwrap();
    assert!(gone.secrets.is_empty() && gone.secret_hosts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_plugin_is_refused_before_anything_runs() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    for wrong in [Vec::new(), b"\0asm\x01\0\0\0".to_vec(), vec![7; 5_000], vec![0; 3 << 20]] {
        let error = Box::pin(world.plugins.upload(company.cx(), wrong)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
        assert_eq!(error.field(), Some("file"), "{error}");
    }
    let inspection = world.plugins.inspect(puppet()).await.unwrap();
    assert_eq!((inspection.plugin.as_str(), inspection.version.as_str()), ("test.puppet", "1.0.0"));
    assert!(inspection.imports.contains(&"issues".to_owned()), "{inspection:?}");
    assert!(inspection.asks_for.iter().any(|asked| asked.contains("hooks.example.com")), "{inspection:?}");
    assert_eq!(inspection.warnings, Vec::<String>::new());
}
