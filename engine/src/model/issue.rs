//! An issue: one piece of work of one team.

use super::{Approval, Commenter, Confidential, Dates, Past, Relation, Seq, StateCategory, words};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowVersionId};
use crate::time::{CalendarDate, Timestamp};

words! {
    /// What kind of work an issue is.
    IssueKind {
        /// Something does not do what it should.
        0 Bug = "BUG",
        /// Something new.
        1 Feature = "FEATURE",
        /// Plain work.
        2 Task = "TASK",
        /// A large piece of work made of others.
        3 Epic = "EPIC",
    }
}

words! {
    /// How pressing an issue is, from no statement to most pressing.
    Priority {
        /// Nobody has said.
        0 None = "NONE",
        /// When there is time.
        1 Low = "LOW",
        /// In its turn.
        2 Medium = "MEDIUM",
        /// Soon.
        3 High = "HIGH",
        /// Now.
        4 Critical = "CRITICAL",
    }
}

words! {
    /// Why an issue was closed. Only issues in a terminal category have one.
    Resolution {
        /// It was done.
        0 Done = "DONE",
        /// Nobody will do it.
        1 WontDo = "WONT_DO",
        /// Another issue covers it.
        2 Duplicate = "DUPLICATE",
        /// It could not be seen again.
        3 CannotReproduce = "CANNOT_REPRODUCE",
    }
}

/// Where an imported issue or comment came from.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct IssueSource {
    /// The system, such as `github`.
    #[n(0)]
    pub system: String,
    /// Its id there; unique per system and tenant.
    #[n(1)]
    pub id: String,
    /// Where it can be read there.
    #[n(2)]
    pub url: Option<String>,
    /// What it was there and has no word here, such as `merged`.
    #[n(3)]
    pub state: Option<String>,
}

/// The row of an issue. The long text of the description is stored beside it: see [`Issue::description_bytes`].
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Issue {
    /// The id.
    #[n(0)]
    pub id: IssueId,
    /// The team it belongs to.
    #[n(1)]
    pub team: TeamId,
    /// Its number in the team; never reused.
    #[n(2)]
    pub number: u32,
    /// One line that says what it is about.
    #[n(3)]
    pub title: String,
    /// What kind of work it is.
    #[n(4)]
    pub kind: IssueKind,
    /// The state of the team's workflow it is in.
    #[n(5)]
    pub state: StateId,
    /// The category of that state, as it was when the issue entered it.
    #[n(6)]
    pub category: StateCategory,
    /// How pressing it is.
    #[n(7)]
    pub priority: Priority,
    /// Who works on it; the first leads.
    #[n(8)]
    pub assignees: Vec<MemberId>,
    /// Who made it.
    #[n(9)]
    pub creator: MemberId,
    /// Its labels, in order of id.
    #[n(10)]
    pub labels: Vec<LabelId>,
    /// The issue it is a part of.
    #[n(11)]
    pub parent: Option<IssueId>,
    /// Its size, in the team's unit (points).
    #[n(12)]
    pub estimate: Option<u32>,
    /// The day work is meant to start.
    #[n(13)]
    pub start_date: Option<CalendarDate>,
    /// The day it is due.
    #[n(14)]
    pub due_date: Option<CalendarDate>,
    /// Its place among its fellows where people order by hand; sorts as text.
    #[n(15)]
    pub rank: String,
    /// Why it was closed.
    #[n(16)]
    pub resolution: Option<Resolution>,
    /// When it was made.
    #[n(17)]
    pub created_at: Timestamp,
    /// When it, or its comments, last changed.
    #[n(18)]
    pub updated_at: Timestamp,
    /// When it left triage.
    #[n(19)]
    pub triaged_at: Option<Timestamp>,
    /// When work first started, counted anew after a reopening.
    #[n(20)]
    pub started_at: Option<Timestamp>,
    /// When it was completed. Set just while its category is completed.
    #[n(21)]
    pub completed_at: Option<Timestamp>,
    /// When it was canceled. Set just while its category is canceled.
    #[n(22)]
    pub canceled_at: Option<Timestamp>,
    /// When it was archived.
    #[n(23)]
    pub archived_at: Option<Timestamp>,
    /// When it was deleted; it can be restored.
    #[n(24)]
    pub deleted_at: Option<Timestamp>,
    /// How often it was reopened.
    #[n(25)]
    pub reopen_count: u32,
    /// Comments that are not deleted.
    #[n(26)]
    pub comment_count: u32,
    /// Counts the changes of this row, from 1.
    #[n(27)]
    pub version: u64,
    /// The newest event about it: the head of the chain that its history is read along.
    #[n(28)]
    pub last_event: Seq,
    /// Where it was imported from.
    #[n(29)]
    pub source: Option<IssueSource>,
    /// Bytes of its description; 0 when there is none.
    #[n(30)]
    pub description_bytes: u32,
    /// The description itself when it is short; a longer one is a record of its own.
    #[n(31)]
    pub description: Option<String>,
    /// Its relations to other issues, those that are stored with it, in order.
    #[cbor(n(32), default)]
    pub relations: Vec<Relation>,
    /// What it once had and moved away from.
    #[cbor(n(33), default)]
    pub past: Past,
    /// Who wrote comments on it that are not deleted, in order of id.
    #[cbor(n(34), default)]
    pub commenters: Vec<Commenter>,
    /// When it entered its present state; none: when it was made.
    #[n(35)]
    pub state_since: Option<Timestamp>,
    /// Who sees it, where not everybody does who sees its team.
    #[n(36)]
    pub confidential: Option<Confidential>,
    /// The version of the workflow that it follows until it is moved to another; none: the first of the workflow that its
    /// state belongs to.
    #[n(37)]
    pub workflow_version: Option<WorkflowVersionId>,
    /// Moves out of its present state that approval was asked for, in order of the state they lead to.
    #[cbor(n(38), skip_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
}

impl Issue {
    /// The longest description, in bytes, that is kept inside the row.
    pub const DESCRIPTION_INLINE_MAX: usize = 2048;

    /// Whether lists show it without being asked for more: neither archived nor deleted.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.archived_at.is_none() && self.deleted_at.is_none()
    }

    /// The approval that was asked for the move to this state.
    #[must_use]
    pub fn approval_to(&self, state: StateId) -> Option<&Approval> {
        self.approvals.iter().find(|approval| approval.to == state)
    }

    /// When it entered its present state.
    #[must_use]
    pub fn in_state_since(&self) -> Timestamp {
        self.state_since.unwrap_or(self.created_at)
    }

    /// The dates that follow from its moves.
    #[must_use]
    pub const fn dates(&self) -> Dates {
        Dates {
            triaged_at: self.triaged_at,
            started_at: self.started_at,
            completed_at: self.completed_at,
            canceled_at: self.canceled_at,
            state_since: self.state_since,
            reopen_count: self.reopen_count,
        }
    }

    /// Whether its description is a record of its own beside the row.
    #[must_use]
    pub const fn has_long_description(&self) -> bool {
        self.description_bytes as usize > Self::DESCRIPTION_INLINE_MAX
    }

    /// Takes the description's text: its size, and the text itself when it is short enough for the row.
    /// The caller stores a longer one beside the row.
    pub fn set_description(&mut self, text: Option<&str>) {
        let text = text.unwrap_or_default();
        self.description_bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.description = (1..=Self::DESCRIPTION_INLINE_MAX).contains(&text.len()).then(|| text.to_owned());
    }
}

#[cfg(test)]
impl Issue {
    /// An issue with nothing special about it.
    pub(crate) fn plain() -> Self {
        let at = Timestamp::from_millis(100);
        Self {
            id: IssueId::generate(),
            team: TeamId::generate(),
            number: 1,
            title: "a title".to_owned(),
            kind: IssueKind::Task,
            state: StateId::generate(),
            category: StateCategory::Backlog,
            priority: Priority::None,
            assignees: Vec::new(),
            creator: MemberId::generate(),
            labels: Vec::new(),
            parent: None,
            estimate: None,
            start_date: None,
            due_date: None,
            rank: "m".to_owned(),
            resolution: None,
            created_at: at,
            updated_at: at,
            triaged_at: None,
            started_at: None,
            completed_at: None,
            canceled_at: None,
            archived_at: None,
            deleted_at: None,
            reopen_count: 0,
            comment_count: 0,
            version: 1,
            last_event: Seq(1),
            source: None,
            description_bytes: 0,
            description: None,
            relations: Vec::new(),
            past: Past::default(),
            commenters: Vec::new(),
            state_since: None,
            confidential: None,
            workflow_version: None,
            approvals: Vec::new(),
        }
    }
}
