//! What a draft takes that concerns security events: they lie beside the log, and the log says how far they had come.

use super::{Draft, SideRecord};
use crate::access::Authorized;
use crate::event::{EventBody, Subject};
use crate::model::{LogPlace, Seq};

/// Security events that are no longer kept, and what the log says of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityDropped {
    /// How far they had come.
    pub sealed: LogPlace,
    /// Up to where they are no longer kept.
    pub dropped: LogPlace,
    /// The place before the first of those that go now.
    pub after: Seq,
    /// One that stays for the sake of the chain without what it said: its place, and the bytes of its record.
    pub erased: Option<(Seq, Vec<u8>)>,
}

impl Draft {
    /// Says in the log how far the security events had come, and lets the oldest of them go.
    pub(crate) fn seal_security(&mut self, _permit: &Authorized<()>, what: SecurityDropped) {
        let SecurityDropped { sealed, dropped, .. } = what;
        self.records.push(SideRecord::SecurityDropped(what));
        self.push(Subject::Tenant, EventBody::SecuritySealed { sealed, dropped });
    }
}
