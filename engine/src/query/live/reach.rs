//! What a filter looks at beyond the issue itself: the issues around it, and the names of things.

use super::super::Reader;
use super::super::prepare::either;
use crate::event::{Event, EventBody, IssueChange};
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, LabelTest, Link, Many, MemberTest, ParentTest, PastChange,
    StateTest, TeamTest, Test, Was, WorkflowTest,
};
use crate::id::IssueId;
use crate::view::{Looked, Question, Sight, View};
use roaring::RoaringBitmap;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// It looks at the issue that one is a part of.
    parent: bool,
    /// It asks whether there is one.
    any_parent: bool,
    /// It looks at the parts.
    children: bool,
    /// It looks at issues that are related in these ways.
    links: Vec<Link>,
    /// How many steps away the farthest issue is that it looks at.
    depth: usize,
    /// The same, where whether a parent is there is a step too: it is when who sees an issue changes.
    depth_of_sight: usize,
    states: bool,
    labels: bool,
    members: bool,
    teams: bool,
    workflows: bool,
}

impl Reach {
    pub(super) fn of(filter: &Filter) -> Self {
        let (depth, depth_of_sight) = (depth(filter, false), depth(filter, true));
        let mut reach = Self { depth, depth_of_sight, ..Self::default() };
        filter.each_test(&mut |test| {
            reach.note(test);
            true
        });
        reach
    }

    fn note(&mut self, test: &Test) {
        match test {
            Test::Parent(ParentTest::Passes(_)) => self.parent = true,
            Test::Parent(ParentTest::Null(_)) => self.any_parent = true,
            Test::Children(_) => self.children = true,
            Test::Related(link, _) if !self.links.contains(link) => self.links.push(*link),
            // A text may be an issue's key.
            Test::Key(_) | Test::Text(_) | Test::Team(TeamTest::Key(_) | TeamTest::Name(_)) => {
                self.teams = true
            }
            Test::State(test) => self.states |= by_state_name(test),
            Test::Labels(many) => self.labels |= many.tests().iter().any(by_label_name),
            Test::Approvals(many) => self.states |= many.tests().iter().any(by_state_name),
            Test::Workflow(WorkflowTest::Name(_)) => self.workflows = true,
            Test::Creator(test) => self.members |= by_member_name(test),
            Test::Assignees(many) | Test::Participants(many) => {
                self.members |= many.tests().iter().any(by_member_name)
            }
            Test::Comments(many) => {
                self.members |= many.tests().iter().any(|test| match test {
                    CommentTest::Author(test) => by_member_name(test),
                    CommentTest::Created(_) => false,
                });
            }
            Test::History(test) => self.note_history(test),
            _ => {}
        }
    }

    fn note_history(&mut self, test: &HistoryTest) {
        fn any<T>(was: &Was<T>, by_name: impl Fn(&T) -> bool) -> bool {
            match was {
                Was::Had(value) => by_name(value),
                Was::Changed { from, to } => from.iter().chain(to).any(by_name),
            }
        }
        self.members |= test.by.as_ref().is_some_and(by_member_name);
        match &test.change {
            PastChange::State(was) => self.states |= any(was, by_state_name),
            PastChange::Label(was) => self.labels |= any(was, by_label_name),
            PastChange::Assignee(was) => self.members |= any(was, by_member_name),
            _ => {}
        }
    }

    /// Whether what an event does to the list cannot be told issue by issue: a name that the filter speaks of changed, or a
    /// test of related issues lost sight of one that was deleted.
    pub(super) fn is_reset_by(&self, event: &Event) -> bool {
        match &event.body {
            Some(EventBody::LabelSaved { before: Some(before), after }) => {
                self.labels && (&before.name, before.deleted_at) != (&after.name, after.deleted_at)
            }
            Some(EventBody::MemberSaved { before: Some(before), after }) => {
                self.members && (&before.name, &before.email) != (&after.name, &after.email)
            }
            Some(EventBody::TeamSaved { before: Some(before), after }) => {
                self.teams
                    && (&before.name, &before.key, &before.former_keys)
                        != (&after.name, &after.key, &after.former_keys)
            }
            Some(EventBody::WorkflowSaved { before: Some(before), after, .. }) => {
                (self.states && before.states != after.states)
                    || (self.workflows && before.name != after.name)
            }
            Some(EventBody::IssueUpdated { changes }) => {
                let deletes =
                    |change: &IssueChange| matches!(change, IssueChange::Deleted(c) if c.to.is_some());
                !self.links.is_empty() && changes.iter().any(deletes)
            }
            None => {
                let names = self.states || self.labels || self.members || self.teams || self.workflows;
                names || self.depth_of_sight > 0
            }
            Some(_) => false,
        }
    }

    /// The issues that an event about one may move in or out, that one included; none when they are too many. They are
    /// looked for among all issues: those around one that has just been hidden from the reader look at it no more.
    pub(super) fn of_event(&self, reader: &Reader, issue: IssueId, event: &Event) -> Option<RoaringBitmap> {
        let asking = reader.asking();
        reader.with_present(&reader.scope, |view| {
            let (everything, moves_sight) = (Sight::default(), moves_sight(event));
            let steps = if moves_sight { self.depth_of_sight } else { self.depth };
            let mut near: RoaringBitmap = view.ordinal_of(issue).into_iter().collect();
            let mut edge = near.clone();
            for step in 0..steps {
                let mut next = RoaringBitmap::new();
                // One issue more than there may be shows that there are too many.
                let room = reader.limits().live_neighbours_max.saturating_add(2);
                let ids = edge.iter().filter_map(|at| view.id_of(at));
                let around = ids.flat_map(|id| self.family(view, id, moves_sight));
                next.extend(around.filter_map(|id| view.ordinal_of(id)).take(room));
                if step == 0 {
                    next.extend(self.left_behind(event).filter_map(|id| view.ordinal_of(id)));
                }
                for link in &self.links {
                    let ids = edge.iter().filter_map(|at| view.id_of(at)).collect();
                    let filter = related(*link, ids);
                    let (directory, looked) = (&reader.directory, &Looked::default());
                    let question = Question { filter: &filter, asking: &asking, directory, looked };
                    next |= view.select(&everything, &question);
                }
                edge = next - &near;
                near |= &edge;
                if near.len() > (reader.limits().live_neighbours_max as u64).saturating_add(1) {
                    return None;
                }
            }
            Some(near)
        })
    }

    /// The issues whose tests of their parent or parts look at this one.
    fn family<'v>(
        &self,
        view: &'v View,
        id: IssueId,
        moves_sight: bool,
    ) -> impl Iterator<Item = IssueId> + 'v {
        let parts = (self.parent || (self.any_parent && moves_sight))
            .then(|| view.parts_of(id))
            .into_iter()
            .flatten();
        parts.chain(self.children.then(|| view.parent_of(id)).flatten())
    }

    /// Issues that looked at this one before the event, or do from it on.
    fn left_behind(&self, event: &Event) -> impl Iterator<Item = IssueId> {
        let changes = match &event.body {
            Some(EventBody::IssueUpdated { changes }) => changes.as_slice(),
            _ => &[],
        };
        let (children, related) = (self.children, !self.links.is_empty());
        changes.iter().flat_map(move |change| match change {
            IssueChange::Parent(c) if children => c.from.into_iter().chain(c.to).collect(),
            IssueChange::Relations(c) if related => {
                c.from.iter().chain(&c.to).map(|relation| relation.to).collect()
            }
            IssueChange::Referenced { by, .. } if related => vec![*by],
            _ => Vec::new(),
        })
    }
}

/// Issues, whatever their own lot, that are related in this way to one of these.
fn related(link: Link, ids: Vec<IssueId>) -> Filter {
    let one_of = Many::Some(vec![Test::Id(Compare::In(ids)).into()]);
    Filter::All(vec![Test::Related(link, one_of).into(), either(Test::Archived), either(Test::Deleted)])
}

/// Whether an event may change who sees an issue: then parts of it have a parent, or none, for some.
fn moves_sight(event: &Event) -> bool {
    let moves =
        |change: &IssueChange| matches!(change, IssueChange::Confidential(_) | IssueChange::Assignees(_));
    matches!(&event.body, Some(EventBody::IssueUpdated { changes }) if changes.iter().any(moves))
}

fn depth(filter: &Filter, of_sight: bool) -> usize {
    let depth = |filter: &Filter| depth(filter, of_sight);
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(depth).max().unwrap_or_default(),
        Filter::Not(part) => depth(part),
        Filter::Test(Test::Parent(ParentTest::Null(_))) => usize::from(of_sight),
        Filter::Test(Test::Parent(ParentTest::Passes(_)) | Test::Children(_) | Test::Related(..)) => {
            let inner = if let Filter::Test(test) = filter { test.inner() } else { &[] };
            inner.iter().map(depth).max().unwrap_or_default().saturating_add(1)
        }
        Filter::Test(_) => 0,
    }
}

const fn by_state_name(test: &StateTest) -> bool {
    matches!(test, StateTest::Name(_))
}

const fn by_label_name(test: &LabelTest) -> bool {
    matches!(test, LabelTest::Name(_))
}

const fn by_member_name(test: &MemberTest) -> bool {
    matches!(test, MemberTest::Name(_) | MemberTest::Email(_))
}
