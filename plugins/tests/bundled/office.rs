//! A company that has one curated plugin, and what its people do.

use crate::world::{Company, World, guest};
use mortise_engine::command::issue::{CreateIssue, IssuePatch, IssueRef, Operation, UpdateIssue};
use mortise_engine::command::label::CreateLabel;
use mortise_engine::command::member::AddMember;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId};
use mortise_engine::model::Role;
use mortise_engine::{Committed, Result};
use serde_json::Value;
use zeroize::Zeroizing;

/// An engine with one company and one plugin.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) company: Company,
}

impl Office {
    /// With this curated plugin, enabled.
    pub(crate) async fn with(plugin: &str, settings: Value) -> Self {
        Self::with_code(guest(plugin), settings).await
    }

    /// With this component.
    pub(crate) async fn with_code(wasm: Vec<u8>, settings: Value) -> Self {
        let world = World::new().await;
        let company = world.company_with("acme", wasm, settings).await;
        Self { world, company }
    }

    pub(crate) async fn close(self) {
        self.world.close().await;
    }

    /// Enters a secret of the plugin.
    pub(crate) async fn secret(&self, name: &str, value: &str) {
        let value = Zeroizing::new(value.to_owned());
        let id = self.company.puppet.id;
        self.world.plugins.set_secret(self.company.cx(), id, name, value).await.unwrap();
    }

    /// Somebody new.
    pub(crate) async fn member(&self, name: &str) -> MemberId {
        let id = MemberId::generate();
        let (email, name) = (format!("{name}@example.com"), name.to_owned());
        let new = AddMember { id: Some(id), email, name, role: Role::User, password_hash: None };
        self.world.engine.execute(self.company.cx(), new).await.unwrap();
        id
    }

    /// A new label.
    pub(crate) async fn label(&self, name: &str) -> LabelId {
        let id = LabelId::generate();
        let name = name.to_owned();
        let new = CreateLabel { id: Some(id), name, color: None, description: None, team: None };
        self.world.engine.execute(self.company.cx(), new).await.unwrap();
        id
    }

    /// A state by its key: `open`, `in_progress`, `in_review`, `closed`.
    pub(crate) async fn state(&self, key: &str) -> StateId {
        let reader = self.world.engine.reader(&self.company.us).await.unwrap();
        let workflow = reader.directory().workflow_of(self.company.team).unwrap();
        workflow.states.iter().find(|state| state.key() == key).unwrap().id
    }

    /// A new issue, with whatever is changed of a plain one.
    pub(crate) async fn issue(&self, title: &str, how: impl FnOnce(CreateIssue) -> CreateIssue) -> IssueId {
        let plain = CreateIssue { title: title.to_owned(), ..CreateIssue::in_team(self.company.team) };
        let done = Box::pin(self.world.engine.execute(self.company.cx(), how(plain))).await.unwrap();
        done.issue().unwrap()
    }

    /// Moves an issue, with whatever else is changed.
    pub(crate) async fn move_to(&self, issue: IssueId, key: &str, patch: IssuePatch) -> Result<Committed> {
        self.patch(&self.company.us, issue, IssuePatch { state: Some(self.state(key).await), ..patch }).await
    }

    /// The same as a person does it.
    pub(crate) async fn move_as(&self, who: MemberId, issue: IssueId, key: &str) -> Result<Committed> {
        let who = Principal::trusted_member(self.company.us.tenant(), who);
        let patch = IssuePatch { state: Some(self.state(key).await), ..IssuePatch::default() };
        self.patch(&who, issue, patch).await
    }

    async fn patch(&self, who: &Principal, issue: IssueId, patch: IssuePatch) -> Result<Committed> {
        let (issue, operation) = (IssueRef::Id(issue), Operation::default());
        let command = UpdateIssue { issue, if_version: None, patch, operation };
        Box::pin(self.world.engine.execute(OpContext::new(who.clone()), command)).await
    }

    /// The key of the state that an issue is in.
    pub(crate) async fn state_of(&self, issue: IssueId) -> String {
        let state = self.world.issue(&self.company, issue).await.state;
        let reader = self.world.engine.reader(&self.company.us).await.unwrap();
        let workflow = reader.directory().workflow_of(self.company.team).unwrap();
        workflow.state(state).unwrap().key().into_owned()
    }

    /// Who an issue is assigned to.
    pub(crate) async fn assignees(&self, issue: IssueId) -> Vec<MemberId> {
        self.world.issue(&self.company, issue).await.assignees.clone()
    }

    /// What was said on an issue, newest first.
    pub(crate) async fn said(&self, issue: IssueId) -> Vec<String> {
        self.world.bodies(&self.company, issue).await
    }
}
