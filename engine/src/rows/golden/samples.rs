//! One sample of every stored type, with every field filled.

use crate::event::{Actor, Change, Event, EventBody, IssueChange, Origin, Subject};
use crate::filter::{Compare, Filter, GroupBy, Many, MemberTest, Sort, SortKey, Test};
use crate::id::{
    ApiKeyId, CommentId, IssueId, LabelId, MemberId, RootId, SessionId, StateId, TeamId, TenantId, ViewId,
    WorkflowId, WorkflowVersionId,
};
use crate::identity::refresh_token::Spent;
use crate::identity::{ApiKeyRecord, ClientFingerprint, Holder, RefreshFamily, SecretHash};
use crate::log::{GENESIS, LogRecord};
use crate::model::{
    Approval, ApprovalGrant, ApprovalRule, Assignee, Comment, Commenter, Confidential, Effect,
    EntitlementKey, EntitlementOverride, EntitlementValue, Guard, Issue, IssueKind, IssueSource, KeyScope,
    KindWorkflow, Label, Member, MemberKind, MemberStatus, Migration, Party, Past, Priority, Relation,
    RelationKind, RequiredField, Resolution, Role, Seq, StateCategory, StateMapping, Team, TeamMember,
    TeamRole, VersionStatus, Workflow, WorkflowMode, WorkflowState, WorkflowTransition, WorkflowVersion,
};
use crate::saved_view::{Favorites, Layout, SavedView};
use crate::time::{CalendarDate, Timestamp};
use uuid::Uuid;
pub(super) fn uuid(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

pub(super) fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + minute * 60_000)
}

fn date(text: &str) -> CalendarDate {
    text.parse().unwrap()
}

fn source() -> IssueSource {
    IssueSource {
        system: "github".into(),
        id: "I_1".into(),
        url: Some("https://example.com/1".into()),
        state: Some("merged".into()),
    }
}

pub(super) fn issue() -> Issue {
    Issue {
        id: IssueId::from_uuid(uuid(1)),
        team: TeamId::from_uuid(uuid(2)),
        number: 12,
        title: "Login fails with 🦀".into(),
        kind: IssueKind::Bug,
        state: StateId::from_uuid(uuid(3)),
        category: StateCategory::Completed,
        priority: Priority::Critical,
        assignees: vec![MemberId::from_uuid(uuid(4)), MemberId::from_uuid(uuid(5))],
        creator: MemberId::from_uuid(uuid(4)),
        labels: vec![LabelId::from_uuid(uuid(6))],
        parent: Some(IssueId::from_uuid(uuid(7))),
        estimate: Some(5),
        start_date: Some(date("2026-01-31")),
        due_date: Some(date("2026-02-28")),
        rank: "m019b7000000".into(),
        resolution: Some(Resolution::Duplicate),
        created_at: at(0),
        updated_at: at(9),
        triaged_at: Some(at(1)),
        started_at: Some(at(2)),
        completed_at: Some(at(3)),
        canceled_at: Some(at(4)),
        archived_at: Some(at(5)),
        deleted_at: Some(at(6)),
        reopen_count: 2,
        comment_count: 3,
        version: 9,
        last_event: Seq(41),
        source: Some(source()),
        description_bytes: 17,
        description: Some("It says *no entry*".into()),
        relations: vec![Relation { kind: RelationKind::Blocks, to: IssueId::from_uuid(uuid(7)) }],
        past: Past {
            states: vec![StateId::from_uuid(uuid(11))],
            categories: vec![StateCategory::Unstarted],
            priorities: vec![Priority::None],
            kinds: vec![IssueKind::Task],
            resolutions: vec![Resolution::Done],
            assignees: vec![MemberId::from_uuid(uuid(14))],
            labels: vec![LabelId::from_uuid(uuid(16))],
        },
        commenters: vec![Commenter { member: MemberId::from_uuid(uuid(4)), comments: 2 }],
        state_since: Some(at(8)),
        confidential: Some(Confidential { participants: vec![MemberId::from_uuid(uuid(5))] }),
        workflow_version: Some(WorkflowVersionId::from_uuid(uuid(21))),
        approvals: vec![approval()],
    }
}

fn approval() -> Approval {
    Approval {
        to: StateId::from_uuid(uuid(11)),
        requester: Some(MemberId::from_uuid(uuid(5))),
        requested_at: at(7),
        grants: vec![ApprovalGrant { member: MemberId::from_uuid(uuid(4)), at: at(8) }],
    }
}

pub(super) fn comment() -> Comment {
    Comment {
        id: CommentId::from_uuid(uuid(8)),
        issue: IssueId::from_uuid(uuid(1)),
        author: MemberId::from_uuid(uuid(4)),
        body: "Seen again".into(),
        parent: Some(CommentId::from_uuid(uuid(9))),
        created_at: at(0),
        updated_at: at(2),
        edited_at: Some(at(1)),
        deleted_at: Some(at(2)),
        version: 3,
        source: Some(source()),
    }
}

pub(super) fn label() -> Label {
    Label {
        id: LabelId::from_uuid(uuid(6)),
        name: "bug".into(),
        color: "#d73a4a".into(),
        description: Some("Something is broken".into()),
        team: Some(TeamId::from_uuid(uuid(2))),
        created_at: at(0),
        updated_at: at(1),
        deleted_at: Some(at(2)),
        version: 2,
    }
}

pub(super) fn member() -> Member {
    Member {
        id: MemberId::from_uuid(uuid(4)),
        email: Some("ana@example.com".into()),
        name: "Ana".into(),
        role: Role::SuperAdmin,
        status: MemberStatus::Suspended,
        created_at: at(0),
        updated_at: at(1),
        version: 2,
        access_version: 3,
        source: Some("github:ana".into()),
        kind: MemberKind::Service,
        locale: Some("de-CH".into()),
        time_zone: Some("Europe/Zurich".into()),
        suspended_by: None,
    }
}

pub(super) fn team() -> Team {
    Team {
        id: TeamId::from_uuid(uuid(2)),
        key: "ENG".into(),
        name: "Engineering".into(),
        description: Some("Builds it".into()),
        workflow: WorkflowId::from_uuid(uuid(10)),
        former_keys: vec!["DEV".into()],
        created_at: at(0),
        updated_at: at(1),
        archived_at: Some(at(2)),
        version: 2,
        private: true,
        members: vec![TeamMember { member: MemberId::from_uuid(uuid(4)), role: TeamRole::Lead }],
        by_kind: vec![KindWorkflow { kind: IssueKind::Bug, workflow: WorkflowId::from_uuid(uuid(20)) }],
    }
}

fn state(n: u8, name: &str, category: StateCategory) -> WorkflowState {
    WorkflowState {
        id: StateId::from_uuid(uuid(n)),
        name: name.into(),
        category,
        color: "#5e6ad2".into(),
        key: Some(name.to_lowercase()),
        wip_limit: Some(5),
    }
}

/// A move with every rule that there is, and one without any.
fn transitions() -> Vec<WorkflowTransition> {
    let (open, closed) = (StateId::from_uuid(uuid(11)), StateId::from_uuid(uuid(3)));
    let (member, label) = (MemberId::from_uuid(uuid(4)), LabelId::from_uuid(uuid(6)));
    let ruled = WorkflowTransition {
        name: Some("Finish".into()),
        guards: vec![
            Guard::Role(vec![Role::User, Role::Admin, Role::SuperAdmin]),
            Guard::Actor(vec![Party::Assignee, Party::Creator]),
            Guard::Fields(RequiredField::ALL.to_vec()),
            Guard::NoOpenBlockers,
            Guard::NoOpenChildren,
            Guard::TimeInState { at_least_ms: 60_000 },
        ],
        effects: vec![
            Effect::Priority(Priority::Low),
            Effect::Estimate(Some(3)),
            Effect::Estimate(None),
            Effect::DueIn(Some(7)),
            Effect::DueIn(None),
            Effect::Assign(Assignee::Actor),
            Effect::Assign(Assignee::Creator),
            Effect::Assign(Assignee::Member(member)),
            Effect::AddLabel(label),
            Effect::RemoveLabel(label),
            Effect::Comment("Done".into()),
        ],
        approvals: Some(ApprovalRule { count: 2, roles: vec![Role::Admin] }),
        ..WorkflowTransition::plain(Some(open), closed)
    };
    vec![ruled, WorkflowTransition::plain(None, open)]
}

pub(super) fn workflow() -> Workflow {
    Workflow {
        id: WorkflowId::from_uuid(uuid(10)),
        name: "Default".into(),
        mode: WorkflowMode::Strict,
        states: vec![
            state(11, "Open", StateCategory::Unstarted),
            state(3, "Closed", StateCategory::Completed),
        ],
        initial: StateId::from_uuid(uuid(11)),
        transitions: transitions(),
        created_at: at(0),
        updated_at: at(1),
        version: 2,
        published: Some(WorkflowVersionId::from_uuid(uuid(21))),
        retired: vec![state(22, "Waiting", StateCategory::Started)],
        migration: Some(Box::new(Migration {
            map: vec![StateMapping { from: StateId::from_uuid(uuid(22)), to: StateId::from_uuid(uuid(11)) }],
            total: 3,
            by: Some(MemberId::from_uuid(uuid(4))),
            started_at: at(1),
            key: None,
            operator: None,
        })),
    }
}

pub(super) fn workflow_version() -> WorkflowVersion {
    let of = workflow();
    WorkflowVersion {
        id: WorkflowVersionId::from_uuid(uuid(21)),
        workflow: of.id,
        number: 2,
        status: VersionStatus::Published,
        states: of.states,
        initial: of.initial,
        transitions: of.transitions,
        created_at: at(0),
        updated_at: at(1),
        version: 3,
        published_at: Some(at(1)),
        published_by: Some(MemberId::from_uuid(uuid(4))),
    }
}

pub(super) fn view() -> SavedView {
    SavedView {
        id: ViewId::from_uuid(uuid(19)),
        name: "Due soon".into(),
        description: Some("What is due".into()),
        owner: MemberId::from_uuid(uuid(4)),
        team: Some(TeamId::from_uuid(uuid(2))),
        shared: true,
        filter: Filter::All(vec![
            Test::Assignees(Many::Some(vec![MemberTest::Me(true)])).into(),
            Filter::Not(Box::new(Test::Category(Compare::In(vec![StateCategory::Completed])).into())),
        ]),
        sort: vec![Sort { key: SortKey::Due, descending: true, nulls_first: true }],
        group_by: Some(GroupBy::State),
        sub_group_by: Some(GroupBy::Assignee),
        show_empty_groups: true,
        layout: Layout::Board,
        columns: vec!["title".into(), "dueDate".into()],
        created_at: at(0),
        updated_at: at(1),
        deleted_at: Some(at(2)),
        version: 3,
    }
}

pub(super) fn favorites() -> Favorites {
    Favorites { member: MemberId::from_uuid(uuid(4)), views: vec![ViewId::from_uuid(uuid(19))] }
}

pub(super) fn agreements() -> Vec<EntitlementOverride> {
    use EntitlementKey::{Integrations, Issues, Users, WhiteLabel};
    let agreed = |key, value, until| EntitlementOverride { key, value, until };
    let slack = EntitlementValue::Words(vec!["slack".into()]);
    vec![
        agreed(Issues, EntitlementValue::Unlimited, None),
        agreed(WhiteLabel, EntitlementValue::Flag(true), None),
        agreed(Integrations, slack, Some(at(7))),
        agreed(Users, EntitlementValue::Count(40), Some(at(8))),
    ]
}

pub(super) fn key() -> ApiKeyRecord {
    ApiKeyRecord {
        id: ApiKeyId::from_uuid(uuid(12)),
        holder: Holder::Member {
            tenant: TenantId::from_uuid(uuid(13)),
            member: MemberId::from_uuid(uuid(4)),
        },
        name: "nightly".into(),
        shown: "iss_live_…abc123".into(),
        hash: SecretHash::of(b"secret"),
        created_ms: at(0).millis(),
        expires_ms: Some(at(9).millis()),
        revoked_ms: Some(at(8).millis()),
        last_used_ms: Some(at(7).millis()),
        scope: Some(KeyScope::Write),
        networks: Some(vec!["10.0.0.0/8".parse().unwrap()]),
    }
}

pub(super) fn family() -> RefreshFamily {
    RefreshFamily {
        session: SessionId::from_uuid(uuid(14)),
        holder: Holder::Root { root: RootId::from_uuid(uuid(15)) },
        created_ms: at(0).millis(),
        expires_ms: at(9).millis(),
        proof: SecretHash::of(b"proof"),
        live: vec![SecretHash::of(b"live")],
        previous: Some(Spent { hash: SecretHash::of(b"spent"), at_ms: at(1).millis() }),
        client: ClientFingerprint::of("a browser"),
        revoked_ms: Some(at(2).millis()),
    }
}

/// The record of an event, as the log keeps it.
pub(super) fn logged(actor: Actor, subject: Subject, body: EventBody) -> LogRecord {
    let event = Event {
        seq: Seq(1),
        at: at(0),
        recorded_at: at(1),
        actor,
        origin: Origin::Import,
        request: uuid(16),
        subject,
        previous: Some(Seq(0)),
        updated_before: Some(at(0)),
        amended: Vec::new(),
        body: Some(body),
    };
    LogRecord::of(&event, &GENESIS, [17; 16]).unwrap()
}

/// Every change an issue can have.
pub(super) fn changes() -> Vec<IssueChange> {
    fn both<T>(from: T, to: T) -> Change<T> {
        Change { from, to }
    }
    let (member, label) = (MemberId::from_uuid(uuid(4)), LabelId::from_uuid(uuid(6)));
    vec![
        IssueChange::Title(both("Old".into(), "New".into())),
        IssueChange::Description { to: Some("Text".into()), bytes_before: Some(3) },
        IssueChange::Kind(both(IssueKind::Task, IssueKind::Epic)),
        IssueChange::State {
            state: both(StateId::from_uuid(uuid(11)), StateId::from_uuid(uuid(3))),
            category: both(StateCategory::Unstarted, StateCategory::Completed),
            before: Some(Box::new(issue().dates())),
        },
        IssueChange::Resolution(both(None, Some(Resolution::Done))),
        IssueChange::Priority(both(Priority::None, Priority::Low)),
        IssueChange::Assignees(both(vec![], vec![member])),
        IssueChange::Labels(both(vec![label], vec![])),
        IssueChange::Parent(both(None, Some(IssueId::from_uuid(uuid(7))))),
        IssueChange::Estimate(both(Some(1), Some(2))),
        IssueChange::StartDate(both(None, Some(date("2026-01-31")))),
        IssueChange::DueDate(both(Some(date("2026-02-28")), None)),
        IssueChange::Rank(both("a".into(), "b".into())),
        IssueChange::Archived(both(None, Some(at(1)))),
        IssueChange::Deleted(both(Some(at(2)), None)),
        IssueChange::Relations(both(
            vec![],
            vec![Relation { kind: RelationKind::Duplicates, to: IssueId::from_uuid(uuid(7)) }],
        )),
        IssueChange::Referenced {
            by: IssueId::from_uuid(uuid(7)),
            kind: RelationKind::Precedes,
            added: true,
        },
        IssueChange::Confidential(both(None, issue().confidential)),
        IssueChange::Flow {
            workflow: both(WorkflowId::from_uuid(uuid(10)), WorkflowId::from_uuid(uuid(20))),
            version: both(None, Some(WorkflowVersionId::from_uuid(uuid(21)))),
        },
        IssueChange::Approval(both(None, Some(Box::new(approval())))),
    ]
}
