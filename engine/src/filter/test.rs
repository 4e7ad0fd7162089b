//! Tests of single fields of an issue, and of the issues, people and comments around it.

use super::{Compare, Day, Filter, HistoryTest, Many, Span, TextTest, When};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory};

/// A test of one field of an issue.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Test {
    /// The issue itself.
    #[n(0)]
    Id(#[n(0)] Compare<IssueId>),
    /// Its key, such as `ENG-12`; `Eq`, `Neq`, `In` and `Nin` mean something, former team keys work. Keys have no order:
    /// tests of one pass for none.
    #[n(1)]
    Key(#[n(0)] Compare<IssueKey>),
    /// Its number in the team.
    #[n(2)]
    Number(#[n(0)] Compare<u32>),
    /// Its team.
    #[n(3)]
    Team(#[n(0)] TeamTest),
    /// Its state.
    #[n(4)]
    State(#[n(0)] StateTest),
    /// The category of its state.
    #[n(5)]
    Category(#[n(0)] Compare<StateCategory>),
    /// Its kind.
    #[n(6)]
    Kind(#[n(0)] Compare<IssueKind>),
    /// Its priority.
    #[n(7)]
    Priority(#[n(0)] Compare<Priority>),
    /// Why it was closed.
    #[n(8)]
    Resolution(#[n(0)] Compare<Resolution>),
    /// Who works on it.
    #[n(9)]
    Assignees(#[n(0)] Many<MemberTest>),
    /// Who made it.
    #[n(10)]
    Creator(#[n(0)] MemberTest),
    /// Its labels.
    #[n(11)]
    Labels(#[n(0)] Many<LabelTest>),
    /// The issue it is a part of.
    #[n(12)]
    Parent(#[n(0)] ParentTest),
    /// The issues that are a part of it, deleted ones left out.
    #[n(13)]
    Children(#[n(0)] Many<Filter>),
    /// The issues it is related to in this way, deleted ones left out, each once though both should hold the relation.
    #[n(14)]
    Related(#[n(0)] Link, #[n(1)] Many<Filter>),
    /// Its comments, deleted ones left out.
    #[n(15)]
    Comments(#[n(0)] Many<CommentTest>),
    /// Its size.
    #[n(16)]
    Estimate(#[n(0)] Compare<u32>),
    /// How often it was reopened.
    #[n(17)]
    Reopened(#[n(0)] Compare<u32>),
    /// One of its instants.
    #[n(18)]
    Time(#[n(0)] TimeField, #[n(1)] Compare<When>),
    /// One of its dates.
    #[n(19)]
    Date(#[n(0)] DateField, #[n(1)] Compare<Day>),
    /// How long something took, or takes.
    #[n(20)]
    Duration(#[n(0)] DurationField, #[n(1)] Compare<Span>),
    /// Its title.
    #[n(21)]
    Title(#[n(0)] TextTest),
    /// Whether it has a description.
    #[n(22)]
    Described(#[n(0)] bool),
    /// Where it was imported from.
    #[n(23)]
    Source(#[n(0)] SourceTest),
    /// Whether it is archived.
    #[n(24)]
    Archived(#[n(0)] bool),
    /// Whether it is deleted. Without this test, or one of when it was, deleted issues are left out.
    #[n(25)]
    Deleted(#[n(0)] bool),
    /// What was true of it once.
    #[n(26)]
    History(#[n(0)] HistoryTest),
    /// Its texts: title, description, comments.
    #[n(27)]
    Text(#[n(0)] TextSearch),
    /// What was looked up beforehand, by its place in the list of what was. The engine puts it in the place of tests that
    /// need the log, the index or the store, while it prepares a filter; it stands in no filter that is asked or kept.
    #[n(28)]
    Looked(#[n(0)] u16),
    /// Whether it is confidential.
    #[n(29)]
    Confidential(#[n(0)] bool),
    /// Who is named to see it, while it is confidential; nobody where it is not.
    #[n(30)]
    Participants(#[n(0)] Many<MemberTest>),
    /// The workflow it follows.
    #[n(31)]
    Workflow(#[n(0)] WorkflowTest),
    /// The version of the workflow it follows.
    #[n(32)]
    WorkflowVersion(#[n(0)] Compare<WorkflowVersionId>),
    /// The moves out of its present state that approval was asked for and that have not been made, each by the state it
    /// leads to.
    #[n(33)]
    Approvals(#[n(0)] Many<StateTest>),
    /// Its place among its fellows where people order by hand; compares byte by byte, as the order does.
    #[n(34)]
    Rank(#[n(0)] Compare<String>),
    /// How often its row was written, from 1.
    #[n(35)]
    Version(#[n(0)] Compare<u64>),
}

impl Test {
    /// Whether it needs more than the row of an issue: the log, the comments or the search index. A filter may hold so
    /// many of these: see [`Limits::looked_up_max`](crate::Limits::looked_up_max).
    #[must_use]
    pub const fn is_looked_up(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::History(history) => {
                history.during.is_some() || history.by.is_some() || !history.change.is_had()
            }
            Self::Comments(Many::Some(tests) | Many::Every(tests) | Many::None(tests)) => {
                !matches!(tests.as_slice(), [] | [CommentTest::Author(_)])
            }
            _ => false,
        }
    }

    /// The filters inside that other issues must pass.
    #[must_use]
    pub fn inner(&self) -> &[Filter] {
        match self {
            Self::Parent(ParentTest::Passes(filter)) => std::slice::from_ref(&**filter),
            Self::Children(many) | Self::Related(_, many) => many.tests(),
            _ => &[],
        }
    }
}

/// The key people call an issue by: `ENG-12`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode)]
pub struct IssueKey {
    /// The team's key, in capitals.
    #[n(0)]
    pub team: String,
    /// The number in the team.
    #[n(1)]
    pub number: u32,
}

/// A test of a team.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum TeamTest {
    /// The team itself.
    #[n(0)]
    Id(#[n(0)] Compare<TeamId>),
    /// Its present key.
    #[n(1)]
    Key(#[n(0)] TextTest),
    /// Its name.
    #[n(2)]
    Name(#[n(0)] TextTest),
}

/// A test of a state.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum StateTest {
    /// The state itself.
    #[n(0)]
    Id(#[n(0)] Compare<StateId>),
    /// Its name; states of several workflows can have the same.
    #[n(1)]
    Name(#[n(0)] TextTest),
}

/// A test of a workflow.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum WorkflowTest {
    /// The workflow itself.
    #[n(0)]
    Id(#[n(0)] Compare<WorkflowId>),
    /// Its name.
    #[n(1)]
    Name(#[n(0)] TextTest),
}

/// A test of a member.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum MemberTest {
    /// The member.
    #[n(0)]
    Id(#[n(0)] Compare<MemberId>),
    /// Their name.
    #[n(1)]
    Name(#[n(0)] TextTest),
    /// Their address; who has none passes only negative tests (`Neq`, `Nin`, `NotContains`), as does whatever has no name
    /// known here.
    #[n(2)]
    Email(#[n(0)] TextTest),
    /// Whether it is who asks. Nobody is, when a program asks for itself.
    #[n(3)]
    Me(#[n(0)] bool),
}

/// A test of a label.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum LabelTest {
    /// The label.
    #[n(0)]
    Id(#[n(0)] Compare<LabelId>),
    /// Its name; labels of several teams can have the same.
    #[n(1)]
    Name(#[n(0)] TextTest),
}

/// A test of the issue that one is a part of.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum ParentTest {
    /// Part of none (true) or of some (false).
    #[n(0)]
    Null(#[n(0)] bool),
    /// Part of one that passes and is not deleted; what is part of a deleted one passes neither this nor `Null(true)`.
    #[n(1)]
    Passes(#[n(0)] Box<Filter>),
}

/// A test of a comment.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum CommentTest {
    /// Who wrote it.
    #[n(0)]
    Author(#[n(0)] MemberTest),
    /// When it was written.
    #[n(1)]
    Created(#[n(0)] Compare<When>),
}

/// A test of where an issue was imported from.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum SourceTest {
    /// Made here (true) or imported (false).
    #[n(0)]
    Null(#[n(0)] bool),
    /// The system, such as `github`.
    #[n(1)]
    System(#[n(0)] TextTest),
    /// Its id there, such as `acme/web#12`, letter by letter. Such ids have no order: tests of one pass for none.
    #[n(2)]
    Id(#[n(0)] Compare<String>),
}

/// At the end of a search it says that the text goes on.
pub(crate) const GOES_ON: char = '…';

/// Words that are searched in the texts of an issue; how they are read is the search module's affair.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct TextSearch {
    /// The words, as typed: words, `"phrases"`, `prefix*`, `-not`, `title:word`; `unfinis…` at the end.
    #[n(0)]
    pub text: String,
}

impl TextSearch {
    /// A search for what was typed and is complete.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// A search for what is still being typed: the last word may go on, unless something follows it. Up to there it is a
    /// word, a key or a phrase like any other.
    #[must_use]
    pub fn unfinished(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.push(GOES_ON);
        Self { text }
    }
}

/// How one issue is related to another, as seen from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, minicbor::Encode, minicbor::Decode)]
pub struct Link {
    /// The kind of relation.
    #[n(0)]
    pub kind: RelationKind,
    /// Seen from its other end: *blocked by* rather than *blocks*. A relation that has no direction is seen from both.
    #[n(1)]
    pub reversed: bool,
}

/// An instant of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum TimeField {
    /// When it was made.
    #[n(0)]
    Created,
    /// When it last changed.
    #[n(1)]
    Updated,
    /// When work started.
    #[n(2)]
    Started,
    /// When it was completed.
    #[n(3)]
    Completed,
    /// When it was canceled.
    #[n(4)]
    Canceled,
    /// When it was archived. A test of it lets archived issues pass.
    #[n(5)]
    Archived,
    /// When it left triage.
    #[n(6)]
    Triaged,
    /// When it was deleted. A test of it lets deleted issues pass.
    #[n(7)]
    Deleted,
    /// When it entered its present state.
    #[n(8)]
    StateSince,
}

/// A calendar date of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum DateField {
    /// The day work is meant to start.
    #[n(0)]
    Start,
    /// The day it is due.
    #[n(1)]
    Due,
}

/// How long something took, or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum DurationField {
    /// From the start of work to completion; only completed issues that were started have one.
    #[n(0)]
    Cycle,
    /// From creation to completion; only completed issues have one.
    #[n(1)]
    Lead,
    /// From creation to leaving triage; only issues that left triage have one.
    #[n(2)]
    Triage,
    /// Since creation; only open issues have one.
    #[n(3)]
    Age,
    /// Since it entered its present state.
    #[n(4)]
    InState,
}
