//! Names of labels are unique in their scope.

use super::why;
use super::world::{Company, Done};
use crate::command::label::{CreateLabel, DeleteLabel, RestoreLabel, UpdateLabel};
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::{LabelId, TeamId};

fn make(company: &mut Company, name: &str, team: Option<TeamId>) -> Result<LabelId> {
    let id = LabelId::generate();
    let command = CreateLabel { id: Some(id), name: name.into(), color: None, description: None, team };
    company.run(company.ada, command).map(|_| id)
}

fn rename(company: &mut Company, label: LabelId, name: &str) -> Result<Done> {
    let name = Some(name.to_owned());
    let command = UpdateLabel { label, if_version: None, name, color: None, description: None };
    company.run(company.ada, command)
}

#[test]
fn a_name_is_taken_once_in_its_scope_whatever_its_case() {
    let mut company = Company::new();
    let team = company.team;
    let bug = make(&mut company, "Bug", None).unwrap();
    let error = make(&mut company, "bUG ", None).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("name")));
    make(&mut company, "bug", Some(team)).unwrap();

    let chore = make(&mut company, "Chore", None).unwrap();
    assert_eq!(why(&rename(&mut company, chore, "BUG").unwrap_err()), (ErrorCode::Conflict, Some("name")));
    rename(&mut company, bug, "BUG").unwrap();
    assert_eq!(company.directory.label(bug).unwrap().name, "BUG");
}

#[test]
fn a_deleted_label_gives_its_name_free_and_is_not_found() {
    let mut company = Company::new();
    let bug = make(&mut company, "Bug", None).unwrap();
    company.run(company.ada, DeleteLabel { label: bug }).unwrap();
    assert_eq!(company.directory.label(bug).unwrap().deleted_at, Some(company.now));
    assert_eq!(rename(&mut company, bug, "Fault").unwrap_err().code(), ErrorCode::NotFound);
    make(&mut company, "Bug", None).unwrap();
}

#[test]
fn a_deleted_label_comes_back_while_its_name_is_free() {
    let mut company = Company::new();
    let bug = make(&mut company, "Bug", None).unwrap();
    company.run(company.ada, DeleteLabel { label: bug }).unwrap();
    company.run(company.ada, RestoreLabel { label: bug }).unwrap();
    assert_eq!(company.directory.label(bug).unwrap().deleted_at, None);
    let again = company.run(company.ada, RestoreLabel { label: bug }).unwrap();
    assert!(again.events.is_empty());

    company.run(company.ada, DeleteLabel { label: bug }).unwrap();
    make(&mut company, "bug", None).unwrap();
    let error = company.run(company.ada, RestoreLabel { label: bug }).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("name")));
}

#[test]
fn a_label_that_is_already_so_stays_as_it_is() {
    let mut company = Company::new();
    let bug = make(&mut company, "Bug", None).unwrap();
    let done = rename(&mut company, bug, "Bug").unwrap();
    assert_eq!((done.subjects, done.events.len()), (vec![Subject::Label(bug)], 0));
}

#[test]
fn colours_and_teams_are_checked() {
    let mut company = Company::new();
    let colored = |color: &str| CreateLabel {
        id: None,
        name: "Any".into(),
        color: Some(color.into()),
        description: None,
        team: None,
    };
    for color in ["red", "#12345", "#1234567", "5e6ad2", "#é2345"] {
        let error = company.run(company.ada, colored(color)).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("color")));
    }
    company.run(company.ada, colored(" #5E6AD2 ")).unwrap();
    assert_eq!(company.directory.label_by_name(None, "any").unwrap().color, "#5e6ad2");
    let error = make(&mut company, "Lost", Some(TeamId::generate())).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::NotFound, Some("teamId")));
}

#[test]
fn there_are_no_more_labels_than_the_limit() {
    let mut company = Company::new();
    company.limits.labels_per_tenant_max = 1;
    let first = make(&mut company, "First", None).unwrap();
    assert!(make(&mut company, "Second", None).is_err());
    company.run(company.ada, DeleteLabel { label: first }).unwrap();
    make(&mut company, "Second", None).unwrap();
}
