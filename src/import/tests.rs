//! Archives written by hand, broken ones, generated ones, and a real one where it is at hand.

mod broken;
mod conversion;
mod large;
mod real;

pub(super) use real::real_archive;

use std::io::Cursor;

use super::convert::to_import;
use super::error::ArchiveError;
use super::item::{ImportIssue, Kind};
use super::model::Item;
use super::reader::{Placed, Totals, for_each_item};
use super::validate::{Survey, survey};

/// A whole archive around these lists' elements, with the labels last.
pub(super) fn archive(issues: &str, pulls: &str) -> String {
    format!(
        "{{\"repo\": \"o/r\", \"magic\": \"E!vIA5L86J2I\", \"timestamp\": \"2026-07-09T01:59:21.996150+00:00\",\n\
         \"issues\": [{issues}],\n\"pulls\": [{pulls}],\n\
         \"labels\": [{{\"name\": \"bug\", \"description\": null, \"color\": \"fc2929\"}}]}}"
    )
}

/// An issue or pull request with further fields, which begin with a comma.
pub(super) fn thread(number: i64, more: &str) -> String {
    format!(
        "{{\"number\": {number}, \"title\": \"t{number}\", \"state\": \"OPEN\", \
         \"createdAt\": \"2020-01-0{}T00:00:00Z\"{more}}}",
        number.rem_euclid(9) + 1
    )
}

fn surveyed(json: impl AsRef<[u8]>) -> Result<Survey, ArchiveError> {
    survey(Cursor::new(json.as_ref()))
}

fn refused(json: impl AsRef<[u8]>) -> ArchiveError {
    surveyed(json).map(|survey| panic!("accepted: {survey:?}")).unwrap_err()
}

/// Everything an archive converts to, in the order of the file.
fn imported(json: &str) -> Vec<ImportIssue> {
    let mut issues = Vec::new();
    let each = |placed: Placed<'_>| -> Result<(), ArchiveError> {
        match placed.item {
            Item::Label(_) => {}
            Item::Issue(thread) => issues.push(to_import(Kind::Issue, thread, placed.json)),
            Item::Pull(thread) => issues.push(to_import(Kind::PullRequest, thread, placed.json)),
        }
        Ok(())
    };
    let _: Totals = for_each_item(Cursor::new(json), each).unwrap();
    issues
}

/// The one item of an archive of one pull request.
fn imported_pull(more: &str) -> ImportIssue {
    imported(&archive("", &thread(1, more))).remove(0)
}

#[test]
fn labels_may_come_after_the_issues_that_have_them() {
    let survey = surveyed(archive(&thread(1, r#", "labels": ["bug", "new"]"#), "")).unwrap();
    assert!(survey.labels["bug"].is_some());
    assert!(survey.labels["new"].is_none());
    assert_eq!(survey.report.carried.labels, 1);
}

#[test]
fn an_archive_of_issues_alone_is_accepted_and_said_to_be_one() {
    let survey = surveyed(r#"{"magic": "E!vIA5L86J2I", "repo": "o/r", "labels": [], "issues": []}"#).unwrap();
    assert_eq!(survey.problems.len(), 1);
    assert!(survey.problems[0].what.contains("no `pulls`"), "{:?}", survey.problems);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let json = format!("\u{feff}{}", archive("", ""));
    assert_eq!(surveyed(&json).unwrap().bytes, json.len() as u64);
}

#[test]
fn gaps_and_references_into_them_are_counted() {
    let body = r##", "body": "see #1, #2 and #9", "comments": [{"body": "#2!", "createdAt": "2020-01-01T00:00:00Z"}]"##;
    let survey = surveyed(archive(&thread(3, body), &thread(1, ""))).unwrap();
    assert_eq!((survey.number_min, survey.number_max, survey.gaps.as_slice()), (1, 3, [2].as_slice()));
    assert_eq!((survey.references, survey.dangling_references), (4, 3));
}

#[test]
fn unknown_parts_of_the_archive_are_reported() {
    let json = archive("", "").replacen('{', r#"{"milestones": [{"a": 1}], "stats": 5, "#, 1);
    let survey = surveyed(json).unwrap();
    assert!(survey.report.not_carried.contains_key("milestones"));
    assert!(survey.report.not_carried.contains_key("stats"));
}

#[test]
fn a_visitor_can_stop_with_its_own_error() {
    #[derive(Debug)]
    struct Enough;
    impl From<ArchiveError> for Enough {
        fn from(error: ArchiveError) -> Self {
            panic!("{error}")
        }
    }
    let json = archive(&[thread(1, ""), thread(2, "")].join(","), "");
    let mut seen = 0;
    let stopped = for_each_item(Cursor::new(&json), |_| {
        seen += 1;
        Err(Enough)
    });
    assert!(stopped.is_err());
    assert_eq!(seen, 1);
}
