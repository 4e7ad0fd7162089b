//! Who comes by an identity provider: known, unknown, and not welcome. The protocol is spoken elsewhere.

use super::{Timed, corporate};
use crate::command::member::{RemoveMember, UpdateMember};
use crate::command::provider::{CreateProvider, UnlinkMember, UpdateProvider};
use crate::context::{OpContext, Principal};
use crate::engine::{Client, NewInvitation, Vouched};
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::ProviderId;
use crate::identity::SecretText;
use crate::model::{EntitlementKey, EntitlementValue, Invitation, MemberStatus, Role};

fn create(creates_members: bool) -> CreateProvider {
    CreateProvider {
        client_secret: Some("very secret".into()),
        domains: vec!["ACME.test".into()],
        creates_members,
        ..corporate()
    }
}

async fn provider(timed: &Timed, create: CreateProvider) -> ProviderId {
    let done = timed.engine().execute(timed.cx(timed.ana()), create).await.unwrap();
    let Some(Subject::Provider(id)) = done.subjects.first().copied() else { panic!("no provider") };
    id
}

fn vouched(subject: &str, email: &str) -> Vouched {
    Vouched {
        subject: subject.into(),
        verified_email: Some(email.into()),
        name: Some("Somebody".into()),
        domain: None,
        challenge: "challenge".into(),
    }
}

async fn come(timed: &Timed, provider: ProviderId, vouched: Vouched) -> Result<SecretText> {
    timed
        .engine()
        .sign_in_by_provider(timed.world.founded.tenant.id, provider, vouched, "a browser".into())
        .await
}

/// Who a token fetches the tokens of.
async fn who(timed: &Timed, token: &SecretText) -> crate::id::MemberId {
    let tokens = timed.engine().fetch_tokens(token.expose(), "challenge", Client::default()).await.unwrap();
    timed.engine().authenticate(tokens.access.expose()).await.unwrap().principal.member().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_known_by_their_address_first_and_by_the_providers_name_then() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(false)).await;
    let token = come(&timed, id, vouched("42", "Uwe@Acme.test")).await.unwrap();
    assert_eq!(timed.events(1).await, ["member.linked"]);
    assert_eq!(who(&timed, &token).await, timed.uwe);
    assert!(
        timed.engine().fetch_tokens(token.expose(), "challenge", Client::default()).await.is_err(),
        "once"
    );
    let renamed = come(&timed, id, vouched("42", "uwe.new@acme.test")).await.unwrap();
    for other in ["", "Challenge", "another"] {
        let stolen = timed.engine().fetch_tokens(renamed.expose(), other, Client::default()).await;
        assert_eq!(
            stolen.map(drop).unwrap_err().code(),
            ErrorCode::Unauthenticated,
            "{other}: of another client"
        );
    }
    assert_eq!(who(&timed, &renamed).await, timed.uwe);
    let sessions =
        timed.engine().sessions(&OpContext::new(timed.principal(timed.uwe)), timed.uwe).await.unwrap();
    assert!(sessions.iter().all(|session| session.provider == Some(id)));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_there_becomes_a_member_where_that_is_wished() {
    let timed = Timed::new().await;
    let closed = provider(&timed, create(false)).await;
    let stranger = vouched("7", "new@acme.test");
    let refused = come(&timed, closed, stranger.clone()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    let update = UpdateProvider { creates_members: Some(true), ..UpdateProvider::of(closed) };
    timed.engine().execute(timed.cx(timed.ana()), update).await.unwrap();
    let token = come(&timed, closed, stranger.clone()).await.unwrap();
    let member = who(&timed, &token).await;
    let reader = timed.engine().reader(&timed.principal(timed.ana())).await.unwrap();
    let row = reader.directory().member(member).unwrap().clone();
    assert_eq!((row.name.as_str(), row.email.as_deref()), ("Somebody", Some("new@acme.test")));
    assert_eq!(row.role, crate::model::Role::User);
    let again = come(&timed, closed, stranger).await.unwrap();
    assert_eq!(who(&timed, &again).await, member);
    drop(reader);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_invited_comes_in_as_the_invitation_says_though_the_provider_makes_no_members() {
    let timed = Timed::new().await;
    let closed = provider(&timed, create(false)).await;
    let (email, role) = ("new@acme.test".into(), Role::Admin);
    let new = NewInvitation { email, name: None, role };
    timed.engine().invite(timed.cx(timed.ana()), new).await.unwrap();
    let token = come(&timed, closed, vouched("7", "New@acme.test")).await.unwrap();
    let member = who(&timed, &token).await;
    let reader = timed.engine().reader(&timed.principal(timed.ana())).await.unwrap();
    assert_eq!(reader.directory().member(member).unwrap().role, Role::Admin);
    let accepted = |one: &&std::sync::Arc<Invitation>| one.member == Some(member);
    assert_eq!(reader.directory().invitations().filter(accepted).count(), 1);
    drop(reader);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_first_comings_at_once_make_one_member() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(true)).await;
    let (one, two) = tokio::join!(
        come(&timed, id, vouched("7", "new@acme.test")),
        come(&timed, id, vouched("7", "new@acme.test"))
    );
    assert_eq!(who(&timed, &one.unwrap()).await, who(&timed, &two.unwrap()).await);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_by_a_provider_takes_a_seat_and_of_two_at_once_one_gets_the_last() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(true)).await;
    let us = Principal::trusted_system(timed.world.founded.tenant.id);
    let reader = timed.engine().reader(&us).await.unwrap();
    let seats = reader.directory().members().filter(|member| member.is_active()).count() as u64 + 1;
    drop(reader);
    let value = Some((EntitlementValue::Count(seats), None));
    timed.engine().override_entitlement(OpContext::new(us), EntitlementKey::Users, value).await.unwrap();
    let (one, two) = tokio::join!(
        come(&timed, id, vouched("8", "one@acme.test")),
        come(&timed, id, vouched("9", "two@acme.test"))
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    let refused = one.err().or(two.err()).unwrap();
    assert_eq!(refused.code(), ErrorCode::EntitlementExceeded, "{refused:?}");
    come(&timed, id, vouched("42", "uwe@acme.test")).await.unwrap();
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_vouches_for_its_own_domains_and_verified_addresses_alone() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(true)).await;
    for email in [
        "uwe@evil.test",
        "uwe@sub.acme.test",
        "uwe@acme.test.evil.test",
        "@acme.test",
        "acme.test",
        "uwe@acme.test@evil.test",
    ] {
        let error = come(&timed, id, vouched("1", email)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unauthenticated, "{email}");
    }
    let unverified = Vouched { verified_email: None, ..vouched("1", "") };
    assert!(come(&timed, id, unverified).await.is_err());
    let nameless = vouched("", "uwe@acme.test");
    assert!(come(&timed, id, nameless).await.is_err());
    let claiming = CreateProvider { domain_claim: Some("hd".into()), ..create(true) };
    let id = provider(&timed, claiming).await;
    assert!(come(&timed, id, vouched("1", "uwe@acme.test")).await.is_err());
    let other = Vouched { domain: Some("evil.test".into()), ..vouched("1", "uwe@acme.test") };
    assert!(come(&timed, id, other).await.is_err());
    let right = Vouched { domain: Some("acme.TEST".into()), ..vouched("1", "uwe@acme.test") };
    assert!(come(&timed, id, right).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_does_not_come_back_by_a_provider_nor_does_anybody_once_it_is_gone() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(true)).await;
    come(&timed, id, vouched("42", "uwe@acme.test")).await.unwrap();
    let suspend = UpdateMember {
        member: timed.uwe,
        if_version: None,
        name: None,
        role: None,
        status: Some(MemberStatus::Suspended),
        locale: None,
        time_zone: None,
    };
    timed.engine().execute(timed.cx(timed.ana()), suspend).await.unwrap();
    assert!(come(&timed, id, vouched("42", "uwe@acme.test")).await.is_err());
    timed.engine().execute(timed.cx(timed.ana()), RemoveMember { member: timed.uwe }).await.unwrap();
    assert!(come(&timed, id, vouched("42", "uwe@acme.test")).await.is_err());
    assert!(come(&timed, id, vouched("43", "uwe@acme.test")).await.is_err(), "by address neither");
    let delete = UpdateProvider { delete: true, ..UpdateProvider::of(id) };
    timed.engine().execute(timed.cx(timed.ana()), delete).await.unwrap();
    assert!(come(&timed, id, vouched("44", "ana@acme.test")).await.is_err());
    assert!(timed.engine().sign_in_providers("acme").await.unwrap().is_empty());
    assert!(timed.engine().sign_in_providers("nowhere").await.unwrap().is_empty());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clients_secret_is_kept_and_never_in_the_log() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(false)).await;
    let tenant = timed.world.founded.tenant.id;
    let access = timed.engine().provider_access(tenant, id).await.unwrap();
    assert_eq!(access.client_secret.unwrap().expose(), "very secret");
    let live = timed.engine().live(tenant).await.unwrap();
    let events = live.events(crate::model::Seq::default(), 1_000).await.unwrap();
    assert!(!format!("{events:?}").contains("very secret"));
    let update = UpdateProvider { client_secret: Some("another".into()), ..UpdateProvider::of(id) };
    timed.engine().execute(timed.cx(timed.ana()), update).await.unwrap();
    let access = timed.engine().provider_access(tenant, id).await.unwrap();
    assert_eq!(access.client_secret.unwrap().expose(), "another");
    assert!(timed.engine().provider_access(tenant, ProviderId::generate()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn providers_are_for_super_admins_and_well_formed() {
    let timed = Timed::new().await;
    let by_uwe = timed.engine().execute(timed.cx(timed.uwe), create(false)).await.unwrap_err();
    assert_eq!(by_uwe.code(), ErrorCode::Forbidden);
    for (bad, field) in [
        (CreateProvider { issuer: "http://login.acme.test".into(), ..create(false) }, "issuer"),
        (CreateProvider { issuer: "https://user@login.acme.test".into(), ..create(false) }, "issuer"),
        (CreateProvider { issuer: "https://login.acme.test/?x".into(), ..create(false) }, "issuer"),
        (CreateProvider { issuer: "https://".into(), ..create(false) }, "issuer"),
        (CreateProvider { domains: vec![], ..create(false) }, "domains"),
        (CreateProvider { domains: vec!["acme".into()], ..create(false) }, "domains"),
        (CreateProvider { domains: vec!["*.acme.test".into()], ..create(false) }, "domains"),
        (CreateProvider { client_id: "".into(), ..create(false) }, "clientId"),
        (CreateProvider { name: "".into(), ..create(false) }, "name"),
    ] {
        let error = timed.engine().execute(timed.cx(timed.ana()), bad).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidInput, Some(field)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_came_by_a_provider_is_out_once_it_is_taken_away() {
    let timed = Timed::new().await;
    let (id, other) = (provider(&timed, create(false)).await, provider(&timed, create(false)).await);
    let come_by = async |id, subject: &str| {
        let token = come(&timed, id, vouched(subject, "uwe@acme.test")).await.unwrap();
        timed.engine().fetch_tokens(token.expose(), "challenge", Client::default()).await.unwrap()
    };
    let (gone, stays, by_password) =
        (come_by(id, "1").await, come_by(other, "1").await, timed.sign_in("uwe").await);
    let late = come(&timed, id, vouched("1", "uwe@acme.test")).await.unwrap();
    let delete = UpdateProvider { delete: true, ..UpdateProvider::of(id) };
    timed.engine().update_provider(timed.cx(timed.ana()), delete).await.unwrap();
    assert!(!timed.is_in(&gone).await && timed.is_in(&stays).await && timed.is_in(&by_password).await);
    assert!(timed.engine().refresh(gone.refresh.expose(), "").await.is_err());
    assert!(
        timed.engine().fetch_tokens(late.expose(), "challenge", Client::default()).await.is_err(),
        "nor is anybody still let in"
    );
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_was_taken_away_by_a_bare_change_renews_nothing() {
    let timed = Timed::new().await;
    let id = provider(&timed, create(false)).await;
    let token = come(&timed, id, vouched("1", "uwe@acme.test")).await.unwrap();
    let tokens = timed.engine().fetch_tokens(token.expose(), "challenge", Client::default()).await.unwrap();
    let delete = UpdateProvider { delete: true, ..UpdateProvider::of(id) };
    timed.engine().execute(timed.cx(timed.ana()), delete).await.unwrap();
    assert!(timed.engine().refresh(tokens.refresh.expose(), "").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_was_given_to_somebody_else_does_not_open_the_account_of_who_had_it() {
    let timed = Timed::new().await;
    let (id, other) = (provider(&timed, create(true)).await, provider(&timed, create(false)).await);
    come(&timed, id, vouched("42", "uwe@acme.test")).await.unwrap();
    let refused = come(&timed, id, vouched("43", "uwe@acme.test")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert!(come(&timed, id, vouched("42", "uwe@acme.test")).await.is_ok());
    assert!(
        come(&timed, other, vouched("43", "uwe@acme.test")).await.is_ok(),
        "another provider has names of its own"
    );

    let unlink = || UnlinkMember::new(timed.uwe, id);
    let by_uwe = timed.engine().unlink_member(timed.cx(timed.uwe), unlink()).await.unwrap_err();
    assert_eq!(by_uwe.code(), ErrorCode::Forbidden);
    timed.engine().unlink_member(timed.cx(timed.ana()), unlink()).await.unwrap();
    assert_eq!(timed.events(1).await, ["member.unlinked"]);
    let token = come(&timed, id, vouched("43", "uwe@acme.test")).await.unwrap();
    assert_eq!(who(&timed, &token).await, timed.uwe);
    assert!(come(&timed, id, vouched("42", "uwe@acme.test")).await.is_err());
    timed.check().await;
}
