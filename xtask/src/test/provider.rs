//! Installs the identity provider that tests of signing in run against, from npm.
//!
//! It does not know the tests.

use crate::repository;
use crate::step::Step;

/// Where its `package.json` lies, from the root.
const FOLDER: &str = "graphql/oidc-provider";

/// Installs what the lock file says, unless it is there.
///
/// # Errors
/// When there is no npm, or it cannot install it; the message says how to get npm.
pub(super) fn ensure() -> anyhow::Result<()> {
    let folder = repository::root().join(FOLDER);
    if folder.join("node_modules/oidc-provider").exists() {
        return Ok(());
    }
    anyhow::ensure!(
        Step::new("npm").args(["--version"]).succeeds(),
        "there is no `npm`, which brings the identity provider that signing in is tested against; install Node.js \
         with it, for example by `apt-get install nodejs npm`"
    );
    Step::new("npm").args(["ci", "--no-audit", "--no-fund"]).within(folder).run()
}
