//! Reads the clocks of open issues, the oldest first.

use crate::act;
use crate::calendar::Calendar;
use crate::memory::{Both, CURSOR, Clock, Record};
use crate::settings::{AnsweredBy, Settings};
use bundled_common::Teams;
use mortise_sdk::prelude::*;

/// Pages of open issues that one sweep reads. With more of them the next sweep goes on from there.
const PAGES: usize = 10;
/// Issues of a page.
const PAGE: u32 = 50;
/// Keys of the one commit that a sweep stages for, without that of its cursor.
const KEYS: usize = 88;
/// What a step takes of them: a comment and a change.
const STEP: usize = 4;
/// What an issue takes beside its steps: its row, and its record with its end and the earlier one.
const ISSUE: usize = 4;
/// The most that an issue takes: a step for each clock.
const ISSUE_MAX: usize = 2 * STEP + ISSUE;
/// Comments of an issue that are searched for an answer.
const COMMENTS: u32 = 50;

/// One sweep.
pub(crate) fn sweep(call: &Call, settings: &Settings, calendar: &Calendar) -> Result<(), Error> {
    let filter = filter(settings);
    let mut after = cursor()?;
    let (mut keys, mut teams) = (0, Teams::default());
    for _ in 0..PAGES {
        let page = match host::issues::query(&filter, PAGE, after.as_deref()) {
            // The place of an earlier sweep is not good any more: from the beginning next time.
            Err(Error::Invalid(_)) if after.is_some() => {
                after = None;
                break;
            }
            page => page?,
        };
        for issue in &page.items {
            if keys + ISSUE_MAX > KEYS {
                host::log::warn("more is late than one sweep deals with; the next one goes on");
                return Ok(());
            }
            keys += look(call, settings, calendar, &mut teams, issue)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    keep_cursor(after.as_deref())
}

/// Reads one issue's clocks and takes the steps that are due. Says how many keys that takes.
fn look(
    call: &Call,
    settings: &Settings,
    calendar: &Calendar,
    teams: &mut Teams,
    issue: &Issue,
) -> Result<usize, Error> {
    let Some(policy) = settings.policy(issue) else { return Ok(0) };
    if !may_be_due(call, settings, calendar, issue, policy.limits()) {
        return Ok(0);
    }
    let mut record = Record::load(&issue.id)?;
    let before = record.clone();
    if settings.pauses(&issue.state) && record.paused_since.is_none() {
        record.paused_since = Some(issue.in_state_since.clone());
    }
    let mut limits = record.limits.unwrap_or_else(|| policy.limits());
    let mut taken = 0;
    for clock in [Clock::Response, Clock::Resolution] {
        let Some(limit) = *limits.of(clock) else { continue };
        if *record.breached.of(clock) {
            continue;
        }
        let spent = spent(call, calendar, issue, &record, limit);
        let is_late = spent >= limit;
        let is_told = !is_late && *record.warned.of(clock);
        if is_told || spent * 100 < limit * settings.warn_at {
            continue;
        }
        if clock == Clock::Response && answered(settings, issue, &mut record)? {
            continue;
        }
        record.limits = Some(limits);
        *record.warned.of(clock) = true;
        *record.breached.of(clock) |= is_late;
        act::step(settings, teams, issue, &mut record, act::Due { clock, is_late, spent, limit })?;
        taken += 1;
    }
    if record != before {
        record.save(&issue.id)?;
    }
    Ok(if taken > 0 || record != before { taken * STEP + ISSUE } else { 0 })
}

/// Whether a step can be due at all: a look at the age alone, so that most issues cost nothing more.
fn may_be_due(
    call: &Call,
    settings: &Settings,
    calendar: &Calendar,
    issue: &Issue,
    limits: Both<Option<i64>>,
) -> bool {
    let Some(shortest) = [limits.response, limits.resolution].into_iter().flatten().min() else {
        return false;
    };
    let age = calendar.minutes(&issue.created_at, &call.now, shortest);
    age * 100 >= shortest * settings.warn_at
}

/// Minutes that have run on an issue's clocks.
fn spent(call: &Call, calendar: &Calendar, issue: &Issue, record: &Record, limit: i64) -> i64 {
    let until = record.paused_since.as_deref().unwrap_or(&call.now);
    // Counted far enough to say how late it is, but not for years.
    let enough = limit.saturating_mul(3).saturating_add(record.paused);
    (calendar.minutes(&issue.created_at, until, enough) - record.paused).max(0)
}

/// Whether somebody has answered; looked for among the comments when no event has said so.
fn answered(settings: &Settings, issue: &Issue, record: &mut Record) -> Result<bool, Error> {
    let is_started = issue.state.category == Category::Started;
    if record.answered || (settings.answered_by == AnsweredBy::CommentOrStart && is_started) {
        return Ok(true);
    }
    if usize::try_from(issue.comment_count).unwrap_or(usize::MAX) > record.own.len() {
        let page = host::issues::comments(&issue.id, COMMENTS, None)?;
        let is_answer =
            |comment: &Comment| comment.author != issue.creator && !record.own.contains(&comment.id);
        record.answered = page.items.iter().any(is_answer);
    }
    Ok(record.answered)
}

/// The question for open issues that any policy is for.
fn filter(settings: &Settings) -> String {
    let parts: Vec<String> = settings.policies.iter().map(|policy| policy.only.query()).collect();
    if parts.iter().any(String::is_empty) {
        return "is:open sort:created".to_owned();
    }
    format!("is:open (({})) sort:created", parts.join(") OR ("))
}

fn cursor() -> Result<Option<String>, Error> {
    let entry = host::kv::get(CURSOR)?;
    Ok(entry.and_then(|entry| String::from_utf8(entry.value).ok()))
}

fn keep_cursor(at: Option<&str>) -> Result<(), Error> {
    match at {
        Some(at) => host::kv::set(CURSOR, at.as_bytes()),
        None => host::kv::delete(CURSOR).map(drop),
    }
}
