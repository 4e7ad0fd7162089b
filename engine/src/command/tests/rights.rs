//! What the roles may do, through the commands.

use super::world::{Company, Done};
use crate::command::issue::{DeleteIssue, IssuePatch, RestoreIssue, UpdateIssues};
use crate::command::label::CreateLabel;
use crate::command::member::{AddMember, RemoveMember, SetPassword, UpdateMember};
use crate::command::team::CreateTeam;
use crate::command::workflow::UpdateWorkflow;
use crate::error::{ErrorCode, Result};
use crate::id::{IssueId, MemberId};
use crate::model::Role;

#[track_caller]
fn forbidden(result: Result<Done>) {
    assert_eq!(result.unwrap_err().code(), ErrorCode::Forbidden);
}

fn label() -> CreateLabel {
    CreateLabel { id: None, name: "Bug".into(), color: None, description: None, team: None }
}

fn team() -> CreateTeam {
    CreateTeam {
        id: None,
        key: "OPS".into(),
        name: "Ops".into(),
        description: None,
        workflow: None,
        private: false,
    }
}

fn person() -> AddMember {
    let (email, name) = ("new@acme.example".into(), "New".into());
    AddMember { id: None, email, name, role: Role::User, password_hash: None }
}

#[test]
fn users_manage_no_labels_teams_workflows_or_members() {
    let mut company = Company::new();
    let uli = company.uli;
    let workflow = company.workflow;
    forbidden(company.run(uli, label()));
    forbidden(company.run(uli, team()));
    forbidden(company.run(uli, UpdateWorkflow { workflow, if_version: None, name: None, mode: None }));
    forbidden(company.run(uli, person()));
    forbidden(company.run(uli, RemoveMember { member: company.ute }));
}

#[test]
fn admins_manage_labels_and_teams_and_only_super_admins_people() {
    let mut company = Company::new();
    company.run(company.ada, label()).unwrap();
    company.run(company.ada, team()).unwrap();
    forbidden(company.run(company.ada, person()));
    company.run(company.sue, person()).unwrap();
}

#[test]
fn people_change_their_own_name_and_password_and_nothing_else_of_members() {
    let mut company = Company::new();
    let rename = |member| UpdateMember {
        member,
        if_version: None,
        name: Some("Another".into()),
        role: None,
        status: None,
        locale: None,
        time_zone: None,
    };
    let promote = |member| UpdateMember { role: Some(Role::SuperAdmin), ..rename(member) };
    let password = |member| SetPassword::new(member, "$argon2id$any".into());
    for (who, own) in [(company.uli, true), (company.ada, true), (company.sue, false)] {
        let other = company.ute;
        forbidden_unless(!own, company.run(who, rename(other)));
        forbidden_unless(!own, company.run(who, password(other)));
        company.run(who, password(who)).unwrap();
        company.run(who, rename(who)).unwrap();
    }
    forbidden(company.run(company.uli, promote(company.uli)));
    forbidden(company.run(company.ada, promote(company.ada)));
}

#[track_caller]
fn forbidden_unless(may: bool, result: Result<Done>) {
    if may {
        result.unwrap();
    } else {
        forbidden(result);
    }
}

fn delete(company: &mut Company, who: MemberId, issue: IssueId) -> Result<Done> {
    company.run(who, DeleteIssue { issue: issue.into(), if_version: None })
}

#[test]
fn users_delete_and_restore_their_own_issues_within_the_hour() {
    let mut company = Company::new();
    let (ute, uli, ada) = (company.ute, company.uli, company.ada);
    let [fresh, old] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    forbidden(delete(&mut company, ute, fresh));
    delete(&mut company, uli, fresh).unwrap();
    forbidden(company.run(company.ute, RestoreIssue { issue: fresh.into() }));
    company.run(company.uli, RestoreIssue { issue: fresh.into() }).unwrap();
    let again = company.run(company.uli, RestoreIssue { issue: fresh.into() }).unwrap();
    assert_eq!(again.events.len(), 0, "what is there stays as it is");

    company.wait_ms(60 * 60 * 1_000);
    forbidden(delete(&mut company, uli, old));
    delete(&mut company, ada, old).unwrap();
}

#[test]
fn users_change_up_to_fifty_issues_at_once() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let bulk = |request_size, named: usize| UpdateIssues {
        issues: vec![issue.into(); named],
        patch: IssuePatch { estimate: Some(Some(1)), ..IssuePatch::default() },
        atomic: false,
        request_size,
        first_index: 0,
    };
    company.run(company.uli, bulk(50, 1)).unwrap();
    forbidden(company.run(company.uli, bulk(51, 1)));
    forbidden(company.run(company.uli, bulk(1, 51)));
    company.run(company.ada, bulk(51, 1)).unwrap();
}
