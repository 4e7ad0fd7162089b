//! How companies show themselves, through the API.

use super::world::World;
use mortise_engine::model::Tier;
use mortise_engine::{Engine, FirstAdmin, NewTenant};
use serde_json::{Value, json};

const LOOK: &str = "query($tenant: String, $host: String) { branding(tenant: $tenant, host: $host) {
    tenant productName logo poweredBy colors { background text accent accentText } supportLinks { label url } } }";

const UPDATE: &str =
    "mutation($input: BrandingUpdateInput!, $ifVersion: Int, $key: String, $dryRun: Boolean! = false) {
    brandingUpdate(input: $input, ifVersion: $ifVersion, idempotencyKey: $key, dryRun: $dryRun) {
        success events userErrors { field code message } brandingSettings {
            included productName senderName replyTo poweredBy version letters { kind own subject placeholders }
            customDomain { domain verified challenge } } } }";

/// The company of these tests, in the tier that has a look of its own, and another one.
async fn world() -> World {
    let world = World::of_tier(Tier::Platinum).await;
    let admin = FirstAdmin { email: "zoe@example.com".into(), name: "Zoe".into(), password: None };
    let other = NewTenant::new("other", "Other").with_admin(admin).with_tier(Tier::Platinum);
    world.engine.create_tenant(other).await.unwrap();
    world
}

async fn look(world: &World, tenant: Option<&str>, host: Option<&str>) -> Value {
    let asked = world.execute(None, LOOK, json!({"tenant": tenant, "host": host})).await;
    assert!(asked.errors.is_empty(), "{:?}", asked.errors);
    asked.data.into_json().unwrap()["branding"].take()
}

async fn update(world: &World, input: Value) -> Value {
    world.ask(UPDATE, json!({"input": input})).await["brandingUpdate"].take()
}

#[tokio::test]
async fn a_look_is_seen_by_who_is_not_signed_in_and_unknown_companies_look_like_the_platform() {
    let world = world().await;
    let input = json!({
        "productName": "Acme Issues",
        "logo": "https://cdn.acme.example/logo.png",
        "colors": {"background": "#FFFFFF", "text": "#111111", "accent": "#004400", "accentText": "#ffffff"},
        "supportLinks": [{"label": "Help", "url": "mailto:help@acme.example"}],
        "senderName": "Acme", "replyTo": "help@acme.example", "poweredBy": false,
    });
    let changed = update(&world, input).await;
    assert_eq!((&changed["success"], &changed["events"]), (&json!(true), &json!(["branding.updated"])));
    assert_eq!(changed["brandingSettings"]["version"], 1);
    let seen = look(&world, Some("acme"), None).await;
    assert_eq!(seen["productName"], "Acme Issues");
    assert_eq!(seen["colors"]["background"], "#ffffff");
    assert_eq!(seen["supportLinks"], json!([{"label": "Help", "url": "mailto:help@acme.example"}]));
    assert_eq!((&seen["poweredBy"], &seen["tenant"]), (&json!(false), &Value::Null));
    let platform = look(&world, None, None).await;
    assert_eq!(platform["productName"], "Mortise");
    for (tenant, host) in [(Some("nowhere"), None), (Some("other"), None), (None, Some("acme.example"))] {
        assert_eq!(look(&world, tenant, host).await, platform, "{tenant:?} {host:?}");
    }
    let own = world.ask_as(&world.bob, "{ branding { productName } }", json!({})).await;
    assert_eq!(own["branding"]["productName"], "Acme Issues");

    let away = update(&world, json!({"productName": null})).await;
    assert_eq!(away["brandingSettings"]["productName"], Value::Null);
    assert_eq!(look(&world, Some("acme"), None).await["productName"], "Mortise");
    assert_eq!(look(&world, Some("acme"), None).await["poweredBy"], false, "what is not said stays");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_the_field_and_the_reason() {
    let world = world().await;
    let colors = |text: &str| json!({"colors": {"background": "#ffffff", "text": text, "accent": "#000000", "accentText": "#ffffff"}});
    let letter = |text: &str| json!({"letters": [{"kind": "PASSWORD_RESET", "subject": "S", "text": text}]});
    for (input, field, reason) in [
        (colors("#999999"), "colors.text", "a contrast of 2.84:1, and 4.5:1 is needed"),
        (colors("red"), "colors.text", "#rrggbb"),
        (json!({"logo": "http://acme.example/logo.png"}), "logo", "https://"),
        (
            json!({"supportLinks": [{"label": "x", "url": "javascript:alert(1)"}]}),
            "supportLinks[0].url",
            "https://",
        ),
        (json!({"replyTo": "nobody"}), "replyTo", "not an e-mail address"),
        (json!({"senderName": "Acme\r\nBcc: all@example.com"}), "senderName", "control character"),
        (letter("{{secret}} {{link}}"), "letters[0].text", "no placeholder `secret`"),
        (letter("Hello"), "letters[0].text", "does not say `{{link}}`"),
        (letter(&"x".repeat(9_000)), "letters[0].text", "at most 8192"),
    ] {
        let refused = update(&world, input.clone()).await;
        let error = &refused["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_INPUT"), &json!(field)), "{input}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
    }
    assert_eq!(look(&world, Some("acme"), None).await, look(&world, None, None).await, "nothing was changed");
}

#[tokio::test]
async fn a_look_is_for_super_admins_and_for_the_tier_that_has_it() {
    let platinum = world().await;
    let input = json!({"productName": "X"});
    let by_bob = platinum.ask_as(&platinum.bob, UPDATE, json!({"input": input})).await;
    assert_eq!(by_bob["brandingUpdate"]["userErrors"][0]["code"], "FORBIDDEN");
    let settings = "{ brandingSettings { version } }";
    assert_eq!(platinum.code(Some(&platinum.bob), settings, json!({})).await, "FORBIDDEN");
    let basic = World::new().await;
    let refused = update(&basic, input).await;
    assert_eq!(refused["userErrors"][0]["code"], "ENTITLEMENT_EXCEEDED");
    assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("PLATINUM includes it"));
    let seen = basic.ask("{ brandingSettings { included version } }", json!({})).await;
    assert_eq!(seen["brandingSettings"], json!({"included": false, "version": 0}));
}

#[tokio::test]
async fn a_change_is_made_once_rehearsed_without_a_trace_and_refused_at_another_version() {
    let world = world().await;
    let ask = |input: Value, more: Value| {
        let mut variables = json!({"input": input});
        variables.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        variables
    };
    let rehearsed = world.ask(UPDATE, ask(json!({"productName": "A"}), json!({"dryRun": true}))).await;
    assert_eq!(rehearsed["brandingUpdate"]["events"], json!(["branding.updated"]));
    assert_eq!(look(&world, Some("acme"), None).await["productName"], "Mortise");
    for _ in 0..2 {
        let done = world.ask(UPDATE, ask(json!({"productName": "A"}), json!({"key": "k"}))).await;
        assert_eq!(done["brandingUpdate"]["brandingSettings"]["version"], 1);
    }
    update(&world, json!({"productName": "B"})).await;
    let again = world.ask(UPDATE, ask(json!({"productName": "A"}), json!({"key": "k"}))).await;
    assert_eq!(again["brandingUpdate"]["success"], true);
    assert_eq!(look(&world, Some("acme"), None).await["productName"], "B", "an old request undoes nothing");
    let stale = world.ask(UPDATE, ask(json!({"productName": "C"}), json!({"ifVersion": 1}))).await;
    assert_eq!(stale["brandingUpdate"]["userErrors"][0]["code"], "CONFLICT");
}

#[tokio::test]
async fn letters_in_own_words_are_listed_beside_those_that_are_built_in() {
    let world = world().await;
    let letter = json!({"kind": "ANNOUNCEMENT", "subject": "{{subject}}!", "text": "{{text}}"});
    let changed = update(&world, json!({"letters": [letter]})).await;
    let letters = changed["brandingSettings"]["letters"].as_array().unwrap();
    assert_eq!(letters.len(), 5);
    let own: Vec<_> = letters.iter().filter(|letter| letter["own"] == true).collect();
    assert_eq!((own.len(), &own[0]["subject"]), (1, &json!("{{subject}}!")));
    assert_eq!(letters[0]["placeholders"], json!(["product", "company", "name", "link", "code", "expires"]));
}

#[tokio::test]
async fn a_domain_leads_to_a_company_once_it_was_seen_to_be_its_own() {
    let world = world().await;
    let set = "mutation($domain: String) { customDomainSet(domain: $domain) { success events
        userErrors { field code } brandingSettings { customDomain { domain verified challenge } } } }";
    let named = world.ask(set, json!({"domain": "Issues.Acme.example"})).await["customDomainSet"].take();
    let domain = &named["brandingSettings"]["customDomain"];
    assert_eq!((&domain["domain"], &domain["verified"]), (&json!("issues.acme.example"), &json!(false)));
    assert!(domain["challenge"].as_str().unwrap().starts_with("mortise-domain="));
    let host = Some("issues.acme.example:8443");
    assert_eq!(look(&world, None, host).await["tenant"], Value::Null, "nobody has looked yet");

    let verify = |tenant| world.engine.verify_custom_domain(tenant, "issues.acme.example".into());
    verify(world.tenant).await.unwrap();
    assert_eq!(look(&world, None, host).await["tenant"], "acme");
    let other = world.engine.tenant_by_slug("other").unwrap().id;
    assert_eq!(verify(other).await.unwrap_err().code().as_str(), "REJECTED", "it has not named it");
    let taken = claim(&world.engine, other, "issues.acme.example").await;
    assert_eq!(taken.unwrap_err().code().as_str(), "CONFLICT");

    let gone = world.ask(set, json!({"domain": null})).await["customDomainSet"].take();
    assert_eq!(gone["events"], json!(["domain.updated"]));
    assert_eq!(look(&world, None, host).await["tenant"], Value::Null);
    assert!(claim(&world.engine, other, "issues.acme.example").await.is_ok());
    let bad = world.ask(set, json!({"domain": "localhost"})).await["customDomainSet"].take();
    assert_eq!(bad["userErrors"], json!([{"field": "domain", "code": "INVALID_INPUT"}]));
}

async fn claim(
    engine: &Engine,
    tenant: mortise_engine::id::TenantId,
    domain: &str,
) -> mortise_engine::Result<mortise_engine::Committed> {
    use mortise_engine::context::{OpContext, Principal};
    let cx = OpContext::new(Principal::trusted_system(tenant));
    engine.set_custom_domain(cx, Some(domain.to_owned())).await
}
