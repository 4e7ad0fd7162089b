//! Which groups there could be, and in which order they stand.
//!
//! States stand as in their workflow, or by category when there are several workflows; priorities from high to low; days
//! from soon to late; what has a name by its name; the group of those without a value last.

use super::{Cut, DueBucket, GroupKey};
use crate::directory::Directory;
use crate::filter::{Filter, GroupBy, Test};
use crate::id::{StateId, TeamId};
use crate::model::{IssueKind, Priority, StateCategory, Team, Workflow};
use crate::view::keys::Tested;
use crate::view::{Question, View, fold};
use roaring::RoaringBitmap;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Adds the groups without issues that could be there.
pub(super) fn add_empty(cuts: &mut Vec<Cut>, by: GroupBy, question: &Question<'_>) {
    let there: FxHashSet<_> = cuts.iter().map(|(key, _)| *key).collect();
    let missing = possible(by, question).into_iter().filter(|key| !there.contains(key));
    let mut added = FxHashSet::default();
    cuts.extend(missing.filter(|key| added.insert(*key)).map(|key| (key, RoaringBitmap::new())));
}

fn possible(by: GroupBy, question: &Question<'_>) -> Vec<GroupKey> {
    let directory = question.directory;
    let teams = || teams(question);
    let members = || directory.members().filter(|member| member.is_active()).map(|member| member.id);
    match by {
        GroupBy::State => {
            let workflows = teams().filter_map(|team| directory.workflow(team.workflow));
            workflows.flat_map(|workflow| &workflow.states).map(|state| GroupKey::State(state.id)).collect()
        }
        GroupBy::Category => StateCategory::ALL.iter().copied().map(GroupKey::Category).collect(),
        GroupBy::Assignee => members().map(Some).chain([None]).map(GroupKey::Assignee).collect(),
        GroupBy::Creator => members().map(GroupKey::Creator).collect(),
        GroupBy::Label => {
            let teams: FxHashSet<TeamId> = teams().map(|team| team.id).collect();
            let labels = directory.labels().filter(|label| label.deleted_at.is_none());
            let labels = labels.filter(|label| label.team.is_none_or(|team| teams.contains(&team)));
            labels.map(|label| Some(label.id)).chain([None]).map(GroupKey::Label).collect()
        }
        GroupBy::Priority => Priority::ALL.iter().copied().map(GroupKey::Priority).collect(),
        GroupBy::Kind => IssueKind::ALL.iter().copied().map(GroupKey::Kind).collect(),
        GroupBy::Team => teams().map(|team| GroupKey::Team(team.id)).collect(),
        GroupBy::Parent => vec![GroupKey::Parent(None)],
        GroupBy::Due => DueBucket::ALL.iter().copied().map(GroupKey::Due).collect(),
    }
}

/// The teams that issues of the list can be of, archived ones left out.
fn teams<'a>(question: &Question<'a>) -> impl Iterator<Item = &'a Arc<Team>> {
    let mut tests = Vec::new();
    team_tests(question.filter, &mut tests);
    let passes: Vec<_> = tests.iter().map(|test| test.ready(question)).collect();
    let passing: FxHashSet<TeamId> =
        question.directory.teams().map(|team| team.id).filter(|id| passes.iter().all(|p| p(id))).collect();
    question.directory.teams().filter(move |team| team.archived_at.is_none() && passing.contains(&team.id))
}

/// The tests of the team that every issue of the list passes.
fn team_tests<'a>(filter: &'a Filter, found: &mut Vec<&'a crate::filter::TeamTest>) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| team_tests(part, found)),
        Filter::Test(Test::Team(test)) => found.push(test),
        _ => {}
    }
}

impl View {
    /// Puts groups in order.
    pub(super) fn arrange(&self, cuts: &mut [Cut], directory: &Directory) {
        let states = States::of(cuts, directory);
        let name =
            |name: Option<&str>| Place { is_last: false, number: 0, name: fold(name.unwrap_or_default()) };
        cuts.sort_by_cached_key(|(key, _)| {
            let place = match *key {
                GroupKey::State(id) => states.place(id),
                GroupKey::Category(category) => Place::number(category as usize),
                GroupKey::Priority(priority) => Place::number(Priority::ALL.len() - priority as usize),
                GroupKey::Kind(kind) => Place::number(kind as usize),
                GroupKey::Due(due) => Place::number(due as usize),
                GroupKey::Assignee(None) | GroupKey::Label(None) | GroupKey::Parent(None) => Place::LAST,
                GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => {
                    name(directory.member(id).map(|member| member.name.as_str()))
                }
                GroupKey::Label(Some(id)) => name(directory.label(id).map(|label| label.name.as_str())),
                GroupKey::Team(id) => name(directory.team(id).map(|team| team.name.as_str())),
                GroupKey::Parent(Some(id)) => {
                    name(self.ordinal_of(id).map(|at| self.columns.folded_title(at as usize)))
                }
            };
            (place, id_of(key))
        });
    }
}

/// Where a group stands.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_last: bool,
    number: usize,
    name: String,
}

impl Place {
    const LAST: Self = Self { is_last: true, number: 0, name: String::new() };

    const fn number(number: usize) -> Self {
        Self { is_last: false, number, name: String::new() }
    }
}

/// The id behind a group, so that those of one name have an order too.
fn id_of(key: &GroupKey) -> u128 {
    match *key {
        GroupKey::State(id) => id.uuid().as_u128(),
        GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => id.uuid().as_u128(),
        GroupKey::Label(Some(id)) => id.uuid().as_u128(),
        GroupKey::Team(id) => id.uuid().as_u128(),
        GroupKey::Parent(Some(id)) => id.uuid().as_u128(),
        _ => 0,
    }
}

/// The states among the groups: of one workflow, or of several.
struct States<'a> {
    workflows: Vec<&'a Arc<Workflow>>,
    of_one: bool,
}

impl<'a> States<'a> {
    fn of(cuts: &[Cut], directory: &'a Directory) -> Self {
        let states = cuts.iter().filter_map(|(key, _)| match key {
            GroupKey::State(id) => directory.workflow_with(*id),
            _ => None,
        });
        let mut workflows: Vec<_> = states.collect();
        workflows.sort_by_key(|workflow| workflow.id);
        workflows.dedup_by_key(|workflow| workflow.id);
        let of_one = workflows.len() == 1;
        Self { workflows, of_one }
    }

    fn place(&self, id: StateId) -> Place {
        let found = self.workflows.iter().find_map(|workflow| {
            let place = workflow.states.iter().position(|state| state.id == id)?;
            Some((place, workflow.states.get(place)?))
        });
        let Some((place, state)) = found else { return Place::LAST };
        // States of several workflows mingle by what they mean.
        let category = if self.of_one { 0 } else { (state.category as usize) << 16 };
        Place { is_last: false, number: category + place, name: fold(&state.name) }
    }
}
