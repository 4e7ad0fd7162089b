//! What companies have bought, and what was agreed with them instead.
//!
//! It does not know what the tiers include: the engine says.

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use mortise::model::{EntitlementForm, EntitlementKey, EntitlementValue};
use mortise::time::Clock;
use mortise::{Engine, Entitlement};
use serde_json::{Value, json};

use super::super::expiry::Expiry;
use super::super::output;
use super::super::place::{Place, context, tenant};
use super::super::remote::{Desk, Remote};
use super::standing::How;

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
    #[command(flatten)]
    how: How,
}

/// A look at what a company may have.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant limits acme --json")]
pub(in crate::cli) struct LimitsFlags {
    /// The company
    slug: String,
    #[command(flatten)]
    how: How,
}

fn key() -> impl clap::builder::TypedValueParser<Value = EntitlementKey> {
    PossibleValuesParser::new(EntitlementKey::ALL.iter().map(|key| key.as_str()))
        .try_map(|word| EntitlementKey::from_word(&word).ok_or("there is no such key"))
}

/// What a company is asked for at a server.
const FIELDS: &str = "key limit unlimited allowed words used resetsAt agreed agreedUntil";

/// Agrees something, and says what holds now.
///
/// # Errors
/// The value is not of the key's form, or as the engine or the server says.
pub(super) async fn agree(place: &Place, flags: OverrideFlags) -> anyhow::Result<()> {
    let OverrideFlags { slug, key, value: text, until, how, .. } = flags;
    let value = text.as_deref().map(|text| value(key, text)).transpose()?;
    let shown = match how.at.desk(place).await? {
        Desk::Folder(place) => {
            let agree = async |engine: &Engine| {
                let cx = context(tenant(engine, &slug)?.id);
                let until = until.map(|until| until.from(engine.clock().now())).transpose()?;
                engine.override_entitlement(cx, key, value.map(|value| (value, until))).await?;
                look_here(engine, &slug).await
            };
            place.with_existing(agree).await?
        }
        Desk::Server(remote) => {
            // The server knows instants alone: a span is reckoned by this computer's clock.
            let now = Clock::system().now();
            let until = until.map(|until| until.from(now)).transpose()?.map(|until| until.to_string());
            let document = "mutation($id: ID!, $input: TenantOverrideInput!) {
                tenantOverride(id: $id, input: $input) { userErrors { message } } }";
            let input = json!({ "key": key.as_str(), "value": value.as_ref().map(as_input), "until": until });
            let id = remote.tenant_id(&slug).await?;
            remote.change(document, json!({ "id": id, "input": input })).await?;
            look_there(&remote, &slug).await?
        }
    };
    say(shown, how.json, Some(key))
}

/// Says what a company may have.
///
/// # Errors
/// As the engine or the server says.
pub(super) async fn limits(place: &Place, flags: LimitsFlags) -> anyhow::Result<()> {
    let LimitsFlags { slug, how } = flags;
    let shown = match how.at.desk(place).await? {
        Desk::Folder(place) => place.with_existing(async |engine| look_here(engine, &slug).await).await?,
        Desk::Server(remote) => look_there(&remote, &slug).await?,
    };
    say(shown, how.json, None)
}

/// What a company may have: its tier, and each entitlement as JSON.
struct Shown {
    tier: String,
    entitlements: Vec<Value>,
}

async fn look_here(engine: &Engine, slug: &str) -> anyhow::Result<Shown> {
    let tenant = tenant(engine, slug)?;
    let all = engine.entitlements(&context(tenant.id).principal).await?;
    Ok(Shown { tier: tenant.tier.as_str().to_owned(), entitlements: all.iter().map(as_json).collect() })
}

async fn look_there(remote: &Remote, slug: &str) -> anyhow::Result<Shown> {
    let id = remote.tenant_id(slug).await?;
    let document = format!(
        "query($id: ID!) {{ tenant(id: $id) {{ tier }} tenantEntitlements(id: $id) {{ {FIELDS} }} }}"
    );
    let data = remote.ask(&document, json!({ "id": id })).await?;
    let tier = data.pointer("/tenant/tier").and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = data.get("tenantEntitlements").and_then(Value::as_array).into_iter().flatten();
    Ok(Shown { tier, entitlements: all.map(of_server).collect() })
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
fn say(mut shown: Shown, json: bool, only: Option<EntitlementKey>) -> anyhow::Result<()> {
    let text = |of: &Value, field: &str| of.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    shown.entitlements.retain(|of| only.is_none_or(|key| text(of, "key") == key.as_str()));
    if json {
        return output::json(&json!({ "tier": shown.tier, "entitlements": shown.entitlements }));
    }
    let rows: Vec<Vec<String>> = shown
        .entitlements
        .iter()
        .map(|of| {
            let source = match (of.get("agreed") == Some(&Value::Bool(true)), text(of, "agreedUntil")) {
                (false, _) => shown.tier.to_lowercase(),
                (true, until) if until.is_empty() => "agreed".to_owned(),
                (true, until) => format!("agreed until {until}"),
            };
            let used = of.get("used").and_then(Value::as_u64).map(|used| used.to_string());
            vec![text(of, "key"), words(of.get("value")), used.unwrap_or_default(), source]
        })
        .collect();
    Ok(output::table(&["Of", "May have", "Used", "By"], &rows)?)
}

/// A value as people read it.
fn words(value: Option<&Value>) -> String {
    match value {
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) if words.is_empty() => "none".to_owned(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// A value as a server takes it.
fn as_input(value: &EntitlementValue) -> Value {
    match value {
        EntitlementValue::Count(count) => json!({ "limit": count }),
        EntitlementValue::Unlimited => json!({ "unlimited": true }),
        EntitlementValue::Flag(allowed) => json!({ "allowed": allowed }),
        EntitlementValue::Words(words) => json!({ "words": words }),
    }
}

/// An entitlement of a server's answer, in the form of [`as_json`].
fn of_server(of: &Value) -> Value {
    let field = |name: &str| of.get(name).cloned().unwrap_or_default();
    let form =
        of.get("key").and_then(Value::as_str).and_then(EntitlementKey::from_word).map(EntitlementKey::form);
    let value = match form {
        Some(EntitlementForm::Words) => field("words"),
        Some(EntitlementForm::Count) if field("unlimited") == Value::Bool(true) => json!("unlimited"),
        Some(EntitlementForm::Count) => field("limit"),
        _ => field("allowed"),
    };
    json!({
        "key": field("key"),
        "value": value,
        "used": field("used"),
        "resetsAt": field("resetsAt"),
        "agreed": field("agreed"),
        "agreedUntil": field("agreedUntil"),
    })
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
