//! What becomes of an event after an attempt to act on it. Pure.

use crate::backoff;
use crate::host::wit::Failure;
use crate::host::{Answer, Stopped};
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode};

/// How long one waits for room or for the host, in milliseconds; such attempts do not count.
const WAIT_MS: i64 = 2_000;

/// And where nobody can be asked for a reason that does not pass by itself.
const LONG_WAIT_MS: i64 = 60_000;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// What was staged may happen.
    Done,
    /// Once more at this time.
    Again(Timestamp, String),
    /// Not again.
    GivenUp(String),
    /// Once more at this time, as if it had not been tried.
    Wait(Timestamp, String),
}

impl Fate {
    /// By what the guest answered, at the attempt of this number (from 1). `chance` spreads the delays.
    pub(crate) fn of(outcome: &Result<Answer, Stopped>, attempt: u32, now: Timestamp, chance: u32) -> Self {
        match outcome {
            Ok(Answer::Failed(Failure::Permanent(why))) => Self::GivenUp(why.clone()),
            Ok(Answer::Failed(Failure::Retry(why))) => Self::later(why.clone(), attempt, now, chance),
            Ok(_) => Self::Done,
            Err(Stopped::Busy { .. } | Stopped::Spent(_) | Stopped::Host(_)) => {
                Self::Wait(now.plus_millis(WAIT_MS), outcome_words(outcome))
            }
            Err(_) => Self::later(outcome_words(outcome), attempt, now, chance),
        }
    }

    /// By why what was staged could not be done.
    pub(crate) fn refused(error: &Error, attempt: u32, now: Timestamp, chance: u32) -> Self {
        let why = format!("what it wanted was refused: {}", error.message());
        match error.code() {
            // Somebody was faster: once it is tried again at once.
            ErrorCode::Conflict if attempt == 1 => Self::Again(now, why),
            ErrorCode::Conflict => Self::later(why, attempt, now, chance),
            ErrorCode::Unavailable => Self::Wait(now.plus_millis(WAIT_MS), why),
            _ => Self::GivenUp(why),
        }
    }

    /// By why nobody was asked: the code could not be had, say. That is no attempt, and nothing is given up for it.
    pub(crate) fn not_asked(error: &Error, now: Timestamp) -> Self {
        let wait = if error.code() == ErrorCode::Unavailable { WAIT_MS } else { LONG_WAIT_MS };
        Self::Wait(now.plus_millis(wait), format!("it could not be asked: {}", error.message()))
    }

    /// Once more after the delay for this attempt, or not again.
    fn later(why: String, attempt: u32, now: Timestamp, chance: u32) -> Self {
        match backoff::delay_after(attempt, chance) {
            Some(delay) => {
                let millis = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
                Self::Again(now.plus_millis(millis), why)
            }
            None => Self::GivenUp(format!("it failed {attempt} times; the last time: {why}")),
        }
    }
}

fn outcome_words(outcome: &Result<Answer, Stopped>) -> String {
    outcome.as_ref().err().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);
    const MIDDLE: u32 = u32::MAX / 2 + 1;

    #[test]
    fn a_guest_that_wants_to_be_asked_again_is_asked_later_and_at_last_no_more() {
        let retry = Ok(Answer::Failed(Failure::Retry("later".into())));
        assert_eq!(
            Fate::of(&retry, 1, NOW, MIDDLE),
            Fate::Again(Timestamp::from_millis(10_000), "later".into())
        );
        assert!(matches!(Fate::of(&retry, 8, NOW, MIDDLE), Fate::Again(..)));
        assert!(matches!(Fate::of(&retry, 9, NOW, MIDDLE), Fate::GivenUp(why) if why.ends_with("later")));
        let permanent = Ok(Answer::Failed(Failure::Permanent("never".into())));
        assert_eq!(Fate::of(&permanent, 1, NOW, MIDDLE), Fate::GivenUp("never".into()));
        assert_eq!(Fate::of(&Ok(Answer::Done), 1, NOW, MIDDLE), Fate::Done);
        assert!(matches!(Fate::of(&Err(Stopped::Trap("x".into())), 1, NOW, MIDDLE), Fate::Again(..)));
        let busy = Err(Stopped::Busy { waited: std::time::Duration::from_secs(5) });
        assert!(matches!(Fate::of(&busy, 1, NOW, MIDDLE), Fate::Wait(..)));
        let host = Err(Stopped::Host("its thread is gone".into()));
        assert!(matches!(Fate::of(&host, 9, NOW, MIDDLE), Fate::Wait(..)), "that is no attempt");
    }

    #[test]
    fn a_conflict_is_tried_again_and_a_refusal_is_not() {
        let conflict = Error::conflict("somebody was faster");
        assert!(matches!(Fate::refused(&conflict, 1, NOW, MIDDLE), Fate::Again(..)));
        let refused = Error::rejected("the workflow does not permit it");
        assert!(
            matches!(Fate::refused(&refused, 1, NOW, MIDDLE), Fate::GivenUp(why) if why.contains("permit"))
        );
        assert!(matches!(Fate::not_asked(&refused, NOW), Fate::Wait(..)), "nobody was asked");
        let unknown = Error::unavailable("the store is busy");
        assert!(matches!(Fate::refused(&unknown, 1, NOW, MIDDLE), Fate::Wait(..)));
    }
}
