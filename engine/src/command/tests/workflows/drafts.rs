//! Drafts of workflows: refused where they are not well formed, told what keeps them from being published.

use super::{content, made, premium, save, state, step};
use crate::command::label::CreateLabel;
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::command::tests::why;
use crate::command::tests::world::Company;
use crate::command::workflow::{
    CreateWorkflow, DiscardWorkflowDraft, PublishWorkflow, SaveWorkflowDraft, UpdateWorkflow, WorkflowContent,
};
use crate::error::ErrorCode;
use crate::id::LabelId;
use crate::model::{ApprovalRule, Effect, Role, StateCategory, WorkflowMode};
use crate::workflow::{ProblemCode, problems_of_draft};

fn strict(company: &mut Company) {
    let mode = Some(WorkflowMode::Strict);
    let update = UpdateWorkflow { workflow: company.workflow, if_version: None, name: None, mode };
    company.run(company.ada, update).unwrap();
}

#[test]
fn a_draft_may_be_unfinished_and_says_what_keeps_it_from_being_published() {
    let mut company = premium();
    strict(&mut company);
    let mut lost = content();
    lost.states.push(state("limbo", StateCategory::Started));
    lost.transitions.push(step(Some("open"), "limbo"));
    lost.transitions.retain(|step| step.from.is_some());
    lost.transitions[1].effects.push(Effect::AddLabel(LabelId::generate()));
    save(&mut company, lost).unwrap();
    let workflow = company.directory.workflow(company.workflow).unwrap();
    let draft = company.directory.draft_of(company.workflow).unwrap();
    let found = problems_of_draft(draft, workflow, &company.directory);
    let codes: Vec<_> = found.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::NoEnd, ProblemCode::MissingLabel]);
    let error = company
        .run(company.ada, PublishWorkflow { workflow: company.workflow, if_version: None })
        .unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("states")));
    assert!(error.message().contains("no closed state can be reached from `limbo`"), "{error}");
    assert!(company.directory.workflow(company.workflow).unwrap().published.is_none());
}

#[test]
fn a_draft_that_is_not_well_formed_is_refused_where_it_is_wrong() {
    type Spoil = fn(&mut WorkflowContent);
    let mut company = premium();
    let cases: [(&str, Spoil); 15] = [
        ("states", |c| c.states.clear()),
        ("states", |c| c.states = (0..51).map(|n| state(&format!("s{n}"), StateCategory::Started)).collect()),
        ("states[1].key", |c| c.states[1].key = "open".into()),
        ("states[1].key", |c| c.states[1].key = "In Review".into()),
        ("states[1].name", |c| c.states[1].name = "OPEN".into()),
        ("states[2].name", |c| c.states[2].name = " ".into()),
        ("states[0].color", |c| c.states[0].color = Some("red".into())),
        ("states[0].wipLimit", |c| c.states[0].wip_limit = Some(0)),
        ("initial", |c| c.initial = "nowhere".into()),
        ("transitions[0].to", |c| c.transitions[0].to = "nowhere".into()),
        ("transitions[0].to", |c| c.transitions[0].to = "open".into()),
        ("transitions[3].to", |c| c.transitions.push(step(None, "open"))),
        ("transitions[0].guards", |c| c.transitions[0].guards = vec![crate::model::Guard::Role(vec![])]),
        ("transitions[0].guards", |c| {
            c.transitions[0].guards = vec![crate::model::Guard::NoOpenChildren; 2];
        }),
        ("transitions[0].effects", |c| {
            c.transitions[0].effects = vec![Effect::Comment("a".into()), Effect::Comment("b".into())];
        }),
    ];
    for (field, spoil) in cases {
        let mut spoiled = content();
        spoil(&mut spoiled);
        let error = save(&mut company, spoiled).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some(field)), "{error}");
    }
}

#[test]
fn a_draft_is_saved_over_given_up_and_begun_again_in_the_same_row() {
    let mut company = premium();
    let workflow = company.workflow;
    save(&mut company, content()).unwrap();
    assert_eq!(save(&mut company, content()).unwrap().events.len(), 0, "the same again changes nothing");
    let id = company.directory.draft_of(workflow).unwrap().id;
    let stale = SaveWorkflowDraft { workflow, if_version: Some(7), content: content() };
    assert_eq!(company.run(company.ada, stale).unwrap_err().code(), ErrorCode::Conflict);
    let discard = DiscardWorkflowDraft { workflow, if_version: Some(1) };
    assert_eq!(company.run(company.ada, discard.clone()).unwrap().names(), ["workflow.draft_discarded"]);
    assert!(company.directory.draft_of(workflow).is_none());
    let again = DiscardWorkflowDraft { if_version: None, ..discard };
    assert_eq!(company.run(company.ada, again).unwrap().events.len(), 0);
    let publish = PublishWorkflow { workflow, if_version: None };
    assert_eq!(company.run(company.ada, publish).unwrap_err().code(), ErrorCode::Rejected);
    save(&mut company, content()).unwrap();
    assert_eq!(company.directory.draft_of(workflow).unwrap().id, id);
    assert_eq!(company.directory.versions().count(), 1);
}

#[test]
fn moves_that_are_listed_are_meant_and_rules_that_can_be_avoided_are_told() {
    let mut company = premium();
    let own = CreateWorkflow { content: Some(content()), ..CreateWorkflow::named("Ours") };
    let own = made(&company.run(company.ada, own).unwrap());
    assert_eq!(company.directory.workflow(own).unwrap().mode, WorkflowMode::Strict);
    let mut ruled = content();
    ruled.transitions[1].approvals = Some(ApprovalRule { count: 2, roles: vec![Role::Admin] });
    save(&mut company, ruled.clone()).unwrap();
    let problems = |company: &Company| {
        let draft = company.directory.draft_of(company.workflow).unwrap();
        let workflow = company.directory.workflow(company.workflow).unwrap();
        problems_of_draft(draft, workflow, &company.directory)
    };
    let found = problems(&company);
    assert_eq!(found.iter().map(|p| p.code).collect::<Vec<_>>(), [ProblemCode::RulesAvoided]);
    assert!(found[0].message.contains("`closed` from `open`"), "{found:?}");
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    company.run(company.ada, publish).unwrap();
    ruled.transitions.push(step(None, "closed"));
    save(&mut company, ruled.clone()).unwrap();
    assert_eq!(problems(&company), [], "who lists a move from any state means it");
    ruled.transitions.pop();
    strict(&mut company);
    save(&mut company, ruled).unwrap();
    assert_eq!(problems(&company), [], "in a strict workflow there is no way around");
}

#[test]
fn a_label_that_no_team_of_the_workflow_can_use_is_told() {
    let mut company = premium();
    company.run(company.ada, CreateTeam { name: "Ops".into(), ..CreateTeam::with_key("OPS") }).unwrap();
    let ops = company.directory.team_by_key("OPS").unwrap().id;
    let other = made(&company.run(company.ada, CreateWorkflow::named("Other")).unwrap());
    company.run(company.ada, UpdateTeam { workflow: Some(other), ..UpdateTeam::of(ops) }).unwrap();
    let label = CreateLabel { id: None, name: "ops".into(), color: None, description: None, team: Some(ops) };
    company.run(company.ada, label).unwrap();
    let label = company.directory.label_by_name(Some(ops), "ops").unwrap().id;
    let mut labelled = content();
    labelled.transitions[0].effects = vec![Effect::AddLabel(label)];
    save(&mut company, labelled).unwrap();
    let draft = company.directory.draft_of(company.workflow).unwrap();
    let workflow = company.directory.workflow(company.workflow).unwrap();
    let found = problems_of_draft(draft, workflow, &company.directory);
    assert_eq!(found.iter().map(|p| p.code).collect::<Vec<_>>(), [ProblemCode::UnusableLabel]);
}

#[test]
fn a_draft_is_never_taken_for_the_one_before_it() {
    let mut company = premium();
    let workflow = company.workflow;
    save(&mut company, content()).unwrap();
    let read = company.directory.draft_of(workflow).unwrap().version;
    company.run(company.ada, PublishWorkflow { workflow, if_version: Some(read) }).unwrap();
    let mut next = content();
    next.states[1].name = "Trying".into();
    save(&mut company, next).unwrap();
    let stale = SaveWorkflowDraft { workflow, if_version: Some(read), content: content() };
    assert_eq!(company.run(company.ada, stale).unwrap_err().code(), ErrorCode::Conflict);
    let unseen = PublishWorkflow { workflow, if_version: Some(read) };
    assert_eq!(company.run(company.ada, unseen).unwrap_err().code(), ErrorCode::Conflict);
}
