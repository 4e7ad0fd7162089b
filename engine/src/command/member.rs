//! Commands on members: adding, changing, handing over, removing. Invitations and service accounts have files of their own.

use super::{Command, World, colleague, invitation, plugin, service, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{MemberId, OneTimeId};
use crate::model::{Member, MemberStatus, Role, Team};
use crate::outbox::OutboxMail;
use std::sync::Arc;

/// Adds a person to the tenant.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct AddMember {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<MemberId>,
    /// The address they sign in with.
    #[n(1)]
    pub email: String,
    /// How they are shown.
    #[n(2)]
    pub name: String,
    /// What they may do.
    #[n(3)]
    pub role: Role,
    /// The hash of their password, in PHC form; without one they cannot sign in yet. It is random, so it is no part of
    /// what an idempotency key is bound to.
    #[cbor(skip)]
    pub password_hash: Option<String>,
}

impl Command for AddMember {
    fn operation(&self) -> &'static str {
        "memberCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let email = text::email("email", &self.email)?;
        invitation::nobody_has(world, &email)?;
        let member = Arc::new(Member {
            email: Some(email),
            ..Member::new(
                new_id(world, self.id)?,
                text::line("name", "the name", &self.name, world.limits.name_chars_max)?,
                self.role,
                world.now,
            )
        });
        let mut draft = Draft::new();
        invitation::settle(world, &member, &mut draft)?;
        if self.password_hash.is_some() {
            // As much as setting somebody's password: no key and no visit makes people who can sign in.
            let owner = world.policy.authorize(Action::ManageSignIn, member.clone(), None)?;
            draft.set_password(&owner, self.password_hash.clone());
        }
        if becomes_super_admin(None, &member) {
            world.policy.authorize(Action::MakeSuperAdmin, (), None)?;
        }
        draft.save_member(permit, Member::clone(&member));
        Ok(draft)
    }
}

/// The id of a new member: the one that was chosen, if it is free and not nobody's; else a new one.
pub(super) fn new_id(world: &World<'_>, chosen: Option<MemberId>) -> Result<MemberId> {
    match chosen {
        Some(id) if id == MemberId::NOBODY => {
            Err(Error::invalid("id", "the id of all zeros is nobody's: choose another"))
        }
        Some(id) if world.directory.member(id).is_some() => {
            Err(Error::conflict(format!("there is a member {id} already")).with_field("id"))
        }
        chosen => Ok(chosen.unwrap_or_else(MemberId::generate)),
    }
}

/// Changes a member's profile, role or status. Encoded as a map: what is taken away is not what is not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
#[cbor(map)]
pub struct UpdateMember {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// The version they were read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How they are shown.
    #[n(2)]
    pub name: Option<String>,
    /// What they may do.
    #[n(3)]
    pub role: Option<Role>,
    /// Whether they take part.
    #[n(4)]
    pub status: Option<MemberStatus>,
    /// The language and place whose words and forms they want, such as `de-CH`; an inner none: they do not say.
    #[n(5)]
    pub locale: Option<Option<String>>,
    /// Where their days begin, as the IANA names the zone; an inner none: where the company's do.
    #[n(6)]
    pub time_zone: Option<Option<String>>,
}

impl UpdateMember {
    /// A change of this member, whatever their version, that says nothing yet.
    #[must_use]
    pub const fn of(member: MemberId) -> Self {
        Self { member, if_version: None, name: None, role: None, status: None, locale: None, time_zone: None }
    }
}

impl Command for UpdateMember {
    fn operation(&self) -> &'static str {
        "memberUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.member)?;
        plugin::is_no_app(world, &before)?;
        world.expect_version(&format!("member {}", before.name), self.if_version, before.version)?;
        let manages = self.role.is_some() || self.status.is_some();
        let action = match (before.is_service(), manages) {
            (true, _) => Action::ManageServices,
            (false, true) => Action::ManageMembers,
            (false, false) => Action::EditProfile,
        };
        service::stays_below(world, &before, self.role)?;
        colleague::within_bounds(world, &before, self)?;
        let mut after = Member::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the name", name, world.limits.name_chars_max)?;
        }
        after.role = self.role.unwrap_or(after.role);
        after.status = self.status.map_or(Ok(after.status), |status| fitting(&before, status))?;
        if let Some(status) = self.status {
            after.suspended_by = colleague::suspended_by(world, &before, status);
        }
        if let Some(locale) = &self.locale {
            after.locale = locale.as_deref().map(|tag| text::locale("locale", tag)).transpose()?;
        }
        if let Some(zone) = &self.time_zone {
            let known = |name: &String| text::time_zone("timeZone", name).map(|_| name.clone());
            after.time_zone = zone.as_ref().map(known).transpose()?;
        }
        save(world, action, before, after)
    }
}

/// Hands the company over: the other becomes a super admin, and who asks becomes an admin, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct HandOver {
    /// To whom.
    #[n(0)]
    pub to: MemberId,
}

impl Command for HandOver {
    fn operation(&self) -> &'static str {
        "companyHandOver"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let heir = existing(world, self.to)?;
        let permit = world.policy.authorize(Action::ManageMembers, Some(heir.clone()), None)?;
        // No key makes a super admin.
        world.policy.authorize(Action::ManageSignIn, (), None)?;
        let giver = world.policy.member().and_then(|id| world.directory.member(id)).cloned();
        let giver = giver
            .filter(|giver| giver.leads())
            .ok_or_else(|| Error::rejected("only a super admin can hand over: change the roles instead"))?;
        if giver.id == heir.id {
            return Err(Error::invalid("memberId", "hand over to somebody else than yourself"));
        }
        if !heir.is_active() || heir.is_service() {
            let message =
                format!("cannot hand over to `{}`: only an active person leads a company", heir.name);
            return Err(Error::rejected(message).with_field("memberId"));
        }
        if heir.role == Role::SuperAdmin {
            let message = format!("`{}` is a super admin already: change your own role instead", heir.name);
            return Err(Error::rejected(message).with_field("memberId"));
        }
        let mut draft = Draft::new();
        draft.save_member(permit, stamped(world, Member { role: Role::SuperAdmin, ..Member::clone(&heir) }));
        let permit = world.policy.authorize(Action::ManageMembers, Some(giver.clone()), None)?;
        let access_version = giver.access_version.saturating_add(1);
        let after = Member { role: Role::Admin, access_version, ..Member::clone(&giver) };
        draft.save_member(permit, stamped(world, after));
        Ok(draft)
    }
}

/// Removes a member: their access ends, what they wrote stays. See [`Engine::remove_member`](crate::Engine::remove_member),
/// which ends keys and sessions with it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct RemoveMember {
    /// Who.
    #[n(0)]
    pub(crate) member: MemberId,
}

impl Command for RemoveMember {
    fn operation(&self) -> &'static str {
        "memberRemove"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.member)?;
        plugin::is_no_app(world, &before)?;
        let service = before.is_service();
        let action = if service { Action::ManageServices } else { Action::ManageMembers };
        service::stays_below(world, &before, None)?;
        let after = Member { status: MemberStatus::Removed, suspended_by: None, ..Member::clone(&before) };
        let mut draft = save(world, action, before, after)?;
        leave_teams(world, action, self.member, &mut draft)?;
        Ok(draft)
    }
}

/// Who is removed belongs to no team: should they come back one day, they see no private team until they are added.
pub(super) fn leave_teams(
    world: &World<'_>,
    action: Action,
    member: MemberId,
    draft: &mut Draft,
) -> Result<()> {
    for team in world.directory.whole().teams().filter(|team| team.role_of(member).is_some()) {
        let mut after = Team::clone(team);
        after.set_member(member, None);
        after.version = after.version.saturating_add(1);
        after.updated_at = world.now;
        let permit = world.policy.authorize(action, Some(team.clone()), None)?;
        draft.save_team(permit, after);
    }
    Ok(())
}

/// Sets a member's password. All their sessions end.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetPassword {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// The hash, in PHC form. It is random, so it is no part of what an idempotency key is bound to.
    #[cbor(skip)]
    pub password_hash: String,
    /// The one-time token that allows it, if it is not its own owner who asks; gone with it.
    #[cbor(skip)]
    pub(crate) spends: Option<OneTimeId>,
}

impl SetPassword {
    /// Sets this member's password to what has this hash.
    #[must_use]
    pub const fn new(member: MemberId, password_hash: String) -> Self {
        Self { member, password_hash, spends: None }
    }

    /// Allowed by this one-time token, which is spent with it.
    pub(crate) const fn by_token(mut self, token: OneTimeId) -> Self {
        self.spends = Some(token);
        self
    }
}

/// Sends a member a link by which they can choose another password: see
/// [`Engine::request_password_reset`](crate::Engine::request_password_reset).
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct SendReset {
    /// To whom.
    #[n(0)]
    pub(crate) member: MemberId,
    /// The token of the link, as the bytes of its record.
    #[cbor(skip)]
    pub(crate) token: (OneTimeId, Vec<u8>),
    /// The message.
    #[cbor(skip)]
    pub(crate) mail: OutboxMail,
}

impl Command for SendReset {
    fn operation(&self) -> &'static str {
        "passwordResetRequest"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        world.policy.authorize(Action::ManageSignIn, (), Some(member.id))?;
        let mut draft = Draft::new();
        draft.issue_one_time(self.token.0, self.token.1.clone());
        draft.send(self.mail.clone());
        Ok(draft)
    }
}

impl Command for SetPassword {
    fn operation(&self) -> &'static str {
        "memberSetPassword"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        if member.email.is_none() || member.is_service() {
            return Err(Error::rejected(format!("`{}` has no address to sign in with", member.name)));
        }
        let permit = world.policy.authorize(Action::ManageSignIn, member.clone(), Some(member.id))?;
        let mut draft = Draft::new();
        if let Some(spent) = self.spends {
            draft.spend_one_time(spent);
        }
        draft.set_password(&permit, Some(self.password_hash.clone()));
        let mut after = Member::clone(&member);
        after.access_version = after.access_version.saturating_add(1);
        let permit = world.policy.authorize(Action::ManageSignIn, Some(member.clone()), Some(member.id))?;
        draft.save_member(permit, stamped(world, after));
        Ok(draft)
    }
}

pub(super) fn existing(world: &World<'_>, id: MemberId) -> Result<Arc<Member>> {
    world.directory.member(id).cloned().ok_or_else(|| Error::not_found(format!("member {id}")))
}

/// A status that fits somebody with, or without, an address to sign in with. Those without come from imports.
fn fitting(member: &Member, status: MemberStatus) -> Result<MemberStatus> {
    use MemberStatus::{Active, Ghost, Removed, Suspended};
    if status == Removed && member.status != Removed {
        // A removal takes teams, keys and sessions with it.
        let why = format!("a status alone does not remove `{}`: use `memberRemove`", member.name);
        return Err(Error::invalid("status", why));
    }
    if member.is_service() && status != Ghost {
        return Ok(status);
    }
    match (status, &member.email) {
        (Removed, _) | (Active | Suspended, Some(_)) | (Ghost, None) => Ok(status),
        (Active | Suspended, None) => {
            let why = format!("`{}` has no address to sign in with: add them as a new member", member.name);
            Err(Error::invalid("status", why))
        }
        (Ghost, Some(_)) => {
            Err(Error::invalid("status", "only an import makes ghosts: suspend or remove the member"))
        }
    }
}

/// Saves a member unless nothing about them changed. Rights that shrink act at once: older tokens stop working.
fn save(world: &World<'_>, action: Action, before: Arc<Member>, mut after: Member) -> Result<Draft> {
    let permit = world.policy.authorize(action, Some(before.clone()), Some(before.id))?;
    if becomes_super_admin(Some(&before), &after) {
        world.policy.authorize(Action::MakeSuperAdmin, (), None)?;
    }
    keep_a_super_admin(world, &before, &after)?;
    let mut draft = Draft::new();
    if *before == after {
        draft.answer_with(Subject::Member(after.id));
        return Ok(draft);
    }
    let shrinks = after.role < before.role || (before.is_active() && !after.is_active());
    after.access_version = after.access_version.saturating_add(u64::from(shrinks));
    draft.save_member(permit, stamped(world, after));
    Ok(draft)
}

/// Whether somebody is a super admin who takes part, and was none before.
fn becomes_super_admin(before: Option<&Member>, after: &Member) -> bool {
    let is = |member: &Member| member.is_active() && member.role == Role::SuperAdmin;
    is(after) && !before.is_some_and(is)
}

/// A tenant always has at least one active super admin, once it has had one.
fn keep_a_super_admin(world: &World<'_>, before: &Member, after: &Member) -> Result<()> {
    if before.leads() && !after.leads() && world.directory.active_with_role(Role::SuperAdmin) <= 1 {
        let message = format!("`{}` is the last super admin: make another member one first", before.name);
        return Err(Error::rejected(message));
    }
    Ok(())
}

pub(super) fn stamped(world: &World<'_>, member: Member) -> Member {
    Member { version: member.version.saturating_add(1), updated_at: world.now, ..member }
}
