//! A small company for the tests: ids, names, and who asks when.

use crate::directory::{Directory, DirectoryRow};
use crate::filter::Asking;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{
    Issue, IssueKind, Label, Member, MemberStatus, Priority, Role, Seq, StateCategory, Team, Workflow,
    WorkflowMode, WorkflowState, WorkflowVersion,
};
use crate::time::Timestamp;
use jiff::tz::{Offset, TimeZone};
use std::sync::Arc;
use uuid::Uuid;

/// Issues that a change may be about.
pub(super) const SLOTS: usize = 160;

/// Milliseconds of an hour: instants of the tests are whole hours.
pub(super) const HOUR: i64 = 3_600_000;

/// The hour at which filters are asked.
pub(super) const NOW: i64 = 100;

/// Names of members, labels, states and teams, and what they are tested with.
pub(super) const NAMES: &[&str] = &["Ada", "ada", "Émile", "Bo", "bug", "Bug", "In Review", "Done", "WEB"];

/// A number spread over all 128 bits, so that ids do not sort as they are counted.
fn uuid(n: usize) -> Uuid {
    Uuid::from_u128((n as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

pub(super) fn issue_id(slot: usize) -> IssueId {
    IssueId::from_uuid(uuid(slot))
}

pub(super) fn team(slot: usize) -> TeamId {
    TeamId::from_uuid(uuid(1000 + slot % 3))
}

/// The last is unknown to the directory.
pub(super) fn members() -> Vec<MemberId> {
    (0..5).map(|n| MemberId::from_uuid(uuid(2000 + n))).collect()
}

/// The last is unknown to the directory.
pub(super) fn labels() -> Vec<LabelId> {
    (0..5).map(|n| LabelId::from_uuid(uuid(3000 + n))).collect()
}

/// The last is unknown to the directory.
pub(super) fn states() -> Vec<StateId> {
    (0..6).map(|n| StateId::from_uuid(uuid(4000 + n))).collect()
}

/// The last is unknown to the directory.
pub(super) fn workflows() -> Vec<WorkflowId> {
    (0..3).map(workflow).collect()
}

fn workflow(n: usize) -> WorkflowId {
    WorkflowId::from_uuid(uuid(5000 + n))
}

/// The first of a workflow, the only one of another, one that was published later, and one that is unknown to the directory.
pub(super) fn versions() -> Vec<WorkflowVersionId> {
    let first = |n: usize| WorkflowVersionId::first_of(workflow(n));
    let later = |n: usize| WorkflowVersionId::from_uuid(uuid(6000 + n));
    vec![first(0), first(1), later(0), later(1)]
}

/// Keys that teams have or had, and one that none has.
pub(super) const KEYS: &[&str] = &["ENG", "OPS", "WEB", "OLD", "NONE"];

/// Four members, one of them without an address, four labels, two workflows, three teams.
pub(super) fn directory() -> Directory {
    let (mut directory, at) = (Directory::default(), Timestamp::from_millis(0));
    let state = |n: usize, name: &str, category| WorkflowState {
        id: states()[n],
        name: name.to_owned(),
        category,
        color: "#000000".to_owned(),
        key: None,
        wip_limit: None,
    };
    let workflows = [
        vec![
            state(3, "bug", StateCategory::Triage),
            state(0, "Done", StateCategory::Completed),
            state(1, "In Review", StateCategory::Started),
        ],
        vec![state(2, "done", StateCategory::Completed), state(4, "Later", StateCategory::Backlog)],
    ];
    for (n, states) in workflows.into_iter().enumerate() {
        let workflow = Workflow {
            id: workflow(n),
            name: format!("workflow {n}"),
            mode: WorkflowMode::Open,
            initial: states[0].id,
            states,
            transitions: Vec::new(),
            created_at: at,
            updated_at: at,
            version: 1,
            published: (n == 0).then(|| versions()[2]),
            retired: Vec::new(),
            migration: None,
        };
        let first = WorkflowVersion::first(&workflow);
        // The second workflow has one version, which needs no row.
        if n == 0 {
            let later = WorkflowVersion { id: versions()[2], number: 2, ..first.clone() };
            directory.apply(DirectoryRow::WorkflowVersion(Arc::new(first)));
            directory.apply(DirectoryRow::WorkflowVersion(Arc::new(later)));
        }
        directory.apply(DirectoryRow::Workflow(Arc::new(workflow)));
    }
    for (n, name) in ["Ada", "ada", "Émile", "Bo"].into_iter().enumerate() {
        directory.apply(DirectoryRow::Member(Arc::new(Member {
            email: (n != 2).then(|| format!("{}{n}@web.example", name.to_lowercase())),
            status: if n == 3 { MemberStatus::Suspended } else { MemberStatus::Active },
            ..Member::new(members()[n], name.to_owned(), Role::User, at)
        })));
    }
    for (n, name) in ["bug", "Bug", "web", "Bo"].into_iter().enumerate() {
        directory.apply(DirectoryRow::Label(Arc::new(Label {
            id: labels()[n],
            name: name.to_owned(),
            color: "#000000".to_owned(),
            description: None,
            team: (n == 1).then(|| team(1)),
            created_at: at,
            updated_at: at,
            deleted_at: (n == 3).then_some(at),
            version: 1,
        })));
    }
    for (n, key) in ["ENG", "OPS", "WEB"].into_iter().enumerate() {
        directory.apply(DirectoryRow::Team(Arc::new(Team {
            id: team(n),
            key: key.to_owned(),
            name: ["Émile", "Done", "ada"][n].to_owned(),
            description: None,
            workflow: workflow(n % 2),
            former_keys: (n == 1).then(|| "OLD".to_owned()).into_iter().collect(),
            created_at: at,
            updated_at: at,
            archived_at: (n == 2).then_some(at),
            version: 1,
            private: false,
            members: Vec::new(),
            by_kind: Vec::new(),
        })));
    }
    directory
}

/// The second member asks, or a program, in a zone where the day is another.
pub(super) fn asking(me: bool) -> Asking {
    Asking {
        now: Timestamp::from_millis(NOW * HOUR),
        me: me.then(|| members()[1]),
        zone: TimeZone::fixed(Offset::constant(-9)),
    }
}

/// An issue with nothing special about it.
pub(super) fn plain(slot: usize) -> Issue {
    let at = Timestamp::from_millis(0);
    Issue {
        id: issue_id(slot),
        team: team(slot),
        number: slot as u32 + 1,
        title: "a title".to_owned(),
        kind: IssueKind::Task,
        state: states()[0],
        category: StateCategory::Backlog,
        priority: Priority::None,
        assignees: Vec::new(),
        creator: members()[0],
        labels: Vec::new(),
        parent: None,
        estimate: None,
        start_date: None,
        due_date: None,
        rank: String::new(),
        resolution: None,
        created_at: at,
        updated_at: at,
        triaged_at: None,
        started_at: None,
        completed_at: None,
        canceled_at: None,
        archived_at: None,
        deleted_at: None,
        reopen_count: 0,
        comment_count: 0,
        version: 1,
        last_event: Seq(1),
        source: None,
        description_bytes: 0,
        description: None,
        relations: Vec::new(),
        past: Default::default(),
        commenters: Vec::new(),
        state_since: None,
        confidential: None,
        workflow_version: None,
        approvals: Vec::new(),
    }
}
