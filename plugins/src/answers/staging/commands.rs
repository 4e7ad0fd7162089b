//! Commands of a guest, as the engine's: what is named is looked up at once, so that a guest learns of its mistakes while it can
//! still do something about them. Whether a command is allowed is decided when it is done.

use super::{COMMANDS_MAX, Load, Staging};
use crate::convert::{kind_of, link_of, patch, priority_of, version_of};
use crate::host::wit::commands::NewIssue;
use crate::host::wit::{Edit, Error, FieldError, Quota};
use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::{
    CreateIssue, CreateRelation, IssuePatch, IssueRef, Operation, UpdateIssue,
};
use mortise_engine::id::{CommentId, IssueId, StateId, TeamId};
use mortise_engine::model::{Effect, IssueKind};
use mortise_engine::workflow::Flow;
use std::collections::HashSet;
use std::str::FromStr;

/// One command that is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Create(Box<CreateIssue>),
    Update(Box<UpdateIssue>),
    Comment(CreateComment),
    Link(CreateRelation),
}

/// An issue that a command names.
struct Named {
    id: IssueId,
    team: TeamId,
    made_here: bool,
}

impl Staging {
    pub(super) fn stage_issue(&mut self, new: NewIssue) -> Result<String, Error> {
        self.expect_write()?;
        let sight = self.given.reading.sight();
        let team: TeamId = read("team", &new.team)?;
        if sight.team(team).is_none() {
            return Err(invalid("team", format!("there is no team {team}")));
        }
        let kind = new.kind.map(|kind| kind_of(kind).ok_or_else(|| invalid("kind", "it is unknown")));
        let kind = kind.transpose()?;
        let priority =
            new.priority.map(|p| priority_of(p).ok_or_else(|| invalid("priority", "it is unknown")));
        // Labels go by name, so they are read as edits are.
        let labels: Vec<Edit> = new.labels.into_iter().map(Edit::AddLabel).collect();
        let labels = patch(sight, team, &labels)?.added_labels;
        let entered = new.state.map(|state| self.new_state(team, kind, &state)).transpose()?;
        let parent = new.parent.map(|parent| self.parent(&parent)).transpose()?;
        let id = IssueId::generate();
        let create = CreateIssue {
            id: Some(id),
            title: new.title,
            description: Some(new.description).filter(|text| !text.is_empty()),
            kind,
            state: entered.map(|(state, _)| state),
            priority: priority.transpose()?,
            assignees: new.assignees.iter().map(|m| read("assignees", m)).collect::<Result<_, _>>()?,
            labels,
            parent,
            estimate: new.estimate,
            due_date: new.due_date.map(|day| read("due-date", &day)).transpose()?,
            ..CreateIssue::in_team(team)
        };
        let description = create.description.as_ref().map_or(0, String::len);
        // A state behind rules is entered by a move of its own.
        let entering = entered.map(|(_, follows)| Load::changed(None) + follows).unwrap_or_default();
        self.push(Step::Create(Box::new(create)), &[id], Load::created(description) + entering)?;
        self.made.insert(id, team);
        Ok(id.to_string())
    }

    pub(super) async fn stage_update(
        &mut self,
        id: &str,
        mut edits: Vec<Edit>,
        expect: Option<&str>,
    ) -> Result<(), Error> {
        self.expect_write()?;
        let named = self.named(id).await?;
        let if_version = match expect {
            None => None,
            Some(_) if named.made_here => return Err(Error::Conflict(String::new())),
            Some(mark) => Some(version_of(mark).ok_or_else(|| Error::Conflict(String::new()))?),
        };
        // A parent may be one that this call makes, of which nobody else knows.
        let parents = edits.extract_if(.., |edit| matches!(edit, Edit::SetParent(_)));
        let parent =
            parents.last().and_then(|edit| if let Edit::SetParent(p) = edit { Some(p) } else { None });
        let mut patch = patch(self.given.reading.sight(), named.team, &edits)?;
        if let Some(parent) = parent {
            patch.parent = Some(parent.map(|parent| self.parent(&parent)).transpose()?);
        }
        let description = patch.description.as_ref().map(|text| text.as_ref().map_or(0, String::len));
        let step = update(named.id, if_version, patch, Operation::Update);
        self.push(step, &[named.id], Load::changed(description))
    }

    pub(super) async fn stage_transition(&mut self, id: &str, to: &str) -> Result<(), Error> {
        self.expect_write()?;
        let named = self.named(id).await?;
        let (state, follows) = if named.made_here {
            let kind = self.steps.iter().find_map(|step| match step {
                Step::Create(create) if create.id == Some(named.id) => Some(create.kind),
                _ => None,
            });
            self.new_state(named.team, kind.flatten(), to)?
        } else {
            let row = self.given.reading.row(id).await?;
            let directory = self.given.reading.sight().directory();
            let flow = Flow::of(directory, &row).ok_or(Error::NotFound)?;
            let state = state_of(&flow, to).ok_or_else(|| no_state(to))?;
            (state, comments_on_entering(&flow, state))
        };
        let patch = IssuePatch { state: Some(state), ..IssuePatch::default() };
        let step = update(named.id, None, patch, Operation::Transition);
        self.push(step, &[named.id], Load::changed(None) + follows)
    }

    pub(super) async fn stage_comment(&mut self, issue: &str, body: &str) -> Result<String, Error> {
        self.expect_write()?;
        let named = self.named(issue).await?;
        let id = CommentId::generate();
        let issue = IssueRef::Id(named.id);
        let step = CreateComment { id: Some(id), issue, body: body.to_owned(), parent: None };
        self.push(Step::Comment(step), &[named.id], Load::commented(body.len()))?;
        Ok(id.to_string())
    }

    pub(super) async fn stage_link(&mut self, a: &str, kind: &str, b: &str) -> Result<(), Error> {
        self.expect_write()?;
        let link = link_of(kind).ok_or_else(|| {
            invalid(
                "kind",
                "it is `blocks`, `blocked-by`, `duplicate-of`, `relates-to`, `precedes` or `follows`",
            )
        })?;
        let both = [self.named(a).await?.id, self.named(b).await?.id];
        let [issue, other] = both.map(IssueRef::Id);
        let step = CreateRelation { issue, link, other, if_version: None, close: false };
        self.push(Step::Link(step), &both, Load::related())
    }

    fn expect_write(&self) -> Result<(), Error> {
        self.given.reading.expect(self.granted().issues_write, "issues-write")
    }

    /// Stages a command that is about these issues and takes this of the batch beside their rows.
    fn push(&mut self, step: Step, about: &[IssueId], load: Load) -> Result<(), Error> {
        if self.steps.len() >= COMMANDS_MAX {
            return Err(Error::QuotaExceeded(Quota::Commands));
        }
        if self.steps.len() >= self.given.commands {
            return Err(self.refused_as_following());
        }
        let new: HashSet<IssueId> = about.iter().filter(|id| !self.touched.contains(id)).copied().collect();
        let rows: Load = new.iter().map(|_| Load::row()).sum();
        self.take(load + rows, Quota::Commands, Quota::Commands)?;
        self.touched.extend(new);
        self.steps.push(step);
        Ok(())
    }

    /// An issue that is there and may be told of, or that this call makes.
    async fn named(&self, id: &str) -> Result<Named, Error> {
        if let Ok(id) = id.parse::<IssueId>()
            && let Some(team) = self.made.get(&id)
        {
            return Ok(Named { id, team: *team, made_here: true });
        }
        let row = self.given.reading.row(id).await?;
        Ok(Named { id: row.id, team: row.team, made_here: false })
    }

    fn parent(&self, parent: &str) -> Result<IssueRef, Error> {
        let named: IssueRef = read("parent", parent)?;
        match &named {
            IssueRef::Id(id) if !self.made.contains_key(id) && !self.given.reading.sight().sees(*id) => {
                Err(invalid("parent", format!("there is no issue {id}")))
            }
            _ => Ok(named),
        }
    }

    /// A state in which an issue of this team may begin, and what follows from its entering it.
    fn new_state(&self, team: TeamId, kind: Option<IssueKind>, to: &str) -> Result<(StateId, Load), Error> {
        let directory = self.given.reading.sight().directory();
        let team = directory.team(team).ok_or(Error::NotFound)?;
        let flow = Flow::for_new(directory, team, kind.unwrap_or(IssueKind::Task)).ok_or(Error::NotFound)?;
        let state = state_of(&flow, to).ok_or_else(|| no_state(to))?;
        Ok((state, comments_on_entering(&flow, state)))
    }
}

/// The comments that a workflow writes on an issue that enters this state, from wherever it writes most.
fn comments_on_entering(flow: &Flow<'_>, state: StateId) -> Load {
    let entering = flow.transitions().iter().filter(|transition| transition.to == state);
    let comments = entering.map(|transition| {
        transition.effects.iter().filter_map(|effect| match effect {
            Effect::Comment(body) => Some(Load::commented(body.len())),
            _ => None,
        })
    });
    comments.map(Iterator::sum).max_by_key(Load::keys).unwrap_or_default()
}

/// A state by its id or its key.
fn state_of(flow: &Flow<'_>, to: &str) -> Option<StateId> {
    let by_id = to.parse::<StateId>().ok();
    let is = |state: &&mortise_engine::model::WorkflowState| Some(state.id) == by_id || state.key() == to;
    flow.states().iter().find(is).map(|state| state.id)
}

fn update(id: IssueId, if_version: Option<u64>, patch: IssuePatch, operation: Operation) -> Step {
    Step::Update(Box::new(UpdateIssue { issue: IssueRef::Id(id), if_version, patch, operation }))
}

fn no_state(to: &str) -> Error {
    let shown: String = to.chars().take(60).collect();
    invalid("state", format!("the issue's workflow has no state `{shown}`"))
}

fn read<T: FromStr>(key: &str, text: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| invalid(key, error.to_string()))
}

fn invalid(key: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError { key: key.to_owned(), message: message.into() }])
}
