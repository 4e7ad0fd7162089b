//! Who may have which plugins.

use crate::world::{World, puppet};
use mortise_engine::ErrorCode;
use mortise_engine::context::OpContext;
use mortise_engine::model::Tier;
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
    world.engine.set_tier(company.cx(), Tier::Platinum).await.unwrap();
    assert!(world.create(&company, "Login fails").await.is_err(), "asked again");
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
