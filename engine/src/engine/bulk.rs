//! Bulk changes: atomic up to one batch of the store, best effort in several.

use super::Engine;
use crate::command::IssueRef;
use crate::command::issue::{COMMENTING_MAX, IssuePatch, PER_BATCH, UpdateIssues};
use crate::context::OpContext;
use crate::error::{Error, Result};
use crate::tenant::Committed;

impl Engine {
    /// Changes several issues in the same way. Atomic: all or none, at most 40, or 16 when they are moved and comments
    /// are written with that. Best effort: each that can be changed is, at most 500, and [`Committed::errors`] says which
    /// were not and why, by their place in the request.
    ///
    /// Repeated with the same idempotency key after an interruption, it goes on where it stopped.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for too many or no issues; for an atomic change whatever one of them is refused with.
    pub async fn update_issues(
        &self,
        cx: OpContext,
        issues: Vec<IssueRef>,
        patch: IssuePatch,
        atomic: bool,
    ) -> Result<Committed> {
        let limits = self.limits();
        // How a request is cut follows from the request alone: sent again, its parts are those of the first time.
        let moves = patch.state.is_some() || patch.kind.is_some();
        let per_batch = if moves && !atomic { COMMENTING_MAX } else { PER_BATCH };
        let max = if atomic { limits.bulk_atomic_max.min(per_batch) } else { limits.bulk_best_effort_max };
        if issues.is_empty() || issues.len() > max {
            let way = if atomic { "at once or not at all" } else { "in one request" };
            let message = format!("{} issues are named: 1 to {max} can be changed {way}", issues.len());
            return Err(Error::invalid("ids", message));
        }
        let request_size = u32::try_from(issues.len()).unwrap_or(u32::MAX);
        let mut whole = Committed { replayed: true, ..Committed::default() };
        for (part, chunk) in issues.chunks(per_batch).enumerate() {
            let first_index = u32::try_from(part.saturating_mul(per_batch)).unwrap_or(u32::MAX);
            let key = cx.idempotency_key.as_ref().map(|key| part_key(key, part));
            let cx = cx.clone().with_idempotency_key(key);
            let command = UpdateIssues {
                issues: chunk.to_vec(),
                patch: patch.clone(),
                atomic,
                request_size,
                first_index,
            };
            take(&mut whole, self.execute(cx, command).await?);
        }
        Ok(whole)
    }
}

/// The key of one part of a request: the first part has the request's own, the others one of a fixed length made of
/// it, so that no key grows too long on the way.
fn part_key(key: &str, part: usize) -> String {
    if part == 0 { key.to_owned() } else { format!("{}#{part}", blake3::hash(key.as_bytes()).to_hex()) }
}

fn take(whole: &mut Committed, part: Committed) {
    whole.seq = whole.seq.max(part.seq);
    whole.subjects.extend(part.subjects);
    whole.errors.extend(part.errors);
    whole.events.extend(part.events);
    whole.rows.extend(part.rows);
    whole.replayed &= part.replayed;
}
