//! Invitations: a letter with a link, and joining by it.
//!
//! Who has the link proves by it that they read the address it was sent to; they choose their name and password. This file
//! does not know how mail is sent: it puts a message into the outbox, with the change it belongs to.

use super::people::{busy, member_of};
use super::sessions::encoded;
use super::sign_in::used_up;
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::invitation::{AcceptInvitation, Invite, Link, ResendInvitation, is_backed};
use crate::context::{OpContext, Principal};
use crate::error::{Error, Result};
use crate::event::Origin;
use crate::id::{InvitationId, MemberId};
use crate::identity::{OneTimeRecord, Password, PresentedOneTime, Purpose};
use crate::model::{Invitation, Role, Tenant};
use crate::outbox::OutboxMail;
use crate::tenant::{Committed, LiveTenant};
use std::sync::Arc;

/// The name of the letter's template.
pub const INVITATION_TEMPLATE: &str = "invitation";

/// Whom to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// The address the letter goes to, and by which they will sign in.
    pub email: String,
    /// How to call them in the letter; they choose their name themselves.
    pub name: Option<String>,
    /// What they may do once they have joined.
    pub role: Role,
}

/// Somebody who has joined by an invitation.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The company.
    pub tenant: Arc<Tenant>,
    /// Who they are there.
    pub member: MemberId,
    /// The address they sign in with.
    pub email: String,
}

impl Engine {
    /// Invites a person: a letter with a link is sent. The link is good for [`Limits::invitation_ms`](crate::Limits).
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `INVALID_INPUT` for the address or name; `CONFLICT` when somebody has the address, or it is invited
    /// already.
    pub async fn invite(&self, cx: OpContext, new: NewInvitation) -> Result<Committed> {
        self.may(&cx, Action::ManageSignIn, None).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let (id, to) = (InvitationId::generate(), crate::command::email("email", &new.email)?);
        let NewInvitation { email, name, role } = new;
        let line = |name: String| crate::command::name("name", "the name", &name, self.limits());
        let name = name.map(line).transpose()?;
        let link = self.letter(&live, &cx.principal, id, (&to, name.as_deref()))?;
        self.execute(cx, Invite { id, email, name, role, link }).await
    }

    /// Sends an invitation again, with a new link; the link before stops working. It is good from now on for as long as a
    /// new one.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `NOT_FOUND`; `REJECTED` for one that was accepted or taken back, and when enough letters were sent today;
    /// `CONFLICT` when the address has another.
    pub async fn resend_invitation(&self, cx: OpContext, invitation: InvitationId) -> Result<Committed> {
        self.may(&cx, Action::ManageSignIn, None).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let known = live.directory().invitation(invitation).cloned();
        let known = known.ok_or_else(|| Error::not_found(format!("invitation {invitation}")))?;
        let to = (known.email.as_str(), known.name.as_deref());
        let link = self.letter(&live, &cx.principal, invitation, to)?;
        self.execute(cx, ResendInvitation { invitation, link }).await
    }

    /// Joins by the token of a link, which is spent with it: whoever has it chooses a name and a password, and signs in
    /// with those.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a token that is not good, because it was used, its time is over, or the invitation was taken
    /// back, or because who sent it may not let them in any more; `INVALID_INPUT` for a name or a password that breaks a
    /// rule, and `REJECTED` where passwords open no door: the link stays good then.
    pub async fn accept_invitation(&self, token: &str, name: &str, password: Password) -> Result<Joined> {
        let (engine, token, name) = (self.clone(), token.to_owned(), name.to_owned());
        to_the_end(async move {
            let (live, presented) = engine.presented(&token).await?;
            // Before the costly hash; and again in the turn, so that a link is good once.
            engine.invitation_of(&live, &presented).await?;
            let name = crate::command::name("name", "the name", &name, engine.limits())?;
            password.check_policy().map_err(|weak| Error::invalid("password", weak.to_string()))?;
            let hash = engine.0.passwords.hash(password).await.map_err(busy)?;
            let _turn = live.proofs_turn().await;
            let (record, invitation) = engine.invitation_of(&live, &presented).await?;
            let accept = AcceptInvitation {
                invitation: invitation.id,
                name,
                password_hash: Some(hash.as_phc().to_owned()),
                token: Some(record.id),
            };
            let principal = Principal::trusted_system(live.store().tenant());
            let done = live.execute(&OpContext::new(principal).with_origin(Origin::Api), &accept).await?;
            let joined = done.subjects.iter().find_map(member_of);
            let member = joined.ok_or_else(|| Error::internal("nobody has joined"))?;
            Ok(Joined { tenant: live.record(), member, email: invitation.email.clone() })
        })
        .await
    }

    /// The record of a link, and the open invitation that it is about.
    async fn invitation_of(
        &self,
        live: &LiveTenant,
        presented: &PresentedOneTime,
    ) -> Result<(OneTimeRecord, Arc<Invitation>)> {
        let record = self.one_time_of(live, presented, Purpose::Invitation).await?;
        let id = InvitationId::from_uuid(record.about());
        let known = live.directory().invitation(id).cloned();
        let directory = live.directory();
        let open = known.filter(|known| known.is_open(self.clock().now()) && known.token == record.id);
        let open = open.filter(|open| is_backed(&directory, open)).ok_or_else(used_up)?;
        if !directory.access().password_sign_in && open.role != Role::SuperAdmin {
            let message = "a password does not open this company: sign in with this address by its identity provider, and you have joined";
            return Err(Error::rejected(message));
        }
        Ok((record, open))
    }

    /// A letter with a new link.
    fn letter(
        &self,
        live: &LiveTenant,
        inviter: &Principal,
        id: InvitationId,
        (to, name): (&str, Option<&str>),
    ) -> Result<Link> {
        let (tenant, directory, now) = (live.record(), live.directory(), self.clock().now());
        let life_ms = self.limits().invitation_ms;
        let (record, token) = self.one_time(live, Purpose::Invitation, id.uuid(), now, life_ms)?;
        let expires_at = now.plus_millis(life_ms);
        let inviter = inviter.member().and_then(|id| directory.member(id));
        let until = expires_at.to_string();
        let values = [
            ("name", name.unwrap_or(to)),
            ("company", tenant.name.as_str()),
            ("company_slug", tenant.slug.as_str()),
            ("inviter", inviter.map_or(tenant.name.as_str(), |member| member.name.as_str())),
            ("token", token.expose()),
            ("expires_at", until.as_str()),
        ];
        let mail = OutboxMail::of(INVITATION_TEMPLATE, to.to_owned(), values);
        let bytes = encoded(&record)?;
        Ok(Link { token: (record.id, bytes), expires_at, mail })
    }
}
