//! What makes and changes issues: the inputs, each becoming one of the engine's commands.

use super::scalar::{self, Date};
use super::word::{IssueType, Priority, Resolution};
use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use mortise_engine::Result;
use mortise_engine::command::issue::{CreateIssue, IssuePatch};

/// A new issue.
#[derive(Debug, InputObject)]
pub(crate) struct IssueCreateInput {
    /// The global id it shall have, `iss_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// The team it belongs to.
    team_id: ID,
    /// One line that says what it is about, 1 to 512 characters.
    title: String,
    /// What is to be done, in markdown, at most 256 KiB.
    description: Option<String>,
    /// What kind of work it is; `TASK` unless said.
    #[graphql(name = "type")]
    kind: Option<IssueType>,
    /// The state; the workflow's initial one unless said.
    state_id: Option<ID>,
    /// How pressing it is; `NONE` unless said.
    priority: Option<Priority>,
    /// Who works on it; the first leads. At most 20.
    assignee_ids: Option<Vec<ID>>,
    /// Its labels. At most 50.
    label_ids: Option<Vec<ID>>,
    /// The issue it is a part of: global id or key.
    parent_id: Option<ID>,
    /// Its size, in points.
    estimate: Option<u32>,
    /// The day work is meant to start.
    start_date: Option<Date>,
    /// The day it is due.
    due_date: Option<Date>,
    /// Its place among its fellows; behind them unless said.
    rank: Option<String>,
    /// Whether only those who make it, work on it or are named see it, and super admins.
    #[graphql(default = false)]
    confidential: bool,
    /// Who is named to see it, when it is confidential. At most 50.
    participant_ids: Option<Vec<ID>>,
}

impl IssueCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    pub(super) fn command(self) -> Result<CreateIssue> {
        Ok(CreateIssue {
            id: self.id.map(|id| scalar::id("input.id", &id)).transpose()?,
            title: self.title,
            description: self.description,
            kind: self.kind.map(Into::into),
            state: self.state_id.map(|id| scalar::id("input.stateId", &id)).transpose()?,
            priority: self.priority.map(Into::into),
            assignees: scalar::ids("input.assigneeIds", &self.assignee_ids.unwrap_or_default())?,
            labels: scalar::ids("input.labelIds", &self.label_ids.unwrap_or_default())?,
            parent: self.parent_id.map(|id| scalar::issue("input.parentId", &id)).transpose()?,
            estimate: self.estimate,
            start_date: self.start_date.map(|date| date.0),
            due_date: self.due_date.map(|date| date.0),
            rank: self.rank,
            confidential: self.confidential,
            participants: scalar::ids("input.participantIds", &self.participant_ids.unwrap_or_default())?,
            ..CreateIssue::in_team(scalar::id("input.teamId", &self.team_id)?)
        })
    }
}

/// What to change in an issue. What is not said stays. A null takes a value away where an issue can be without one, and
/// is otherwise as if not said.
#[derive(Debug, InputObject)]
pub(crate) struct IssueUpdateInput {
    /// The title, 1 to 512 characters.
    title: Option<String>,
    /// The description in markdown, at most 256 KiB.
    description: MaybeUndefined<String>,
    /// What kind of work it is. A type with a workflow of its own takes the issue there: into `stateId`, or else into the
    /// state that is like its own, as far as the rules let a new issue enter it.
    #[graphql(name = "type")]
    kind: Option<IssueType>,
    /// The state to move to.
    state_id: Option<ID>,
    /// Why it is closed; only for an issue that is, or is being, closed.
    resolution: Option<Resolution>,
    /// How pressing it is.
    priority: Option<Priority>,
    /// All who work on it; the first leads. At most 20.
    assignee_ids: Option<Vec<ID>>,
    /// Those who join, whoever else works on it.
    added_assignee_ids: Option<Vec<ID>>,
    /// Those who leave.
    removed_assignee_ids: Option<Vec<ID>>,
    /// All its labels. At most 50.
    label_ids: Option<Vec<ID>>,
    /// Labels to add, whichever it has.
    added_label_ids: Option<Vec<ID>>,
    /// Labels to take away.
    removed_label_ids: Option<Vec<ID>>,
    /// The issue it is a part of: global id or key.
    parent_id: MaybeUndefined<ID>,
    /// Its size, in points.
    estimate: MaybeUndefined<u32>,
    /// The day work is meant to start.
    start_date: MaybeUndefined<Date>,
    /// The day it is due.
    due_date: MaybeUndefined<Date>,
    /// Its place among its fellows.
    rank: Option<String>,
    /// Whether it is archived.
    archived: Option<bool>,
    /// Whether it is confidential: only those who made it, work on it or are named see it, and super admins. Who makes it so
    /// and would not see it any more is named with it.
    confidential: Option<bool>,
    /// All who are named to see it, while it is confidential. At most 50.
    participant_ids: Option<Vec<ID>>,
    /// Those who are named beside them.
    added_participant_ids: Option<Vec<ID>>,
    /// Those who are named no more.
    removed_participant_ids: Option<Vec<ID>>,
}

impl IssueUpdateInput {
    /// The patch.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    pub(super) fn patch(self) -> Result<IssuePatch> {
        let people = IssueAssignInput {
            assignee_ids: self.assignee_ids,
            added_assignee_ids: self.added_assignee_ids,
            removed_assignee_ids: self.removed_assignee_ids,
        };
        let parent = self.parent_id.as_opt_ref();
        Ok(IssuePatch {
            title: self.title,
            description: self.description.as_opt_ref().map(|text| text.cloned()),
            kind: self.kind.map(Into::into),
            state: self.state_id.map(|id| scalar::id("input.stateId", &id)).transpose()?,
            resolution: self.resolution.map(Into::into),
            priority: self.priority.map(Into::into),
            labels: self.label_ids.map(|ids| scalar::ids("input.labelIds", &ids)).transpose()?,
            added_labels: scalar::ids("input.addedLabelIds", &self.added_label_ids.unwrap_or_default())?,
            removed_labels: scalar::ids(
                "input.removedLabelIds",
                &self.removed_label_ids.unwrap_or_default(),
            )?,
            parent: parent
                .map(|id| id.map(|id| scalar::issue("input.parentId", id)).transpose())
                .transpose()?,
            estimate: self.estimate.as_opt_ref().map(|estimate| estimate.copied()),
            start_date: self.start_date.as_opt_ref().map(|date| date.map(|d| d.0)),
            due_date: self.due_date.as_opt_ref().map(|date| date.map(|d| d.0)),
            rank: self.rank,
            archived: self.archived,
            confidential: self.confidential,
            participants: self
                .participant_ids
                .map(|ids| scalar::ids("input.participantIds", &ids))
                .transpose()?,
            added_participants: scalar::ids(
                "input.addedParticipantIds",
                &self.added_participant_ids.unwrap_or_default(),
            )?,
            removed_participants: scalar::ids(
                "input.removedParticipantIds",
                &self.removed_participant_ids.unwrap_or_default(),
            )?,
            ..people.patch()?
        })
    }
}

/// Where to move an issue.
#[derive(Debug, InputObject)]
pub(crate) struct IssueTransitionInput {
    /// The state to move to: one of `Issue.allowedTransitions`.
    state_id: ID,
    /// Why it is closed; `DONE` unless said. Only for a state of category `COMPLETED` or `CANCELED`.
    resolution: Option<Resolution>,
}

impl IssueTransitionInput {
    /// The patch.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    pub(super) fn patch(self) -> Result<IssuePatch> {
        let state = scalar::id("input.stateId", &self.state_id)?;
        let resolution = self.resolution.map(Into::into);
        Ok(IssuePatch { state: Some(state), resolution, ..IssuePatch::default() })
    }
}

/// Who shall work on an issue.
#[derive(Debug, InputObject)]
pub(crate) struct IssueAssignInput {
    /// All who work on it; the first leads. An empty list is nobody. At most 20.
    assignee_ids: Option<Vec<ID>>,
    /// Those who join, whoever else works on it.
    added_assignee_ids: Option<Vec<ID>>,
    /// Those who leave.
    removed_assignee_ids: Option<Vec<ID>>,
}

impl IssueAssignInput {
    /// The patch.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    pub(super) fn patch(self) -> Result<IssuePatch> {
        let (added, removed) = (self.added_assignee_ids, self.removed_assignee_ids);
        Ok(IssuePatch {
            assignees: self.assignee_ids.map(|ids| scalar::ids("input.assigneeIds", &ids)).transpose()?,
            added_assignees: scalar::ids("input.addedAssigneeIds", &added.unwrap_or_default())?,
            removed_assignees: scalar::ids("input.removedAssigneeIds", &removed.unwrap_or_default())?,
            ..IssuePatch::default()
        })
    }
}

/// What happens to a bulk change when one of its issues cannot be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub(crate) enum BatchMode {
    /// Then none is changed. Up to 40 issues, or 16 when they are moved and comments are written with that.
    #[default]
    Atomic,
    /// Then the others are changed all the same. Up to 500 issues; users who are no admins may change up to 50.
    BestEffort,
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{InputType, Value};
    use mortise_engine::id::{MemberId, TeamId};

    fn input<T: InputType>(json: serde_json::Value) -> T {
        let value = Value::from_json(json).unwrap();
        T::parse(Some(value))
            .map_err(|error| error.into_server_error(async_graphql::Pos::default()).message)
            .unwrap()
    }

    #[test]
    fn an_issue_is_made_from_what_is_said_and_nothing_else() {
        let team = TeamId::generate();
        let said = serde_json::json!({"teamId": team.to_string(), "title": "Login fails", "type": "BUG"});
        let command = input::<IssueCreateInput>(said).command().unwrap();
        let kind = Some(mortise_engine::model::IssueKind::Bug);
        assert_eq!(command, CreateIssue { title: "Login fails".into(), kind, ..CreateIssue::in_team(team) });
    }

    #[test]
    fn a_patch_tells_silence_from_null() {
        let silent = input::<IssueUpdateInput>(serde_json::json!({})).patch().unwrap();
        assert_eq!(silent, IssuePatch::default());
        let said = serde_json::json!({"description": null, "dueDate": null, "parentId": null, "estimate": 3});
        let patch = input::<IssueUpdateInput>(said).patch().unwrap();
        assert_eq!((patch.description, patch.due_date), (Some(None), Some(None)));
        assert_eq!((patch.parent, patch.estimate), (Some(None), Some(Some(3))));
    }

    #[test]
    fn a_bad_id_in_a_list_names_its_place() {
        let said = serde_json::json!({"addedAssigneeIds": [MemberId::generate().to_string(), "bob"]});
        let error = input::<IssueAssignInput>(said).patch().unwrap_err();
        assert_eq!(error.field(), Some("input.addedAssigneeIds[1]"));
    }
}
