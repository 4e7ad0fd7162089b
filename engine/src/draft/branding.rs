//! What a draft takes of how a company shows itself.

use super::Draft;
use crate::access::Authorized;
use crate::event::{EventBody, Subject};
use crate::model::{Branding, CustomDomain};

impl Draft {
    /// The company's look as it becomes. What was long in it as it was is left out of the log.
    pub(crate) fn save_branding(&mut self, permit: Authorized<Branding>, after: Branding) {
        let before = Box::new(permit.into_resource().without_long_texts());
        self.push(Subject::Tenant, EventBody::BrandingSaved { before, after: Box::new(after) });
    }

    /// The company's own domain as it becomes.
    pub(crate) fn save_domain(
        &mut self,
        permit: Authorized<Option<CustomDomain>>,
        after: Option<CustomDomain>,
        version: u64,
    ) {
        let before = permit.into_resource();
        self.push(Subject::Tenant, EventBody::DomainSaved { before, after, version });
    }
}
