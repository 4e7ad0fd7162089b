use super::*;
use crate::id::IssueId;
use crate::model::{Guard, Issue, Role};
use std::sync::Arc;

fn seed(mode: WorkflowMode) -> Arc<Workflow> {
    Arc::new(Workflow { mode, ..seed_workflow(Timestamp::default()) })
}

fn state(workflow: &Workflow, name: &str) -> StateId {
    workflow.states.iter().find(|s| s.name == name).unwrap().id
}

fn codes(workflow: &Workflow) -> Vec<(ProblemCode, Option<StateId>)> {
    problems(workflow).into_iter().map(|problem| (problem.code, problem.state)).collect()
}

#[test]
fn the_seed_workflow_is_valid_in_both_modes() {
    assert_eq!(problems(&seed(WorkflowMode::Open)), []);
    assert_eq!(problems(&seed(WorkflowMode::Strict)), []);
}

#[test]
fn a_strict_workflow_refuses_a_move_it_does_not_list() {
    let workflow = seed(WorkflowMode::Strict);
    let (open, review) = (state(&workflow, "Open"), state(&workflow, "In Review"));
    let error = fit(&Flow::newest(&workflow), open, review).unwrap_err();
    assert_eq!(error.message(), "cannot move from `Open` to `In Review`: the workflow has no such move");
}

#[test]
fn an_open_workflow_allows_any_move_and_no_foreign_state() {
    let workflow = seed(WorkflowMode::Open);
    let (open, review) = (state(&workflow, "Open"), state(&workflow, "In Review"));
    let (target, listed) = fit(&Flow::newest(&workflow), open, review).unwrap();
    assert_eq!((target.name.as_str(), listed), ("In Review", None));
    assert!(fit(&Flow::newest(&workflow), open, StateId::generate()).is_err());
}

#[test]
fn a_move_from_one_state_goes_before_a_move_from_any() {
    let mut workflow = seed_workflow(Timestamp::default());
    let (open, progress, closed) =
        (state(&workflow, "Open"), state(&workflow, "In Progress"), state(&workflow, "Closed"));
    workflow.transitions = vec![
        WorkflowTransition { name: Some("any".into()), ..WorkflowTransition::plain(None, closed) },
        WorkflowTransition { name: Some("own".into()), ..WorkflowTransition::plain(Some(open), closed) },
    ];
    let workflow = Arc::new(workflow);
    let name = |from| Flow::newest(&workflow).transition(from, closed).unwrap().name.clone().unwrap();
    assert_eq!((name(open), name(progress)), ("own".to_owned(), "any".to_owned()));
}

#[test]
fn every_state_that_fails_is_named_with_what_it_fails() {
    let mut workflow = Workflow { mode: WorkflowMode::Strict, ..seed_workflow(Timestamp::default()) };
    let review = state(&workflow, "In Review");
    workflow.transitions.retain(|t| t.from != Some(review));
    assert_eq!(codes(&workflow), [(ProblemCode::NoEnd, Some(review))]);
    workflow.transitions.retain(|t| t.to != review);
    let found = problems(&workflow);
    assert_eq!(
        codes(&workflow),
        [(ProblemCode::Unreachable, Some(review)), (ProblemCode::NoEnd, Some(review))]
    );
    assert!(found.iter().all(|problem| problem.message.contains("`In Review`")), "{found:?}");
}

#[test]
fn a_workflow_needs_an_initial_and_a_completed_state_and_moves_between_its_own() {
    let mut workflow = seed_workflow(Timestamp::default());
    workflow.states.retain(|state| state.category != StateCategory::Completed);
    let stray = workflow.transitions.iter().filter(|t| workflow.any_state(t.to).is_none()).count();
    assert!(stray > 0);
    let found: Vec<_> = codes(&workflow).into_iter().map(|(code, _)| code).collect();
    assert!(
        found.contains(&ProblemCode::NoCompleted) && found.contains(&ProblemCode::StrayMove),
        "{found:?}"
    );
    workflow.initial = StateId::generate();
    assert!(codes(&workflow).contains(&(ProblemCode::NoInitial, None)));
}

/// Counts how often it is asked.
#[derive(Default)]
struct Asked(std::cell::Cell<usize>);

impl Surroundings for Asked {
    fn open_blockers(&self, _: IssueId) -> InTheWay {
        self.0.set(self.0.get() + 1);
        InTheWay { seen: 2, unseen: false }
    }

    fn open_children(&self, _: IssueId) -> InTheWay {
        self.0.set(self.0.get() + 1);
        InTheWay::default()
    }
}

#[test]
fn what_lies_around_an_issue_is_counted_once_for_all_its_moves() {
    let mut workflow = seed_workflow(Timestamp::default());
    for step in &mut workflow.transitions {
        step.guards = vec![Guard::NoOpenBlockers, Guard::NoOpenChildren];
    }
    let issue = Issue { state: workflow.initial, ..Issue::plain() };
    let (workflow, directory, asked) = (Arc::new(workflow), Directory::default(), Asked::default());
    let mover = Mover { member: None, role: Role::User };
    let others = &asked;
    let situation =
        Situation { issue: &issue, mover, now: Timestamp::default(), directory: &directory, others };
    let found = moves(&Flow::newest(&workflow), &situation);
    let told: Vec<_> = found.iter().map(|one| (one.to.name.as_str(), one.reasons.len())).collect();
    assert_eq!(told, [("In Progress", 1), ("In Review", 0), ("Closed", 1)]);
    assert_eq!(asked.0.get(), 2);
}
