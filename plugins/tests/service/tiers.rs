//! Who may have which plugins.

use crate::world::{World, puppet, puppet_as};
use mortise_engine::ErrorCode;
use mortise_engine::context::OpContext;
use mortise_engine::model::Tier;
use mortise_plugins::service::NewInstallation;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_without_its_own_plugins_is_told_which_has_them() {
    let world = World::new().await;
    for (slug, tier) in [("basic", Tier::Basic), ("premium", Tier::Premium)] {
        let company = world.company(slug, tier).await;
        let error = Box::pin(world.plugins.upload(company.cx(), puppet())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::EntitlementExceeded);
        assert_eq!(error.exceeded().unwrap().upgrade_to.as_deref(), Some("PLATINUM"), "{error}");
    }
    let basic = world.company("other", Tier::Basic).await;
    let new = mortise_plugins::service::NewInstallation::plain(crate::world::digest(b""));
    let refused = world.plugins.install_curated(basic.cx(), "test.puppet", None, new);
    // It is not told what there is before it may have it.
    let error = Box::pin(refused).await.unwrap_err();
    assert_eq!(error.exceeded().unwrap().upgrade_to.as_deref(), Some("PREMIUM"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_a_company_may_not_have_any_more_are_not_asked() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({ "validate": [["deny", "never"]] })).await;
    assert!(world.create(&company, "Login fails").await.is_err());
    world.engine.set_tier(company.cx(), Tier::Premium).await.unwrap();
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    assert!(page.asked.not_asked.as_deref().unwrap().contains("tier"), "{page:?}");
    let error = world.plugins.enable(company.cx(), installation.id).await;
    assert!(error.is_ok(), "it is enabled already, and is not asked all the same");
    let why = world.plugins.not_run(company.tenant, &installation).unwrap();
    assert!(why.contains("does not include plugins of its own"), "{why}");
    world.engine.set_tier(company.cx(), Tier::Platinum).await.unwrap();
    assert!(world.create(&company, "Login fails").await.is_err(), "asked again");
    assert_eq!(world.plugins.not_run(company.tenant, &installation), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_plugins_sees_and_changes_them() {
    use mortise_engine::command::member::AddMember;
    use mortise_engine::context::Principal;
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({})).await;
    let id = mortise_engine::id::MemberId::generate();
    let ann = AddMember {
        id: Some(id),
        email: "ann@example.com".into(),
        name: "Ann".into(),
        role: mortise_engine::model::Role::User,
        password_hash: None,
    };
    world.engine.execute(company.cx(), ann).await.unwrap();
    let ann = Principal::trusted_member(company.tenant, id);
    let cx = || OpContext::new(ann.clone());
    let forbidden = |error: mortise_engine::Error| assert_eq!(error.code(), ErrorCode::Forbidden, "{error}");
    forbidden(Box::pin(world.plugins.upload(cx(), puppet())).await.unwrap_err());
    forbidden(world.plugins.disable(cx(), installation.id, None).await.unwrap_err());
    forbidden(world.plugins.catalogue(&ann).await.unwrap_err());
    let page = mortise_plugins::service::Shown { first: 10, after: None };
    let filter = mortise_plugins::service::RunFilter::default();
    forbidden(world.plugins.runs(&ann, installation.id, &filter, page).await.unwrap_err());
}

/// The puppet, asking for so much memory.
fn asking_for(version: &str, mib: u32) -> Vec<u8> {
    puppet_as(version, &[("[settings]\n", &format!("[limits]\nmemory-mib = {mib}\n\n[settings]\n"))])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_may_ask_for_less_memory_than_its_tier_gives_and_not_for_more() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let inspection = world.plugins.inspect(asking_for("1.0.0", 16)).await.unwrap();
    assert_eq!(inspection.memory_mib, Some(16));
    let refused = Box::pin(world.plugins.upload(company.cx(), asking_for("1.0.0", 65))).await.unwrap_err();
    assert_eq!(refused.field(), Some("manifest.limits.memory-mib"), "{refused}");
    assert!(refused.message().contains("PLATINUM gives 64 MiB"), "{refused}");
    let installed =
        world.installed(&company, asking_for("1.0.0", 16), |new| NewInstallation { enabled: true, ..new });
    let installation = installed.await.unwrap();
    world.create(&company, "Login fails").await.unwrap();
    let page = world.runs(&company, installation.id).await;
    let limits: Vec<_> = page.runs.iter().flat_map(|run| &run.used).collect();
    let limits: Vec<_> = limits.iter().filter(|share| share.name == "memory_bytes").collect();
    assert!(!limits.is_empty() && limits.iter().all(|share| share.limit == 16 << 20), "{limits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_components_are_taken_where_that_was_agreed() {
    use mortise_engine::model::{EntitlementKey, EntitlementValue};
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    // A custom section of three MiB, named `x`.
    let mut large = puppet();
    let content = 3_usize << 20;
    large.push(0);
    let mut size = content + 2;
    while size > 0x7f {
        large.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
        size >>= 7;
    }
    large.extend([u8::try_from(size).unwrap(), 1, b'x']);
    large.resize(large.len() + content, 0);
    let refused = Box::pin(world.plugins.upload(company.cx(), large.clone())).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("file")), "{refused}");
    let words = ["curated", "own", "large"].map(str::to_owned).to_vec();
    let agreed = Some((EntitlementValue::Words(words), None));
    world.engine.override_entitlement(company.cx(), EntitlementKey::Plugins, agreed).await.unwrap();
    let reader = world.engine.reader(&company.us).await.unwrap();
    assert_eq!(world.plugins.upload_bytes_max(&reader).unwrap(), 20 << 20);
    Box::pin(world.plugins.upload(company.cx(), large)).await.unwrap();
    let other = world.company("other", Tier::Platinum).await;
    let reader = world.engine.reader(&other.us).await.unwrap();
    assert_eq!(world.plugins.upload_bytes_max(&reader).unwrap(), 2 << 20);
}
