//! Ids of imported things: the same thing of the same source has the same id at every attempt.

use crate::id::{CommentId, IssueId, TenantId};
use crate::time::Timestamp;
use uuid::{Builder, Uuid};

/// The id that this issue of that system has in this tenant. It sorts by the time the issue was made there.
#[must_use]
pub fn imported_issue_id(tenant: TenantId, system: &str, source_id: &str, created_at: Timestamp) -> IssueId {
    IssueId::from_uuid(derived(tenant, "issue", system, source_id, created_at))
}

/// The id that this comment of that system has in this tenant. It sorts by the time the comment was written there.
#[must_use]
pub fn imported_comment_id(
    tenant: TenantId,
    system: &str,
    source_id: &str,
    created_at: Timestamp,
) -> CommentId {
    CommentId::from_uuid(derived(tenant, "comment", system, source_id, created_at))
}

/// A UUIDv7 whose random bits are a hash: 74 of them, so that two things of one millisecond never meet.
fn derived(tenant: TenantId, kind: &str, system: &str, source_id: &str, created_at: Timestamp) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tenant.as_bytes());
    for part in [kind, system, source_id] {
        // With its length before it, no part can pass for the end of another.
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let mut random = [0; 10];
    hasher.finalize_xof().fill(&mut random);
    let millis = u64::try_from(created_at.millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
