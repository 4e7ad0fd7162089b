//! What Slack shows: a sentence, what was said, and a line of facts, as blocks.

use crate::settings::Settings;
use bundled_common::{clip, fill, kind_word, priority_word};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

/// The most characters of a comment or description that are told.
const QUOTED: usize = 600;
/// The most characters of a title.
const TITLE: usize = 200;
/// People that are named; of more the number is told.
const NAMED: usize = 3;

/// The message of an event, without its channel.
pub(crate) fn message(settings: &Settings, call: &Call, event: &Event, issue: &Issue) -> Result<Json, Error> {
    let who = escape(&clip(
        if call.actor.display_name.is_empty() { "Somebody" } else { &call.actor.display_name },
        80,
    ));
    let what = what(event);
    let headline = headline(settings, issue);
    let mut blocks = vec![section(&format!("*{who}* {what} {headline}"))];
    if let Some(text) = said(event) {
        blocks.push(section(&quoted(text)));
    }
    let facts = facts(event, issue)?;
    if !facts.is_empty() {
        blocks.push(
            json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": facts.join("  ·  ") }] }),
        );
    }
    // Shown where blocks cannot be, as in a notification.
    let text = format!("{who} {what} {} {}", issue.key, escape(&clip(&issue.title, TITLE)));
    Ok(json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false }))
}

/// Text from people as Slack shows it: nothing in it is a mention, a link or a command.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn what(event: &Event) -> String {
    let Event::Updated(updated) = event else {
        let what = match event {
            Event::Created(_) => "created",
            Event::Deleted(_) => "deleted",
            _ => "commented on",
        };
        return what.to_owned();
    };
    let has = |key: &str| updated.changes.iter().any(|change| change.key == key);
    if has("state") {
        format!("moved to *{}*:", escape(&updated.issue.state.name))
    } else if has("assignees") {
        "assigned".to_owned()
    } else if has("priority") {
        format!("made *{}*:", priority_word(updated.issue.priority))
    } else if has("due-date") {
        "changed the due date of".to_owned()
    } else {
        "changed".to_owned()
    }
}

fn headline(settings: &Settings, issue: &Issue) -> String {
    let title = escape(&clip(&issue.title, TITLE));
    match &settings.link {
        Some(link) => {
            let link = escape(&fill(link, &[("key", issue.key.as_str())]));
            // A bar would end the address.
            format!("<{}|{} {title}>", link.replace('|', "%7C"), issue.key)
        }
        None => format!("*{}* {title}", issue.key),
    }
}

/// What somebody wrote, if the event is about that.
fn said(event: &Event) -> Option<&str> {
    let text = match event {
        Event::Created(issue) => issue.description.as_str(),
        Event::Commented(commented) => commented.comment.body.as_str(),
        _ => return None,
    };
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn quoted(text: &str) -> String {
    let text = escape(&clip(text, QUOTED));
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

fn facts(event: &Event, issue: &Issue) -> Result<Vec<String>, Error> {
    if matches!(event, Event::Commented(_) | Event::Deleted(_)) {
        return Ok(Vec::new());
    }
    let mut facts = vec![escape(&issue.state.name), kind_word(issue.kind).to_owned()];
    if issue.priority != Priority::None {
        facts.push(priority_word(issue.priority).to_owned());
    }
    if let Some(due) = &issue.due_date {
        facts.push(format!("due {due}"));
    }
    let mut people = Vec::new();
    for id in issue.assignees.iter().take(NAMED) {
        match host::issues::member(id) {
            Ok(member) => people.push(escape(&member.display_name)),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let more = issue.assignees.len().saturating_sub(NAMED);
    if more > 0 {
        people.push(format!("{more} more"));
    }
    if !people.is_empty() {
        facts.push(people.join(", "));
    }
    let labels: Vec<String> = issue.labels.iter().take(8).map(|label| escape(&label.name)).collect();
    if !labels.is_empty() {
        facts.push(labels.join(", "));
    }
    Ok(facts)
}

fn section(text: &str) -> Json {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}
