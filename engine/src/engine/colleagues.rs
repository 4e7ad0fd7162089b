//! A company's people, as those who run the platform see them.
//!
//! It does not know what is done to them: `change` does.

mod change;

pub use change::{ColleagueChange, NewColleague};

use super::Engine;
use crate::context::Operator;
use crate::error::Result;
use crate::id::TenantId;
use crate::model::{KeyScope, Member};
use std::sync::Arc;

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

    /// Somebody of a company by their address, for those who look after it.
    ///
    /// # Errors
    ///
    /// As [`Engine::people_of`].
    pub async fn colleague_by_email(
        &self,
        by: &Operator,
        tenant: TenantId,
        email: &str,
    ) -> Result<Option<Arc<Member>>> {
        by.expect(KeyScope::Admin, "see a company's people")?;
        self.known_tenant(tenant)?;
        Ok(self.live(tenant).await?.directory().member_by_email(email).cloned())
    }
}
