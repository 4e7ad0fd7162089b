//! What is said of a component that works and should be thought over. It refuses nothing.

use crate::manifest::Manifest;

/// Bytes of a component above which it is said that this is much.
const MUCH_BYTES: usize = 1 << 20;

/// What a manifest asks for without need, and that the component is large. `imports` are its interfaces, such as `kv`.
///
/// ```
/// let manifest = mortise_plugins::manifest::Manifest::parse(
///     br#"
///     id = "acme.greedy"
///     name = "Greedy"
///     version = "1.0.0"
///     contract = "1.0"
///     description = "It asks for more than it needs."
///     [hooks]
///     lifecycle = true
///     [permissions]
///     kv = true
///     "#,
/// )?;
/// let warnings = mortise_plugins::service::warnings(&manifest, &["log".to_owned()], 10_000);
/// assert_eq!(warnings, ["the manifest asks for `kv`, and the component never uses it"]);
/// # Ok::<(), mortise_plugins::manifest::ManifestError>(())
/// ```
#[must_use]
pub fn warnings(manifest: &Manifest, imports: &[String], size: usize) -> Vec<String> {
    let asked = &manifest.permissions;
    let unused = [
        (asked.issues_read, "issues", "issues-read"),
        (asked.issues_write, "commands", "issues-write"),
        (asked.kv, "kv", "kv"),
        (asked.random, "random", "random"),
        (!asked.secrets.is_empty(), "secrets", "secrets"),
        (asked.reach_out(), "http", "http"),
    ];
    // A secret is used in a header without the interface of that name.
    let needless = unused.into_iter().filter(|(asked, interface, name)| {
        let by_http = *name == "secrets" && imports.iter().any(|import| import == "http");
        *asked && !by_http && !imports.iter().any(|import| import == interface)
    });
    let mut warnings: Vec<String> = needless
        .map(|(.., name)| format!("the manifest asks for `{name}`, and the component never uses it"))
        .collect();
    if size > MUCH_BYTES {
        warnings
            .push(format!("the component has {} KiB: it takes longer to compile and to start", size >> 10));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
id = "acme.greedy"
name = "Greedy"
version = "1.0.0"
contract = "1.0"
description = "It asks for more than it needs."
[hooks]
lifecycle = true
[permissions]
kv = true
secrets = ["token"]
http = ["hooks.example.com"]
"#;

    #[test]
    fn what_is_asked_for_and_never_used_is_warned_of() {
        let manifest = Manifest::parse(MANIFEST.as_bytes()).unwrap();
        let named = |imports: &[&str]| {
            let imports: Vec<String> = imports.iter().map(|import| (*import).to_owned()).collect();
            let warned = warnings(&manifest, &imports, 10).into_iter();
            warned.map(|warning| warning.split('`').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(named(&["log"]), ["kv", "secrets", "http"]);
        assert_eq!(named(&["kv", "http"]), Vec::<String>::new(), "the secret goes into a header");
        assert_eq!(named(&["kv", "secrets"]), ["http"]);
        let large = warnings(&manifest, &["kv".to_owned(), "http".to_owned()], (3 << 20) / 2);
        assert_eq!(large, ["the component has 1536 KiB: it takes longer to compile and to start"]);
    }
}
