//! What is refused for plugins: each part of a request by itself, within their time, and forgotten afterwards.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

fn bulk(issues: &[&Issue], atomic: bool) -> UpdateIssues {
    UpdateIssues {
        issues: issues.iter().map(|issue| issue.id.into()).collect(),
        patch: priority(Priority::High),
        atomic,
        request_size: u32::try_from(issues.len()).unwrap(),
        first_index: 0,
    }
}

async fn three(world: &World) -> [Arc<Issue>; 3] {
    let called = |title: &str| CreateIssue { title: title.into(), ..new(world) };
    [made(world, called("good")).await, made(world, called("bad")).await, made(world, called("fine")).await]
}

#[tokio::test]
async fn in_a_bulk_change_a_denial_and_a_failure_concern_their_issue_alone() {
    let script = Script::new().denying(|_, proposal| match (proposal.point, &*proposal.after.title) {
        (HookPoint::Update, "bad") => no("not this one"),
        (HookPoint::Update, "good") => Err(HookFailure("it trapped".into())),
        _ => Ok(None),
    });
    let (_folder, world, _) = played(script).await;
    let [good, bad, fine] = three(&world).await;
    install(&world, "one", |command| command.on_failure = OnFailure::Closed).await;
    let done = world.engine.execute(world.cx(), bulk(&[&good, &bad, &fine], false)).await.unwrap();
    assert_eq!(done.subjects.len(), 1);
    assert_eq!(issue(&world.engine, &world, fine.id).await.priority, Priority::High);
    assert_eq!(issue(&world.engine, &world, bad.id).await.version, bad.version);
    let refused: Vec<_> = done.errors.iter().map(|e| (e.index.unwrap(), e.field.as_deref())).collect();
    assert_eq!(refused, [(0, None), (1, None), (1, Some("estimate"))]);
    assert!(done.errors[0].message.contains("`one` could not say"), "{}", done.errors[0].message);
    // All or none: it says which.
    let refused = world.engine.execute(world.cx(), bulk(&[&fine, &bad], true)).await;
    assert!(refused.is_err_and(|error| error.item() == Some(1) && error.fields().len() == 1));
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

#[tokio::test]
async fn in_a_bulk_change_a_refused_amendment_concerns_its_issue_alone() {
    let script = Script::new().amending(|_, proposal| match (proposal.point, &*proposal.after.title) {
        (HookPoint::Update, "bad") => {
            Ok(IssuePatch { title: Some("x".repeat(100_000)), ..IssuePatch::default() })
        }
        _ => Ok(IssuePatch::default()),
    });
    let (_folder, world, _) = played(script).await;
    let [good, bad, fine] = three(&world).await;
    install(&world, "one", |command| command.on_failure = OnFailure::Closed).await;
    let done = world.engine.execute(world.cx(), bulk(&[&good, &bad, &fine], false)).await.unwrap();
    assert_eq!(done.errors.len(), 1, "{:?}", done.errors);
    assert_eq!(done.errors[0].index, Some(1));
    assert!(done.errors[0].message.contains("it asked for a change that is refused"));
    assert_eq!(issue(&world.engine, &world, good.id).await.priority, Priority::High);
    assert_eq!(issue(&world.engine, &world, bad.id).await.version, bad.version);
}

#[tokio::test]
async fn all_that_plugins_say_against_a_change_is_told_at_once_and_cut() {
    let script = Script::new().denying(|name, _| {
        let message = format!("{name} \u{202e}says\u{7}\nno{}", "!".repeat(1_000));
        let fields = (0..50).map(|n| (format!("field_{n}"), "is missing".to_owned())).collect();
        Ok(Some(Denial { message, fields }))
    });
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    install(&world, "two", |_| {}).await;
    let refused = world.engine.execute(world.cx(), new(&world)).await.unwrap_err();
    let (one, two) = refused.message().split_once("; ").unwrap();
    assert!(one.starts_with("one: one says no!!") && two.starts_with("two: two says no!!"));
    assert!(one.chars().count() < 520 && two.chars().count() < 520);
    assert_eq!(refused.fields().len(), 40);
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_has_failed_and_the_writer_goes_on() {
    let limits = Limits { hooks_time_ms: 50, ..Limits::default() };
    let (_folder, world, script) = played_within(Script::new(), limits).await;
    install(&world, "closed", |command| command.on_failure = OnFailure::Closed).await;
    install(&world, "shadow", |command| command.mode = PluginMode::Shadow).await;
    *script.silent.lock() = Some("shadow");
    made(&world, new(&world)).await;
    *script.silent.lock() = Some("closed");
    let refused = world.engine.execute(world.cx(), new(&world)).await.unwrap_err();
    assert!(refused.message().contains("took too long"), "{}", refused.message());
    *script.silent.lock() = None;
    made(&world, new(&world)).await;
}

#[tokio::test]
async fn while_a_plugin_is_asked_other_companies_go_on() {
    let limits = Limits { hooks_time_ms: 60_000, ..Limits::default() };
    let (_folder, world, script) = played_within(Script::new(), limits).await;
    install(&world, "slow", |_| {}).await;
    *script.silent.lock() = Some("slow");
    let (engine, cx, command) = (world.engine.clone(), world.cx(), new(&world));
    let waiting = tokio::spawn(async move { engine.execute(cx, command).await });
    while script.asked.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let admin =
        crate::platform::FirstAdmin { email: "bo@other.test".into(), name: "Bo".into(), password: None };
    let other = crate::platform::NewTenant::new("other", "Other").with_team("OPS").with_admin(admin);
    let other = world.engine.create_tenant(other).await.unwrap();
    super::super::create(&world.engine, &other, "One").await;
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_denied_request_keeps_nothing_under_its_key() {
    let open = Arc::new(AtomicBool::new(false));
    let opened = open.clone();
    let script = Script::new().denying(
        move |_, _| {
            if opened.load(Ordering::Relaxed) { Ok(None) } else { no("not yet") }
        },
    );
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    let cx = || world.cx().with_idempotency_key(Some("again".to_owned()));
    assert_eq!(world.engine.execute(cx(), new(&world)).await.unwrap_err().message(), "not yet");
    open.store(true, Ordering::Relaxed);
    let done = world.engine.execute(cx(), new(&world)).await.unwrap();
    assert!(!done.replayed && done.issue().is_some());
}

#[tokio::test]
async fn what_is_said_of_no_field_belongs_to_the_whole() {
    let script = Script::new().denying(|_, _| {
        let fields = [("", "not today"), (" \u{7}", ""), ("estimate", "")];
        let fields = fields.map(|(field, said)| (field.to_owned(), said.to_owned())).to_vec();
        Ok(Some(Denial { message: "no".into(), fields }))
    });
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    let refused = world.engine.execute(world.cx(), new(&world)).await.unwrap_err();
    assert_eq!(refused.message(), "no; not today");
    assert_eq!(refused.fields(), [("estimate".to_owned(), "no reason was given".to_owned())]);
}
