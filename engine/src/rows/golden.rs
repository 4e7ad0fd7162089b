//! Golden files: one sample of every stored type, as the bytes that this and every later version must open.
//!
//! A sample that encodes differently means that data folders out there hold something else than this program writes:
//! give the old bytes a file of their own that must still decode, and only then bless the new ones.

mod branding;
mod former;
mod platform;
mod plugins;
mod samples;
mod security;
mod sign_in;

use super::*;
use crate::error::Exceeded;
use crate::event::{Actor, EventBody};
use crate::log::{GENESIS, LogRecord};
use crate::model::{EntitlementKey, KeyScope, Placement, SearchLanguage, TenantStatus, Tier, Undertaking};
use crate::storage::{decode, encode};
use samples::{
    agreements, at, changes, comment, favorites, issue, key, label, logged, member, team, uuid, view,
    workflow, workflow_version,
};
use sign_in::session;
use std::path::Path;

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

#[test]
fn rows_are_stored_as_ever() {
    check("issue", &issue());
    check("comment", &comment());
    check("label", &label());
    check("member", &member());
    check("team", &team());
    check("workflow", &workflow());
    check("workflow_version", &workflow_version());
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
    check("session", &session());
    let tenant = Tenant {
        name: "Acme".into(),
        status: TenantStatus::Suspended,
        updated_at: at(1),
        version: 2,
        language: Some(SearchLanguage::German),
        time_zone: Some("Europe/Berlin".into()),
        ..Tenant::new(TenantId::from_uuid(uuid(13)), "acme", Tier::Platinum, Placement::Shard(3), at(0))
    };
    check("tenant_in_a_shard", &tenant);
    let own = Some(Box::new(branding::branding()));
    check("tenant_with_branding", &Tenant { branding: own, ..tenant.clone() });
    check("tenant_of_its_own", &Tenant { placement: Placement::Dedicated, ..tenant.clone() });
    let doing = |name, undertaking| check(name, &Tenant { undertaking: Some(undertaking), ..tenant.clone() });
    doing("tenant_being_copied", Undertaking::Copying { to: Placement::Dedicated, due: None });
    doing("tenant_having_moved", Undertaking::Leaving { from: Placement::Shard(0), due: None });
    doing("tenant_being_erased", Undertaking::Erasing { also: None });
    doing("tenant_being_founded", Undertaking::Founding);
    doing("tenant_being_erased_twice", Undertaking::Erasing { also: Some(Placement::Dedicated) });
    doing("tenant_due_and_being_copied", Undertaking::Copying { to: Placement::Dedicated, due: Some(true) });
    doing("tenant_due_and_having_moved", Undertaking::Leaving { from: Placement::Shard(0), due: Some(true) });
    check("tenant_with_agreements", &Tenant { overrides: Some(agreements()), ..tenant });
    check("calls", &CallsRow { day: 20_485, by_key: 150, by_session: 50 });
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
            exceeded: None,
        }],
        at: at(0),
    };
    check("idempotency", &answered);
    let exceeded = Exceeded {
        key: "users".into(),
        limit: 5,
        used: 5,
        resets_at: Some(at(3)),
        upgrade_to: Some("PREMIUM".into()),
    };
    let full =
        answered.errors.iter().map(|error| UserError { exceeded: Some(exceeded.clone()), ..error.clone() });
    check("idempotency_of_a_full_company", &IdempotencyRecord { errors: full.collect(), ..answered.clone() });
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
            EventBody::TenantCreated {
                name: "Acme".into(),
                tier: Tier::Premium,
                tenant: Some(TenantId::from_uuid(uuid(13))),
            },
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
            EventBody::WorkflowSaved { before: None, after: Box::new(workflow()), end: None },
        ),
        (
            "workflow_version_saved",
            by,
            Subject::Workflow(WorkflowId::from_uuid(uuid(10))),
            EventBody::WorkflowVersionSaved { before: None, after: Box::new(workflow_version()) },
        ),
        (
            "key_created",
            Actor::Root(RootId::from_uuid(uuid(15))),
            of_key,
            EventBody::KeyCreated {
                member: member_id,
                name: "nightly".into(),
                expires_at: Some(at(9)),
                scope: Some(KeyScope::Read),
                networks: Some(vec!["2001:db8::/32".parse().unwrap()]),
            },
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
        (
            "tier_changed",
            Actor::System,
            Subject::Tenant,
            EventBody::TierChanged { before: Tier::Premium, after: Tier::Basic },
        ),
        (
            "entitlement_agreed",
            Actor::Root(RootId::from_uuid(uuid(15))),
            Subject::Tenant,
            EventBody::EntitlementAgreed {
                key: EntitlementKey::Users,
                before: agreements().pop(),
                after: agreements().pop(),
            },
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
