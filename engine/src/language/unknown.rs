//! Names in a filter that nothing has at present: warnings, since somebody may be called so tomorrow.
//!
//! It knows the small tables and no issues: a name that is known may still find nothing.

use super::problem::nearest;
use crate::directory::Directory;
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, LabelTest, Many, MemberTest, PastChange, StateTest, TeamTest,
    Test, TextOperator, TextTest, Was, WorkflowTest, fold,
};
use crate::id::{LabelId, MemberId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Display;
use std::ops::Range;

/// At most so many unknown names are told.
const UNKNOWN_MAX: usize = 20;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A state.
    State,
    /// A team's key.
    TeamKey,
    /// A team's name.
    Team,
    /// A member's name.
    Member,
    /// A member's address.
    Email,
    /// A label.
    Label,
    /// A workflow.
    Workflow,
    /// A version of a workflow; it has no name.
    WorkflowVersion,
}

/// A name, or an id, that nothing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What it would be of.
    pub kind: NameKind,
    /// The name or id.
    pub name: String,
    /// Where it stands in the text, in bytes, when the filter was read from one.
    pub place: Option<Range<usize>>,
    /// Names that are nearly the same.
    pub suggestions: Vec<String>,
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            NameKind::State => "state",
            NameKind::TeamKey | NameKind::Team => "team",
            NameKind::Member => "member",
            NameKind::Email => "member with the address",
            NameKind::Label => "label",
            NameKind::Workflow => "workflow",
            NameKind::WorkflowVersion => "version of a workflow",
        };
        write!(f, "there is no {kind} `{}` that you can see", self.name)
    }
}

/// A name that stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    pub(super) kind: NameKind,
    pub(super) name: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Names and ids in a filter that nothing has, each once, at most twenty. Names are compared as their tests do: a part of
/// a name is known when some name has it. Deleted labels are known, since issues keep them.
#[must_use]
pub fn names_unknown(filter: &Filter, directory: &Directory) -> Vec<UnknownName> {
    let mut search = Search { directory, known: FxHashMap::default(), unknown: Vec::new() };
    filter.each_test(&mut |test| {
        search.test(test);
        search.unknown.len() < UNKNOWN_MAX
    });
    search.unknown
}

/// The same with the places in the text where they stand first.
pub(super) fn placed(mut unknown: Vec<UnknownName>, mentions: &[Mention]) -> Vec<UnknownName> {
    for name in &mut unknown {
        let same = |mention: &&Mention| mention.kind == name.kind && mention.name == name.name;
        name.place = mentions.iter().find(same).map(|mention| mention.start..mention.end);
    }
    unknown
}

/// Every name of a kind.
pub(super) fn names(kind: NameKind, directory: &Directory) -> Vec<&str> {
    match kind {
        NameKind::State => directory.states().map(|state| state.name.as_str()).collect(),
        NameKind::TeamKey => directory.teams().map(|team| team.key.as_str()).collect(),
        NameKind::Team => directory.teams().map(|team| team.name.as_str()).collect(),
        NameKind::Member => directory.members().map(|member| member.name.as_str()).collect(),
        NameKind::Email => directory.members().filter_map(|member| member.email.as_deref()).collect(),
        NameKind::Label => directory.labels().map(|label| label.name.as_str()).collect(),
        NameKind::Workflow => directory.workflows().map(|workflow| workflow.name.as_str()).collect(),
        NameKind::WorkflowVersion => Vec::new(),
    }
}

struct Search<'d> {
    directory: &'d Directory,
    /// All names of a kind, as they are or folded, once they were needed.
    known: FxHashMap<(NameKind, bool), FxHashSet<String>>,
    unknown: Vec<UnknownName>,
}

impl Search<'_> {
    fn test(&mut self, test: &Test) {
        match test {
            Test::Key(compare) => {
                for key in values(compare) {
                    if self.directory.team_by_key(&key.team).is_none() {
                        self.add(NameKind::TeamKey, &key.team);
                    }
                }
            }
            Test::Team(test) => self.team(test),
            Test::State(test) => self.state(test),
            Test::Creator(test) => self.member(test),
            Test::Assignees(many) | Test::Participants(many) => {
                many.tests().iter().for_each(|test| self.member(test));
            }
            Test::Approvals(many) => many.tests().iter().for_each(|test| self.state(test)),
            Test::Workflow(test) => self.workflow(test),
            Test::WorkflowVersion(ids) => {
                self.ids(NameKind::WorkflowVersion, ids, |directory, id: &WorkflowVersionId| {
                    // A first version has the id of its workflow, and no row while it is the only one.
                    let only = || directory.workflow(WorkflowId::from_uuid(id.uuid())).is_some();
                    directory.version(*id).map_or_else(only, |version| version.published_at.is_some())
                });
            }
            Test::Labels(many) => many.tests().iter().for_each(|test| self.label(test)),
            Test::Comments(many) => self.comments(many),
            Test::History(test) => self.history(test),
            _ => {}
        }
    }

    fn comments(&mut self, many: &Many<CommentTest>) {
        for test in many.tests() {
            if let CommentTest::Author(member) = test {
                self.member(member);
            }
        }
    }

    fn history(&mut self, test: &HistoryTest) {
        fn each<T>(was: &Was<T>, mut see: impl FnMut(&T)) {
            match was {
                Was::Had(test) => see(test),
                Was::Changed { from, to } => from.iter().chain(to).for_each(see),
            }
        }
        match &test.change {
            PastChange::State(was) => each(was, |test| self.state(test)),
            PastChange::Assignee(was) => each(was, |test| self.member(test)),
            PastChange::Label(was) => each(was, |test| self.label(test)),
            _ => {}
        }
        if let Some(by) = &test.by {
            self.member(by);
        }
    }

    fn state(&mut self, test: &StateTest) {
        match test {
            StateTest::Id(ids) => {
                self.ids(NameKind::State, ids, |directory, id: &StateId| directory.state(*id).is_some())
            }
            StateTest::Name(text) => self.text(NameKind::State, text),
        }
    }

    fn workflow(&mut self, test: &WorkflowTest) {
        match test {
            WorkflowTest::Id(ids) => {
                self.ids(NameKind::Workflow, ids, |directory, id: &WorkflowId| {
                    directory.workflow(*id).is_some()
                });
            }
            WorkflowTest::Name(text) => self.text(NameKind::Workflow, text),
        }
    }

    fn team(&mut self, test: &TeamTest) {
        match test {
            TeamTest::Id(ids) => {
                self.ids(NameKind::Team, ids, |directory, id: &TeamId| directory.team(*id).is_some())
            }
            TeamTest::Key(text) => self.text(NameKind::TeamKey, text),
            TeamTest::Name(text) => self.text(NameKind::Team, text),
        }
    }

    fn member(&mut self, test: &MemberTest) {
        match test {
            MemberTest::Id(ids) => {
                self.ids(NameKind::Member, ids, |directory, id: &MemberId| directory.member(*id).is_some());
            }
            MemberTest::Name(text) => self.text(NameKind::Member, text),
            MemberTest::Email(text) => self.text(NameKind::Email, text),
            MemberTest::Me(_) => {}
        }
    }

    fn label(&mut self, test: &LabelTest) {
        match test {
            LabelTest::Id(ids) => {
                self.ids(NameKind::Label, ids, |directory, id: &LabelId| directory.label(*id).is_some())
            }
            LabelTest::Name(text) => self.text(NameKind::Label, text),
        }
    }

    fn ids<I: Display>(&mut self, kind: NameKind, ids: &Compare<I>, known: impl Fn(&Directory, &I) -> bool) {
        for id in values(ids) {
            if !known(self.directory, id) {
                self.add(kind, &id.to_string());
            }
        }
    }

    fn text(&mut self, kind: NameKind, test: &TextTest) {
        let said = |text: &str| if test.folded { fold(text) } else { text.to_owned() };
        let directory = self.directory;
        let known = self.known.entry((kind, test.folded));
        let known = known.or_insert_with(|| names(kind, directory).into_iter().map(said).collect());
        let is_unknown = |value: &&String| {
            let wanted = said(value);
            !match test.operator {
                TextOperator::Contains | TextOperator::NotContains => {
                    known.iter().any(|name| name.contains(&wanted))
                }
                TextOperator::StartsWith => known.iter().any(|name| name.starts_with(&wanted)),
                TextOperator::EndsWith => known.iter().any(|name| name.ends_with(&wanted)),
                _ => known.contains(&wanted),
            }
        };
        let unknown: Vec<&String> = test.values.iter().filter(is_unknown).take(UNKNOWN_MAX).collect();
        for value in unknown {
            self.add(kind, value);
        }
    }

    fn add(&mut self, kind: NameKind, name: &str) {
        let told = self.unknown.iter().any(|known| known.kind == kind && known.name == name);
        if told || self.unknown.len() >= UNKNOWN_MAX {
            return;
        }
        let suggestions = nearest(name, names(kind, self.directory));
        self.unknown.push(UnknownName { kind, name: name.to_owned(), place: None, suggestions });
    }
}

/// The values that a test of equality names.
fn values<T>(compare: &Compare<T>) -> &[T] {
    match compare {
        Compare::Eq(value) | Compare::Neq(value) => std::slice::from_ref(value),
        Compare::In(values) | Compare::Nin(values) => values,
        _ => &[],
    }
}
