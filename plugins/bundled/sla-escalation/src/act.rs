//! The steps: what is done to an issue whose time runs short, or out.

use crate::memory::{Clock, Record};
use crate::settings::{Settings, Step};
use bundled_common::{Teams, fill};
use mortise_sdk::prelude::*;

/// A step that is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) clock: Clock,
    pub(crate) is_late: bool,
    /// Minutes that have run.
    pub(crate) spent: i64,
    /// Minutes there were.
    pub(crate) limit: i64,
}

/// Takes one step: at most one edit and one comment.
pub(crate) fn step(
    settings: &Settings,
    teams: &mut Teams,
    issue: &Issue,
    record: &mut Record,
    due: Due,
) -> Result<(), Error> {
    let step = if due.is_late { &settings.on_breach } else { &settings.on_warning };
    let edits = edits(step, teams, issue)?;
    if !edits.is_empty() {
        // What is computed from the present assignees and priority holds for those only.
        host::commands::update_issue_at(&issue.id, &edits, &issue.revision)?;
    }
    if step.comment {
        let comment = host::commands::add_comment(&issue.id, &text(due))?;
        record.add_own(comment);
    }
    Ok(())
}

fn edits(step: &Step, teams: &mut Teams, issue: &Issue) -> Result<Vec<Edit>, Error> {
    let mut edits = Vec::new();
    let label = teams.label(&issue.team, step.label.as_deref())?;
    let label = label.filter(|label| !issue.labels.iter().any(|had| had.id == label.id));
    edits.extend(label.map(|label| Edit::AddLabel(label.id)));
    let member = step.assign.as_deref().map(helper).transpose()?.flatten();
    if let Some(member) = member.filter(|member| !issue.assignees.contains(&member.id)) {
        let mut assignees = issue.assignees.clone();
        assignees.push(member.id);
        edits.push(Edit::SetAssignees(assignees));
    }
    if let Some(higher) = step.raise_priority.then(|| higher(issue.priority)).flatten() {
        edits.push(Edit::SetPriority(higher));
    }
    Ok(edits)
}

/// Who helps out, if they are still there.
fn helper(named: &str) -> Result<Option<Member>, Error> {
    match host::issues::member(named) {
        Ok(member) => Ok(Some(member).filter(|member| member.active)),
        Err(Error::NotFound) => {
            host::log::warn(&format!("nobody is called {named}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn higher(priority: Priority) -> Option<Priority> {
    match priority {
        Priority::None => Some(Priority::Low),
        Priority::Low => Some(Priority::Medium),
        Priority::Medium => Some(Priority::High),
        Priority::High => Some(Priority::Critical),
        Priority::Critical | Priority::Unknown => None,
    }
}

fn text(due: Due) -> String {
    let what = match due.clock {
        Clock::Response => "a first answer",
        Clock::Resolution => "a solution",
    };
    let limit = said(due.limit);
    let rest = said((due.limit - due.spent).abs());
    let text = if due.is_late {
        "Too late: {{what}} was due within {{limit}}, {{rest}} ago."
    } else {
        "Time runs short: {{what}} is due within {{limit}}; {{rest}} are left."
    };
    fill(text, &[("what", what), ("limit", limit.as_str()), ("rest", rest.as_str())])
}

/// Minutes as people say them: `1 h 30 min`.
pub(crate) fn said(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
