//! Platform keys: what they prove, and that nothing else proves it.

use super::{DAY_MS, PASSWORD, Platform, sign_in, us};
use crate::engine::{Closing, NewApiKey, NewPlatformKey, SignedIn, Suspension};
use crate::error::ErrorCode;
use crate::identity::Password;
use crate::model::{JobStatus, JobTask, KeyScope};

async fn key(platform: &Platform, scope: KeyScope) -> (crate::id::ApiKeyId, String) {
    let engine = platform.engine();
    let email = "root@platform.test";
    let root = match engine.root_by_email(email).await.unwrap() {
        Some(root) => root,
        None => engine.create_root(email, "Root", Password::new(PASSWORD.into())).await.unwrap(),
    };
    let ends = engine.clock().now().plus_millis(DAY_MS);
    let new = NewPlatformKey {
        root,
        name: "sign-up".into(),
        scope,
        expires_at: Some(ends),
        networks: vec!["127.0.0.0/8".parse().unwrap()],
    };
    let (record, text) = engine.create_platform_key(new).await.unwrap();
    (record.id, text.expose().to_owned())
}

const HERE: Option<std::net::IpAddr> = Some(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_key_speaks_for_its_operator_until_its_end_and_from_its_networks() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let (id, text) = key(&platform, KeyScope::Write).await;
    let operator = engine.authenticate_operator(&text, HERE).await.unwrap();
    assert_eq!((operator.key(), operator.reach()), (Some(id), KeyScope::Write));
    assert!(engine.platform_keys()[0].last_used_ms.is_some());
    assert!(engine.authenticate_operator(&text, None).await.is_err(), "from nowhere");
    let elsewhere = Some("192.0.2.1".parse().unwrap());
    assert!(engine.authenticate_operator(&text, elsewhere).await.is_err());
    platform.pass(DAY_MS);
    assert!(engine.authenticate_operator(&text, HERE).await.is_err(), "its time is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_stays_revoked_and_the_others_go_on() {
    let platform = Platform::new().await;
    let engine = platform.engine();
    let ((first, text), (_, other)) =
        (key(&platform, KeyScope::Write).await, key(&platform, KeyScope::Read).await);
    let reader = engine.authenticate_operator(&other, HERE).await.unwrap();
    let refused = engine.revoke_platform_key(&reader, first).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let itself = engine.authenticate_operator(&text, HERE).await.unwrap();
    engine.revoke_platform_key(&itself, first).await.unwrap();
    assert!(engine.authenticate_operator(&text, HERE).await.is_err());
    let (engine, _folder) = platform.again().await;
    assert!(engine.authenticate_operator(&text, HERE).await.is_err());
    assert!(engine.authenticate_operator(&other, HERE).await.is_ok());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_side_believes_the_others_proofs() {
    let platform = Platform::new().await;
    let (engine, founded) = (platform.engine(), &platform.world.founded);
    let (_, root_key) = key(&platform, KeyScope::Admin).await;
    let refused = engine.authenticate_from(&root_key, HERE).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    let new = NewApiKey::new(founded.admin.unwrap(), "ci");
    let (_, members_key) = engine.create_api_key(platform.world.cx(), new).await.unwrap();
    let SignedIn::Tokens(tokens) = sign_in(engine, PASSWORD).await.unwrap() else { panic!() };
    let crossed = root_key.replacen("iss_root_", "iss_live_", 1);
    let all =
        [members_key.expose(), tokens.access.expose(), tokens.refresh.expose(), &crossed, "iss_root_", ""];
    for text in all {
        let refused = engine.authenticate_operator(text, HERE).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Unauthenticated, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_does_what_its_scope_says() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    let mut operators = Vec::new();
    for scope in [KeyScope::Read, KeyScope::Write, KeyScope::Admin] {
        let (_, text) = key(&platform, scope).await;
        operators.push(engine.authenticate_operator(&text, HERE).await.unwrap());
    }
    let may = [(false, false), (true, false), (true, true)];
    for (operator, (suspends, sees_people)) in operators.iter().zip(may) {
        let held = engine.suspend_tenant(operator, id, Suspension::default(), None).await;
        assert_eq!(held.is_ok(), suspends, "{operator:?}");
        engine.resume_tenant(&us(), id, None).await.unwrap();
        assert_eq!(engine.people_of(operator, id).await.is_ok(), sees_people, "{operator:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_of_a_key_end_when_it_is_revoked_and_closed_companies_open_for_admin_alone() {
    let platform = Platform::new().await;
    let (engine, id) = (platform.engine(), platform.world.founded.tenant.id);
    let (key_id, text) = key(&platform, KeyScope::Write).await;
    let by = engine.authenticate_operator(&text, HERE).await.unwrap();
    let turn = engine.0.platform.records.lock().await;
    let (job, _) = engine.begin_job(&by, JobTask::Resume, vec![id], None).await.unwrap();
    engine.revoke_platform_key(&us(), key_id).await.unwrap();
    drop(turn);
    assert_eq!(engine.job(job.id).unwrap().status, JobStatus::Canceled);
    let (_, text) = key(&platform, KeyScope::Write).await;
    let by = engine.authenticate_operator(&text, HERE).await.unwrap();
    engine.close_tenant(&us(), id, Closing::default(), None).await.unwrap();
    let refused = engine.resume_tenant(&by, id, None).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
}
