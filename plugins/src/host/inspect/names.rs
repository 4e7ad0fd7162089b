//! The names at a component's edge: which interfaces of the contract, in which version.

use super::super::task::Export;
use super::Refused;

/// The contract that this host speaks.
const SPOKEN: &str = "1.0.0";
/// The package of the contract, before the name of an interface.
const PACKAGE: &str = "mortise:plugin/";
/// What a component may import. `types` holds no functions, so it is not worth naming to anybody.
const IMPORTS: [&str; 10] =
    ["clock", "commands", "http", "issues", "kv", "log", "random", "secrets", "settings", "types"];

/// The names, understood.
pub(super) struct Names {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<Export>,
    pub(super) contract: String,
}

/// Understands the names of a component's imports and exports.
pub(super) fn sort(imports: &[&str], exports: &[&str]) -> Result<Names, Refused> {
    let mut names = Names { imports: Vec::new(), exports: Vec::new(), contract: String::from(SPOKEN) };
    let mut lowest: Option<Version> = None;
    for import in imports {
        let (interface, version) = split(import).ok_or_else(|| unknown(import))?;
        lowest = Some(spoken(version)?.max(lowest.unwrap_or_default()));
        if !IMPORTS.contains(&interface) {
            return Err(unknown(import));
        }
        if interface != "types" {
            names.imports.push(String::from(interface));
        }
    }
    // What it exports beside the hooks is nobody's affair: nothing of it is called.
    for (interface, version) in exports.iter().filter_map(|export| split(export)) {
        let Some(export) = Export::ALL.into_iter().find(|export| export.name() == interface) else {
            continue;
        };
        lowest = Some(spoken(version)?.max(lowest.unwrap_or_default()));
        names.exports.push(export);
    }
    if names.exports.is_empty() {
        return Err(Refused::NoExports);
    }
    if let Some(version) = lowest {
        names.contract = version.to_string();
    }
    names.imports.sort_unstable();
    names.imports.dedup();
    names.exports.sort_unstable();
    names.exports.dedup();
    Ok(names)
}

/// `mortise:plugin/issues@1.0.0` as interface and version.
fn split(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(PACKAGE)?.split_once('@')
}

/// Texts of an upload are shown in part only.
fn unknown(import: &str) -> Refused {
    Refused::Import(import.chars().filter(|c| !c.is_control()).take(100).collect())
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A version that this host speaks: of its major version, and not newer than itself.
fn spoken(text: &str) -> Result<Version, Refused> {
    let refused = || Refused::Contract { found: text.chars().take(40).collect(), spoken: SPOKEN };
    let version = parse(text).ok_or_else(refused)?;
    let own = parse(SPOKEN).ok_or_else(refused)?;
    if version.major == own.major && version <= own { Ok(version) } else { Err(refused()) }
}

fn parse(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
    let version = Version { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? };
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_named_once_and_types_not_at_all() {
        let imports =
            ["mortise:plugin/types@1.0.0", "mortise:plugin/log@1.0.0", "mortise:plugin/issues@1.0.0"];
        let names = sort(&imports, &["mortise:plugin/workflow@1.0.0", "other:thing/x@1.0.0"]).unwrap();
        assert_eq!(names.imports, ["issues", "log"]);
        assert_eq!(names.exports, [Export::Workflow]);
        assert_eq!(names.contract, "1.0.0");
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        let workflow = ["mortise:plugin/workflow@1.0.0"];
        for import in ["wasi:cli/environment@0.2.0", "mortise:plugin/shell@1.0.0", "env", ""] {
            assert_eq!(sort(&[import], &workflow).err(), Some(Refused::Import(import.into())));
        }
    }

    #[test]
    fn another_contract_is_refused() {
        for version in ["2.0.0", "0.1.0", "1.1.0", "1.0.0-rc.1", "1", "1.0.0.0", "99999999999.0.0"] {
            let refused = sort(&[], &[&format!("mortise:plugin/workflow@{version}")]).err();
            assert_eq!(refused, Some(Refused::Contract { found: version.into(), spoken: "1.0.0" }));
        }
        assert_eq!(sort(&[], &["run"]).err(), Some(Refused::NoExports));
    }
}
