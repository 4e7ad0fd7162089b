//! What outsiders try to change: what is hidden answers in the words of what never was, and stays as it is.

use super::{CANARY, Company, HIDDEN_KEY};
use crate::command::Command;
use crate::command::comment::{CreateComment, DeleteComment, EditComment};
use crate::command::issue::{
    CreateRelation, DeleteIssue, DeleteRelation, IssuePatch, RestoreIssue, UpdateIssue, UpdateIssues,
};
use crate::command::label::DeleteLabel;
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::command::view::DeleteView;
use crate::error::ErrorCode;
use crate::filter::Link;
use crate::id::{CommentId, IssueId, LabelId, TeamId, ViewId};
use crate::model::RelationKind;
use std::fmt::Display;

/// Asks for the same change of something hidden and of something that never was.
async fn check<Id: Copy + Display, C: Command>(
    company: &Company,
    (hidden, missing): (Id, Id),
    make: impl Fn(Id) -> C,
) {
    for who in [company.uli, company.ada] {
        let refused = [hidden, missing].map(|id| (id, company.run(who, make(id))));
        let mut said = Vec::new();
        for (id, refused) in refused {
            let error = Box::pin(refused).await.unwrap_err();
            said.push((error.code(), error.message().replace(&id.to_string(), "it")));
        }
        assert_eq!(said[0], said[1]);
        assert_eq!(said[0].0, ErrorCode::NotFound);
    }
}

fn patched(id: IssueId, patch: IssuePatch) -> UpdateIssue {
    UpdateIssue::new(id.into(), patch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_issue_is_not_found_for_a_change_in_the_words_of_what_never_was() {
    let company = Company::new().await;
    let open = company.open;
    for id in &company.hidden {
        let ids = (*id, IssueId::generate());
        let titled = || IssuePatch { title: Some("x".into()), ..IssuePatch::default() };
        let link = Link { kind: RelationKind::Blocks, reversed: false };
        check(&company, ids, |id| patched(id, titled())).await;
        check(&company, ids, |id| {
            patched(open, IssuePatch { parent: Some(Some(id.into())), ..IssuePatch::default() })
        })
        .await;
        check(&company, ids, |id| UpdateIssues {
            issues: vec![open.into(), id.into()],
            patch: titled(),
            atomic: true,
            request_size: 2,
            first_index: 0,
        })
        .await;
        check(&company, ids, |id| CreateComment {
            id: None,
            issue: id.into(),
            body: "x".into(),
            parent: None,
        })
        .await;
        for (from, to) in [(true, false), (false, true)] {
            let ends = |id: IssueId| (if from { id } else { open }, if to { id } else { open });
            check(&company, ids, |id| CreateRelation {
                issue: ends(id).0.into(),
                link,
                other: ends(id).1.into(),
                if_version: None,
                close: false,
            })
            .await;
            check(&company, ids, |id| DeleteRelation {
                issue: ends(id).0.into(),
                link,
                other: ends(id).1.into(),
            })
            .await;
        }
        check(&company, ids, |id| DeleteIssue { issue: id.into(), if_version: None }).await;
        check(&company, ids, |id| RestoreIssue { issue: id.into() }).await;
    }
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_something_hidden_is_not_found_for_a_change_either() {
    let company = Company::new().await;
    let (open, comments) = (company.open, (company.comment, CommentId::generate()));
    check(&company, comments, |comment| EditComment { comment, if_version: None, body: "x".into() }).await;
    check(&company, comments, |comment| DeleteComment { comment }).await;
    check(&company, comments, |comment| CreateComment {
        id: None,
        issue: open.into(),
        body: "x".into(),
        parent: Some(comment),
    })
    .await;
    check(&company, (company.label, LabelId::generate()), |label| {
        patched(open, IssuePatch { labels: Some(vec![label]), ..IssuePatch::default() })
    })
    .await;
    let delete = |view| DeleteView { view, if_version: None };
    check(&company, (company.view, ViewId::generate()), delete).await;
    let admin = company.ada;
    let label = company.run(admin, DeleteLabel { label: company.label }).await.unwrap_err();
    assert_eq!(label.code(), ErrorCode::NotFound);
    for team in [company.secret_team, TeamId::generate()] {
        let patch = UpdateTeam { name: Some("x".into()), ..UpdateTeam::of(team) };
        assert_eq!(company.run(admin, patch).await.unwrap_err().code(), ErrorCode::NotFound);
    }
    let taken = CreateTeam { name: "x".into(), ..CreateTeam::with_key(HIDDEN_KEY) };
    let refused = company.run(admin, taken).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert!(!refused.message().contains(CANARY), "{refused:?}");
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_the_id_of_a_hidden_comment_to_another() {
    let company = Company::new().await;
    let again = CreateComment {
        id: Some(company.comment),
        issue: company.open.into(),
        body: "x".into(),
        parent: None,
    };
    let refused = company.run(company.uli, again).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert!(!refused.message().contains(CANARY), "{refused:?}");
    let edit = EditComment { comment: company.comment, if_version: None, body: format!("{CANARY} again") };
    company.run(company.ute, edit).await.unwrap();
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_see_a_parent_does_not_take_it_away() {
    let company = Company::new().await;
    let none = || IssuePatch { parent: Some(None), ..IssuePatch::default() };
    let done = company.run(company.uli, patched(company.open, none())).await.unwrap();
    assert!(done.events.is_empty(), "for them it has none");
    let parent =
        async || company.reader(company.ute).await.issue(&company.open.into()).await.unwrap().unwrap().parent;
    assert_eq!(parent().await, Some(company.hidden[1]));
    company.run(company.ute, patched(company.open, none())).await.unwrap();
    assert_eq!(parent().await, None);
    company.end().await;
}
