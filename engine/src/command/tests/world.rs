//! A small company in memory: commands are decided, stamped and applied to it as the writer does.

use crate::access::{Policy, Scope};
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::command::{Command, IssueIndex, IssueRef, World, seen_by};
use crate::context::{OpContext, Principal};
use crate::directory::{Directory, DirectoryRow};
use crate::draft::{RowWrite, SideRecord, Stamp, UserError};
use crate::entitlement::{Entitlements, Tiers};
use crate::error::Result;
use crate::event::{Event, Origin, Subject};
use crate::filter::Link;
use crate::id::{CommentId, IssueId, MemberId, StateId, TeamId, TenantId, WorkflowId};
use crate::limits::Limits;
use crate::model::{
    Comment, Issue, Member, Placement, Relation, RelationKind, Role, Seq, StateCategory, Team, Tenant, Tier,
};
use crate::time::Timestamp;
use crate::workflow::Flow;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A company with the team ENG, the seed's workflow, and four people: Sue is super admin, Ada admin, Uli and Ute are
/// users.
pub(super) struct Company {
    pub(super) tenant: Tenant,
    pub(super) directory: Directory,
    pub(super) limits: Limits,
    tiers: Tiers,
    pub(super) now: Timestamp,
    pub(super) origin: Origin,
    pub(super) sue: MemberId,
    pub(super) ada: MemberId,
    pub(super) uli: MemberId,
    pub(super) ute: MemberId,
    pub(super) team: TeamId,
    pub(super) workflow: WorkflowId,
    rows: Rows,
    head: Seq,
}

#[derive(Default)]
struct Rows {
    issues: FxHashMap<IssueId, Arc<Issue>>,
    comments: FxHashMap<CommentId, Arc<Comment>>,
}

/// What a command did.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) subjects: Vec<Subject>,
    pub(super) errors: Vec<UserError>,
    pub(super) events: Vec<Event>,
    pub(super) records: Vec<SideRecord>,
    comments: Vec<CommentId>,
}

impl Done {
    /// The issue that the answer speaks of first.
    pub(super) fn issue(&self) -> IssueId {
        self.subjects.iter().find_map(|s| if let Subject::Issue(id) = s { Some(*id) } else { None }).unwrap()
    }

    /// The first comment that was written.
    pub(super) fn comment(&self) -> CommentId {
        *self.comments.first().unwrap()
    }

    /// The names of what happened.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.events.iter().filter_map(|event| event.body.as_ref()).map(|body| body.name()).collect()
    }
}

impl Company {
    pub(super) fn new() -> Self {
        let now = "2026-01-31T09:00:00Z".parse().unwrap();
        let [sue, ada, uli, ute] = std::array::from_fn(|_| MemberId::generate());
        let mut directory = Directory::default();
        let people = [
            (sue, "Sue", Role::SuperAdmin),
            (ada, "Ada", Role::Admin),
            (uli, "Uli", Role::User),
            (ute, "Ute", Role::User),
        ];
        for (id, name, role) in people {
            directory.apply(DirectoryRow::Member(Arc::new(member(id, name, role, now))));
        }
        let seed = crate::workflow::seed_workflow(now);
        let (workflow, team) = (seed.id, TeamId::generate());
        directory.apply(DirectoryRow::Workflow(Arc::new(seed)));
        directory.apply(DirectoryRow::Team(Arc::new(eng(team, workflow, now))));
        Self {
            tenant: acme(now),
            directory,
            limits: Limits::default(),
            tiers: Tiers::default(),
            now,
            origin: Origin::Embed,
            sue,
            ada,
            uli,
            ute,
            team,
            workflow,
            rows: Rows::default(),
            head: Seq::default(),
        }
    }

    /// Lets a member do something; the whole world is checked after it. Each step takes a second.
    pub(super) fn run<C: Command>(&mut self, who: MemberId, command: C) -> Result<Done> {
        self.wait_ms(1_000);
        let cx = OpContext::new(Principal::trusted_member(self.tenant.id, who)).with_origin(self.origin);
        self.run_as(&cx, &command)
    }

    /// Lets the embedding program itself do something.
    pub(super) fn run_as_system<C: Command>(&mut self, command: C) -> Result<Done> {
        self.wait_ms(1_000);
        self.run_as(&OpContext::new(Principal::trusted_system(self.tenant.id)), &command)
    }

    fn run_as<C: Command>(&mut self, cx: &OpContext, command: &C) -> Result<Done> {
        let policy = Policy::of(&cx.principal, &self.tenant, &self.directory)?;
        let scope = policy.scope(&self.directory);
        let (issues, comments) = self.load(command);
        let (issues, comments) = seen_by(&scope, issues.into_values(), comments.into_values());
        let directory = scope.of_directory(&Arc::new(self.directory.clone()));
        let world = World {
            cx,
            policy: &policy,
            tenant: &self.tenant,
            directory: &directory,
            limits: &self.limits,
            entitled: Entitlements::of(&self.tenant, &self.tiers, self.now),
            now: self.now,
            circumstances: &crate::command::Circumstances::default(),
            scope: &scope,
            index: &self.rows,
            issues,
            comments,
        };
        let draft = command.decide(&world)?;
        let (subjects, errors) = (draft.subjects().to_vec(), draft.errors().to_vec());
        let (records, changes) = (draft.records().to_vec(), !draft.is_empty());
        let stamp = Stamp {
            after: self.head,
            now: self.now,
            actor: cx.principal.actor(),
            origin: cx.origin,
            request: cx.request,
        };
        let stamped = draft.stamp(stamp);
        // Letters alone may go out: the place of the log is then the one before.
        let tells =
            !stamped.events.is_empty() || records.iter().all(|record| matches!(record, SideRecord::Mail(..)));
        assert!(tells, "what changes something is an event");
        assert_eq!(
            changes,
            !(stamped.events.is_empty() && records.is_empty()),
            "and nothing else is written"
        );
        assert!(!stamped.events.is_empty() || stamped.rows.is_empty(), "no row without an event");
        self.head = stamped.events.last().map_or(self.head, |event| event.seq);
        let comments = stamped.rows.into_iter().filter_map(|row| self.apply(row)).collect();
        self.check();
        Ok(Done { subjects, errors, events: stamped.events, records, comments })
    }

    /// The rows that a command names, as the writer loads them.
    fn load<C: Command>(
        &self,
        command: &C,
    ) -> (FxHashMap<IssueId, Arc<Issue>>, FxHashMap<CommentId, Arc<Comment>>) {
        let reads = command.reads();
        let comments = reads.comments.iter().filter_map(|id| self.rows.comments.get(id).cloned());
        let comments: FxHashMap<_, _> = comments.map(|comment| (comment.id, comment)).collect();
        let named = reads.issues.iter().filter_map(|issue| issue.find(&self.directory, &self.rows));
        let ids = named.chain(comments.values().map(|comment| comment.issue));
        let issues =
            ids.filter_map(|id| self.rows.issues.get(&id).map(|issue| (id, issue.clone()))).collect();
        (issues, comments)
    }

    /// Takes a row; answers the id of a comment.
    fn apply(&mut self, row: RowWrite) -> Option<CommentId> {
        match row {
            RowWrite::Issue { before, after, .. } => {
                assert_eq!(self.rows.issues.get(&after.id).map(|i| i.version), before.map(|b| b.version));
                self.rows.issues.insert(after.id, after);
                None
            }
            RowWrite::Comment { after, .. } => {
                let id = after.id;
                self.rows.comments.insert(id, after);
                Some(id)
            }
            RowWrite::Directory(row) => {
                self.directory.apply(row);
                None
            }
        }
    }

    /// What holds of every company at any time.
    fn check(&self) {
        let mut numbers = BTreeSet::new();
        for issue in self.rows.issues.values() {
            self.check_issue(issue);
            assert!(numbers.insert((issue.team, issue.number)), "number {} twice", issue.number);
        }
        assert!(self.directory.active_with_role(Role::SuperAdmin) > 0, "nobody leads");
        for comment in self.rows.comments.values() {
            let top = comment.parent.map(|id| &self.rows.comments[&id]);
            assert!(top.is_none_or(|top| top.issue == comment.issue && top.parent.is_none()));
        }
        for kind in [RelationKind::Blocks, RelationKind::Duplicates, RelationKind::Precedes] {
            for issue in self.rows.issues.keys() {
                assert!(!self.behind(*issue, kind).contains(issue), "{kind}: a circle through {issue}");
            }
        }
    }

    fn check_issue(&self, issue: &Issue) {
        use StateCategory::{Canceled, Completed};
        assert_eq!(issue.completed_at.is_some(), issue.category == Completed, "{issue:?}");
        assert_eq!(issue.canceled_at.is_some(), issue.category == Canceled, "{issue:?}");
        assert_eq!(issue.resolution.is_some(), issue.category.is_terminal(), "{issue:?}");
        let flow = Flow::of(&self.directory, issue).unwrap();
        assert_eq!(flow.state(issue.state).unwrap().category, issue.category, "{issue:?}");
        for approval in &issue.approvals {
            assert!(approval.to != issue.state && flow.state(approval.to).is_some(), "{approval:?}");
            let approvers: BTreeSet<_> = approval.grants.iter().map(|grant| grant.member).collect();
            assert_eq!(approvers.len(), approval.grants.len(), "{approval:?}");
            assert!(approval.requester.is_none_or(|by| !approvers.contains(&by)), "{approval:?}");
        }
        let said = self.rows.comments.values().filter(|c| c.issue == issue.id && c.deleted_at.is_none());
        assert_eq!(said.count(), issue.comment_count as usize);
        for label in &issue.labels {
            assert!(self.directory.label(*label).unwrap().team.is_none_or(|team| team == issue.team));
        }
        assert!(issue.relations.is_sorted_by(|one, next| one < next), "{:?}", issue.relations);
        for Relation { kind, to } in &issue.relations {
            assert!(self.rows.contains(*to) && *to != issue.id);
            assert!(*kind != RelationKind::Relates || issue.id < *to, "stored with the smaller id");
        }
        let above = std::iter::successors(issue.parent, |id| self.rows.parent_of(*id));
        let levels = above.take(100).count().saturating_add(1);
        assert!(levels <= self.limits.parent_depth_max, "{levels} levels");
    }

    /// All issues that relations of this kind lead to from one.
    pub(super) fn behind(&self, issue: IssueId, kind: RelationKind) -> BTreeSet<IssueId> {
        let (mut found, mut next) = (BTreeSet::new(), vec![issue]);
        while let Some(at) = next.pop() {
            let onward = self.rows.related(at, Link { kind, reversed: false });
            next.extend(onward.into_iter().filter(|to| found.insert(*to)));
        }
        found
    }

    pub(super) fn issue(&self, id: IssueId) -> &Issue {
        &self.rows.issues[&id]
    }

    pub(super) fn comment(&self, id: CommentId) -> &Comment {
        &self.rows.comments[&id]
    }

    pub(super) fn wait_ms(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Makes an issue of ENG in somebody's name.
    pub(super) fn create(&mut self, who: MemberId, title: &str) -> IssueId {
        let command = CreateIssue { title: title.into(), ..CreateIssue::in_team(self.team) };
        self.run(who, command).unwrap().issue()
    }

    /// Changes an issue in Uli's name.
    pub(super) fn update(&mut self, issue: IssueId, patch: IssuePatch) -> Result<Done> {
        self.run(self.uli, UpdateIssue::new(IssueRef::Id(issue), patch))
    }

    /// The state of the seed's workflow with this name.
    pub(super) fn state(&self, name: &str) -> StateId {
        let workflow = self.directory.workflow(self.workflow).unwrap();
        workflow.states.iter().find(|state| state.name == name).unwrap().id
    }
}

impl IssueIndex for Rows {
    fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        self.issues.values().find(|i| i.team == team && i.number == number).map(|i| i.id)
    }

    fn contains(&self, id: IssueId) -> bool {
        self.issues.contains_key(&id)
    }

    fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        self.issues.get(&id).and_then(|issue| issue.parent)
    }

    fn shows(&self, scope: &Scope, id: IssueId) -> bool {
        self.issues.get(&id).is_some_and(|issue| scope.sees(issue))
    }

    fn parts_of(&self, id: IssueId) -> Vec<IssueId> {
        self.issues.values().filter(|issue| issue.parent == Some(id)).map(|issue| issue.id).collect()
    }

    fn related(&self, id: IssueId, Link { kind, reversed }: Link) -> Vec<IssueId> {
        let all = self.issues.values().flat_map(|issue| issue.relations.iter().map(|r| (issue.id, *r)));
        let of_kind = all.filter(|(_, relation)| relation.kind == kind);
        let ends = of_kind.map(|(from, Relation { to, .. })| if reversed { (to, from) } else { (from, to) });
        ends.filter(|(this, _)| *this == id).map(|(_, other)| other).collect()
    }

    fn is_open(&self, id: IssueId) -> bool {
        self.issues.get(&id).is_some_and(|i| i.deleted_at.is_none() && !i.category.is_terminal())
    }

    fn max_number(&self, team: TeamId) -> u32 {
        self.issues.values().filter(|i| i.team == team).map(|i| i.number).max().unwrap_or_default()
    }
}

fn acme(now: Timestamp) -> Tenant {
    Tenant::new(TenantId::generate(), "acme", Tier::Platinum, Placement::Shard(0), now)
}

fn member(id: MemberId, name: &str, role: Role, now: Timestamp) -> Member {
    Member {
        email: Some(format!("{}@acme.example", name.to_lowercase())),
        ..Member::new(id, name.into(), role, now)
    }
}

fn eng(id: TeamId, workflow: WorkflowId, now: Timestamp) -> Team {
    Team {
        id,
        key: "ENG".into(),
        name: "Engineering".into(),
        description: None,
        workflow,
        former_keys: Vec::new(),
        created_at: now,
        updated_at: now,
        archived_at: None,
        version: 1,
        private: false,
        members: Vec::new(),
        by_kind: Vec::new(),
    }
}
