//! The filter on issues: fields side by side must all hold, `and`, `or` and `not` combine whole filters.

use super::comparator::{BooleanComparator, Choice, IdComparator, Ordered};
use super::relation_filter::{
    LabelCollectionFilter, MemberCollectionFilter, MemberFilter, ParentFilter, TeamFilter,
    WorkflowStateFilter,
};
use super::scalar::{Date, DateTime};
use super::text_comparator::StringComparator;
use super::word::{IssueType, Priority, Resolution, StateCategory};
use crate::context::Snapshot;
use async_graphql::InputObject;
use mortise_engine::Result;
use mortise_engine::filter::{DateField, Filter, Test, TimeField};

/// Which issues are wanted. Fields side by side must all hold. A missing value passes `null: true`, `neq` and `nin`, and
/// nothing else. At most 200 conditions, 12 deep, 250 values in a list.
#[derive(Debug, Default, InputObject)]
pub(crate) struct IssueFilter {
    /// All of these hold.
    and: Option<Vec<IssueFilter>>,
    /// At least one of these holds.
    or: Option<Vec<IssueFilter>>,
    /// This does not hold.
    not: Option<Box<IssueFilter>>,
    /// The issue itself.
    id: Option<IdComparator>,
    /// Its number in the team.
    number: Option<Ordered<u32>>,
    /// Its team.
    team: Option<TeamFilter>,
    /// Its state.
    state: Option<WorkflowStateFilter>,
    /// What its state means: short for `state: {category: …}`.
    category: Option<Ordered<StateCategory>>,
    /// What kind of work it is.
    #[graphql(name = "type")]
    kind: Option<Choice<IssueType>>,
    /// How pressing it is.
    priority: Option<Ordered<Priority>>,
    /// Why it was closed.
    resolution: Option<Choice<Resolution>>,
    /// Anybody of those who work on it; with `neq` and `nin`, nobody of them is that one.
    assignee: Option<MemberFilter>,
    /// All who work on it.
    assignees: Option<MemberCollectionFilter>,
    /// Who made it.
    creator: Option<MemberFilter>,
    /// Its labels.
    labels: Option<LabelCollectionFilter>,
    /// The issue it is a part of.
    parent: Option<ParentFilter>,
    /// Its size.
    estimate: Option<Ordered<u32>>,
    /// Its title.
    title: Option<StringComparator>,
    /// When it was made.
    created_at: Option<Ordered<DateTime>>,
    /// When it last changed.
    updated_at: Option<Ordered<DateTime>>,
    /// When work started.
    started_at: Option<Ordered<DateTime>>,
    /// When it was completed.
    completed_at: Option<Ordered<DateTime>>,
    /// When it was canceled.
    canceled_at: Option<Ordered<DateTime>>,
    /// When it was archived. Lets archived ones pass.
    archived_at: Option<Ordered<DateTime>>,
    /// The day work is meant to start.
    start_date: Option<Ordered<Date>>,
    /// The day it is due.
    due_date: Option<Ordered<Date>>,
    /// Whether it is archived. Archived ones are left out unless the filter speaks of it.
    archived: Option<BooleanComparator>,
    /// Whether it is deleted. Deleted ones are left out unless the filter speaks of it.
    deleted: Option<BooleanComparator>,
}

impl IssueFilter {
    /// The filter as the engine takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id or range that cannot be read; the field is named.
    pub(crate) fn parse(mut self, cx: &Snapshot) -> Result<Filter> {
        let mut parts = self.combined(cx)?;
        parts.extend(self.relations(cx)?);
        parts.extend(self.times()?);
        parts.extend(self.values()?.into_iter().map(Filter::Test));
        Ok(Filter::All(parts))
    }

    fn combined(&mut self, cx: &Snapshot) -> Result<Vec<Filter>> {
        let all = |filters: Vec<Self>| filters.into_iter().map(|f| f.parse(cx)).collect::<Result<Vec<_>>>();
        let mut parts = Vec::new();
        if let Some(filters) = self.and.take() {
            parts.push(Filter::All(all(filters)?));
        }
        if let Some(filters) = self.or.take() {
            parts.push(Filter::Any(all(filters)?));
        }
        if let Some(filter) = self.not.take() {
            parts.push(Filter::Not(Box::new(filter.parse(cx)?)));
        }
        Ok(parts)
    }

    fn relations(&mut self, cx: &Snapshot) -> Result<Vec<Filter>> {
        let parts = [
            self.team.take().map(|f| f.parse(cx, "filter.team")),
            self.state.take().map(|f| f.parse(cx, "filter.state")),
            self.assignee.take().map(|f| f.parse_assignee(cx, "filter.assignee")),
            self.assignees.take().map(|f| f.parse(cx, "filter.assignees")),
            self.creator.take().map(|f| f.parse_creator(cx, "filter.creator")),
            self.labels.take().map(|f| f.parse(cx, "filter.labels")),
            self.parent.take().map(|f| f.parse("filter.parent")),
        ];
        let parts: Vec<Vec<Filter>> = parts.into_iter().flatten().collect::<Result<_>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn times(&mut self) -> Result<Vec<Filter>> {
        let mut parts = Vec::new();
        for (name, field, test) in [
            ("createdAt", TimeField::Created, self.created_at.take()),
            ("updatedAt", TimeField::Updated, self.updated_at.take()),
            ("startedAt", TimeField::Started, self.started_at.take()),
            ("completedAt", TimeField::Completed, self.completed_at.take()),
            ("canceledAt", TimeField::Canceled, self.canceled_at.take()),
            ("archivedAt", TimeField::Archived, self.archived_at.take()),
        ] {
            let tests = test.map(|test| test.compares(&format!("filter.{name}"))).transpose()?;
            parts.extend(tests.into_iter().flatten().map(|test| Test::Time(field, test)));
        }
        for (name, field, test) in [
            ("startDate", DateField::Start, self.start_date.take()),
            ("dueDate", DateField::Due, self.due_date.take()),
        ] {
            let tests = test.map(|test| test.compares(&format!("filter.{name}"))).transpose()?;
            parts.extend(tests.into_iter().flatten().map(|test| Test::Date(field, test)));
        }
        Ok(parts.into_iter().map(Filter::Test).collect())
    }

    fn values(self) -> Result<Vec<Test>> {
        let mut tests = Vec::new();
        if let Some(id) = self.id {
            tests.extend(id.compares("filter.id")?.into_iter().map(Test::Id));
        }
        if let Some(number) = self.number {
            tests.extend(number.compares("filter.number")?.into_iter().map(Test::Number));
        }
        if let Some(category) = self.category {
            tests.extend(category.compares("filter.category")?.into_iter().map(Test::Category));
        }
        if let Some(kind) = self.kind {
            tests.extend(kind.compares().into_iter().map(Test::Kind));
        }
        if let Some(priority) = self.priority {
            tests.extend(priority.compares("filter.priority")?.into_iter().map(Test::Priority));
        }
        if let Some(resolution) = self.resolution {
            tests.extend(resolution.compares().into_iter().map(Test::Resolution));
        }
        if let Some(estimate) = self.estimate {
            tests.extend(estimate.compares("filter.estimate")?.into_iter().map(Test::Estimate));
        }
        if let Some(title) = self.title {
            tests.extend(title.tests().into_iter().map(Test::Title));
        }
        tests.extend(self.archived.iter().flat_map(BooleanComparator::wanted).map(Test::Archived));
        tests.extend(self.deleted.iter().flat_map(BooleanComparator::wanted).map(Test::Deleted));
        Ok(tests)
    }
}
