//! Golden files: one sample of every stored type, as the bytes that this and every later version must open.
//!
//! A sample that encodes differently means that data folders out there hold something else than this program writes:
//! give the old bytes a file of their own that must still decode, and only then bless the new ones.

use super::*;
use crate::event::{Actor, Change, Event, EventBody, IssueChange, Origin};
use crate::filter::{Compare, Filter, GroupBy, Many, MemberTest, Sort, SortKey, Test};
use crate::id::StateId;
use crate::identity::refresh_token::Spent;
use crate::identity::{ClientFingerprint, Holder, SecretHash};
use crate::log::{GENESIS, LogRecord};
use crate::model::{
    Commenter, IssueKind, IssueSource, MemberStatus, Past, Placement, Priority, Relation, RelationKind,
    Resolution, Role, SearchLanguage, StateCategory, TenantStatus, Tier, WorkflowMode, WorkflowState,
    WorkflowTransition,
};
use crate::saved_view::Layout;
use crate::storage::{decode, encode};
use crate::time::CalendarDate;
use std::path::Path;
use uuid::Uuid;

/// Set to `1` to write the files anew; then read the difference.
const BLESS: &str = "MORTISE_BLESS";

/// Compares a sample with its file, both ways.
#[track_caller]
fn check<R: Record>(name: &str, sample: &R) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rows/golden").join(name).with_extension("bin");
    let bytes = encode(sample).unwrap();
    if std::env::var_os(BLESS).is_some_and(|set| set == "1") {
        std::fs::write(&path, &bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(bytes, golden, "{name} is stored in another form than before");
    // What is opened encodes to the same again: so every field was understood.
    assert_eq!(encode(&decode::<R>(&golden).unwrap()).unwrap(), golden, "{name} does not read back whole");
}

fn uuid(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

fn at(minute: i64) -> Timestamp {
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

fn issue() -> Issue {
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
    }
}

fn comment() -> Comment {
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

fn label() -> Label {
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

fn member() -> Member {
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
    }
}

fn team() -> Team {
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
    }
}

fn workflow() -> Workflow {
    let state = |n, name: &str, category| WorkflowState {
        id: StateId::from_uuid(uuid(n)),
        name: name.into(),
        category,
        color: "#5e6ad2".into(),
    };
    let step = |from: Option<u8>, to| WorkflowTransition {
        from: from.map(|n| StateId::from_uuid(uuid(n))),
        to: StateId::from_uuid(uuid(to)),
    };
    Workflow {
        id: WorkflowId::from_uuid(uuid(10)),
        name: "Default".into(),
        mode: WorkflowMode::Strict,
        states: vec![
            state(11, "Open", StateCategory::Unstarted),
            state(3, "Closed", StateCategory::Completed),
        ],
        initial: StateId::from_uuid(uuid(11)),
        transitions: vec![step(Some(11), 3), step(None, 11)],
        created_at: at(0),
        updated_at: at(1),
        version: 2,
    }
}

fn view() -> SavedView {
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

fn favorites() -> Favorites {
    Favorites { member: MemberId::from_uuid(uuid(4)), views: vec![ViewId::from_uuid(uuid(19))] }
}

fn key() -> ApiKeyRecord {
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
    }
}

fn family() -> RefreshFamily {
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
fn logged(actor: Actor, subject: Subject, body: EventBody) -> LogRecord {
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
        body: Some(body),
    };
    LogRecord::of(&event, &GENESIS, [17; 16]).unwrap()
}

/// Every change an issue can have.
fn changes() -> Vec<IssueChange> {
    fn both<T>(from: T, to: T) -> Change<T> {
        Change { from, to }
    }
    let (member, label) = (MemberId::from_uuid(uuid(4)), LabelId::from_uuid(uuid(6)));
    vec![
        IssueChange::Title(both("Old".into(), "New".into())),
        IssueChange::Description { to: Some("Text".into()) },
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
    ]
}

#[test]
fn rows_are_stored_as_ever() {
    check("issue", &issue());
    check("comment", &comment());
    check("label", &label());
    check("member", &member());
    check("team", &team());
    check("workflow", &workflow());
    check("view", &view());
    check("favorites", &favorites());
    check("long_text", &LongText { text: "Long".into() });
    check("comment_place", &CommentPlace { issue: IssueId::from_uuid(uuid(1)) });
    check("follower_cursor", &FollowerCursor { seq: Seq(41) });
}

#[test]
fn what_is_kept_about_people_and_companies_is_stored_as_ever() {
    check(
        "password",
        &PasswordRow { phc: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(), set_at: None },
    );
    check("api_key", &ApiKeyRow { record: key() });
    check("session", &SessionRow { family: family() });
    let tenant = Tenant {
        id: TenantId::from_uuid(uuid(13)),
        slug: "acme".into(),
        name: "Acme".into(),
        tier: Tier::Platinum,
        status: TenantStatus::Suspended,
        placement: Placement::Shard(3),
        created_at: at(0),
        updated_at: at(1),
        version: 2,
        language: Some(SearchLanguage::German),
        time_zone: Some("Europe/Berlin".into()),
    };
    check("tenant_in_a_shard", &tenant);
    check("tenant_of_its_own", &Tenant { placement: Placement::Dedicated, ..tenant });
    let root = RootOperator {
        id: RootId::from_uuid(uuid(15)),
        email: "root@example.com".into(),
        name: "Root".into(),
        password: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(),
        created_at: at(0),
    };
    check("root_operator", &root);
    let answered = IdempotencyRecord {
        input: [18; 32].into(),
        seq: Seq(41),
        subjects: vec![Subject::Issue(IssueId::from_uuid(uuid(1))), Subject::Tenant],
        errors: vec![UserError {
            code: "NOT_FOUND".into(),
            message: "issue ENG-2 was not found".into(),
            field: Some("ids".into()),
            index: Some(1),
        }],
        at: at(0),
    };
    check("idempotency", &answered);
}

#[test]
fn events_are_stored_as_ever() {
    let member_id = MemberId::from_uuid(uuid(4));
    let (by, key_id) = (Actor::Member(member_id), ApiKeyId::from_uuid(uuid(12)));
    let (of_issue, of_key) = (Subject::Issue(IssueId::from_uuid(uuid(1))), Subject::Key(key_id));
    let events = [
        (
            "tenant_created",
            Actor::System,
            Subject::Tenant,
            EventBody::TenantCreated { name: "Acme".into(), tier: Tier::Premium },
        ),
        (
            "issue_created",
            by,
            of_issue,
            EventBody::IssueCreated {
                issue: Box::new(issue()),
                description: Some("It says *no entry*".into()),
            },
        ),
        (
            "issue_updated",
            Actor::Key(key_id, member_id),
            of_issue,
            EventBody::IssueUpdated { changes: changes() },
        ),
        ("comment_created", by, of_issue, EventBody::CommentCreated { comment: Box::new(comment()) }),
        (
            "comment_edited",
            by,
            of_issue,
            EventBody::CommentEdited { comment: CommentId::from_uuid(uuid(8)), body: "Gone".into() },
        ),
        (
            "comment_deleted",
            by,
            of_issue,
            EventBody::CommentDeleted {
                comment: CommentId::from_uuid(uuid(8)),
                author: Some(MemberId::from_uuid(uuid(4))),
            },
        ),
        (
            "label_saved",
            by,
            Subject::Label(LabelId::from_uuid(uuid(6))),
            EventBody::LabelSaved { before: Some(Box::new(label())), after: Box::new(label()) },
        ),
        (
            "member_saved",
            by,
            Subject::Member(member_id),
            EventBody::MemberSaved { before: Some(Box::new(member())), after: Box::new(member()) },
        ),
        (
            "team_saved",
            by,
            Subject::Team(TeamId::from_uuid(uuid(2))),
            EventBody::TeamSaved { before: None, after: Box::new(team()) },
        ),
        (
            "workflow_saved",
            by,
            Subject::Workflow(WorkflowId::from_uuid(uuid(10))),
            EventBody::WorkflowSaved { before: None, after: Box::new(workflow()) },
        ),
        (
            "key_created",
            Actor::Root(RootId::from_uuid(uuid(15))),
            of_key,
            EventBody::KeyCreated { member: member_id, name: "nightly".into(), expires_at: Some(at(9)) },
        ),
        ("key_revoked", by, of_key, EventBody::KeyRevoked { member: member_id }),
        (
            "view_saved",
            by,
            Subject::View(view().id),
            EventBody::ViewSaved { before: Some(Box::new(view())), after: Box::new(view()) },
        ),
        (
            "favorites_saved",
            by,
            Subject::Member(member_id),
            EventBody::FavoritesSaved { before: Some(favorites()), after: favorites() },
        ),
    ];
    for (name, actor, subject, body) in events {
        check(&format!("event_{name}"), &logged(actor, subject, body));
    }
}

/// The bytes of the files in a folder beside the golden ones, by name.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rows").join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "bin"));
    files
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

#[track_caller]
fn understood(name: &str, bytes: &[u8]) -> EventBody {
    let record: LogRecord = decode(bytes).unwrap();
    let event = record.event().unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(record.verify(event.seq, &GENESIS), Ok(()), "{name}");
    event.body.unwrap()
}

/// The log keeps an event's body as bytes inside the record: they must decode too, not only read back as bytes.
#[test]
fn every_golden_event_can_be_understood() {
    for (name, bytes) in files("golden").iter().filter(|(name, _)| name.starts_with("event_")) {
        understood(name, bytes);
    }
}

/// What was stored before rows got new fields: these lack the newer ones, and say the same as ever.
#[test]
fn every_former_form_can_be_understood() {
    let before_relations = Issue {
        relations: Vec::new(),
        past: Past::default(),
        commenters: Vec::new(),
        state_since: None,
        ..issue()
    };
    let mut seen = 0;
    for (name, bytes) in files("golden/former") {
        seen += 1;
        match name.as_str() {
            "issue" => assert_eq!(decode::<Issue>(&bytes).unwrap(), before_relations),
            "tenant_in_a_shard" | "tenant_of_its_own" => {
                let tenant: Tenant = decode(&bytes).unwrap();
                assert_eq!((tenant.slug.as_str(), tenant.language, tenant.time_zone), ("acme", None, None));
            }
            "event_issue_created" => {
                let EventBody::IssueCreated { issue, .. } = understood(&name, &bytes) else { panic!() };
                assert_eq!(*issue, before_relations);
            }
            "event_issue_updated" => {
                let EventBody::IssueUpdated { changes } = understood(&name, &bytes) else { panic!() };
                let of_state =
                    |change: &IssueChange| matches!(change, IssueChange::State { before: None, .. });
                assert_eq!((changes.len(), changes.iter().filter(|c| of_state(c)).count()), (15, 1));
            }
            "event_comment_deleted" => {
                let body = understood(&name, &bytes);
                assert!(matches!(body, EventBody::CommentDeleted { author: None, .. }), "{body:?}");
            }
            event => assert!(!understood(event, &bytes).name().is_empty()),
        }
    }
    assert_eq!(seen, 15);
}
