//! The audit log, as a super admin reads it and as an auditor verifies it.

mod export;
mod kept;
mod pages;
mod refusals;
mod security;
mod tampering;

use super::sign_in::Timed;
use crate::audit::{AuditEntry, AuditFilter};
use crate::engine::AuditRequest;
use crate::error::Result;
use crate::id::MemberId;
use std::net::IpAddr;

/// The page of everything, for this member.
async fn page(timed: &Timed, member: MemberId, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
    let request = AuditRequest { filter, first: 250, after: None };
    Ok(timed.engine().audit(&timed.cx(member), request).await?.entries)
}

/// The kinds of all entries, the newest first, of which this kind is the beginning.
async fn of_kind(timed: &Timed, kind: &str) -> Vec<AuditEntry> {
    let filter = AuditFilter { kinds: vec![kind.to_owned()], ..AuditFilter::default() };
    page(timed, timed.ana(), filter).await.unwrap()
}

fn address(host: u8) -> Option<IpAddr> {
    Some([192, 0, 2, host].into())
}
