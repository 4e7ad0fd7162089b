//! Fills a fresh data folder with one company, through the engine as a library.
//!
//! The same company for the same number of issues, but for ids and times. It knows nothing of the server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::ProgressBar;
use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::command::label::CreateLabel;
use mortise_engine::command::member::AddMember;
use mortise_engine::command::team::CreateTeam;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, TeamId, TenantId};
use mortise_engine::model::{Placement, Priority, Role, Tier};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, FirstAdmin, NewApiKey, NewTenant};

use crate::progress;
use crate::texts::{Lengths, Texts};
use crate::words::{Chance, Words};

/// The people, labels and teams of the company.
const PEOPLE: usize = 20;
const LABELS: usize = 10;
const TEAMS: usize = 5;

/// How long texts are.
pub(crate) const LENGTHS: Lengths = Lengths { title: 60, description: 600, comment: 200 };

/// Comments of one issue after the other, over and over: two on average, and five on every fifth.
const COMMENTS: [usize; 10] = [5, 0, 1, 2, 1, 5, 0, 3, 1, 2];

/// Comments of the issues that are read.
pub(crate) const COMMENTS_READ: usize = 5;

/// Writers at once: enough for large groups per sync, below what the engine lets wait.
const WRITERS: usize = 128;

/// Priorities, evenly.
pub(crate) const PRIORITIES: [Priority; 5] =
    [Priority::None, Priority::Low, Priority::Medium, Priority::High, Priority::Critical];

/// What was seeded, and the key that opens it.
#[derive(Debug)]
pub(crate) struct Company {
    /// An API key of its super admin.
    pub(crate) key: String,
    pub(crate) teams: Vec<TeamId>,
    pub(crate) people: Vec<MemberId>,
    pub(crate) labels: Vec<LabelId>,
    /// In the order of the workflow.
    pub(crate) states: Vec<StateId>,
    /// How many of them, the first, issues are open in.
    pub(crate) open_states: usize,
    pub(crate) issues: Vec<Issue>,
    /// How long it took to write them.
    pub(crate) took: Duration,
}

/// An issue that was seeded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Issue {
    pub(crate) id: IssueId,
    /// Counted from 0: its texts follow from it.
    pub(crate) number: u32,
    /// Index into [`Company::states`].
    pub(crate) state: usize,
    pub(crate) comments: usize,
}

/// Makes the folder and the company in it.
pub(crate) async fn seed(folder: &Path, store: StoreKind, issues: u32) -> anyhow::Result<Company> {
    let engine = Engine::builder(folder).store(store).open().await?;
    let (tenant, mut company) = found(&engine).await?;
    let began = Instant::now();
    company.issues = write(&engine, tenant, &company, issues).await?;
    company.took = began.elapsed();
    // Else the first searches would pay for the index.
    engine.indexed(tenant).await?;
    engine.close().await;
    Ok(company)
}

/// The company with everything but issues.
pub(crate) async fn found(engine: &Engine) -> anyhow::Result<(TenantId, Company)> {
    let admin = FirstAdmin { email: "ada@acme.example".into(), name: "Ada".into(), password: None };
    let new = NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_admin(admin);
    let new = new.with_placement(Placement::Shard(0));
    let founded = engine.create_tenant(new).await?;
    let tenant = founded.tenant.id;
    let us = || OpContext::new(Principal::trusted_system(tenant));
    for number in 0..TEAMS {
        let key = format!("T{number}");
        let name = format!("Team {number}");
        engine
            .execute(
                us(),
                CreateTeam { id: None, key, name, description: None, workflow: None, private: false },
            )
            .await?;
    }
    for number in 0..LABELS {
        let name = format!("label {number}");
        engine
            .execute(us(), CreateLabel { id: None, name, color: None, description: None, team: None })
            .await?;
    }
    for number in 1..PEOPLE {
        let (email, name) = (format!("person{number}@acme.example"), format!("Person {number}"));
        let add = AddMember { id: None, email, name, role: Role::User, password_hash: None };
        engine.execute(us(), add).await?;
    }
    let admin = founded.admin.context("the company has no first admin")?;
    let (_, key) = engine.create_api_key(us(), NewApiKey::new(admin, "load")).await?;
    let directory = engine.reader(&Principal::trusted_system(tenant)).await?.directory().clone();
    let teams: Vec<TeamId> = directory.teams().map(|team| team.id).collect();
    let workflow =
        teams.first().and_then(|team| directory.workflow_of(*team)).context("no team has a workflow")?;
    let company = Company {
        key: key.expose().to_owned(),
        people: directory.members().map(|member| member.id).collect(),
        labels: directory.labels().map(|label| label.id).collect(),
        states: workflow.states.iter().map(|state| state.id).collect(),
        open_states: workflow.states.iter().take_while(|state| !state.category.is_terminal()).count(),
        teams,
        issues: Vec::new(),
        took: Duration::ZERO,
    };
    Ok((tenant, company))
}

/// What each writer needs to make the next issue.
struct Plan {
    engine: Engine,
    tenant: TenantId,
    words: Words,
    teams: Vec<TeamId>,
    people: Vec<MemberId>,
    labels: Vec<LabelId>,
    states: Vec<StateId>,
    issues: u32,
    next: AtomicU32,
    bar: ProgressBar,
}

async fn write(
    engine: &Engine,
    tenant: TenantId,
    company: &Company,
    issues: u32,
) -> anyhow::Result<Vec<Issue>> {
    let plan = Arc::new(Plan {
        engine: engine.clone(),
        tenant,
        words: Words::new(),
        teams: company.teams.clone(),
        people: company.people.clone(),
        labels: company.labels.clone(),
        states: company.states.clone(),
        issues,
        next: AtomicU32::new(0),
        bar: progress::bar(issues.into(), "issues")?,
    });
    let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(plan.clone().write_until_done())).collect();
    let mut written = Vec::with_capacity(issues as usize);
    for writer in writers {
        written.extend(writer.await??);
    }
    plan.bar.finish_and_clear();
    Ok(written)
}

impl Plan {
    async fn write_until_done(self: Arc<Self>) -> anyhow::Result<Vec<Issue>> {
        let mut written = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.issues {
                return Ok(written);
            }
            written
                .push(self.write_one(number).await.with_context(|| format!("cannot seed issue {number}"))?);
            self.bar.inc(1);
        }
    }

    async fn write_one(&self, number: u32) -> anyhow::Result<Issue> {
        let texts = texts_of(number, &self.words);
        // Choices of their own, so that the texts follow from the number alone.
        let mut chance = Chance::of(!u64::from(number));
        let state = chance.below(self.states.len());
        let create = CreateIssue {
            title: texts.title,
            description: Some(texts.description),
            state: self.states.get(state).copied(),
            priority: chance.pick(&PRIORITIES).copied(),
            assignees: chance.pick(&self.people).copied().into_iter().collect(),
            labels: two(&mut chance, &self.labels),
            ..CreateIssue::in_team(*chance.pick(&self.teams).context("the company has no team")?)
        };
        let done = self.engine.execute(self.somebody(&mut chance)?, create).await?;
        let id = done.issue().context("a create answered no issue")?;
        let comments = texts.comments.len();
        for body in texts.comments {
            let comment = CreateComment { id: None, issue: id.into(), body, parent: None };
            self.engine.execute(self.somebody(&mut chance)?, comment).await?;
        }
        Ok(Issue { id, number, state, comments })
    }

    /// A context in the name of any of the people.
    fn somebody(&self, chance: &mut Chance) -> anyhow::Result<OpContext> {
        let person = chance.pick(&self.people).context("the company has nobody")?;
        Ok(OpContext::new(Principal::trusted_member(self.tenant, *person)))
    }
}

/// The texts of the issue with this number.
pub(crate) fn texts_of(number: u32, words: &Words) -> Texts {
    let comments = COMMENTS.get(number as usize % COMMENTS.len()).copied().unwrap_or_default();
    Texts::of(number, LENGTHS, comments, words)
}

/// Two different ones of these, if there are two.
pub(crate) fn two<T: Copy>(chance: &mut Chance, all: &[T]) -> Vec<T> {
    let first = chance.below(all.len());
    let second = (first + 1 + chance.below(all.len().saturating_sub(1))) % all.len().max(1);
    [first, second].iter().filter_map(|index| all.get(*index).copied()).collect()
}
