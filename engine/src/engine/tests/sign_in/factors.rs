//! Second factors: on the way in, set up, lost, required.

use super::{PASSWORD, Timed};
use crate::audit::AuditFilter;
use crate::command::access::UpdateAccess;
use crate::context::OpContext;
use crate::engine::{AuditRequest, Challenge, ChallengeKind, Client, Enrolling, SignedIn};
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::id::MemberId;
use crate::identity::totp::{TotpSecret, code_at_ms};
use crate::identity::{Password, SecretBytes, SecretText};
use crate::model::KeyScope;

fn password() -> Password {
    Password::new(PASSWORD.to_owned())
}

fn read(base32: &str) -> TotpSecret {
    let bytes = data_encoding::BASE32_NOPAD.decode(base32.as_bytes()).unwrap();
    SecretBytes::from_bytes(bytes.try_into().unwrap())
}

/// Sets up a second factor; the secret in the app, and the recovery codes.
pub(super) async fn enable(timed: &Timed, member: MemberId) -> (TotpSecret, Vec<String>) {
    let who = || Enrolling::Member(timed.principal(member), Client::default());
    let shown = timed.engine().begin_second_factor(who(), Some(password())).await.unwrap();
    let secret = read(shown.base32.expose());
    let code = code_at_ms(&secret, timed.now());
    let enrolled = timed.engine().confirm_second_factor(who(), &code, Client::default()).await.unwrap();
    assert!(enrolled.tokens.is_none());
    (secret, enrolled.recovery.expose().map(str::to_owned).collect())
}

async fn challenged(timed: &Timed, name: &str) -> Challenge {
    match timed.try_sign_in(name, PASSWORD, None).await.unwrap() {
        SignedIn::Challenge(challenge) => challenge,
        SignedIn::Tokens(_) => panic!("no second factor was asked for"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_the_app_is_asked_for_and_good_once() {
    let timed = Timed::new().await;
    let (secret, _) = enable(&timed, timed.uwe).await;
    assert_eq!(timed.events(1).await, ["second_factor.enabled"]);
    timed.pass(60);
    let challenge = challenged(&timed, "uwe").await;
    assert_eq!(challenge.kind, ChallengeKind::Code);
    let code = code_at_ms(&secret, timed.now());
    let answer = |token: &str, code: &str| {
        let (engine, token, code) = (timed.engine().clone(), token.to_owned(), code.to_owned());
        async move { engine.answer_challenge(&token, &code, Client::default()).await }
    };
    let wrong = answer(challenge.token.expose(), "000000").await.unwrap_err();
    assert_eq!(wrong.code(), ErrorCode::Unauthenticated);
    let tokens = answer(challenge.token.expose(), &code).await.unwrap();
    assert!(timed.is_in(&tokens).await);
    assert!(answer(challenge.token.expose(), &code).await.is_err(), "the challenge is spent");
    let again = challenged(&timed, "uwe").await;
    assert!(answer(again.token.expose(), &code).await.is_err(), "the code is spent");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_the_second_step_does_not_stand_in_the_audit_log_as_who_stopped_before_it() {
    let timed = Timed::new().await;
    let (secret, _) = enable(&timed, timed.uwe).await;
    for stops in [false, true] {
        timed.pass(60);
        let challenge = challenged(&timed, "uwe").await;
        if !stops {
            let code = code_at_ms(&secret, timed.now());
            let token = challenge.token.expose();
            timed.engine().answer_challenge(token, &code, Client::default()).await.unwrap();
        }
        let filter = AuditFilter { kinds: vec!["second_factor.asked".into()], ..AuditFilter::default() };
        let asked = AuditRequest { filter, first: 10, after: None };
        let told = timed.engine().audit(&timed.cx(timed.ana()), asked).await.unwrap();
        assert_eq!(told.entries.len(), usize::from(stops));
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_show_the_same_code_at_once_one_gets_in() {
    let timed = Timed::new().await;
    let (secret, _) = enable(&timed, timed.uwe).await;
    timed.pass(60);
    let (one, two) = (challenged(&timed, "uwe").await, challenged(&timed, "uwe").await);
    let code = code_at_ms(&secret, timed.now());
    let (one, two) = tokio::join!(
        timed.engine().answer_challenge(one.token.expose(), &code, Client::default()),
        timed.engine().answer_challenge(two.token.expose(), &code, Client::default())
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recovery_codes_get_in_each_once_and_new_ones_replace_them() {
    let timed = Timed::new().await;
    let (_, codes) = enable(&timed, timed.uwe).await;
    for code in &codes[..2] {
        let challenge = challenged(&timed, "uwe").await;
        let token = challenge.token.expose();
        assert!(timed.engine().answer_challenge(token, code, Client::default()).await.is_ok());
        let again = challenged(&timed, "uwe").await;
        assert!(
            timed.engine().answer_challenge(again.token.expose(), code, Client::default()).await.is_err()
        );
    }
    let (_, left) = timed
        .engine()
        .second_factor(&OpContext::new(timed.principal(timed.uwe)), timed.uwe)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left, 8);
    let principal = timed.principal(timed.uwe);
    let wrong = Password::new("not the password".into());
    let refused = timed.engine().renew_recovery_codes(&principal, wrong, None).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("password")));
    let new = timed.engine().renew_recovery_codes(&principal, password(), None).await.unwrap();
    let challenge = challenged(&timed, "uwe").await;
    let token = challenge.token.expose();
    assert!(timed.engine().answer_challenge(token, &codes[5], Client::default()).await.is_err());
    let fresh = new.expose().next().unwrap().to_owned();
    assert!(timed.engine().answer_challenge(token, &fresh, Client::default()).await.is_ok());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_cannot_be_guessed_in_number() {
    let timed = Timed::new().await;
    enable(&timed, timed.uwe).await;
    let challenge = challenged(&timed, "uwe").await;
    let mut refusals = Vec::new();
    for n in 0..200 {
        let code = format!("{n:06}");
        let error = timed
            .engine()
            .answer_challenge(challenge.token.expose(), &code, Client::default())
            .await
            .unwrap_err();
        refusals.push(error.code());
    }
    let tried = refusals.iter().filter(|code| **code == ErrorCode::Unauthenticated).count();
    assert_eq!(tried, 10, "the others were not even looked at");
    assert!(refusals[10..].iter().all(|code| *code == ErrorCode::RateLimited));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_one_up_needs_the_password_and_a_person() {
    let timed = Timed::new().await;
    let who = || Enrolling::Member(timed.principal(timed.uwe), Client::default());
    for given in [None, Some(Password::new("not the password".into()))] {
        let refused = timed.engine().begin_second_factor(who(), given).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("password")));
    }
    let key = timed.principal(timed.uwe).limited_to(KeyScope::Admin);
    let by_key =
        timed.engine().begin_second_factor(Enrolling::Member(key, Client::default()), Some(password())).await;
    assert_eq!(by_key.unwrap_err().code(), ErrorCode::Forbidden);
    let wrong = timed.engine().confirm_second_factor(who(), "000000", Client::default()).await.unwrap_err();
    assert_eq!((wrong.code(), wrong.field()), (ErrorCode::InvalidInput, Some("code")));
    assert!(matches!(timed.try_sign_in("uwe", PASSWORD, None).await.unwrap(), SignedIn::Tokens(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_one_is_reset_by_a_super_admin_alone() {
    let timed = Timed::new().await;
    enable(&timed, timed.uwe).await;
    let una = timed.member("una").await;
    let by = |who| timed.engine().reset_second_factor(timed.cx(who), timed.uwe);
    assert_eq!(by(una).await.unwrap_err().code(), ErrorCode::Forbidden);
    assert_eq!(
        by(timed.uwe).await.unwrap_err().code(),
        ErrorCode::Rejected,
        "one's own goes with the password"
    );
    by(timed.ana()).await.unwrap();
    assert_eq!(timed.events(1).await, ["second_factor.disabled"]);
    assert!(matches!(timed.try_sign_in("uwe", PASSWORD, None).await.unwrap(), SignedIn::Tokens(_)));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_is_required_whoever_has_none_sets_one_up_on_the_way_in() {
    let timed = Timed::new().await;
    let require = || UpdateAccess { second_factor_required: Some(true), ..UpdateAccess::default() };
    let before = timed.sign_in("uwe").await;
    let refused = timed.engine().update_access(timed.cx(timed.ana()), require()).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::Rejected, Some("secondFactorRequired")));
    enable(&timed, timed.ana()).await;
    let by_uwe = timed.engine().update_access(timed.cx(timed.uwe), require()).await.unwrap_err();
    assert_eq!(by_uwe.code(), ErrorCode::Forbidden);
    timed.engine().update_access(timed.cx(timed.ana()), require()).await.unwrap();
    assert!(!timed.is_in(&before).await, "sessions of those without one end at once");

    let challenge = challenged(&timed, "uwe").await;
    assert_eq!(challenge.kind, ChallengeKind::Enrolment);
    let kinds = vec!["second_factor.asked".to_owned()];
    let asked = AuditFilter { kinds, subject: Some(Subject::Member(timed.uwe)), ..AuditFilter::default() };
    let asked = AuditRequest { filter: asked, first: 10, after: None };
    let told = timed.engine().audit(&timed.cx(timed.ana()), asked).await.unwrap();
    assert_eq!(told.entries.len(), 1, "whoever knows the password and stops here is seen");
    let token = challenge.token.expose().to_owned();
    assert!(timed.engine().answer_challenge(&token, "000000", Client::default()).await.is_err());
    let who = || Enrolling::OnTheWayIn(SecretText::of_token(token.clone()));
    let shown = timed.engine().begin_second_factor(who(), None).await.unwrap();
    let code = code_at_ms(&read(shown.base32.expose()), timed.now());
    let enrolled = timed.engine().confirm_second_factor(who(), &code, Client::default()).await.unwrap();
    assert!(timed.is_in(&enrolled.tokens.unwrap()).await);
    assert!(timed.engine().begin_second_factor(who(), None).await.is_err(), "the challenge is spent");
    let kept = timed.engine().disable_second_factor(timed.cx(timed.uwe), password(), None).await.unwrap_err();
    assert_eq!(kept.code(), ErrorCode::Rejected);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_set_up_outlives_a_restart() {
    let timed = Timed::new().await;
    let (secret, _) = enable(&timed, timed.uwe).await;
    timed.pass(60);
    let challenge = challenged(&timed, "uwe").await;
    assert!(timed.engine().unload(timed.world.founded.tenant.id).await.unwrap());
    let code = code_at_ms(&secret, timed.now());
    let tokens =
        timed.engine().answer_challenge(challenge.token.expose(), &code, Client::default()).await.unwrap();
    assert!(timed.is_in(&tokens).await);
    let disabled = timed.engine().disable_second_factor(timed.cx(timed.uwe), password(), None).await.unwrap();
    assert_eq!(disabled.events.len(), 1);
    assert!(timed.is_in(&timed.sign_in("uwe").await).await);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_set_between_the_two_steps_ends_what_comes_of_them() {
    let timed = Timed::new().await;
    let (secret, _) = enable(&timed, timed.uwe).await;
    timed.pass(60);
    let challenge = challenged(&timed, "uwe").await;
    timed.pass(1);
    let new = Password::new("another long passphrase".into());
    let system = OpContext::new(crate::context::Principal::trusted_system(timed.world.founded.tenant.id));
    timed.engine().set_password(system, timed.uwe, new).await.unwrap();
    let code = code_at_ms(&secret, timed.now());
    let answered = timed.engine().answer_challenge(challenge.token.expose(), &code, Client::default()).await;
    assert_eq!(answered.unwrap_err().code(), ErrorCode::Unauthenticated);
}

/// A company that requires a second factor, which Ana has.
async fn requiring() -> Timed {
    let timed = Timed::new().await;
    enable(&timed, timed.ana()).await;
    let require = UpdateAccess { second_factor_required: Some(true), ..UpdateAccess::default() };
    timed.engine().update_access(timed.cx(timed.ana()), require).await.unwrap();
    timed
}

fn on_the_way_in(challenge: &Challenge) -> Enrolling {
    Enrolling::OnTheWayIn(challenge.token.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_to_set_one_up_replaces_none_that_is_there_by_then() {
    let timed = requiring().await;
    let (mine, thiefs) = (challenged(&timed, "uwe").await, challenged(&timed, "uwe").await);
    let early = timed.engine().begin_second_factor(on_the_way_in(&thiefs), None).await.unwrap();
    let shown = timed.engine().begin_second_factor(on_the_way_in(&mine), None).await.unwrap();
    let secret = read(shown.base32.expose());
    let code = code_at_ms(&secret, timed.now());
    timed.engine().confirm_second_factor(on_the_way_in(&mine), &code, Client::default()).await.unwrap();

    let begun = timed.engine().begin_second_factor(on_the_way_in(&thiefs), None).await.map(drop);
    assert_eq!(begun.unwrap_err().code(), ErrorCode::Unauthenticated);
    let code = code_at_ms(&read(early.base32.expose()), timed.now());
    let confirmed =
        timed.engine().confirm_second_factor(on_the_way_in(&thiefs), &code, Client::default()).await;
    assert_eq!(confirmed.map(drop).unwrap_err().code(), ErrorCode::Unauthenticated);
    timed.pass(60);
    let challenge = challenged(&timed, "uwe").await;
    let code = code_at_ms(&secret, timed.now());
    assert!(
        timed.engine().answer_challenge(challenge.token.expose(), &code, Client::default()).await.is_ok()
    );
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_a_challenge_to_set_one_up_too() {
    let timed = requiring().await;
    let challenge = challenged(&timed, "uwe").await;
    timed.pass(1);
    let new = Password::new("another long passphrase".into());
    timed.engine().set_password(timed.cx(timed.ana()), timed.uwe, new).await.unwrap();
    let begun = timed.engine().begin_second_factor(on_the_way_in(&challenge), None).await.map(drop);
    assert_eq!(begun.unwrap_err().code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_waits_is_not_confirmed_by_guessing() {
    let timed = Timed::new().await;
    let who = || Enrolling::Member(timed.principal(timed.uwe), Client::default());
    let shown = timed.engine().begin_second_factor(who(), Some(password())).await.unwrap();
    let confirm = async |code: &str| {
        timed.engine().confirm_second_factor(who(), code, Client::default()).await.map(drop)
    };
    for n in 0..5 {
        let wrong = confirm(&format!("{n:06}")).await.unwrap_err();
        assert_eq!(wrong.code(), ErrorCode::InvalidInput);
    }
    let right = code_at_ms(&read(shown.base32.expose()), timed.now());
    assert_eq!(confirm(&right).await.unwrap_err().field(), Some("code"), "what was shown is forgotten");
    let answers = wrong_answers(&timed, 20).await;
    assert!(answers.contains(&ErrorCode::RateLimited), "{answers:?}");
    assert!(matches!(timed.try_sign_in("uwe", PASSWORD, None).await.unwrap(), SignedIn::Tokens(_)));
}

/// What so many wrong confirmations are answered.
async fn wrong_answers(timed: &Timed, count: usize) -> Vec<ErrorCode> {
    let mut answers = Vec::new();
    for _ in 0..count {
        let who = Enrolling::Member(timed.principal(timed.uwe), Client::default());
        let done = timed.engine().confirm_second_factor(who, "000000", Client::default()).await;
        answers.push(done.map(drop).unwrap_err().code());
    }
    answers
}
