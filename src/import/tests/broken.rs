//! Broken archives: each is refused, and says where.

use super::super::error::ErrorKind;
use super::super::frame::{MAX_DEPTH, MAX_ITEM_BYTES};
use super::*;

#[test]
fn a_fault_is_told_with_its_item_its_field_and_its_position() {
    let comments =
        ", \"comments\": [\n {\"createdAt\": \"2020-01-01T00:00:00Z\"},\n {\"createdAt\": \"soon\"}]";
    let json = archive(&format!("{}, {}", thread(41, ""), thread(42, comments)), "");
    let error = refused(&json);
    let text = error.to_string();
    assert!(text.starts_with("issues[1] (number 42): comments[1].createdAt: not a time: \"soon\""), "{text}");
    let value_end = json.find("\"soon\"").unwrap() + "\"soon\"".len();
    assert_eq!(error.position.byte, value_end as u64);
    assert!(text.ends_with(&format!("(line 4, column 22, byte {value_end})")), "{text}");
}

#[test]
fn values_that_cannot_be_are_refused_in_words() {
    for (more, expected) in [
        (r#", "author": 5"#, "author: invalid type: integer `5`"),
        (r#", "author": """#, "author: a name of 0 bytes"),
        (r#", "author": "a\nb""#, "author: a name with a line break"),
        (r#", "labels": "bug""#, "labels: invalid type: string \"bug\", expected a sequence"),
        (r#", "assignees": ["a", ""]"#, "assignees[1]: a name of 0 bytes"),
        (r#", "labels": ["a", null]"#, "labels[1]: invalid type: null"),
        (r#", "comments": [{"body": "no time"}]"#, "comments[0]: missing field `createdAt`"),
        (r#", "comments": [7]"#, "comments[0]: invalid type: integer `7`, expected a comment"),
        (r#", "title": "again""#, "title: duplicate field `title`"),
        (r#", "closedAt": "2020-13-01T00:00:00Z""#, "closedAt: not a time"),
        (r#", "updatedAt": "2020-01-01T00:00:00""#, "updatedAt: not a time"),
        (r#", "body": "\ud800""#, "body: "),
        (", \"body\": \"a\nb\"", "body: control character"),
    ] {
        let error = refused(archive(&thread(1, more), "")).to_string();
        assert!(error.starts_with(&format!("issues[0] (number 1): {expected}")), "{more}: {error}");
    }
}

#[test]
fn numbers_are_positive_and_occur_once_in_both_lists_together() {
    for number in [0, -4, 2_147_483_648] {
        let error = refused(archive(&thread(number, ""), ""));
        assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Value, "number"), "{error}");
    }
    for number in ["1.0", "\"1\"", "null", "true"] {
        let error = refused(archive(&thread(7, "").replacen('7', number, 1), ""));
        assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Value, "number"), "{error}");
    }
    let error = refused(archive(&thread(5, ""), &format!("{}, {}", thread(4, ""), thread(5, ""))));
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert!(error.to_string().starts_with("pulls[1] (number 5): number: "), "{error}");
}

#[test]
fn files_of_another_kind_are_told_what_was_expected() {
    for other in [
        "",
        " \n ",
        "[]",
        "[{\"number\": 1}]",
        "null",
        "12",
        "number,title\n1,x",
        "{}",
        "{\"repo\": \"o/r\"}",
    ] {
        let error = refused(other);
        assert_eq!(error.kind, ErrorKind::NotAnArchive, "{other}: {error}");
        assert!(error.to_string().contains("expected an object with `repo`"), "{error}");
    }
    assert_eq!(refused(r#"{"repo": "o/r", "issues": {}}"#).kind, ErrorKind::NotAnArchive);
    assert_eq!(refused(r#"{"repo": 5, "issues": []}"#).path, "repo");
    assert_eq!(refused(r#"{"repo": "o/r", "repo": "o/r", "issues": []}"#).kind, ErrorKind::Duplicate);
    assert_eq!(refused(r#"{"timestamp": "today", "repo": "o/r", "issues": []}"#).path, "timestamp");
}

#[test]
fn broken_syntax_is_refused_where_it_is() {
    for (json, kind) in [
        (r#"{"repo": "o/r", "issues": [{"number": 1]}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r", "issues": [{"number": 1]}]}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r" "issues": []}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r", "issues": [],}"#, ErrorKind::Syntax),
        (r#"{,"repo": "o/r", "issues": []}"#, ErrorKind::Syntax),
        (r#"{"repo": nope, "issues": []}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r", "issues": []} {}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r", "issues": [], "x": [1 2]}"#, ErrorKind::Syntax),
        (r#"{"repo": "o/r", "issues": [], "x": {"a":}}"#, ErrorKind::Syntax),
    ] {
        let error = refused(json);
        assert_eq!(error.kind, kind, "{json}: {error}");
        assert!(error.position.byte > 0, "{json}: {error}");
    }
    for element in ["null", "[]", "7", ",", "\"a\""] {
        let json = archive(element, "");
        assert_eq!(refused(&json).place.map(|place| place.index), Some(0), "{json}");
    }
    assert_eq!(refused(archive(&format!("{},", thread(1, "")), "")).place.map(|place| place.index), Some(1));
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_are() {
    let mut json = archive(&thread(1, r#", "body": "caf?""#), "").into_bytes();
    let at = json.iter().position(|&byte| byte == b'?').unwrap();
    json[at] = 0xE9;
    let error = refused(&json);
    assert_eq!(
        (error.kind, error.position.byte, error.path.as_str()),
        (ErrorKind::NotText, at as u64, "body")
    );
    let utf16: Vec<u8> = archive("", "").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused([&[0xFF, 0xFE], utf16.as_slice()].concat()).kind, ErrorKind::NotText);
    assert_eq!(refused([0xEF, 0xBB]).kind, ErrorKind::NotText);
}

#[test]
fn an_item_is_bounded_in_size_and_depth() {
    let huge = format!(", \"body\": \"{}\"", "x".repeat(MAX_ITEM_BYTES));
    let error = refused(archive(&thread(3, &huge), ""));
    assert_eq!((error.kind, error.path.as_str()), (ErrorKind::TooLarge, "body"));
    assert_eq!(error.place.and_then(|place| place.number), Some(3));
    let deep = format!(", \"x\": {}", "[".repeat(MAX_DEPTH + 1));
    assert_eq!(refused(archive(&thread(1, &deep), "")).kind, ErrorKind::TooDeep);
}

#[test]
fn an_archive_cut_anywhere_is_refused_with_the_place_of_the_cut() {
    let review = r#", "author": null, "reviews": [{"id": "R1", "state": "APPROVED", "author": "é",
        "createdAt": "2020-01-01T00:00:00Z", "comments": [{"body": "\"\\", "createdAt": "2020-01-01T00:00:00Z"}]}]"#;
    let json = archive(&format!("{}, {}", thread(123, ""), thread(2, "")), &thread(3, review));
    assert!(surveyed(&json).is_ok());
    for cut in 0..json.len() {
        let error = refused(&json.as_bytes()[..cut]);
        assert!(error.position.byte <= cut as u64, "cut at {cut}: {error}");
        let number = error.place.as_ref().and_then(|place| place.number);
        assert!(matches!(number, None | Some(123 | 2 | 3)), "cut at {cut}: {error}");
    }
}

#[test]
fn what_is_held_in_memory_or_the_engine_does_not_take_is_refused_with_its_position() {
    let long = |bytes: usize| "x".repeat(bytes);
    let list = |count: usize| (0..count).map(|n| format!("\"n{n}\"")).collect::<Vec<_>>().join(",");
    let said = r#"{"createdAt": "2020-01-01T00:00:00Z"}"#;
    for (more, expected) in [
        (
            format!(r#", "labels": ["a", "{}"]"#, long(256)),
            "labels[1]: a text of 256 bytes, expected at most 255",
        ),
        (format!(r#", "assignees": ["{}"]"#, long(256)), "assignees[0]: a name of 256 bytes"),
        (format!(r#", "labels": [{}]"#, list(101)), "labels"),
        (format!(r#", "labels": [{}]"#, list(51)), "labels: 51 of them, and an issue has at most 50"),
        (format!(r#", "assignees": [{}]"#, list(21)), "assignees: 21 of them"),
        (format!(r#", "comments": [{}]"#, vec![said; 10_001].join(",")), "comments: 10001 of them"),
        (format!(r#", "url": "{}""#, long(2_049)), "url: an address has at most 2048"),
        (r#", "url": "https://a\n""#.to_owned(), "url: "),
    ] {
        let error = refused(archive(&thread(1, &more), "")).to_string();
        assert!(error.starts_with(&format!("issues[0] (number 1): {expected}")), "{expected}: {error}");
        assert!(error.contains("(line "), "{error}");
    }
    let labelled = |label: String| {
        archive("", "").replace(r#"{"name": "bug", "description": null, "color": "fc2929"}"#, &label)
    };
    for (label, field) in [
        (format!(r#"{{"name": "{}"}}"#, long(256)), "name"),
        (format!(r#"{{"name": "a", "color": "{}"}}"#, long(256)), "color"),
        (format!(r#"{{"name": "a", "description": "{}"}}"#, long(1_025)), "description"),
    ] {
        let error = refused(labelled(label)).to_string();
        assert!(error.starts_with(&format!("labels[0]: {field}: a text of ")), "{field}: {error}");
    }
    for repo in [long(201), "o/r\\n".to_owned()] {
        let error = refused(archive("", "").replacen("o/r", &repo, 1));
        assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Value, "repo"), "{error}");
    }
    let nul = labelled(r#"{"name": "a", "description": "b\u0000"}"#.to_owned());
    assert_eq!(surveyed(nul).unwrap().labels["a"].as_ref().unwrap().description.as_deref(), Some("b "));
}
