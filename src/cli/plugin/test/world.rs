//! The company of a test, in memory: what there is, and how it changes. It knows no guest and grants nothing.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use mortise::plugins::host::wit::issues::{Member, Team};
use mortise::plugins::host::wit::{Comment, Issue, Kind, Priority, StateRef};
use mortise::plugins::manifest::Manifest;
use mortise::plugins::settings::FieldError;
use serde_json::{Value, json};

use super::fields;
use super::script::{HttpGiven, IssueGiven, MemberGiven, QueryGiven, Script, StateGiven, TeamGiven};

/// The time of a test that names none.
const NOW: &str = "2026-01-31T09:00:00.000Z";

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
        let schema = manifest.schema()?;
        let settings = schema.with_defaults(script.settings.clone().unwrap_or_else(|| json!({})));
        if let Err(wrong) = schema.check(&settings) {
            let word = |wrong: &FieldError| format!("{}: {}", wrong.path, wrong.message);
            let words: Vec<String> = wrong.iter().map(word).collect();
            ensure!(script.settings.is_none(), "the settings do not fit the schema: {}", words.join("; "));
        }
        let mut world = Self {
            now: script.now.clone().unwrap_or_else(|| NOW.to_owned()),
            time_zone: script.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            settings: settings.to_string(),
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
        let time = |given: &Option<String>| given.clone().unwrap_or_else(|| self.now.clone());
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
            start_date: given.start_date.clone(),
            due_date: given.due_date.clone(),
            resolution: given.resolution.clone(),
            confidential: given.confidential,
            created_at: time(&given.created_at),
            updated_at: time(&given.updated_at),
            in_state_since: time(&given.in_state_since),
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
