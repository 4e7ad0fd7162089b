//! The words of plugins as GraphQL enums, word for word: a value missing on either side does not compile.

use async_graphql::Enum;
use mortise_engine::model;
use mortise_plugins::automation;
use mortise_plugins::backtest;
use mortise_plugins::service;

/// Where a plugin comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PluginOrigin")]
pub(crate) enum PluginOrigin {
    /// The company uploaded it.
    Own,
    /// The catalogue of those who run the platform.
    Curated,
}

/// How an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::InstallationStatus")]
pub(crate) enum PluginStatus {
    /// It is there and takes no part.
    Disabled,
    /// It takes part.
    Enabled,
    /// It was taken away; what it did stays.
    Removed,
}

/// Whether what a plugin says counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PluginMode")]
pub(crate) enum PluginMode {
    /// It counts.
    Enforce,
    /// It is asked and recorded, and changes nothing.
    Shadow,
}

/// What becomes of a change when a plugin that is asked about it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::OnFailure")]
pub(crate) enum PluginOnFailure {
    /// It is refused.
    Closed,
    /// It passes.
    Open,
}

/// What a plugin can be asked about before it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::HookPoint")]
pub(crate) enum PluginHookPoint {
    /// A new issue.
    Create,
    /// Other fields of an issue.
    Update,
    /// A move to another state.
    Transition,
    /// A new comment.
    Comment,
}

/// What a plugin was called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "service::RunTask")]
pub(crate) enum PluginTask {
    /// What else should change with a proposal.
    Amend,
    /// Whether a proposal may be.
    Validate,
    /// Which states issues may enter.
    NextStates,
    /// Something has happened.
    Event,
    /// It is time.
    Schedule,
    /// A request from outside.
    Inbound,
    /// What becomes of the installation.
    Lifecycle,
}

/// Whether what a run said counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "service::RunMode")]
pub(crate) enum PluginRunMode {
    /// It counted.
    Live,
    /// It was recorded alone.
    Shadow,
    /// Somebody wanted to see what would happen.
    DryRun,
    /// An earlier run, done again from its recording.
    Replay,
}

/// What came of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "service::RunAnswer")]
pub(crate) enum PluginRunAnswer {
    /// It let it pass, or had nothing to add.
    Allowed,
    /// It said no.
    Denied,
    /// It changed something with it.
    Amended,
    /// It narrowed the states.
    Narrowed,
    /// It did its work, and what it staged was done.
    Done,
    /// It wants to be asked again later.
    Retry,
    /// It gave up.
    GaveUp,
    /// It was stopped, or failed.
    Failed,
    /// There was no room for it, or the host could not do its part.
    NotRun,
    /// It was done, but what it staged was refused.
    Refused,
}

/// What a plugin would have done to something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "backtest::BacktestEffect")]
pub(crate) enum PluginBacktestEffect {
    /// It would have said no.
    Denied,
    /// It would have changed something with it.
    Amended,
    /// It would have been stopped, or failed.
    Failed,
}

/// How far a backtest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "backtest::BacktestStatus")]
pub(crate) enum PluginBacktestStatus {
    /// It goes on.
    Running,
    /// It has looked at everything.
    Done,
    /// Somebody has stopped it.
    Canceled,
    /// It could not go on.
    Failed,
}

/// What a plugin has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "automation::FailureKind")]
pub(crate) enum PluginFailureKind {
    /// Acting on an event.
    Event,
    /// Sending a request.
    Request,
    /// Acting at a time.
    Schedule,
}
