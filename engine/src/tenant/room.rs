//! Whether there is room for what a change adds: the one gate for every command, whichever way it comes in.
//!
//! It is asked inside the writer, with all that waits to become durable counted, so two changes cannot take the same
//! last place. It does not know what the limits are.

use crate::directory::Directory;
use crate::draft::Draft;
use crate::entitlement::{Entitlements, IssueCount, still_counts};
use crate::error::Result;
use crate::event::{Change, EventBody, IssueChange};
use crate::model::{EntitlementKey, Member};
use crate::time::Timestamp;

/// Refuses a change that adds more than the company may have. One that adds nothing always passes: who has more than
/// the tier includes since it became lower can read, change and close, but not add.
pub(super) fn admit(
    draft: &Draft,
    entitled: Entitlements<'_>,
    issues: &IssueCount,
    directory: &Directory,
    now: Timestamp,
) -> Result<()> {
    let issues_more: u64 = draft.bodies().map(|body| issues_added(body, now)).sum();
    if issues_more > 0 {
        entitled.room(EntitlementKey::Issues, issues.at(now), issues_more)?;
    }
    let seats_more: i64 = draft.bodies().map(|body| seats_added(body, now)).sum();
    match u64::try_from(seats_more) {
        Ok(more) if more > 0 => entitled.room(EntitlementKey::Users, directory.seats_taken(now), more),
        _ => Ok(()),
    }
}

/// Issues that count after this and did not before.
fn issues_added(body: &EventBody, now: Timestamp) -> u64 {
    match body {
        EventBody::IssueCreated { .. } => 1,
        EventBody::IssueUpdated { changes } => {
            let back = |change: &IssueChange| matches!(change, IssueChange::Deleted(Change { from: Some(at), to: None }) if !still_counts(*at, now));
            u64::from(changes.iter().any(back))
        }
        _ => 0,
    }
}

/// Seats that are taken after this and were not before; less than zero for those that become free.
///
/// What else takes a seat has its line here and its part in [`Directory::seats_taken`].
fn seats_added(body: &EventBody, now: Timestamp) -> i64 {
    match body {
        EventBody::MemberSaved { before, after } => {
            i64::from(after.holds_a_seat()) - i64::from(before.as_deref().is_some_and(Member::holds_a_seat))
        }
        EventBody::InvitationSaved { before, after } => {
            let held = before.as_deref().is_some_and(|before| before.is_open(now));
            i64::from(after.is_open(now)) - i64::from(held)
        }
        _ => 0,
    }
}
