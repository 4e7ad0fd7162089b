//! Who imports, from the first question to the last batch, at a time that the test says.

use super::sign_in::Timed;
use crate::audit::AuditFilter;
use crate::command::import::{ImportBatch, ImportItem};
use crate::command::member::UpdateMember;
use crate::context::OpContext;
use crate::engine::{AuditRequest, Importer, NewApiKey};
use crate::error::ErrorCode;
use crate::event::{Actor, Subject};
use crate::id::SessionId;
use crate::model::{KeyScope, Role};

/// Ana imports, let in by this session.
async fn begun(timed: &Timed, session: Option<SessionId>) -> Importer {
    timed.engine().begin_import(timed.cx(timed.ana()), session).await.unwrap()
}

fn somebody() -> ImportBatch {
    ImportBatch {
        items: vec![ImportItem::Person { source: "github:octocat".into(), name: "octocat".into() }],
    }
}

/// That neither what is there is shown, nor anything written.
async fn is_over(importer: &Importer, code: ErrorCode) {
    assert_eq!(importer.expect_may().await.unwrap_err().code(), code);
    assert_eq!(importer.reader().await.map(drop).unwrap_err().code(), code);
    assert_eq!(importer.rehearse(somebody()).await.map(drop).unwrap_err().code(), code);
    assert_eq!(importer.execute(somebody()).await.map(drop).unwrap_err().code(), code);
    assert_eq!(importer.note_beginning(None, String::new()).await.unwrap_err().code(), code);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_with_its_session_also_when_its_access_tokens_ran_out_long_ago() {
    let timed = Timed::new().await;
    let tokens = timed.sign_in("ana").await;
    let session = timed.engine().authenticate(tokens.access.expose()).await.unwrap().session;
    let importer = begun(&timed, session).await;
    timed.pass(11 * 60);
    assert!(!timed.is_in(&tokens).await);
    importer.execute(somebody()).await.unwrap();
    timed.engine().sign_out(tokens.refresh.expose(), "a browser").await.unwrap();
    is_over(&importer, ErrorCode::Unauthenticated).await;
    timed.pass(20 * 60);
    timed.engine().live(importer.tenant()).await.unwrap().sweep().await.unwrap();
    is_over(&importer, ErrorCode::Unauthenticated).await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_when_its_session_would() {
    let timed = Timed::new().await;
    let tokens = timed.sign_in("ana").await;
    let session = timed.engine().authenticate(tokens.access.expose()).await.unwrap().session;
    let importer = begun(&timed, session).await;
    timed.pass(400 * 24 * 60 * 60);
    is_over(&importer, ErrorCode::Unauthenticated).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_with_its_key() {
    let timed = Timed::new().await;
    let new = NewApiKey { scope: KeyScope::Admin, ..NewApiKey::new(timed.ana(), "ci") };
    let (made, key) = timed.engine().create_api_key(timed.cx(timed.ana()), new).await.unwrap();
    let id = made.subjects.iter().find_map(|s| if let Subject::Key(id) = s { Some(*id) } else { None });
    let by_key = OpContext::new(timed.engine().authenticate(key.expose()).await.unwrap().principal);
    let importer = timed.engine().begin_import(by_key, None).await.unwrap();
    importer.execute(somebody()).await.unwrap();
    timed.engine().revoke_api_key(timed.cx(timed.ana()), id.unwrap()).await.unwrap();
    is_over(&importer, ErrorCode::Unauthenticated).await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_when_the_role_shrinks() {
    let timed = Timed::new().await;
    let become_a = |role| UpdateMember { role: Some(role), ..UpdateMember::of(timed.uwe) };
    timed.engine().execute(timed.cx(timed.ana()), become_a(Role::SuperAdmin)).await.unwrap();
    let importer = timed.engine().begin_import(timed.cx(timed.uwe), None).await.unwrap();
    importer.reader().await.unwrap();
    timed.engine().execute(timed.cx(timed.ana()), become_a(Role::Admin)).await.unwrap();
    is_over(&importer, ErrorCode::Unauthenticated).await;
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_imports_stands_in_the_audit_log_with_the_request_of_all_that_is_written() {
    let timed = Timed::new().await;
    let importer = begun(&timed, None).await;
    importer.note_beginning(Some(timed.world.team), "into ENG from o/r, 7 issues".into()).await.unwrap();
    importer.execute(somebody()).await.unwrap();
    let filter =
        AuditFilter { kinds: vec!["import.began".into(), "member".into()], ..AuditFilter::default() };
    let request = AuditRequest { filter, first: 2, after: None };
    let page = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap();
    let began = page.entries.iter().find(|entry| entry.kind == "import.began").unwrap();
    assert_eq!(began.actor, Some(Actor::Member(timed.ana())));
    assert_eq!(began.subject, Some(Subject::Team(timed.world.team)));
    assert!(format!("{:?}", began.details).contains("from o/r, 7 issues"), "{:?}", began.details);
    assert!(began.request.is_some() && page.entries.iter().all(|entry| entry.request == began.request));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_neither_a_session_nor_a_key_imports_for_an_hour() {
    let timed = Timed::new().await;
    let importer = begun(&timed, None).await;
    timed.pass(59 * 60);
    importer.execute(somebody()).await.unwrap();
    timed.pass(60);
    is_over(&importer, ErrorCode::Unauthenticated).await;
    let again = begun(&timed, None).await;
    again.expect_may().await.unwrap();
}
