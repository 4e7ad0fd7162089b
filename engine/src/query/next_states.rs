//! The moves that plugins do not let issues make, for a whole list in one call to each. What the workflow says is in `flows`;
//! what is shown here binds nobody: a move is judged again when it is made.

use super::Reader;
use crate::context::Principal;
use crate::directory::Directory;
use crate::hooks::Question;
use crate::id::StateId;
use crate::model::{Installation, Issue, WorkflowState};
use crate::workflow::{Move, Reason, ReasonCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Issues that one call to a plugin is about.
const ISSUES_MAX: usize = 100;

/// Moves that plugins refuse: for each issue the states, with the reasons.
pub type Forbidden = Vec<Vec<(StateId, Reason)>>;

impl Reader {
    /// Whether any plugin narrows the moves of issues.
    #[must_use]
    pub fn has_next_states(&self) -> bool {
        self.live.hooks().is_some() && self.narrowing().next().is_some()
    }

    fn narrowing(&self) -> impl Iterator<Item = &Arc<Installation>> {
        self.whole.enabled_installations().filter(|i| i.hooks.next_states && i.counts())
    }

    /// Which of the moves that the workflow lets pass each plugin refuses. A plugin that fails, or takes too long, refuses none.
    pub async fn forbidden_moves(&self, directory: &Directory, issues: &[Arc<Issue>]) -> Forbidden {
        let mut forbidden: Forbidden = vec![Vec::new(); issues.len()];
        let Some(hooks) = self.live.hooks() else { return forbidden };
        let until = Instant::now() + Duration::from_millis(self.limits().hooks_time_ms);
        let principal = Principal::as_actor(self.tenant.id, self.actor);
        let candidates = |issue: &Arc<Issue>| -> Vec<&WorkflowState> {
            let open = |found: &Move<'_>| found.reasons.is_empty();
            self.moves(directory, issue).into_iter().filter(open).map(|found| found.to).collect()
        };
        let installations: Vec<_> = self.narrowing().cloned().collect();
        for installation in &installations {
            let question = Question {
                installation,
                principal: &principal,
                request: uuid::Uuid::now_v7(),
                now: self.live.now(),
                rehearsal: true,
            };
            let concerned: Vec<_> =
                (0..).zip(issues).filter(|(_, issue)| installation.concerns(issue.team)).collect();
            for some in concerned.chunks(ISSUES_MAX) {
                let asked: Vec<_> =
                    some.iter().map(|(_, issue)| ((*issue).clone(), candidates(issue))).collect();
                let answer = tokio::time::timeout_at(until, hooks.next_states(question, &asked)).await;
                let Ok(Ok(answer)) = answer else { continue };
                for ((place, _), refused) in some.iter().zip(answer) {
                    let place: &usize = place;
                    let reasons = refused.into_iter().map(|(state, why)| (state, reason(installation, &why)));
                    if let Some(all) = forbidden.get_mut(*place) {
                        all.extend(reasons);
                    }
                }
            }
        }
        forbidden
    }
}

fn reason(installation: &Installation, why: &str) -> Reason {
    let why: String = why.chars().filter(|c| !c.is_control()).take(500).collect();
    let message =
        if why.trim().is_empty() { format!("`{}` does not let it", installation.name) } else { why };
    Reason { code: ReasonCode::Plugin, message }
}
