//! How far a program's key reaches. It never reaches further than its owner.

use super::words;

words! {
    /// What may be done with an API key, at most; each scope includes those before it. What the key's owner may not do,
    /// its key may not either; and no key, whatever its scope, changes how somebody signs in.
    KeyScope {
        /// Sees what its owner sees.
        0 Read = "READ",
        /// Works on issues, comments and views too.
        1 Write = "WRITE",
        /// Manages what its owner manages too: teams, labels, workflows, people, settings.
        2 Admin = "ADMIN",
    }
}
