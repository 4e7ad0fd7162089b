//! Filters on what an issue refers to besides people and issues: team, state, workflow, labels, source, approvals. A name means
//! whatever has it when the filter is asked.

use super::collection::{Collection, Sides};
use super::comparator::{Name, Ordered};
use super::deep::Deep;
use super::family::filters;
use super::text::StringComparator;
use super::{At, Conditions, each};
use crate::schema::word::StateCategory;
use async_graphql::{ID, InputObject};
use mortise_engine::Result;
use mortise_engine::filter::{Compare, LabelTest, SourceTest, StateTest, TeamTest, Test, WorkflowTest};
use mortise_engine::id::WorkflowVersionId;

/// Passes issues by their team. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct TeamFilter {
    /// The team itself.
    id: Option<Name<ID>>,
    /// Its present key, such as `ENG`.
    key: Option<StringComparator>,
    /// Its name.
    name: Option<StringComparator>,
}

impl TeamFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<TeamTest>> {
        let id = self.id.map(|ids| each(ids.ids(&at.field("id")), TeamTest::Id));
        let key = self.key.map(|key| each(key.tests(&at.field("key")), TeamTest::Key));
        let name = self.name.map(|name| each(name.tests(&at.field("name")), TeamTest::Name));
        flat([id, key, name])
    }
}

/// Passes issues by their state. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowStateFilter {
    /// The state itself.
    id: Option<Name<ID>>,
    /// Its name; states of several workflows can have the same.
    name: Option<StringComparator>,
    /// What it means.
    category: Option<Ordered<StateCategory>>,
}

impl WorkflowStateFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<Test>> {
        let state = PastStateFilter { id: self.id, name: self.name };
        let state = each(state.tests(at), Test::State);
        let category = self.category.map(|c| each(c.compares(&at.field("category")), Test::Category));
        flat([Some(state), category])
    }
}

/// Passes states that issues were in once.
#[derive(Debug, InputObject)]
pub(crate) struct PastStateFilter {
    /// The state itself.
    id: Option<Name<ID>>,
    /// Its name; states of several workflows can have the same.
    name: Option<StringComparator>,
}

impl PastStateFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<StateTest>> {
        let id = self.id.map(|ids| each(ids.ids(&at.field("id")), StateTest::Id));
        let name = self.name.map(|name| each(name.tests(&at.field("name")), StateTest::Name));
        flat([id, name])
    }
}

/// Passes issues by the workflow they follow. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowFilter {
    /// The workflow itself.
    id: Option<Name<ID>>,
    /// Its name.
    name: Option<StringComparator>,
}

impl WorkflowFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<WorkflowTest>> {
        let id = self.id.map(|ids| each(ids.ids(&at.field("id")), WorkflowTest::Id));
        let name = self.name.map(|name| each(name.tests(&at.field("name")), WorkflowTest::Name));
        flat([id, name])
    }
}

/// Passes issues by the version of the workflow they follow.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowVersionFilter {
    /// The version itself.
    id: Option<Name<ID>>,
}

impl WorkflowVersionFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<Compare<WorkflowVersionId>>> {
        flat([self.id.map(|ids| ids.ids(&at.field("id")))])
    }
}

/// Passes states that moves lead to. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct TargetStateFilter {
    /// The state itself.
    id: Option<Name<ID>>,
    /// Its name; states of several workflows can have the same.
    name: Option<StringComparator>,
}

impl TargetStateFilter {
    fn tests(self, at: &At<'_>) -> Result<Vec<StateTest>> {
        PastStateFilter { id: self.id, name: self.name }.tests(at)
    }
}

filters! {
    /// Passes approvals that moves wait for. Conditions side by side must all hold.
    ApprovalFilter of StateTest {
        /// The state that the move leads to.
        "to" to: TargetStateFilter = |state, at| state.tests(at);
    }
    many ApprovalCollectionFilter = "Passes several approvals that moves wait for. Conditions side by side must all hold.";
}

impl Conditions for ApprovalFilter {
    type Test = StateTest;

    fn tests(self, at: &At<'_>) -> Result<Vec<StateTest>> {
        self.side_by_side(at)
    }
}

filters! {
    /// Passes labels. Conditions side by side must all hold.
    LabelFilter of LabelTest {
        /// The label.
        "id" id: Name<ID> = |ids, at| each(ids.ids(at), LabelTest::Id);
        /// Its name; labels of several teams can have the same.
        "name" name: StringComparator = |name, at| each(name.tests(at), LabelTest::Name);
    }
    many LabelCollectionFilter = "Passes several labels. Conditions side by side must all hold.";
}

impl Conditions for LabelFilter {
    type Test = LabelTest;

    fn tests(self, at: &At<'_>) -> Result<Vec<LabelTest>> {
        self.side_by_side(at)
    }
}

/// Passes issues by where they were imported from. Conditions side by side must all hold.
#[derive(Debug, InputObject)]
pub(crate) struct SourceFilter {
    /// Made here (true) or imported (false).
    null: Option<bool>,
    /// The system, such as `github`.
    system: Option<StringComparator>,
    /// Its id there, such as `acme/web#12`, letter by letter.
    id: Option<Name<ID>>,
}

impl SourceFilter {
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<SourceTest>> {
        let null = self.null.map(|null| Ok(vec![SourceTest::Null(null)]));
        let system = self.system.map(|text| each(text.tests(&at.field("system")), SourceTest::System));
        let id = self.id.map(|ids| each(ids.ids(&at.field("id")), SourceTest::Id));
        flat([null, system, id])
    }
}

fn flat<T, const N: usize>(parts: [Option<Result<Vec<T>>>; N]) -> Result<Vec<T>> {
    let parts: Vec<Vec<T>> = parts.into_iter().flatten().collect::<Result<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}
