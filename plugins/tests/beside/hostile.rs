//! The company whose plugins are hostile: guards that are asked about its own changes, automations, and uploads meanwhile.

use crate::measure::of_forms;
use crate::world::{Company, World, pause, puppet};
use crate::{acting, harmful, uploads};
use mortise_engine::ErrorCode;
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::OnFailure;
use mortise_plugins::manifest::pack;
use mortise_plugins::service::{RunAnswer, RunFilter, RunRecord, Shown};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

/// Those who change something at once, each an issue of its own.
const WRITERS: usize = 4;
/// Between two changes of each, in the short form and in the long one.
const PACE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(20));
/// What was switched off because it failed is enabled again after this.
const STUBBORN: Duration = Duration::from_secs(1);
/// Calls that have begun are over after this: it is more than any of them may take.
const OVER: Duration = Duration::from_secs(1);
/// How often it is looked whether nothing runs any more.
const LOOKS: u32 = 60;

/// An installation, and the ends that its runs may come to.
struct Bad {
    name: &'static str,
    id: InstallationId,
    ends: Vec<&'static str>,
}

/// The company.
pub(crate) struct Hostile {
    company: Company,
    issues: Vec<IssueId>,
    guards: Vec<Bad>,
    acting: Vec<Bad>,
}

impl Hostile {
    /// It is there, and each of its guards has been asked once.
    pub(crate) async fn found(world: &World) -> Self {
        let company = world.company("hostile").await;
        let (mut issues, mut guards, mut acting) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..WRITERS {
            issues.push(world.create(&company, &format!("Writer {number}")).await.unwrap());
        }
        for (number, (name, guest, end)) in harmful::all().into_iter().enumerate() {
            let manifest = uploads::manifest(&format!("hostile.guard-{number}"), name);
            let wasm = pack(&guest.component(), &manifest).unwrap();
            let id = world.install(&company, wasm, json!({}), OnFailure::Closed).await.id;
            guards.push(Bad { name, id, ends: vec![end, "wall"] });
        }
        for (number, (name, script, ends)) in acting::all().into_iter().enumerate() {
            let id = format!("hostile.acting-{number}");
            let wasm = puppet(&id, r#"["transition"]"#, r#"["comment.*"]"#);
            let settings = json!({ "script": { "on-event": script } });
            let id = world.install(&company, wasm, settings, OnFailure::Open).await.id;
            acting.push(Bad { name, id, ends: ends.to_vec() });
        }
        let hostile = Self { company, issues, guards, acting };
        hostile.write(world, hostile.issues.first().copied().unwrap()).await;
        hostile.rest(world).await;
        hostile
    }

    /// A change that all guards are asked about, and a comment that all automations act on.
    async fn write(&self, world: &World, issue: IssueId) {
        let refused = world.retitle(&self.company, issue, "Never").await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Rejected, "{refused}");
        world.comment(&self.company, issue, "go on").await.unwrap();
    }

    /// Does harm until then, and is at rest afterwards. Gives how uploads were answered.
    pub(crate) async fn rage(
        self: Arc<Self>,
        world: World,
        round: usize,
        until: Instant,
    ) -> BTreeMap<String, u32> {
        let mut harm = JoinSet::new();
        for issue in self.issues.clone() {
            let (hostile, world) = (self.clone(), world.clone());
            harm.spawn(async move { hostile.write_until(&world, issue, until).await });
        }
        let (hostile, insisted) = (self.clone(), world.clone());
        harm.spawn(async move { hostile.insist(&insisted, until).await });
        let answers = uploads::flood(&world, &self.company, round, until).await;
        while let Some(ended) = harm.join_next().await {
            ended.unwrap();
        }
        self.rest(&world).await;
        answers
    }

    async fn write_until(&self, world: &World, issue: IssueId, until: Instant) {
        let mut due = interval(of_forms(PACE.0, PACE.1));
        while due.tick().await < until {
            self.write(world, issue).await;
        }
    }

    /// Enables again what was switched off.
    async fn insist(&self, world: &World, until: Instant) {
        let mut due = interval(STUBBORN);
        while due.tick().await < until {
            for bad in self.guards.iter().chain(&self.acting) {
                Box::pin(world.plugins.enable(self.company.cx(), bad.id)).await.unwrap();
            }
        }
    }

    /// Switches its automations off and waits until none runs, so that nobody is disturbed while nothing should be.
    async fn rest(&self, world: &World) {
        for bad in &self.acting {
            Box::pin(world.plugins.disable(self.company.cx(), bad.id, None)).await.unwrap();
        }
        let mut last = Vec::new();
        for _ in 0..LOOKS {
            pause(OVER).await;
            let mut newest = Vec::new();
            for bad in &self.acting {
                newest.push(self.runs(world, bad, None).await.first().map(|run| run.id));
            }
            if newest == last {
                return;
            }
            last = newest;
        }
        panic!("what was switched off still runs");
    }

    async fn runs(&self, world: &World, bad: &Bad, answer: Option<RunAnswer>) -> Vec<RunRecord> {
        let filter = RunFilter { answers: answer.map(|answer| vec![answer]), ..RunFilter::default() };
        let page = Shown { first: 100, after: None };
        let runs = Box::pin(world.plugins.runs(&self.company.us, bad.id, &filter, page));
        runs.await.unwrap().runs
    }

    /// Each was stopped, and its runs say by what. Gives how often each was, of the newest runs.
    pub(crate) async fn judged(&self, world: &World) -> Vec<(&'static str, usize)> {
        let mut stopped = Vec::new();
        for bad in self.guards.iter().chain(&self.acting) {
            let failed = self.runs(world, bad, Some(RunAnswer::Failed)).await;
            assert!(!failed.is_empty(), "{} was never stopped", bad.name);
            for run in &failed {
                let outcome = &run.outcome;
                assert!(bad.ends.contains(&outcome.kind.as_str()), "{}: {outcome:?}", bad.name);
                assert!(!outcome.words.is_empty(), "{}", bad.name);
            }
            stopped.push((bad.name, failed.len()));
        }
        stopped
    }
}
