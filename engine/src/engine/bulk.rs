//! Bulk changes: atomic up to one batch of the store, best effort in several.

use super::Engine;
use crate::command::IssueRef;
use crate::command::issue::{IssuePatch, UpdateIssues};
use crate::context::OpContext;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::id::StateId;
use crate::model::Effect;
use crate::tenant::Committed;

/// Issues that one batch of the store changes: each is a row and an event, and a batch holds 100 keys.
const PER_BATCH: usize = 40;

/// The same where the move that is asked for may write a comment on each: another event and two rows.
const PER_BATCH_COMMENTING: usize = 16;

impl Engine {
    /// Changes several issues in the same way. Atomic: all or none, at most 40, or 16 when they are moved to a state that
    /// comments are written at. Best effort: each that can be changed
    /// is, at most 500, and [`Committed::errors`] says which were not and why, by their place in the request.
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
        let comments = match patch.state {
            Some(state) => moves_comment(&self.live(cx.principal.tenant()).await?.directory(), state),
            None => false,
        };
        let per_batch = if comments { PER_BATCH_COMMENTING } else { PER_BATCH };
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

/// Whether a move to this state may write a comment, by any version of its workflow.
fn moves_comment(directory: &Directory, state: StateId) -> bool {
    let Some(workflow) = directory.workflow_with(state) else { return false };
    let versions = directory.versions().filter(|version| version.workflow == workflow.id);
    let mut listed = workflow.transitions.iter().chain(versions.flat_map(|version| &version.transitions));
    listed.any(|t| t.to == state && t.effects.iter().any(|effect| matches!(effect, Effect::Comment(_))))
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
