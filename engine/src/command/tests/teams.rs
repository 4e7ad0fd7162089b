//! Keys of teams: unique for ever, and never forgotten.

use super::why;
use super::world::{Company, Done};
use crate::command::IssueRef;
use crate::command::issue::{IssuePatch, UpdateIssue};
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::{TeamId, WorkflowId};

fn make(company: &mut Company, key: &str) -> Result<TeamId> {
    let id = TeamId::generate();
    let (key, name) = (key.to_owned(), format!("Team {key}"));
    let command = CreateTeam { id: Some(id), key, name, description: None, workflow: None, private: false };
    company.run(company.ada, command).map(|_| id)
}

fn patch(team: TeamId) -> UpdateTeam {
    UpdateTeam::of(team)
}

fn rename(company: &mut Company, team: TeamId, key: &str) -> Result<Done> {
    company.run(company.ada, UpdateTeam { key: Some(key.into()), ..patch(team) })
}

#[test]
fn a_key_that_a_team_has_or_once_had_is_taken() {
    let mut company = Company::new();
    let team = company.team;
    rename(&mut company, team, "core").unwrap();
    for key in ["core", "ENG", "eng"] {
        assert_eq!(why(&make(&mut company, key).unwrap_err()), (ErrorCode::Conflict, Some("key")));
    }
    let ops = make(&mut company, "OPS").unwrap();
    assert_eq!(why(&rename(&mut company, ops, "eng").unwrap_err()), (ErrorCode::Conflict, Some("key")));
}

#[test]
fn issues_are_found_by_every_key_their_team_has_had() {
    let mut company = Company::new();
    let team = company.team;
    let issue = company.create(company.uli, "Any");
    rename(&mut company, team, "CORE").unwrap();
    for (key, estimate) in [("ENG", 1), ("CORE", 2)] {
        let patch = IssuePatch { estimate: Some(Some(estimate)), ..IssuePatch::default() };
        company.run(company.uli, UpdateIssue::new(IssueRef::Key(key.into(), 1), patch)).unwrap();
        assert_eq!(company.issue(issue).estimate, Some(estimate));
    }
    rename(&mut company, team, "ENG").unwrap();
    let team = company.directory.team(company.team).unwrap();
    assert_eq!((team.key.as_str(), team.former_keys.as_slice()), ("ENG", ["CORE".to_owned()].as_slice()));
}

#[test]
fn a_key_is_two_to_seven_letters_and_digits_with_a_letter_first() {
    let mut company = Company::new();
    for key in ["", "E", "ENGINEER", "1NG", "EN-G", "ÉNG", "EN G"] {
        assert_eq!(why(&make(&mut company, key).unwrap_err()), (ErrorCode::InvalidInput, Some("key")));
    }
    make(&mut company, " e2 ").unwrap();
    assert!(company.directory.team_by_key("E2").is_some());
}

#[test]
fn a_new_team_follows_the_oldest_workflow_unless_told() {
    let mut company = Company::new();
    let ops = make(&mut company, "OPS").unwrap();
    assert_eq!(company.directory.team(ops).unwrap().workflow, company.workflow);
    let lost = CreateTeam {
        id: None,
        key: "LOST".into(),
        name: "Lost".into(),
        description: None,
        workflow: Some(WorkflowId::generate()),
        private: false,
    };
    assert_eq!(why(&company.run(company.ada, lost).unwrap_err()), (ErrorCode::NotFound, Some("workflowId")));
}

#[test]
fn a_team_is_archived_once_and_comes_back() {
    let mut company = Company::new();
    let archived = |archived| UpdateTeam { archived: Some(archived), ..patch(company.team) };
    let (into, out) = (archived(true), archived(false));
    company.run(company.ada, into.clone()).unwrap();
    let again = company.run(company.ada, into).unwrap();
    assert_eq!((again.subjects, again.events.len()), (vec![Subject::Team(company.team)], 0));
    company.run(company.ada, out).unwrap();
    assert_eq!(company.directory.team(company.team).unwrap().archived_at, None);
}

#[test]
fn a_team_keeps_a_bounded_number_of_former_keys() {
    let mut company = Company::new();
    let team = company.team;
    for n in 0..20 {
        rename(&mut company, team, &format!("E{n}")).unwrap();
    }
    assert!(rename(&mut company, team, "MORE").is_err());
    rename(&mut company, team, "E5").unwrap();
}

#[test]
fn taking_a_value_away_is_another_request_than_not_speaking_of_it() {
    let team = |description| UpdateTeam { description, archived: Some(true), ..patch(TeamId::generate()) };
    let issue = |parent| IssuePatch { parent, estimate: Some(Some(1)), ..IssuePatch::default() };
    let fields = |bytes: Vec<u8>| minicbor::Decoder::new(&bytes).map().unwrap();
    let [teams, issues] = [
        [team(None), team(Some(None))].map(|command| fields(minicbor::to_vec(command).unwrap())),
        [issue(None), issue(Some(None))].map(|patch| fields(minicbor::to_vec(patch).unwrap())),
    ];
    assert_ne!(teams[0], teams[1]);
    assert_ne!(issues[0], issues[1]);
}
