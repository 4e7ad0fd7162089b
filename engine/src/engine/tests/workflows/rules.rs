//! Large workflows and their rules, as those meet them who move many issues at once, or look what they can do.

use super::{Company, content, reader, rows, step};
use crate::command::issue::{IssuePatch, UpdateIssue};
use crate::command::workflow::{NewTransition, PublishWorkflow, SaveWorkflowDraft};
use crate::engine::Engine;
use crate::engine::tests::World;
use crate::id::IssueId;
use crate::model::{ApprovalRule, Effect, Guard, Priority, RequiredField, Role};
use crate::storage::StoreKind;
use crate::workflow::ReasonCode;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_workflow_is_stored_replaced_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    for letter in ["a", "b", "c"] {
        let mut large = content(48);
        // Fifteen comments of four kilobytes leave little of what a version may take.
        large.transitions = (0..15)
            .map(|n| NewTransition {
                effects: vec![Effect::Comment(letter.repeat(4 * 1024))],
                ..step("open", &format!("step_{n}"), Vec::new())
            })
            .collect();
        company.publish(large).await;
    }
    let report = company.world.engine.check(company.tenant()).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    let Company { world: World { engine, founded, team }, workflow } = company;
    engine.close().await;
    drop(engine);

    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let company = Company { world: World { engine, founded, team }, workflow };
    let versions: Vec<_> = reader(&company.world).await.directory().versions().map(|v| v.number).collect();
    assert_eq!(versions.len(), 4);
    company.publish(content(1)).await;
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_move_that_writes_comments_fits_its_batches() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let mut talking = content(1);
    let effects = vec![Effect::Comment("x".repeat(4 * 1024)), Effect::Priority(Priority::High)];
    talking.transitions = vec![NewTransition { effects, ..step("open", "step_0", Vec::new()) }];
    company.publish(talking).await;
    let ids = company.issues(40, None).await;
    let patch = IssuePatch { state: Some(company.state("step_0").await), ..IssuePatch::default() };
    let refs: Vec<_> = ids.iter().map(|id| (*id).into()).collect();
    let engine = &company.world.engine;
    let many = engine.update_issues(company.world.cx(), refs.clone(), patch.clone(), true).await.unwrap_err();
    assert!(many.message().contains("1 to 16"), "{many}");
    let done = engine.update_issues(company.world.cx(), refs, patch, false).await.unwrap();
    assert_eq!((done.errors.len(), done.events.len()), (0, 80));
    assert!(rows(&company.world, &ids).await.iter().all(|row| row.comment_count == 1));
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_move_sent_again_is_answered_alike_whatever_was_drafted_or_published_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    company.publish(content(1)).await;
    let (each, all) = (company.issues(40, None).await, company.issues(40, None).await);
    let patch = IssuePatch { state: Some(company.state("step_0").await), ..IssuePatch::default() };
    let send = async |ids: &[IssueId], atomic, key: &str| {
        let refs = ids.iter().map(|id| (*id).into()).collect();
        let cx = company.world.cx().with_idempotency_key(Some(key.to_owned()));
        company.world.engine.update_issues(cx, refs, patch.clone(), atomic).await.unwrap()
    };
    assert!(!send(&each, false, "each").await.replayed);
    let mut talking = content(1);
    let effects = vec![Effect::Comment("Begun".into())];
    talking.transitions = vec![NewTransition { effects, ..step("open", "step_0", Vec::new()) }];
    let save = SaveWorkflowDraft { workflow: company.workflow, if_version: None, content: talking };
    company.world.engine.execute(company.world.cx(), save).await.unwrap();
    assert!(!send(&all, true, "all").await.replayed, "a draft is no rule");
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    company.world.engine.execute(company.world.cx(), publish).await.unwrap();
    for (ids, atomic, key) in [(&each, false, "each"), (&all, true, "all")] {
        let again = send(ids, atomic, key).await;
        assert!(again.replayed && again.errors.is_empty(), "{key}");
    }
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_is_told_which_moves_are_refused_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let mut ruled = content(1);
    ruled.transitions = vec![
        step("open", "step_0", vec![Guard::Fields(vec![RequiredField::Estimate]), Guard::NoOpenChildren]),
        NewTransition {
            approvals: Some(ApprovalRule { count: 1, roles: vec![Role::Admin] }),
            ..step("open", "done", Vec::new())
        },
    ];
    company.publish(ruled).await;
    let [whole, part] = company.issues(2, None).await.try_into().unwrap();
    let patch = IssuePatch { parent: Some(Some(whole.into())), ..IssuePatch::default() };
    company.world.engine.execute(company.world.cx(), UpdateIssue::new(part.into(), patch)).await.unwrap();
    let told = async |id| {
        let reader = reader(&company.world).await;
        let row = rows(&company.world, &[id]).await.remove(0);
        let moves = reader.moves(reader.directory(), &row);
        let told = moves.iter().map(|one| {
            let codes: Vec<_> = one.reasons.iter().map(|reason| reason.code).collect();
            (one.to.key().into_owned(), codes)
        });
        told.collect::<Vec<_>>()
    };
    let done = ("done".to_owned(), vec![ReasonCode::Approvals]);
    let lacking = vec![ReasonCode::FieldMissing, ReasonCode::OpenChildren];
    assert_eq!(told(whole).await, [("step_0".to_owned(), lacking), done.clone()]);
    assert_eq!(told(part).await, [("step_0".to_owned(), vec![ReasonCode::FieldMissing]), done]);
    company.end().await;
}
