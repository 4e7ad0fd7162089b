//! `mortise token`: API keys are made. A key is shown once and can be read nowhere afterwards.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::model::{KeyScope, Network};
use mortise::{Engine, NewApiKey};

use super::expiry::Expiry;
use super::place::{Place, context, member, tenant};
use super::{Outcome, output};

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make an API key and print it
    Create(CreateFlags),
}

/// A key to be made.
#[derive(Debug, Args)]
#[command(after_help = "\
Standard output is the key and nothing else, so a script can keep it; --output keeps it in a file that you alone can read.

Examples:
  mortise token create --tenant acme --member ada@acme.example --expires 90d --output acme.key
  TOKEN=$(mortise token create --tenant acme --member ada@acme.example --name ci --expires 90d)")]
pub(super) struct CreateFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address of the member in whose name the key acts
    #[arg(long, value_name = "EMAIL")]
    member: String,
    /// What the key is for
    #[arg(long, default_value = "made on the command line")]
    name: String,
    /// How far it reaches, within its owner's rights: read, write or admin
    #[arg(long, default_value = "admin", value_parser = scope())]
    scope: KeyScope,
    /// A network that it may be used from, such as 192.0.2.0/24; may be repeated [default: from everywhere]
    #[arg(long, value_name = "CIDR")]
    from: Vec<Network>,
    /// When it stops working: a span such as 12h, 90d or 52w, or a time [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// File of the key instead of standard output, for you alone to read; it must not be there yet
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn scope() -> impl clap::builder::TypedValueParser<Value = KeyScope> {
    PossibleValuesParser::new(["read", "write", "admin"])
        .try_map(|word| KeyScope::from_word(&word.to_ascii_uppercase()).ok_or("there is no such scope"))
}

pub(super) async fn run(place: &Place, command: TokenCommand) -> anyhow::Result<Outcome> {
    let TokenCommand::Create(flags) = command;
    place.with_existing(async |engine| create(engine, &flags).await).await?;
    Ok(Outcome::Done)
}

async fn create(engine: &Engine, flags: &CreateFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let member = member(engine, &cx, &flags.member).await?.with_context(|| {
        format!(
            "there is no member {} in {}: `mortise member list --tenant {}` shows those there are",
            flags.member, flags.tenant, flags.tenant
        )
    })?;
    let expires_at = flags.expires.map(|expiry| expiry.from(engine.clock().now())).transpose()?;
    let new = NewApiKey {
        member: member.id,
        name: flags.name.clone(),
        scope: flags.scope,
        expires_at,
        networks: flags.from.clone(),
    };
    // Where it cannot be kept, none is made.
    let mut file = flags.output.as_deref().map(private).transpose()?;
    let made = engine.create_api_key(cx, new).await;
    if let (Err(_), Some(path)) = (&made, &flags.output) {
        let _ = std::fs::remove_file(path);
    }
    let (_, key) = made?;
    match expires_at {
        Some(at) => {
            output::remark(format_args!("a key for {}, until {at}; it is not shown again", member.name))
        }
        None => {
            output::remark(format_args!("a key for {}, without an end; it is not shown again", member.name))
        }
    }
    match &mut file {
        Some(file) => writeln!(file, "{}", key.expose()).context("cannot write the key: make another one")?,
        None => output::line(key.expose())?,
    }
    Ok(())
}

/// A new file for its owner alone.
fn private(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("cannot make {}", path.display()))
}
