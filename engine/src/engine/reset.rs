//! Passwords that were forgotten: a link by mail, and a new password for it.
//!
//! Whether anybody has an address is not told, by the answer nor by the time it takes. It does not know how mail is sent:
//! a message goes into the outbox with the token, in one batch.

use super::people::busy;
use super::sessions::encoded;
use super::sign_in::slow_down;
use super::{Engine, to_the_end};
use crate::command::member::{SendReset, SetPassword};
use crate::context::{Client, OpContext, Principal};
use crate::error::{Error, Result};
use crate::event::{Origin, Subject};
use crate::id::MemberId;
use crate::identity::{Password, Purpose};
use crate::model::{LetterKind, Role};
use crate::outbox::OutboxMail;
use crate::security::{SecurityKind, SecurityNote};
use std::sync::Arc;
use tracing::Instrument as _;

/// How long a link is good, in milliseconds.
const RESET_MS: i64 = 60 * 60 * 1000;

/// The name of the mail's template.
pub const RESET_TEMPLATE: &str = LetterKind::PasswordReset.as_str();

impl Engine {
    /// Has a link sent by which somebody who forgot their password can choose another. The answer is the same for an
    /// address that nobody has, and comes before anything is looked up.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` when it was asked for too often from this address. Who was sent enough is sent no more, and that is
    /// not told.
    pub async fn request_password_reset(
        &self,
        company: &str,
        email: &str,
        client: impl Into<Client>,
    ) -> Result<()> {
        let client = client.into();
        self.0.guards.mail.charge(client.address, self.clock().now().millis()).map_err(slow_down)?;
        let Ok(room) = Arc::clone(&self.0.resets).try_acquire_owned() else {
            tracing::warn!("too many links for new passwords are being sent at once; one is left out");
            return Ok(());
        };
        let (engine, company, email) = (self.clone(), company.to_owned(), email.to_owned());
        let send = async move {
            let _room = room;
            if let Err(error) = engine.send_reset(&company, &email, &client).await {
                tracing::warn!(?error, "a link for a new password was not sent");
            }
        };
        tokio::spawn(send.in_current_span());
        Ok(())
    }

    async fn send_reset(&self, company: &str, email: &str, client: &Client) -> Result<()> {
        let Some(tenant) = self.tenant_by_slug(company) else { return Ok(()) };
        let live = self.live(tenant.id).await?;
        let directory = live.directory();
        let Some(member) = directory.member_by_email(email).filter(|member| member.is_active()) else {
            return Ok(());
        };
        if !directory.access().password_sign_in && member.role != Role::SuperAdmin {
            return Ok(());
        }
        let Some(to) = member.email.clone() else { return Ok(()) };
        let now = self.clock().now();
        if !self.0.guards.mails_sent.one_more(tenant.id, member.id, now.millis()) {
            tracing::info!(tenant.id = %tenant.id, member = %member.id, "sent enough links for a new password; no more for now");
            return Ok(());
        }
        let (record, token) =
            self.one_time(&live, Purpose::PasswordReset, member.id.uuid(), now, RESET_MS)?;
        let until = now.plus_millis(RESET_MS).to_string();
        let values = [
            ("name", member.name.as_str()),
            ("company", tenant.name.as_str()),
            ("company_slug", tenant.slug.as_str()),
            ("token", token.expose()),
            ("expires_at", until.as_str()),
        ];
        let mail = OutboxMail::of(RESET_TEMPLATE, to, values);
        let bytes = encoded(&record)?;
        let cx = OpContext::new(Principal::trusted_system(tenant.id)).with_origin(Origin::System);
        live.execute(&cx, &SendReset { member: member.id, token: (record.id, bytes), mail }).await?;
        let note = SecurityNote::new(SecurityKind::ResetRequested).about(Some(Subject::Member(member.id)));
        live.note(note.from(client));
        Ok(())
    }

    /// Sets a new password by the token of a link, which is spent with it. All sessions of the member end, and so do all
    /// other links.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a token that is not good; `INVALID_INPUT` for a password that is too weak.
    pub async fn reset_password(&self, token: &str, password: Password) -> Result<()> {
        let (engine, token) = (self.clone(), token.to_owned());
        to_the_end(async move {
            let (live, presented) = engine.presented(&token).await?;
            // Before the costly hash; and again in the turn, so that a link is good once.
            engine.one_time_of(&live, &presented, Purpose::PasswordReset).await?;
            password.check_policy().map_err(|weak| Error::invalid("password", weak.to_string()))?;
            let hash = engine.0.passwords.hash(password).await.map_err(busy)?;
            let _turn = live.proofs_turn().await;
            let record = engine.one_time_of(&live, &presented, Purpose::PasswordReset).await?;
            let member = MemberId::from_uuid(record.about());
            let principal = Principal::trusted_member(live.store().tenant(), member);
            let cx = OpContext::new(principal).with_origin(Origin::Api);
            let set = SetPassword::new(member, hash.as_phc().to_owned()).by_token(record.id);
            live.execute(&cx, &set).await.map(drop)
        })
        .await
    }
}
