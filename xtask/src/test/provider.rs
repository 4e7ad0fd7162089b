//! Installs the identity provider that tests of signing in run against, from npm.
//!
//! It does not know the tests: where the provider is missing, they say so and pass.

use crate::repository;
use crate::step::Step;

/// Where its `package.json` lies, from the root.
const FOLDER: &str = "graphql/oidc-provider";

/// Installs what the lock file says, unless it is there. Without npm it says what will not run.
///
/// # Errors
/// When npm cannot install it.
pub(super) fn ensure() -> anyhow::Result<()> {
    let folder = repository::root().join(FOLDER);
    if folder.join("node_modules/oidc-provider").exists() {
        return Ok(());
    }
    if !Step::new("npm").args(["--version"]).succeeds() {
        eprintln!("  there is no npm: signing in is not tested against a certified provider");
        return Ok(());
    }
    Step::new("npm").args(["ci", "--no-audit", "--no-fund"]).within(folder).run()
}
