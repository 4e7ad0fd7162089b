//! Texts that nobody means: queries and searches that are broken, endless or made to cost much. Each is answered soon,
//! with what is wrong and where, and never as a fault of the server.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Answer, Client, World};

/// An answer takes no longer, whatever is asked, even in a debug build on a loaded machine.
const SOON: Duration = Duration::from_secs(5);

/// Asks, and fails when the answer comes late, is a fault of the server, or echoes much.
#[track_caller]
fn ask(client: &Client, document: &str, variables: Value) -> Answer {
    let what: String = variables.to_string().chars().take(120).collect();
    let began = Instant::now();
    let answer = client.ask(document, variables);
    assert!(began.elapsed() < SOON, "{what}: {:?}", began.elapsed());
    let shown: String = answer.text.chars().take(500).collect();
    assert!(answer.status < 500, "{what}: {} {shown}", answer.status);
    assert!(!matches!(answer.code(), Some("INTERNAL" | "UNAVAILABLE")), "{what}: {shown}");
    assert!(answer.text.len() < 64 * 1024, "{what}: an answer of {} bytes", answer.text.len());
    answer
}

/// A company in which the texts would find something.
fn furnished() -> World {
    let world = World::new();
    let ana = world.client("ana");
    for n in 0..40 {
        ana.issue(&format!("Login fails {n} on handshake{n} aaaaaaaaab{n}"));
    }
    world
}

/// Texts of the query language that cannot be read, and where the first mistake is found, in UTF-16 code units.
fn unreadable() -> Vec<(String, Option<u64>)> {
    let list = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let at = |text: &str, at: u64| (text.to_owned(), Some(at));
    vec![
        at("state:\"open", 6),
        at("login title:\"never closed", 12),
        at("(state:open", 0),
        at("state:open)", 10),
        at("priority>=", 0),
        at("priority:soon", 9),
        at("created:<yesterdayish", 9),
        at("due:2026-02-30", 4),
        at("estimate:a..b", 9),
        at("sort:mood", 5),
        at("🦀🦀 priority:soon", 14),
        (format!("{}state:open{}", "(".repeat(2_000), ")".repeat(2_000)), None),
        (format!("{}state:open", "NOT ".repeat(1_000)), None),
        (format!("{}state:open", "-".repeat(4_000)), None),
        (format!("number:{}", list(1_000)), None),
        (vec!["state:open"; 300].join(" OR "), None),
        (vec!["a"; 3_000].join(" "), None),
    ]
}

#[test]
fn a_text_that_is_no_query_is_told_with_the_place_of_the_mistake() {
    let world = furnished();
    let ana = world.client("ana");
    let parse = "query($text: String!) { parseQuery(text: $text) { query errors { start end message } } }";
    let lists = [
        "query($text: String!) { issues(query: $text) { totalCount } }",
        "query($text: String!) { issueGroups(query: $text, groupBy: STATE) { totalCount } }",
        "query($text: String!) { search(text: \"login\", query: $text) { hits { totalCount } } }",
    ];
    let mut misplaced = Vec::new();
    for (text, place) in unreadable() {
        let shown: String = text.chars().take(60).collect();
        let answer = ask(&ana, parse, json!({ "text": text }));
        let errors = answer.data()["parseQuery"]["errors"].as_array().unwrap();
        let units = text.encode_utf16().count() as u64;
        assert!(errors.len() <= 20, "{shown}: {}", answer.text);
        if errors.is_empty() {
            misplaced.push(format!("{shown}: no error: {}", answer.text));
            continue;
        }
        for error in errors {
            let (start, end) = (error["start"].as_u64().unwrap(), error["end"].as_u64().unwrap());
            assert!(start <= end && end <= units, "{shown}: {error}");
            assert!(!error["message"].as_str().unwrap().is_empty(), "{shown}: {error}");
        }
        if let Some(place) = place
            && errors[0]["start"] != place
        {
            misplaced.push(format!("{shown}: not at {place}: {}", errors[0]));
        }
        for document in lists {
            let answer = ask(&ana, document, json!({ "text": text }));
            assert!((400..500).contains(&answer.status), "{shown}: {} {}", answer.status, answer.text);
            assert!(
                matches!(answer.code(), Some("INVALID_INPUT" | "TOO_COSTLY")),
                "{shown}: {}",
                answer.text
            );
        }
    }
    assert!(misplaced.is_empty(), "{misplaced:#?}");
}

#[test]
fn completions_of_any_text_come_soon_and_are_few() {
    let world = furnished();
    let ana = world.client("ana");
    let document = "query($text: String!, $at: Int) {
        queryCompletions(text: $text, position: $at) { start end insert }
    }";
    for (text, _) in unreadable() {
        for at in [0, 1, 7, 1_000, 1_000_000] {
            let answer = ask(&ana, document, json!({ "text": text, "at": at }));
            if let Some(found) = answer.body["data"]["queryCompletions"].as_array() {
                assert!(found.len() <= 20, "{}", answer.text);
            }
        }
    }
}

/// Searches that cannot be read.
fn unsearchable() -> Vec<String> {
    vec![
        String::new(),
        " \t ".to_owned(),
        "\"".to_owned(),
        "...".to_owned(),
        "a".repeat(2_049),
        vec!["word"; 33].join(" "),
        format!("\"{}\"", vec!["word"; 33].join(" ")),
        "x".repeat(1_000_000),
    ]
}

/// Searches made to cost much, or to be misread: they are answered, whatever is found.
fn hostile() -> Vec<String> {
    let letters: Vec<_> = ('a'..='z').map(|letter| format!("{letter}*")).collect();
    vec![
        letters.join(" "),
        vec!["a*"; 32].join(" "),
        vec!["aaaaaaaaab"; 32].join(" "),
        (0..32).map(|n| format!("handshake{n}x")).collect::<Vec<_>>().join(" "),
        format!("{}*", "a".repeat(64)),
        "\"never closed".to_owned(),
        "\"a\" \"b\" \"".to_owned(),
        "-login".to_owned(),
        "title: description: comment:".to_owned(),
        "mood:good".to_owned(),
        "title:title:title:login".to_owned(),
        ".*.*.*.*".to_owned(),
        "(((((((((login".to_owned(),
        "login AND OR NOT".to_owned(),
        "[a TO z] {a TO z} ~9 ^999999".to_owned(),
        "ENG-99999999999999999999".to_owned(),
        "\u{0}login\u{202e}\u{feff}".to_owned(),
        "e\u{301}".repeat(300),
        "日本語".repeat(60),
        "👩‍👩‍👧‍👦".repeat(40),
    ]
}

#[test]
fn a_search_is_answered_soon_or_refused_with_a_reason() {
    let world = furnished();
    let ana = world.client("ana");
    let documents = [
        "query($text: String!) { search(text: $text, first: 5) {
            hits { totalCount nodes { snippets { html } } } facets(by: STATE) { totalCount } } }",
        "query($text: String!) { search(text: $text, typing: true, first: 5) { hits { totalCount } } }",
        "query($text: String!) { issues(filter: { text: { matches: $text } }, first: 5) { totalCount } }",
    ];
    for text in unsearchable() {
        for document in documents {
            let answer = ask(&ana, document, json!({ "text": text }));
            let shown: String = text.chars().take(60).collect();
            assert!((400..500).contains(&answer.status), "{shown}: {}", answer.text);
            assert_eq!(answer.code(), Some("INVALID_INPUT"), "{shown}: {}", answer.text);
        }
    }
    for text in hostile() {
        for document in documents {
            let answer = ask(&ana, document, json!({ "text": text }));
            let code = answer.code();
            assert!(matches!(code, None | Some("INVALID_INPUT" | "TOO_COSTLY")), "{text}: {}", answer.text);
        }
        let document =
            "query($text: String!) { similarIssues(title: $text, description: $text) { percent } }";
        ask(&ana, document, json!({ "text": text }));
    }
}

#[test]
fn filters_of_any_size_are_answered_or_refused() {
    let world = furnished();
    let ana = world.client("ana");
    let document = "query($filter: IssueFilter) { issues(filter: $filter) { totalCount } }";
    let nested = |field: &str, depth: usize| {
        (0..depth).fold(json!({ "type": { "eq": "BUG" } }), |inner, _| match field {
            "children" | "blocks" => json!({ field: { "some": inner } }),
            "and" | "or" => json!({ field: [inner] }),
            _ => json!({ field: inner }),
        })
    };
    let long = |count: usize| "x".repeat(count);
    let had = json!({ "priority": { "changed": true }, "by": { "isMe": { "eq": true } } });
    for filter in [
        nested("and", 13),
        nested("or", 18),
        nested("not", 30),
        nested("parent", 30),
        nested("children", 18),
        nested("blocks", 18),
        json!({ "number": { "in": (0..251).collect::<Vec<_>>() } }),
        json!({ "and": vec![json!({ "number": { "eq": 1 } }); 250] }),
        json!({ "history": vec![had; 21] }),
        json!({ "text": { "matches": long(2_049) } }),
        json!({ "title": { "contains": long(10_000) } }),
        json!({ "and": vec![json!({ "text": { "matches": "login" } }); 21] }),
    ] {
        let answer = ask(&ana, document, json!({ "filter": filter }));
        assert!((400..500).contains(&answer.status), "{filter}: {}", answer.text);
    }
    for filter in [
        nested("and", 8),
        nested("parent", 8),
        nested("children", 8),
        json!({ "title": { "contains": long(2_048) } }),
        json!({ "title": { "startsWithIgnoreCase": "é".repeat(1_024) } }),
        json!({ "number": { "in": (0..250).collect::<Vec<_>>() } }),
        json!({ "and": vec![json!({ "text": { "matches": "a* b* c*" } }); 20] }),
    ] {
        ask(&ana, document, json!({ "filter": filter })).data();
    }
}
