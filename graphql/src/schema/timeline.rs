//! The items of an issue's history: one type for each kind of change, with what it was and what it became.
//!
//! Each is made from one change of one event: see `timeline/change.rs`. The table below declares the types, the union and
//! the interface in one place. A field's name says what changed (`fromTitle`, not `from`): GraphQL refuses to select
//! fields of one name and several types side by side.

mod change;

pub(super) use change::{count, items};

use super::comment::CommentNode;
use super::issue_transition::ApprovalNode;
use super::label::LabelNode;
use super::member::MemberNode;
use super::plugin_amendment::AmendmentNode;
use super::relation::RelationChangeNode;
use super::scalar::{self, Date, DateTime};
use super::word::{IssueType, Origin, Priority, Resolution, StateCategory};
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::{ComplexObject, Context, Enum, ID, Interface, SimpleObject, Union};
use mortise_engine::event::{Actor, Event};
use mortise_engine::id::CommentId;

/// What kind of party did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ActorKind {
    /// A member, in a session of their own.
    Member,
    /// A program, with an API key of a member.
    ApiKey,
    /// An operator of the platform.
    Root,
    /// The engine itself, or the program that embeds it.
    System,
    /// A plugin, as a member of its own.
    Plugin,
}

impl From<Actor> for ActorKind {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Member(_) => Self::Member,
            Actor::Key(..) => Self::ApiKey,
            Actor::Root(_) => Self::Root,
            Actor::System => Self::System,
            Actor::Plugin(_) => Self::Plugin,
        }
    }
}

/// What all items of one event have in common, and the place of this one.
#[derive(Clone)]
struct Common {
    id: ID,
    seq: u64,
    at: DateTime,
    actor: Option<Row<MemberNode>>,
    actor_kind: ActorKind,
    origin: Origin,
    amended_by: Vec<AmendmentNode>,
}

impl Common {
    /// Of a whole event, or of one of its changes with the field that it is of.
    fn of(cx: &Snapshot, event: &Event, change: Option<(usize, &str)>) -> Self {
        let (index, field) = change.unzip();
        let index = index.unwrap_or_default();
        Self {
            id: ID(format!("evt_{}_{index}", event.seq)),
            seq: event.seq.0,
            at: DateTime(event.at),
            actor: event.actor.member().and_then(|id| MemberNode::find(cx, id)),
            actor_kind: event.actor.into(),
            origin: event.origin.into(),
            amended_by: AmendmentNode::all(&event.amended, field),
        }
    }
}

/// Declares the types of items: each an object with the common fields and its own, all in the union and interface.
macro_rules! items {
    ($($(#[$doc:meta])* $name:ident $(as $complex:ident)? { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, SimpleObject)]
            $(#[graphql($complex)])?
            pub(crate) struct $name {
                /// Names this item in the history; not a global id.
                #[graphql(owned)]
                id: ID,
                /// The place of its event in the company's log. Changes made at once share it.
                #[graphql(owned)]
                seq: u64,
                /// When it happened; for an import, when it happened there.
                #[graphql(owned)]
                at: DateTime,
                /// The member in whose name it was done; null for the platform and the embedding program.
                #[graphql(owned)]
                actor: Option<Row<MemberNode>>,
                /// What kind of party did it.
                #[graphql(owned)]
                actor_kind: ActorKind,
                /// By which way it came in.
                #[graphql(owned)]
                origin: Origin,
                /// The plugins that amended it, in the order in which they were asked, with the fields that are different because
                /// of them: of a change of one field that one alone.
                #[graphql(owned)]
                amended_by: Vec<AmendmentNode>,
                $($(#[$field_doc])* $field: $ty,)*
            }

            impl $name {
                fn item(common: Common, $($field: $ty),*) -> IssueHistoryItem {
                    let Common { id, seq, at, actor, actor_kind, origin, amended_by } = common;
                    IssueHistoryItem::$name(Self { id, seq, at, actor, actor_kind, origin, amended_by, $($field),* })
                }
            }
        )*

        /// Something that happened to an issue.
        #[derive(Clone, Union)]
        #[expect(clippy::enum_variant_names, reason = "they are the names of the types in the schema")]
        pub(crate) enum IssueHistoryItem {
            $($(#[$doc])* $name($name),)*
        }

        /// What all items of an issue's history have in common.
        #[derive(Clone, Interface)]
        #[graphql(
            field(name = "id", ty = "ID", desc = "Names this item in the history; not a global id."),
            field(name = "seq", ty = "u64", desc = "The place of its event in the company's log."),
            field(name = "at", ty = "DateTime", desc = "When it happened; for an import, when it happened there."),
            field(name = "actor", ty = "Option<Row<MemberNode>>", desc = "The member in whose name it was done."),
            field(name = "actor_kind", ty = "ActorKind", desc = "What kind of party did it."),
            field(name = "origin", ty = "Origin", desc = "By which way it came in."),
            field(name = "amended_by", ty = "Vec<AmendmentNode>", desc = "The plugins that amended it.")
        )]
        #[expect(clippy::enum_variant_names, reason = "they are the names of the types in the schema")]
        pub(crate) enum TimelineEvent {
            $($(#[$doc])* $name($name),)*
        }
    };
}

items! {
    /// The issue was made.
    IssueCreatedEvent {
        /// The title it was made with.
        title: String,
        /// The state it was made in.
        state: Row<StateNode>,
    }
    /// The title changed.
    IssueTitleChangedEvent {
        /// What it was.
        from_title: String,
        /// What it became.
        to_title: String,
    }
    /// The description changed.
    IssueDescriptionChangedEvent {
        /// What it became; null when it was taken away.
        to_description: Option<String>,
    }
    /// The kind of work changed.
    IssueTypeChangedEvent {
        /// What it was.
        from_type: IssueType,
        /// What it became.
        to_type: IssueType,
    }
    /// The issue moved to another state.
    IssueStateChangedEvent {
        /// The state it left.
        from_state: Row<StateNode>,
        /// The state it entered.
        to_state: Row<StateNode>,
        /// What the state it left meant then.
        from_category: StateCategory,
        /// What the state it entered meant then.
        to_category: StateCategory,
    }
    /// The reason for closing changed.
    IssueResolutionChangedEvent {
        /// What it was.
        from_resolution: Option<Resolution>,
        /// What it became.
        to_resolution: Option<Resolution>,
    }
    /// The priority changed.
    IssuePriorityChangedEvent {
        /// What it was.
        from_priority: Priority,
        /// What it became.
        to_priority: Priority,
    }
    /// Those who work on the issue changed.
    IssueAssigneesChangedEvent {
        /// Those who joined.
        added_assignees: Rows<MemberNode>,
        /// Those who left.
        removed_assignees: Rows<MemberNode>,
        /// All who work on it from then on; the first leads.
        to_assignees: Rows<MemberNode>,
    }
    /// The labels changed.
    IssueLabelsChangedEvent {
        /// Those that were added.
        added_labels: Rows<LabelNode>,
        /// Those that were taken away.
        removed_labels: Rows<LabelNode>,
    }
    /// The issue became a part of another one, or of none.
    IssueParentChangedEvent {
        /// The global id of the issue it was a part of.
        from_parent_id: Option<ID>,
        /// The global id of the issue it became a part of.
        to_parent_id: Option<ID>,
    }
    /// The issue's relations to others changed, whichever of the two they were changed at.
    IssueRelationsChangedEvent {
        /// Those that were added.
        added_relations: Rows<RelationChangeNode>,
        /// Those that were taken away.
        removed_relations: Rows<RelationChangeNode>,
    }
    /// Who sees the issue changed.
    IssueConfidentialityChangedEvent {
        /// Whether it was confidential.
        from_confidential: bool,
        /// Whether it became so.
        to_confidential: bool,
        /// Those who are named to see it from then on.
        to_participants: Rows<MemberNode>,
    }
    /// The size changed.
    IssueEstimateChangedEvent {
        /// What it was.
        from_estimate: Option<u32>,
        /// What it became.
        to_estimate: Option<u32>,
    }
    /// The day on which work is meant to start changed.
    IssueStartDateChangedEvent {
        /// What it was.
        from_start_date: Option<Date>,
        /// What it became.
        to_start_date: Option<Date>,
    }
    /// The day on which it is due changed.
    IssueDueDateChangedEvent {
        /// What it was.
        from_due_date: Option<Date>,
        /// What it became.
        to_due_date: Option<Date>,
    }
    /// The issue was put elsewhere among its fellows.
    IssueRankChangedEvent {
        /// Where it was.
        from_rank: String,
        /// Where it came.
        to_rank: String,
    }
    /// The issue was moved to another version of its workflow, or to another workflow. A change of its state that this took
    /// is an item of its own.
    IssueWorkflowChangedEvent {
        /// The version it followed.
        from_workflow_version: Option<Row<VersionNode>>,
        /// The version it follows from then on.
        to_workflow_version: Option<Row<VersionNode>>,
    }
    /// Approval of a move was asked for, given, taken back, or ended because the issue left its state.
    IssueApprovalChangedEvent {
        /// The state that the move leads to.
        approval_state: Row<StateNode>,
        /// What it was; null when it was asked for.
        from_approval: Option<Row<ApprovalNode>>,
        /// What it became; null when it ended.
        to_approval: Option<Row<ApprovalNode>>,
    }
    /// The issue was archived.
    IssueArchivedEvent {}
    /// The issue was taken out of the archive.
    IssueUnarchivedEvent {}
    /// The issue was deleted.
    IssueDeletedEvent {}
    /// The issue was taken back.
    IssueRestoredEvent {}
    /// A comment was written.
    CommentCreatedEvent as complex {
        /// The global id of the comment.
        comment_id: ID,
    }
    /// A comment's text was edited.
    CommentEditedEvent as complex {
        /// The global id of the comment.
        comment_id: ID,
    }
    /// A comment was deleted.
    CommentDeletedEvent {
        /// The global id of the comment.
        comment_id: ID,
    }
    /// Something happened whose content was erased since.
    ErasedEvent {}
}

/// The comment of an item, as it is now.
async fn comment_now(ctx: &Context<'_>, id: &ID) -> Result<Option<Row<CommentNode>>> {
    let asked = Asked::of(ctx)?;
    let id: CommentId = scalar::id("commentId", id)?;
    let found = asked.snapshot.rows(asked.snapshot.reader().comment(id)).await?;
    Ok(found.map(CommentNode::now).map(Row))
}

#[ComplexObject]
impl CommentCreatedEvent {
    /// The comment as it is now; null when it was deleted.
    async fn comment(&self, ctx: &Context<'_>) -> Result<Option<Row<CommentNode>>> {
        comment_now(ctx, &self.comment_id).await
    }
}

#[ComplexObject]
impl CommentEditedEvent {
    /// The comment as it is now; null when it was deleted.
    async fn comment(&self, ctx: &Context<'_>) -> Result<Option<Row<CommentNode>>> {
        comment_now(ctx, &self.comment_id).await
    }
}
