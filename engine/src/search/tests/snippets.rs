//! Fragments of texts with what was looked for marked.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(query: &str, text: &str, chars_max: usize, expected: &str) {
    let query = SearchQuery::parse(query, Typing::LastWord, &Limits::default()).unwrap();
    let matcher = Matcher::without_index(&query, Language::English).unwrap();
    let html = matcher.snippet(Field::Description, text, chars_max).map(|snippet| snippet.html());
    assert_eq!(html.as_deref().unwrap_or("none"), expected);
}

#[test]
fn words_are_marked_with_their_inflections_beginnings_and_typos() {
    check("run ", "He runs and was running.", 100, "He <em>runs</em> and was <em>running</em>.");
    check("auth* ", "Authors authorise", 100, "<em>Authors</em> <em>authorise</em>");
    check("hand", "a handshake", 100, "a <em>handshake</em>");
    check("handshke ", "a Handshake", 100, "a <em>Handshake</em>");
    check("größe ", "die GRÖSSE", 100, "die <em>GRÖSSE</em>");
    check("effect ", "call useEffect()", 100, "call use<em>Effect</em>()");
}

#[test]
fn phrases_are_marked_where_the_words_stand_side_by_side() {
    check(
        "\"dark mode\"",
        "dark night, then dark mode, then mode",
        100,
        "dark night, then <em>dark</em> <em>mode</em>, then mode",
    );
    check("foo.bar ", "foo, and foo.bar()", 100, "foo, and <em>foo</em>.<em>bar</em>()");
}

#[test]
fn what_is_excluded_or_belongs_to_another_field_is_not_marked() {
    check("login -mobile title:crash", "login crash mobile", 100, "<em>login</em> crash mobile");
    check("title:crash", "login crash", 100, "none");
    check("absent", "login crash", 100, "none");
}

#[test]
fn html_is_escaped() {
    check(
        "script ",
        "<script>alert(\"1\" & '2')</script>\nnext",
        100,
        "&lt;<em>script</em>&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/<em>script</em>&gt; next",
    );
}

#[test]
fn the_part_with_most_different_words_is_shown() {
    let text = format!("login {} login with a timeout {} timeout", "x ".repeat(100), "y ".repeat(100));
    check("login timeout ", &text, 40, "…x x  <em>login</em> with a <em>timeout</em> y y y y y y y…");
}

#[test]
fn ranges_lead_back_into_the_text() {
    let text = "Ein längerer Text über den Verbindungsaufbau und mehr";
    let query = SearchQuery::parse("verbindungsaufbau", Typing::Done, &Limits::default()).unwrap();
    let matcher = Matcher::without_index(&query, Language::German).unwrap();
    let snippet = matcher.snippet(Field::Comments, text, 30).unwrap();
    assert_eq!(&text[snippet.at.clone()], snippet.text);
    assert_eq!(
        snippet.marks.iter().map(|mark| &snippet.text[mark.clone()]).collect::<Vec<_>>(),
        ["Verbindungsaufbau"]
    );
    assert_eq!(snippet.is_cut, (true, false));
}

proptest! {
    #[test]
    fn a_snippet_is_never_longer_than_asked_and_cuts_no_character(
        text in "[a-c éß東\u{301}\n<]{0,200}",
        query in "[a-c]{1,3}( [a-cé東]{1,2})?",
        chars_max in 0_usize..60,
    ) {
        let query = SearchQuery::parse(&query, Typing::LastWord, &Limits::default()).unwrap();
        let matcher = Matcher::without_index(&query, Language::English).unwrap();
        if let Some(snippet) = matcher.snippet(Field::Title, &text, chars_max) {
            prop_assert!(snippet.text.chars().count() <= chars_max);
            prop_assert_eq!(text.get(snippet.at.clone()), Some(snippet.text.as_str()));
            let mut end = 0;
            for mark in &snippet.marks {
                prop_assert!(mark.start >= end && mark.start < mark.end);
                prop_assert!(snippet.text.get(mark.clone()).is_some());
                end = mark.end;
            }
            prop_assert!(!snippet.html().contains('\n'));
        }
    }
}
