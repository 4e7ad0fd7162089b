//! Makes `--target wasm32-unknown-unknown` work with our stable compiler, whichever way this machine allows.
//!
//! rustup is asked first. Where it cannot answer, the standard library is built once from Debian's package of
//! the very same compiler release and laid where rustup would have laid it; from then on nothing is special.
//! It does not know what is built for the target.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::workspace_folder;
use crate::step::{Step, cargo};

mod rust_src;

/// The target of every guest.
pub(super) const NAME: &str = "wasm32-unknown-unknown";

/// Installs the target's standard library unless it is there.
///
/// # Errors
/// When neither rustup nor Debian's packages have it.
pub(super) fn ensure() -> anyhow::Result<()> {
    let compiler = Compiler::ask()?;
    if compiler.has_target() {
        return Ok(());
    }
    // What is left of another release is of no use to this one, and would stand in rustup's way.
    compiler.remove_ours()?;
    match Step::new("rustup").args(["target", "add", NAME]).run() {
        Ok(()) if compiler.has_target() => return Ok(()),
        Ok(()) => eprintln!("  rustup serves another compiler than {}", compiler.sysroot.display()),
        Err(error) => eprintln!("  {error:#}; building the standard library instead"),
    }
    from_source(&compiler)
        .with_context(|| format!("cannot get {NAME} from rustup nor from Debian's rust-src"))
}

/// The compiler that `rust-toolchain.toml` selects.
struct Compiler {
    sysroot: PathBuf,
    /// `1.95.0`.
    release: String,
    /// All that `rustc -vV` says: two compilers with the same words read each other's libraries.
    identity: String,
}

impl Compiler {
    fn ask() -> anyhow::Result<Self> {
        let identity = Step::new("rustc").args(["-vV"]).output()?;
        let release = identity.lines().find_map(|line| line.strip_prefix("release: "));
        let release = release.context("`rustc -vV` names no release")?.to_owned();
        let sysroot = PathBuf::from(Step::new("rustc").args(["--print", "sysroot"]).output()?.trim_end());
        Ok(Self { sysroot, release, identity })
    }

    fn target_folder(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(NAME)
    }

    /// Lies beside the libraries we built, and says for which compiler.
    fn marker(&self) -> PathBuf {
        self.target_folder().join("built-from-rust-src")
    }

    fn has_target(&self) -> bool {
        let stale = std::fs::read_to_string(self.marker()).is_ok_and(|built_for| built_for != self.identity);
        let names = std::fs::read_dir(self.target_folder().join("lib")).into_iter().flatten().flatten();
        let names: Vec<String> =
            names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let has = |library: &str| names.iter().any(|name| name.starts_with(library));
        !stale && has("libcore-") && has("libstd-")
    }

    fn remove_ours(&self) -> anyhow::Result<()> {
        if !self.marker().exists() {
            return Ok(());
        }
        let folder = self.target_folder();
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
    }
}

/// About half a minute on two cores, once for each compiler release.
fn from_source(compiler: &Compiler) -> anyhow::Result<()> {
    let scratch = workspace_folder("xtask")?.join("rust-src");
    let _ = std::fs::remove_dir_all(&scratch);
    let sources = rust_src::fetch(&compiler.release, &scratch)?;
    let linked = LinkedSources::new(compiler, &sources)?;
    let libraries = build(&sources, &scratch)?;
    drop(linked);
    lay(compiler, &libraries)?;
    // Hundreds of megabytes; a leftover harms nobody.
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(())
}

/// Builds an empty crate with cargo's own way of building the standard library, and answers where the libraries lie.
///
/// That way is unstable, hence `RUSTC_BOOTSTRAP`, for this one build of a library we did not write.
fn build(sources: &Path, scratch: &Path) -> anyhow::Result<PathBuf> {
    let empty = scratch.join("empty");
    write(&empty.join("src/lib.rs"), "")?;
    write(
        &empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nedition = \"2024\"\n[profile.release]\npanic = \"abort\"\n[workspace]\n",
    )?;
    // Cargo separates encoded flags by this character, so that a path may hold a space.
    // Bitcode lets guests be optimised together with the library; the released one has it too.
    let flags = ["-Cembed-bitcode=yes", &format!("--remap-path-prefix={}=/rustc/src", sources.display())]
        .join("\u{1f}");
    let output = scratch.join("target");
    cargo(["build", "--quiet", "--release", "-Zbuild-std=std,panic_abort", "--target", NAME])
        .args(["--manifest-path".as_ref(), empty.join("Cargo.toml").as_os_str()])
        .args(["--target-dir".as_ref(), output.as_os_str()])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .run()?;
    Ok(output.join(NAME).join("release/deps"))
}

/// Copies the built libraries to where the compiler looks, and marks them as ours last.
fn lay(compiler: &Compiler, libraries: &Path) -> anyhow::Result<()> {
    let home = compiler.target_folder().join("lib");
    std::fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    for entry in std::fs::read_dir(libraries)
        .with_context(|| format!("cannot list {}", libraries.display()))?
        .flatten()
    {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.starts_with("lib") && text.ends_with(".rlib") && !text.starts_with("libempty-") {
            std::fs::copy(entry.path(), home.join(&name))
                .with_context(|| format!("cannot copy {text} to {}", home.display()))?;
        }
    }
    write(&compiler.marker(), &compiler.identity)?;
    anyhow::ensure!(compiler.has_target(), "the build left no standard library in {}", libraries.display());
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// The sources, linked to where cargo looks for them; the link goes when this does.
struct LinkedSources(Option<PathBuf>);

impl LinkedSources {
    fn new(compiler: &Compiler, sources: &Path) -> anyhow::Result<Self> {
        let link = compiler.sysroot.join("lib/rustlib/src/rust/library");
        if link.join("std").exists() {
            return Ok(Self(None)); // the component rust-src is installed, and says the same
        }
        let folder = link.parent().context("the compiler's sources have no folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let _ = std::fs::remove_file(&link); // of an interrupted run
        #[cfg(unix)]
        std::os::unix::fs::symlink(sources.join("library"), &link)
            .with_context(|| format!("cannot link {}", link.display()))?;
        #[cfg(not(unix))]
        anyhow::bail!("cannot link {} to {} on this system", link.display(), sources.display());
        Ok(Self(Some(link)))
    }
}

impl Drop for LinkedSources {
    fn drop(&mut self) {
        if let Some(link) = &self.0 {
            let _ = std::fs::remove_file(link); // `new` removes a leftover
            // `rust/` and `src/`, unless something else lies in them.
            link.ancestors().skip(1).take(2).for_each(|folder| drop(std::fs::remove_dir(folder)));
        }
    }
}
