//! The workflow of a company that lives at random: its versions change, issues are moved to them, moves are approved.

use super::Life;
use crate::command::approval::{GrantApproval, RequestApproval, WithdrawApproval};
use crate::command::workflow::{
    CancelMigration, DiscardWorkflowDraft, FinishMigration, MigrateIssues, NewState, NewTransition,
    PublishWorkflow, SaveWorkflowDraft, StartMigration, StrayCounts, WorkflowContent,
};
use crate::id::WorkflowId;
use crate::model::{ApprovalRule, Effect, Priority, Role, StateCategory, StateMapping};
use crate::tenant::Committed;
use crate::time::Timestamp;

/// States that a version may have, besides the first and the last.
const BETWEEN: [(&str, StateCategory); 4] = [
    ("in_progress", StateCategory::Started),
    ("in_review", StateCategory::Started),
    ("parked", StateCategory::Backlog),
    ("dropped", StateCategory::Canceled),
];

impl Life {
    async fn workflow(&self) -> WorkflowId {
        self.reader().await.directory().workflow_of(self.team).unwrap().id
    }

    /// Lets one thing happen to the workflow, or to what issues do in it.
    pub(super) async fn flow(&mut self) -> Committed {
        let (workflow, if_version) = (self.workflow().await, None);
        let (issue, to) = (self.issue(), self.chance.pick(&self.states));
        match self.chance.below(12) {
            0 | 1 => {
                let content = self.content();
                self.does(SaveWorkflowDraft { workflow, if_version, content }).await
            }
            2 | 3 => self.publish(workflow).await,
            4 => self.does(DiscardWorkflowDraft { workflow, if_version }).await,
            5 => self.migrate(workflow).await,
            6 | 7 => {
                let mut issues = self.chance.some(&self.issues, 20);
                issues.sort_unstable();
                issues.dedup();
                self.does(MigrateIssues { workflow, issues }).await
            }
            8 => self.finish(workflow).await,
            9 => self.does(RequestApproval { issue, to }).await,
            10 => self.does(GrantApproval { issue, to }).await,
            _ => self.does(WithdrawApproval { issue, to }).await,
        }
    }

    /// Ends what is under way, so that nothing goes on by itself.
    pub(super) async fn rest(&self) {
        let workflow = self.workflow().await;
        self.engine.execute(self.cx(0), CancelMigration { workflow, if_version: None }).await.unwrap();
    }

    /// Ends what is under way, though issues are left.
    async fn finish(&mut self, workflow: WorkflowId) -> Committed {
        if self.chance.often(5) {
            return self.does(CancelMigration { workflow, if_version: None }).await;
        }
        let reader = self.reader().await;
        let under_way = reader.directory().workflow(workflow).unwrap().migration.as_ref();
        let started_at = under_way.map_or(Timestamp::default(), |migration| migration.started_at);
        self.does(FinishMigration { workflow, started_at, left: 1 }).await
    }

    fn content(&mut self) -> WorkflowContent {
        let state = |(key, category): (&str, StateCategory), name: &str| NewState {
            key: key.to_owned(),
            name: format!("{name} {key}"),
            category,
            color: None,
            wip_limit: None,
        };
        let name = self.chance.pick(&["the", "a", "my"]);
        let mut states = vec![state(("open", StateCategory::Unstarted), name)];
        states.extend(BETWEEN.into_iter().filter(|_| self.chance.often(6)).map(|new| state(new, name)));
        states.push(state(("closed", StateCategory::Completed), name));
        let step = NewTransition {
            name: None,
            from: self.chance.often(5).then(|| "open".to_owned()),
            to: "closed".to_owned(),
            guards: Vec::new(),
            effects: vec![
                Effect::Priority(self.chance.pick(Priority::ALL)),
                Effect::Comment("Closed".into()),
            ],
            approvals: self.chance.often(3).then(|| ApprovalRule { count: 1, roles: vec![Role::Admin] }),
        };
        WorkflowContent { states, initial: "open".to_owned(), transitions: vec![step] }
    }

    async fn publish(&mut self, workflow: WorkflowId) -> Committed {
        let done = self.does(PublishWorkflow { workflow, if_version: None }).await;
        let reader = self.reader().await;
        let states = reader.directory().workflow(workflow).unwrap().all_states().map(|state| state.id);
        self.states = states.collect();
        done
    }

    /// Begins to move issues: those in states that the newest version lacks go to one of its own.
    async fn migrate(&mut self, workflow: WorkflowId) -> Committed {
        let reader = self.reader().await;
        let row = reader.directory().workflow(workflow).unwrap();
        let own: Vec<_> = row.states.iter().map(|state| state.id).collect();
        let map = row.retired.iter().map(|state| StateMapping { from: state.id, to: self.chance.pick(&own) });
        let strays = StrayCounts { total: 1, missing: Vec::new() };
        let start = StartMigration { workflow, if_version: None, map: map.collect(), strays };
        self.does(start).await
    }
}
