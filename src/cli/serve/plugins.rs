//! Plugins at a server: whether there are any, and whose signatures count in the catalogue.
//!
//! It does not know what a plugin is.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use mortise::Engine;
use mortise::plugins::signing::PublicKey;
use mortise::plugins::{Plugins, PluginsConfig, own_worker};

/// The folder of plugins in the data folder.
const FOLDER: &str = "plugins";

/// The largest file of public keys, in bytes.
const KEYS_BYTES_MAX: u64 = 64 * 1024;

/// See the module.
#[derive(Debug, Args)]
#[command(next_help_heading = "Plugins")]
pub(super) struct PluginFlags {
    /// Run no plugins, and serve nothing about them
    #[arg(long, env = "MORTISE_NO_PLUGINS")]
    no_plugins: bool,
    /// File of public keys that may sign for the catalogue of plugins, one a line, as `mortise plugin keygen` writes them; may
    /// be repeated. Without any the catalogue stays empty
    #[arg(long, value_name = "FILE", env = "MORTISE_PLUGIN_KEYS", value_delimiter = ',')]
    plugin_keys: Vec<PathBuf>,
    /// Let requests of plugins go to private addresses and plain HTTP
    #[arg(long, env = "MORTISE_ALLOW_PRIVATE_PLUGIN_REQUESTS")]
    allow_private_plugin_requests: bool,
}

impl PluginFlags {
    /// The plugins of this engine, at work; none where none are wanted.
    ///
    /// # Errors
    /// A file of keys cannot be read, the folder cannot be used, or the machine does not give what running them reserves.
    pub(super) async fn attach(&self, engine: &Engine) -> anyhow::Result<Option<Plugins>> {
        if self.no_plugins {
            return Ok(None);
        }
        let (folder, files) = (engine.folder().join(FOLDER), self.plugin_keys.clone());
        let private_networks = self.allow_private_plugin_requests;
        let make = move || -> anyhow::Result<Plugins> {
            let mut config = PluginsConfig::in_folder(folder, own_worker()?)?;
            config.catalogue_keys = keys(&files)?;
            config.private_networks = private_networks;
            Ok(Plugins::new(config)?)
        };
        let plugins = tokio::task::spawn_blocking(make).await?;
        let plugins = plugins.context("cannot run plugins; with --no-plugins the server does without")?;
        plugins.attach(engine).await;
        // After an upgrade of this program nobody's change waits for a compiler.
        drop(plugins.recompile_behind()?);
        Ok(Some(plugins))
    }
}

/// The keys in these files.
///
/// # Errors
/// A file cannot be read, or holds what is no key.
pub(in crate::cli) fn keys(files: &[PathBuf]) -> anyhow::Result<Vec<PublicKey>> {
    let mut keys = Vec::new();
    for file in files {
        let cannot = || format!("cannot read the keys in {}", file.display());
        let size = std::fs::metadata(file).with_context(cannot)?.len();
        anyhow::ensure!(
            size <= KEYS_BYTES_MAX,
            "{} has {size} bytes: at most {KEYS_BYTES_MAX} are read",
            file.display()
        );
        let text = std::fs::read_to_string(file).with_context(cannot)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let key = line
                .parse::<PublicKey>()
                .with_context(|| format!("cannot use a key in {}", file.display()))?;
            keys.push(key);
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mortise::plugins::signing::SigningKey;

    #[test]
    fn keys_are_read_line_by_line_and_a_wrong_one_is_named_by_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let key = SigningKey::generate().unwrap().public_key();
        std::fs::write(&file, format!("# ours\n{key}\n\n")).unwrap();
        assert_eq!(keys(std::slice::from_ref(&file)).unwrap(), [key]);
        std::fs::write(&file, "ed25519:nonsense\n").unwrap();
        assert!(keys(&[file]).unwrap_err().to_string().contains("keys"));
    }
}
