//! Sessions and API keys when two ask at once, when the password changes, and when a request is repeated.

use super::{PASSWORD, World};
use crate::command::issue::CreateIssue;
use crate::engine::{Client, NewApiKey, SignIn, SignedIn, Tokens};
use crate::error::{ErrorCode, Result};
use crate::identity::Password;

const AGENT: &str = "a browser";

async fn sign_in(world: &World, password: &str) -> Result<Tokens> {
    let (tenant, email) = ("acme".to_owned(), "ana@acme.test".to_owned());
    let password = Password::new(password.to_owned());
    let sign_in = SignIn { tenant, email, password, client: Client::from(AGENT) };
    match world.engine.sign_in(sign_in).await? {
        SignedIn::Tokens(tokens) => Ok(tokens),
        SignedIn::Challenge(challenge) => panic!("{challenge:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_every_session_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tokens = sign_in(&world, PASSWORD).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the clock must move on between the two")]
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let ana = world.founded.admin.unwrap();
    world
        .engine
        .set_password(world.cx(), ana, Password::new("another long passphrase".to_owned()))
        .await
        .unwrap();
    let refused = world.engine.refresh(tokens.refresh.expose(), AGENT).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert!(world.engine.authenticate(tokens.access.expose()).await.is_err());
    let again = sign_in(&world, "another long passphrase").await.unwrap();
    world.engine.refresh(again.refresh.expose(), AGENT).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_that_refresh_at_once_both_stay_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let tokens = sign_in(&world, PASSWORD).await.unwrap();
    let (one, two) = tokio::join!(
        world.engine.refresh(tokens.refresh.expose(), AGENT),
        world.engine.refresh(tokens.refresh.expose(), AGENT)
    );
    for tokens in [one.unwrap(), two.unwrap()] {
        world.engine.authenticate(tokens.access.expose()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_ended_while_it_is_refreshed_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    for _ in 0..20 {
        let tokens = sign_in(&world, PASSWORD).await.unwrap();
        let (refreshed, ended) = tokio::join!(
            world.engine.refresh(tokens.refresh.expose(), AGENT),
            world.engine.sign_out(tokens.refresh.expose(), AGENT)
        );
        ended.unwrap();
        if let Ok(later) = refreshed {
            assert!(world.engine.refresh(later.refresh.expose(), AGENT).await.is_err());
            assert!(world.engine.authenticate(later.access.expose()).await.is_err());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_for_an_api_key_gives_no_dead_one_and_a_revoked_one_stops_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let ana = world.founded.admin.unwrap();
    let cx = || world.cx().with_idempotency_key(Some("k".into()));
    let new = || NewApiKey::new(ana, "ci");
    let (done, key) = world.engine.create_api_key(cx(), new()).await.unwrap();
    let again = world.engine.create_api_key(cx(), new()).await.map(drop).unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict);

    let asker = world.engine.authenticate(key.expose()).await.unwrap().principal;
    let command = CreateIssue { title: "By key".into(), ..CreateIssue::in_team(world.team) };
    world.engine.execute(crate::context::OpContext::new(asker), command).await.unwrap();
    let Some(crate::event::Subject::Key(id)) = done.subjects.first().copied() else { panic!("no key") };
    world.engine.revoke_api_key(world.cx(), id).await.unwrap();
    assert!(world.engine.authenticate(key.expose()).await.is_err());
    let report = world.engine.check(world.founded.tenant.id).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
}
