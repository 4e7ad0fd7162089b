//! What came of a call, as it is kept and shown: in words, with what it used, and what was logged.

use super::{RunAnswer, RunLog, RunOutcome, RunShare};
use crate::convert::{line, text};
use crate::host::wit::{self, log::Level};
use crate::host::{Answer, Budget, LogLine, Stopped, Used};
use std::borrow::Cow;

/// Characters of the words of an outcome, and of one line of a log.
pub(super) const WORDS_CHARS_MAX: usize = 500;
const LOG_CHARS_MAX: usize = 2_000;

/// Bytes of the details of an outcome.
const DETAIL_BYTES_MAX: usize = 16 << 10;

/// What came of a call, with words that are copied only where they are not always the same: nearly all calls end in such.
pub(super) struct Said {
    pub(super) answer: RunAnswer,
    pub(super) kind: &'static str,
    pub(super) words: Cow<'static, str>,
}

impl From<Said> for RunOutcome {
    fn from(Said { answer, kind, words }: Said) -> Self {
        Self { answer, words: words.into_owned(), kind: kind.to_owned() }
    }
}

/// What came of it, in words.
pub(crate) fn outcome_of(outcome: &Result<Answer, Stopped>) -> RunOutcome {
    said_of(outcome).into()
}

/// The same, to be kept in whatever form.
pub(super) fn said_of(outcome: &Result<Answer, Stopped>) -> Said {
    let always = |answer, kind: &'static str, words: &'static str| Said { answer, kind, words: words.into() };
    let said = |answer, kind: &'static str, words: &str| Said {
        answer,
        kind,
        words: line(words, WORDS_CHARS_MAX).into(),
    };
    match outcome {
        Ok(Answer::Edits(edits)) if edits.is_empty() => {
            always(RunAnswer::Allowed, "allowed", "nothing to add")
        }
        Ok(Answer::Edits(edits)) => {
            said(RunAnswer::Amended, "amended", &format!("amended {}", so_many(edits.len(), "field")))
        }
        Ok(Answer::Verdict(wit::Verdict::Allow)) => always(RunAnswer::Allowed, "allowed", "allowed"),
        Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => said(RunAnswer::Denied, "denied", &denial.message),
        Ok(Answer::NextStates(lists)) => {
            let closed = lists.iter().flatten().filter(|state| !state.enabled).count();
            match closed {
                0 => always(RunAnswer::Allowed, "allowed", "all states are open"),
                _ => said(RunAnswer::Narrowed, "narrowed", &format!("closed {}", so_many(closed, "state"))),
            }
        }
        Ok(Answer::Done | Answer::Response(_)) => always(RunAnswer::Done, "done", "done"),
        Ok(Answer::Failed(wit::Failure::Retry(why))) => said(RunAnswer::Retry, "retry", why),
        Ok(Answer::Failed(wit::Failure::Permanent(why))) => said(RunAnswer::GaveUp, "permanent", why),
        Err(stopped) if stopped.is_fault() => said(RunAnswer::Failed, stopped.kind(), &stopped.to_string()),
        Err(stopped) => said(RunAnswer::NotRun, stopped.kind(), &stopped.to_string()),
    }
}

/// So many of them, in words.
fn so_many(many: usize, one: &str) -> String {
    format!("{many} {one}{}", if many == 1 { "" } else { "s" })
}

/// What was used, beside what there was.
pub(crate) fn shares(used: &Used, budget: &Budget) -> Vec<RunShare> {
    used.percent_of(budget).into_iter().map(Into::into).collect()
}

/// A line of a guest's log as it is kept.
pub(crate) fn logged(logged: &LogLine) -> RunLog {
    let level = match logged.level {
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    let field = |(name, value): &(String, String)| (line(name, 100), text(value, LOG_CHARS_MAX));
    RunLog {
        level: level.to_owned(),
        message: text(&logged.message, LOG_CHARS_MAX),
        fields: logged.fields.iter().take(20).map(field).collect(),
    }
}

/// What was said beyond a sentence, as JSON, where it is not too long.
pub(super) fn detail(outcome: &Result<Answer, Stopped>) -> Option<String> {
    let detail = match outcome {
        Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => serde_json::to_string(denial).ok(),
        Ok(Answer::Edits(edits)) if !edits.is_empty() => serde_json::to_string(edits).ok(),
        _ => None,
    };
    detail.filter(|detail| detail.len() <= DETAIL_BYTES_MAX)
}
