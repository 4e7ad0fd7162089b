//! The plain meaning of filters and orders: one look at every row, nothing clever.

use crate::directory::Directory;
use crate::filter::{
    Asking, CommentTest, Compare, DateField, DurationField, Filter, IssueKey, LabelTest, Link, Many,
    MemberTest, ParentTest, PastChange, Sort, SortKey, SourceTest, Span, StateTest, TeamTest, Test,
    TextOperator, TextTest, TimeField, Was, WorkflowTest,
};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{Issue, RelationKind};
use crate::time::Timestamp;
use crate::view::fold;
use crate::workflow::Flow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The rows, and what gives a filter its meaning.
pub(crate) struct Naive<'a> {
    pub(crate) rows: &'a BTreeMap<IssueId, Issue>,
    pub(crate) directory: &'a Directory,
    pub(crate) asking: &'a Asking,
    pub(crate) sets: &'a [BTreeSet<IssueId>],
    pub(crate) scores: &'a BTreeMap<IssueId, f32>,
}

impl<'a> Naive<'a> {
    /// What passes, in order.
    pub(crate) fn list(&self, filter: &Filter, sort: &[Sort]) -> Vec<&'a Issue> {
        let is = |test: &Test, field| matches!(test, Test::Time(of, _) if *of == field);
        let asks_deleted = at_top(filter, &|t| matches!(t, Test::Deleted(_)) || is(t, TimeField::Deleted));
        let asks_archived = at_top(filter, &|t| matches!(t, Test::Archived(_)) || is(t, TimeField::Archived));
        let rows = self.rows.values();
        let rows = rows.filter(|row| asks_deleted || row.deleted_at.is_none());
        let rows = rows.filter(|row| asks_archived || row.archived_at.is_none());
        let mut found: Vec<_> = rows.filter(|row| self.passes(row, filter)).collect();
        found.sort_by(|a, b| {
            let steps = sort.iter().map(|step| self.order(a, b, *step)).find(|order| order.is_ne());
            steps.unwrap_or_else(|| a.id.uuid().cmp(&b.id.uuid()))
        });
        found
    }

    fn passes(&self, row: &Issue, filter: &Filter) -> bool {
        match filter {
            Filter::All(parts) => parts.iter().all(|part| self.passes(row, part)),
            Filter::Any(parts) => parts.iter().any(|part| self.passes(row, part)),
            Filter::Not(part) => !self.passes(row, part),
            Filter::Test(test) => self.passes_test(row, test),
        }
    }

    fn passes_test(&self, row: &Issue, test: &Test) -> bool {
        match test {
            Test::Id(c) => c.passes(Some(&row.id)),
            Test::Key(c) => self.key(row, c),
            Test::Number(c) => c.passes(Some(&row.number)),
            Test::Team(t) => self.team(t, row.team),
            Test::State(t) => self.state(t, row.state),
            Test::Category(c) => c.passes(Some(&row.category)),
            Test::Kind(c) => c.passes(Some(&row.kind)),
            Test::Priority(c) => c.passes(Some(&row.priority)),
            Test::Resolution(c) => c.passes(row.resolution.as_ref()),
            Test::Assignees(m) => many(&row.assignees, m, |t, id| self.member(t, *id)),
            Test::Creator(t) => self.member(t, row.creator),
            Test::Labels(m) => many(&row.labels, m, |t, id| self.label(t, *id)),
            Test::Parent(ParentTest::Null(missing)) => row.parent.is_none() == *missing,
            Test::Parent(ParentTest::Passes(filter)) => {
                let parent = row.parent.and_then(|id| self.rows.get(&id));
                parent.is_some_and(|parent| parent.deleted_at.is_none() && self.passes(parent, filter))
            }
            Test::Children(m) => {
                let parts = self.rows.values().filter(|part| part.parent == Some(row.id));
                self.others(parts.map(|part| part.id).collect(), m)
            }
            Test::Related(link, m) => self.others(self.related(row, *link), m),
            Test::Comments(Many::Length(c)) => c.passes(Some(&row.comment_count)),
            Test::Comments(m) => {
                let comments: Vec<_> =
                    row.commenters.iter().flat_map(|c| vec![c.member; c.comments as usize]).collect();
                many(&comments, m, |t, author| match t {
                    CommentTest::Author(t) => self.member(t, *author),
                    CommentTest::Created(_) => panic!("the view does not answer it"),
                })
            }
            Test::Estimate(c) => c.passes(row.estimate.as_ref()),
            Test::Reopened(c) => c.passes(Some(&row.reopen_count)),
            Test::Time(field, c) => {
                let c = c.map(|when| when.settle(self.asking));
                c.passes(instant(row, *field).as_ref())
            }
            Test::Date(DateField::Start, c) => {
                c.map(|day| day.settle(self.asking)).passes(row.start_date.as_ref())
            }
            Test::Date(DateField::Due, c) => {
                c.map(|day| day.settle(self.asking)).passes(row.due_date.as_ref())
            }
            Test::Duration(field, c) => c.passes(self.duration(row, *field).as_ref()),
            Test::Title(test) => text(Some(&row.title), test),
            Test::Described(described) => (row.description_bytes > 0) == *described,
            Test::Source(SourceTest::Null(missing)) => row.source.is_none() == *missing,
            Test::Source(SourceTest::System(test)) => text(row.source.as_ref().map(|s| &*s.system), test),
            Test::Source(SourceTest::Id(
                Compare::Lt(_) | Compare::Lte(_) | Compare::Gt(_) | Compare::Gte(_),
            )) => false,
            Test::Source(SourceTest::Id(Compare::Between(..))) => false,
            Test::Source(SourceTest::Id(c)) => c.passes(row.source.as_ref().map(|s| &s.id)),
            Test::Archived(archived) => row.archived_at.is_some() == *archived,
            Test::Deleted(deleted) => row.deleted_at.is_some() == *deleted,
            Test::Confidential(confidential) => row.confidential.is_some() == *confidential,
            Test::Participants(m) => {
                let named = row.confidential.as_ref().map_or(&[][..], |named| named.participants.as_slice());
                many(named, m, |t, id| self.member(t, *id))
            }
            Test::Workflow(t) => {
                let flow = Flow::of(self.directory, row);
                let workflow = flow.as_ref().map(|flow| flow.workflow());
                match t {
                    WorkflowTest::Id(c) => c.passes(workflow.map(|workflow| &workflow.id)),
                    WorkflowTest::Name(t) => text(workflow.map(|workflow| &*workflow.name), t),
                }
            }
            Test::WorkflowVersion(c) => {
                c.passes(Flow::of(self.directory, row).map(|flow| flow.id()).as_ref())
            }
            Test::Approvals(m) => many(&row.approvals, m, |t, asked| self.state(t, asked.to)),
            Test::Rank(c) => c.passes(Some(&row.rank)),
            Test::Version(c) => c.passes(Some(&row.version)),
            Test::History(history) => self.had(row, &history.change),
            Test::Looked(place) => {
                self.sets.get(usize::from(*place)).is_some_and(|set| set.contains(&row.id))
            }
            Test::Text(_) => panic!("the view does not answer it"),
        }
    }

    fn key(&self, row: &Issue, compare: &Compare<IssueKey>) -> bool {
        let Some(team) = self.directory.team(row.team) else { return false };
        let keys = team.former_keys.iter().chain([&team.key]);
        let mut keys = keys.map(|key| IssueKey { team: key.clone(), number: row.number });
        match compare {
            Compare::Eq(key) => keys.any(|own| own == *key),
            Compare::In(list) => keys.any(|own| list.contains(&own)),
            Compare::Neq(key) => !keys.any(|own| own == *key),
            Compare::Nin(list) => !keys.any(|own| list.contains(&own)),
            Compare::Null(missing) => !missing,
            _ => false,
        }
    }

    /// The issues at the other ends, each once.
    fn related(&self, row: &Issue, link: Link) -> BTreeSet<IssueId> {
        let both = link.kind == RelationKind::Relates;
        let mut found = BTreeSet::new();
        if both || !link.reversed {
            found.extend(row.relations.iter().filter(|r| r.kind == link.kind).map(|r| r.to));
        }
        if both || link.reversed {
            let named =
                |other: &&Issue| other.relations.iter().any(|r| r.kind == link.kind && r.to == row.id);
            found.extend(self.rows.values().filter(named).map(|other| other.id));
        }
        found
    }

    fn others(&self, ids: BTreeSet<IssueId>, test: &Many<Filter>) -> bool {
        let others = ids.iter().filter_map(|id| self.rows.get(id));
        let others: Vec<_> = others.filter(|other| other.deleted_at.is_none()).collect();
        many(&others, test, |filter, other| self.passes(other, filter))
    }

    pub(crate) fn member(&self, test: &MemberTest, id: MemberId) -> bool {
        let member = self.directory.member(id);
        match test {
            MemberTest::Id(c) => c.passes(Some(&id)),
            MemberTest::Name(test) => text(member.map(|m| &*m.name), test),
            MemberTest::Email(test) => text(member.and_then(|m| m.email.as_deref()), test),
            MemberTest::Me(me) => (self.asking.me == Some(id)) == *me,
        }
    }

    pub(crate) fn label(&self, test: &LabelTest, id: LabelId) -> bool {
        match test {
            LabelTest::Id(c) => c.passes(Some(&id)),
            LabelTest::Name(test) => text(self.directory.label(id).map(|l| &*l.name), test),
        }
    }

    pub(crate) fn state(&self, test: &StateTest, id: StateId) -> bool {
        match test {
            StateTest::Id(c) => c.passes(Some(&id)),
            StateTest::Name(test) => text(self.directory.state(id).map(|s| &*s.name), test),
        }
    }

    fn team(&self, test: &TeamTest, id: TeamId) -> bool {
        let team = self.directory.team(id);
        match test {
            TeamTest::Id(c) => c.passes(Some(&id)),
            TeamTest::Key(test) => text(team.map(|t| &*t.key), test),
            TeamTest::Name(test) => text(team.map(|t| &*t.name), test),
        }
    }

    /// Whether it had a value that passes, once or still.
    fn had(&self, row: &Issue, change: &PastChange) -> bool {
        fn once<T: PartialEq + Clone, C>(
            was: &Was<C>,
            present: &[T],
            past: &[T],
            passes: impl Fn(&C, &T) -> bool,
        ) -> bool {
            let Was::Had(test) = was else { panic!("the view does not answer it") };
            present.iter().chain(past).any(|value| passes(test, value))
        }
        let past = &row.past;
        match change {
            PastChange::State(was) => once(was, &[row.state], &past.states, |t, v| self.state(t, *v)),
            PastChange::Category(was) => {
                once(was, &[row.category], &past.categories, |c, v| c.passes(Some(v)))
            }
            PastChange::Priority(was) => {
                once(was, &[row.priority], &past.priorities, |c, v| c.passes(Some(v)))
            }
            PastChange::Kind(was) => once(was, &[row.kind], &past.kinds, |c, v| c.passes(Some(v))),
            PastChange::Resolution(was) => {
                once(was, row.resolution.as_slice(), &past.resolutions, |c, v| c.passes(Some(v)))
            }
            PastChange::Assignee(was) => {
                once(was, &row.assignees, &past.assignees, |t, v| self.member(t, *v))
            }
            PastChange::Label(was) => once(was, &row.labels, &past.labels, |t, v| self.label(t, *v)),
        }
    }

    fn duration(&self, row: &Issue, field: DurationField) -> Option<Span> {
        let now = self.asking.now;
        let (from, to) = match field {
            DurationField::Cycle => (row.started_at?, row.completed_at?),
            DurationField::Lead => (row.created_at, row.completed_at?),
            DurationField::Triage => (row.created_at, row.triaged_at?),
            DurationField::Age if row.category.is_terminal() => return None,
            DurationField::Age => (row.created_at, now),
            DurationField::InState => (row.in_state_since(), now),
        };
        Some(Span::from_millis((to.millis() - from.millis()).max(0)))
    }

    fn order(&self, a: &Issue, b: &Issue, step: Sort) -> Ordering {
        match step.key {
            SortKey::Created => values(Some(a.created_at), Some(b.created_at), step),
            SortKey::Updated => values(Some(a.updated_at), Some(b.updated_at), step),
            SortKey::Completed => values(a.completed_at, b.completed_at, step),
            SortKey::Priority => values(Some(a.priority), Some(b.priority), step),
            SortKey::Category => values(Some(a.category), Some(b.category), step),
            SortKey::Number => values(Some(a.number), Some(b.number), step),
            SortKey::Due => values(a.due_date, b.due_date, step),
            SortKey::Estimate => values(a.estimate, b.estimate, step),
            SortKey::Rank => values(Some(&a.rank), Some(&b.rank), step),
            SortKey::Title => values(Some(fold(&a.title)), Some(fold(&b.title)), step),
            SortKey::Started => values(a.started_at, b.started_at, step),
            SortKey::Start => values(a.start_date, b.start_date, step),
            SortKey::Comments => values(Some(a.comment_count), Some(b.comment_count), step),
            SortKey::StateSince => values(Some(a.in_state_since()), Some(b.in_state_since()), step),
            SortKey::Relevance => {
                // The scores of the tests are halves.
                let score = |row: &Issue| self.scores.get(&row.id).map(|score| (score * 2.0) as i32);
                values(score(a), score(b), step)
            }
        }
    }
}

/// Whether a test of this kind stands in the tree, outside of tests of other issues.
fn at_top(filter: &Filter, kind: &dyn Fn(&Test) -> bool) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(|part| at_top(part, kind)),
        Filter::Not(part) => at_top(part, kind),
        Filter::Test(test) => kind(test),
    }
}

fn instant(row: &Issue, field: TimeField) -> Option<Timestamp> {
    match field {
        TimeField::Created => Some(row.created_at),
        TimeField::Updated => Some(row.updated_at),
        TimeField::Started => row.started_at,
        TimeField::Completed => row.completed_at,
        TimeField::Canceled => row.canceled_at,
        TimeField::Archived => row.archived_at,
        TimeField::Triaged => row.triaged_at,
        TimeField::Deleted => row.deleted_at,
        TimeField::StateSince => Some(row.in_state_since()),
    }
}

fn many<V, T>(values: &[V], test: &Many<T>, passes: impl Fn(&T, &V) -> bool) -> bool {
    let passing = |tests: &[T]| values.iter().filter(|v| tests.iter().all(|t| passes(t, v))).count();
    match test {
        Many::Some(tests) => passing(tests) > 0,
        Many::Every(tests) => passing(tests) == values.len(),
        Many::None(tests) => passing(tests) == 0,
        Many::Length(c) => c.passes(Some(&(values.len() as u32))),
    }
}

fn text(text: Option<&str>, test: &TextTest) -> bool {
    use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
    let Some(text) = text else { return matches!(test.operator, Neq | Nin | NotContains) };
    let plain = |text: &str| if test.folded { fold(text) } else { text.to_owned() };
    let (text, values) = (plain(text), test.values.iter().map(|v| plain(v)).collect::<Vec<_>>());
    let first = values.first().cloned().unwrap_or_default();
    match test.operator {
        Eq => text == first,
        Neq => text != first,
        In => values.contains(&text),
        Nin => !values.contains(&text),
        Contains => text.contains(&first),
        NotContains => !text.contains(&first),
        StartsWith => text.starts_with(&first),
        EndsWith => text.ends_with(&first),
    }
}

fn values<T: Ord>(a: Option<T>, b: Option<T>, step: Sort) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if step.descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (None, None) => Ordering::Equal,
        (a, _) => {
            if a.is_none() == step.nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}
