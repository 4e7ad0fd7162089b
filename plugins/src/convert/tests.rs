//! Tests of the conversions that need no engine.

use super::issue::revision;
use super::*;

#[test]
fn marks_of_versions_read_back() {
    assert_eq!(version_of(&revision(12)), Some(12));
    for wrong in ["", "12", "v", "vv1", "v-1"] {
        assert_eq!(version_of(wrong), None, "{wrong}");
    }
}

#[test]
fn what_guests_say_is_made_plain() {
    assert_eq!(line("a\u{1b}[31m\nb\u{202e}c\t", 100), "a[31m bc");
    assert_eq!(line(&"x".repeat(1000), 500).len(), 500);
    assert_eq!(text("a\nb\u{0}", 10), "a\nb");
}

#[test]
fn relations_read_back() {
    for word in ["blocks", "blocked-by", "duplicate-of", "duplicated-by", "relates-to", "precedes", "follows"]
    {
        assert_eq!(link_of(word).map(relation_word), Some(word));
    }
    assert_eq!(link_of("likes"), None);
}
