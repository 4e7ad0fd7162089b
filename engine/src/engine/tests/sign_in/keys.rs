//! API keys: how far they reach, from where, and when they were used.

use super::Timed;
use crate::command::issue::CreateIssue;
use crate::command::member::UpdateMember;
use crate::command::team::CreateTeam;
use crate::context::OpContext;
use crate::engine::NewApiKey;
use crate::error::ErrorCode;
use crate::id::MemberId;
use crate::identity::SecretText;
use crate::limits::Limits;
use crate::model::{KeyScope, MemberStatus, Role};
use crate::time::Timestamp;
use std::net::IpAddr;

async fn key(timed: &Timed, member: MemberId, scope: KeyScope) -> SecretText {
    let new = NewApiKey { scope, ..NewApiKey::new(member, "ci") };
    timed.engine().create_api_key(timed.cx(member), new).await.unwrap().1
}

async fn cx(timed: &Timed, key: &SecretText) -> OpContext {
    OpContext::new(timed.engine().authenticate(key.expose()).await.unwrap().principal)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_bounds_what_its_owner_may() {
    let timed = Timed::new().await;
    let issue = || CreateIssue { title: "By key".into(), ..CreateIssue::in_team(timed.world.team) };
    let team = |key: &str| CreateTeam {
        id: None,
        name: key.into(),
        key: key.into(),
        description: None,
        workflow: None,
        private: false,
    };
    for (scope, may_write, may_manage) in
        [(KeyScope::Read, false, false), (KeyScope::Write, true, false), (KeyScope::Admin, true, true)]
    {
        let key = key(&timed, timed.ana(), scope).await;
        let reader = timed.engine().reader(&cx(&timed, &key).await.principal).await;
        assert!(reader.is_ok(), "{scope}");
        let written = timed.engine().execute(cx(&timed, &key).await, issue()).await;
        assert_eq!(written.is_ok(), may_write, "{scope}");
        let managed = timed.engine().execute(cx(&timed, &key).await, team("OPS")).await;
        assert_eq!(managed.is_ok(), may_manage, "{scope}");
        if let Err(error) = managed {
            assert_eq!(error.code(), ErrorCode::Forbidden);
            assert!(error.message().contains(scope.as_str()), "{error}");
        }
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_never_more_than_its_owner_is_now() {
    let timed = Timed::new().await;
    let role = |role| {
        let update = UpdateMember {
            member: timed.uwe,
            if_version: None,
            name: None,
            role: Some(role),
            status: None,
            locale: None,
            time_zone: None,
        };
        timed.engine().execute(timed.cx(timed.ana()), update)
    };
    role(Role::Admin).await.unwrap();
    let key = key(&timed, timed.uwe, KeyScope::Admin).await;
    let team = |key: &str| CreateTeam {
        id: None,
        name: key.into(),
        key: key.into(),
        description: None,
        workflow: None,
        private: false,
    };
    timed.engine().execute(cx(&timed, &key).await, team("ONE")).await.unwrap();
    let before = cx(&timed, &key).await;
    role(Role::User).await.unwrap();
    for cx in [before, cx(&timed, &key).await] {
        let refused = timed.engine().execute(cx, team("TWO")).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Forbidden);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_makes_or_revokes_keys_nor_sets_passwords() {
    let timed = Timed::new().await;
    let key = key(&timed, timed.ana(), KeyScope::Admin).await;
    let cx = cx(&timed, &key).await;
    let made = timed.engine().create_api_key(cx.clone(), NewApiKey::new(timed.ana(), "more")).await;
    assert_eq!(made.map(drop).unwrap_err().code(), ErrorCode::Forbidden);
    let new = crate::identity::Password::new("another long passphrase".into());
    let set = timed.engine().set_password(cx.clone(), timed.ana(), new).await.unwrap_err();
    assert_eq!(set.code(), ErrorCode::Forbidden);
    let keys =
        timed.engine().api_keys(&OpContext::new(timed.principal(timed.ana())), timed.ana()).await.unwrap();
    let revoked = timed.engine().revoke_api_key(cx, keys[0].record.id).await.unwrap_err();
    assert_eq!(revoked.code(), ErrorCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_bound_to_networks_works_from_there_alone() {
    let timed = Timed::new().await;
    let networks = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let new = NewApiKey { networks, ..NewApiKey::new(timed.uwe, "office") };
    let (_, key) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
    let mut refusals = Vec::new();
    for (from, good) in [
        (Some("192.0.2.200"), true),
        (Some("::ffff:192.0.2.1"), true),
        (Some("2001:db8::9"), true),
        (Some("192.0.3.1"), false),
        (Some("2001:db9::9"), false),
        (None, false),
    ] {
        let address: Option<IpAddr> = from.map(|text| text.parse().unwrap());
        let found = timed.engine().authenticate_from(key.expose(), address).await;
        assert_eq!(found.is_ok(), good, "{from:?}");
        refusals.extend(found.err().map(|error| error.message().to_owned()));
    }
    let unknown = key.expose().replace("iss_live_", "iss_live_0");
    refusals.push(timed.engine().authenticate(&unknown).await.unwrap_err().message().to_owned());
    assert!(refusals.iter().all(|said| *said == refusals[0]), "why is not said: {refusals:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_key_and_that_of_somebody_suspended_are_refused() {
    let timed = Timed::new().await;
    let expires_at = Some(Timestamp::from_millis(timed.now() + 60_000));
    let new = NewApiKey { expires_at, ..NewApiKey::new(timed.uwe, "short") };
    let (_, key) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
    assert!(timed.engine().authenticate(key.expose()).await.is_ok());
    timed.pass(60);
    assert!(timed.engine().authenticate(key.expose()).await.is_err());
    let (_, lasting) = timed
        .engine()
        .create_api_key(timed.cx(timed.uwe), NewApiKey::new(timed.uwe, "lasting"))
        .await
        .unwrap();
    assert!(timed.engine().authenticate(lasting.expose()).await.is_ok());
    let suspend = UpdateMember { status: Some(MemberStatus::Suspended), ..UpdateMember::of(timed.uwe) };
    timed.engine().execute(timed.cx(timed.ana()), suspend).await.unwrap();
    assert!(timed.engine().authenticate(lasting.expose()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_force_are_listed_before_those_that_were_revoked() {
    let timed = Timed::new().await;
    for name in ["one", "two", "three"] {
        timed.engine().create_api_key(timed.cx(timed.uwe), NewApiKey::new(timed.uwe, name)).await.unwrap();
    }
    let listed = async || {
        timed.engine().api_keys(&OpContext::new(timed.principal(timed.uwe)), timed.uwe).await.unwrap()
    };
    let newest = listed().await[0].record.id;
    timed.engine().revoke_api_key(timed.cx(timed.uwe), newest).await.unwrap();
    let names: Vec<_> = listed().await.into_iter().map(|key| key.record.name).collect();
    assert_eq!(names, ["two", "one", "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_does_not_have_keys_without_end_though_they_revoke_them() {
    let limits = Limits { keys_ever_per_member_max: 2, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    for name in ["one", "two"] {
        timed.engine().create_api_key(timed.cx(timed.uwe), NewApiKey::new(timed.uwe, name)).await.unwrap();
        let keys =
            timed.engine().api_keys(&OpContext::new(timed.principal(timed.uwe)), timed.uwe).await.unwrap();
        timed.engine().revoke_api_key(timed.cx(timed.uwe), keys[0].record.id).await.unwrap();
    }
    let third = timed.engine().create_api_key(timed.cx(timed.uwe), NewApiKey::new(timed.uwe, "three")).await;
    assert_eq!(third.map(drop).unwrap_err().code(), ErrorCode::Rejected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_use_is_seen_at_once_and_written_when_the_tenant_leaves() {
    let timed = Timed::new().await;
    let key = key(&timed, timed.uwe, KeyScope::Read).await;
    let used = async || {
        let keys =
            timed.engine().api_keys(&OpContext::new(timed.principal(timed.ana())), timed.uwe).await.unwrap();
        (keys[0].used_at.map(Timestamp::millis), keys[0].used_from.clone())
    };
    assert_eq!(used().await, (None, None));
    timed.pass(10);
    let from = Some([192, 0, 2, 5].into());
    timed.engine().authenticate_from(key.expose(), from).await.unwrap();
    let expected = (Some(timed.now()), Some("192.0.2.5".to_owned()));
    assert_eq!(used().await, expected);
    assert!(timed.engine().unload(timed.world.founded.tenant.id).await.unwrap());
    timed.pass(10);
    assert_eq!(used().await, expected);
    timed.check().await;
}
