//! A company is founded: `mortise tenant create`, in the data folder or at a running server.
//!
//! It does not know what founding takes: the engine does.

use clap::Args;
use mortise::identity::Password;
use mortise::model::{SearchLanguage, Tier};
use mortise::{Destination, Engine, FirstAdmin, NewTenant, Provisioned};
use serde_json::{Value, json};

use super::super::place::Place;
use super::super::remote::{Desk, Remote, ServerFlags};
use super::super::{output, password};
use super::{FIELDS, as_json, keeping, operator, standing};

/// A company to be founded.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --admin-password-stdin and --invite a password is made and said once. With --idempotency-key one of the two is
needed: a password that was made could not be said again.

Examples:
  mortise tenant create acme --name \"Acme Ltd\" --tier basic --admin-email ada@acme.example --team ENG
  echo \"$SECRET\" | mortise tenant create acme --name Acme --tier premium \\
      --admin-email ada@acme.example --admin-password-stdin
  mortise tenant create acme --name Acme --tier basic --admin-email ada@acme.example --invite \\
      --server https://tracker.example.com --token-file root.key --idempotency-key order-4711")]
pub(in crate::cli) struct CreateFlags {
    /// The name people type at sign-in: 2 to 40 of a-z, 0-9 and hyphens
    slug: String,
    /// How it is shown
    #[arg(long)]
    name: String,
    /// What it has bought
    #[arg(long, value_parser = super::tier())]
    tier: Tier,
    /// The address of its first super admin
    #[arg(long)]
    admin_email: String,
    /// How the first super admin is shown [default: the address]
    #[arg(long)]
    admin_name: Option<String>,
    /// Read the first super admin's password from the first line of standard input
    #[arg(long)]
    admin_password_stdin: bool,
    /// Give the first super admin the token of a link by which they choose their password, good for a week
    #[arg(long, conflicts_with = "admin_password_stdin")]
    invite: bool,
    /// Make a first team with this key, such as ENG
    #[arg(long, value_name = "KEY")]
    team: Option<String>,
    /// The language most of its texts are in; search finds words by their stems [default: en]
    #[arg(long, value_parser = super::language())]
    language: Option<SearchLanguage>,
    /// Where its days and weeks begin, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Where its data is to lie, in your own words, such as eu-central
    #[arg(long)]
    region: Option<String>,
    /// In what kind of store its data lies [default: where its tier belongs]
    #[arg(long, value_name = "KIND", value_parser = keeping::home())]
    home: Option<Destination>,
    /// A name for this one founding: repeated under it, the company that was founded is answered
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// Founds a company, and says what was founded.
///
/// # Errors
/// As the engine or the server says.
pub(super) async fn create(place: &Place, flags: CreateFlags) -> anyhow::Result<()> {
    anyhow::ensure!(
        flags.idempotency_key.is_none() || flags.invite || flags.admin_password_stdin,
        "with --idempotency-key, say --invite or --admin-password-stdin: a password that is made now could not be said again"
    );
    let (password, made) = match flags.invite {
        true => (None, false),
        false => {
            let chosen = password::choose_text(flags.admin_password_stdin).await?;
            (Some(chosen.text), chosen.made)
        }
    };
    let answer = match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let (new, key) = (wanted(&flags, password.clone()), flags.idempotency_key.clone());
            let found = async |engine: &Engine| Ok(engine.provision_tenant(&operator(), new, key).await?);
            founded(&place.with_engine(found).await?)
        }
        Desk::Server(remote) => ask_to_found(&remote, &flags, password.as_deref()).await?,
    };
    let shown = password.filter(|_| made);
    if flags.json {
        let mut answer = answer;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("password".to_owned(), shown.into());
        }
        return output::json(&answer);
    }
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let verb =
        if answer.get("replayed") == Some(&Value::Bool(true)) { "was founded before" } else { "founded" };
    output::line(format_args!("{verb} {} ({})", text("/tenant/slug"), text("/tenant/id")))?;
    output::line(format_args!("super admin: {}", flags.admin_email))?;
    if let Some(password) = shown {
        output::line(format_args!("password: {password}"))?;
    }
    if let Some(link) = answer.get("invitation").filter(|link| link.is_object()) {
        standing::say_link(link)?;
    }
    if let Some(key) = flags.team {
        output::line(format_args!("first team: {}", key.to_uppercase()))?;
    }
    Ok(())
}

fn wanted(flags: &CreateFlags, password: Option<String>) -> NewTenant {
    let admin = FirstAdmin {
        name: flags.admin_name.clone().unwrap_or_else(|| flags.admin_email.clone()),
        email: flags.admin_email.clone(),
        password: password.map(Password::new),
    };
    let (home, placement) = flags.home.clone().unwrap_or(Destination::Home).of_new();
    NewTenant {
        slug: flags.slug.clone(),
        name: flags.name.clone(),
        tier: flags.tier,
        admin: Some(admin),
        team: flags.team.clone(),
        language: flags.language,
        time_zone: flags.time_zone.clone(),
        region: flags.region.clone(),
        home,
        placement,
    }
}

/// A company that was founded in the folder, as a server says it.
fn founded(done: &Provisioned) -> Value {
    let Provisioned { founded, invitation } = done;
    json!({
        "replayed": founded.replayed,
        "tenant": as_json(&founded.tenant),
        "adminId": founded.admin.map(|id| id.to_string()),
        "teamId": founded.team.map(|id| id.to_string()),
        "invitation": invitation.as_ref().map(standing::link),
    })
}

async fn ask_to_found(remote: &Remote, flags: &CreateFlags, password: Option<&str>) -> anyhow::Result<Value> {
    let document = format!(
        "mutation($input: TenantCreateInput!, $key: String) {{ tenantCreate(input: $input, idempotencyKey: $key) {{
            replayed tenant {{ {FIELDS} }} adminId teamId invitation {{ token expiresAt }}
            userErrors {{ message }} }} }}"
    );
    let input = json!({
        "slug": flags.slug,
        "name": flags.name,
        "tier": flags.tier.as_str(),
        "admin": { "email": flags.admin_email, "name": flags.admin_name, "password": password },
        "teamKey": flags.team,
        "language": flags.language.map(SearchLanguage::code),
        "timeZone": flags.time_zone,
        "region": flags.region,
        "home": keeping::home_word(flags.home.as_ref().unwrap_or(&Destination::Home))?,
    });
    let variables = json!({ "input": input, "key": flags.idempotency_key });
    let mut answer = remote.change(&document, variables).await?;
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("userErrors");
    }
    Ok(answer)
}
