//! Invitations: a person is asked by letter to join, and joins by the link in it.
//!
//! The link's token is made by the engine and lies beside the log; these commands say what it allows. An open invitation
//! holds a seat, so that who accepts finds one.

use super::member::existing;
use super::{Command, World, text};
use crate::access::Action;
use crate::directory::Directory;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId, OneTimeId};
use crate::model::{Invitation, InvitationStatus, Member, MemberStatus, Role};
use crate::outbox::OutboxMail;
use crate::time::{DAY_MS, Timestamp};
use std::sync::Arc;

/// Invitations that are let go with one that is made.
const FORGOTTEN_AT_ONCE: usize = 4;

/// Invitations that end with somebody who joins.
const SETTLED_MAX: usize = 20;

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
    pub(crate) link: Link,
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
        if open_to(world, &email).next().is_some() {
            let message = format!("{email} is invited already: send the invitation again, or withdraw it");
            return Err(Error::conflict(message).with_field("email"));
        }
        room(world, &email, None)?;
        let name = self.name.as_deref();
        let name = name.map(|name| text::line("name", "the name", name, world.limits.name_chars_max));
        let link = self.link.clone();
        let invitation = Invitation {
            id: self.id,
            email,
            name: name.transpose()?,
            role: self.role,
            status: InvitationStatus::Open,
            inviter: world.policy.member(),
            operator: world.cx.principal.operator(),
            token: link.token.0,
            expires_at: link.expires_at,
            member: None,
            created_at: world.now,
            updated_at: world.now,
            version: 1,
            letters: vec![world.now],
        };
        let mut draft = Draft::new();
        draft.save_invitation(permit, invitation);
        forget_some(world, &mut draft)?;
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
        if open_to(world, &before.email).any(|other| other.id != before.id) {
            let message = format!("{} has another invitation: send that one again", before.email);
            return Err(Error::conflict(message));
        }
        room(world, &before.email, Some(before.id))?;
        let link = self.link.clone();
        let mut draft = Draft::new();
        draft.spend_one_time(before.token);
        let since = world.now.plus_millis(-DAY_MS);
        let lately = before.letters.iter().filter(|at| **at > since);
        let after = Invitation {
            token: link.token.0,
            expires_at: link.expires_at,
            // Who sends it stands behind it from now on.
            inviter: world.policy.member(),
            operator: world.cx.principal.operator(),
            letters: lately.chain([&world.now]).copied().collect(),
            ..stamped(world, &before)
        };
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

/// Joins by an invitation: see [`Engine::accept_invitation`](crate::Engine::accept_invitation), which has seen the link. Or
/// by the company's identity provider, which has vouched for the address.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct AcceptInvitation {
    /// Which.
    #[n(0)]
    pub(crate) invitation: InvitationId,
    /// How they are shown.
    #[n(1)]
    pub(crate) name: String,
    /// The hash of their password, in PHC form; none for who comes by a provider.
    #[cbor(skip)]
    pub(crate) password_hash: Option<String>,
    /// The token of the link, which is spent with it; none for who comes by a provider.
    #[cbor(skip)]
    pub(crate) token: Option<OneTimeId>,
}

impl Command for AcceptInvitation {
    fn operation(&self) -> &'static str {
        "invitationAccept"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let open = unanswered(world, self.invitation)?;
        let other_link = self.token.is_some_and(|token| token != open.token);
        if other_link || !open.is_open(world.now) || !is_backed(world.directory, &open) {
            return Err(Error::rejected("this invitation is over: ask for another"));
        }
        nobody_has(world, &open.email)?;
        // The platform lets nobody in.
        let waits = open.operator.is_some();
        let member = Arc::new(Member {
            email: Some(open.email.clone()),
            status: if waits { MemberStatus::Suspended } else { MemberStatus::Active },
            ..Member::new(
                MemberId::generate(),
                text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
                open.role,
                world.now,
            )
        });
        let mut draft = Draft::new();
        if self.password_hash.is_some() {
            let owner = world.policy.authorize(Action::ManageMembers, member.clone(), None)?;
            draft.set_password(&owner, self.password_hash.clone());
        }
        draft.save_member(permit, Member::clone(&member));
        settle(world, &member, &mut draft)?;
        Ok(draft)
    }
}

/// Ends what invitations there are to somebody who joins, by whichever way. There is one, but for those of old.
pub(super) fn settle(world: &World<'_>, member: &Member, draft: &mut Draft) -> Result<()> {
    let open = member.email.iter().flat_map(|email| open_to(world, email)).take(SETTLED_MAX);
    open.cloned().try_for_each(|open| accepted(world, open, member.id, draft))
}

/// Whether who invited could still do so. Somebody who was removed or suspended lets nobody in, and only a super admin makes
/// one.
pub(crate) fn is_backed(directory: &Directory, invitation: &Invitation) -> bool {
    let Some(inviter) = invitation.inviter else { return true };
    let inviter = directory.member(inviter);
    inviter.is_some_and(|by| if invitation.role == Role::SuperAdmin { by.leads() } else { by.is_active() })
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

/// The invitations to this address that wait for an answer and whose time is not over: at most one, but for those of old.
fn open_to<'w>(world: &'w World<'_>, email: &'w str) -> impl Iterator<Item = &'w Arc<Invitation>> {
    let now = world.now;
    world
        .directory
        .invitations()
        .filter(move |invitation| invitation.is_open(now) && invitation.email == email)
}

pub(super) fn nobody_has(world: &World<'_>, email: &str) -> Result<()> {
    let Some(other) = world.directory.member_by_email(email) else { return Ok(()) };
    let hint = if other.is_active() { "" } else { ": take them back by changing their status" };
    Err(Error::conflict(format!("{email} belongs to the member `{}`{hint}", other.name)).with_field("email"))
}

/// Refuses when too many invitations are open, beside the one that is sent again, or too many letters were written lately,
/// to this address or in all.
fn room(world: &World<'_>, email: &str, again: Option<InvitationId>) -> Result<()> {
    let (max, per_day) = (world.limits.invitations_max, world.limits.invitations_per_day_max);
    let per_address = world.limits.invitation_letters_max;
    let since = world.now.plus_millis(-DAY_MS);
    let (mut open, mut letters, mut to_address) = (0_usize, 0_usize, 0_usize);
    for invitation in world.directory.invitations() {
        let lately = invitation.letters_after(since);
        let counts = invitation.is_open(world.now) && Some(invitation.id) != again;
        open = open.saturating_add(usize::from(counts));
        letters = letters.saturating_add(lately);
        to_address = to_address.saturating_add(if invitation.email == email { lately } else { 0 });
    }
    let refuse = |message: String| Err(Error::rejected(message));
    if open >= max {
        return refuse(format!("there are at most {max} open invitations: withdraw some first"));
    }
    if to_address >= per_address {
        return refuse(format!("at most {per_address} letters are sent to {email} in a day: go on tomorrow"));
    }
    if letters >= per_day {
        return refuse(format!("at most {per_day} invitations are sent in a day: go on tomorrow"));
    }
    Ok(())
}

/// Lets some invitations go that came to their end long ago: more than come to theirs with one that is made.
fn forget_some(world: &World<'_>, draft: &mut Draft) -> Result<()> {
    let before = world.now.plus_millis(world.limits.invitation_kept_ms.saturating_neg());
    let old = world.directory.invitations();
    let old = old.filter(|invitation| invitation.ended_at(world.now).is_some_and(|at| at < before));
    for invitation in old.take(FORGOTTEN_AT_ONCE) {
        draft.forget_invitation(&world.policy.authorize(Action::ManageMembers, invitation.clone(), None)?);
    }
    Ok(())
}

fn stamped(world: &World<'_>, invitation: &Invitation) -> Invitation {
    Invitation { version: invitation.version.saturating_add(1), updated_at: world.now, ..invitation.clone() }
}
