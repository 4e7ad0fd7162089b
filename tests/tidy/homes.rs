//! Each outside technology has one home, so that replacing it is a change in one place.
//!
//! cargo-deny holds the same line between crates; this holds it between the modules of one.

use crate::Violation;
use crate::tokens::Tokens;
use crate::tree::File;

/// A technology and the places that may name it.
struct Home {
    /// The crates, as Rust writes them.
    crates: &'static [&'static str],
    /// Starts of paths.
    places: &'static [&'static str],
}

const HOMES: &[Home] = &[
    Home { crates: &["sled", "fjall"], places: &["engine/src/storage"] },
    Home { crates: &["argon2", "jsonwebtoken"], places: &["engine/src/identity"] },
    Home { crates: &["openidconnect"], places: &["graphql/src/oidc"] },
    Home { crates: &["tokio_rustls", "rustls_native_certs"], places: &["outbound/"] },
    Home { crates: &["lettre"], places: &["src/mail"] },
    Home { crates: &["tantivy"], places: &["engine/src/search"] },
    Home { crates: &["wasmtime"], places: &["plugins/"] },
    Home { crates: &["async_graphql"], places: &["graphql/"] },
    Home { crates: &["governor"], places: &["graphql/src/http/limit"] },
    // The command line serves the router, an embedder nests it, and a test calls it.
    Home {
        crates: &["axum"],
        places: &["graphql/", "src/", "examples/", "tests/", "benches/", "outbound/src/tests"],
    },
];

/// Every path that starts with a technology away from its home.
pub(crate) fn check(file: &File) -> Vec<Violation> {
    let tokens = Tokens::of(&file.text);
    let mut found = Vec::new();
    for (at, token) in tokens.iter() {
        let Some(home) = HOMES.iter().find(|home| home.crates.contains(&token.text)) else { continue };
        let before = at.checked_sub(1).map_or("", |before| tokens.text(before));
        let starts_a_path = before != "::" && before != "." && tokens.text(at + 1) == "::";
        let is_brought_in =
            before == "use" || before == "crate" && tokens.text(at.saturating_sub(2)) == "extern";
        let at_home = home.places.iter().any(|place| file.path.starts_with(place));
        if (starts_a_path || is_brought_in) && !at_home {
            let what = format!("`{}` is at home in {}", token.text, home.places.join(", "));
            found.push(Violation { path: file.path.clone(), line: token.line, what });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found = super::check(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(found.iter().map(Violation::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_technology_may_be_named_at_home() {
        check("engine/src/storage/sled.rs", "use sled::Db;", &[]);
        check("src/serve.rs", "axum::serve(listener, router)", &[]);
    }

    #[test]
    fn a_technology_away_from_home_is_found_however_it_comes_in() {
        let expected = &["engine/src/log.rs:1: `sled` is at home in engine/src/storage"];
        for text in [
            "use sled::Db;",
            "use sled as store;",
            "extern crate sled;",
            "fn f(db: &sled::Db) {}",
            "use {sled::Db};",
        ] {
            check("engine/src/log.rs", text, expected);
        }
        check(
            "engine/src/error.rs",
            "\n#[from] axum::Error",
            &[
                "engine/src/error.rs:2: `axum` is at home in graphql/, src/, examples/, tests/, benches/, outbound/src/tests",
            ],
        );
    }

    #[test]
    fn a_module_comment_or_text_of_the_same_name_is_not_the_technology() {
        check(
            "engine/src/engine.rs",
            "use crate::storage::sled::open; // sled::Db\nlet sled = \"sled::\"; kind.sled::<T>()",
            &[],
        );
    }
}
