//! What every mutation answers: the thing as it became, refusals beside it, and the place in the log.
//!
//! A refusal that lies in the request's own content comes as `userErrors` beside a null; anything else is an error of
//! the request.

use super::comment::CommentNode;
use super::entitlement::ExceededEntitlement;
use super::issue::IssueNode;
use super::label::LabelNode;
use super::member::MemberNode;
use super::saved_view::SavedViewNode;
use super::team::TeamNode;
use super::word::ErrorCode;
use super::workflow::WorkflowNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::SimpleObject;
use mortise_engine::command::IssueRef;
use mortise_engine::directory::DirectoryRow;
use mortise_engine::draft::{self, RowWrite};
use mortise_engine::event::{EventBody, Subject};
use mortise_engine::id::CommentId;
use mortise_engine::{Committed, Error};

/// A refusal of a part of a request, for a person: it belongs beside the field in a form.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct UserError {
    /// The field of the input that is at fault, as a path such as `title`; null when it is none.
    field: Option<String>,
    /// What kind of refusal it is.
    code: ErrorCode,
    /// One sentence that says what was refused, and why.
    message: String,
    /// Which item of a bulk request it is about, from 0.
    index: Option<u32>,
    /// Of what the company has no more, when `code` is `ENTITLEMENT_EXCEEDED`.
    exceeded: Option<ExceededEntitlement>,
}

impl UserError {
    /// Whether it is about the item of a bulk request with this place.
    pub(super) fn is_about(&self, index: u32) -> bool {
        self.index == Some(index)
    }

    /// A refusal, once for each field that it marks; and once for none, where no field says what it says as a whole.
    pub(super) fn all(error: &Error) -> Vec<Self> {
        draft::UserError::all_of(error).into_iter().map(Self::from).collect()
    }
}

impl From<draft::UserError> for UserError {
    fn from(error: draft::UserError) -> Self {
        let code = error.error_code().into();
        let exceeded = error.exceeded.map(ExceededEntitlement::from);
        Self { field: error.field, code, message: error.message, index: error.index, exceeded }
    }
}

/// What a mutation did: what it answers with besides the thing itself.
pub(super) struct Outcome {
    pub(super) done: Option<Committed>,
    pub(super) errors: Vec<UserError>,
    pub(super) sync_cursor: String,
    pub(super) events: Vec<String>,
}

impl Outcome {
    /// Tells refusals for the form from failures.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    pub(super) fn of(cx: &Snapshot, done: mortise_engine::Result<Committed>) -> Result<Self> {
        match done {
            Ok(done) => Ok(Self {
                errors: done.errors.iter().cloned().map(UserError::from).collect(),
                sync_cursor: done.seq.to_string(),
                events: done
                    .events
                    .iter()
                    .filter_map(|e| e.body.as_ref())
                    .map(EventBody::name)
                    .map(str::to_owned)
                    .collect(),
                done: Some(done),
            }),
            Err(error) if error.code().is_user_error() => Ok(Self::refused(cx, &error)),
            Err(error) => Err(error.into()),
        }
    }

    fn refused(cx: &Snapshot, error: &Error) -> Self {
        let sync_cursor = cx.reader().seq().to_string();
        Self { done: None, errors: UserError::all(error), sync_cursor, events: Vec::new() }
    }
}

/// What a change answers, or why it was refused: refusals that lie in the request's own content stand beside the answer.
///
/// # Errors
///
/// Everything that is not the fault of the request's own content.
pub(super) fn settled<T>(done: mortise_engine::Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match done {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(error) if error.code().is_user_error() => Ok((None, UserError::all(&error))),
        Err(error) => Err(error.into()),
    }
}

/// A thing that mutations answer with.
pub(super) trait Entity: Sized {
    /// The thing as the change left it: for a rehearsal as it would have become, for a repeated request as it is now.
    async fn after(cx: &Snapshot, done: &Committed) -> mortise_engine::Result<Option<Self>>;
}

impl Entity for IssueNode {
    async fn after(cx: &Snapshot, done: &Committed) -> mortise_engine::Result<Option<Self>> {
        let written = done.rows.iter().find_map(|row| match row {
            RowWrite::Issue { after, .. } => Some(after.clone()),
            _ => None,
        });
        match (written, done.issue()) {
            // A change may put an issue out of the sight of who made it.
            (Some(issue), _) => Ok(cx.reader().refreshed().as_seen(&issue).map(Self::now)),
            (None, Some(id)) => Ok(cx.reader().issue_even_deleted(&IssueRef::Id(id)).await?.map(Self::now)),
            (None, None) => Ok(None),
        }
    }
}

/// Declares how a thing of a small table is found after a change.
macro_rules! directory_entity {
    ($($node:ident: $variant:ident by $find:ident,)*) => {$(
        impl Entity for $node {
            async fn after(cx: &Snapshot, done: &Committed) -> mortise_engine::Result<Option<Self>> {
                let written = done.rows.iter().find_map(|row| match row {
                    RowWrite::Directory(DirectoryRow::$variant(row)) => Some(Self(row.clone())),
                    _ => None,
                });
                let named = done.subjects.iter().find_map(|subject| match subject {
                    Subject::$variant(id) => Some(*id),
                    _ => None,
                });
                Ok(written.or_else(|| cx.directory().$find(named?).cloned().map(Self)))
            }
        }
    )*};
}

directory_entity! {
    LabelNode: Label by label,
    MemberNode: Member by member,
    SavedViewNode: View by view,
    TeamNode: Team by team,
}

impl Entity for WorkflowNode {
    /// A draft has no place of its own among the subjects of an answer: it is shown with its workflow.
    async fn after(cx: &Snapshot, done: &Committed) -> mortise_engine::Result<Option<Self>> {
        let rows = || {
            done.rows.iter().filter_map(|row| match row {
                RowWrite::Directory(row) => Some(row),
                _ => None,
            })
        };
        let written = rows().find_map(|row| match row {
            DirectoryRow::Workflow(row) => Some(row.clone()),
            _ => None,
        });
        let mut version = rows().filter_map(|row| match row {
            DirectoryRow::WorkflowVersion(row) => Some(row.clone()),
            _ => None,
        });
        let named = done.subjects.iter().find_map(|subject| match subject {
            Subject::Workflow(id) => Some(*id),
            _ => None,
        });
        let workflow = written.or_else(|| cx.directory().workflow(named?).cloned());
        // Where several were written, the last is the one that had been the draft.
        Ok(workflow.map(|workflow| Self(workflow, version.next_back())))
    }
}

impl Entity for CommentNode {
    /// Comments have no place of their own among the subjects of an answer. A repeated request is answered from the event
    /// that it was, which is the last one of its change.
    async fn after(cx: &Snapshot, done: &Committed) -> mortise_engine::Result<Option<Self>> {
        let written = done.rows.iter().find_map(|row| match row {
            RowWrite::Comment { after, .. } => Some(Self::now(after.clone())),
            _ => None,
        });
        let (None, true, Some(issue)) = (&written, done.replayed, done.issue()) else { return Ok(written) };
        let Some(issue) = cx.reader().issue_even_deleted(&IssueRef::Id(issue)).await? else {
            return Ok(None);
        };
        let event = cx.reader().history(&issue, Some(done.seq), 1).await?.pop();
        let comment = match event.and_then(|event| event.body) {
            Some(EventBody::CommentCreated { comment }) => comment.id,
            Some(EventBody::CommentEdited { comment, .. }) => comment,
            Some(EventBody::CommentDeleted { comment, .. }) => {
                return Ok(cx.reader().comment_even_deleted(comment).await?.map(Self::now));
            }
            _ => return Ok(None),
        };
        Ok(cx.reader().comment(comment).await?.map(Self::now))
    }
}

impl CommentPayload {
    /// This answer with the comment as it is, where nothing about it had to be changed.
    pub(super) async fn or_as_it_is(mut self, asked: &Asked<'_>, comment: CommentId) -> Result<Self> {
        if self.success && self.comment.is_none() {
            let found = asked.snapshot.rows(asked.snapshot.reader().comment(comment)).await?;
            self.comment = found.map(CommentNode::now).map(Row);
        }
        Ok(self)
    }
}

/// Declares the payloads, which differ in the thing they answer with.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $(#[$entity_doc:meta])* $entity:ident: $node:ident })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, SimpleObject)]
        pub(crate) struct $name {
            /// Whether it was done, or already was so. False exactly when there are `userErrors`.
            success: bool,
            $(#[$entity_doc])*
            $entity: Option<Row<$node>>,
            /// Why it was refused.
            user_errors: Vec<UserError>,
            /// The place in the company's log at which this answer is true; a client that has synchronised up to there
            /// has seen the change.
            sync_cursor: String,
            /// The names of the events it wrote, such as `issue.created`; for a dry run, those it would write.
            events: Vec<String>,
        }

        impl $name {
            /// The answer to a change.
            ///
            /// # Errors
            ///
            /// Everything that is not the fault of the request's own content.
            pub(super) async fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
                asked.snapshot.catch_up();
                let outcome = Outcome::of(asked.snapshot, done)?;
                let found = async {
                    match &outcome.done {
                        Some(done) => $node::after(asked.snapshot, done).await,
                        None => Ok(None),
                    }
                };
                let entity = asked.snapshot.rows(found).await?;
                Ok(Self {
                    success: outcome.errors.is_empty(),
                    $entity: entity.map(Row),
                    user_errors: outcome.errors,
                    sync_cursor: outcome.sync_cursor,
                    events: outcome.events,
                })
            }
        }
    )*};
}

payloads! {
    /// The answer to a change of an issue.
    IssuePayload {
        /// The issue as it became; null when it was refused.
        issue: IssueNode
    }
    /// The answer to a change of a comment.
    CommentPayload {
        /// The comment as it became; null when it was refused.
        comment: CommentNode
    }
    /// The answer to a change of a team.
    TeamPayload {
        /// The team as it became; null when it was refused.
        team: TeamNode
    }
    /// The answer to a change of a label.
    LabelPayload {
        /// The label as it became; null when it was refused.
        label: LabelNode
    }
    /// The answer to a change of a member.
    MemberPayload {
        /// The member as they became; null when it was refused.
        member: MemberNode
    }
    /// The answer to a change of a workflow.
    WorkflowPayload {
        /// The workflow as it became; null when it was refused.
        workflow: WorkflowNode
    }
    /// The answer to a change of a saved view.
    ViewPayload {
        /// The view as it became; null when it was refused.
        view: SavedViewNode
    }
}

/// The answer to a choice of views to keep at hand.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct FavoritesPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The views that are at hand then, in their order.
    favorites: Rows<SavedViewNode>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl FavoritesPayload {
    /// The answer to a change.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    pub(super) fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
        asked.snapshot.catch_up();
        let outcome = Outcome::of(asked.snapshot, done)?;
        let written = outcome.done.iter().flat_map(|done| &done.rows).find_map(|row| match row {
            RowWrite::Directory(DirectoryRow::Favorites(kept)) => Some(kept.views.as_slice()),
            _ => None,
        });
        let favorites = written.map_or_else(
            || SavedViewNode::favorites(asked.snapshot),
            |ids| SavedViewNode::all(asked.snapshot, ids),
        );
        asked.snapshot.charge(favorites.0.len())?;
        Ok(Self {
            success: outcome.errors.is_empty(),
            favorites,
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}
