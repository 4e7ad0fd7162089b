//! Installs the servers that tests run against, from npm: an identity provider and a mail server.
//!
//! It does not know the tests.

use crate::repository;
use crate::step::Step;

/// Where each one's `package.json` lies, from the root, and its package.
const SERVERS: [(&str, &str); 2] =
    [("graphql/oidc-provider", "oidc-provider"), ("tests/smtp-server", "smtp-server")];

/// Installs what the lock files say, unless it is there.
///
/// # Errors
/// When there is no npm, or it cannot install it; the message says how to get npm.
pub(super) fn ensure() -> anyhow::Result<()> {
    for (folder, package) in SERVERS {
        let folder = repository::root().join(folder);
        if folder.join("node_modules").join(package).exists() {
            continue;
        }
        anyhow::ensure!(
            Step::new("npm").args(["--version"]).succeeds(),
            "there is no `npm`, which brings the servers that signing in and mail are tested against; install Node.js \
             with it, for example by `apt-get install nodejs npm`"
        );
        Step::new("npm").args(["ci", "--no-audit", "--no-fund"]).within(folder).run()?;
    }
    Ok(())
}
