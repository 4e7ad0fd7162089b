use super::*;
use crate::id::TenantId;
use crate::model::Placement;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn company(tier: Tier) -> Tenant {
    Tenant::new(TenantId::generate(), "acme", tier, Placement::Shard(0), at("2026-01-01T00:00:00Z"))
}

#[track_caller]
fn refused(tenant: &Tenant, key: EntitlementKey, used: u64, more: u64, expected: &str) {
    let tiers = Tiers::default();
    let entitled = Entitlements::of(tenant, &tiers, at("2026-03-01T12:00:00Z"));
    let error = entitled.room(key, used, more).unwrap_err();
    assert_eq!(error.code(), ErrorCode::EntitlementExceeded);
    assert_eq!(error.message(), expected);
    let exceeded = error.exceeded().unwrap();
    assert_eq!((exceeded.key.as_str(), exceeded.used), (key.as_str(), used));
}

#[test]
fn every_key_has_its_line_in_order_and_a_value_of_its_form_in_every_tier() {
    let tiers = Tiers::default();
    for key in EntitlementKey::ALL {
        for tier in Tier::ALL {
            assert!(tiers.value(*tier, *key).fits(*key), "{key} of {tier}: {}", tiers.value(*tier, *key));
        }
    }
    assert_eq!(tiers.to_string().lines().count(), EntitlementKey::ALL.len());
}

#[test]
fn a_refusal_says_what_would_lift_it() {
    use EntitlementKey::{CustomWorkflows, Issues, Users, WhiteLabel};
    let (basic, premium) = (company(Tier::Basic), company(Tier::Premium));
    refused(&basic, Users, 5, 1, "no room for more people: 5 of 5 are there; PREMIUM includes 25");
    let many = "no room for 20000 more issues: 7 of 1000 are there; in PLATINUM there is no limit";
    refused(&basic, Issues, 7, 20_000, many);
    refused(
        &premium,
        Issues,
        10_000,
        1,
        "no room for more issues: 10000 of 10000 are there; in PLATINUM there is no limit",
    );
    let no = "workflows of its own: not included in the tier BASIC; PREMIUM includes it";
    refused(&basic, CustomWorkflows, 0, 1, no);
    refused(
        &premium,
        WhiteLabel,
        0,
        1,
        "branding of its own: not included in the tier PREMIUM; PLATINUM includes it",
    );
}

#[test]
fn what_was_agreed_stands_before_the_tier_until_it_ends() {
    let (tiers, mut tenant) = (Tiers::default(), company(Tier::Platinum));
    let end = at("2026-04-01T00:00:00Z");
    let value = EntitlementValue::Count(2);
    tenant.overrides =
        Some(vec![EntitlementOverride { key: EntitlementKey::Users, value, until: Some(end) }]);
    let limit = |now| Entitlements::of(&tenant, &tiers, now).limit(EntitlementKey::Users);
    assert_eq!((limit(end.plus_millis(-1)), limit(end)), (Some(2), None));
    let why = "no room for more people: 2 of 2 are there; so it was agreed until 2026-04-01T00:00:00.000Z";
    refused(&tenant, EntitlementKey::Users, 2, 1, why);
}

#[test]
fn a_list_of_words_with_all_includes_every_word() {
    let tiers = Tiers::default();
    let includes = |tier, word| {
        let tenant = company(tier);
        Entitlements::of(&tenant, &tiers, tenant.created_at).includes(EntitlementKey::Integrations, word)
    };
    assert!(includes(Tier::Basic, "email") && !includes(Tier::Basic, "slack"));
    assert!(includes(Tier::Premium, "slack") && !includes(Tier::Premium, "custom"));
    assert!(includes(Tier::Platinum, "email") && includes(Tier::Platinum, "anything"));
}

#[test]
fn a_day_ends_at_midnight_in_utc() {
    assert_eq!(day_ends(at("2026-02-28T23:59:59.999Z")), at("2026-03-01T00:00:00Z"));
    assert_eq!(day_ends(at("2026-03-01T00:00:00Z")), at("2026-03-02T00:00:00Z"));
    assert_eq!(day_of(at("1970-01-02T00:00:00Z")), 1);
}

#[test]
fn a_price_list_that_nobody_can_mean_is_an_error() {
    for (key, value) in [
        (EntitlementKey::BurstPerSecond, EntitlementValue::Count(0)),
        (EntitlementKey::CostPerSecond, EntitlementValue::Count(0)),
        (EntitlementKey::Users, EntitlementValue::Flag(true)),
        (EntitlementKey::Sla, EntitlementValue::Words(vec!["\n".into()])),
        (EntitlementKey::Plugins, EntitlementValue::Words(vec!["Curated".into()])),
    ] {
        let error = Tiers::default().with(Tier::Basic, key, value).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{key}");
    }
    let tiers = Tiers::default().with(Tier::Basic, EntitlementKey::Users, EntitlementValue::Unlimited);
    assert_eq!(*tiers.unwrap().value(Tier::Basic, EntitlementKey::Users), EntitlementValue::Unlimited);
}

#[test]
fn a_word_that_says_nothing_of_plugins_is_refused_with_those_that_do() {
    let words = |text: &str| EntitlementValue::Words(text.split_terminator(',').map(str::to_owned).collect());
    for meant in ["", "curated", "curated,own,large"] {
        assert!(is_meant(EntitlementKey::Plugins, &words(meant)).is_ok(), "{meant}");
    }
    for typo in ["curated,own,huge", "bogus", "all"] {
        let error = is_meant(EntitlementKey::Plugins, &words(typo)).unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some("value")), "{typo}");
        let typo = typo.rsplit(',').next().unwrap();
        let said = format!("`{typo}` says nothing of `plugins`: there are curated, own, large");
        assert!(error.message().starts_with(&said), "{error}");
    }
    assert!(
        is_meant(EntitlementKey::Integrations, &words("anything")).is_ok(),
        "others are for people to read"
    );
}
