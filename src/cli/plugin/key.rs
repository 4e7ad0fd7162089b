//! `mortise plugin keygen` and `sign`: keys of the catalogue, and signatures by them.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mortise::plugins::host::Digest;
use mortise::plugins::manifest::Manifest;
use mortise::plugins::signing::SigningKey;

use super::local;
use crate::cli::{Outcome, output};

/// Where to keep the key.
#[derive(Debug, Args)]
#[command(after_help = "\
The public key is printed: give it to `mortise serve --plugin-keys`. Keep the file where no server is.

Examples:
  mortise plugin keygen catalogue.pem > catalogue.pub")]
pub(in crate::cli) struct KeygenFlags {
    /// File of the new key; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What to sign, and by which key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin sign required-fields.wasm --key catalogue.pem")]
pub(in crate::cli) struct SignFlags {
    /// The component, with its manifest packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key that `keygen` made
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

pub(super) fn generate(flags: &KeygenFlags) -> anyhow::Result<Outcome> {
    let key = SigningKey::generate()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let cannot = || format!("cannot make {}", flags.file.display());
    let mut file = options.open(&flags.file).with_context(cannot)?;
    file.write_all(key.to_pkcs8_pem()?.as_bytes()).and_then(|()| file.sync_all()).with_context(cannot)?;
    output::line(key.public_key())?;
    output::remark(format_args!("wrote {}; above is its public key", flags.file.display()));
    Ok(Outcome::Done)
}

pub(super) fn sign(flags: &SignFlags) -> anyhow::Result<Outcome> {
    let pem = zeroize::Zeroizing::new(
        fs::read_to_string(&flags.key).with_context(|| format!("cannot read {}", flags.key.display()))?,
    );
    let key =
        SigningKey::from_pkcs8_pem(&pem).with_context(|| format!("{} is no key", flags.key.display()))?;
    let wasm = local::component(&flags.file)?;
    let manifest = Manifest::text_of_component(&wasm).with_context(|| {
        format!("{} is no plugin: `mortise plugin build` packs the manifest", flags.file.display())
    })?;
    let digest = Digest::of(&wasm);
    output::line(key.sign(&digest.0, manifest)?)?;
    Ok(Outcome::Done)
}
