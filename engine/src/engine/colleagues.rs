//! A company's people, as those who run the platform see them and add to them.
//!
//! It lets nobody in: whoever is put down takes part when a super admin of the company says so.

mod change;

pub use change::ColleagueChange;

use super::people::member_of;
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{MemberId, TenantId};
use crate::model::{KeyScope, Member, MemberStatus, Role};
use std::sync::Arc;

/// How long the visit lasts in which something is done, at most.
const VISIT_MINUTES: u32 = 1;

/// Somebody to be put down among a company's people.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct NewColleague {
    /// The address they will sign in with.
    #[n(0)]
    pub email: String,
    /// How they are shown.
    #[n(1)]
    pub name: String,
    /// What they will be able to do.
    #[n(2)]
    pub role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it.
    #[n(3)]
    pub reason: String,
}

impl Engine {
    /// The people of a company, for those who look after them, the earliest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key below `ADMIN`, `NOT_FOUND`, `UNAVAILABLE` when the company cannot be loaded.
    pub async fn people_of(&self, by: &Operator, tenant: TenantId) -> Result<Vec<Arc<Member>>> {
        by.expect(KeyScope::Admin, "see a company's people")?;
        self.known_tenant(tenant)?;
        let directory = self.live(tenant).await?.directory();
        let mut people: Vec<_> = directory.members().cloned().collect();
        people.sort_by_key(|member| member.id);
        Ok(people)
    }

    /// Puts somebody down among a company's people. They do not take part until one of its super admins says so: the
    /// platform lets nobody in. It is a visit of its own, for a reason, in the company's sight.
    ///
    /// # Errors
    ///
    /// As [`Engine::begin_visit`] and [`AddMember`](crate::command::member::AddMember); `FORBIDDEN` for a key below `ADMIN`,
    /// and for who is no operator.
    pub async fn add_colleague(
        &self,
        by: &Operator,
        tenant: TenantId,
        new: NewColleague,
    ) -> Result<MemberId> {
        by.expect(KeyScope::Admin, "add somebody to a company's people")?;
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let reason = new.reason.clone();
            let act = engine.execute(by.about(tenant), PutDown(new));
            let done = engine.in_sight(&by, (tenant, reason), Box::pin(act)).await?;
            let added = done.subjects.iter().find_map(member_of);
            added.ok_or_else(|| Error::internal("a member was added, and the answer names none"))
        };
        to_the_end(Box::pin(work)).await
    }
}

/// Puts somebody down among a company's people, who does not take part yet.
#[derive(minicbor::Encode)]
struct PutDown(#[n(0)] NewColleague);

impl Command for PutDown {
    fn operation(&self) -> &'static str {
        "memberPropose"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let NewColleague { email, name, role, .. } = &self.0;
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let email = command::email("email", email)?;
        if let Some(other) = world.directory.member_by_email(&email) {
            let message = format!("{email} belongs to the member `{}`", other.name);
            return Err(Error::conflict(message).with_field("email"));
        }
        let member = Member {
            email: Some(email),
            status: MemberStatus::Suspended,
            ..Member::new(
                MemberId::generate(),
                command::name("name", "the name", name, world.limits)?,
                *role,
                world.now,
            )
        };
        let mut draft = Draft::new();
        draft.save_member(permit, member);
        Ok(draft)
    }
}
