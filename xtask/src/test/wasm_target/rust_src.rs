//! The standard library's sources of one compiler release, from Debian's package `rust-src`.
//!
//! apt is asked with a state of its own below a scratch folder, so that the machine's lists and packages stay as
//! they are and no privilege is needed. It does not know what the sources are for.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::step::Step;

/// The suites that may carry a release as new as ours, the likeliest first.
const SUITES: &[&str] = &["trixie-backports", "sid", "forky", "trixie"];

/// Signs every suite; part of Debian's base system.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Where apt finds packages when the machine's own lists name no mirror.
const DEFAULT_MIRROR: &str = "http://deb.debian.org/debian";

/// Downloads and unpacks the sources of `release` below `scratch`; answers the folder that holds `library/`.
///
/// # Errors
/// When apt is missing, no suite carries the release, or the package does not hold its sources.
pub(super) fn fetch(release: &str, scratch: &Path) -> anyhow::Result<PathBuf> {
    let mirror = mirror();
    let (suite, version) = SUITES
        .iter()
        .find_map(|suite| Some((suite, Apt::new(scratch, &mirror, suite).ok()?.version_of(release)?)))
        .with_context(|| format!("no suite of {mirror} has rust-src {release}"))?;
    Apt::new(scratch, &mirror, suite)?
        .command("apt-get", &["-qq", "download", &format!("rust-src={version}")])
        .run()?;

    let package = files(scratch).find(|path| path.extension().is_some_and(|ending| ending == "deb"));
    let package = package.with_context(|| format!("apt-get left no package in {}", scratch.display()))?;
    let unpacked = scratch.join("unpacked");
    Step::new("dpkg-deb").args(["-x".as_ref(), package.as_os_str(), unpacked.as_os_str()]).run()?;
    let sources = unpacked.join("usr/src").join(format!("rustc-{release}"));
    anyhow::ensure!(
        sources.join("library/std").is_dir(),
        "{} does not hold rustc {release}",
        package.display()
    );
    Ok(sources)
}

/// apt over one suite, with its state below the scratch folder.
struct Apt {
    options: Vec<String>,
    scratch: PathBuf,
}

impl Apt {
    fn new(scratch: &Path, mirror: &str, suite: &str) -> anyhow::Result<Self> {
        let state = scratch.join("apt").join(suite);
        for folder in ["lists/partial", "cache/archives/partial", "empty"] {
            std::fs::create_dir_all(state.join(folder))
                .with_context(|| format!("cannot make {}", state.display()))?;
        }
        let list = state.join("sources.list");
        std::fs::write(&list, format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n"))
            .with_context(|| format!("cannot write {}", list.display()))?;
        let options = [
            ("Dir::Etc::sourcelist", "sources.list"),
            ("Dir::Etc::sourceparts", "empty"),
            ("Dir::State::lists", "lists"),
            ("Dir::Cache", "cache"),
        ];
        let own = options.iter().map(|(name, path)| format!("-o{name}={}", state.join(path).display()));
        // Without this apt drops to a user who may not read the scratch folder.
        let options = own.chain(["-oAPT::Sandbox::User=root".to_owned()]).collect();
        Ok(Self { options, scratch: scratch.to_path_buf() })
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Step {
        Step::new(program).args(&self.options).args(arguments).within(&self.scratch)
    }

    /// The package's full version, such as `1.95.0+dfsg1-1`, if this suite has one for the release.
    fn version_of(&self, release: &str) -> Option<String> {
        self.command("apt-get", &["-qq", "update"]).run().ok()?;
        version_in(&self.command("apt-cache", &["madison", "rust-src"]).output().ok()?, release)
    }
}

/// Reads apt's table `package | version | origin`.
fn version_in(table: &str, release: &str) -> Option<String> {
    let versions = table.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    versions.into_iter().find(|version| version.starts_with(&format!("{release}+"))).map(str::to_owned)
}

/// The Debian mirror that the machine's own lists name, since that one is known to be reachable.
fn mirror() -> String {
    let lists = std::iter::once(PathBuf::from("/etc/apt/sources.list"))
        .chain(files(Path::new("/etc/apt/sources.list.d")));
    let texts = lists.filter_map(|list| std::fs::read_to_string(list).ok());
    texts.into_iter().find_map(|text| mirror_in(&text)).unwrap_or_else(|| DEFAULT_MIRROR.to_owned())
}

fn mirror_in(list: &str) -> Option<String> {
    let lines = list.lines().filter(|line| line.starts_with("URIs:") || line.starts_with("deb "));
    let mut words = lines.flat_map(str::split_whitespace).map(|word| word.trim_end_matches('/'));
    words.find(|word| word.starts_with("http") && word.ends_with("/debian")).map(str::to_owned)
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_read_from_either_form_of_list() {
        let new = "Types: deb\n# http://old/debian\nURIs: http://near/debian/\nSuites: stable\n";
        let old = "deb https://other/apt sdk main\ndeb [arch=amd64] http://near/debian stable main\n";
        assert_eq!(mirror_in(new).as_deref(), Some("http://near/debian"));
        assert_eq!(mirror_in(old).as_deref(), Some("http://near/debian"));
        assert_eq!(mirror_in("deb http://near/debian-security stable main\n"), None);
    }

    #[test]
    fn only_the_very_release_will_do() {
        let table =
            " rust-src | 1.95.1+dfsg1-1 | http://near sid\n rust-src | 1.95.0+dfsg1-2 | http://near sid\n";
        assert_eq!(version_in(table, "1.95.0").as_deref(), Some("1.95.0+dfsg1-2"));
        assert_eq!(version_in(table, "1.9"), None);
    }
}
