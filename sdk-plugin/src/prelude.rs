//! Everything that a plugin names: `use mortise_sdk::prelude::*;`.

pub use crate::bindings::automation::exports::mortise::plugin::automation::{
    Commented, Event, Other, Updated,
};
pub use crate::bindings::imports::mortise::plugin::commands::NewIssue;
pub use crate::bindings::imports::mortise::plugin::issues::{CommentPage, Member, Page, Team};
pub use crate::bindings::imports::mortise::plugin::types::{
    Actor, ActorKind, Call, Category, Change, Comment, Edit, Error, Failure, Field, FieldError, Issue, Kind,
    LabelRef, Priority, Quota, Relation, RunMode, StateRef, Value,
};
pub use crate::bindings::inbound::exports::mortise::plugin::inbound::{
    Request as InboundRequest, Response as InboundResponse,
};
pub use crate::bindings::lifecycle::exports::mortise::plugin::lifecycle::Step;
pub use crate::bindings::scheduled::exports::mortise::plugin::scheduled::Tick;
pub use crate::bindings::workflow::exports::mortise::plugin::workflow::{
    Denial, NextState, Proposal, Transition, Verdict,
};
pub use crate::host;
pub use crate::plugin::{AutomationPlugin, InboundPlugin, LifecyclePlugin, ScheduledPlugin, WorkflowPlugin};
