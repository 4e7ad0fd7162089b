//! No secret of signing in is told by a log line, an error, an event or what is printed of a value.

use super::resets::settled;
use super::{PASSWORD, Timed, corporate};
use crate::command::provider::CreateProvider;
use crate::engine::{Client, Enrolling, NewApiKey, NewVisit, SignedIn};
use crate::error::{Error, Result};
use crate::identity::totp::code_at_ms;
use crate::identity::{Password, SecretBytes, SecretText};
use crate::model::{KeyScope, Seq};
use parking_lot::Mutex;
use std::fmt::{Debug, Write as _};
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};

/// Keeps everything that is logged, at every level.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<String>>);

impl Visit for Logged {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0.lock(), "{field}={value:?} ");
    }
}

impl tracing::Subscriber for Logged {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What was seen of the engine from outside, and the secrets that must not be in it.
#[derive(Default)]
struct Seen {
    told: String,
    secrets: Vec<String>,
}

impl Seen {
    fn secret(&mut self, text: &str) -> String {
        self.secrets.push(text.to_owned());
        text.to_owned()
    }

    fn printed(&mut self, value: impl Debug) {
        let _ = writeln!(self.told, "{value:?}");
    }

    /// The refusal, with all that is said of it to whoever reads logs.
    fn refused<T>(&mut self, done: Result<T>) {
        let error: Error = done.map(drop).unwrap_err();
        let _ = writeln!(self.told, "{error} {error:?}");
    }
}

/// Sets up a second factor, signs in with it, and tries what is spent again.
async fn second_factor(timed: &Timed, seen: &mut Seen) {
    let who = || Enrolling::Member(timed.principal(timed.uwe), Client::default());
    let shown =
        timed.engine().begin_second_factor(who(), Some(Password::new(PASSWORD.into()))).await.unwrap();
    seen.printed(&shown);
    let base32 = seen.secret(shown.base32.expose());
    let bytes = data_encoding::BASE32_NOPAD.decode(base32.as_bytes()).unwrap();
    let secret = SecretBytes::from_bytes(bytes.try_into().unwrap());
    seen.refused(timed.engine().confirm_second_factor(who(), "000000", Client::default()).await);
    let code = code_at_ms(&secret, timed.now());
    let enrolled = timed.engine().confirm_second_factor(who(), &code, Client::default()).await.unwrap();
    seen.printed(&enrolled);
    let codes: Vec<String> = enrolled.recovery.expose().map(|code| seen.secret(code)).collect();
    let SignedIn::Challenge(challenge) = timed.try_sign_in("uwe", PASSWORD, None).await.unwrap() else {
        panic!("no second factor was asked for")
    };
    seen.printed(&challenge);
    let token = seen.secret(challenge.token.expose());
    seen.printed(Enrolling::OnTheWayIn(SecretText::of_token(token.clone())));
    let tokens = timed.engine().answer_challenge(&token, &codes[0], Client::default()).await.unwrap();
    seen.printed(&tokens);
    seen.secret(tokens.refresh.expose());
    seen.secret(tokens.access.expose());
    seen.refused(timed.engine().answer_challenge(&token, &codes[0], Client::default()).await);
    seen.refused(timed.engine().fetch_tokens(&token, "challenge", Client::default()).await);
    seen.refused(timed.engine().refresh(tokens.access.expose(), "a browser").await);
}

/// Makes a key, a visit and a provider, and uses them wrongly.
async fn keys_and_visits(timed: &Timed, seen: &mut Seen) {
    let new =
        NewApiKey { networks: vec!["192.0.2.0/24".parse().unwrap()], ..NewApiKey::new(timed.uwe, "ci") };
    let (_, key) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
    let key = seen.secret(key.expose());
    seen.refused(timed.engine().authenticate(&key).await);
    let operator = seen.secret("an operators passphrase");
    let root =
        timed.engine().create_root("root@platform.test", "Rolf", Password::new(operator)).await.unwrap();
    let reason = "They asked us to look".to_owned();
    let visit = NewVisit { tenant: timed.world.founded.tenant.id, reason, scope: KeyScope::Read, minutes: 1 };
    let (visit, token) = timed.engine().begin_visit(root, visit).await.unwrap();
    seen.printed(&visit);
    let token = seen.secret(token.expose());
    timed.pass(60);
    seen.refused(timed.engine().authenticate(&token).await);
    let client_secret = Some(seen.secret("what only the client knows"));
    let provider = CreateProvider { client_secret, ..corporate() };
    timed.engine().execute(timed.cx(timed.ana()), provider.clone()).await.unwrap();
    seen.refused(timed.engine().execute(timed.cx(timed.uwe), provider).await);
}

/// Forgets a password, and sets another by the link.
async fn reset(timed: &Timed, seen: &mut Seen) {
    timed.engine().request_password_reset("acme", "uwe@acme.test", None).await.unwrap();
    settled(timed).await;
    let waiting = timed.outbox().await;
    let token = waiting.iter().flat_map(|mail| &mail.values).find(|(name, _)| name == "token").unwrap();
    let token = seen.secret(&token.1);
    timed.pass(1);
    let new = seen.secret("another long passphrase");
    seen.refused(timed.engine().reset_password(&token, Password::new("short".into())).await);
    timed.engine().reset_password(&token, Password::new(new.clone())).await.unwrap();
    seen.refused(timed.engine().reset_password(&token, Password::new(new)).await);
}

#[tokio::test]
async fn no_secret_is_told_by_a_log_an_error_or_an_event() {
    let logged = Logged::default();
    let _here = tracing::subscriber::set_default(logged.clone());
    let timed = Timed::new().await;
    let mut seen = Seen::default();
    seen.secret(PASSWORD);
    second_factor(&timed, &mut seen).await;
    keys_and_visits(&timed, &mut seen).await;
    reset(&timed, &mut seen).await;
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    let events = live.events(Seq::default(), 1_000).await.unwrap();
    assert!(events.iter().any(|event| event.body.as_ref().unwrap().name() == "provider.created"));
    seen.printed(&events);
    seen.printed(timed.engine());
    tracing::debug!(canary = "this is logged");
    seen.told.push_str(&logged.0.lock());
    assert!(seen.told.contains("this is logged") && seen.secrets.len() > 18);
    for secret in &seen.secrets {
        assert!(!seen.told.contains(secret.as_str()), "{secret} is told");
    }
}
