//! Second factors: set up, confirmed, renewed and taken away.
//!
//! Each of them needs the password again, or the challenge that came after it, which sets up a first one and replaces
//! none. It does not know how codes are made.

use super::sessions::{Begin, Client, Tokens, active, commit, encoded};
use super::sign_in::{slow_down, used_up};
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::second_factor::SaveSecondFactor;
use crate::context::{OpContext, Principal};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Origin, Subject};
use crate::id::{MemberId, OneTimeId};
use crate::identity::{
    Holder, Password, Purpose, RecoveryCodes, SecondFactor, SecretBytes, SecretText, Target,
    totp::{self, TotpSecret},
};
use crate::model::Member;
use crate::rows;
use crate::security::SecurityKind;
use crate::storage::Batch;
use crate::tenant::{Committed, LiveTenant};
use crate::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

/// Who sets up a second factor.
#[derive(Debug, Clone)]
pub enum Enrolling {
    /// Somebody who is signed in, with what they use.
    Member(Principal, Client),
    /// Somebody on the way in, with the challenge that asked for it.
    OnTheWayIn(SecretText),
}

/// A secret to be put into an authenticator app. It is shown this once.
#[derive(Debug)]
pub struct NewSecret {
    /// As people type it: base32.
    pub base32: SecretText,
    /// As an app reads it from a picture: `otpauth://totp/…`.
    pub uri: SecretText,
}

/// A second factor that is in force.
#[derive(Debug)]
pub struct Enrolled {
    /// Codes to get in without the app. They are shown this once.
    pub recovery: RecoveryCodes,
    /// The session of somebody who was on the way in.
    pub tokens: Option<Tokens>,
}

/// Somebody whose second factor is at hand, in the turn for proofs.
struct Owner {
    live: Arc<LiveTenant>,
    member: Arc<Member>,
    /// The challenge of somebody on the way in, and when their password was read.
    challenge: Option<(OneTimeId, Timestamp)>,
}

impl Engine {
    /// Makes a secret for an authenticator app. It comes into force when a code of it is shown within a quarter of an hour:
    /// [`Engine::confirm_second_factor`]. Whoever is signed in gives their password again.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a wrong password, `UNAUTHENTICATED` for a challenge that is over, `FORBIDDEN` with an API key.
    pub async fn begin_second_factor(&self, who: Enrolling, password: Option<Password>) -> Result<NewSecret> {
        let engine = self.clone();
        to_the_end(async move {
            if let (Enrolling::Member(principal, client), password) = (&who, password) {
                engine.expect_password_again(principal, password, client).await?;
            }
            let owner = engine.owner(&who).await?;
            let _turn = owner.live.proofs_turn().await;
            let owner = engine.owner(&who).await?;
            let fresh: TotpSecret = SecretBytes::generate().map_err(Error::internal)?;
            let row = stored(&owner.live, owner.member.id).await?;
            let row = row.begin(&fresh, engine.clock().now().millis());
            let mut batch = Batch::new();
            batch.put(rows::second_factor(owner.member.id), &row)?;
            commit(&owner.live, batch).await?;
            let (company, account) = (owner.live.record(), owner.member.email.as_deref().unwrap_or_default());
            let uri = SecretText::from_zeroizing(totp::as_uri(&fresh, &company.name, account));
            Ok(NewSecret { base32: SecretText::from_zeroizing(totp::as_base32(&fresh)), uri })
        })
        .await
    }

    /// Brings a second factor into force with a first code of the app.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a wrong code, or when there is nothing to confirm, as after five wrong ones; `RATE_LIMITED` for
    /// too many; `UNAUTHENTICATED` for a challenge that is over.
    pub async fn confirm_second_factor(
        &self,
        who: Enrolling,
        code: &str,
        client: Client,
    ) -> Result<Enrolled> {
        let (engine, code) = (self.clone(), code.to_owned());
        to_the_end(async move {
            let owner = engine.owner(&who).await?;
            let _turn = owner.live.proofs_turn().await;
            // In the turn, so that a challenge is good once.
            let Owner { live, member, challenge } = engine.owner(&who).await?;
            let (row, recovery) = engine.confirmed(&live, &member, &code, client.address).await?;
            let spends = challenge.map(|(id, _)| id);
            engine.save_second_factor(&live, &member, &row, (true, spends)).await?;
            let tokens = match challenge {
                Some((_, at)) => {
                    live.withdraw_note(SecurityKind::SecondFactorAsked, Subject::Member(member.id), &client);
                    let begin = Begin { member: &member, at, client: &client, provider: None };
                    Some(engine.begin_session(&live, begin).await?)
                }
                None => None,
            };
            Ok(Enrolled { recovery, tokens })
        })
        .await
    }

    /// A member's second factor once this code has confirmed its secret; guessing is slowed down. In the turn for proofs.
    async fn confirmed(
        &self,
        live: &LiveTenant,
        member: &Member,
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(SecondFactor, RecoveryCodes)> {
        let (company, account) = (live.store().tenant().to_string(), member.id.to_string());
        let (target, now) = (Target { company: &company, account: &account }, self.clock().now().millis());
        let tried = self.0.guards.codes.begin(&target, address, false, now).map_err(slow_down)?;
        let row = stored(live, member.id).await?;
        if let Some(confirmed) = row.clone().confirm(code, now).map_err(Error::internal)? {
            self.0.guards.codes.succeeded(&tried);
            return Ok(confirmed);
        }
        let mut batch = Batch::new();
        batch.put(rows::second_factor(member.id), &row.missed())?;
        commit(live, batch).await?;
        Err(Error::invalid("code", "the code does not fit the secret; look at the app again, or begin again"))
    }

    /// Makes fresh recovery codes in the place of all before.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a wrong password; `REJECTED` without a second factor.
    pub async fn renew_recovery_codes(
        &self,
        principal: &Principal,
        password: Password,
        client: impl Into<Client>,
    ) -> Result<RecoveryCodes> {
        let (engine, principal, client) = (self.clone(), principal.clone(), client.into());
        to_the_end(async move {
            engine.expect_password_again(&principal, Some(password), &client).await?;
            let owner = engine.owner(&Enrolling::Member(principal, client)).await?;
            let _turn = owner.live.proofs_turn().await;
            let row = stored(&owner.live, owner.member.id).await?;
            let none = || Error::rejected("there is no second factor to make recovery codes for");
            let (row, codes) = row.renew_codes().map_err(Error::internal)?.ok_or_else(none)?;
            engine.save_second_factor(&owner.live, &owner.member, &row, (false, None)).await?;
            Ok(codes)
        })
        .await
    }

    /// Takes one's own second factor away.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a wrong password; `REJECTED` where the company requires one.
    pub async fn disable_second_factor(
        &self,
        cx: OpContext,
        password: Password,
        client: impl Into<Client>,
    ) -> Result<Committed> {
        self.expect_password_again(&cx.principal, Some(password), &client.into()).await?;
        let live = self.live(cx.principal.tenant()).await?;
        if live.directory().access().second_factor_required {
            let message = "this company requires a second factor: set up another one instead";
            return Err(Error::rejected(message));
        }
        let member = cx.principal.member().ok_or_else(|| Error::forbidden("have a second factor"))?;
        self.take_away(cx, member).await
    }

    /// Takes a member's second factor away: theirs is lost. For super admins, of others than themselves.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`; `REJECTED` for one's own.
    pub async fn reset_second_factor(&self, cx: OpContext, member: MemberId) -> Result<Committed> {
        self.may(&cx, Action::ManageSignIn, Some(member)).await?;
        if cx.principal.member() == Some(member) {
            let message = "your own second factor is taken away with your password, not by a reset";
            return Err(Error::rejected(message));
        }
        self.take_away(cx, member).await
    }

    async fn take_away(&self, cx: OpContext, member: MemberId) -> Result<Committed> {
        let engine = self.clone();
        to_the_end(async move {
            let live = engine.live(cx.principal.tenant()).await?;
            let _turn = live.proofs_turn().await;
            let row = encoded(SecondFactor::none(member))?;
            let save = SaveSecondFactor { member, on: false, replaces: false, row, spends: None };
            live.execute(&cx, &save).await
        })
        .await
    }

    /// How a member's second factor stands, for themselves or a super admin: since when, and how many recovery codes are
    /// left; none when there is none.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub async fn second_factor(
        &self,
        cx: &OpContext,
        member: MemberId,
    ) -> Result<Option<(Timestamp, usize)>> {
        self.may(cx, Action::ManageSignIn, Some(member)).await?;
        let row = stored(&*self.live(cx.principal.tenant()).await?, member).await?;
        Ok(row.since_ms().map(|since| (Timestamp::from_millis(since), row.recovery_left())))
    }

    /// Writes a second factor in its owner's name.
    async fn save_second_factor(
        &self,
        live: &LiveTenant,
        member: &Member,
        row: &SecondFactor,
        (replaces, spends): (bool, Option<OneTimeId>),
    ) -> Result<()> {
        let bytes = encoded(row)?;
        let principal = Principal::trusted_member(live.store().tenant(), member.id);
        let cx = OpContext::new(principal).with_origin(Origin::Api);
        let save = SaveSecondFactor { member: member.id, on: row.is_on(), replaces, row: bytes, spends };
        live.execute(&cx, &save).await.map(drop)
    }

    /// Whose second factor is spoken of.
    async fn owner(&self, who: &Enrolling) -> Result<Owner> {
        match who {
            Enrolling::Member(principal, client) => {
                let nobody = || Error::forbidden("have a second factor");
                let id = principal.member().ok_or_else(nobody)?;
                let cx = OpContext::new(principal.clone()).with_client(client.clone());
                self.may(&cx, Action::ManageSignIn, Some(id)).await?;
                let live = self.live(principal.tenant()).await?;
                let member = active(&live, Holder::Member { tenant: principal.tenant(), member: id })?;
                Ok(Owner { live, member, challenge: None })
            }
            Enrolling::OnTheWayIn(token) => {
                let (live, presented) = self.presented(token.expose()).await?;
                let record = self.one_time_of(&live, &presented, Purpose::Enrolment).await?;
                let (tenant, member) = (live.store().tenant(), MemberId::from_uuid(record.about()));
                let member = active(&live, Holder::Member { tenant, member })?;
                // Another challenge of theirs was answered meanwhile: this one would replace what that one set up.
                if live.directory().has_second_factor(member.id) {
                    return Err(used_up());
                }
                let challenge = Some((record.id, Timestamp::from_millis(record.created_ms)));
                Ok(Owner { live, member, challenge })
            }
        }
    }

    /// Refuses who is signed in and does not know the password.
    async fn expect_password_again(
        &self,
        principal: &Principal,
        password: Option<Password>,
        client: &Client,
    ) -> Result<()> {
        let id = principal.member();
        let cx = OpContext::new(principal.clone()).with_client(client.clone());
        self.may(&cx, Action::ManageSignIn, id).await?;
        let live = self.live(principal.tenant()).await?;
        let member = id.and_then(|id| live.directory().member(id).cloned());
        let missing =
            || Error::new(ErrorCode::InvalidInput, "give your password again").with_field("password");
        let (Some(member), Some(password)) = (member, password) else { return Err(missing()) };
        self.expect_own_password(&live, &member, password, client).await
    }
}

/// A member's row, an empty one when there is none.
async fn stored(live: &LiveTenant, member: MemberId) -> Result<SecondFactor> {
    let row = live.store().get::<SecondFactor>(&rows::second_factor(member)).await?;
    Ok(row.unwrap_or_else(|| SecondFactor::none(member)))
}
