//! Flags, environment, settings file, in that order: one mechanism for all commands.
//!
//! The file's values become the defaults of the flags with their names before the command line is parsed, so that
//! the order, the types and the help are the parser's own. It does not know what any flag means.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Error, FromArgMatches as _};
use toml::{Table, Value};

use super::Cli;

/// Names the settings file when `--config` does not.
pub(super) const CONFIG_VARIABLE: &str = "MORTISE_CONFIG";

const CONFIG_FLAG: &str = "--config";

/// The longest settings file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The command line, completed from the environment and the settings file.
///
/// # Errors
/// As the parser has it: help and version, which are no failures; a wrong command line; a settings file that cannot
/// be read or names something that does not exist.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut command = Cli::command();
    if let Some(path) = config_path(&arguments, std::env::var_os(CONFIG_VARIABLE)) {
        let refuse = |why: String| {
            let message = format!("settings file {}: {why}", path.display());
            Error::raw(ErrorKind::InvalidValue, message).with_cmd(&Cli::command())
        };
        let table = read(&path).map_err(refuse)?;
        command = with_defaults(command, table, "").map_err(refuse)?;
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Where the settings file lies, if there is one. Flags behind `--` are not flags.
fn config_path(arguments: &[OsString], variable: Option<OsString>) -> Option<PathBuf> {
    let mut flags = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = flags.next() {
        if argument == CONFIG_FLAG {
            return flags.next().map(PathBuf::from);
        }
        let text = argument.to_str().unwrap_or_default();
        if let Some(path) = text.strip_prefix(CONFIG_FLAG).and_then(|rest| rest.strip_prefix('=')) {
            return Some(PathBuf::from(path));
        }
    }
    variable.filter(|path| path != OsStr::new("")).map(PathBuf::from)
}

fn read(path: &Path) -> Result<Table, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("has {size} bytes; at most {FILE_BYTES_MAX} are read"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    text.parse().map_err(|error: toml::de::Error| error.to_string().trim_end().to_owned())
}

/// This command with the table's values as defaults of its flags, and likewise its subcommands with inner tables.
fn with_defaults(mut command: Command, table: Table, at: &str) -> Result<Command, String> {
    for (key, value) in table {
        let place = format!("{at}{key}");
        if let Value::Table(inner) = value {
            let Some(subcommand) = command.find_subcommand(&key).cloned() else {
                return Err(format!("there is no command `{}`", place.replace('.', " ")));
            };
            let subcommand = with_defaults(subcommand, inner, &format!("{place}."))?;
            command = command.mut_subcommand(&key, |_| subcommand);
        } else {
            let text =
                as_argument(&value).ok_or_else(|| format!("`{place}` takes one value, not several"))?;
            let Some(flag) = command.get_arguments().find(|arg| arg.get_long() == Some(&key)) else {
                return Err(format!("there is no flag `--{key}`{}", known(&command)));
            };
            let id = flag.get_id().clone();
            command = command.mut_arg(id, |flag: Arg| flag.required(false).default_value(text));
        }
    }
    Ok(command)
}

fn as_argument(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        Value::Float(_) | Value::Datetime(_) => Some(value.to_string()),
        Value::Array(_) | Value::Table(_) => None,
    }
}

fn known(command: &Command) -> String {
    let names: Vec<String> = command
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .filter(|name| !matches!(*name, "help" | "version" | "config"))
        .map(|name| format!("`{name}`"))
        .collect();
    format!("; `{}` takes {}", command.get_name(), names.join(", "))
}

#[cfg(test)]
mod tests;
