//! Approvals: asked for, given by others, taken back, counted when the issue is moved, and gone when it has left.

use super::why;
use super::workflows::{content, keyed, premium, publish};
use super::world::{Company, Done};
use crate::command::approval::{GrantApproval, RequestApproval, WithdrawApproval};
use crate::command::issue::{IssuePatch, UpdateIssue};
use crate::command::member::{AddMember, UpdateMember};
use crate::error::{ErrorCode, Result};
use crate::id::{IssueId, MemberId};
use crate::model::{ApprovalRule, Role};

/// A company whose moves to Testing take so many approvals of these roles.
fn approved(count: u32, roles: &[Role]) -> (Company, IssueId) {
    let mut company = premium();
    let mut content = content();
    content.transitions[0].approvals = Some(ApprovalRule { count, roles: roles.to_vec() });
    publish(&mut company, content);
    let issue = company.create(company.uli, "Any");
    (company, issue)
}

fn ask(company: &mut Company, who: MemberId, issue: IssueId) -> Result<Done> {
    let to = keyed(company, "testing");
    company.run(who, RequestApproval { issue: issue.into(), to })
}

fn grant(company: &mut Company, who: MemberId, issue: IssueId) -> Result<Done> {
    let to = keyed(company, "testing");
    company.run(who, GrantApproval { issue: issue.into(), to })
}

fn withdraw(company: &mut Company, who: MemberId, issue: IssueId) -> Result<Done> {
    let to = keyed(company, "testing");
    company.run(who, WithdrawApproval { issue: issue.into(), to })
}

fn go(company: &mut Company, issue: IssueId) -> Result<Done> {
    let state = Some(keyed(company, "testing"));
    company.run(company.uli, UpdateIssue::new(issue.into(), IssuePatch { state, ..IssuePatch::default() }))
}

#[test]
fn a_move_waits_for_as_many_approvals_as_it_takes_and_they_end_with_it() {
    let (mut company, issue) = approved(2, &[Role::Admin, Role::SuperAdmin]);
    let (uli, ada, sue) = (company.uli, company.ada, company.sue);
    let error = go(&mut company, issue).unwrap_err();
    let message = "cannot move ENG-1 to `testing`: it takes the approval of 2 with the role ADMIN or SUPER_ADMIN, 0 so far; ask for it";
    assert_eq!((why(&error), error.message()), ((ErrorCode::Rejected, Some("stateId")), message));
    assert_eq!(ask(&mut company, uli, issue).unwrap().names(), ["approval.requested"]);
    assert_eq!(ask(&mut company, ada, issue).unwrap().events.len(), 0, "asked once is enough");
    assert_eq!(grant(&mut company, ada, issue).unwrap().names(), ["approval.granted"]);
    assert_eq!(grant(&mut company, ada, issue).unwrap().events.len(), 0, "twice is once");
    assert!(go(&mut company, issue).unwrap_err().message().ends_with("SUPER_ADMIN, 1 so far"));
    grant(&mut company, sue, issue).unwrap();
    go(&mut company, issue).unwrap();
    assert_eq!(company.issue(issue).approvals, []);
    let back = IssuePatch { state: Some(keyed(&company, "open")), ..IssuePatch::default() };
    company.update(issue, back).unwrap();
    assert!(go(&mut company, issue).unwrap_err().message().contains("0 so far"), "it is asked anew");
}

#[test]
fn who_asked_cannot_approve_and_nor_can_who_has_not_the_role() {
    let (mut company, issue) = approved(1, &[Role::Admin]);
    let (uli, ada, sue) = (company.uli, company.ada, company.sue);
    let missing = grant(&mut company, ada, issue).unwrap_err();
    assert_eq!(why(&missing), (ErrorCode::NotFound, Some("stateId")), "nobody asked");
    ask(&mut company, ada, issue).unwrap();
    let own = grant(&mut company, ada, issue).unwrap_err();
    assert_eq!(why(&own), (ErrorCode::Rejected, Some("stateId")));
    for other in [uli, sue] {
        assert_eq!(grant(&mut company, other, issue).unwrap_err().code(), ErrorCode::Forbidden);
    }
    let to = keyed(&company, "testing");
    let nobody = company.run_as_system(GrantApproval { issue: issue.into(), to }).unwrap_err();
    assert_eq!(nobody.code(), ErrorCode::Forbidden);
}

#[test]
fn only_approvals_of_those_count_who_have_the_role_when_the_issue_is_moved() {
    let (mut company, issue) = approved(1, &[Role::Admin]);
    let (uli, ada) = (company.uli, company.ada);
    ask(&mut company, uli, issue).unwrap();
    grant(&mut company, ada, issue).unwrap();
    let role = |role| UpdateMember { role: Some(role), ..UpdateMember::of(ada) };
    company.run(company.sue, role(Role::User)).unwrap();
    assert!(go(&mut company, issue).unwrap_err().message().ends_with("0 so far"));
    company.run(company.sue, role(Role::Admin)).unwrap();
    go(&mut company, issue).unwrap();
}

#[test]
fn everybody_takes_back_what_they_said_and_admins_the_whole_question() {
    let (mut company, issue) = approved(1, &[Role::Admin]);
    let (uli, ute, ada, sue) = (company.uli, company.ute, company.ada, company.sue);
    ask(&mut company, uli, issue).unwrap();
    grant(&mut company, ada, issue).unwrap();
    assert_eq!(withdraw(&mut company, ute, issue).unwrap_err().code(), ErrorCode::Forbidden);
    assert_eq!(withdraw(&mut company, ada, issue).unwrap().names(), ["approval.withdrawn"]);
    assert_eq!(company.issue(issue).approvals[0].grants, []);
    assert_eq!(withdraw(&mut company, uli, issue).unwrap().names(), ["approval.ended"]);
    assert_eq!(company.issue(issue).approvals, []);
    assert_eq!(withdraw(&mut company, uli, issue).unwrap_err().code(), ErrorCode::NotFound);
    ask(&mut company, uli, issue).unwrap();
    withdraw(&mut company, sue, issue).unwrap();
    assert_eq!(company.issue(issue).approvals, []);
}

#[test]
fn a_move_that_takes_no_approval_has_nothing_to_approve() {
    let (mut company, issue) = approved(1, &[Role::Admin]);
    let to = keyed(&company, "closed");
    let error = company.run(company.uli, RequestApproval { issue: issue.into(), to }).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("stateId")));
    let to = crate::id::StateId::generate();
    let error = company.run(company.uli, RequestApproval { issue: issue.into(), to }).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
}

#[test]
fn an_issue_keeps_as_many_approvals_as_its_row_can_hold() {
    let (mut company, issue) = approved(1, &[Role::Admin]);
    let uli = company.uli;
    ask(&mut company, uli, issue).unwrap();
    for n in 0..=200 {
        let id = MemberId::generate();
        let (email, name, role) = (format!("a{n}@acme.test"), format!("Admin {n}"), Role::Admin);
        let add = AddMember { id: Some(id), email, name, role, password_hash: None };
        company.run(company.sue, add).unwrap();
        let given = grant(&mut company, id, issue);
        assert_eq!(given.is_ok(), n < 200, "{n}");
    }
    assert_eq!(company.issue(issue).approvals[0].grants.len(), 200);
}
