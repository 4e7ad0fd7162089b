//! Carrying out what a delivery means: comments and moves.

use crate::settings::Settings;
use bundled_common::{Teams, is_closed};
use mortise_sdk::prelude::*;

/// Issues that one delivery may touch: a comment and a move each, of the 100 commands of a call.
const ISSUES: usize = 20;
/// How long it is remembered that an issue was linked, in seconds: a year.
const REMEMBERED: u32 = 365 * 24 * 3600;

/// Where an issue is moved to; the later in this list the further.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Target {
    None,
    Branch,
    Open,
    Merge,
}

/// What a delivery means for the issues that it names.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// The pull request or branch, by which comments are remembered.
    source: String,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
struct Step {
    key: String,
    target: Target,
    /// The text, and what tells it from others of the same source.
    comment: Option<(String, String)>,
}

/// What was done, by key.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) linked: Vec<String>,
    pub(crate) moved: Vec<String>,
}

impl Plan {
    pub(crate) fn new(source: String, repository: &str) -> Self {
        Self { source: format!("{repository}/{source}"), steps: Vec::new() }
    }

    /// Names an issue. Named twice, the further target counts.
    pub(crate) fn add(&mut self, key: &str, target: Target) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.key == key) {
            step.target = step.target.max(target);
        } else if self.steps.len() < ISSUES {
            self.steps.push(Step { key: key.to_owned(), target, comment: None });
        }
    }

    /// The comment on an issue that is named already.
    pub(crate) fn say(&mut self, key: &str, text: &str, mark: &str) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.key == key) {
            step.comment = Some((text.to_owned(), mark.to_owned()));
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.key.as_str())
    }

    /// The issues with what becomes of them.
    #[cfg(test)]
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&str, Target)> {
        self.steps.iter().map(|step| (step.key.as_str(), step.target))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Comments on the issues and moves them.
pub(crate) fn carry_out(settings: &Settings, call: &Call, plan: &Plan) -> Result<Outcome, Error> {
    let (mut outcome, mut teams) = (Outcome::default(), Teams::default());
    for step in &plan.steps {
        let team = step.key.split_once('-').map_or("", |(team, _)| team);
        if !settings.names_team(team) {
            continue;
        }
        let issue = match host::issues::get(&step.key) {
            Ok(issue) => issue,
            // Something that looks like a key and is none of ours.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let comment = step.comment.as_ref().filter(|_| settings.comment);
        if let Some((text, mark)) = comment
            && is_new(call, &issue.id, &plan.source, mark)?
        {
            host::commands::add_comment(&issue.id, text)?;
            outcome.linked.push(issue.key.clone());
        }
        if let Some(state) = target(settings, &mut teams, &issue, step.target)? {
            host::commands::transition(&issue.id, &state)?;
            outcome.moved.push(issue.key);
        }
    }
    Ok(outcome)
}

/// Whether this was not said on the issue before.
fn is_new(call: &Call, issue: &str, source: &str, mark: &str) -> Result<bool, Error> {
    let key: String =
        format!("link/{issue}/{mark}/{source}").chars().filter(char::is_ascii).take(250).collect();
    match host::kv::put(&key, call.now.as_bytes(), host::kv::Expectation::Absent, Some(REMEMBERED)) {
        Ok(_) => Ok(true),
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The id of the state that an issue is to be moved to; none when it is there, beyond, or closed.
fn target(
    settings: &Settings,
    teams: &mut Teams,
    issue: &Issue,
    target: Target,
) -> Result<Option<String>, Error> {
    let named = match target {
        Target::None => return Ok(None),
        Target::Branch => Some(settings.on_branch.as_str()),
        Target::Open => Some(settings.on_open.as_str()),
        Target::Merge => settings.on_merge.as_deref(),
    };
    if named.is_some_and(|named| named.trim().is_empty()) || is_closed(issue.state.category) {
        return Ok(None);
    }
    let state = teams.state(&issue.team, named, Category::Completed)?;
    if state.is_none() {
        let named = named.unwrap_or("that completes");
        host::log::warn(&format!("{}: its team has no state {named}", issue.key));
    }
    // Pushing more to a branch does not take an issue back out of review.
    let is_back = target == Target::Branch && issue.state.category == Category::Started;
    Ok(state.filter(|state| state.id != issue.state.id && !is_back).map(|state| state.id))
}

/// A link in Markdown; only the text, when the address is none of the web.
pub(crate) fn address(text: &str, url: &str) -> String {
    let is_safe =
        url.starts_with("https://") && !url.contains(|c: char| c.is_whitespace() || "<>()[]\"\\".contains(c));
    if is_safe { format!("[{text}]({url})") } else { text.to_owned() }
}
