//! Signing in: a password, and a second factor where there is one.
//!
//! Whatever is wrong gets the same answer at the same cost, and who fails waits longer each time, whether anybody has that
//! name or not. After the right password comes either the session or a *challenge*: a one-time token with which the second
//! step is taken.

use super::first_admin::is_spoilt;
use super::people::busy;
use super::sessions::{Begin, Client, Tokens, active, commit, password_set_at, secret};
use super::{Engine, to_the_end};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Actor, Subject};
use crate::id::{MemberId, TenantId};
use crate::identity::{
    Guesses, Holder, MailSources, MailsSent, OneTimeRecord, Password, PasswordHash, PresentedOneTime,
    Purpose, SecondFactor, SecretText, Target, Try, Verdict, Wait,
};
use crate::model::{Member, Role};
use crate::rows::{self, PasswordRow};
use crate::security::{SECOND_STEP_MS, SecurityKind, SecurityNote};
use crate::storage::Batch;
use crate::tenant::LiveTenant;
use crate::time::Timestamp;
use std::sync::Arc;

/// What a person gives to sign in.
#[derive(Debug)]
pub struct SignIn {
    /// The tenant's slug.
    pub tenant: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: Password,
    /// What they use.
    pub client: Client,
}

/// What a person gets for it.
#[derive(Debug)]
pub enum SignedIn {
    /// They are in.
    Tokens(Tokens),
    /// The password was right, and there is another step.
    Challenge(Challenge),
}

/// A step between the password and the session.
#[derive(Debug)]
pub struct Challenge {
    /// To be shown with the answer. Once the answer is right, it is spent.
    pub token: SecretText,
    /// What the answer is.
    pub kind: ChallengeKind,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What a challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeKind {
    /// A code of the authenticator app, or a recovery code: [`Engine::answer_challenge`].
    Code,
    /// A second factor, which the company requires and the member has not set up:
    /// [`Engine::begin_second_factor`].
    Enrolment,
}

/// What slows down guessing, and having mail sent.
#[derive(Debug)]
pub(super) struct Guards {
    pub(super) passwords: Guesses,
    pub(super) codes: Guesses,
    pub(super) mail: MailSources,
    pub(super) mails_sent: MailsSent,
}

impl Guards {
    pub(super) fn new() -> Result<Self> {
        let key = || secret().map(|secret| *secret.as_bytes());
        Ok(Self {
            passwords: Guesses::of_passwords(key()?),
            codes: Guesses::of_codes(key()?),
            mail: MailSources::new(key()?),
            mails_sent: MailsSent::default(),
        })
    }
}

impl Engine {
    /// Signs a person in. An unknown tenant, an unknown address and a wrong password get the same answer, at the same
    /// cost.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`; `RATE_LIMITED` after too many wrong ones; `UNAVAILABLE` when too many sign in at once.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<SignedIn> {
        // The session begins when the password is read: one that is set while this one is checked ends it.
        let at = self.clock().now();
        let SignIn { tenant, email, password, client } = sign_in;
        let target = Target { company: &tenant, account: &email };
        // Before the company is loaded: who must wait costs nothing.
        self.0.guards.passwords.ask(&target, client.address, at.millis()).map_err(slow_down)?;
        let found = self.credentials(&tenant, &email).await?;
        let knows = |(live, member): (&Arc<LiveTenant>, &Arc<Member>)| {
            live.sessions().lock().knows(member.id, client.address)
        };
        let known = found.live.as_ref().zip(found.member.as_ref()).is_some_and(knows);
        let tried = self.0.guards.passwords.begin(&target, client.address, known, at.millis());
        let tried = tried.map_err(|wait| {
            found.note(SecurityKind::SignInSlowed, &client);
            slow_down(wait)
        })?;
        let verdict = self.verdict(password, found.hash.as_ref(), &tried).await?;
        let (Some(live), Some(member), Verdict::Match { .. }) = (&found.live, &found.member, verdict) else {
            found.note(SecurityKind::SignInFailed, &client);
            return Err(Error::new(ErrorCode::Unauthenticated, "the company, address or password is wrong"));
        };
        self.0.guards.passwords.succeeded(&tried);
        let (engine, live, member) = (self.clone(), live.clone(), member.clone());
        to_the_end(async move { engine.after_password(&live, &member, at, &client).await }).await
    }

    /// Whether a password is right. When there was no room to look at it, nothing was tried.
    async fn verdict(&self, password: Password, hash: Option<&PasswordHash>, tried: &Try) -> Result<Verdict> {
        self.0.passwords.verify(password, hash).await.map_err(|error| {
            self.0.guards.passwords.withdrawn(tried);
            busy(error)
        })
    }

    /// The next step for somebody whose password was right.
    async fn after_password(
        &self,
        live: &LiveTenant,
        member: &Member,
        at: Timestamp,
        client: &Client,
    ) -> Result<SignedIn> {
        let directory = live.directory();
        let access = directory.access();
        if !access.password_sign_in && member.role != Role::SuperAdmin {
            let note = SecurityNote::new(SecurityKind::SignInFailed).about(Some(Subject::Member(member.id)));
            live.note(note.from(client).saying("by password, which opens no door here"));
            let message = "this company signs in through its identity provider; go there";
            return Err(Error::new(ErrorCode::Unauthenticated, message));
        }
        let purpose = match (directory.has_second_factor(member.id), access.second_factor_required) {
            (true, _) => Purpose::SecondStep,
            (false, true) => Purpose::Enrolment,
            (false, false) => {
                let begin = Begin { member, at, client, provider: None };
                return Ok(SignedIn::Tokens(self.begin_session(live, begin).await?));
            }
        };
        let (record, token) = self.one_time(live, purpose, member.id.uuid(), at, SECOND_STEP_MS)?;
        let mut batch = Batch::new();
        batch.insert(rows::one_time(record.id), &record)?;
        commit(live, batch).await?;
        // Who knows the password and stops here is seen; whoever goes on takes it back.
        let note = SecurityNote::new(SecurityKind::SecondFactorAsked);
        live.note(note.about(Some(Subject::Member(member.id))).from(client));
        let kind = if purpose == Purpose::Enrolment { ChallengeKind::Enrolment } else { ChallengeKind::Code };
        let expires_at = Timestamp::from_millis(record.expires_ms);
        Ok(SignedIn::Challenge(Challenge { token, kind, expires_at }))
    }

    /// Takes the second step of signing in: `code` is of the authenticator app, or a recovery code.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a challenge that is over or a wrong code; `RATE_LIMITED` after too many wrong ones.
    pub async fn answer_challenge(&self, challenge: &str, code: &str, client: Client) -> Result<Tokens> {
        let (engine, challenge, code) = (self.clone(), challenge.to_owned(), code.to_owned());
        to_the_end(async move { engine.answer(&challenge, &code, &client).await }).await
    }

    async fn answer(&self, challenge: &str, code: &str, client: &Client) -> Result<Tokens> {
        let (live, presented) = self.presented(challenge).await?;
        let _turn = live.proofs_turn().await;
        let record = self.one_time_of(&live, &presented, Purpose::SecondStep).await?;
        let member = MemberId::from_uuid(record.about());
        let row = self.spent_code(&live, member, code, client).await?;
        let member = active(&live, Holder::Member { tenant: live.store().tenant(), member })?;
        let mut batch = Batch::new();
        batch.put(rows::second_factor(member.id), &row)?;
        batch.delete(rows::one_time(record.id));
        commit(&live, batch).await?;
        live.withdraw_note(SecurityKind::SecondFactorAsked, Subject::Member(member.id), client);
        let at = Timestamp::from_millis(record.created_ms);
        self.begin_session(&live, Begin { member: &member, at, client, provider: None }).await
    }

    /// A member's second factor after this code was used; guessing is slowed down. In the turn for proofs.
    pub(super) async fn spent_code(
        &self,
        live: &LiveTenant,
        member: MemberId,
        code: &str,
        client: &Client,
    ) -> Result<SecondFactor> {
        let (company, account) = (live.store().tenant().to_string(), member.to_string());
        let now = self.clock().now().millis();
        let target = Target { company: &company, account: &account };
        let note =
            |kind| live.note(SecurityNote::new(kind).about(Some(Subject::Member(member))).from(client));
        let tried = self.0.guards.codes.begin(&target, client.address, false, now).map_err(|wait| {
            note(SecurityKind::SignInSlowed);
            slow_down(wait)
        })?;
        let row = live.store().get::<SecondFactor>(&rows::second_factor(member)).await?;
        let wrong = || {
            note(SecurityKind::SecondFactorFailed);
            Error::new(ErrorCode::Unauthenticated, "the code is wrong, or was used before")
        };
        let row = row.and_then(|row| row.spend(code, now)).ok_or_else(wrong)?;
        self.0.guards.codes.succeeded(&tried);
        Ok(row)
    }

    /// Refuses who does not know the password of a member who is signed in already.
    pub(super) async fn expect_own_password(
        &self,
        live: &LiveTenant,
        member: &Member,
        password: Password,
        client: &Client,
    ) -> Result<()> {
        let address = client.address;
        let record = live.record();
        let email = member.email.as_deref().unwrap_or_default();
        let target = Target { company: &record.slug, account: email };
        let known = live.sessions().lock().knows(member.id, address);
        let now = self.clock().now().millis();
        let tried = self.0.guards.passwords.begin(&target, address, known, now).map_err(|wait| {
            let note = SecurityNote::new(SecurityKind::SignInSlowed).by(Actor::Member(member.id));
            live.note(note.about(Some(Subject::Member(member.id))).from(client));
            slow_down(wait)
        })?;
        let hash = password_of(live, member.id).await?;
        match self.verdict(password, hash.as_ref(), &tried).await? {
            Verdict::Match { .. } => {
                self.0.guards.passwords.succeeded(&tried);
                Ok(())
            }
            Verdict::Mismatch => {
                let note = SecurityNote::new(SecurityKind::PasswordFailed).by(Actor::Member(member.id));
                live.note(note.about(Some(Subject::Member(member.id))).from(client));
                Err(Error::invalid("password", "the password is wrong"))
            }
        }
    }

    /// A fresh one-time token.
    pub(super) fn one_time(
        &self,
        live: &LiveTenant,
        purpose: Purpose,
        about: uuid::Uuid,
        now: Timestamp,
        life_ms: i64,
    ) -> Result<(OneTimeRecord, SecretText)> {
        let tenant = live.store().tenant();
        Ok(OneTimeRecord::issue(tenant, purpose, about, now.millis(), life_ms, &secret()?))
    }

    /// A one-time token as it was shown, with the tenant that it names.
    pub(super) async fn presented(&self, text: &str) -> Result<(Arc<LiveTenant>, PresentedOneTime)> {
        let presented = PresentedOneTime::parse(text).map_err(|error| used_up().with_source(error))?;
        let tenant: TenantId = presented.tenant();
        if self.0.platform.tenant(tenant).is_none() {
            return Err(used_up());
        }
        Ok((self.live(tenant).await?, presented))
    }

    /// The record of a one-time token that is good for this purpose now: one about a member is over once they have a newer
    /// password. Whoever means to spend it holds the turn.
    pub(super) async fn one_time_of(
        &self,
        live: &LiveTenant,
        presented: &PresentedOneTime,
        purpose: Purpose,
    ) -> Result<OneTimeRecord> {
        let now = self.clock().now().millis();
        let record = live.store().get::<OneTimeRecord>(&rows::one_time(presented.id())).await?;
        let record = record.ok_or_else(used_up)?;
        record.check(presented, purpose, now).map_err(|refusal| used_up().with_source(refusal))?;
        if purpose.is_about_a_member() {
            let set_at = password_set_at(live, MemberId::from_uuid(record.about())).await?;
            if set_at.is_some_and(|at| record.created_ms < at.millis()) {
                return Err(used_up());
            }
        }
        if is_spoilt(live, &record).await? {
            return Err(used_up());
        }
        Ok(record)
    }

    /// The company of this name, and the member with this address, as far as they are there.
    async fn credentials(&self, slug: &str, email: &str) -> Result<Found> {
        let Some(tenant) = self.tenant_by_slug(slug) else { return Ok(Found::default()) };
        let live = self.live(tenant.id).await?;
        let member = live.directory().member_by_email(email).filter(|m| m.is_active()).cloned();
        let hash = match &member {
            Some(member) => password_of(&live, member.id).await?,
            None => None,
        };
        // Without a password nobody signs in by one.
        let able = if hash.is_some() { member.clone() } else { None };
        Ok(Found { live: Some(live), named: member.map(|member| member.id), member: able, hash })
    }
}

/// Who was named by somebody who signs in.
#[derive(Default)]
struct Found {
    live: Option<Arc<LiveTenant>>,
    /// An active member of that address.
    named: Option<MemberId>,
    /// The same, if they have a password.
    member: Option<Arc<Member>>,
    hash: Option<PasswordHash>,
}

impl Found {
    /// Notes a failure. What was typed is not kept: it may be a password in the wrong field.
    fn note(&self, kind: SecurityKind, client: &Client) {
        let Some(live) = &self.live else { return };
        let note = SecurityNote::new(kind).about(self.named.map(Subject::Member)).from(client);
        live.note(if self.named.is_some() { note } else { note.saying("nobody has this address") });
    }
}

async fn password_of(live: &LiveTenant, member: MemberId) -> Result<Option<PasswordHash>> {
    let row = live.store().get::<PasswordRow>(&rows::password(member)).await?;
    Ok(row.map(|row| PasswordHash::from_phc(row.phc)))
}

/// The refusal of one try too many.
pub(super) fn slow_down(wait: Wait) -> Error {
    Error::new(ErrorCode::RateLimited, wait.to_string())
}

/// A one-time token is not good, for whatever reason.
pub(super) fn used_up() -> Error {
    let message = "this link or step was used before, or its time is over; begin again";
    Error::new(ErrorCode::Unauthenticated, message)
}
