//! Guards: what must hold before a move, and why it does not.

use crate::directory::Directory;
use crate::filter::Span;
use crate::id::{IssueId, MemberId};
use crate::model::{
    Approval, ApprovalRule, Guard, Issue, Party, Priority, RequiredField, Role, WorkflowTransition, words,
};
use crate::time::Timestamp;

words! {
    /// Why a move is refused.
    ReasonCode {
        /// Who asks has not one of the roles.
        0 Role = "ROLE",
        /// Who asks is neither of those who may.
        1 Actor = "ACTOR",
        /// A field has no value.
        2 FieldMissing = "FIELD_MISSING",
        /// Open issues block it.
        3 OpenBlockers = "OPEN_BLOCKERS",
        /// Sub-issues are open.
        4 OpenChildren = "OPEN_CHILDREN",
        /// It has not been in its state for long enough.
        5 TimeInState = "TIME_IN_STATE",
        /// Not enough members have approved it.
        6 Approvals = "APPROVALS",
        /// Who asks may not move issues.
        7 NotPermitted = "NOT_PERMITTED",
        /// The team is archived.
        8 TeamArchived = "TEAM_ARCHIVED",
        /// A plugin does not let it pass.
        9 Plugin = "PLUGIN",
    }
}

/// One reason for which a move is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Its kind.
    pub code: ReasonCode,
    /// What is so, to stand behind a colon: `2 blocking issues are open`.
    pub message: String,
}

impl Reason {
    /// A reason of this kind.
    pub(super) fn new(code: ReasonCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Open issues that stand in the way of a move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InTheWay {
    /// How many of them who asks may see.
    pub seen: usize,
    /// Whether there are any that they may not see: how many is not told.
    pub unseen: bool,
}

impl InTheWay {
    /// The open ones of some issues; `sees` says which of them may be seen.
    pub(crate) fn of(open: impl Iterator<Item = IssueId>, sees: impl Fn(IssueId) -> bool) -> Self {
        open.fold(Self::default(), |all, id| {
            if sees(id) {
                Self { seen: all.seen.saturating_add(1), ..all }
            } else {
                Self { unseen: true, ..all }
            }
        })
    }

    /// A sentence about them; none when there are none.
    fn told(self, one: &str, many: &str, unseen: &str) -> Option<String> {
        match self.seen {
            0 => self.unseen.then(|| unseen.to_owned()),
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        }
    }
}

/// What guards ask about other issues. It is asked only when a guard does.
pub trait Surroundings {
    /// The open issues that block this one. An issue is open when it is neither deleted nor in a closed state.
    fn open_blockers(&self, issue: IssueId) -> InTheWay;
    /// Its sub-issues that are open.
    fn open_children(&self, issue: IssueId) -> InTheWay;
}

/// Who moves an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mover {
    /// The member; none: the program that embeds the engine, which is nobody's assignee.
    pub member: Option<MemberId>,
    /// Their role.
    pub role: Role,
}

/// All that a guard looks at.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The issue, in the state that it would leave, with the fields that it would have.
    pub issue: &'a Issue,
    /// Who would move it.
    pub mover: Mover,
    /// When.
    pub now: Timestamp,
    /// The members and their roles.
    pub directory: &'a Directory,
    /// The issues around it.
    pub others: &'a dyn Surroundings,
}

/// Why the rules of a move refuse it; nothing when they let it pass. A move without rules costs nothing.
#[must_use]
pub fn refusals(transition: &WorkflowTransition, situation: &Situation<'_>) -> Vec<Reason> {
    let mut found = Vec::new();
    for guard in &transition.guards {
        situation.judge(guard, &mut found);
    }
    if let Some(rule) = &transition.approvals {
        found.extend(situation.lacks_approval(rule, situation.issue.approval_to(transition.to)));
    }
    found
}

impl Situation<'_> {
    fn judge(&self, guard: &Guard, found: &mut Vec<Reason>) {
        match guard {
            Guard::Role(roles) if !roles.contains(&self.mover.role) => {
                let message = format!("it takes one of the roles {}", listed(roles));
                found.push(Reason::new(ReasonCode::Role, message));
            }
            Guard::Actor(parties) if !parties.iter().any(|party| self.is(*party)) => {
                let message = match parties.as_slice() {
                    [Party::Assignee] => "only who works on it may do that",
                    [Party::Creator] => "only who made it may do that",
                    _ => "only who works on it or made it may do that",
                };
                found.push(Reason::new(ReasonCode::Actor, message));
            }
            Guard::Fields(fields) => {
                let missing = fields.iter().filter(|field| !has(self.issue, **field));
                found.extend(missing.map(|field| Reason::new(ReasonCode::FieldMissing, lacks(*field))));
            }
            Guard::NoOpenBlockers => {
                let told = self.others.open_blockers(self.issue.id).told(
                    "blocking issue is open",
                    "blocking issues are open",
                    "it is blocked by what you may not see",
                );
                found.extend(told.map(|told| Reason::new(ReasonCode::OpenBlockers, told)));
            }
            Guard::NoOpenChildren => {
                let told = self.others.open_children(self.issue.id).told(
                    "sub-issue is open",
                    "sub-issues are open",
                    "a part of it that you may not see is open",
                );
                found.extend(told.map(|told| Reason::new(ReasonCode::OpenChildren, told)));
            }
            Guard::TimeInState { at_least_ms } => {
                let been = self.now.millis().saturating_sub(self.issue.in_state_since().millis());
                if been < *at_least_ms {
                    let (wanted, left) = (Span::from_millis(*at_least_ms), at_least_ms.saturating_sub(been));
                    let left = Span::from_millis(left);
                    let message = format!("it stays in its state for {wanted} at least, {left} more");
                    found.push(Reason::new(ReasonCode::TimeInState, message));
                }
            }
            Guard::Role(_) | Guard::Actor(_) => {}
        }
    }

    fn is(&self, party: Party) -> bool {
        let Some(member) = self.mover.member else { return false };
        match party {
            Party::Assignee => self.issue.assignees.contains(&member),
            Party::Creator => self.issue.creator == member,
        }
    }

    /// Only approvals of those count who have one of the roles now.
    fn lacks_approval(&self, rule: &ApprovalRule, approval: Option<&Approval>) -> Option<Reason> {
        let counts = |member: MemberId| {
            self.directory.member(member).is_some_and(|m| m.is_active() && rule.roles.contains(&m.role))
        };
        let grants = approval.into_iter().flat_map(|approval| &approval.grants);
        let given = grants.filter(|grant| counts(grant.member)).count();
        let wanted = rule.count as usize;
        (given < wanted).then(|| {
            let (roles, asked) = (listed(&rule.roles), if approval.is_some() { "" } else { "; ask for it" });
            let message =
                format!("it takes the approval of {wanted} with the role {roles}, {given} so far{asked}");
            Reason::new(ReasonCode::Approvals, message)
        })
    }
}

/// Roles in a sentence: `ADMIN or SUPER_ADMIN`.
fn listed(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ")
}

fn has(issue: &Issue, field: RequiredField) -> bool {
    match field {
        RequiredField::Assignee => !issue.assignees.is_empty(),
        RequiredField::Priority => issue.priority != Priority::None,
        RequiredField::Estimate => issue.estimate.is_some(),
        RequiredField::DueDate => issue.due_date.is_some(),
        RequiredField::StartDate => issue.start_date.is_some(),
        RequiredField::Description => issue.description_bytes > 0,
        RequiredField::Labels => !issue.labels.is_empty(),
        RequiredField::Parent => issue.parent.is_some(),
    }
}

const fn lacks(field: RequiredField) -> &'static str {
    match field {
        RequiredField::Assignee => "nobody works on it",
        RequiredField::Priority => "it has no priority",
        RequiredField::Estimate => "it has no estimate",
        RequiredField::DueDate => "it has no due date",
        RequiredField::StartDate => "it has no start date",
        RequiredField::Description => "it has no description",
        RequiredField::Labels => "it has no labels",
        RequiredField::Parent => "it is no part of another issue",
    }
}
