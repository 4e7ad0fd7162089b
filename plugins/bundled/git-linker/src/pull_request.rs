//! What a pull request means for the issues that it names.

use crate::keys::{in_branch, in_text};
use crate::link::{Plan, Target, address};
use crate::payload::{PullRequest, PullRequestEvent};
use crate::settings::Settings;
use bundled_common::{clip, plain};

/// The part of a pull request's text that is read, in characters.
const BODY: usize = 20_000;

/// Reads the payload.
pub(crate) fn read(body: &[u8]) -> Result<PullRequestEvent, serde_json::Error> {
    serde_json::from_slice(body)
}

/// What is to be done; none when nothing of it concerns us.
pub(crate) fn take(settings: &Settings, event: &PullRequestEvent) -> Option<Plan> {
    let pull = &event.pull_request;
    if !settings.takes(&event.repository.full_name) {
        return None;
    }
    let target = match event.action.as_str() {
        "opened" | "reopened" | "ready_for_review" if pull.draft => Target::Branch,
        "opened" | "reopened" | "ready_for_review" => Target::Open,
        // A text that was changed may name more issues.
        "edited" => Target::None,
        "closed" if pull.merged == Some(true) => Target::Merge,
        _ => return None,
    };
    let mut plan = Plan::new(format!("pull/{}", pull.number), &event.repository.full_name);
    let body: String = pull.body.as_deref().unwrap_or_default().chars().take(BODY).collect();
    let title = in_text(&pull.title, &settings.closing_words);
    let body = in_text(&body, &settings.closing_words);
    let branch = in_branch(&pull.head.reference);
    for key in &branch {
        plan.add(key, only_with_word(settings, target, false));
    }
    for named in &title {
        plan.add(&named.key, only_with_word(settings, target, named.closes));
    }
    for named in &body {
        // A text mentions other issues in passing: those are linked and stay where they are.
        plan.add(&named.key, if named.closes { target } else { Target::None });
    }
    let keys: Vec<String> = plan.keys().map(str::to_owned).collect();
    for key in keys {
        plan.say(&key, &comment(event, pull), "");
    }
    (!plan.is_empty()).then_some(plan)
}

fn only_with_word(settings: &Settings, target: Target, closes: bool) -> Target {
    if target == Target::Merge && settings.merge_needs_word && !closes { Target::None } else { target }
}

fn comment(event: &PullRequestEvent, pull: &PullRequest) -> String {
    let name = format!("{}\\#{}", plain(&event.repository.full_name), pull.number);
    let who =
        pull.user.as_ref().map(|user| format!(", by {}", plain(&clip(&user.login, 60)))).unwrap_or_default();
    format!("Pull request {}: {}{who}", address(&name, &pull.html_url), plain(&clip(&pull.title, 200)))
}
