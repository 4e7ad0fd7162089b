//! What a push means for the issues that it names.

use crate::keys::{in_branch, in_text};
use crate::link::{Plan, Target, address};
use crate::payload::{Commit, Push};
use crate::settings::Settings;
use bundled_common::{clip, plain};

/// Commits of a push that are read: GitHub sends at most 2,048 of them.
const COMMITS: usize = 100;
/// Commits that a comment lists.
const LISTED: usize = 5;

/// Reads the payload.
pub(crate) fn read(body: &[u8]) -> Result<Push, serde_json::Error> {
    serde_json::from_slice(body)
}

/// What is to be done; none when nothing of it concerns us.
pub(crate) fn take(settings: &Settings, push: &Push) -> Option<Plan> {
    let branch = push.reference.strip_prefix("refs/heads/")?;
    if push.deleted || !settings.takes(&push.repository.full_name) {
        return None;
    }
    let is_default = branch == push.repository.default_branch;
    let mut plan = Plan::new(format!("push/{branch}"), &push.repository.full_name);
    let mut listed: Vec<(String, Vec<&Commit>)> = Vec::new();
    for commit in push.commits.iter().filter(|commit| commit.distinct).take(COMMITS) {
        for named in in_text(&commit.message, &settings.closing_words) {
            // What reaches the default branch is in, whether or not by way of a pull request.
            let target = match (is_default, named.closes) {
                (true, true) => Target::Merge,
                (true, false) => Target::None,
                (false, _) => Target::Branch,
            };
            plan.add(&named.key, target);
            match listed.iter_mut().find(|(key, _)| *key == named.key) {
                Some((_, commits)) => commits.push(commit),
                None => listed.push((named.key, vec![commit])),
            }
        }
    }
    for (key, commits) in &listed {
        plan.say(
            key,
            &comment(push, branch, commits),
            commits.last().map_or("", |commit| commit.id.as_str()),
        );
    }
    if !is_default {
        for key in in_branch(branch) {
            plan.add(&key, Target::Branch);
        }
    }
    (!plan.is_empty()).then_some(plan)
}

fn comment(push: &Push, branch: &str, commits: &[&Commit]) -> String {
    let count = if commits.len() == 1 { "A commit".to_owned() } else { format!("{} commits", commits.len()) };
    let mut text =
        format!("{count} on {} in {}:", plain(&clip(branch, 100)), plain(&push.repository.full_name));
    for commit in commits.iter().take(LISTED) {
        let id: String = commit.id.chars().take(7).filter(char::is_ascii_alphanumeric).collect();
        let title = plain(&clip(commit.message.lines().next().unwrap_or_default(), 120));
        let who = commit.author.name.as_deref().map(|name| format!(", {}", plain(&clip(name, 60))));
        text.push_str(&format!("\n- {} {title}{}", address(&id, &commit.url), who.unwrap_or_default()));
    }
    if commits.len() > LISTED {
        text.push_str(&format!("\n- {}", address("all of them", &push.compare)));
    }
    text
}
