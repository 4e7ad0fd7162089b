//! Passwords are not guessed, and nobody is locked out by who tries.

use super::{PASSWORD, Timed};
use crate::engine::SignedIn;
use crate::error::ErrorCode;
use crate::identity::Password;
use std::net::IpAddr;
use std::time::{Duration, Instant};

fn from(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_guesses_get_a_handful_of_tries_and_the_real_one_gets_in_from_elsewhere() {
    let timed = Timed::new().await;
    let before = timed.engine().0.passwords.runs();
    let mut limited = 0;
    for guess in 0..10_000 {
        let error = timed.try_sign_in("uwe", &format!("guess {guess}"), from(1)).await.unwrap_err();
        match error.code() {
            ErrorCode::Unauthenticated => {}
            ErrorCode::RateLimited => limited += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(timed.engine().0.passwords.runs() - before, 5, "no others cost a run of argon2");
    assert_eq!(limited, 9_995);
    let right = timed.try_sign_in("uwe", PASSWORD, from(1)).await.unwrap_err();
    assert_eq!(right.code(), ErrorCode::RateLimited, "a right one is not looked at either");
    assert!(matches!(timed.try_sign_in("uwe", PASSWORD, from(2)).await.unwrap(), SignedIn::Tokens(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_not_there_is_answered_like_one_that_is() {
    let timed = Timed::new().await;
    let mut answers = Vec::new();
    for (at, name) in ["uwe", "nobody"].into_iter().enumerate() {
        let before = timed.engine().0.passwords.runs();
        let mut said = Vec::new();
        for _ in 0..8 {
            let error = timed.try_sign_in(name, "a guess", from(at as u8)).await.unwrap_err();
            said.push((error.code(), error.message().to_owned()));
        }
        answers.push((said, timed.engine().0.passwords.runs() - before));
    }
    assert_eq!(answers[0], answers[1], "the same words for the same cost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_under_attack_from_everywhere_opens_where_its_owner_was_before() {
    let timed = Timed::new().await;
    assert!(timed.try_sign_in("uwe", PASSWORD, from(200)).await.is_ok());
    for source in 0..130 {
        let _ = timed.try_sign_in("uwe", "a guess", from(source)).await.unwrap_err();
    }
    let stranger = timed.try_sign_in("uwe", PASSWORD, from(201)).await.unwrap_err();
    assert_eq!(stranger.code(), ErrorCode::RateLimited);
    assert!(timed.try_sign_in("uwe", PASSWORD, from(200)).await.is_ok());
    timed.pass(61);
    assert!(timed.try_sign_in("uwe", PASSWORD, from(201)).await.is_ok(), "elsewhere after a minute at most");
}

/// The median of how long each takes, in turns. The figures are reported and not judged: the machine has other work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusing_who_is_there_and_who_is_not_is_timed_in_turns() {
    let timed = Timed::new().await;
    let rounds = if std::env::var_os("MORTISE_PROVE").is_some() { 300 } else { 4 };
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for (times, name) in took.iter_mut().zip(["uwe", "nobody"]) {
            // So long that no try is too early.
            timed.pass(3600);
            let began = Instant::now();
            let from = Some(IpAddr::from([198, 51, 100, (round % 200) as u8]));
            let error = timed.try_sign_in(name, "a guess", from).await.unwrap_err();
            times.push(began.elapsed());
            assert_eq!(error.code(), ErrorCode::Unauthenticated);
        }
    }
    let [known, unknown] = took.map(|mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    });
    let (known_ms, unknown_ms) = (known * 1e3, unknown * 1e3);
    eprintln!(
        "{rounds} rounds: there {known_ms:.2} ms, not there {unknown_ms:.2} ms, ratio {:.3}",
        known / unknown
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_that_there_was_no_room_for_is_no_wrong_one() {
    /// More than may run and wait at once, so that there is no room for the next.
    const TRIES: usize = 400;
    let timed = Timed::new().await;
    let (said, mut heard) = tokio::sync::mpsc::channel(TRIES);
    for _ in 0..TRIES {
        let (engine, said) = (timed.engine().clone(), said.clone());
        tokio::spawn(async move {
            let verdict = engine.0.passwords.verify(Password::new("x".into()), None).await;
            said.send(verdict.is_err()).await
        });
    }
    while !heard.recv().await.unwrap() {}
    let mut busy = 0;
    for _ in 0..1_000 {
        match timed.try_sign_in("uwe", PASSWORD, from(1)).await {
            Err(error) if error.code() == ErrorCode::Unavailable => busy += 1,
            Err(error) => panic!("{error}"),
            Ok(_) => break,
        }
    }
    assert!(busy > 5, "it was full {busy} times, and so many wrong ones are free");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_company_is_loaded_for_who_has_to_wait() {
    let timed = Timed::new().await;
    for _ in 0..6 {
        assert!(timed.try_sign_in("uwe", "a guess", from(1)).await.is_err());
    }
    assert!(timed.engine().unload(timed.world.founded.tenant.id).await.unwrap());
    let refused = timed.try_sign_in("uwe", PASSWORD, from(1)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::RateLimited);
    assert_eq!(timed.engine().memory().tenants, 0);
}
