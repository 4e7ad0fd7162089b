//! Keys in texts and in names of branches.

use crate::keys::{in_branch, in_text};
use crate::link::address;
use crate::settings::Settings;

/// Keys that a text names; those behind a closing word with an exclamation mark.
fn named(text: &str) -> String {
    let named = in_text(text, &Settings::default().closing_words);
    let shown =
        named.into_iter().map(|named| format!("{}{}", named.key, if named.closes { "!" } else { "" }));
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn closing_words_close_what_follows_them() {
    for (text, expected) in [
        ("Fixes ENG-12", "ENG-12!"),
        ("fixes: ENG-12, ENG-13 and OPS-1; see ENG-14", "ENG-12! ENG-13! OPS-1! ENG-14"),
        ("Resolves issue #ENG-7", "ENG-7!"),
        ("This closes ENG-1. Also touches ENG-2", "ENG-1! ENG-2"),
        ("fixes the crash of ENG-3", "ENG-3"),
        ("ENG-4: fixes nothing", "ENG-4"),
        ("ENG-5 (closes ENG-6)", "ENG-5 ENG-6!"),
        ("closes\nENG-8", "ENG-8"),
        ("mentions ENG-9, fixes ENG-9", "ENG-9!"),
        ("A2B-1 is one", "A2B-1"),
    ] {
        assert_eq!(named(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_key_is_none() {
    for text in [
        "utf-8 and sha-256",
        "X-1",
        "ENG-0",
        "ENG-012",
        "ENG-1234567890",
        "PRE-ENG-12",
        "ENG-12-fix",
        "ENG_12",
        "ABCDEFGHIJK-1",
        "eng-12",
        "",
    ] {
        assert_eq!(named(text), "", "{text}");
    }
}

#[test]
fn branches_name_issues_in_small_letters_too() {
    for (branch, expected) in [
        ("eng-12", "ENG-12"),
        ("ana/eng-12-fix-login", "ENG-12"),
        ("feature/ENG-12_and_ops-3", "ENG-12 OPS-3"),
        ("renovate/node-20.x", "NODE-20"),
        ("eng_12", ""),
        ("main", ""),
        ("release-2026-01", "RELEASE-2026"),
        ("é/eng-12", "ENG-12"),
    ] {
        assert_eq!(in_branch(branch).join(" "), expected, "{branch}");
    }
}

#[test]
fn a_text_names_at_most_twenty_issues() {
    let text: String = (1..100).map(|n| format!("ENG-{n} ")).collect();
    assert_eq!(in_text(&text, &[]).len(), 20);
}

#[test]
fn only_addresses_of_the_web_become_links() {
    assert_eq!(address("a", "https://github.com/x"), "[a](https://github.com/x)");
    for url in ["javascript:alert(1)", "http://x", "https://x) [b](https://y", "https://x y", ""] {
        assert_eq!(address("a", url), "a", "{url}");
    }
}

#[test]
fn repositories_are_named_singly_or_by_owner() {
    let takes = |patterns: &[&str], name: &str| {
        let repositories = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        Settings { repositories, ..Settings::default() }.takes(name)
    };
    assert!(takes(&[], "any/thing"));
    assert!(takes(&["acme/web"], "Acme/Web") && !takes(&["acme/web"], "acme/website"));
    assert!(takes(&["acme/*"], "acme/web") && !takes(&["acme/*"], "acme-evil/web"));
}
