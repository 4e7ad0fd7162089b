//! Sending what was staged to be sent: one request after another of each installation, each until it is answered well or given
//! up. Whoever is interrupted between the answer and the books sends it again, under the same key. Answers are waited for, so a turn
//! ends after a while, and the next begins at another installation.

use super::attempt::chance;
use super::books::Books;
use super::line::Next;
use super::rows::{self, Dead, DeadWhat, Out, shortened};
use super::runner::TURN_TIME;
use crate::answers::staging::outside::{grant_of, outgoing, secrets_in, secrets_of};
use crate::backoff;
use crate::host::wit;
use crate::outgoing::OutgoingAnswer;
use crate::service::Plugins;
use mortise_engine::context::Principal;
use mortise_engine::id::TenantId;
use mortise_engine::model::Installation;
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, ErrorCode, PluginRoom, Result};
use std::sync::Arc;
use tokio::time::Instant;

/// Requests of one installation in one turn.
const STEPS_MAX: usize = 20;
/// Requests that are looked at for one that is due.
const PAGE: usize = 20;
/// Whether one that may send nothing may again is looked at after this, in milliseconds.
const LOOK_AGAIN_MS: i64 = 10 * 60_000;
/// Where the store cannot be read or written, one waits so long, in milliseconds.
const AGAIN_MS: i64 = 5_000;

/// One turn of one company.
pub(super) async fn send(plugins: &Plugins, engine: &Engine, tenant: TenantId) -> Next {
    let (runner, end) = (&plugins.0.runner, Instant::now() + TURN_TIME);
    let last = runner.take_sent_last(tenant);
    let later = |millis| Next::At(engine.clock().now().plus_millis(millis));
    let reader = match engine.reader(&Principal::trusted_system(tenant)).await {
        Ok(reader) => reader,
        Err(error) if error.code() == ErrorCode::Unavailable => return later(AGAIN_MS),
        // It was suspended, or is gone.
        Err(_) => return later(LOOK_AGAIN_MS),
    };
    let mut next = Next::Rest;
    let enabled: Vec<&Arc<Installation>> = reader.directory().enabled_installations().collect();
    for installation in beginning_behind(enabled, |installation| Some(installation.id) == last) {
        if !plugins.may_act(engine, tenant, installation) {
            // It may again later, without anybody saying so here.
            next = next.or(later(LOOK_AGAIN_MS));
            continue;
        }
        let sending = Sending { plugins, engine, reader: &reader, tenant, installation, end };
        next = next.or(Box::pin(sending.go_on()).await.unwrap_or_else(|error| {
            tracing::info!(tenant.id = %tenant, ?error, "requests of a plugin cannot be sent; tried again in a moment");
            later(AGAIN_MS)
        }));
        if sending.is_over() {
            // The others of its company have waited for it.
            runner.ended_sending_at(tenant, installation.id);
            return Next::Again;
        }
    }
    next
}

/// All in their order, but those behind this one first, and it last.
fn beginning_behind<T>(mut all: Vec<T>, is_last: impl Fn(&T) -> bool) -> Vec<T> {
    let place = all.iter().position(is_last);
    all.rotate_left(place.map_or(0, |place| place + 1));
    all
}

struct Sending<'a> {
    plugins: &'a Plugins,
    engine: &'a Engine,
    reader: &'a Reader,
    tenant: TenantId,
    installation: &'a Installation,
    /// Of the turn: no request begins any more.
    end: Instant,
}

impl Sending<'_> {
    async fn go_on(&self) -> Result<Next> {
        let room = self.engine.plugin_room(self.tenant, self.installation.id).await?;
        let mut sooner = Next::Rest;
        let mut after: Option<Vec<u8>> = None;
        let mut sent = 0;
        loop {
            let page = room.scan(rows::OUT, after.as_deref(), PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(sooner) };
            after = Some(last.clone());
            for (_, bytes) in &page {
                let ends = self.is_over() || self.plugins.0.runner.is_closing();
                if sent >= STEPS_MAX || ends || !self.goes_on() {
                    return Ok(Next::Again);
                }
                let out: Out = rows::decode(bytes)?;
                if !rows::is_due(out.not_before, out.attempts, self.engine.clock().now()) {
                    sooner = sooner.or(Next::At(out.not_before));
                    continue;
                }
                sent += 1;
                if let Some(at) = Box::pin(self.one(&room, out)).await? {
                    sooner = sooner.or(Next::At(at));
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Whether the installation is as it was when this turn began, and still acts. Otherwise the next turn sees what it is now.
    fn goes_on(&self) -> bool {
        let now = self.reader.refreshed();
        let same = |now: &Arc<Installation>| now.version == self.installation.version;
        now.directory().installation(self.installation.id).is_some_and(same)
            && self.plugins.may_act(self.engine, self.tenant, self.installation)
    }

    /// One request; when it is to be tried again, if it is.
    async fn one(&self, room: &PluginRoom, out: Out) -> Result<Option<Timestamp>> {
        let failed = Box::pin(self.deliver(room, &out)).await.err();
        let Some((why, lasting)) = failed else {
            self.write(Books { sent: Some(out.id), ..Books::default() }).await?;
            return Ok(None);
        };
        let (attempts, now) = (out.attempts.saturating_add(1), self.engine.clock().now());
        let delay = if lasting { None } else { backoff::delay_after(attempts, chance()) };
        let out = Out { attempts, why: shortened(&why), ..out };
        let Some(delay) = delay else {
            let (id, run) = (out.id, out.run);
            let (what, why) = (DeadWhat::Out(out), shortened(&why));
            let dead = Dead { what, attempts, why, at: now, run, basis: None };
            self.write(Books { sent: Some(id), given_up: Some(dead), ..Books::default() }).await?;
            return Ok(None);
        };
        let at = now.plus_millis(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX));
        self.write(Books { put_off: Some(Out { not_before: at, ..out }), ..Books::default() }).await?;
        Ok(Some(at))
    }

    /// That a secret of this request is gone, and what to do.
    fn gone_of(&self, request: &wit::http::Request) -> String {
        let set = &self.installation.secrets;
        let gone = secrets_in(request).find(|name| !set.iter().any(|set| set == name)).unwrap_or_default();
        format!("the secret `{gone}` is not set any more: set it, and have this done again")
    }

    /// Why it was not taken, and whether it never will be.
    async fn deliver(&self, room: &PluginRoom, out: &Out) -> std::result::Result<(), (String, bool)> {
        let request = out.request().map_err(|_| ("it can no longer be read".to_owned(), true))?;
        let values = secrets_of(self.installation, room, &request).await;
        // A store that cannot be read now can be later; a secret that is not there is not.
        let values = values.map_err(|error| match error {
            wit::Error::NotFound => (self.gone_of(&request), true),
            wit::Error::Unavailable(_) => (crate::convert::in_words(&error), false),
            _ => (crate::convert::in_words(&error), true),
        })?;
        let secret_of = |name: &str| values.get(name).cloned();
        let (wanted, grant, key) =
            (outgoing(&request), grant_of(self.installation), out.id.simple().to_string());
        let sender = &self.plugins.0.outgoing;
        match Box::pin(sender.send(self.tenant, &wanted, &grant, &secret_of, Some(&key))).await {
            Ok(OutgoingAnswer { status: 200..=299, .. }) => Ok(()),
            Ok(OutgoingAnswer { status, .. }) => {
                // What the other side does not understand now, it never will; too early and too many is another matter.
                let lasting = (400..500).contains(&status) && !matches!(status, 408 | 409 | 425 | 429);
                Err((format!("it was answered with {status}"), lasting))
            }
            Err(error) => Err((error.to_string(), error.is_lasting())),
        }
    }

    async fn write(&self, books: Books) -> Result<()> {
        self.plugins.write_books(self.tenant, self.installation.id, books).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_begins_behind_the_one_that_took_the_last() {
        let behind = |last| beginning_behind(vec![1, 2, 3], |one| Some(*one) == last);
        assert_eq!(behind(Some(1)), [2, 3, 1]);
        assert_eq!(behind(Some(3)), [1, 2, 3]);
        assert_eq!(behind(None), [1, 2, 3]);
        assert_eq!(behind(Some(9)), [1, 2, 3], "it is not among them any more");
        assert_eq!(beginning_behind(Vec::<u8>::new(), |_| true), [0_u8; 0]);
    }
}
