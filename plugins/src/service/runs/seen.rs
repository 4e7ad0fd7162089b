//! Who may be told of a run: who sees all that it was told of. Of the others it is known that it was, and what it used.
//!
//! A plugin sees what its member sees, which may be more than an admin does; what it says of it is theirs to read who see it
//! too. Rights are those of now.

use super::{RunOutcome, RunRecord};
use crate::host::{Recording, Reply, Task, wit};
use mortise_engine::id::{IssueId, TeamId};
use mortise_engine::query::Reader;

/// Issues that are remembered of one run, and teams; one that was told of more is for those who see everything.
const NAMED_MAX: usize = 50;

/// What stands instead of what a plugin said, for who may not be told that.
pub const HIDDEN: &str = "about what you may not see";

/// What a run was told of, beside the issue that it was about.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunSight {
    /// Other issues, at most 50.
    #[n(0)]
    pub issues: Vec<IssueId>,
    /// More than these, or such as has no id.
    #[n(1)]
    pub more: bool,
    /// The team in which an issue was to be made.
    #[n(2)]
    pub team: Option<TeamId>,
    /// Teams that it asked about, at most 50.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
}

impl RunSight {
    /// What there is in a task and in the answers to its guest's questions; `about` is the issue that it is about.
    pub(crate) fn of(task: &Task, recording: &Recording, about: Option<IssueId>) -> Self {
        let mut sight = Self { more: recording.is_cut(), ..Self::default() };
        match task {
            Task::Amend { issue, .. } | Task::Validate { issue, .. } if about.is_none() => {
                sight.team = issue.team.parse().ok();
                // It is made or not: nobody is named yet who may see it.
                sight.more |= issue.confidential || sight.team.is_none();
            }
            Task::Amend { issue, .. } | Task::Validate { issue, .. } => sight.note(&issue.id, about),
            Task::NextStates { issues, .. } => issues.iter().for_each(|issue| sight.note(&issue.id, about)),
            Task::Event(event) => sight.note_event(event, about),
            Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => {}
        }
        for exchange in recording.exchanges() {
            sight.note_reply(&exchange.reply, about);
        }
        sight
    }

    /// The same in short: what is for those who see everything needs to name nothing.
    #[must_use]
    pub(crate) fn short(self) -> Self {
        if self.more { Self { issues: Vec::new(), teams: Vec::new(), ..self } } else { self }
    }

    /// Whether this party sees all of it, and the issue that the run was about.
    pub(crate) fn is_seen_by(&self, about: Option<IssueId>, reader: &Reader) -> bool {
        if reader.policy().scope(reader.directory()).is_everything() {
            return true;
        }
        let Self { issues, more, team, teams } = self;
        !more
            && about.iter().chain(issues).all(|id| reader.sees(*id))
            && team.iter().chain(teams).all(|team| reader.directory().team(*team).is_some())
    }

    fn note_event(&mut self, event: &wit::Event, about: Option<IssueId>) {
        match event {
            wit::Event::Created(issue) | wit::Event::Deleted(issue) => self.note(&issue.id, about),
            wit::Event::Updated(updated) => self.note(&updated.issue.id, about),
            wit::Event::Commented(commented) => self.note(&commented.issue.id, about),
            wit::Event::Other(_) => self.more |= about.is_none(),
        }
    }

    fn note_reply(&mut self, reply: &Reply, about: Option<IssueId>) {
        match reply {
            Reply::Issue(Ok(issue)) => self.note(&issue.id, about),
            Reply::Issues(Ok(issues)) => {
                issues.iter().flatten().for_each(|issue| self.note(&issue.id, about));
            }
            Reply::Page(Ok(page)) => page.items.iter().for_each(|issue| self.note(&issue.id, about)),
            Reply::Comments(Ok(page)) => {
                page.items.iter().for_each(|comment| self.note(&comment.issue, about))
            }
            Reply::Team(Ok(team)) => self.note_team(&team.id),
            _ => {}
        }
    }

    fn note_team(&mut self, id: &str) {
        match id.parse::<TeamId>() {
            Ok(id) if self.teams.contains(&id) => {}
            Ok(id) if self.teams.len() < NAMED_MAX => self.teams.push(id),
            _ => self.more = true,
        }
    }

    fn note(&mut self, id: &str, about: Option<IssueId>) {
        match id.parse::<IssueId>() {
            Ok(id) if Some(id) == about || self.issues.contains(&id) => {}
            Ok(id) if self.issues.len() < NAMED_MAX => self.issues.push(id),
            _ => self.more = true,
        }
    }
}

impl RunRecord {
    /// Whether this party may be told what it was about, said and learned.
    #[must_use]
    pub fn is_seen_by(&self, reader: &Reader) -> bool {
        self.sight.is_seen_by(self.issue, reader)
    }

    /// As this party may see it: that it was, how it ended, and what it used.
    #[must_use]
    pub(super) fn seen_by(self, reader: &Reader) -> Self {
        if self.is_seen_by(reader) {
            return self;
        }
        Self {
            outcome: RunOutcome { words: HIDDEN.to_owned(), ..self.outcome },
            issue: None,
            about: String::new(),
            logs: Vec::new(),
            detail: None,
            replayable: false,
            sight: RunSight { more: true, ..RunSight::default() },
            ..self
        }
    }
}
