//! Whether an installation acts on an event, as far as the event itself says. Whether its member sees the issue, it does not
//! know.

use mortise_engine::event::{Actor, Event, EventBody, IssueChange, Origin, Subject};
use mortise_engine::hooks::PLUGIN_DEPTH_MAX;
use mortise_engine::id::{IssueId, MemberId};
use mortise_engine::model::Installation;

/// What an event is to an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing.
    No,
    /// It acts on it.
    Yes(Cause),
    /// It would, but so many steps of plugins led here that it is taken for a circle.
    Circle(IssueId),
}

/// What a step of a plugin follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The issue that it is about.
    pub(crate) issue: IssueId,
    /// Steps of plugins that led to it.
    pub(crate) depth: u8,
    /// Who began it all.
    pub(crate) behalf: Option<MemberId>,
}

/// What this event is to this installation.
pub(super) fn wanted(installation: &Installation, event: &Event) -> Wanted {
    let (Subject::Issue(issue), Some(body)) = (event.subject, &event.body) else { return Wanted::No };
    if event.origin == Origin::Import || !acts_on(installation, body) {
        return Wanted::No;
    }
    let (depth, behalf) = match event.actor {
        Actor::Plugin(by) if by.installation == installation.id => return Wanted::No,
        Actor::Plugin(by) => (by.depth, by.behalf),
        other => (0, other.member()),
    };
    if depth >= PLUGIN_DEPTH_MAX {
        return Wanted::Circle(issue);
    }
    Wanted::Yes(Cause { issue, depth, behalf })
}

/// Whether it named this event, or one of the changes in it.
fn acts_on(installation: &Installation, body: &EventBody) -> bool {
    let hooks = &installation.hooks;
    match body {
        EventBody::IssueUpdated { changes } => {
            let names = changes.iter().map(IssueChange::event_name);
            let mut all = names.clone().chain(names.clone().any(of_issue).then_some("issue.updated"));
            all.any(|name| hooks.acts_on(name))
        }
        body => hooks.acts_on(body.name()),
    }
}

fn of_issue(name: &str) -> bool {
    name.starts_with("issue.")
}

/// The name under which an event is told, and listed among runs.
pub(super) fn name_of(event: &Event) -> &'static str {
    event.body.as_ref().map_or("erased", EventBody::name)
}

/// What an event would be the cause of, whether or not anybody acts on it.
pub(super) fn cause_of(event: &Event) -> Option<Cause> {
    let Subject::Issue(issue) = event.subject else { return None };
    let (depth, behalf) = match event.actor {
        Actor::Plugin(by) => (by.depth, by.behalf),
        other => (0, other.member()),
    };
    Some(Cause { issue, depth: depth.min(PLUGIN_DEPTH_MAX - 1), behalf })
}
