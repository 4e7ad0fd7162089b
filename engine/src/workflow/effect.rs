//! Effects: what follows from a move, as changes of the issue in the same fact, and comments beside it.

use crate::directory::Directory;
use crate::id::{LabelId, MemberId};
use crate::model::{Assignee, Effect, Issue, WorkflowTransition};
use crate::time::CalendarDate;

/// The circumstances of effects.
#[derive(Clone, Copy)]
pub struct Applying<'a> {
    /// Who moves the issue; none: the program that embeds the engine.
    pub mover: Option<MemberId>,
    /// The day of the move, where the company is.
    pub today: CalendarDate,
    /// The members, teams and labels.
    pub directory: &'a Directory,
    /// Labels that an issue can have.
    pub labels_max: usize,
}

/// Lets the effects of a move act on an issue, in their order; answers the texts of the comments that are to be written.
pub fn apply_effects<'t>(
    transition: &'t WorkflowTransition,
    issue: &mut Issue,
    applying: &Applying<'_>,
) -> Vec<&'t str> {
    let mut comments = Vec::new();
    for effect in &transition.effects {
        match effect {
            Effect::Priority(to) => issue.priority = *to,
            Effect::Estimate(to) => issue.estimate = *to,
            Effect::DueIn(days) => issue.due_date = days.map(|days| applying.day_after(days)),
            Effect::Assign(to) => {
                if let Some(member) = applying.assignee(*to, issue) {
                    issue.assignees = vec![member];
                }
            }
            Effect::AddLabel(id) => {
                if let Err(at) = issue.labels.binary_search(id)
                    && issue.labels.len() < applying.labels_max
                    && applying.may_have(issue, *id)
                {
                    issue.labels.insert(at, *id);
                }
            }
            Effect::RemoveLabel(id) => issue.labels.retain(|label| label != id),
            Effect::Comment(text) => comments.push(text.as_str()),
        }
    }
    comments
}

impl Applying<'_> {
    fn day_after(&self, days: u16) -> CalendarDate {
        CalendarDate::from_days(self.today.days().saturating_add(i32::from(days)))
    }

    /// Who gets the work: somebody who can be given any there.
    fn assignee(&self, to: Assignee, issue: &Issue) -> Option<MemberId> {
        let member = match to {
            Assignee::Actor => self.mover?,
            Assignee::Creator => issue.creator,
            Assignee::Member(id) => id,
        };
        let team = self.directory.team(issue.team)?;
        let member = self.directory.member(member).filter(|member| member.is_active())?;
        team.takes_in(member).then_some(member.id)
    }

    fn may_have(&self, issue: &Issue, label: LabelId) -> bool {
        self.directory.label(label).is_some_and(|label| {
            label.deleted_at.is_none() && label.team.is_none_or(|team| team == issue.team)
        })
    }
}
