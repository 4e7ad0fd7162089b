//! Where groups stand among each other.
//!
//! States stand as in their workflow, or by category when there are several workflows; priorities from high to low; days
//! from soon to late; what has a name by its name; the group of those without a value last. It does not know how many
//! issues a group has.

use super::GroupKey;
use crate::directory::Directory;
use crate::id::StateId;
use crate::model::{Priority, Workflow, WorkflowState};
use crate::view::{View, fold};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Where a group stands. It stays meaningful while others write, and though the group should go or be called otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode)]
pub struct GroupPlace {
    #[n(0)]
    is_last: bool,
    #[n(1)]
    number: u32,
    #[n(2)]
    name: String,
    /// What is behind the group, so that those of one name have an order too.
    #[cbor(n(3), with = "minicbor::bytes")]
    id: [u8; 16],
}

/// A group with its place.
pub(super) type Placed = (GroupPlace, GroupKey);

/// Cuts these groups down to the first so many behind a place, in order. Answers whether there are more.
pub(super) fn cut_down(groups: &mut Vec<Placed>, after: Option<&GroupPlace>, first: usize) -> bool {
    if let Some(after) = after {
        groups.retain(|(place, _)| place > after);
    }
    let more = first < groups.len();
    if more {
        // What lies behind the page is not put in order.
        groups.select_nth_unstable_by(first, |one, other| one.0.cmp(&other.0));
        groups.truncate(first);
    }
    groups.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    more
}

impl View {
    /// These groups with their places.
    pub(super) fn placed(&self, keys: Vec<GroupKey>, directory: &Directory) -> Vec<Placed> {
        let states = places_of_states(&keys, directory);
        let place = |key| {
            let place = self.place(key, &states, directory);
            (GroupPlace { id: id_of(key), ..place }, key)
        };
        keys.into_iter().map(place).collect()
    }

    /// The place of a group, but for its id.
    fn place(
        &self,
        key: GroupKey,
        states: &FxHashMap<StateId, GroupPlace>,
        directory: &Directory,
    ) -> GroupPlace {
        let named = |name: Option<&str>| GroupPlace::named(name.unwrap_or_default());
        match key {
            GroupKey::State(id) => states.get(&id).cloned().unwrap_or_else(GroupPlace::last),
            GroupKey::Category(category) => GroupPlace::numbered(category as usize),
            GroupKey::Priority(priority) => {
                GroupPlace::numbered(Priority::ALL.len().saturating_sub(priority as usize))
            }
            GroupKey::Kind(kind) => GroupPlace::numbered(kind as usize),
            GroupKey::Due(due) => GroupPlace::numbered(due as usize),
            GroupKey::Assignee(None) | GroupKey::Label(None) | GroupKey::Parent(None) => GroupPlace::last(),
            GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => {
                named(directory.member(id).map(|member| member.name.as_str()))
            }
            GroupKey::Label(Some(id)) => named(directory.label(id).map(|label| label.name.as_str())),
            GroupKey::Team(id) => named(directory.team(id).map(|team| team.name.as_str())),
            GroupKey::Parent(Some(id)) => {
                named(self.ordinal_of(id).map(|at| self.columns.folded_title(at as usize)))
            }
        }
    }
}

impl GroupPlace {
    fn last() -> Self {
        Self { is_last: true, ..Self::default() }
    }

    fn numbered(number: usize) -> Self {
        Self { number: u32::try_from(number).unwrap_or(u32::MAX), ..Self::default() }
    }

    fn named(name: &str) -> Self {
        Self { name: fold(name), ..Self::default() }
    }
}

/// The places of the states of all workflows that these groups are of.
fn places_of_states(keys: &[GroupKey], directory: &Directory) -> FxHashMap<StateId, GroupPlace> {
    let workflows = keys.iter().filter_map(|key| match key {
        GroupKey::State(id) => directory.workflow_with(*id),
        _ => None,
    });
    let mut seen = FxHashSet::default();
    let workflows: Vec<&Arc<Workflow>> = workflows.filter(|workflow| seen.insert(workflow.id)).collect();
    // States of several workflows mingle by what they mean.
    let mingle = workflows.len() > 1;
    let states = workflows.into_iter().flat_map(|workflow| workflow.all_states().enumerate());
    let place = |(place, state): (usize, &WorkflowState)| {
        let category = if mingle { (state.category as usize) << 16 } else { 0 };
        (state.id, GroupPlace { name: fold(&state.name), ..GroupPlace::numbered(category + place) })
    };
    states.map(place).collect()
}

/// The id behind a group; nothing behind one that has none.
fn id_of(key: GroupKey) -> [u8; 16] {
    match key {
        GroupKey::State(id) => *id.as_bytes(),
        GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => *id.as_bytes(),
        GroupKey::Label(Some(id)) => *id.as_bytes(),
        GroupKey::Team(id) => *id.as_bytes(),
        GroupKey::Parent(Some(id)) => *id.as_bytes(),
        _ => [0; 16],
    }
}
