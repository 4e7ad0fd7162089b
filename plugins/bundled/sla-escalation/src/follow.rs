//! What events say of clocks: that somebody answered, that a clock stands still or runs again.

use crate::calendar::Calendar;
use crate::memory::Record;
use crate::settings::Settings;
use bundled_common::is_closed;
use mortise_sdk::prelude::*;

/// Notes an answer.
pub(crate) fn comment(call: &Call, settings: &Settings, commented: &Commented) -> Result<(), Error> {
    let is_answer =
        call.actor.kind != ActorKind::Plugin && commented.comment.author != commented.issue.creator;
    if !is_answer || settings.policy(&commented.issue).is_none() {
        return Ok(());
    }
    let mut record = Record::load(&commented.issue.id)?;
    if record.answered || record.own.contains(&commented.comment.id) {
        return Ok(());
    }
    record.answered = true;
    record.save(&commented.issue.id)
}

/// Notes that the clocks stand still, or run again.
pub(crate) fn state(
    call: &Call,
    settings: &Settings,
    calendar: &Calendar,
    issue: &Issue,
) -> Result<(), Error> {
    if settings.paused_states.is_empty() || settings.policy(issue).is_none() {
        return Ok(());
    }
    let mut record = Record::load(&issue.id)?;
    let before = record.clone();
    let since = if issue.in_state_since.is_empty() { &call.now } else { &issue.in_state_since };
    // A closed issue's clocks stand still too, should it be reopened.
    match (settings.pauses(&issue.state) || is_closed(issue.state.category), record.paused_since.take()) {
        (true, None) => record.paused_since = Some(since.clone()),
        (true, Some(began)) => record.paused_since = Some(began),
        (false, Some(began)) => record.paused += calendar.minutes(&began, since, i64::MAX),
        (false, None) => {}
    }
    if record == before { Ok(()) } else { record.save(&issue.id) }
}
