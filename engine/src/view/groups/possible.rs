//! Which groups there could be, whether or not they have issues. It does not know the issues.

use super::{DueBucket, GroupKey};
use crate::filter::{Filter, GroupBy, Test};
use crate::id::TeamId;
use crate::model::{IssueKind, Priority, StateCategory, Team};
use crate::view::Question;
use crate::view::keys::Tested;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Adds the groups without issues that could be there.
pub(super) fn add_empty(keys: &mut Vec<GroupKey>, by: GroupBy, question: &Question<'_>) {
    let mut there: FxHashSet<_> = keys.iter().copied().collect();
    keys.extend(possible(by, question).into_iter().filter(|key| there.insert(*key)));
}

fn possible(by: GroupBy, question: &Question<'_>) -> Vec<GroupKey> {
    let directory = question.directory;
    let teams = || teams(question);
    let members = || directory.members().filter(|member| member.is_active()).map(|member| member.id);
    match by {
        GroupBy::State => {
            let ids: FxHashSet<_> = teams().flat_map(|team| team.workflows()).collect();
            let workflows = ids.into_iter().filter_map(|id| directory.workflow(id));
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
