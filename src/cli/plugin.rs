//! `mortise plugin`: writing plugins, and looking after those of a company.
//!
//! Writing needs no server: each command is a file of its own below. It knows no rules: the host and the manifest do.

mod address;
mod at;
mod backlog;
mod backtest;
mod build;
mod catalogue;
mod check;
mod code;
mod dead;
mod install;
mod installed;
mod key;
mod local;
mod logs;
mod new;
mod paint;
mod recompile;
mod rehearse;
mod replay;
mod report;
mod runs;
mod secret;
mod templates;
mod test;
mod turn;
mod upload;
mod which;
mod words;

use clap::Subcommand;

use super::Outcome;
use super::place::Place;

/// What one can do with plugins.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
From nothing to a plugin that runs:
  mortise plugin new acme.estimate-gate
  cd estimate-gate && cargo test
  mortise plugin build
  mortise plugin check estimate-gate.wasm
  mortise plugin test estimate-gate.wasm
From there into a company, by a key of an admin of scope ADMIN:
  mortise plugin upload estimate-gate.wasm --server https://tracker.example.com --token-file acme.key
  mortise plugin install acme.estimate-gate --grant-all --shadow --enable --server … --token-file …
  mortise plugin backtest acme.estimate-gate --server … --token-file …")]
pub(super) enum PluginCommand {
    /// Begin a plugin in Rust, JavaScript or Python
    New(new::NewFlags),
    /// Build the component and pack its manifest into it
    Build(build::BuildFlags),
    /// Hold a component against its manifest and the limits, and compile it
    Check(check::CheckFlags),
    /// Run it on the real host, in a company that stands in a file
    Test(Box<test::TestFlags>),
    /// Do a recorded run again
    Replay(replay::ReplayFlags),
    /// Make a key that signs for the catalogue
    Keygen(key::KeygenFlags),
    /// Sign a component for the catalogue
    Sign(key::SignFlags),
    /// Bring a component into a company
    Upload(upload::UploadFlags),
    /// Show code that the company has, and what it would ask for beyond the version that runs
    Inspect(code::InspectFlags),
    /// Let code go that no plugin needs
    Forget(code::ForgetFlags),
    /// List what a company has installed
    List(installed::ListFlags),
    /// Show an installed plugin
    Show(installed::ShowFlags),
    /// Install code that the company has
    Install(Box<install::InstallFlags>),
    /// Change settings, teams, order, mode, or what a failure means
    Configure(Box<install::ConfigureFlags>),
    /// Let a plugin take part
    Enable(turn::EnableFlags),
    /// Have a plugin take no part
    Disable(turn::DisableFlags),
    /// Have a plugin run other code
    Upgrade(Box<install::UpgradeFlags>),
    /// Have a plugin run code that it ran before
    Rollback(turn::RollBackFlags),
    /// Take a plugin away, with all that it kept
    Remove(turn::RemoveFlags),
    /// The address at which a plugin takes requests from outside
    Address(address::AddressFlags),
    /// Secrets of a plugin
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// List what a plugin did
    Runs(runs::RunsFlags),
    /// Say what a plugin logged
    Logs(logs::LogsFlags),
    /// Show one run, or save its recording
    Run(runs::RunFlags),
    /// Have the server do a recorded run again
    ReplayRun(runs::ReplayRunFlags),
    /// Say what a plugin would have done to what has happened
    Backtest(backtest::BacktestFlags),
    /// Say what a handler would do, without any effect
    Rehearse(rehearse::RehearseFlags),
    /// Say what waits for a plugin
    Backlog(backlog::BacklogFlags),
    /// List what a plugin has given up
    DeadLetters(dead::DeadLettersFlags),
    /// Have it done again
    Redeliver(dead::RedeliverFlags),
    /// Compile all plugins that take part in a data folder
    Recompile(recompile::RecompileFlags),
    /// The catalogue of those who run the platform
    #[command(subcommand)]
    Catalogue(catalogue::CatalogueCommand),
}

/// Runs the command.
///
/// # Errors
/// As it says itself.
pub(super) async fn run(place: &Place, command: PluginCommand) -> anyhow::Result<Outcome> {
    match command {
        PluginCommand::New(flags) => new::run(&flags),
        PluginCommand::Build(flags) => build::run(&flags),
        PluginCommand::Check(flags) => check::run(&flags).await,
        PluginCommand::Test(flags) => Box::pin(test::run(&flags)).await,
        PluginCommand::Replay(flags) => Box::pin(replay::run(&flags)).await,
        PluginCommand::Keygen(flags) => key::generate(&flags),
        PluginCommand::Sign(flags) => key::sign(&flags),
        PluginCommand::Recompile(flags) => Box::pin(recompile::run(place, &flags)).await,
        // Those at a running server.
        PluginCommand::Upload(flags) => Box::pin(upload::run(&flags)).await,
        PluginCommand::Inspect(flags) => Box::pin(code::inspect(&flags)).await,
        PluginCommand::Forget(flags) => Box::pin(code::forget(&flags)).await,
        PluginCommand::List(flags) => Box::pin(installed::list(&flags)).await,
        PluginCommand::Show(flags) => Box::pin(installed::show(&flags)).await,
        PluginCommand::Install(flags) => Box::pin(install::install(&flags)).await,
        PluginCommand::Configure(flags) => Box::pin(install::configure(&flags)).await,
        PluginCommand::Enable(flags) => Box::pin(turn::enable(&flags)).await,
        PluginCommand::Disable(flags) => Box::pin(turn::disable(&flags)).await,
        PluginCommand::Upgrade(flags) => Box::pin(install::upgrade(&flags)).await,
        PluginCommand::Rollback(flags) => Box::pin(turn::roll_back(&flags)).await,
        PluginCommand::Remove(flags) => Box::pin(turn::remove(&flags)).await,
        PluginCommand::Address(flags) => Box::pin(address::run(&flags)).await,
        PluginCommand::Secret(command) => Box::pin(secret::run(command)).await,
        PluginCommand::Runs(flags) => Box::pin(runs::list(&flags)).await,
        PluginCommand::Logs(flags) => Box::pin(logs::run(&flags)).await,
        PluginCommand::Run(flags) => Box::pin(runs::show(&flags)).await,
        PluginCommand::ReplayRun(flags) => Box::pin(runs::replay(&flags)).await,
        PluginCommand::Backtest(flags) => Box::pin(backtest::run(&flags)).await,
        PluginCommand::Rehearse(flags) => Box::pin(rehearse::run(&flags)).await,
        PluginCommand::Backlog(flags) => Box::pin(backlog::run(&flags)).await,
        PluginCommand::DeadLetters(flags) => Box::pin(dead::list(&flags)).await,
        PluginCommand::Redeliver(flags) => Box::pin(dead::redeliver(&flags)).await,
        PluginCommand::Catalogue(command) => Box::pin(catalogue::run(command)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Command;

    /// Verbs that write a file or a line that is read as it is.
    const WITHOUT_JSON: [&str; 3] = ["new", "keygen", "sign"];

    const BACKTEST: &str = "bkt_019b7c0de1f27a3b8c4d5e6f70819203";

    fn verbs(of: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        for verb in of.get_subcommands() {
            let path = format!("{path} {}", verb.get_name());
            if verb.has_subcommands() {
                verbs(verb, &path, found);
            } else {
                found.push((path, verb.clone()));
            }
        }
    }

    #[test]
    fn every_verb_has_an_example_of_itself_and_answers_scripts_as_json() {
        let (all, mut found) = (PluginCommand::augment_subcommands(Command::new("plugin")), Vec::new());
        verbs(&all, "mortise plugin", &mut found);
        assert!(found.len() > 30, "{}", found.len());
        for (path, verb) in found {
            let said = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(
                said.contains(&format!("{path} ")) || said.contains(&format!("{path}\n")),
                "{path}: {said}"
            );
            let json = verb.get_arguments().any(|argument| argument.get_id() == "json");
            assert!(json != WITHOUT_JSON.contains(&verb.get_name()), "{path}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_what_may_stand_in_its_place() {
        let all = PluginCommand::augment_subcommands(Command::new("plugin"));
        let at = ["--server", "http://127.0.0.1:1", "--token-file", "acme.key"];
        let parsed = |words: &[&str]| {
            let words = [&["plugin"], words, &at[..]].concat();
            all.clone().try_get_matches_from(words).map(drop).map_err(|refused| refused.to_string())
        };
        for (words, expected) in [
            (&["redeliver", "acme.notifier"][..], &["LETTER", "--all"][..]),
            (&["backtest"], &["PLUGIN", "--digest", "--cancel"]),
        ] {
            let refused = parsed(words).unwrap_err();
            assert!(expected.iter().all(|word| refused.contains(word)), "{refused}");
        }
        for words in [
            &["redeliver", "acme.notifier", "one", "two"][..],
            &["redeliver", "acme.notifier", "--all", "--drop"],
            &["backtest", "acme.gate", "--query", "team:ENG"],
            &["backtest", "--cancel", BACKTEST],
        ] {
            assert_eq!(parsed(words), Ok(()), "{words:?}");
        }
        for words in [
            &["redeliver", "acme.notifier", "one", "--all"][..],
            &["backtest", "acme.gate", "--digest", "5f0c"],
            &["backtest", "--cancel", "bkt_1"],
            &["backtest", "--cancel", BACKTEST, "--query", "team:ENG"],
        ] {
            assert!(parsed(words).is_err(), "{words:?}");
        }
    }
}
