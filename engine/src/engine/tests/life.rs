//! A company that lives at random: issues, comments, labels and people change, and old things are imported.

mod flow;
mod questions;

pub(super) use questions::everything;

use crate::command::Command;
use crate::command::comment::{CreateComment, DeleteComment, EditComment};
use crate::command::import::{
    ImportBatch, ImportItem, ImportedComment, ImportedIssue, imported_comment_id, imported_issue_id,
};
use crate::command::issue::{
    CreateIssue, DeleteIssue, IssuePatch, IssueRef, RestoreIssue, UpdateIssue, UpdateIssues,
};
use crate::command::label::{CreateLabel, DeleteLabel, UpdateLabel};
use crate::context::{OpContext, Principal};
use crate::engine::Engine;
use crate::event::{Event, EventBody, Origin};
use crate::id::{CommentId, IssueId, LabelId, MemberId, StateId, TeamId, TenantId};
use crate::limits::Limits;
use crate::model::{IssueKind, IssueSource, Priority, Resolution, Role, Seq, Tier};
use crate::platform::{FirstAdmin, NewTenant};
use crate::query::Reader;
use crate::storage::StoreKind;
use crate::tenant::Committed;
use crate::time::{CalendarDate, Clock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// When the company is set up.
const FOUNDED_MS: i64 = 1_760_000_000_000;

/// Numbers that look like chance and are the same in every run.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub(super) fn often(&mut self, of_ten: usize) -> bool {
        self.below(10) < of_ten
    }

    pub(super) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    fn some<T: Clone>(&mut self, list: &[T], max: usize) -> Vec<T> {
        (0..self.below(max + 1)).map(|_| self.pick(list)).collect()
    }
}

pub(super) struct Life {
    pub(super) engine: Engine,
    pub(super) tenant: TenantId,
    pub(super) chance: Chance,
    pub(super) people: Vec<MemberId>,
    pub(super) states: Vec<StateId>,
    pub(super) labels: Vec<LabelId>,
    pub(super) issues: Vec<IssueId>,
    now: Arc<AtomicI64>,
    pub(super) team: TeamId,
    comments: Vec<CommentId>,
    imported: u32,
}

impl Life {
    pub(super) async fn found(folder: &Path, seed: u64, limits: Limits) -> Self {
        let now = Arc::new(AtomicI64::new(FOUNDED_MS));
        let engine = opened(folder, &now, limits).await;
        let admin = FirstAdmin { email: "ana@acme.test".into(), name: "Ana".into(), password: None };
        let new = NewTenant::new("acme", "Acme").with_tier(Tier::Platinum).with_team("ENG").with_admin(admin);
        let founded = engine.create_tenant(new).await.unwrap();
        let (tenant, team) = (founded.tenant.id, founded.team.unwrap());
        let mut life = Self {
            engine,
            tenant,
            chance: Chance::new(seed),
            people: vec![founded.admin.unwrap()],
            states: Vec::new(),
            labels: Vec::new(),
            issues: Vec::new(),
            now,
            team,
            comments: Vec::new(),
            imported: 0,
        };
        life.settle_down().await;
        life
    }

    async fn settle_down(&mut self) {
        for name in ["Bo", "Cy"] {
            let email = format!("{name}@acme.test");
            let invite = crate::command::member::AddMember {
                id: None,
                email,
                name: name.into(),
                role: Role::Admin,
                password_hash: None,
            };
            let done = self.engine.execute(self.cx(0), invite).await.unwrap();
            let crate::event::Subject::Member(id) = done.subjects[0] else { panic!("nobody joined") };
            self.people.push(id);
        }
        let directory = self.reader().await.directory().clone();
        self.states = directory.workflow_of(self.team).unwrap().states.iter().map(|state| state.id).collect();
        for name in ["ui", "api", "slow"] {
            self.label(name).await;
        }
        self.import(ImportItem::Person { source: "github:octocat".into(), name: "octocat".into() }).await;
    }

    /// Closes the engine and opens it again, so that memory holds what is stored.
    pub(super) async fn reopened(self, folder: &Path) -> Self {
        let limits = self.engine.limits().clone();
        self.rest().await;
        self.engine.close().await;
        self.wait_ms(1_000_000);
        // The folder is let go of with the last handle.
        drop(self.engine);
        Self { engine: opened(folder, &self.now, limits).await, ..self }
    }

    async fn label(&mut self, name: &str) {
        let id = LabelId::generate();
        let new = CreateLabel { id: Some(id), name: name.into(), color: None, description: None, team: None };
        self.engine.execute(self.cx(0), new).await.unwrap();
        self.labels.push(id);
    }

    fn cx(&self, who: usize) -> OpContext {
        OpContext::new(Principal::trusted_member(self.tenant, self.people[who]))
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }

    pub(super) fn wait_ms(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    /// What the first admin sees.
    pub(super) async fn reader(&self) -> Reader {
        self.engine.reader(&Principal::trusted_member(self.tenant, self.people[0])).await.unwrap()
    }

    /// All events so far.
    pub(super) async fn events(&self) -> Vec<Event> {
        let (reader, mut events) = (self.reader().await, Vec::<Event>::new());
        loop {
            let at = events.last().map_or(Seq::default(), |event| event.seq);
            let page = reader.events(at, 200).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    pub(super) async fn close(self) {
        let report = self.engine.check(self.tenant).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.engine.close().await;
    }

    /// Lets one thing happen; what is refused changes nothing.
    pub(super) async fn step(&mut self) -> Committed {
        let wait = self.chance.pick(&[0, 1, 40, 3_600_000, 86_400_000]);
        self.wait_ms(wait);
        match self.chance.below(24) {
            _ if self.issues.len() < 3 => self.create().await,
            0..=2 => self.create().await,
            3..=10 => self.update().await,
            11 => self.delete_or_restore().await,
            12..=14 => self.comment().await,
            15 => self.edit_comment().await,
            16 => self.change_label().await,
            17 => self.update_many().await,
            18..=21 => self.flow().await,
            _ => self.import_something().await,
        }
    }

    async fn does(&mut self, command: impl Command) -> Committed {
        let who = self.chance.below(self.people.len());
        self.engine.execute(self.cx(who), command).await.unwrap_or_default()
    }

    fn text(&mut self) -> String {
        self.chance
            .pick(&["login fails", "Login FAILS again", "export is slow", "été", "a new page"])
            .to_owned()
    }

    fn description(&mut self) -> Option<String> {
        let times = self.chance.pick(&[0, 1, 500]);
        Some(self.text().repeat(times)).filter(|text| !text.is_empty())
    }

    fn issue(&mut self) -> IssueRef {
        self.chance.pick(&self.issues).into()
    }

    fn day(&mut self) -> CalendarDate {
        let founded = i32::try_from(FOUNDED_MS / 86_400_000).unwrap();
        CalendarDate::from_days(founded + i32::try_from(self.chance.below(60)).unwrap())
    }

    async fn create(&mut self) -> Committed {
        let parent = (!self.issues.is_empty() && self.chance.often(3)).then(|| self.issue());
        let id = IssueId::generate();
        let command = CreateIssue {
            id: Some(id),
            title: self.text(),
            description: self.description(),
            kind: Some(self.chance.pick(IssueKind::ALL)),
            state: Some(self.chance.pick(&self.states)),
            priority: Some(self.chance.pick(Priority::ALL)),
            assignees: self.chance.some(&self.people, 2),
            labels: self.chance.some(&self.labels, 2),
            parent,
            ..CreateIssue::in_team(self.team)
        };
        let done = self.does(command).await;
        self.issues.extend(done.issue());
        done
    }

    fn patch(&mut self) -> IssuePatch {
        let mut patch = IssuePatch::default();
        for _ in 0..=self.chance.below(3) {
            match self.chance.below(14) {
                0 => patch.title = Some(self.text()),
                1 | 2 => patch.description = Some(self.description()),
                3 => patch.kind = Some(self.chance.pick(IssueKind::ALL)),
                4 | 5 => patch.state = Some(self.chance.pick(&self.states)),
                6 => patch.priority = Some(self.chance.pick(Priority::ALL)),
                7 => patch.assignees = Some(self.chance.some(&self.people, 3)),
                8 => patch.added_labels = self.chance.some(&self.labels, 1),
                9 => patch.removed_labels = self.chance.some(&self.labels, 2),
                10 => patch.parent = Some(self.chance.often(6).then(|| self.issue())),
                11 => {
                    patch.estimate =
                        Some(self.chance.often(7).then(|| u32::try_from(self.chance.below(8)).unwrap()))
                }
                12 => patch.due_date = Some(self.chance.often(7).then(|| self.day())),
                _ => patch.archived = Some(self.chance.often(5)),
            }
        }
        patch
    }

    async fn update(&mut self) -> Committed {
        let command = UpdateIssue::new(self.issue(), self.patch());
        self.does(command).await
    }

    async fn update_many(&mut self) -> Committed {
        let issues = self.chance.some(&self.issues, 5).into_iter().map(IssueRef::Id).collect();
        let patch = self.patch();
        self.does(UpdateIssues { issues, patch, atomic: false, request_size: 5, first_index: 0 }).await
    }

    async fn delete_or_restore(&mut self) -> Committed {
        let issue = self.issue();
        if self.chance.often(6) {
            self.does(DeleteIssue { issue, if_version: None }).await
        } else {
            self.does(RestoreIssue { issue }).await
        }
    }

    async fn comment(&mut self) -> Committed {
        let id = CommentId::generate();
        let command = CreateComment { id: Some(id), issue: self.issue(), body: self.text(), parent: None };
        let done = self.does(command).await;
        if !done.events.is_empty() {
            self.comments.push(id);
        }
        done
    }

    async fn edit_comment(&mut self) -> Committed {
        let Some(comment) = (!self.comments.is_empty()).then(|| self.chance.pick(&self.comments)) else {
            return self.comment().await;
        };
        if self.chance.often(5) {
            self.does(DeleteComment { comment }).await
        } else {
            let body = self.text();
            self.does(EditComment { comment, if_version: None, body }).await
        }
    }

    async fn change_label(&mut self) -> Committed {
        let (label, name) = (self.chance.pick(&self.labels), self.text());
        if self.chance.often(2) {
            return self.does(DeleteLabel { label }).await;
        }
        let rename =
            UpdateLabel { label, if_version: None, name: Some(name), color: None, description: None };
        self.does(rename).await
    }

    /// Imports what an archive holds; nothing of it may be refused.
    pub(super) async fn import_all(&mut self, items: Vec<ImportItem>) {
        let cx = self.cx(0).with_origin(Origin::Import);
        let done = self.engine.execute(cx, ImportBatch { items }).await.unwrap();
        for event in &done.events {
            match &event.body {
                Some(EventBody::IssueCreated { issue, .. }) => self.issues.push(issue.id),
                Some(EventBody::CommentCreated { comment }) => self.comments.push(comment.id),
                _ => {}
            }
        }
    }

    async fn import(&mut self, item: ImportItem) -> Committed {
        let cx = self.cx(0).with_origin(Origin::Import);
        self.engine.execute(cx, ImportBatch { items: vec![item] }).await.unwrap_or_default()
    }

    /// An issue of years ago, or a comment of years ago on any issue: its time lies before much that has happened.
    async fn import_something(&mut self) -> Committed {
        self.imported += 1;
        let key = format!("I_{}", self.imported);
        let created_at = Timestamp::from_millis(FOUNDED_MS - 400_000_000 * i64::from(self.imported));
        let source = IssueSource { system: "github".into(), id: key.clone(), url: None, state: None };
        let creator = "github:octocat".to_owned();
        if self.chance.often(5) {
            let id = imported_comment_id(self.tenant, "github", &key, created_at);
            let issue = self.chance.pick(&self.issues);
            let (body, updated_at) = (self.text(), created_at);
            let comment = ImportedComment {
                id,
                source,
                issue,
                author: creator,
                body,
                parent: None,
                created_at,
                updated_at,
            };
            return self.import(ImportItem::Comment(Box::new(comment))).await;
        }
        let id = imported_issue_id(self.tenant, "github", &key, created_at);
        let issue = ImportedIssue {
            id,
            source,
            team: self.team,
            number: 10_000 + self.imported,
            title: self.text(),
            description: self.description(),
            kind: IssueKind::Bug,
            closed: self.chance.often(5).then(|| (created_at.plus_millis(5_000), Resolution::Done)),
            creator,
            assignees: Vec::new(),
            labels: Vec::new(),
            created_at,
            updated_at: created_at.plus_millis(90_000),
        };
        let done = self.import(ImportItem::Issue(Box::new(issue))).await;
        self.issues.extend(done.issue());
        done
    }
}

async fn opened(folder: &Path, now: &Arc<AtomicI64>, limits: Limits) -> Engine {
    let now = now.clone();
    let clock = Clock::from_fn(move || Timestamp::from_millis(now.load(Ordering::Relaxed)));
    let builder = Engine::builder(folder).store(StoreKind::Sled).clock(clock).limits(limits);
    Box::pin(builder.open()).await.unwrap()
}
