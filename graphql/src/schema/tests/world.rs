//! A tenant with a team, a super admin and a user, and ways to ask as each of them.

use crate::lean::{Enabled, write_response};
use crate::schema::Schema;
use crate::{Snapshot, Viewer};
use async_graphql::{Request, Response, Variables};
use mortise_engine::context::Principal;
use mortise_engine::id::TenantId;
use mortise_engine::identity::Password;
use mortise_engine::model::Tier;
use mortise_engine::{Engine, FirstAdmin, NewTenant};
use serde_json::{Value, json};

/// The password of everybody here.
pub(super) const PASSWORD: &str = "a rather long sentence";

pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) schema: Schema,
    pub(super) tenant: TenantId,
    /// The super admin.
    pub(super) ada: Viewer,
    /// A user.
    pub(super) bob: Viewer,
    /// The global id of the team `ENG`.
    pub(super) team: String,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::of_tier(Tier::Basic).await
    }

    /// The same, with a company that has bought this.
    pub(super) async fn of_tier(tier: Tier) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        let admin = FirstAdmin {
            email: "ada@example.com".into(),
            name: "Ada".into(),
            password: Some(Password::new(PASSWORD.into())),
        };
        let new = NewTenant::new("acme", "Acme Ltd").with_team("ENG").with_admin(admin).with_tier(tier);
        let founded = engine.create_tenant(new).await.unwrap();
        let tenant = founded.tenant.id;
        let viewer = |member| Viewer::external(Principal::trusted_member(tenant, member));
        let ada = viewer(founded.admin.unwrap());
        let mut world = Self {
            schema: crate::schema::schema(engine.clone()),
            engine,
            tenant,
            bob: ada.clone(),
            ada,
            team: founded.team.unwrap().to_string(),
            _folder: folder,
        };
        let input = json!({"email": "bob@example.com", "name": "Bob", "password": PASSWORD});
        let bob =
            world.change("memberCreate(input: $input) { member { id } #", "MemberCreateInput", input).await;
        world.bob = viewer(bob["member"]["id"].as_str().unwrap().parse().unwrap());
        world
    }

    /// Executes as this viewer, or as nobody.
    pub(super) async fn execute(
        &self,
        viewer: Option<&Viewer>,
        document: &str,
        variables: Value,
    ) -> Response {
        let mut request = Request::new(document).variables(Variables::from_json(variables));
        if let Some(viewer) = viewer {
            request = request.data(Snapshot::take(&self.engine, viewer.clone()).await.unwrap());
        }
        self.schema.execute(request).await
    }

    /// The data of an answer without errors, as this viewer.
    pub(super) async fn ask_as(&self, viewer: &Viewer, document: &str, variables: Value) -> Value {
        let response = self.execute(Some(viewer), document, variables).await;
        assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
        response.data.into_json().unwrap()
    }

    /// The data of an answer without errors, as the super admin.
    pub(super) async fn ask(&self, document: &str, variables: Value) -> Value {
        self.ask_as(&self.ada, document, variables).await
    }

    /// What a mutation with one input answers, as the super admin: `name(input: $input) { … #`, the rest is added.
    pub(super) async fn change(&self, mutation: &str, input_type: &str, input: Value) -> Value {
        let (head, _) = mutation.split_once('#').unwrap();
        let document = format!(
            "mutation($input: {input_type}!) {{ answer: {head} success syncCursor events \
             userErrors {{ field code message index }} }} }}"
        );
        self.ask(&document, json!({"input": input})).await["answer"].take()
    }

    /// The code of the only error of an answer.
    pub(super) async fn code(&self, viewer: Option<&Viewer>, document: &str, variables: Value) -> String {
        let response = self.execute(viewer, document, variables).await;
        let [error] = response.errors.as_slice() else { panic!("{document}: {:?}", response.errors) };
        match error.extensions.as_ref().and_then(|e| e.get("code")) {
            Some(async_graphql::Value::String(code)) => code.clone(),
            _ => panic!("{document}: no code in {error:?}"),
        }
    }

    /// The bytes of an answer, with lists written as bytes or not.
    pub(super) async fn bytes(&self, document: &str, variables: Value, lean: bool) -> String {
        let snapshot = Snapshot::take(&self.engine, self.ada.clone()).await.unwrap();
        let mut request = Request::new(document).variables(Variables::from_json(variables)).data(snapshot);
        if lean {
            request = request.data(Enabled);
        }
        let response = self.schema.execute(request).await;
        let mut bytes = Vec::new();
        write_response(&response, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    /// A new issue of the team: its answer, with id and identifier.
    pub(super) async fn issue(&self, title: &str, more: Value) -> Value {
        let mut input = json!({"teamId": self.team, "title": title});
        input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let fields = "issueCreate(input: $input) { issue { id identifier version state { name } } #";
        let answer = self.change(fields, "IssueCreateInput", input).await;
        assert_eq!(answer["success"], true, "{answer}");
        answer["issue"].clone()
    }

    /// The global id of the state with this name.
    pub(super) async fn state(&self, name: &str) -> String {
        let states = self.ask("{ workflowStates { nodes { id name } } }", json!({})).await;
        let nodes = states["workflowStates"]["nodes"].as_array().unwrap();
        nodes.iter().find(|s| s["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The global id of a new label.
    pub(super) async fn label(&self, name: &str) -> String {
        let fields = "labelCreate(input: $input) { label { id } #";
        let answer = self.change(fields, "LabelCreateInput", json!({"name": name})).await;
        answer["label"]["id"].as_str().unwrap().to_owned()
    }
}
