//! What an item of an archive becomes.

use super::super::item::{
    Closed, CommentKind, MAX_BODY_BYTES, MAX_COMMENT_BYTES, MAX_TITLE_CHARS, Note, PULL_REQUEST_LABEL,
};
use super::*;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_merged_pull_request_keeps_when_and_by_whom() {
    let pull = imported_pull(
        r#", "labels": ["bug", "bug"], "assignees": ["b", "b"], "closedAt": "2020-02-02T00:00:00Z",
           "mergedAt": "2020-02-02T00:00:00Z", "mergedBy": "m", "author": "a", "updatedAt": "2020-03-01T00:00:00Z""#,
    );
    assert_eq!(pull.closed, None, "its state says open");
    assert!(pull.notes.contains(&Note::EndTimeDropped));

    let merged = archive(
        "",
        &thread(1, r#", "mergedAt": "2020-02-02T00:00:00Z", "mergedBy": "m", "labels": ["bug", "bug"]"#),
    )
    .replace("OPEN", "MERGED");
    let pull = imported(&merged).remove(0);
    let end = Closed { at: at("2020-02-02T00:00:00Z"), merged: true, merged_by: Some("m".to_owned()) };
    assert_eq!(pull.closed, Some(end));
    assert_eq!(pull.labels, ["bug", PULL_REQUEST_LABEL]);
}

#[test]
fn a_closed_issue_without_a_time_takes_its_last_change() {
    let json = archive(&thread(1, r#", "updatedAt": "2021-01-01T00:00:00Z""#), "").replace("OPEN", "CLOSED");
    let issue = imported(&json).remove(0);
    assert_eq!(issue.closed.unwrap().at, at("2021-01-01T00:00:00Z"));
    assert_eq!(issue.notes, [Note::CloseTimeMissing, Note::AuthorUnrecorded]);
}

#[test]
fn a_deleted_account_is_told_from_one_that_was_not_recorded() {
    let notes = |more: &str| imported_pull(more).notes;
    assert_eq!(notes(r#", "author": null"#), [Note::AuthorDeleted]);
    assert_eq!(notes(""), [Note::AuthorUnrecorded]);
    assert!(notes(r#", "author": "a""#).is_empty());
}

#[test]
fn a_review_becomes_a_comment_and_its_remarks_replies_to_it() {
    let pull = imported_pull(
        r#", "author": "a", "comments": [{"author": "late", "body": "after", "createdAt": "2020-01-09T00:00:00Z"},
             {"author": "a", "body": "between", "createdAt": "2020-01-05T00:00:00Z"}],
           "reviews": [
             {"id": "R2", "state": "CHANGES_REQUESTED", "author": "rev", "body": "No.\n", "createdAt": "2020-01-04T00:00:00Z",
              "comments": [{"body": "here", "originalPosition": 3, "createdAt": "2020-01-06T00:00:00Z"},
                           {"body": "drafted", "createdAt": "2020-01-02T00:00:00Z"}]},
             {"id": "R1", "state": "COMMENTED", "author": "rev", "body": " ", "createdAt": "2020-01-01T00:00:00Z", "comments": []},
             {"state": "APPROVED", "author": "rev", "body": "", "createdAt": "2020-01-08T00:00:00Z"}]"#,
    );
    let said: Vec<_> =
        pull.comments.iter().map(|c| (c.body.as_str(), c.author.as_deref(), c.reply_to)).collect();
    assert_eq!(
        said,
        [
            ("Review: changes requested\n\nNo.", Some("rev"), None),
            ("drafted", Some("rev"), Some(0)),
            ("between", Some("a"), None),
            ("here", Some("rev"), Some(0)),
            ("Review: approved", Some("rev"), None),
            ("after", Some("late"), None),
        ]
    );
    assert_eq!(pull.notes, [Note::ReviewEmpty]);
    assert_eq!(pull.comments[0].key, "1/review/R2");
    assert_eq!(pull.comments[4].kind, CommentKind::Review { state: "approved".to_owned() });
    assert_eq!(pull.losses.len(), 1);
    assert_eq!(pull.losses[0].field, "pulls[].reviews[].comments[].originalPosition");
}

#[test]
fn keys_of_comments_survive_the_deletion_of_an_earlier_one_and_a_renamed_account() {
    let comment = |who: &str, day: u8| {
        format!(r#"{{"author": "{who}", "body": "x", "createdAt": "2020-01-0{day}T00:00:00Z"}}"#)
    };
    let keys = |comments: &[String]| -> Vec<String> {
        let pull = imported_pull(&format!(", \"comments\": [{}]", comments.join(",")));
        pull.comments.into_iter().map(|comment| comment.key).collect()
    };
    let before = keys(&[comment("a", 1), comment("a", 2), comment("b", 2), comment("c", 3)]);
    let after = keys(&[comment("a", 2), comment("b", 2), comment("renamed", 3)]);
    assert_eq!(before[1..], after);
    assert_eq!(before[1], "1/comment/2020-01-02T00:00:00Z/1");
    assert_eq!(before[2], "1/comment/2020-01-02T00:00:00Z/2");
}

#[test]
fn a_text_too_long_for_one_place_continues_and_none_of_it_is_lost() {
    let body = "bödy ".repeat(MAX_BODY_BYTES / 3);
    let comment = "cömment ".repeat(MAX_COMMENT_BYTES / 4);
    let pull = imported_pull(&format!(
        r#", "author": "a", "body": "{body}", "comments": [{{"author": "c", "body": "{comment}", "createdAt": "2020-06-01T00:00:00Z"}}]"#
    ));
    assert!(pull.body.len() <= MAX_BODY_BYTES);
    assert!(pull.comments.iter().all(|comment| comment.body.len() <= MAX_COMMENT_BYTES));
    let of = |who: &str| -> String {
        let said = pull.comments.iter().filter(|comment| comment.author.as_deref() == Some(who));
        said.map(|comment| comment.body.as_str()).collect()
    };
    assert_eq!(format!("{}{}", pull.body, of("a")), body);
    assert_eq!(of("c"), comment);
    let root = pull.comments.iter().position(|comment| comment.kind == CommentKind::Comment);
    assert_eq!(pull.comments.last().unwrap().reply_to, root);
    let keys: std::collections::HashSet<_> = pull.comments.iter().map(|comment| &comment.key).collect();
    assert_eq!(keys.len(), pull.comments.len());
}

#[test]
fn titles_are_one_line_never_empty_and_bounded() {
    let title = |json: &str| {
        let json = archive(&thread(1, r#", "author": "a""#).replace("\"t1\"", json), "");
        let issue = imported(&json).remove(0);
        (issue.title, issue.notes)
    };
    assert_eq!(title("null"), ("(no title)".to_owned(), vec![Note::TitleMissing]));
    assert_eq!(title(r#"" \n ""#), ("(no title)".to_owned(), vec![Note::TitleMissing]));
    assert_eq!(title(r#"" a\nb ""#), ("a b".to_owned(), vec![Note::TitleTidied]));
    let (cut, notes) = title(&format!("\"{}\"", "é".repeat(MAX_TITLE_CHARS + 1)));
    assert_eq!((cut.chars().count(), notes), (MAX_TITLE_CHARS, vec![Note::TitleCut]));
}

#[test]
fn the_report_speaks_to_people_and_to_scripts() {
    let survey = surveyed(archive("", &thread(1, r#", "headRefName": "patch", "author": null"#))).unwrap();
    let table = survey.report.to_table();
    assert!(table.contains("pulls[].headRefName") && table.contains("\"patch\""), "{table}");
    assert!(table.contains("author's account no longer exists"), "{table}");
    let json = serde_json::to_value(&survey).unwrap();
    assert_eq!(json["report"]["notCarried"]["pulls[].headRefName"]["count"], 1);
    assert_eq!(json["report"]["notes"]["authorDeleted"]["firstAt"], "#1");
    assert_eq!(json["report"]["carried"]["pullRequests"], 1);
    assert_eq!(json["takenAt"], "2026-07-09T01:59:21.99615Z");
}
