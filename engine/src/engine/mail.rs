//! Mail on its way out: the next message to be sent, of whichever tenant, and what became of it.
//!
//! A message stays in its tenant's outbox until somebody says that it was sent. So it is sent at least once: who is
//! interrupted between the two sends it again, under the same id. It knows no mail server; see `mortise::mail` for one that
//! sends.

use super::{Engine, Inner};
use crate::error::{Error, Result};
use crate::id::{MailId, TenantId};
use crate::letter::{self, Letter, LetterFault, LetterLanguage, Placeholder};
use crate::model::{LetterKind, Tenant};
use crate::outbox::{LostMail, MailCounts, MailFate};
use crate::rows::{self, OutboxRow, Tried};
use crate::storage::{Batch, CommitOutcome, Key, Scan, TenantStore};
use crate::tenant::{Turn, waiting_mail as waiting};
use crate::time::Timestamp;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// Messages of one tenant that are read at once.
const PAGE: usize = 20;

/// A tenant whose outbox cannot be read or written is tried again after this, in milliseconds.
const AGAIN_MS: i64 = 60 * 1000;

/// Characters kept of the reason why a message was not sent.
const WHY_CHARS_MAX: usize = 300;

/// A message to be sent now. Nobody else gets it, nor another of its tenant, before it is settled; dropped, it comes again.
pub struct WaitingMail {
    /// The message: the same however often it is tried.
    pub id: MailId,
    /// Whose it is.
    pub tenant: Arc<Tenant>,
    /// To which address.
    pub to: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// How often it was tried in vain.
    pub tries: u32,
    row: OutboxRow,
    store: TenantStore,
    turn: Turn,
}

impl std::fmt::Debug for WaitingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitingMail").field("id", &self.id).finish_non_exhaustive()
    }
}

impl WaitingMail {
    /// Which letter it is, by the word of its kind.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.row.template
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.row.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Engine {
    /// The next message to be sent; waits for one. Tenants take turns, with one message at a time each.
    ///
    /// What cannot be read is tried again later and told to the log.
    pub async fn next_mail(&self) -> WaitingMail {
        self.look_for_mail();
        let outboxes = &self.0.shared.outboxes;
        loop {
            let mut turn = outboxes.turn(self.clock()).await;
            match self.due(&mut turn).await {
                Ok(Some(found)) => return found.with(turn),
                Ok(None) => turn.finish(),
                Err(error) => {
                    tracing::warn!(tenant.id = %turn.tenant(), ?error, "mail cannot be read; trying again later");
                    turn.pause_until(self.clock().now().plus_millis(AGAIN_MS));
                }
            }
        }
    }

    /// Says what became of a message.
    pub async fn settle_mail(&self, mail: WaitingMail, fate: MailFate) {
        let WaitingMail { id, tenant, store, row, mut turn, .. } = mail;
        self.0.shared.outboxes.note(&fate);
        let settled = match fate {
            MailFate::NotTried => return,
            MailFate::Sent => {
                // Whatever happens to the row, this process does not send it again.
                self.0.shared.outboxes.sent_but_there(id);
                self.remove_mail(&store, id).await
            }
            MailFate::Later(at, why) => {
                turn.not_before(at);
                defer(&store, id, row, (at, why)).await
            }
            MailFate::Lost(why) => {
                // Not why: a mail server names people in its answers. The reason is kept with the message.
                tracing::warn!(tenant.id = %tenant.id, mail.id = %id, tries = row.tried.as_ref().map_or(0, |t| t.times),
                    "a message could not be sent; `mortise mail list` says why");
                self.lose(&store, id, row, why).await
            }
        };
        match settled {
            Ok(()) => turn.go_on_after(id),
            Err(error) => {
                tracing::warn!(tenant.id = %tenant.id, mail.id = %id, ?error, "what became of a message was not kept");
                turn.pause_until(self.clock().now().plus_millis(AGAIN_MS));
            }
        }
    }

    /// Writes the letter of a message, in the look that its tenant has now. `address` is where people reach this
    /// installation, such as `https://issues.example.com`; a company's own domain stands in its place.
    ///
    /// # Errors
    ///
    /// [`LetterFault`]: it cannot be written, however often it is tried.
    pub fn write_letter(
        &self,
        mail: &WaitingMail,
        address: &str,
    ) -> std::result::Result<Letter, LetterFault> {
        let kind = LetterKind::from_word(mail.template())
            .ok_or_else(|| LetterFault::Template(format!("there is no letter `{}`", mail.template())))?;
        let look = self.look(Some(&mail.tenant));
        let own = look.domain.as_ref().map(|domain| format!("https://{domain}"));
        let address = own.as_deref().unwrap_or(address).trim_end_matches('/');
        let link = mail
            .value("token")
            .zip(page(kind))
            .map(|(token, page)| format!("{address}/{page}#token={token}"));
        let expires = mail.value("expires_at").map(|at| self.for_people(&mail.tenant, at));
        letter::write(kind, LetterLanguage::of(mail.value("language")), &look, |place| match place {
            Placeholder::Product => Some(&look.product),
            Placeholder::Company => Some(mail.value("company").unwrap_or(&mail.tenant.name)),
            Placeholder::Link => link.as_deref(),
            Placeholder::Code => mail.value("token"),
            Placeholder::Expires => expires.as_deref(),
            other => mail.value(other.word()),
        })
    }

    /// What became of mail since the engine was opened.
    #[must_use]
    pub fn mail_counts(&self) -> MailCounts {
        self.0.shared.outboxes.counts()
    }

    /// How many messages of a tenant wait to be sent.
    ///
    /// # Errors
    ///
    /// As [`Engine::lost_mail`].
    pub async fn mail_waiting(&self, tenant: TenantId) -> Result<usize> {
        Ok(self.store_of(tenant).await?.count(waiting()).await?)
    }

    /// Messages of a tenant that could not be sent, the newest last; at most
    /// [`Limits::mail_lost_max`](crate::Limits::mail_lost_max).
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there, `UNAVAILABLE` when its store cannot be read.
    pub async fn lost_mail(&self, tenant: TenantId) -> Result<Vec<LostMail>> {
        let store = self.store_of(tenant).await?;
        let scan = Scan::prefix(&rows::all_lost_mail()).limit(self.limits().mail_lost_max);
        let page = store.scan::<OutboxRow>(scan).await?;
        let lost = page.entries.into_iter().filter_map(|(key, row)| {
            let (tries, why) = row.tried.map_or((0, String::new()), |tried| (tried.times, tried.why));
            let OutboxRow { template, to, written_at, lost_at, .. } = row;
            Some(LostMail { id: rows::mail_id(&key)?, template, to, written_at, lost_at, tries, why })
        });
        Ok(lost.collect())
    }

    async fn store_of(&self, tenant: TenantId) -> Result<TenantStore> {
        self.0.tenants.store_of(&*self.known_tenant(tenant)?).await
    }

    /// When a link ends, in figures and in the zone of the company.
    fn for_people(&self, tenant: &Tenant, at: &str) -> String {
        let zone =
            tenant.time_zone.as_deref().and_then(|zone| crate::command::time_zone("timeZone", zone).ok());
        let shown = at.parse::<jiff::Timestamp>().map(|at| {
            let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
            at.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
        });
        shown.unwrap_or_else(|_| at.to_owned())
    }

    /// The next message of a tenant that is due.
    async fn due(&self, turn: &mut Turn) -> Result<Option<Found>> {
        let Some(tenant) = self.0.platform.tenant(turn.tenant()) else { return Ok(None) };
        let store = self.0.tenants.store_of(&tenant).await?;
        let mut scan = waiting().limit(PAGE);
        if let Some(after) = turn.after() {
            scan = scan.after(&rows::outbox(after));
        }
        loop {
            let page = store.scan::<OutboxRow>(scan.clone()).await?;
            let last = page.entries.last().map(|(key, _)| key.clone());
            for (key, row) in page.entries {
                let Some(id) = rows::mail_id(&key) else { continue };
                let now = self.clock().now();
                if self.0.shared.outboxes.was_sent(id) {
                    self.remove_mail(&store, id).await?;
                } else if self.is_over(&row, now) {
                    self.lose(&store, id, row, "its time was over before it could be sent".to_owned())
                        .await?;
                } else if let Some(at) = row.tried.as_ref().map(|t| t.not_before).filter(|at| *at > now) {
                    turn.not_before(at);
                } else if let Some(row) = durable(&store, id, row).await? {
                    return Ok(Some(Found { id, tenant, row, store }));
                }
            }
            match last {
                Some(last) if page.more => scan = scan.after(&last),
                _ => return Ok(None),
            }
        }
    }

    /// Whether a message is not worth sending any more.
    fn is_over(&self, row: &OutboxRow, now: Timestamp) -> bool {
        let kept = self.limits().mail_kept_ms;
        let ends = row.values.iter().find(|(name, _)| name == "expires_at");
        let ends = ends.and_then(|(_, at)| at.parse::<Timestamp>().ok());
        ends.is_some_and(|ends| ends <= now) || row.written_at.is_some_and(|at| at.plus_millis(kept) <= now)
    }

    async fn remove_mail(&self, store: &TenantStore, id: MailId) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(rows::outbox(id));
        save(store, batch).await?;
        self.0.shared.outboxes.removed(id);
        Ok(())
    }

    /// Keeps of a message that it was not sent, and removes the oldest of those that there are too many of.
    async fn lose(&self, store: &TenantStore, id: MailId, row: OutboxRow, why: String) -> Result<()> {
        let now = self.clock().now();
        let tried = row.tried.unwrap_or(Tried { times: 0, not_before: now, why: String::new() });
        let tried = Some(Tried { why: short(&why), ..tried });
        let lost = OutboxRow { values: Vec::new(), tried, lost_at: Some(now), ..row };
        let kept = store.scan::<OutboxRow>(Scan::prefix(&rows::all_lost_mail()).limit(PAGE)).await?;
        let full = store.count(Scan::prefix(&rows::all_lost_mail())).await? >= self.limits().mail_lost_max;
        let mut batch = Batch::new();
        batch.delete(rows::outbox(id));
        batch.insert(rows::lost_mail(id), &lost)?;
        if let Some((oldest, _)) = kept.entries.first().filter(|_| full) {
            batch.delete(Key::from_stored(oldest));
        }
        save(store, batch).await
    }

    /// Looks once, in the background, which tenants have mail waiting from before this process.
    fn look_for_mail(&self) {
        if !self.0.looked_for_mail.swap(true, Ordering::AcqRel) {
            tokio::spawn(look(Arc::downgrade(&self.0)));
        }
    }
}

/// A message that is due.
struct Found {
    id: MailId,
    tenant: Arc<Tenant>,
    row: OutboxRow,
    store: TenantStore,
}

impl Found {
    fn with(self, turn: Turn) -> WaitingMail {
        let Self { id, tenant, row, store } = self;
        let written_at = row.written_at.unwrap_or(tenant.created_at);
        let tries = row.tried.as_ref().map_or(0, |tried| tried.times);
        WaitingMail { id, tenant, to: row.to.clone(), written_at, tries, row, store, turn }
    }
}

async fn look(engine: Weak<Inner>) {
    let Some(tenants) = engine.upgrade().map(|inner| inner.platform.tenants()) else { return };
    for tenant in tenants {
        let Some(inner) = engine.upgrade() else { return };
        match inner.tenants.has_any(&tenant, waiting()).await {
            Ok(true) => inner.shared.outboxes.ring(tenant.id),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(tenant.id = %tenant.id, ?error, "it is not known whether mail waits; looking again later");
                // Whoever has its turn looks, and comes back to it until that succeeds.
                inner.shared.outboxes.ring(tenant.id);
            }
        }
    }
}

/// This message, if the change that it belongs to was made: a store may show rows before they are on disk.
pub(super) async fn durable(store: &TenantStore, id: MailId, row: OutboxRow) -> Result<Option<OutboxRow>> {
    if store.reads_are_durable() {
        return Ok(Some(row));
    }
    store.settled().await?;
    Ok(store.get(&rows::outbox(id)).await?)
}

async fn defer(
    store: &TenantStore,
    id: MailId,
    row: OutboxRow,
    (at, why): (Timestamp, String),
) -> Result<()> {
    let times = row.tried.as_ref().map_or(0, |tried| tried.times).saturating_add(1);
    let tried = Some(Tried { times, not_before: at, why: short(&why) });
    let mut batch = Batch::new();
    batch.put(rows::outbox(id), &OutboxRow { tried, ..row })?;
    save(store, batch).await
}

/// Saves rows that have no log.
async fn save(store: &TenantStore, batch: Batch) -> Result<()> {
    match store.commit(batch).await {
        CommitOutcome::Committed { .. } => Ok(()),
        CommitOutcome::Refused(error) => Err(error.into()),
        outcome => {
            Err(Error::unavailable("the outbox could not be saved").with_source(format!("{outcome:?}")))
        }
    }
}

fn short(why: &str) -> String {
    why.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WHY_CHARS_MAX).collect()
}

/// The page that a letter's link leads to.
const fn page(kind: LetterKind) -> Option<&'static str> {
    match kind {
        LetterKind::PasswordReset => Some("password-reset"),
        LetterKind::Invitation => Some("invitation"),
        LetterKind::ProviderAdded | LetterKind::Announcement | LetterKind::PluginFails => None,
    }
}
