//! `mortise plugin recompile`: code of plugins is compiled before a server needs it.

use std::path::PathBuf;

use clap::Args;
use mortise::Engine;
use mortise::plugins::{Plugins, PluginsConfig, own_worker};
use serde_json::json;

use crate::cli::place::Place;
use crate::cli::serve::plugin_keys;
use crate::cli::{Outcome, output};

/// The folder of plugins in the data folder.
const FOLDER: &str = "plugins";

/// How to say it.
#[derive(Debug, Args)]
#[command(after_help = "\
A server does this by itself, behind what it serves; done before it starts, nobody waits after an upgrade of the program.

Examples:
  mortise plugin recompile --data /var/lib/mortise")]
pub(in crate::cli) struct RecompileFlags {
    /// File of public keys that may sign for the catalogue, as `mortise serve` has it; may be repeated. Without it the log warns of
    /// each version of the catalogue, which changes nothing here
    #[arg(long, value_name = "FILE", env = "MORTISE_PLUGIN_KEYS", value_delimiter = ',')]
    plugin_keys: Vec<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, flags: &RecompileFlags) -> anyhow::Result<Outcome> {
    place.with_existing(async |engine| recompile(engine, flags).await).await
}

async fn recompile(engine: &Engine, flags: &RecompileFlags) -> anyhow::Result<Outcome> {
    let folder = engine.folder().join(FOLDER);
    let files = flags.plugin_keys.clone();
    let make = move || -> anyhow::Result<Plugins> {
        let mut config = PluginsConfig::in_folder(folder, own_worker()?)?;
        config.catalogue_keys = plugin_keys(&files)?;
        config.host = config.host.one_at_a_time();
        Ok(Plugins::new(config)?)
    };
    let plugins = tokio::task::spawn_blocking(make).await??;
    let failed = Box::pin(plugins.recompile(engine, |_, _| ())).await;
    let name = |id| engine.tenant_by_id(id).map_or_else(String::new, |tenant| tenant.slug.clone());
    if flags.json {
        let failed = failed.iter().map(|(tenant, plugin, error)| {
            json!({ "tenant": name(*tenant), "plugin": plugin, "error": error.message() })
        });
        output::json(&failed.collect::<Vec<_>>())?;
    } else {
        for (tenant, plugin, error) in &failed {
            output::line(format_args!("{}: {plugin}: {}", name(*tenant), error.message()))?;
        }
        let which = if failed.is_empty() { "all" } else { "all other" };
        output::remark(format_args!("{which} plugins that take part are compiled"));
    }
    Ok(if failed.is_empty() { Outcome::Done } else { Outcome::Differs })
}
