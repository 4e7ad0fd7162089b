//! What a plugin staged while it acted: several commands that happen together or not at all, with what its host keeps.

use super::comment::CreateComment;
use super::issue::{CreateIssue, CreateRelation, UpdateIssue};
use super::{Command, IssueIndex, Reads, World};
use crate::access::Scope;
use crate::draft::{Draft, PluginRecord, RowWrite, Stamp};
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::filter::Link;
use crate::id::{IssueId, TeamId};
use crate::model::{InstallationStatus, Issue, Relation, Seq};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Commands that can be staged together. What they write has to fit into one batch of the store besides: a new issue is two of
/// its hundred keys, a comment three, and each change of an issue one beside its row. More is `INVALID_INPUT`, and nothing happens.
pub const STEPS_MAX: usize = 100;

/// One command of a stage.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub enum Step {
    /// A new issue. Its id is chosen beforehand, so that later steps can name it.
    #[n(0)]
    Create(#[n(0)] CreateIssue),
    /// Changes of an issue, a move among them.
    #[n(1)]
    Update(#[n(0)] UpdateIssue),
    /// A comment.
    #[n(2)]
    Comment(#[n(0)] CreateComment),
    /// A relation of two issues.
    #[n(3)]
    Relate(#[n(0)] CreateRelation),
}

/// Several commands, each seeing what those before it did, and records of the host of plugins: all of it or nothing. There may
/// be records alone.
#[derive(Debug, Clone, Default, PartialEq, minicbor::Encode)]
pub struct Staged {
    /// The commands, at most [`STEPS_MAX`].
    #[n(0)]
    pub steps: Vec<Step>,
    /// What the host keeps with them: how far it has come, and what its plugin stored. No idempotency key is bound to it.
    #[cbor(skip)]
    pub records: Vec<PluginRecord>,
    /// The version of the plugin's installation that it was called at: `CONFLICT` when it is another by now. None: it is
    /// enabled, whatever its version.
    #[cbor(skip)]
    pub as_of: Option<u64>,
}

impl Command for Staged {
    fn operation(&self) -> &'static str {
        "pluginStage"
    }

    fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for step in &self.steps {
            let of = step.command().reads();
            reads.issues.extend(of.issues);
            reads.comments.extend(of.comments);
        }
        reads
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        if self.steps.len() > STEPS_MAX {
            return Err(Error::invalid("commands", format!("at most {STEPS_MAX} commands can be staged")));
        }
        self.expect_as_it_was(world)?;
        let stamp = Stamp {
            after: Seq(0),
            now: world.now,
            actor: world.cx.principal.actor(),
            origin: world.cx.origin,
            request: world.cx.request,
        };
        let mut draft = Draft::new();
        let mut made = Made { below: world.index, issues: FxHashMap::default() };
        let mut comments = world.comments.clone();
        for (place, step) in self.steps.iter().enumerate() {
            let mut issues = world.issues.clone();
            issues.extend(made.issues.iter().map(|(id, issue)| (*id, issue.clone())));
            let seen = World { issues, comments: comments.clone(), index: &made, ..world.alike() };
            let part = step.command().decide(&seen).map_err(|error| error.at_item(place))?;
            draft.absorb(part);
            for row in draft.preview(stamp).rows {
                match row {
                    RowWrite::Issue { after, .. } => _ = made.issues.insert(after.id, after),
                    RowWrite::Comment { after, .. } => comments.add(after),
                    RowWrite::Directory(_) => {}
                }
            }
        }
        draft.keep_for_plugins(self.records.iter().cloned());
        Ok(draft)
    }
}

impl Staged {
    /// Refuses what a plugin staged that was changed, or switched off, since it was called. One that is told of its own end is
    /// called as it is by then.
    fn expect_as_it_was(&self, world: &World<'_>) -> Result<()> {
        let Actor::Plugin(by) = world.cx.principal.actor() else { return Ok(()) };
        let now = world.directory.installation(by.installation);
        let now = now.filter(|installation| installation.status != InstallationStatus::Removed);
        let same =
            now.is_some_and(|now| self.as_of.map_or(now.is_enabled(), |version| now.version == version));
        if same {
            return Ok(());
        }
        Err(Error::conflict("the plugin was changed or switched off while it was at it"))
    }
}

impl Step {
    fn command(&self) -> &dyn Decides {
        match self {
            Self::Create(command) => command,
            Self::Update(command) => command,
            Self::Comment(command) => command,
            Self::Relate(command) => command,
        }
    }
}

/// What of a command a stage needs.
trait Decides {
    fn reads(&self) -> Reads;
    fn decide(&self, world: &World<'_>) -> Result<Draft>;
}

impl<C: Command> Decides for C {
    fn reads(&self) -> Reads {
        Command::reads(self)
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        Command::decide(self, world)
    }
}

/// All issues, with those that earlier steps made or changed in their place.
struct Made<'a> {
    below: &'a dyn IssueIndex,
    issues: FxHashMap<IssueId, Arc<Issue>>,
}

impl IssueIndex for Made<'_> {
    fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        let made = self.issues.values().find(|issue| issue.team == team && issue.number == number);
        made.map(|issue| issue.id).or_else(|| self.below.find(team, number))
    }

    fn contains(&self, id: IssueId) -> bool {
        self.issues.contains_key(&id) || self.below.contains(id)
    }

    fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        match self.issues.get(&id) {
            Some(issue) => issue.parent,
            None => self.below.parent_of(id),
        }
    }

    fn shows(&self, scope: &Scope, id: IssueId) -> bool {
        match self.issues.get(&id) {
            Some(issue) => scope.sees(issue),
            None => self.below.shows(scope, id),
        }
    }

    fn parts_of(&self, id: IssueId) -> Vec<IssueId> {
        let joining = self.issues.values().filter(|issue| issue.parent == Some(id)).map(|issue| issue.id);
        let settled = self.below.parts_of(id).into_iter().filter(|part| !self.issues.contains_key(part));
        settled.chain(joining).collect()
    }

    fn related(&self, id: IssueId, link: Link) -> Vec<IssueId> {
        let Link { kind, reversed } = link;
        if !reversed {
            return match self.issues.get(&id) {
                Some(issue) => issue
                    .relations
                    .iter()
                    .filter(|relation| relation.kind == kind)
                    .map(|relation| relation.to)
                    .collect(),
                None => self.below.related(id, link),
            };
        }
        let wanted = Relation { kind, to: id };
        let joining =
            self.issues.values().filter(|issue| issue.relations.contains(&wanted)).map(|issue| issue.id);
        let settled = self.below.related(id, link).into_iter().filter(|from| !self.issues.contains_key(from));
        settled.chain(joining).collect()
    }

    fn is_open(&self, id: IssueId) -> bool {
        match self.issues.get(&id) {
            Some(issue) => issue.deleted_at.is_none() && !issue.category.is_terminal(),
            None => self.below.is_open(id),
        }
    }

    fn max_number(&self, team: TeamId) -> u32 {
        let made = self.issues.values().filter(|issue| issue.team == team).map(|issue| issue.number);
        made.max().unwrap_or_default().max(self.below.max_number(team))
    }
}
