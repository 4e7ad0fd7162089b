//! Ids that follow from where a thing came from: the same source always gives the same id.

use super::id_millis;
use crate::id::{CommentId, IssueId, TenantId};
use crate::time::Timestamp;
use uuid::{Builder, Uuid};

/// The id of an imported issue. It sorts by the time the issue was made there.
#[must_use]
pub fn imported_issue_id(tenant: TenantId, system: &str, source: &str, created_at: Timestamp) -> IssueId {
    IssueId::from_uuid(derived(tenant, "issue", system, source, created_at))
}

/// The id of an imported comment. It sorts by the time the comment was written there.
#[must_use]
pub fn imported_comment_id(tenant: TenantId, system: &str, source: &str, created_at: Timestamp) -> CommentId {
    CommentId::from_uuid(derived(tenant, "comment", system, source, created_at))
}

/// A UUIDv7 (RFC 9562 §5.7) whose random part is a hash of the source.
fn derived(tenant: TenantId, kind: &str, system: &str, source: &str, at: Timestamp) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key("mortise imported id 1");
    for part in [tenant.as_bytes().as_slice(), kind.as_bytes(), system.as_bytes(), source.as_bytes()] {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let mut random = [0; 10];
    hasher.finalize_xof().fill(&mut random);
    Builder::from_unix_timestamp_millis(id_millis(at), &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_source_gives_the_same_id_and_ids_sort_by_time() {
        let tenant = TenantId::generate();
        let id = |source: &str, at| imported_issue_id(tenant, "github", source, Timestamp::from_millis(at));
        assert_eq!(id("a", 1_000), id("a", 1_000));
        assert_ne!(id("a", 1_000), id("b", 1_000));
        assert!(id("z", 1_000) < id("a", 2_000));
        assert_eq!(id("a", 1_000).uuid().get_version_num(), 7);
    }
}
