//! What is offered where, and which names are unknown.

use super::super::{CompletionKind, NameKind, complete, names_unknown, parse};
use crate::directory::{Directory, DirectoryRow};
use crate::id::{LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::limits::Limits;
use crate::model::{
    Label, Member, MemberStatus, Role, StateCategory, Team, Workflow, WorkflowMode, WorkflowState,
};
use crate::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_millis(0);

fn member(number: u128, name: &str, status: MemberStatus) -> DirectoryRow {
    DirectoryRow::Member(Arc::new(Member {
        id: MemberId::from_uuid(Uuid::from_u128(number)),
        email: Some(format!("m{number}@example.com")),
        name: name.to_owned(),
        role: Role::User,
        status,
        created_at: AT,
        updated_at: AT,
        version: 1,
        access_version: 0,
        source: None,
        kind: crate::model::MemberKind::Person,
        locale: None,
        time_zone: None,
        suspended_by: None,
    }))
}

fn label(number: u128, name: &str, deleted: bool) -> DirectoryRow {
    DirectoryRow::Label(Arc::new(Label {
        id: LabelId::from_uuid(Uuid::from_u128(number)),
        name: name.to_owned(),
        color: "#000000".to_owned(),
        description: None,
        team: None,
        created_at: AT,
        updated_at: AT,
        deleted_at: deleted.then_some(AT),
        version: 1,
    }))
}

fn directory() -> Directory {
    let state = |number, name: &str, category| WorkflowState {
        id: StateId::from_uuid(Uuid::from_u128(number)),
        name: name.to_owned(),
        category,
        color: "#000000".to_owned(),
        key: None,
        wip_limit: None,
    };
    let workflow = WorkflowId::from_uuid(Uuid::from_u128(1));
    let rows = [
        DirectoryRow::Workflow(Arc::new(Workflow {
            id: workflow,
            name: "usual".to_owned(),
            mode: WorkflowMode::Open,
            states: vec![
                state(1, "Todo", StateCategory::Unstarted),
                state(2, "In progress", StateCategory::Started),
                state(3, "Done", StateCategory::Completed),
            ],
            initial: StateId::from_uuid(Uuid::from_u128(1)),
            transitions: vec![],
            created_at: AT,
            updated_at: AT,
            version: 1,
            published: None,
            retired: vec![],
            migration: None,
        })),
        DirectoryRow::Team(Arc::new(Team {
            id: TeamId::from_uuid(Uuid::from_u128(1)),
            key: "ENG".to_owned(),
            name: "Engineering".to_owned(),
            description: None,
            workflow,
            former_keys: vec!["DEV".to_owned()],
            created_at: AT,
            updated_at: AT,
            archived_at: None,
            version: 1,
            private: false,
            members: Vec::new(),
            by_kind: vec![],
        })),
        member(1, "Ana Ortiz", MemberStatus::Active),
        member(2, "Zoë", MemberStatus::Active),
        member(3, "Aaron", MemberStatus::Removed),
        label(1, "bug", false),
        label(2, "Büro", false),
        label(3, "debug", false),
        label(4, "old", true),
    ];
    let mut directory = Directory::default();
    rows.into_iter().for_each(|row| directory.apply(row));
    directory
}

/// The texts that come of the first completions at the `|` of a text.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let at = text.find('|').unwrap();
    let text = text.replace('|', "");
    let me = MemberId::from_uuid(Uuid::from_u128(1));
    let made: Vec<String> = complete(&text, at, &directory(), Some(me))
        .iter()
        .map(|c| format!("{}{}{}", &text[..c.start], c.insert, &text[c.end..]))
        .collect();
    assert_eq!(
        made.iter().take(expected.len()).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>(),
        "{made:?}"
    );
    if expected.is_empty() {
        assert_eq!(made, [""; 0]);
    }
}

#[test]
fn fields_are_offered_where_a_test_begins() {
    check("|", &["state:", "category:", "is:", "assignee:"]);
    check("x pri|", &["x priority:"]);
    check("x -lab|", &["x -label:", "x -labels:"]);
    check("(crea|)", &["(creator:)", "(created:)"]);
    check(
        "author|",
        &["author:", "author!=", "author~", "author^=", "author$=", "author.email:", "creator:"],
    );
    check("priority|", &["priority:", "priority>", "priority>="]);
    check("a AN|", &["a AND"]);
    check("blocked|", &["blockedby:"]);
    check("pri|or>=high", &["priority:high"]);
}

#[test]
fn values_are_offered_by_field() {
    check("state:|", &["state:Done", "state:\"In progress\"", "state:Todo"]);
    check("state:in|", &["state:\"In progress\""]);
    check("state:\"in p|", &["state:\"In progress\""]);
    check("state:\"in p|\" x", &["state:\"In progress\" x"]);
    check("state:done,t|", &["state:done,Todo"]);
    check("state:d|xyz label:a", &["state:Done label:a"]);
    check(
        "assignee:|",
        &["assignee:me", "assignee:\"Ana Ortiz\"", "assignee:Zoë", "assignee:Aaron", "assignee:none"],
    );
    check("assignee:zoe|", &["assignee:Zoë"]);
    check("assignee:ort|", &["assignee:me", "assignee:\"Ana Ortiz\""]);
    check("label:bu|", &["label:bug", "label:Büro", "label:debug"]);
    check("label:old|", &[]);
    check("team:engi|", &["team:ENG"]);
    check("priority>=|", &["priority>=none", "priority>=low"]);
    check("created>|", &["created>today", "created>yesterday"]);
    check("due:today..to|", &["due:today..today", "due:today..tomorrow"]);
    check("is:o|", &["is:open", "is:overdue"]);
    check("sort:-up|", &["sort:-updated"]);
    check("sort:due,|", &["sort:due,created"]);
    check("priority:in(high, l|", &["priority:in(high, low"]);
    check("number:|", &[]);
    check("participant:|", &["participant:me", "participant:\"Ana Ortiz\""]);
    check("workflow:|", &["workflow:usual"]);
    check("approval:d|", &["approval:Done"]);
    check("confidential:|", &["confidential:yes", "confidential:no"]);
    check("is:aw|", &["is:awaiting-approval"]);
    check("\"state:|", &[]);
}

#[test]
fn what_is_inside_parentheses_has_its_own_fields() {
    check("comments:(|", &["comments:(author:", "comments:(created:"]);
    check("comments:(author:m|", &["comments:(author:me"]);
    check(
        "assignee:every(|",
        &["assignee:every(name:", "assignee:every(email:", "assignee:every(id:", "assignee:every(me:"],
    );
    check("assignee:(name:an|", &["assignee:(name:\"Ana Ortiz\""]);
    check("participant:(name:an|", &["participant:(name:\"Ana Ortiz\""]);
    check("approval:every(na|", &["approval:every(name:"]);
    check("approval:every(name:d|", &["approval:every(name:Done"]);
    check("blockedby:(state:t|", &["blockedby:(state:Todo"]);
    check("was:|", &["was:state=", "was:category="]);
    check("was:state=t|", &["was:state=Todo"]);
    check("changed:(|", &["changed:(state"]);
    check("changed:(state |", &["changed:(state from:", "changed:(state to:"]);
    check("changed:(state from:t|", &["changed:(state from:Todo"]);
    check("changed:(state by:m|", &["changed:(state by:me"]);
    check("(a) lab|", &["(a) label:"]);
}

#[test]
fn a_field_says_what_it_is_for() {
    let found = complete("prio", 4, &directory(), None);
    assert_eq!((found[0].kind, found[0].detail.as_str()), (CompletionKind::Field, "How pressing it is."));
    assert!(complete("", 0, &directory(), None).len() == 20);
    assert_eq!(complete("é", 1, &directory(), None)[0].start, 0, "inside of a letter is before it");
    assert_eq!(complete("x", 99, &directory(), None), complete("x", 1, &directory(), None));
}

#[test]
fn names_that_nothing_has_are_told_with_their_places() {
    let text = "state:doen,DONE assignee:\"ana ortiz\" (label:bugg OR label:OLD) team:eng OPS-1 DEV-2 changed:(state to:x by:nobody)";
    let query = parse(text, &Limits::default()).unwrap();
    let unknown = query.names_unknown(&directory());
    let told: Vec<_> =
        unknown.iter().map(|u| (u.kind, u.name.as_str(), u.place.clone().map(|p| &text[p]))).collect();
    assert_eq!(
        told,
        [
            (NameKind::State, "doen", Some("doen")),
            (NameKind::Label, "bugg", Some("bugg")),
            (NameKind::TeamKey, "OPS", None),
            (NameKind::State, "x", Some("x")),
            (NameKind::Member, "nobody", Some("nobody")),
        ]
    );
    assert_eq!(unknown[0].suggestions, ["Done"]);
    let of_tree = names_unknown(&query.filter, &directory());
    assert_eq!(of_tree.len(), unknown.len());
    assert!(of_tree.iter().all(|name| name.place.is_none()));
}

#[test]
fn a_part_of_a_name_is_known_when_some_name_has_it() {
    let unknown = |text: &str| parse(text, &Limits::default()).unwrap().names_unknown(&directory()).len();
    assert_eq!(unknown("state~prog assignee^=ana assignee.email$=@example.com"), 0);
    assert_eq!(unknown("state==done state~xyz assignee!=ghost"), 3);
    assert_eq!(unknown("workflow:usual approval:done participant:zoe"), 0);
    assert_eq!(unknown("workflow:odd approval:doen participant:ghost"), 3);
    let (only, other) = (WorkflowVersionId::from_uuid(Uuid::from_u128(1)), WorkflowVersionId::generate());
    assert_eq!(unknown(&format!("workflowversion:{only},{other}")), 1);
    let id = |number| StateId::from_uuid(Uuid::from_u128(number));
    assert_eq!(unknown(&format!("state:{} state:st_zzz state.id:{}", id(1), id(9))), 2);
}
