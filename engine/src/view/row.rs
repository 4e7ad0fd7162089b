//! Whether one issue passes a filter, at the cost of one row: for live queries, and where few issues are left to look at.
//!
//! Tests of other issues look at those, one after the other. Links may lead anywhere, so the looks are counted: past a
//! bound the row gives up, and the set of all that pass must be asked.

use super::columns::Columns;
use super::durations::Durations;
use super::evaluate::speaks_of;
use super::family::Family;
use super::followed::{FlowTest, of_version, of_workflow, row_passes};
use super::items::{Tag, code};
use super::keys::{Tested, all_ready};
use super::linked::Ends;
use super::links::Named;
use super::numbers::Numbers;
use super::origin;
use super::text::Matcher;
use super::{Question, Sight, View};
use crate::filter::{
    CommentTest, Compare, Filter, IssueKey, Many, ParentTest, PastChange, SourceTest, Test, TextTest, Was,
};
use crate::time::{CalendarDate, Timestamp};
use std::cell::Cell;
use std::hash::Hash;

/// Looks at other issues that one row may take.
const VISITS_MAX: u32 = if cfg!(test) { 12 } else { 256 };

/// How many looks at other issues are left.
pub(super) struct Visits(Cell<u32>);

impl Visits {
    /// So many as these rows may take together.
    pub(super) fn for_rows(rows: u64) -> Self {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        Self(Cell::new(VISITS_MAX.saturating_add(rows.saturating_mul(VISITS_MAX / 8))))
    }

    fn take(&self) -> Option<()> {
        self.0.set(self.0.get().checked_sub(1)?);
        Some(())
    }
}

/// One question put to rows of one view. An answer is none when there were too many looks at other issues.
pub(super) struct RowTest<'a> {
    pub(super) view: &'a View,
    pub(super) q: &'a Question<'a>,
    pub(super) sight: &'a Sight,
    pub(super) visits: &'a Visits,
}

impl View {
    /// Whether an issue is among those that a filter is about.
    pub(super) fn is_meant(&self, filter: &Filter, at: u32) -> bool {
        let (deleted, archived) = speaks_of(filter);
        let (place, columns) = (at as usize, &self.columns);
        place < columns.len()
            && (deleted || columns.deleted_at.get(place).is_none())
            && (archived || columns.archived_at.get(place).is_none())
    }
}

impl RowTest<'_> {
    /// Whether an issue passes.
    pub(super) fn passes(&self, filter: &Filter, at: u32) -> Option<bool> {
        match filter {
            Filter::All(parts) => self.passes_all(parts, at),
            Filter::Any(parts) => any(parts, |part| self.passes(part, at)),
            Filter::Not(part) => self.passes(part, at).map(|passes| !passes),
            Filter::Test(test) => self.passes_test(test, at),
        }
    }

    fn passes_all(&self, parts: &[Filter], at: u32) -> Option<bool> {
        any(parts, |part| self.passes(part, at).map(|passes| !passes)).map(|fails| !fails)
    }

    pub(super) fn passes_test(&self, test: &Test, at: u32) -> Option<bool> {
        match test {
            Test::Parent(ParentTest::Passes(filter)) => {
                let parent = self.view.columns.parent.get(at as usize);
                let Some(parent) = parent.and_then(|id| self.view.ordinal_of(*id)) else {
                    return Some(false);
                };
                Some(self.look(parent)? && self.passes(filter, parent)?)
            }
            Test::Children(many) => self.others_pass(Ends::CHILDREN, many, at),
            Test::Related(link, many) => self.others_pass(Ends::of(*link), many, at),
            _ => Some(self.passes_alone(test, at)),
        }
    }

    /// Whether another issue may be seen: it is neither deleted nor hidden.
    fn look(&self, at: u32) -> Option<bool> {
        self.visits.take()?;
        Some(self.view.columns.deleted_at.get(at as usize).is_none() && !self.sight.hides(at))
    }

    /// Whether an issue is a part of one that can be seen, be it deleted.
    fn has_parent(&self, at: usize) -> bool {
        let parent = self.view.columns.parent.get(at);
        parent.is_some_and(|id| self.view.ordinal_of(*id).is_none_or(|parent| !self.sight.hides(parent)))
    }

    fn others_pass(&self, ends: Ends, many: &Many<Filter>, at: u32) -> Option<bool> {
        let others = self.others(ends, at)?;
        Some(match many {
            Many::Some(tests) => any(&others, |other| self.passes_all(tests, *other))?,
            Many::None(tests) => !any(&others, |other| self.passes_all(tests, *other))?,
            Many::Every(tests) => {
                !any(&others, |other| self.passes_all(tests, *other).map(|passes| !passes))?
            }
            Many::Length(count) => count.passes(u32::try_from(others.len()).ok().as_ref()),
        })
    }

    /// The issues that one sees, each once.
    fn others(&self, ends: Ends, at: u32) -> Option<Vec<u32>> {
        let mut others = Vec::new();
        if let Named::Related(kind) = ends.as_what
            && ends.naming
        {
            let named = self.view.columns.relations(at as usize).iter().filter(|r| r.kind == kind);
            for other in named.filter_map(|relation| self.view.ordinal_of(relation.to)) {
                others.extend(self.look(other)?.then_some(other));
            }
        }
        if ends.named {
            for other in self.view.links.naming(ends.as_what, at) {
                others.extend(self.look(other)?.then_some(other));
            }
        }
        others.sort_unstable();
        others.dedup();
        Some(others)
    }

    /// Whether an issue passes a test of itself.
    fn passes_alone(&self, test: &Test, ordinal: u32) -> bool {
        let (columns, sets, asking) = (&self.view.columns, &self.view.sets, self.q.asking);
        let at = ordinal as usize;
        match test {
            Test::Id(c) => c.passes(columns.id.get(at)),
            Test::Key(c) => self.key_passes(c, at),
            Test::Number(c) => c.passes(columns.number.get(at)),
            Test::Team(t) => self.one(t, columns.team.get(at).and_then(|code| sets.team.key(*code))),
            Test::State(t) => self.one(t, columns.state.get(at).and_then(|code| sets.state.key(*code))),
            Test::Category(c) => c.passes(columns.category.get(at)),
            Test::Kind(c) => c.passes(columns.kind.get(at)),
            Test::Priority(c) => c.passes(columns.priority.get(at)),
            Test::Resolution(c) => c.passes(columns.resolution.get(at).and_then(Option::as_ref)),
            Test::Assignees(m) => self.several(&sets.assignee, columns.items(at, Tag::Assignee), m),
            Test::Creator(t) => self.one(t, columns.creator.get(at).and_then(|code| sets.creator.key(*code))),
            Test::Labels(m) => self.several(&sets.label, columns.items(at, Tag::Label), m),
            Test::Parent(ParentTest::Null(missing)) => self.has_parent(at) != *missing,
            Test::Comments(m) => self.comments_pass(m, at),
            Test::Estimate(c) => c.passes(columns.estimate.get(at)),
            Test::Reopened(c) => c.passes(columns.reopen_count.get(at).or(Some(&0))),
            Test::Time(field, c) => {
                let value = columns.instant(*field, at).map(Timestamp::from_millis);
                c.map(|when| when.settle(asking)).passes(value.as_ref())
            }
            Test::Date(field, c) => {
                let value = columns.days(*field).get(at).map(|days| CalendarDate::from_days(*days));
                c.map(|day| day.settle(asking)).passes(value.as_ref())
            }
            Test::Duration(field, c) => {
                c.passes(Durations::of(self.view, asking.now).value(*field, at).as_ref())
            }
            Test::Title(text) => title_passes(columns, text, at),
            Test::Described(described) => columns.described.get(at) == Some(described),
            Test::Source(SourceTest::Id(c)) => origin::wanted(c).passes(columns.source_id.number(at)),
            Test::Source(t) => {
                let origin = columns.items(at, Tag::Source).first();
                self.one(t, origin.and_then(|item| sets.source.key(code(*item))))
            }
            Test::Archived(archived) => columns.archived_at.get(at).is_some() == *archived,
            Test::Deleted(deleted) => columns.deleted_at.get(at).is_some() == *deleted,
            Test::Confidential(confidential) => columns.items(at, Tag::Audience).is_empty() != *confidential,
            Test::Participants(m) => self.several(&sets.audience, columns.participants(at), m),
            Test::Workflow(t) => self.followed(&of_workflow(t), at),
            Test::WorkflowVersion(c) => self.followed(&of_version(c), at),
            Test::Approvals(m) => self.several(&sets.approval, columns.items(at, Tag::Approval), m),
            Test::Rank(c) => c.passes_as(Some(columns.rank(at))),
            Test::Version(c) => c.passes(columns.version.get(at)),
            Test::History(history) if View::answers(test) => self.had(&history.change, at),
            Test::Looked(place) => self.q.looked.set(*place).contains(ordinal),
            // What must be looked up and was not: see `View::answers`. (Tests of other issues do not come here.)
            Test::History(_) | Test::Text(_) => false,
            Test::Parent(_) | Test::Children(_) | Test::Related(..) => false,
        }
    }

    fn one<K>(&self, test: &impl Tested<K>, value: Option<K>) -> bool {
        value.map_or_else(|| test.passes_missing(), |value| test.ready(self.q)(&value))
    }

    fn followed(&self, passes: &FlowTest<'_>, at: usize) -> bool {
        row_passes(passes, (&self.view.columns, &self.view.sets, self.q.directory), at)
    }

    fn key_passes(&self, compare: &Compare<IssueKey>, at: usize) -> bool {
        let columns = &self.view.columns;
        let team = columns.team.get(at).and_then(|code| self.view.sets.team.key(*code));
        let is = |key: &IssueKey| {
            let named = self.q.directory.team_by_key(&key.team).map(|team| team.id);
            named.is_some() && named == team && columns.number.get(at) == Some(&key.number)
        };
        match compare {
            Compare::Eq(key) => is(key),
            Compare::Neq(key) => !is(key),
            Compare::In(keys) => keys.iter().any(is),
            Compare::Nin(keys) => !keys.iter().any(is),
            other => matches!(other, Compare::Null(false)),
        }
    }

    fn several<K: Copy + Eq + Hash, T: Tested<K>>(
        &self,
        family: &Family<K>,
        items: &[u32],
        many: &Many<T>,
    ) -> bool {
        let passes = all_ready(many.tests(), self.q);
        let mut values = items.iter().filter_map(|item| family.key(code(*item)));
        match many {
            Many::Some(_) => values.any(|value| passes(&value)),
            Many::Every(_) => values.all(|value| passes(&value)),
            Many::None(_) => !values.any(|value| passes(&value)),
            Many::Length(count) => count.passes(u32::try_from(items.len()).ok().as_ref()),
        }
    }

    fn comments_pass(&self, many: &Many<CommentTest>, at: usize) -> bool {
        let count = self.view.columns.comment_count.get(at).copied().unwrap_or_default();
        let author = match many.tests() {
            [] => None,
            [CommentTest::Author(author)] => Some(author.ready(self.q)),
            // What else must be looked up and was not: see `View::answers`.
            _ => return false,
        };
        let items = self.view.columns.items(at, Tag::Commenter);
        let mut authors = items.iter().filter_map(|item| self.view.sets.commenter.key(code(*item)));
        match (many, author) {
            (Many::Length(wanted), _) => wanted.passes(Some(&count)),
            (Many::Some(_), None) => count > 0,
            (Many::None(_), None) => count == 0,
            (Many::Every(_), None) => true,
            (Many::Some(_), Some(passes)) => authors.any(|author| passes(&author)),
            (Many::None(_), Some(passes)) => !authors.any(|author| passes(&author)),
            (Many::Every(_), Some(passes)) => authors.all(|author| passes(&author)),
        }
    }

    fn had(&self, change: &PastChange, at: usize) -> bool {
        let (columns, sets) = (&self.view.columns, &self.view.sets);
        let past = |tag| columns.items(at, tag);
        match change {
            PastChange::State(was) => {
                let state = columns.state.get(at).and_then(|code| sets.state.key(*code));
                self.once(was, state.into_iter(), &sets.past_state, past(Tag::PastState))
            }
            PastChange::Category(was) => {
                let category = columns.category.get(at).copied().into_iter();
                self.once(was, category, &sets.past_category, past(Tag::PastCategory))
            }
            PastChange::Priority(was) => {
                let priority = columns.priority.get(at).copied().into_iter();
                self.once(was, priority, &sets.past_priority, past(Tag::PastPriority))
            }
            PastChange::Kind(was) => {
                let kind = columns.kind.get(at).copied().into_iter();
                self.once(was, kind, &sets.past_kind, past(Tag::PastKind))
            }
            PastChange::Resolution(was) => {
                let resolution = columns.resolution.get(at).copied().flatten().into_iter();
                self.once(was, resolution, &sets.past_resolution, past(Tag::PastResolution))
            }
            PastChange::Assignee(was) => {
                let present = past(Tag::Assignee).iter().filter_map(|item| sets.assignee.key(code(*item)));
                self.once(was, present, &sets.past_assignee, past(Tag::PastAssignee))
            }
            PastChange::Label(was) => {
                let present = past(Tag::Label).iter().filter_map(|item| sets.label.key(code(*item)));
                self.once(was, present, &sets.past_label, past(Tag::PastLabel))
            }
        }
    }

    fn once<K: Copy + Eq + Hash, T: Tested<K>>(
        &self,
        was: &Was<T>,
        present: impl Iterator<Item = K>,
        family: &Family<K>,
        past: &[u32],
    ) -> bool {
        let Was::Had(test) = was else { return false };
        let passes = test.ready(self.q);
        present.chain(past.iter().filter_map(|item| family.key(code(*item)))).any(|value| passes(&value))
    }
}

fn title_passes(columns: &Columns, test: &TextTest, at: usize) -> bool {
    let matcher = Matcher::of(test);
    if test.folded {
        matcher.passes_ready(columns.folded_title(at))
    } else {
        matcher.passes_ready(&columns.written_title(at))
    }
}

/// Whether one of these passes; none when that was not found out.
fn any<T>(items: &[T], passes: impl Fn(&T) -> Option<bool>) -> Option<bool> {
    for item in items {
        if passes(item)? {
            return Some(true);
        }
    }
    Some(false)
}
