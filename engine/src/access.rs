//! Permission as values: what may be done is decided here and nowhere else.
//!
//! Only [`Policy::authorize`] makes an [`Authorized`], only that can be written through a draft, and every read takes
//! a [`Scope`]. A thing that the asker may not see is *not found*, so that existence does not leak. This module is
//! pure: it knows no storage and no clock.

mod action;
mod matrix;
mod scope;

pub use action::Action;
pub use matrix::{Grant, MATRIX, Rule};
pub use scope::Scope;

use crate::context::Principal;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::MemberId;
use crate::model::{KeyScope, Role, Tenant, TenantStatus};
use crate::saved_view::SavedView;

/// What one party may do in one tenant at one place of its log.
#[derive(Debug, Clone)]
pub struct Policy {
    member: Option<MemberId>,
    role: Role,
    reach: Option<KeyScope>,
    /// Whether it is an operator of the platform, on a visit.
    visits: bool,
    /// The company is not in use, and can be looked at alone.
    held: bool,
}

/// Proof that this very thing may be written. It owns what it speaks of: a permit for one issue cannot write another.
#[derive(Debug)]
pub struct Authorized<R> {
    resource: R,
    by: Option<MemberId>,
}

impl<R> Authorized<R> {
    /// The thing that may be written.
    #[must_use]
    pub const fn resource(&self) -> &R {
        &self.resource
    }

    /// The member who may write it; none for the embedding program itself.
    #[must_use]
    pub const fn by(&self) -> Option<MemberId> {
        self.by
    }

    /// The thing that may be written.
    #[must_use]
    pub fn into_resource(self) -> R {
        self.resource
    }
}

impl Policy {
    /// The rights of this party, read from the tenant as it is now.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when the member is gone or suspended, `FORBIDDEN` when the tenant is and may not be looked at.
    pub fn of(principal: &Principal, tenant: &Tenant, directory: &Directory) -> Result<Self> {
        let held = !tenant.is_active() && !principal.is_of_platform();
        if held && !may_look(principal.actor(), tenant) {
            return Err(Error::forbidden(format!("work here: {}", tenant.standing())));
        }
        let reach = if held { Some(KeyScope::Read) } else { principal.reach() };
        let Some(id) = principal.member() else {
            // An operator is here on a visit, and its reach is bounded; the platform and the embedding program are not.
            let reach = match principal.actor() {
                Actor::Root(_) if !principal.is_of_platform() => reach.or(Some(KeyScope::Read)),
                _ => reach,
            };
            let visits = matches!(principal.actor(), Actor::Root(_)) && !principal.is_of_platform();
            return Ok(Self { member: None, role: Role::SuperAdmin, reach, visits, held });
        };
        let known = directory.member(id).filter(|m| m.is_active() && m.id != MemberId::NOBODY);
        let member = known.ok_or_else(|| {
            Error::new(
                crate::error::ErrorCode::Unauthenticated,
                "this account is no longer active; sign in again",
            )
        })?;
        Ok(Self { member: Some(id), role: member.role, reach, visits: false, held })
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The member; none for the embedding program itself.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// Leave to change what the company has bought: for those who run the platform and the embedding program alone, and not
    /// for an operator on a visit, however far it reaches.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(crate) fn sell(&self) -> Result<Authorized<()>> {
        if self.member.is_none() && self.reach.is_none() && !self.visits {
            return Ok(Authorized { resource: (), by: None });
        }
        Err(Error::forbidden("change what a company may have: ask whoever runs the platform"))
    }

    /// Leave to do this to that thing. `owner` says whose the thing is, for actions that people may do to their own.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, naming the action.
    pub fn authorize<R>(
        &self,
        action: Action,
        resource: R,
        owner: Option<MemberId>,
    ) -> Result<Authorized<R>> {
        if self.may(action, owner) {
            return Ok(Authorized { resource, by: self.member });
        }
        let phrase = action.phrase();
        match self.reach.filter(|_| self.role_allows(action, owner)) {
            Some(_) if self.held => {
                let why = "the company is not in use at present, and can be looked at alone";
                Err(Error::forbidden(format!("{phrase}: {why}")))
            }
            Some(reach) => {
                Err(Error::forbidden(format!("{phrase} in this way: it reaches as far as {reach}")))
            }
            None => Err(Error::forbidden(phrase)),
        }
    }

    /// Whether [`Policy::authorize`] would give leave.
    #[must_use]
    pub fn may(&self, action: Action, owner: Option<MemberId>) -> bool {
        let rule = matrix::find(action);
        rule.within(self.reach) && (rule.visit || !self.visits) && self.role_allows(action, owner)
    }

    fn role_allows(&self, action: Action, owner: Option<MemberId>) -> bool {
        match matrix::find(action).grant(self.role) {
            Grant::Yes => true,
            Grant::Own => self.member.is_some() && self.member == owner,
            Grant::No => false,
        }
    }

    /// Whether this party sees a view: one that is shared, or their own. A private view is its owner's alone, whatever
    /// the role of who asks.
    #[must_use]
    pub fn sees_view(&self, view: &SavedView) -> bool {
        view.deleted_at.is_none() && (view.shared || self.member == Some(view.owner))
    }

    /// What this party can see, by what the small tables say now.
    #[must_use]
    pub fn scope(&self, directory: &Directory) -> Scope {
        Scope::of(self, directory)
    }

    /// This party's rights by what the small tables say now; those of somebody who is no longer active stay, and they see
    /// nothing any more.
    #[must_use]
    pub(crate) fn renewed(&self, directory: &Directory) -> Self {
        let member = self.member.and_then(|id| directory.member(id)).filter(|member| member.is_active());
        Self { role: member.map_or(self.role, |member| member.role), ..self.clone() }
    }

    /// The rights of a user of whom nothing else is known.
    #[cfg(test)]
    pub(crate) const fn for_tests(member: MemberId) -> Self {
        Self { member: Some(member), role: Role::User, reach: None, visits: false, held: false }
    }

    /// Whether this party may do this to a service account: not to one that may do more than they.
    #[must_use]
    pub(crate) fn outranks(&self, role: Role) -> bool {
        role <= self.role
    }
}

/// Whether somebody may look at a company that is not in use: its people while it is suspended, if that was said; operators
/// on a visit while it is not closed; the embedding program always.
fn may_look(actor: Actor, tenant: &Tenant) -> bool {
    match actor {
        Actor::System => true,
        Actor::Root(_) => tenant.status != TenantStatus::Closed,
        Actor::Member(_) | Actor::Key(..) => tenant.lets_people_in(),
        Actor::Plugin(_) => false,
    }
}
