//! A tree in which nobody has built yet, such as that of a continuous integration: there is nothing that could be built on, so
//! that what incremental builds write down is written for nobody, and takes time.

use crate::{repository, step::Step};

/// What says to cargo whether builds are incremental.
const INCREMENTAL: &str = "CARGO_INCREMENTAL";

/// Whether nothing but this program was built here, and nobody has said how builds are to be.
///
/// # Errors
/// When cargo cannot read the workspace.
pub(super) fn is_fresh() -> anyhow::Result<bool> {
    if std::env::var_os(INCREMENTAL).is_some() {
        return Ok(false);
    }
    let built = std::fs::read_dir(repository::target()?.join("debug").join("incremental"));
    let ours = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("xtask-");
    Ok(built.map_or(true, |built| built.flatten().all(|entry| ours(&entry.file_name()))))
}

/// The same once more, for whole builds. Where somebody builds by hand afterwards, their builds are incremental, as are those of
/// the stages then.
///
/// # Errors
/// When this program cannot be started again.
pub(super) fn begin_again(arguments: &[String]) -> anyhow::Result<()> {
    Step::new(std::env::current_exe()?).args(["test"]).args(arguments).env(INCREMENTAL, "0").become_it()
}
