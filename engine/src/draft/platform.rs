//! What a draft takes of those who run the platform. They have no rights inside a company, and need none to say how it
//! stands: the engine has asked who they are.

use super::Draft;
use crate::event::{EventBody, Subject};
use crate::id::MemberId;
use crate::model::{Lifecycle, TenantStatus};

impl Draft {
    /// How the company stood, and how it stands.
    pub(crate) fn change_status(
        &mut self,
        (before, after): (TenantStatus, TenantStatus),
        lifecycle: Option<Lifecycle>,
    ) {
        let lifecycle = lifecycle.map(Box::new);
        self.push(Subject::Tenant, EventBody::TenantStatusChanged { before, after, lifecycle });
    }

    /// What the company is told.
    pub(crate) fn announce(&mut self, subject: String, text: String) {
        self.push(Subject::Tenant, EventBody::Announced { subject, text });
    }

    /// That its first super admin was given a link.
    pub(crate) fn invite_first_admin(&mut self, admin: MemberId) {
        self.push(Subject::Tenant, EventBody::FirstAdminInvited { admin });
    }
}
