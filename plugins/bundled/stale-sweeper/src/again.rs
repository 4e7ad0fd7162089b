//! The second look: issues that were reminded of are closed, or found touched.

use crate::memory::{self, Reminder};
use crate::{CHANGED, FORGOTTEN, Run};
use bundled_common::{fill, is_closed, minutes_between};
use mortise_sdk::prelude::*;

/// Entries that one run looks at.
const ENTRIES: usize = 400;
/// Entries of one look-up.
const PAGE: u32 = 100;
/// The reminder itself changes the issue; a change so soon after it, in minutes, is the reminder's own.
const OWN: i64 = 10;

/// What becomes of an issue.
enum Fate {
    /// Somebody reacted, or it is closed or gone: it is nothing to us any more.
    Forget,
    /// It is to be closed.
    Close,
    /// It is not time yet.
    Wait,
}

/// Closes what is due. Says how many were closed, and how many were found touched or gone.
pub(crate) fn look_again(run: &mut Run<'_>) -> Result<(usize, usize), Error> {
    let mut after = cursor()?;
    let (mut closed, mut kept, mut seen) = (0, 0, 0);
    while seen < ENTRIES {
        let entries = host::kv::scan(memory::PREFIX, PAGE, after.as_deref())?;
        let is_last = entries.len() < PAGE as usize;
        seen += entries.len();
        after = if is_last { None } else { entries.last().map(|entry| entry.key.clone()) };
        let reminded: Vec<(String, Reminder)> = entries.iter().filter_map(memory::read).collect();
        let ids: Vec<String> = reminded.iter().map(|(id, _)| id.clone()).collect();
        let issues = if ids.is_empty() { Vec::new() } else { host::issues::get_many(&ids)? };
        for ((id, reminder), issue) in reminded.iter().zip(&issues) {
            match fate(run, reminder, issue.as_ref()) {
                Fate::Forget => {
                    kept += 1;
                    forget(run, id, issue.as_ref())?;
                }
                Fate::Close if run.left > 0 && run.takes(CHANGED) => {
                    closed += usize::from(close(run, issue.as_ref())?)
                }
                Fate::Close | Fate::Wait => {}
            }
        }
        if is_last {
            break;
        }
    }
    keep_cursor(after.as_deref())?;
    Ok((closed, kept))
}

fn fate(run: &Run<'_>, reminder: &Reminder, issue: Option<&Issue>) -> Fate {
    let Some(issue) = issue else { return Fate::Forget };
    let touched = minutes_between(&reminder.at, &issue.updated_at) > OWN
        || issue.comment_count > reminder.comments.saturating_add(1);
    let ours = run.settings.only.fits(issue) && !run.settings.exempt.spares(issue);
    if is_closed(issue.state.category) || touched || !ours {
        return Fate::Forget;
    }
    if minutes_between(&reminder.at, &run.call.now) < i64::from(run.settings.then_days) * 24 * 60 {
        return Fate::Wait;
    }
    // Reminded only: as many days later it is reminded of again.
    if run.settings.close { Fate::Close } else { Fate::Forget }
}

/// Takes the label off and forgets the reminder; another time, where there is no room left.
fn forget(run: &mut Run<'_>, id: &str, issue: Option<&Issue>) -> Result<(), Error> {
    if !run.takes(FORGOTTEN) {
        return Ok(());
    }
    if let Some(issue) = issue.filter(|issue| !is_closed(issue.state.category)) {
        let label = run.settings.label.clone();
        let label = run.teams.label(&issue.team, label.as_deref())?;
        if let Some(label) = label.filter(|label| issue.labels.iter().any(|had| had.id == label.id)) {
            if run.left == 0 {
                return Ok(());
            }
            run.left -= 1;
            host::commands::update_issue(&issue.id, &[Edit::RemoveLabel(label.id)])?;
        }
    }
    host::kv::delete(&memory::key(id))?;
    Ok(())
}

/// Closes an issue; false when its team has no state to close it in.
fn close(run: &mut Run<'_>, issue: Option<&Issue>) -> Result<bool, Error> {
    let Some(issue) = issue else { return Ok(false) };
    let Some(state) = state_for(run, issue)? else {
        host::log::warn(&format!("{}: no state to close it in", issue.key));
        return Ok(false);
    };
    run.left -= 1;
    if let Some(text) = run.settings.goodbye() {
        let days = run.settings.then_days.to_string();
        let text = fill(text, &[("days", days.as_str()), ("key", issue.key.as_str())]);
        host::commands::add_comment(&issue.id, &text)?;
    }
    host::commands::transition(&issue.id, &state.id)?;
    host::kv::delete(&memory::key(&issue.id))?;
    Ok(true)
}

/// The state to close it in: the one of the settings; else a canceled one, or a completed one where the team has none.
fn state_for(run: &mut Run<'_>, issue: &Issue) -> Result<Option<StateRef>, Error> {
    let named = run.settings.state.clone();
    if named.is_some() {
        return run.teams.state(&issue.team, named.as_deref(), Category::Canceled);
    }
    match run.teams.state(&issue.team, None, Category::Canceled)? {
        Some(canceled) => Ok(Some(canceled)),
        None => run.teams.state(&issue.team, None, Category::Completed),
    }
}

fn cursor() -> Result<Option<String>, Error> {
    let entry = host::kv::get(memory::CURSOR)?;
    Ok(entry.and_then(|entry| String::from_utf8(entry.value).ok()))
}

fn keep_cursor(at: Option<&str>) -> Result<(), Error> {
    match at {
        Some(at) => host::kv::set(memory::CURSOR, at.as_bytes()),
        None => host::kv::delete(memory::CURSOR).map(drop),
    }
}
