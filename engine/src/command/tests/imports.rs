//! Imports: original numbers, times and authors; nothing twice; all or nothing.

use super::why;
use super::world::{Company, Done};
use crate::command::comment::DeleteComment;
use crate::command::import::{
    IMPORT_ITEMS_MAX, ImportBatch, ImportItem, ImportedComment, ImportedIssue, imported_comment_id,
    imported_issue_id,
};
use crate::command::issue::DeleteIssue;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Actor, Origin};
use crate::id::IssueId;
use crate::model::{IssueKind, IssueSource, MemberStatus, Resolution, StateCategory};
use crate::time::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn source(id: &str) -> IssueSource {
    IssueSource { system: "github".into(), id: id.into(), url: None, state: None }
}

fn person(login: &str) -> ImportItem {
    ImportItem::Person { source: format!("github:{login}"), name: login.into() }
}

fn label(name: &str) -> ImportItem {
    ImportItem::Label { name: name.into(), color: "#d73a4a".into(), description: None }
}

/// An issue of 2020 by octocat.
fn issue(company: &Company, number: u32) -> ImportedIssue {
    let (id, created_at) = (format!("I_{number}"), at("2020-02-01T10:00:00Z"));
    ImportedIssue {
        id: imported_issue_id(company.tenant.id, "github", &id, created_at),
        source: source(&id),
        team: company.team,
        number,
        title: format!("Number {number}"),
        description: Some("What happens".into()),
        kind: IssueKind::Bug,
        closed: None,
        creator: "github:octocat".into(),
        assignees: Vec::new(),
        labels: Vec::new(),
        created_at,
        updated_at: at("2020-02-03T10:00:00Z"),
    }
}

/// A comment of 2020 by octocat.
fn comment(company: &Company, issue: IssueId, key: &str) -> ImportedComment {
    let created_at = at("2020-02-02T10:00:00Z");
    ImportedComment {
        id: imported_comment_id(company.tenant.id, "github", key, created_at),
        source: source(key),
        issue,
        author: "github:octocat".into(),
        body: "Seen here too".into(),
        parent: None,
        created_at,
        updated_at: created_at,
    }
}

fn import(company: &mut Company, items: Vec<ImportItem>) -> Result<Done> {
    company.origin = Origin::Import;
    let done = company.run(company.sue, ImportBatch { items });
    company.origin = Origin::Embed;
    done
}

/// The refusal of these items after octocat.
fn refusal(company: &mut Company, items: &[ImportItem]) -> Error {
    import(company, [&[person("octocat")], items].concat()).unwrap_err()
}

fn of(issue: ImportedIssue) -> ImportItem {
    ImportItem::Issue(Box::new(issue))
}

fn said(comment: ImportedComment) -> ImportItem {
    ImportItem::Comment(Box::new(comment))
}

#[test]
fn an_issue_comes_with_its_number_times_author_and_talk() {
    let mut company = Company::new();
    let closed = Some((at("2020-02-03T09:00:00Z"), Resolution::WontDo));
    let (people, labels) = (vec!["github:hubot".into()], vec!["BUG".into(), "bug".into()]);
    let wanted = ImportedIssue { closed, assignees: people, labels, ..issue(&company, 12) };
    let top = comment(&company, wanted.id, "c1");
    let reply = ImportedComment { parent: Some(top.id), ..comment(&company, wanted.id, "c2") };
    let (top_id, reply_id) = (top.id, reply.id);
    let items =
        vec![person("octocat"), person("hubot"), label("bug"), of(wanted.clone()), said(top), said(reply)];
    let done = import(&mut company, items).unwrap();

    let octocat = company.directory.member_by_source("github:octocat").unwrap();
    assert_eq!((octocat.status, octocat.email.as_ref()), (MemberStatus::Ghost, None));
    let row = company.issue(wanted.id);
    assert_eq!((row.number, row.creator, row.created_at), (12, octocat.id, wanted.created_at));
    assert_eq!((row.category, row.resolution), (StateCategory::Completed, Some(Resolution::WontDo)));
    assert_eq!((row.completed_at, row.started_at), (closed.map(|(at, _)| at), None));
    assert_eq!((row.updated_at, row.comment_count), (wanted.updated_at, 2));
    assert_eq!((row.labels.len(), row.assignees.len()), (1, 1));
    assert_eq!(company.comment(reply_id).parent, Some(top_id));

    let event = done.events.iter().find(|e| e.body.as_ref().is_some_and(|b| b.name() == "issue.created"));
    let event = event.unwrap();
    assert_eq!((event.at, event.actor), (wanted.created_at, Actor::Member(octocat.id)));
    assert_eq!((event.recorded_at, event.origin), (company.now, Origin::Import));
}

#[test]
fn a_second_run_adds_nothing_even_where_things_were_deleted_since() {
    let mut company = Company::new();
    let [kept, gone] = [1, 2].map(|number| issue(&company, number));
    let talk = [(kept.id, "a"), (kept.id, "b"), (gone.id, "c")];
    let talk = talk.map(|(on, key)| said(comment(&company, on, key)));
    let mut items = vec![person("octocat"), label("bug"), of(kept.clone()), of(gone.clone())];
    items.extend(talk);
    import(&mut company, items.clone()).unwrap();
    let first = comment(&company, kept.id, "a").id;
    company.run(company.ada, DeleteComment { comment: first }).unwrap();
    company.run(company.ada, DeleteIssue { issue: gone.id.into(), if_version: None }).unwrap();

    items.push(said(comment(&company, gone.id, "said after the first run")));
    let again = import(&mut company, items).unwrap();
    assert_eq!((again.subjects.len(), again.events.len()), (0, 0));
}

#[test]
fn an_item_that_comes_twice_in_a_batch_is_taken_once() {
    let mut company = Company::new();
    let one = issue(&company, 1);
    let talk = said(comment(&company, one.id, "a"));
    let items = [person("octocat"), label("bug"), of(one), talk];
    let twice = items.iter().chain(&items).cloned().collect();
    assert_eq!(import(&mut company, twice).unwrap().events.len(), 4);
}

#[test]
fn gaps_stay_reserved_and_new_numbers_follow_the_highest() {
    let mut company = Company::new();
    let items = vec![person("octocat"), of(issue(&company, 3)), of(issue(&company, 7))];
    import(&mut company, items).unwrap();
    let next = company.create(company.uli, "New");
    assert_eq!(company.issue(next).number, 8);
}

#[test]
fn a_number_that_another_issue_has_is_a_conflict_that_names_it() {
    let mut company = Company::new();
    company.create(company.uli, "Here before");
    let first = of(issue(&company, 1));
    let error = refusal(&mut company, &[first]);
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("number")));
    assert!(error.message().contains("ENG-1") && error.message().contains("I_1"), "{error}");
    let other = ImportedIssue { id: IssueId::generate(), ..issue(&company, 5) };
    let both = [of(issue(&company, 5)), of(other)];
    let error = refusal(&mut company, &both);
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("number")));
    for number in [0, 1 << 31] {
        let numbered = of(issue(&company, number));
        let error = refusal(&mut company, &[numbered]);
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("number")));
    }
}

#[test]
fn what_an_item_names_is_there_before_it() {
    let mut company = Company::new();
    let nobody = ImportedIssue { creator: "github:nobody".into(), ..issue(&company, 1) };
    let unlabelled = ImportedIssue { labels: vec!["lost".into()], ..issue(&company, 1) };
    let late = comment(&company, issue(&company, 1).id, "a");
    let answer = ImportedComment { parent: Some(comment(&company, late.issue, "b").id), ..late.clone() };
    for items in
        [vec![of(nobody)], vec![of(unlabelled)], vec![said(late)], vec![of(issue(&company, 1)), said(answer)]]
    {
        let error = refusal(&mut company, &items);
        assert_eq!(error.code(), ErrorCode::NotFound, "{error}");
        assert!(error.message().starts_with("item "), "{error}");
    }
    assert!(company.directory.member_by_source("github:octocat").is_none(), "a refused batch leaves nothing");
}

#[test]
fn a_reply_answers_a_comment_of_its_own_issue_that_is_no_reply() {
    let mut company = Company::new();
    let [one, two] = [1, 2].map(|number| issue(&company, number));
    let top = comment(&company, one.id, "top");
    let reply = ImportedComment { parent: Some(top.id), ..comment(&company, one.id, "reply") };
    let deeper = ImportedComment { parent: Some(reply.id), ..comment(&company, one.id, "deeper") };
    let astray = ImportedComment { parent: Some(top.id), ..comment(&company, two.id, "astray") };
    let before = vec![person("octocat"), of(one), of(two), said(top), said(reply)];
    for wrong in [deeper, astray] {
        let error = import(&mut company, [before.clone(), vec![said(wrong.clone())]].concat()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "in one batch: {error}");
    }
    import(&mut company, before).unwrap();
    let deeper = ImportedComment {
        parent: Some(comment(&company, issue(&company, 1).id, "reply").id),
        ..comment(&company, issue(&company, 1).id, "deeper")
    };
    let error = import(&mut company, vec![said(deeper)]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput, "over two batches: {error}");
}

#[test]
fn texts_beyond_their_bounds_are_refused() {
    let mut company = Company::new();
    let long = ImportedIssue { title: "x".repeat(513), ..issue(&company, 1) };
    let empty = ImportedComment { body: " ".into(), ..comment(&company, issue(&company, 1).id, "a") };
    let far = ImportedIssue { source: source(&"x".repeat(10_000)), ..issue(&company, 1) };
    let wordy = ImportItem::Label {
        name: "x".into(),
        color: "#000000".into(),
        description: Some("x".repeat(10_000)),
    };
    let crowd = ImportItem::Person { source: "x".repeat(10_000), name: "x".into() };
    let cases =
        [vec![of(long)], vec![of(issue(&company, 1)), said(empty)], vec![of(far)], vec![wordy], vec![crowd]];
    for items in cases {
        assert_eq!(refusal(&mut company, &items).code(), ErrorCode::InvalidInput);
    }
    let many = vec![person("octocat"); IMPORT_ITEMS_MAX + 1];
    assert_eq!(why(&import(&mut company, many).unwrap_err()), (ErrorCode::InvalidInput, Some("items")));
}

#[test]
fn super_admins_alone_import() {
    let mut company = Company::new();
    company.origin = Origin::Import;
    for who in [company.ada, company.uli] {
        let error = company.run(who, ImportBatch { items: vec![person("octocat")] }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Forbidden);
    }
}

#[test]
fn imports_bring_no_more_people_who_take_no_part_than_the_limit() {
    let mut company = Company::new();
    company.limits.ghosts_max = 2;
    import(&mut company, vec![person("octocat")]).unwrap();
    let error = import(&mut company, vec![person("octocat"), person("a"), person("b")]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
    assert!(error.message().contains("at most 2 people"), "{error}");
    import(&mut company, vec![person("a"), person("a"), person("octocat")]).unwrap();
    assert!(import(&mut company, vec![person("b")]).is_err());
    assert_eq!(company.directory.ghosts(), 2);
}
