//! Tests of the workflow that an issue follows, and of its version.
//!
//! An issue's row names the version, or follows the first of the workflow that its state belongs to. So both are known for
//! each version and each state, and never looked up for an issue. What a version holds is not known here.

use super::columns::Columns;
use super::evaluate::Evaluation;
use super::sets::Sets;
use super::text::Matcher;
use crate::directory::Directory;
use crate::filter::{Compare, WorkflowTest};
use crate::id::{StateId, WorkflowVersionId};
use crate::workflow::Flow;
use roaring::RoaringBitmap;

/// A test of what issues follow, ready to be put to many; of nothing, where what they name is not there.
pub(super) type FlowTest<'a> = Box<dyn Fn(Option<Flow<'_>>) -> bool + 'a>;

/// A test of the workflow.
pub(super) fn of_workflow(test: &WorkflowTest) -> FlowTest<'_> {
    match test {
        WorkflowTest::Id(compare) => {
            Box::new(move |flow| compare.passes(flow.map(|flow| flow.workflow().id).as_ref()))
        }
        WorkflowTest::Name(text) => {
            let matcher = Matcher::of(text);
            Box::new(move |flow| matcher.passes(flow.map(|flow| flow.workflow().name.as_str())))
        }
    }
}

/// A test of the version.
pub(super) fn of_version(compare: &Compare<WorkflowVersionId>) -> FlowTest<'_> {
    Box::new(move |flow| compare.passes(flow.map(|flow| flow.id()).as_ref()))
}

/// What issues in a state follow whose rows name no version.
fn of_state(directory: &Directory, state: StateId) -> Option<Flow<'_>> {
    let workflow = directory.workflow_with(state)?;
    Flow::version(directory, WorkflowVersionId::first_of(workflow.id))
}

impl Evaluation<'_> {
    /// Those of `universe` that follow what passes.
    pub(super) fn followed(&self, passes: &FlowTest<'_>, universe: &RoaringBitmap) -> RoaringBitmap {
        let (sets, directory) = (&self.view.sets, self.q.directory);
        let named = sets.workflow_version.passing(|version| passes(Flow::version(directory, *version)));
        let unnamed = sets.state.passing(|state| passes(of_state(directory, *state)));
        universe & (named | (unnamed - sets.workflow_version.any()))
    }
}

/// Whether what one issue follows passes.
pub(super) fn row_passes(
    passes: &FlowTest<'_>,
    (columns, sets, directory): (&Columns, &Sets, &Directory),
    at: usize,
) -> bool {
    let version = columns.workflow_version.get(at).and_then(|code| sets.workflow_version.key(*code));
    let state = || columns.state.get(at).and_then(|code| sets.state.key(*code));
    passes(match version {
        Some(version) => Flow::version(directory, version),
        None => state().and_then(|state| of_state(directory, state)),
    })
}
