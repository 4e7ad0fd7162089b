use clap::Parser;

use super::*;

/// A small command line of the same shape as the real one.
#[derive(Debug, Parser)]
struct Small {
    #[arg(long, global = true, env = "MORTISE_TEST_OF_SETTINGS_UNSET")]
    data: Option<String>,
    /// `PATH` stands for a variable of ours: it is set wherever tests run.
    #[arg(long, global = true, env = "PATH")]
    path: Option<String>,
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Serve {
        #[arg(long, default_value = "built in")]
        listen: String,
        #[arg(long)]
        quiet: bool,
        #[arg(long)]
        name: String,
    },
}

fn parsed(file: &str, arguments: &[&str]) -> Result<Small, String> {
    let table = file.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let command = with_defaults(Small::command(), table, "")?;
    let matches = command.try_get_matches_from(arguments).map_err(|error| error.to_string())?;
    Small::from_arg_matches(&matches).map_err(|error| error.to_string())
}

#[test]
fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
    let file = "data = 'file'\npath = 'file'\n[serve]\nname = 'file'";
    let small = parsed(file, &["mortise", "serve"]).unwrap();
    assert_eq!(small.data.as_deref(), Some("file"));
    assert_eq!(small.path, std::env::var("PATH").ok());
    let small = parsed(file, &["mortise", "serve", "--data", "flag", "--path", "flag"]).unwrap();
    assert_eq!((small.data.as_deref(), small.path.as_deref()), (Some("flag"), Some("flag")));
    let small = parsed(file, &["mortise", "--data", "flag", "serve"]).unwrap();
    assert_eq!(small.data.as_deref(), Some("flag"), "a flag of all commands may stand before the command");
}

#[test]
fn the_file_beats_what_is_built_in_and_can_give_what_is_required() {
    let Sub::Serve { listen, quiet, name } =
        parsed("[serve]\nlisten = 'file'\nquiet = true\nname = 7", &["mortise", "serve"]).unwrap().command;
    assert_eq!((listen.as_str(), quiet, name.as_str()), ("file", true, "7"));
    let Sub::Serve { listen, quiet, .. } = parsed("", &["mortise", "serve", "--name", "x"]).unwrap().command;
    assert_eq!((listen.as_str(), quiet), ("built in", false));
    assert!(parsed("", &["mortise", "serve"]).unwrap_err().contains("--name"));
}

#[test]
fn a_misspelt_key_is_refused_with_those_there_are() {
    let refusal = |file: &str| parsed(file, &["mortise", "serve", "--name", "x"]).unwrap_err();
    assert!(refusal("[serve]\nlisen = ''").contains("there is no flag `--lisen`; `serve` takes `listen`"));
    assert!(refusal("[sreve]\nlisten = ''").contains("there is no command `sreve`"));
    assert!(refusal("[serve.now]\nlisten = ''").contains("there is no command `serve now`"));
    assert!(refusal("data = ['a', 'b']").contains("`data` takes one value"));
    assert!(refusal("data = ").contains("line 1"));
}

#[test]
fn the_file_is_named_by_the_flag_or_else_by_the_environment() {
    let path = |arguments: &[&str], variable: Option<&str>| {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        config_path(&arguments, variable.map(OsString::from)).map(|path| path.display().to_string())
    };
    assert_eq!(path(&["mortise", "serve", "--config", "a"], Some("b")).as_deref(), Some("a"));
    assert_eq!(path(&["mortise", "--config=a", "serve"], Some("b")).as_deref(), Some("a"));
    assert_eq!(path(&["mortise", "serve", "--", "--config", "a"], Some("b")).as_deref(), Some("b"));
    assert_eq!(path(&["mortise", "serve", "--configure", "a"], Some("")), None);
}

#[test]
fn the_real_command_line_takes_its_settings_from_a_file() {
    Cli::command().debug_assert();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mortise.toml");
    std::fs::write(
        &file,
        "data = '/somewhere'\n[serve]\nlisten = '127.0.0.1:0'\n[tenant.create]\ntier = 'premium'",
    )
    .unwrap();
    let arguments = |more: &[&str]| {
        let start = ["mortise".into(), "--config".into(), file.clone().into_os_string()];
        start.into_iter().chain(more.iter().map(OsString::from)).collect::<Vec<_>>()
    };
    let cli = parse(arguments(&["serve"])).unwrap();
    assert!(format!("{cli:?}").contains("/somewhere"), "{cli:?}");
    assert!(format!("{cli:?}").contains("127.0.0.1:0"), "{cli:?}");
    let tenant = ["tenant", "create", "acme", "--name", "Acme", "--admin-email", "a@acme.example"];
    assert!(format!("{:?}", parse(arguments(&tenant)).unwrap()).contains("Premium"));
}

#[test]
fn a_settings_file_that_is_not_there_is_a_mistake_of_use() {
    let error =
        parse(["mortise", "--config", "/nowhere/mortise.toml", "serve"].map(OsString::from)).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("/nowhere/mortise.toml"), "{error}");
}
