//! In which order plugins and the workflow have their say, who is not asked, and what the log tells of it.

use super::*;
use crate::command::workflow::{
    NewState, NewTransition, PublishWorkflow, SaveWorkflowDraft, WorkflowContent,
};
use crate::engine::AuditRequest;
use crate::event::Amendment;
use crate::model::{Guard, RequiredField};

/// The company's workflow anew: from open one may only go to done, and only with an estimate.
async fn guarded(world: &World) {
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    let workflow = reader.directory().workflow_of(world.team).unwrap().id;
    let state = |key: &str, category| NewState {
        key: key.into(),
        name: key.to_uppercase(),
        category,
        color: None,
        wip_limit: None,
    };
    let content = WorkflowContent {
        states: vec![state("open", StateCategory::Unstarted), state("done", StateCategory::Completed)],
        initial: "open".into(),
        transitions: vec![NewTransition {
            name: None,
            from: Some("open".into()),
            to: "done".into(),
            guards: vec![Guard::Fields(vec![RequiredField::Estimate])],
            effects: Vec::new(),
            approvals: None,
        }],
    };
    let save = SaveWorkflowDraft { workflow, if_version: None, content };
    world.engine.execute(world.cx(), save).await.unwrap();
    world.engine.execute(world.cx(), PublishWorkflow { workflow, if_version: None }).await.unwrap();
}

#[tokio::test]
async fn an_amendment_supplies_what_a_guard_demands_and_validation_sees_the_whole() {
    let script = Script::new()
        .amending(|_, proposal| match proposal.point {
            HookPoint::Transition => Ok(IssuePatch { estimate: Some(Some(5)), ..IssuePatch::default() }),
            _ => Ok(IssuePatch::default()),
        })
        .denying(|_, proposal| {
            if proposal.point == HookPoint::Transition {
                assert_eq!(proposal.after.estimate, Some(5));
                assert_eq!(proposal.after.category, StateCategory::Completed);
            }
            Ok(None)
        });
    let (_folder, world, _) = played(script).await;
    guarded(&world).await;
    let before = made(&world, new(&world)).await;
    let state = done_of(&world, &before).await;
    let close = || {
        let patch = IssuePatch { state: Some(state), ..IssuePatch::default() };
        UpdateIssue::new(before.id.into(), patch)
    };
    let refused = world.engine.execute(world.cx(), close()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected, "nobody supplies an estimate yet");
    install(&world, "one", |_| {}).await;
    world.engine.execute(world.cx(), close()).await.unwrap();
    let now = issue(&world.engine, &world, before.id).await;
    assert_eq!((now.estimate, now.category), (Some(5), StateCategory::Completed));
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

async fn done_of(world: &World, issue: &Issue) -> StateId {
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    let moves = reader.moves(reader.directory(), issue);
    moves.iter().find(|found| found.to.category == StateCategory::Completed).unwrap().to.id
}

#[tokio::test]
async fn the_log_tells_which_plugin_amended_what() {
    let script = Script::new().amending(|name, proposal| match (name, proposal.point) {
        ("first", HookPoint::Create) => Ok(priority(Priority::High)),
        ("first", HookPoint::Comment) => Ok(priority(Priority::Low)),
        // What is so already is not amended.
        ("second", HookPoint::Create) => Ok(priority(Priority::High)),
        _ => Ok(IssuePatch::default()),
    });
    let (_folder, world, _) = played(script).await;
    let first = install(&world, "first", |command| command.order = Some(1)).await;
    install(&world, "second", |command| command.order = Some(2)).await;
    let about = made(&world, new(&world)).await;
    let command = CreateComment { id: None, issue: about.id.into(), body: "hello".into(), parent: None };
    world.engine.execute(world.cx(), command).await.unwrap();
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    let now = issue(&world.engine, &world, about.id).await;
    let mut events = reader.history(&now, None, 10).await.unwrap();
    events.sort_by_key(|event| event.seq);
    let marked = vec![Amendment { installation: first, fields: vec!["priority".into()] }];
    let told: Vec<_> = events.into_iter().map(|event| event.amended).collect();
    assert_eq!(told, [marked.clone(), vec![], marked], "the comment itself is as it was written");
    let request = AuditRequest { first: 50, ..AuditRequest::default() };
    let page = world.engine.audit(&world.cx(), request).await.unwrap();
    let details = page.entries.iter().flat_map(|entry| &entry.details);
    let amended: Vec<_> = details.filter(|d| d.name == "amendedBy").filter_map(|d| d.to.clone()).collect();
    assert_eq!(amended, vec![format!("{first}: priority"); 2]);
}

#[tokio::test]
async fn nobody_is_asked_about_imports_and_the_engines_own_doing_and_others_about_that_of_a_plugin() {
    let (_folder, world, script) = played(Script::new()).await;
    let one = install(&world, "one", |_| {}).await;
    for origin in [Origin::Import, Origin::System] {
        world.engine.execute(world.cx().with_origin(origin), new(&world)).await.unwrap();
    }
    assert!(script.asked.lock().is_empty());
    install(&world, "other", |_| {}).await;
    install(&world, "disabled", |command| command.enable = false).await;
    let one = installation(&world, one).await;
    world.engine.execute(by(&world, &one, 1), new(&world)).await.unwrap();
    assert_eq!(*script.asked.lock(), ["amend other CREATE", "validate other CREATE"]);
}

#[tokio::test]
async fn a_rehearsal_asks_and_tells_all_and_writes_nothing() {
    let script = Script::new()
        .amending(|_, _| Ok(priority(Priority::High)))
        .denying(|_, proposal| if proposal.after.title == "No" { no("not this one") } else { Ok(None) });
    let (_folder, world, script) = played(script).await;
    install(&world, "one", |_| {}).await;
    let cx = || world.cx().with_dry_run(true);
    let done = world.engine.execute(cx(), new(&world)).await.unwrap();
    assert_eq!(done.events.len(), 1);
    assert_eq!(done.events[0].amended.len(), 1, "it tells what a plugin would amend");
    let command = CreateIssue { title: "No".into(), ..new(&world) };
    let refused = world.engine.execute(cx(), command).await.unwrap_err();
    assert_eq!(refused.message(), "not this one");
    assert!(script.rehearsed.lock().iter().all(|rehearsal| *rehearsal));
    let id = done.issue().unwrap();
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    assert_eq!(reader.issues_by_id(&[id]).await.unwrap(), [None]);
}

#[tokio::test]
async fn a_plugin_moves_nothing_and_says_nothing_about_who_sees_an_issue() {
    let script = Script::new().amending(|_, _| {
        Ok(IssuePatch {
            state: Some(StateId::generate()),
            archived: Some(true),
            confidential: Some(true),
            ..IssuePatch::default()
        })
    });
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    let made = made(&world, new(&world)).await;
    assert!(made.archived_at.is_none() && made.category != StateCategory::Completed);
}
