//! What companies have bought, and what was agreed with them instead.
//!
//! It does not know what the tiers include: the engine says.

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use mortise::model::{EntitlementForm, EntitlementKey, EntitlementValue, Tier};
use mortise::{Engine, Entitlement};
use serde_json::{Value, json};

use super::super::expiry::Expiry;
use super::super::output;
use super::super::place::{context, tenant};

/// Another tier.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant tier acme premium")]
pub(in crate::cli) struct TierFlags {
    /// The company
    slug: String,
    /// What it buys
    #[arg(value_parser = super::tier())]
    tier: Tier,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// An agreement.
#[derive(Debug, Args)]
#[command(after_help = "\
A value is a number or `unlimited`, `yes` or `no`, or words parted by commas, as the key wants it.

Examples:
  mortise tenant override acme users 40 --until 90d
  mortise tenant override acme integrations email,slack
  mortise tenant override acme users --remove")]
pub(in crate::cli) struct OverrideFlags {
    /// The company
    slug: String,
    /// About what
    #[arg(value_parser = key())]
    key: EntitlementKey,
    /// How much, or what
    #[arg(required_unless_present = "remove", conflicts_with = "remove")]
    value: Option<String>,
    /// When it ends: a span such as 90d, or a time such as 2027-01-31T00:00:00Z [default: never]
    #[arg(long, value_name = "WHEN", conflicts_with = "remove")]
    until: Option<Expiry>,
    /// End what was agreed: the tier's own value holds again
    #[arg(long)]
    remove: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// A look at what a company may have.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant limits acme --json")]
pub(in crate::cli) struct LimitsFlags {
    /// The company
    slug: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

fn key() -> impl clap::builder::TypedValueParser<Value = EntitlementKey> {
    PossibleValuesParser::new(EntitlementKey::ALL.iter().map(|key| key.as_str()))
        .try_map(|word| EntitlementKey::from_word(&word).ok_or("there is no such key"))
}

pub(super) async fn tier(engine: &Engine, flags: TierFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.slug)?.id);
    engine.set_tier(cx, flags.tier).await?;
    say(engine, &flags.slug, flags.json, None).await
}

pub(super) async fn agree(engine: &Engine, flags: OverrideFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.slug)?.id);
    let now = engine.clock().now();
    let until = flags.until.map(|until| until.from(now)).transpose()?;
    let value = flags.value.as_deref().map(|text| value(flags.key, text)).transpose()?;
    engine.override_entitlement(cx, flags.key, value.map(|value| (value, until))).await?;
    say(engine, &flags.slug, flags.json, Some(flags.key)).await
}

pub(super) async fn limits(engine: &Engine, flags: &LimitsFlags) -> anyhow::Result<()> {
    say(engine, &flags.slug, flags.json, None).await
}

/// A value as people write it.
fn value(key: EntitlementKey, text: &str) -> anyhow::Result<EntitlementValue> {
    match (key.form(), text) {
        (EntitlementForm::Count, "unlimited") => Ok(EntitlementValue::Unlimited),
        (EntitlementForm::Count, number) => {
            let wanted = || format!("`{key}` is a number or `unlimited`, not `{number}`");
            number.parse().map(EntitlementValue::Count).with_context(wanted)
        }
        (EntitlementForm::Flag, "yes") => Ok(EntitlementValue::Flag(true)),
        (EntitlementForm::Flag, "no") => Ok(EntitlementValue::Flag(false)),
        (EntitlementForm::Flag, other) => anyhow::bail!("`{key}` is `yes` or `no`, not `{other}`"),
        (EntitlementForm::Words, words) => {
            let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(EntitlementValue::Words(words.map(str::to_owned).collect()))
        }
    }
}

/// Says what a company may have now: all of it, or of one key.
async fn say(engine: &Engine, slug: &str, json: bool, only: Option<EntitlementKey>) -> anyhow::Result<()> {
    let tenant = tenant(engine, slug)?;
    let mut all = engine.entitlements(&context(tenant.id).principal).await?;
    all.retain(|entitlement| only.is_none_or(|key| key == entitlement.key));
    if json {
        let entitlements: Vec<Value> = all.iter().map(as_json).collect();
        return output::json(&json!({ "tier": tenant.tier.as_str(), "entitlements": entitlements }));
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|Entitlement { key, value, used, agreed, agreed_until, .. }| {
            let source = match (agreed, agreed_until) {
                (false, _) => tenant.tier.as_str().to_lowercase(),
                (true, None) => "agreed".to_owned(),
                (true, Some(until)) => format!("agreed until {until}"),
            };
            let used = used.map(|used| used.to_string()).unwrap_or_default();
            vec![key.to_string(), value.to_string(), used, source]
        })
        .collect();
    Ok(output::table(&["Of", "May have", "Used", "By"], &rows)?)
}

fn as_json(entitlement: &Entitlement) -> Value {
    let value = match &entitlement.value {
        EntitlementValue::Count(count) => json!(count),
        EntitlementValue::Unlimited => json!("unlimited"),
        EntitlementValue::Flag(allowed) => json!(allowed),
        EntitlementValue::Words(words) => json!(words),
    };
    json!({
        "key": entitlement.key.as_str(),
        "value": value,
        "used": entitlement.used,
        "resetsAt": entitlement.resets_at.map(|at| at.to_string()),
        "agreed": entitlement.agreed,
        "agreedUntil": entitlement.agreed_until.map(|at| at.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_its_key_wants_it() {
        let read =
            |key, text| value(key, text).map(|value| value.to_string()).map_err(|error| error.to_string());
        assert_eq!(read(EntitlementKey::Users, "40"), Ok("40".into()));
        assert_eq!(read(EntitlementKey::Users, "unlimited"), Ok("unlimited".into()));
        assert_eq!(read(EntitlementKey::WhiteLabel, "yes"), Ok("yes".into()));
        assert_eq!(read(EntitlementKey::Integrations, "email, slack,"), Ok("email, slack".into()));
        for (key, text) in [
            (EntitlementKey::Users, "-1"),
            (EntitlementKey::Users, "many"),
            (EntitlementKey::WhiteLabel, "1"),
        ] {
            assert!(value(key, text).is_err(), "{text}");
        }
    }
}
