//! A host in a temporary folder, somebody who answers guests, and an issue for them to look at.

use async_trait::async_trait;
use mortise_plugins::host::wit::commands::NewIssue;
use mortise_plugins::host::wit::http::{Request, Response};
use mortise_plugins::host::wit::issues::{CommentPage, Member, Page, Team};
use mortise_plugins::host::wit::kv::{Entry, Expectation};
use mortise_plugins::host::wit::secrets;
use mortise_plugins::host::wit::{self, Edit, Error, Issue};
use mortise_plugins::host::{Answers, Budget, Code, Digest, Host, HostConfig, HostError, Run, Task};
use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;
use tempfile::TempDir;

/// The compile worker that stands beside these tests.
pub(crate) fn config(folder: &TempDir) -> HostConfig {
    let worker = vec![env!("CARGO_BIN_EXE_mortise-compile-plugin").into()];
    HostConfig {
        workflow_calls: 8,
        other_calls: 8,
        compile_workers: 2,
        ..HostConfig::new(folder.path().join("artifacts"), [7; 32], worker)
    }
}

/// A host whose folder goes with it.
pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::new(config(&folder)).unwrap();
        Self { host, folder }
    }

    pub(crate) async fn load(&self, wasm: &[u8]) -> Result<Code, HostError> {
        let wasm = wasm.to_vec();
        self.host.load(Digest::of(&wasm), async || Ok(wasm)).await
    }

    /// `workflow.validate` of a guest, with the budget of a workflow hook.
    pub(crate) async fn validate(&self, wasm: &[u8]) -> Run {
        self.run(wasm, validate(), &workflow(), &mut Somebody::default()).await
    }

    pub(crate) async fn run(
        &self,
        wasm: &[u8],
        task: Task,
        budget: &Budget,
        answers: &mut dyn Answers,
    ) -> Run {
        let code = self.load(wasm).await.unwrap();
        self.host.run(&code, task, call(), budget, answers).await
    }
}

/// The budget of a workflow hook, but for the time that passes: other tests want the processor too.
pub(crate) fn workflow() -> Budget {
    Budget { wall: Duration::from_secs(20), ..Budget::workflow() }
}

pub(crate) fn validate() -> Task {
    Task::Validate { issue: issue(), proposal: wit::Proposal::Create }
}

pub(crate) fn event() -> Task {
    Task::Event(wit::Event::Created(issue()))
}

pub(crate) fn call() -> wit::Call {
    let text = String::from;
    wit::Call {
        company: text("cmp_1"),
        installation: text("ins_1"),
        plugin_version: text("1.0.0"),
        invocation: text("run_1"),
        attempt: 1,
        mode: wit::RunMode::Live,
        actor: wit::Actor {
            kind: wit::ActorKind::Member,
            id: text("mem_1"),
            display_name: text("Ana"),
            teams: vec![text("team_1")],
            role: text("USER"),
        },
        depth: 0,
        now: text("2026-01-31T09:00:00.000Z"),
        time_zone: text("Europe/Vienna"),
    }
}

pub(crate) fn issue() -> Issue {
    let text = String::from;
    Issue {
        id: text("iss_1"),
        key: text("ENG-12"),
        revision: text("4"),
        team: text("team_1"),
        team_key: text("ENG"),
        title: text("Login fails"),
        description: text("Since the last release."),
        description_truncated: false,
        kind: wit::Kind::Bug,
        state: wit::StateRef {
            id: text("st_1"),
            key: text("todo"),
            name: text("Todo"),
            category: wit::Category::Unstarted,
        },
        priority: wit::Priority::High,
        estimate: Some(3),
        assignees: vec![text("mem_1")],
        creator: text("mem_1"),
        labels: vec![wit::LabelRef { id: text("lab_1"), name: text("auth") }],
        parent: None,
        relations: vec![wit::Relation { kind: text("blocks"), issue: text("iss_2") }],
        start_date: None,
        due_date: Some(text("2026-02-01")),
        resolution: None,
        confidential: false,
        comment_count: 0,
        created_at: text("2026-01-30T09:00:00.000Z"),
        updated_at: text("2026-01-30T09:00:00.000Z"),
        in_state_since: text("2026-01-30T09:00:00.000Z"),
        fields: Vec::new(),
    }
}

/// Answers with what there is: one issue, a key-value room, settings, bytes that count up.
#[derive(Default)]
pub(crate) struct Somebody {
    pub(crate) settings: Option<String>,
    pub(crate) entries: BTreeMap<String, Vec<u8>>,
    /// Never answers a question for an issue.
    pub(crate) asleep: bool,
    /// How long the answers of requests to the outside are.
    pub(crate) answer: usize,
    /// What each query costs.
    pub(crate) cost: u32,
    /// Computes for so long before it answers a question for an issue.
    pub(crate) busy: Duration,
    pub(crate) staged: Vec<String>,
    pub(crate) asked: usize,
    pub(crate) drawn: u8,
}

impl Somebody {
    fn stage(&mut self, what: String) -> String {
        self.staged.push(what);
        format!("new_{}", self.staged.len())
    }
}

#[async_trait]
impl Answers for Somebody {
    async fn issue(&mut self, id: &str) -> Result<Issue, Error> {
        self.asked += 1;
        if self.asleep {
            pending::<()>().await;
        }
        let begun = std::time::Instant::now();
        while begun.elapsed() < self.busy {
            std::hint::spin_loop();
        }
        if id == "iss_1" { Ok(issue()) } else { Err(Error::NotFound) }
    }
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
        Ok(ids.iter().map(|id| (id == "iss_1").then(issue)).collect())
    }
    async fn query(&mut self, _: &str, _: u32, _: Option<&str>, _: u32) -> Result<Page, Error> {
        self.asked += 1;
        Ok(Page { items: Vec::new(), next: None, cost: self.cost })
    }
    async fn count(&mut self, _: &str, _: u32) -> Result<u32, Error> {
        Ok(1)
    }
    async fn comments(&mut self, _: &str, _: u32, _: Option<&str>) -> Result<CommentPage, Error> {
        Ok(CommentPage { items: Vec::new(), next: None })
    }
    async fn member(&mut self, _: &str) -> Result<Member, Error> {
        Err(Error::NotFound)
    }
    async fn team(&mut self, _: &str) -> Result<Team, Error> {
        Err(Error::NotFound)
    }
    async fn create_issue(&mut self, issue: NewIssue) -> Result<String, Error> {
        Ok(self.stage(issue.title))
    }
    async fn update_issue(&mut self, id: &str, _: Vec<Edit>, _: Option<&str>) -> Result<(), Error> {
        self.stage(id.into());
        Ok(())
    }
    async fn transition(&mut self, id: &str, to: &str) -> Result<(), Error> {
        self.stage(format!("{id} {to}"));
        Ok(())
    }
    async fn add_comment(&mut self, _: &str, body: &str) -> Result<String, Error> {
        Ok(self.stage(body.into()))
    }
    async fn link_issues(&mut self, a: &str, _: &str, b: &str) -> Result<(), Error> {
        self.stage(format!("{a} {b}"));
        Ok(())
    }
    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error> {
        let value = self.entries.get(key).cloned();
        Ok(value.map(|value| Entry { key: key.into(), value, revision: "1".into() }))
    }
    async fn kv_set(
        &mut self,
        key: &str,
        value: Vec<u8>,
        _: Expectation,
        _: Option<u32>,
    ) -> Result<String, Error> {
        self.entries.insert(key.into(), value);
        Ok("1".into())
    }
    async fn kv_delete(&mut self, key: &str) -> Result<bool, Error> {
        Ok(self.entries.remove(key).is_some())
    }
    async fn kv_scan(&mut self, _: &str, _: u32, _: Option<&str>) -> Result<Vec<Entry>, Error> {
        Ok(Vec::new())
    }
    async fn secret_names(&mut self) -> Vec<String> {
        vec!["token".into()]
    }
    async fn hmac(&mut self, _: &str, _: secrets::Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(Digest::of(data).0.to_vec())
    }
    async fn hmac_verify(
        &mut self,
        _: &str,
        _: secrets::Digest,
        data: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        Ok(Digest::of(data).0 == *tag)
    }
    async fn http_send(&mut self, _: Request, _: usize) -> Result<Response, Error> {
        Ok(Response { status: 200, headers: Vec::new(), body: vec![1; self.answer], body_truncated: false })
    }
    async fn http_enqueue(&mut self, request: Request) -> Result<String, Error> {
        Ok(self.stage(request.url))
    }
    async fn random(&mut self, len: u32) -> Result<Vec<u8>, Error> {
        Ok((0..len)
            .map(|_| {
                self.drawn = self.drawn.wrapping_add(1);
                self.drawn
            })
            .collect())
    }
    async fn settings_all(&mut self) -> String {
        self.settings.clone().unwrap_or_else(|| "{}".into())
    }
}
