//! Values for tests, with nothing special about them: change what matters by `Issue { title: …, ..issue("ENG-1") }`.

use crate::host::http::Response;
use crate::prelude::{
    Actor, ActorKind, Call, Category, Change, Comment, Commented, Event, InboundRequest, Issue, Kind, Member,
    Priority, Proposal, RunMode, StateRef, Team, Tick, Transition, Updated,
};

const AT: &str = "2026-01-30T12:00:00.000Z";

/// A state; its id is its key.
#[must_use]
pub fn state(key: &str, category: Category) -> StateRef {
    StateRef { id: key.to_owned(), key: key.to_owned(), name: key.replace('_', " "), category }
}

/// An issue with this key, which is its id too: a task of team `ENG`, in a backlog.
#[must_use]
pub fn issue(key: &str) -> Issue {
    Issue {
        id: key.to_owned(),
        key: key.to_owned(),
        revision: "1".to_owned(),
        team: "team_eng".to_owned(),
        team_key: "ENG".to_owned(),
        title: "Login fails".to_owned(),
        description: String::new(),
        description_truncated: false,
        kind: Kind::Task,
        state: state("backlog", Category::Backlog),
        priority: Priority::None,
        estimate: None,
        assignees: Vec::new(),
        creator: "usr_ada".to_owned(),
        labels: Vec::new(),
        parent: None,
        relations: Vec::new(),
        start_date: None,
        due_date: None,
        resolution: None,
        confidential: false,
        comment_count: 0,
        created_at: AT.to_owned(),
        updated_at: AT.to_owned(),
        in_state_since: AT.to_owned(),
        fields: Vec::new(),
    }
}

/// A comment of this member on an issue.
#[must_use]
pub fn comment(issue: &str, author: &str, body: &str) -> Comment {
    Comment {
        id: format!("cmt_{issue}_{}", body.len()),
        issue: issue.to_owned(),
        author: author.to_owned(),
        body: body.to_owned(),
        created_at: AT.to_owned(),
    }
}

/// A member who takes part; their id is `usr_` and the handle.
#[must_use]
pub fn member(handle: &str) -> Member {
    Member {
        id: format!("usr_{handle}"),
        handle: handle.to_owned(),
        display_name: handle.to_owned(),
        active: true,
        teams: vec!["team_eng".to_owned()],
        role: "USER".to_owned(),
    }
}

/// A team with these states.
#[must_use]
pub fn team(key: &str, states: Vec<StateRef>) -> Team {
    Team {
        id: format!("team_{}", key.to_lowercase()),
        key: key.to_owned(),
        name: key.to_owned(),
        states,
        labels: Vec::new(),
    }
}

/// The circumstances of a call that Ada began.
#[must_use]
pub fn call() -> Call {
    Call {
        company: "ten_acme".to_owned(),
        installation: "pin_1".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        invocation: "inv_1".to_owned(),
        attempt: 1,
        mode: RunMode::Live,
        actor: Actor {
            kind: ActorKind::Member,
            id: "usr_ada".to_owned(),
            display_name: "Ada".to_owned(),
            teams: vec!["team_eng".to_owned()],
            role: "USER".to_owned(),
        },
        depth: 0,
        now: super::clock::now(),
        time_zone: "UTC".to_owned(),
    }
}

/// A move between two states.
#[must_use]
pub const fn transition(from: StateRef, to: StateRef) -> Proposal {
    Proposal::Transition(Transition { from, to, changes: Vec::new() })
}

/// A move of an issue to a state `done`.
#[must_use]
pub fn completed(issue: &Issue) -> Proposal {
    transition(issue.state.clone(), state("done", Category::Completed))
}

/// An issue was made.
#[must_use]
pub const fn created(issue: Issue) -> Event {
    Event::Created(issue)
}

/// An issue was changed.
#[must_use]
pub const fn updated(issue: Issue, changes: Vec<Change>) -> Event {
    Event::Updated(Updated { issue, changes })
}

/// A comment was written.
#[must_use]
pub const fn commented(issue: Issue, comment: Comment) -> Event {
    Event::Commented(Commented { issue, comment })
}

/// A time that the manifest names.
#[must_use]
pub fn tick(schedule: &str) -> Tick {
    Tick { schedule: schedule.to_owned(), due_at: super::clock::now(), missed: 0 }
}

/// A request from outside.
#[must_use]
pub fn inbound(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: Vec::new(),
        headers: headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        body: body.into(),
    }
}

/// An answer from outside.
#[must_use]
pub fn response(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: body.as_bytes().to_vec(), body_truncated: false }
}
