//! The company of a test, in memory: what there is, and how it changes. It knows no guest and grants nothing.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use mortise::plugins::host::wit::issues::{Member, Team};
use mortise::plugins::host::wit::{Comment, Issue, Kind, Priority, StateRef};
use mortise::plugins::manifest::Manifest;
use mortise::plugins::settings::FieldError;
use serde_json::{Value, json};

use super::fields;
use super::script::{HttpGiven, IssueGiven, MemberGiven, QueryGiven, Script, StateGiven, TeamGiven};
use super::sense;

/// The time of a test that names none.
const NOW: &str = "2026-01-31T09:00:00.000Z";

/// How settings are given that are missing.
const HOW_GIVEN: &str =
    "; give them as `--settings '{ … }'`, in JSON, or in the events file as `settings = { … }`";

/// The states of a team that names none: key, name, category.
const STATES: [(&str, &str, &str); 6] = [
    ("backlog", "Backlog", "backlog"),
    ("todo", "Todo", "unstarted"),
    ("in_progress", "In Progress", "started"),
    ("in_review", "In Review", "started"),
    ("done", "Done", "completed"),
    ("canceled", "Canceled", "canceled"),
];

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) now: String,
    pub(super) time_zone: String,
    /// A JSON object.
    pub(super) settings: String,
    pub(super) secrets: BTreeMap<String, String>,
    /// Values with the number of their revision.
    pub(super) kv: BTreeMap<String, (Vec<u8>, u32)>,
    pub(super) teams: Vec<Team>,
    pub(super) members: Vec<Member>,
    pub(super) issues: Vec<Issue>,
    pub(super) comments: Vec<Comment>,
    pub(super) queries: Vec<QueryGiven>,
    pub(super) http: Vec<HttpGiven>,
    /// Counts everything that was made or changed.
    pub(super) made: u32,
}

impl World {
    /// The company of a script, completed: whoever and whatever its issues name is there.
    ///
    /// # Errors
    /// What the script says cannot be, or its settings do not fit the schema.
    pub(super) fn of(script: &Script, manifest: &Manifest) -> anyhow::Result<Self> {
        sense::check(script, manifest)?;
        let mut world = Self {
            now: sense::time("now", script.now.as_deref().unwrap_or(NOW))?,
            time_zone: script.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            settings: settings(script.settings.as_ref(), manifest)?.to_string(),
            secrets: script.secrets.clone(),
            kv: script.kv.iter().map(|(key, value)| (key.clone(), (value.clone().into_bytes(), 1))).collect(),
            teams: script.teams.iter().map(team).collect::<anyhow::Result<_>>()?,
            members: script.members.iter().map(member).collect(),
            issues: Vec::new(),
            comments: Vec::new(),
            queries: script.queries.clone(),
            http: script.http.clone(),
            made: 0,
        };
        for given in &script.issues {
            let issue = world.given(given)?;
            world.issues.push(issue);
        }
        world.expect_member("ada");
        Ok(world)
    }

    /// Makes sure that somebody of this handle is there.
    fn expect_member(&mut self, handle: &str) {
        if self.member(handle).is_none() {
            self.members.push(member(&MemberGiven { handle: handle.to_owned(), ..MemberGiven::default() }));
        }
    }

    fn given(&mut self, given: &IssueGiven) -> anyhow::Result<Issue> {
        ensure!(!given.key.is_empty(), "an issue has no key");
        let before_dash = given.key.split('-').next().unwrap_or_default();
        let team_key = given.team.as_deref().unwrap_or(before_dash).to_owned();
        if self.team(&team_key).is_none() {
            self.teams.push(team(&TeamGiven { key: team_key.clone(), ..TeamGiven::default() })?);
        }
        let state = self.state(&team_key, given.state.as_deref())?;
        let creator = given.creator.clone().unwrap_or_else(|| "ada".to_owned());
        given.assignees.iter().chain([&creator]).for_each(|handle| self.expect_member(handle));
        let named = |field: &str| format!("{field} of {}", given.key);
        let time = |field: &str, text: Option<&String>| match text {
            Some(text) => sense::time(&named(field), text),
            None => Ok(self.now.clone()),
        };
        let day =
            |field: &str, text: Option<&String>| text.map(|text| sense::day(&named(field), text)).transpose();
        Ok(Issue {
            title: given.title.clone().unwrap_or_else(|| given.key.clone()),
            description: given.description.clone(),
            kind: given.kind.as_deref().map_or(Ok(Kind::Task), fields::kind)?,
            priority: given.priority.as_deref().map_or(Ok(Priority::None), fields::priority)?,
            estimate: given.estimate,
            assignees: given.assignees.clone(),
            creator,
            labels: given.labels.iter().map(|name| fields::label(name)).collect(),
            parent: given.parent.clone(),
            start_date: day("start-date", given.start_date.as_ref())?,
            due_date: day("due-date", given.due_date.as_ref())?,
            resolution: given.resolution.clone(),
            confidential: given.confidential,
            created_at: time("created-at", given.created_at.as_ref())?,
            updated_at: time("updated-at", given.updated_at.as_ref())?,
            in_state_since: time("in-state-since", given.in_state_since.as_ref())?,
            ..self.blank(&given.key, &team_key, state)
        })
    }

    /// An issue with nothing in it.
    pub(super) fn blank(&self, key: &str, team: &str, state: StateRef) -> Issue {
        Issue {
            id: key.to_owned(),
            key: key.to_owned(),
            revision: "r0".to_owned(),
            team: team.to_owned(),
            team_key: team.to_owned(),
            title: String::new(),
            description: String::new(),
            description_truncated: false,
            kind: Kind::Task,
            state,
            priority: Priority::None,
            estimate: None,
            assignees: Vec::new(),
            creator: String::new(),
            labels: Vec::new(),
            parent: None,
            relations: Vec::new(),
            start_date: None,
            due_date: None,
            resolution: None,
            confidential: false,
            comment_count: 0,
            created_at: self.now.clone(),
            updated_at: self.now.clone(),
            in_state_since: self.now.clone(),
            fields: Vec::new(),
        }
    }

    /// A number that nothing had before.
    pub(super) fn next(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// An issue by its key.
    pub(super) fn issue(&self, key: &str) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.id == key || issue.key == key)
    }

    /// The same, to be changed: its revision becomes another.
    pub(super) fn issue_mut(&mut self, key: &str) -> Option<&mut Issue> {
        let (revision, now) = (format!("r{}", self.next()), self.now.clone());
        let issue = self.issues.iter_mut().find(|issue| issue.id == key || issue.key == key)?;
        issue.revision = revision;
        issue.updated_at = now;
        Some(issue)
    }

    /// A member by handle.
    pub(super) fn member(&self, handle: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.handle == handle)
    }

    /// A team by key.
    pub(super) fn team(&self, key: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.key == key)
    }

    /// A state of a team by key; its first unless one is named.
    ///
    /// # Errors
    /// There is none of this key.
    pub(super) fn state(&self, team: &str, key: Option<&str>) -> anyhow::Result<StateRef> {
        let there = self.team(team).with_context(|| format!("there is no team {team}"))?;
        let named = |state: &&StateRef| key.is_none_or(|key| state.key == key || state.id == key);
        let found = there.states.iter().find(named).cloned();
        found.with_context(|| format!("team {team} has no state `{}`", key.unwrap_or_default()))
    }
}

/// The settings that the plugin is told: those that were given, with what the schema fills in. None given are empty ones, and have to
/// fit as well: a server runs no plugin whose settings do not.
fn settings(given: Option<&Value>, manifest: &Manifest) -> anyhow::Result<Value> {
    let schema = manifest.schema()?;
    let settings = schema.with_defaults(given.cloned().unwrap_or_else(|| json!({})));
    let Err(wrong) = schema.check(&settings) else { return Ok(settings) };
    let words: Vec<String> = wrong.iter().map(unfit).collect();
    let how = if given.is_none() { HOW_GIVEN } else { "" };
    bail!("the settings do not fit the schema: {}{how}", words.join("; "))
}

/// A setting that does not fit, by its path in an events file.
fn unfit(wrong: &FieldError) -> String {
    let FieldError { path, message } = wrong;
    let dot = if path.is_empty() { "" } else { "." };
    format!("settings{dot}{path}: {message}")
}

fn team(given: &TeamGiven) -> anyhow::Result<Team> {
    ensure!(!given.key.is_empty(), "a team has no key");
    let plain = |(key, name, category): &(&str, &str, &str)| StateGiven {
        key: (*key).to_owned(),
        name: Some((*name).to_owned()),
        category: (*category).to_owned(),
    };
    let states =
        if given.states.is_empty() { STATES.iter().map(plain).collect() } else { given.states.clone() };
    Ok(Team {
        id: given.key.clone(),
        key: given.key.clone(),
        name: given.name.clone().unwrap_or_else(|| given.key.clone()),
        states: states.iter().map(state).collect::<anyhow::Result<_>>()?,
        labels: given.labels.iter().map(|name| fields::label(name)).collect(),
    })
}

fn state(given: &StateGiven) -> anyhow::Result<StateRef> {
    Ok(StateRef {
        id: given.key.clone(),
        key: given.key.clone(),
        name: given.name.clone().unwrap_or_else(|| given.key.clone()),
        category: fields::category(&given.category)?,
    })
}

fn member(given: &MemberGiven) -> Member {
    Member {
        id: given.handle.clone(),
        handle: given.handle.clone(),
        display_name: given.name.clone().unwrap_or_else(|| given.handle.clone()),
        active: given.active.unwrap_or(true),
        teams: given.teams.clone(),
        role: given.role.clone().unwrap_or_else(|| "USER".to_owned()),
    }
}

/// A JSON object as text, of anything.
pub(super) fn object(value: Option<&Value>) -> String {
    value.map_or_else(|| "{}".to_owned(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::MANIFEST;
    use super::*;

    const SETTINGS: &str = "[settings]\ntype = \"object\"\nadditionalProperties = false\n";

    /// What the plugin is told, or why it is not run.
    fn told(schema: &str, script: &Script) -> Result<Value, String> {
        let manifest = Manifest::parse([MANIFEST, SETTINGS, schema].concat().as_bytes()).unwrap();
        let world = World::of(script, &manifest).map_err(|error| format!("{error:#}"))?;
        Ok(serde_json::from_str(&world.settings).unwrap())
    }

    #[test]
    fn settings_that_are_missing_are_told_with_how_they_are_given() {
        let rules = "required = [\"rules\"]\n[settings.properties.rules]\ntype = \"array\"\n";
        let given = |settings: Value| Script { settings: Some(settings), ..Script::default() };
        let refused = told(rules, &Script::default()).unwrap_err();
        assert!(refused.contains("settings.rules: is missing (array)"), "{refused}");
        assert!(refused.contains("--settings") && refused.contains("events file"), "{refused}");
        let refused = told(rules, &given(json!({}))).unwrap_err();
        assert!(
            refused.contains("settings.rules: is missing") && !refused.contains("--settings"),
            "{refused}"
        );
        assert_eq!(told(rules, &given(json!({ "rules": [] }))), Ok(json!({ "rules": [] })));
    }

    #[test]
    fn a_plugin_that_needs_no_settings_is_run_without_any_and_has_its_defaults() {
        assert_eq!(told("", &Script::default()), Ok(json!({})));
        let word = "[settings.properties.word]\ntype = \"string\"\ndefault = \"who\"\n";
        assert_eq!(told(word, &Script::default()), Ok(json!({ "word": "who" })));
    }

    #[test]
    fn times_and_days_that_there_are_not_are_refused_by_name() {
        let refused = |issue: IssueGiven| {
            let issues = vec![IssueGiven { key: "ENG-1".to_owned(), ..issue }];
            told("", &Script { issues, ..Script::default() }).unwrap_err()
        };
        let given = |text: &str| Some(text.to_owned());
        let told = refused(IssueGiven { due_date: given("2026-02-30"), ..IssueGiven::default() });
        assert!(told.contains("due-date of ENG-1: `2026-02-30`"), "{told}");
        let told = refused(IssueGiven { created_at: given("long ago"), ..IssueGiven::default() });
        assert!(told.contains("created-at of ENG-1: `long ago`"), "{told}");
    }
}
