//! The engine's hooks, answered by guests.

use super::Plugins;
use mortise_engine::hooks::{Amends, Denial, HookFailure, Hooks, Proposal, Question};
use mortise_engine::id::StateId;
use mortise_engine::model::{Issue, WorkflowState};
use std::sync::Arc;

#[async_trait::async_trait]
impl Hooks for Plugins {
    async fn amend(&self, question: Question<'_>, proposal: &Proposal) -> Result<Amends, HookFailure> {
        self.ask_amend(question, proposal).await
    }

    async fn validate(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<Option<Denial>, HookFailure> {
        self.ask_validate(question, proposal).await
    }

    async fn next_states(
        &self,
        question: Question<'_>,
        issues: &[(Arc<Issue>, Vec<&WorkflowState>)],
    ) -> Result<Vec<Vec<(StateId, String)>>, HookFailure> {
        self.ask_next_states(question, issues).await
    }
}
