//! `mortise plugin new`: the files of a new plugin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};

use super::templates::{self, File};
use crate::cli::{Outcome, output};

/// Where the SDK is laid beside a new plugin in Rust, and the name of its package.
const SDK_FOLDER: &str = "mortise-sdk";

/// What to begin.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mortise plugin new acme.estimate-gate
  mortise plugin new acme.estimate-gate --lang js
  mortise plugin new acme.estimate-gate --sdk ../mortise/sdk-plugin")]
pub(in crate::cli) struct NewFlags {
    /// Its id, such as acme.estimate-gate; the last part names the folder
    #[arg(value_name = "ID")]
    id: String,
    /// In which language
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// Folder of the SDK; else it is laid inside the new folder (Rust alone)
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
    /// Where to make the folder
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    within: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Js,
    Python,
}

pub(super) fn run(flags: &NewFlags) -> anyhow::Result<Outcome> {
    let (id, name) = named(&flags.id)?;
    let is_rust = flags.lang == Language::Rust;
    ensure!(is_rust || flags.sdk.is_none(), "--sdk is for a plugin in Rust: no other language has an SDK");
    ensure!(
        !is_rust || name != SDK_FOLDER,
        "`{SDK_FOLDER}` is the name of the SDK, and cargo takes no two packages of one name: choose another last part"
    );
    let folder = flags.within.join(&name);
    ensure!(!folder.exists(), "{} is there already: choose another name, or remove it", folder.display());
    let sdk = match (&flags.sdk, flags.lang) {
        (Some(sdk), Language::Rust) => {
            ensure!(sdk.join("Cargo.toml").exists(), "{} holds no SDK: it has no Cargo.toml", sdk.display());
            let whole = fs::canonicalize(sdk).with_context(|| format!("cannot look at {}", sdk.display()))?;
            whole.to_string_lossy().into_owned()
        }
        _ => SDK_FOLDER.to_owned(),
    };
    let values = [("id", id.as_str()), ("name", name.as_str()), ("sdk", sdk.as_str())];
    let (own, beside): (&[File], &[File]) = match flags.lang {
        Language::Rust => (templates::RUST, &[]),
        Language::Js => (templates::JAVASCRIPT, templates::CONTRACT),
        Language::Python => (templates::PYTHON, templates::CONTRACT),
    };
    for (path, text) in own {
        write(&folder.join(path), &templates::filled(text, &values))?;
    }
    for (path, text) in beside {
        write(&folder.join(path), text)?;
    }
    if is_rust && flags.sdk.is_none() {
        for (path, text) in templates::SDK {
            write(&folder.join(SDK_FOLDER).join(path), text)?;
        }
    }
    let test = match flags.lang {
        Language::Rust => "cargo test",
        Language::Js => "npm install && npm test",
        Language::Python => {
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n  python3 -m unittest"
        }
    };
    let folder = folder.display();
    output::line(format_args!(
        "made {folder}\n\nnext:\n  cd {folder}\n  {test}\n  mortise plugin build\n  mortise plugin check {name}.wasm"
    ))?;
    Ok(Outcome::Done)
}

/// The id, and the name of the folder. A plain name gets `my` before it.
fn named(text: &str) -> anyhow::Result<(String, String)> {
    let fits = |part: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(plain) && !part.ends_with('-')
    };
    ensure!(
        text.len() <= 100 && text.split('.').all(fits),
        "`{text}` is no id of a plugin: parts of small letters, digits and hyphens, joined by dots, such as acme.estimate-gate"
    );
    let name = text.rsplit('.').next().unwrap_or(text).to_owned();
    let id = if text.contains('.') { text.to_owned() } else { format!("my.{text}") };
    Ok((id, name))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(path, text).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_folder() {
        assert_eq!(
            named("acme.estimate-gate").unwrap(),
            ("acme.estimate-gate".into(), "estimate-gate".into())
        );
        assert_eq!(named("gate").unwrap(), ("my.gate".into(), "gate".into()));
        for wrong in ["", "Acme.gate", "acme..gate", "acme.gate-", "../gate", "a b", "acme/gate"] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_would_be_ignored_or_could_not_be_built_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let begun = |id: &str, lang, sdk: Option<&str>| {
            let sdk = sdk.map(PathBuf::from);
            let flags = NewFlags { id: id.into(), lang, sdk, within: folder.path().into() };
            run(&flags).map(drop).map_err(|error| error.to_string())
        };
        for lang in [Language::Js, Language::Python] {
            assert!(begun("acme.gate", lang, Some(".")).unwrap_err().contains("--sdk"), "{lang:?}");
        }
        assert!(begun("acme.mortise-sdk", Language::Rust, None).unwrap_err().contains("the name of the SDK"));
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was made");
        assert_eq!(begun("acme.mortise-sdk", Language::Js, None), Ok(()));
    }

    #[test]
    fn every_placeholder_is_filled_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        for (lang, id) in
            [(Language::Rust, "acme.one"), (Language::Js, "acme.two"), (Language::Python, "acme.three")]
        {
            let flags = NewFlags { id: id.into(), lang, sdk: None, within: folder.path().into() };
            run(&flags).unwrap();
            let name = id.rsplit('.').next().unwrap();
            for file in ["README.md", "plugin.toml"] {
                let text = fs::read_to_string(folder.path().join(name).join(file)).unwrap();
                assert!(!text.contains("{{"), "{lang:?} {file}: {text}");
            }
            assert!(run(&flags).is_err(), "it is there already");
        }
        let manifest = fs::read(folder.path().join("one/plugin.toml")).unwrap();
        let manifest = mortise::plugins::manifest::Manifest::parse(&manifest).unwrap();
        assert_eq!(manifest.id, "acme.one");
        assert!(folder.path().join("one/mortise-sdk/src/lib.rs").exists());
    }
}
