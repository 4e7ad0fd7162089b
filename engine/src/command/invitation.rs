//! Invitations: a person is asked by letter to join, and joins by the link in it.
//!
//! The link's token is made by the engine and lies beside the log; these commands say what it allows. An open invitation
//! holds a seat, so that who accepts finds one.

use super::member::existing;
use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId, OneTimeId};
use crate::model::{Invitation, InvitationStatus, Member, MemberKind, MemberStatus, Role};
use crate::outbox::OutboxMail;
use crate::time::Timestamp;
use std::sync::Arc;

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The link of a letter: its token, as the bytes of its record, how long it is good, and the letter.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) token: (OneTimeId, Vec<u8>),
    pub(crate) expires_at: Timestamp,
    pub(crate) mail: OutboxMail,
}

/// Invites a person: see [`Engine::invite`](crate::Engine::invite).
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct Invite {
    /// The id; random, and no part of what an idempotency key is bound to.
    #[cbor(skip)]
    pub(crate) id: InvitationId,
    /// To which address.
    #[n(1)]
    pub(crate) email: String,
    /// How whoever invites calls them.
    #[n(2)]
    pub(crate) name: Option<String>,
    /// What they may do once they have joined.
    #[n(3)]
    pub(crate) role: Role,
    /// What is sent.
    #[cbor(skip)]
    pub(crate) link: Option<Link>,
}

impl Command for Invite {
    fn operation(&self) -> &'static str {
        "memberInvite"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        lets_people_in(world)?;
        let email = text::email("email", &self.email)?;
        nobody_has(world, &email)?;
        if open_to(world, &email).is_some() {
            let message = format!("{email} is invited already: send the invitation again, or withdraw it");
            return Err(Error::conflict(message).with_field("email"));
        }
        room(world)?;
        let name = self.name.as_deref();
        let name = name.map(|name| text::line("name", "the name", name, world.limits.name_chars_max));
        let link = self.link.clone().ok_or_else(|| Error::internal("an invitation without a link"))?;
        let invitation = Invitation {
            id: self.id,
            email,
            name: name.transpose()?,
            role: self.role,
            status: InvitationStatus::Open,
            inviter: world.policy.member(),
            token: link.token.0,
            expires_at: link.expires_at,
            member: None,
            created_at: world.now,
            updated_at: world.now,
            version: 1,
        };
        let mut draft = Draft::new();
        draft.save_invitation(permit, invitation);
        draft.issue_one_time(link.token.0, link.token.1);
        draft.send(link.mail);
        Ok(draft)
    }
}

/// Sends an invitation again, with a new link; the one before stops working.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct ResendInvitation {
    /// Which.
    #[n(0)]
    pub(crate) invitation: InvitationId,
    /// What is sent.
    #[cbor(skip)]
    pub(crate) link: Link,
}

impl Command for ResendInvitation {
    fn operation(&self) -> &'static str {
        "invitationResend"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = unanswered(world, self.invitation)?;
        let permit = world.policy.authorize(Action::ManageMembers, Some(before.clone()), None)?;
        lets_people_in(world)?;
        nobody_has(world, &before.email)?;
        room(world)?;
        let link = self.link.clone();
        let mut draft = Draft::new();
        draft.spend_one_time(before.token);
        let after =
            Invitation { token: link.token.0, expires_at: link.expires_at, ..stamped(world, &before) };
        draft.save_invitation(permit, after);
        draft.issue_one_time(link.token.0, link.token.1);
        draft.send(link.mail);
        Ok(draft)
    }
}

/// Takes an invitation back: its link stops working. One that was taken back stays so.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct WithdrawInvitation {
    /// Which.
    #[n(0)]
    pub invitation: InvitationId,
}

impl Command for WithdrawInvitation {
    fn operation(&self) -> &'static str {
        "invitationWithdraw"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        world.policy.authorize(Action::ManageMembers, (), None)?;
        let known = world.directory.invitation(self.invitation);
        let mut draft = Draft::new();
        if known.is_some_and(|invitation| invitation.status == InvitationStatus::Withdrawn) {
            draft.answer_with(Subject::Invitation(self.invitation));
            return Ok(draft);
        }
        let before = unanswered(world, self.invitation)?;
        let permit = world.policy.authorize(Action::ManageMembers, Some(before.clone()), None)?;
        draft.spend_one_time(before.token);
        let after = Invitation { status: InvitationStatus::Withdrawn, ..stamped(world, &before) };
        draft.save_invitation(permit, after);
        Ok(draft)
    }
}

/// Joins by an invitation: see [`Engine::accept_invitation`](crate::Engine::accept_invitation), which has seen the link.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct AcceptInvitation {
    /// Which.
    #[n(0)]
    pub(crate) invitation: InvitationId,
    /// How they are shown.
    #[n(1)]
    pub(crate) name: String,
    /// The hash of their password, in PHC form.
    #[cbor(skip)]
    pub(crate) password_hash: String,
    /// The token of the link, which is spent with it.
    #[cbor(skip)]
    pub(crate) token: OneTimeId,
}

impl Command for AcceptInvitation {
    fn operation(&self) -> &'static str {
        "invitationAccept"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let open = unanswered(world, self.invitation)?;
        if !open.is_open(world.now) || open.token != self.token {
            return Err(Error::rejected("this invitation is over: ask for another"));
        }
        nobody_has(world, &open.email)?;
        let member = Arc::new(Member {
            id: MemberId::generate(),
            email: Some(open.email.clone()),
            name: text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
            role: open.role,
            status: MemberStatus::Active,
            created_at: world.now,
            updated_at: world.now,
            version: 1,
            access_version: 1,
            source: None,
            kind: MemberKind::Person,
            locale: None,
            time_zone: None,
        });
        let mut draft = Draft::new();
        let owner = world.policy.authorize(Action::ManageMembers, member.clone(), None)?;
        draft.set_password(&owner, Some(self.password_hash.clone()));
        draft.save_member(permit, Member::clone(&member));
        accepted(world, open, member.id, &mut draft)?;
        Ok(draft)
    }
}

/// Ends the invitation of somebody who joins by another way.
pub(super) fn settle(world: &World<'_>, member: &Member, draft: &mut Draft) -> Result<()> {
    match member.email.as_deref().and_then(|email| open_to(world, email)) {
        Some(open) => accepted(world, open.clone(), member.id, draft),
        None => Ok(()),
    }
}

fn accepted(world: &World<'_>, open: Arc<Invitation>, member: MemberId, draft: &mut Draft) -> Result<()> {
    let after =
        Invitation { status: InvitationStatus::Accepted, member: Some(member), ..stamped(world, &open) };
    draft.spend_one_time(open.token);
    draft.save_invitation(world.policy.authorize(Action::ManageMembers, Some(open), None)?, after);
    Ok(())
}

/// An invitation that was neither accepted nor taken back; its time may be over.
fn unanswered(world: &World<'_>, id: InvitationId) -> Result<Arc<Invitation>> {
    let missing = || Error::not_found(format!("invitation {id}"));
    let known = world.directory.invitation(id).ok_or_else(missing)?;
    match known.status {
        InvitationStatus::Open => Ok(known.clone()),
        InvitationStatus::Accepted => {
            let who = known.member.map(|member| existing(world, member)).transpose()?;
            let name = who.map_or_else(|| known.email.clone(), |member| member.name.clone());
            Err(Error::rejected(format!("`{name}` has accepted the invitation")))
        }
        InvitationStatus::Withdrawn => Err(Error::rejected("the invitation was withdrawn: invite them anew")),
    }
}

/// As much as setting somebody's password: no key and no visit lets people in.
fn lets_people_in(world: &World<'_>) -> Result<()> {
    world.policy.authorize(Action::ManageSignIn, (), None).map(drop)
}

/// The invitation to this address that waits for an answer, if its time is not over.
fn open_to<'w>(world: &'w World<'_>, email: &str) -> Option<&'w Arc<Invitation>> {
    world
        .directory
        .invitations()
        .find(|invitation| invitation.is_open(world.now) && invitation.email == email)
}

fn nobody_has(world: &World<'_>, email: &str) -> Result<()> {
    let Some(other) = world.directory.member_by_email(email) else { return Ok(()) };
    let hint = if other.is_active() { "" } else { ": take them back by changing their status" };
    Err(Error::conflict(format!("{email} belongs to the member `{}`{hint}", other.name)).with_field("email"))
}

/// Refuses when too many invitations are open, or too many letters were sent lately.
fn room(world: &World<'_>) -> Result<()> {
    let (max, per_day) = (world.limits.invitations_max, world.limits.invitations_per_day_max);
    let open = world.directory.invitations().filter(|invitation| invitation.is_open(world.now));
    if open.count() >= max {
        return Err(Error::rejected(format!(
            "there are at most {max} open invitations: withdraw some first"
        )));
    }
    let since = world.now.plus_millis(-DAY_MS);
    let lately = world.directory.invitations().filter(|invitation| invitation.updated_at > since);
    if lately.count() >= per_day {
        let message = format!("at most {per_day} invitations are sent in a day: go on tomorrow");
        return Err(Error::rejected(message));
    }
    Ok(())
}

fn stamped(world: &World<'_>, invitation: &Invitation) -> Invitation {
    Invitation { version: invitation.version.saturating_add(1), updated_at: world.now, ..invitation.clone() }
}
