//! Threads one level deep, and what becomes of edits and deletions.

use super::why;
use super::world::{Company, Done};
use crate::command::comment::{CreateComment, DeleteComment, EditComment};
use crate::command::issue::DeleteIssue;
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::{CommentId, IssueId};

fn say(company: &mut Company, issue: IssueId, body: &str, parent: Option<CommentId>) -> Result<Done> {
    let command = CreateComment { issue: issue.into(), id: None, body: body.into(), parent };
    company.run(company.uli, command)
}

fn edit(comment: CommentId, body: &str) -> EditComment {
    EditComment { comment, body: body.into(), if_version: None }
}

#[test]
fn a_comment_counts_and_makes_its_issue_fresh() {
    let mut company = Company::new();
    let issue = company.create(company.ute, "Any");
    let done = say(&mut company, issue, "Seen here too", None).unwrap();
    assert_eq!(company.comment(done.comment()).author, company.uli);
    let row = company.issue(issue);
    assert_eq!((row.comment_count, row.updated_at, row.version), (1, company.now, 2));
}

#[test]
fn a_reply_answers_a_comment_of_the_same_issue_that_is_no_reply_itself() {
    let mut company = Company::new();
    let [issue, other] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    let top = say(&mut company, issue, "Question", None).unwrap().comment();
    let reply = say(&mut company, issue, "Answer", Some(top)).unwrap().comment();
    let error = say(&mut company, issue, "Thanks", Some(reply)).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("parentId")));
    assert!(error.message().contains(&top.to_string()), "it says which comment to answer: {error}");
    let error = say(&mut company, other, "Elsewhere", Some(top)).unwrap_err();
    assert_eq!(error.field(), Some("parentId"));
    company.run(company.uli, DeleteComment { comment: top }).unwrap();
    let error = say(&mut company, issue, "Too late", Some(top)).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::NotFound, Some("parentId")));
}

#[test]
fn a_comment_says_something_and_not_too_much() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    for body in [String::new(), " \n".into(), "x".repeat(company.limits.comment_bytes_max + 1), "\0".into()] {
        let error = say(&mut company, issue, &body, None).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("body")));
    }
}

#[test]
fn an_issue_has_no_more_comments_than_the_limit() {
    let mut company = Company::new();
    company.limits.comments_per_issue_max = 2;
    let issue = company.create(company.uli, "Any");
    for _ in 0..2 {
        say(&mut company, issue, "One more", None).unwrap();
    }
    assert!(say(&mut company, issue, "Too many", None).is_err());
}

#[test]
fn only_the_author_edits_and_an_edit_leaves_its_time() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let comment = say(&mut company, issue, "Fisrt", None).unwrap().comment();
    for other in [company.ute, company.ada, company.sue] {
        let error = company.run(other, edit(comment, "Mine")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Forbidden);
    }
    let same = company.run(company.uli, edit(comment, "Fisrt")).unwrap();
    assert_eq!((same.subjects, same.events.len()), (vec![Subject::Issue(issue)], 0));
    company.run(company.uli, edit(comment, "First")).unwrap();
    let row = company.comment(comment);
    assert_eq!((row.body.as_str(), row.edited_at), ("First", Some(company.now)));
    let stale = EditComment { if_version: Some(1), ..edit(comment, "Firstly") };
    assert_eq!(why(&company.run(company.uli, stale).unwrap_err()), (ErrorCode::Conflict, Some("ifVersion")));
}

#[test]
fn a_deleted_comment_loses_its_text_and_keeps_its_place() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let top = say(&mut company, issue, "Question", None).unwrap().comment();
    let reply = say(&mut company, issue, "Answer", Some(top)).unwrap().comment();
    let error = company.run(company.ute, DeleteComment { comment: top }).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    company.run(company.ada, DeleteComment { comment: top }).unwrap();
    assert_eq!((company.comment(top).body.as_str(), company.issue(issue).comment_count), ("", 1));
    assert_eq!(company.comment(reply).parent, Some(top));
    let again = company.run(company.ada, DeleteComment { comment: top }).unwrap_err();
    assert_eq!(again.code(), ErrorCode::NotFound);
}

#[test]
fn what_is_said_on_a_deleted_issue_is_not_found() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let comment = say(&mut company, issue, "Here", None).unwrap().comment();
    company.run(company.uli, DeleteIssue { issue: issue.into(), if_version: None }).unwrap();
    let refusals = [
        say(&mut company, issue, "Anyone?", None),
        company.run(company.uli, edit(comment, "There")),
        company.run(company.uli, DeleteComment { comment }),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().code(), ErrorCode::NotFound);
    }
}

#[test]
fn an_id_that_is_taken_is_a_conflict() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let id = Some(say(&mut company, issue, "Here", None).unwrap().comment());
    let again = CreateComment { issue: issue.into(), id, body: "Again".into(), parent: None };
    assert_eq!(why(&company.run(company.uli, again).unwrap_err()), (ErrorCode::Conflict, Some("id")));
}
