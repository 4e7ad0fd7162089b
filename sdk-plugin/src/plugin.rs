//! What a plugin may be asked: a trait for each kind. [`register!`](crate::register) says which of them one is.

use crate::prelude::{
    Call, Edit, Error, Event, Failure, InboundRequest, InboundResponse, Issue, NextState, Proposal, StateRef,
    Step, Tick, Verdict,
};

/// Takes part in decisions, inside the request of whoever asks: quick, and without effects.
///
/// An error is a failure of the plugin: what was proposed is then refused or passes, as the company has said.
pub trait WorkflowPlugin {
    /// What else should change with it; nothing unless said. `issue` is as the proposal would leave it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from an answer.
    fn amend(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Vec<Edit>, Error> {
        let _ = (call, issue, proposal);
        Ok(Vec::new())
    }

    /// Whether it may be; yes unless said. `issue` is as everything together would leave it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from an answer.
    fn validate(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        let _ = (call, issue, proposal);
        Ok(Verdict::allow())
    }

    /// Which of the candidates each issue may enter; all of them unless said. A whole board is asked about at once.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from an answer.
    fn next_states(
        call: &Call,
        issues: &[Issue],
        candidates: &[Vec<StateRef>],
    ) -> Result<Vec<Vec<NextState>>, Error> {
        let _ = (call, issues);
        Ok(candidates.iter().map(|states| states.iter().cloned().map(NextState::enabled).collect()).collect())
    }
}

/// Acts on what has happened: after the commit, at least once, in order for each issue.
pub trait AutomationPlugin {
    /// Handles one event. What it stages happens when it returns ok, all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::Retry`] to be given the same event later, [`Failure::Permanent`] not to.
    fn on_event(call: &Call, event: Event) -> Result<(), Failure>;
}

/// Acts at times that the manifest names.
pub trait ScheduledPlugin {
    /// Handles one tick.
    ///
    /// # Errors
    ///
    /// As [`AutomationPlugin::on_event`].
    fn on_schedule(call: &Call, tick: Tick) -> Result<(), Failure>;
}

/// Answers requests from outside, at an address of the installation.
pub trait InboundPlugin {
    /// Answers one request. What it stages happens before the answer goes out.
    ///
    /// # Errors
    ///
    /// As [`AutomationPlugin::on_event`]; the other side is told to come again, or not to.
    fn on_request(call: &Call, request: InboundRequest) -> Result<InboundResponse, Failure>;
}

/// Is told what becomes of its installation: the place to move stored entries to a new form.
pub trait LifecyclePlugin {
    /// Handles one step. A failure of [`Step::Upgraded`] keeps the earlier version.
    ///
    /// # Errors
    ///
    /// As [`AutomationPlugin::on_event`].
    fn on_lifecycle(call: &Call, step: Step) -> Result<(), Failure>;
}
