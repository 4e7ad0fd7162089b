//! What happens without an events file: everything that the manifest names, once.

use mortise::plugins::manifest::{Manifest, Point};

use super::script::{EventGiven, IssueGiven, QueryGiven, Script};

/// The issue of it all.
const KEY: &str = "ENG-1";

/// The events of a made-up company; its settings are the defaults of the schema.
pub(super) fn script(manifest: &Manifest) -> Script {
    let issue = IssueGiven {
        key: KEY.to_owned(),
        title: Some("The door of the cellar does not close".to_owned()),
        description: "Since the rain of last week. The frame is wet.".to_owned(),
        state: Some("in_review".to_owned()),
        creator: Some("ada".to_owned()),
        ..IssueGiven::default()
    };
    let hooks = &manifest.hooks;
    let amend = hooks.amend.iter().map(|point| proposal("amend", *point));
    let validate = hooks.validate.iter().map(|point| proposal("validate", *point));
    let mut events: Vec<EventGiven> = amend.chain(validate).collect();
    if hooks.next_states {
        events.push(event("next-states", ""));
    }
    if !hooks.events.is_empty() {
        events.extend(hooks.events.iter().map(|name| acted_on(name)));
    }
    for schedule in &manifest.schedules {
        events.push(EventGiven { schedule: Some(schedule.name.clone()), ..event("schedule", "") });
    }
    if hooks.inbound {
        events.push(EventGiven { body: Some("{}".to_owned()), ..event("request", "") });
    }
    if hooks.lifecycle {
        events.push(event("lifecycle", "enabled"));
    }
    // Whatever is asked for, it is found.
    let query = QueryGiven { filter: "*".to_owned(), issues: vec![KEY.to_owned()] };
    Script { issues: vec![issue], queries: vec![query], events, ..Script::default() }
}

fn event(on: &str, what: &str) -> EventGiven {
    let what = (!what.is_empty()).then(|| what.to_owned());
    EventGiven { on: on.to_owned(), what, issue: Some(KEY.to_owned()), ..EventGiven::default() }
}

fn proposal(on: &str, point: Point) -> EventGiven {
    match point {
        Point::Create => event(on, "create"),
        Point::Update => {
            let changes = [("title".to_owned(), "The cellar door does not close".into())].into();
            EventGiven { changes, ..event(on, "update") }
        }
        Point::Transition => EventGiven { to: Some("done".to_owned()), ..event(on, "transition") },
        Point::Comment => {
            EventGiven { comment: Some("I have seen it too.".to_owned()), ..event(on, "comment") }
        }
    }
}

/// An event of this name of the manifest.
fn acted_on(name: &str) -> EventGiven {
    match name {
        "issue.created" | "issue.*" => event("event", "created"),
        "issue.deleted" => event("event", "deleted"),
        "issue.transitioned" => EventGiven { to: Some("done".to_owned()), ..event("event", "updated") },
        "comment.created" | "comment.*" => {
            EventGiven { comment: Some("I have seen it too.".to_owned()), ..event("event", "commented") }
        }
        name if name.starts_with("issue.") => {
            let changes = [("priority".to_owned(), "high".into())].into();
            EventGiven { changes, ..event("event", "updated") }
        }
        name => EventGiven { json: Some(serde_json::json!({})), ..event("event", name) },
    }
}
