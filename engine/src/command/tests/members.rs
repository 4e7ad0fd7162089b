//! Who takes part, and that somebody always leads.

use super::why;
use super::world::{Company, Done};
use crate::access::Policy;
use crate::command::import::{ImportBatch, ImportItem};
use crate::command::member::{AddMember, RemoveMember, SetPassword, UpdateMember};
use crate::command::service::CreateServiceAccount;
use crate::directory::DirectoryRow;
use crate::draft::SideRecord;
use crate::error::{ErrorCode, Result};
use crate::event::Origin;
use crate::id::MemberId;
use crate::model::{Member, MemberStatus, Role};

fn add(company: &mut Company, email: &str) -> Result<Done> {
    let command = AddMember {
        id: None,
        email: email.into(),
        name: "Somebody".into(),
        role: Role::User,
        password_hash: Some("$argon2id$new".into()),
    };
    company.run(company.sue, command)
}

fn patch(member: MemberId) -> UpdateMember {
    UpdateMember {
        member,
        if_version: None,
        name: None,
        role: None,
        status: None,
        locale: None,
        time_zone: None,
    }
}

fn status(company: &mut Company, member: MemberId, status: MemberStatus) -> Result<Done> {
    company.run(company.sue, UpdateMember { status: Some(status), ..patch(member) })
}

fn role(company: &mut Company, member: MemberId, role: Role) -> Result<Done> {
    company.run(company.sue, UpdateMember { role: Some(role), ..patch(member) })
}

fn row(company: &Company, member: MemberId) -> &Member {
    company.directory.member(member).unwrap()
}

#[test]
fn an_address_belongs_to_one_member_whatever_its_case() {
    let mut company = Company::new();
    add(&mut company, "new@acme.example").unwrap();
    let error = add(&mut company, " New@Acme.example").unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("email")));
    for email in ["", "nobody", "@acme.example", "a@", "a b@acme.example", "a@b@c"] {
        assert_eq!(why(&add(&mut company, email).unwrap_err()), (ErrorCode::InvalidInput, Some("email")));
    }
}

#[test]
fn an_address_of_somebody_who_left_says_how_to_take_them_back() {
    let mut company = Company::new();
    let uli = company.uli;
    company.run(company.sue, RemoveMember { member: company.uli }).unwrap();
    let error = add(&mut company, "uli@acme.example").unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("email")));
    assert!(error.message().contains("status"), "{error}");
    status(&mut company, uli, MemberStatus::Active).unwrap();
    assert!(row(&company, company.uli).is_active());
}

#[test]
fn a_password_is_kept_beside_the_log_and_never_in_it() {
    let mut company = Company::new();
    let done = add(&mut company, "new@acme.example").unwrap();
    assert!(matches!(&done.records[..], [SideRecord::Password(_, Some(hash))] if hash == "$argon2id$new"));
    assert!(!format!("{:?}", done.events).contains("argon2id"));
    let password_hash = "$argon2id$other".to_owned();
    let done = company.run(company.uli, SetPassword::new(company.uli, password_hash)).unwrap();
    assert_eq!(done.names(), ["member.updated"]);
    assert!(!format!("{:?}", done.events).contains("argon2id"));
    assert_eq!(row(&company, company.uli).access_version, 2, "sessions end");
}

#[test]
fn the_last_active_super_admin_stays_one() {
    let mut company = Company::new();
    let ada = company.ada;
    let sue = company.sue;
    let refusals = [
        role(&mut company, sue, Role::Admin),
        status(&mut company, sue, MemberStatus::Suspended),
        company.run(sue, RemoveMember { member: sue }),
        company.run_as_system(RemoveMember { member: sue }),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().code(), ErrorCode::Rejected);
    }
    role(&mut company, ada, Role::SuperAdmin).unwrap();
    role(&mut company, sue, Role::User).unwrap();
}

#[test]
fn rights_that_shrink_end_what_was_signed_in_before() {
    let mut company = Company::new();
    let ada = company.ada;
    role(&mut company, ada, Role::SuperAdmin).unwrap();
    assert_eq!(row(&company, ada).access_version, 1, "more rights end nothing");
    role(&mut company, ada, Role::User).unwrap();
    assert_eq!(row(&company, ada).access_version, 2);
    status(&mut company, ada, MemberStatus::Suspended).unwrap();
    status(&mut company, ada, MemberStatus::Active).unwrap();
    company.run(company.sue, RemoveMember { member: ada }).unwrap();
    assert_eq!(row(&company, ada).access_version, 4);
}

#[test]
fn somebody_who_is_suspended_or_removed_can_do_nothing() {
    let mut company = Company::new();
    let uli = company.uli;
    status(&mut company, uli, MemberStatus::Suspended).unwrap();
    company.run(company.sue, RemoveMember { member: company.ute }).unwrap();
    for member in [company.uli, company.ute] {
        let rename = UpdateMember { name: Some("Still here".into()), ..patch(member) };
        assert_eq!(company.run(member, rename).unwrap_err().code(), ErrorCode::Unauthenticated);
    }
}

#[test]
fn a_ghost_is_removed_and_taken_back_and_never_signs_in() {
    let mut company = Company::new();
    let uli = company.uli;
    company.origin = Origin::Import;
    let person = ImportItem::Person { source: "github:octocat".into(), name: "octocat".into() };
    company.run(company.sue, ImportBatch { items: vec![person] }).unwrap();
    let ghost = company.directory.member_by_source("github:octocat").unwrap().id;
    for wanted in [MemberStatus::Active, MemberStatus::Suspended] {
        let error = status(&mut company, ghost, wanted).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("status")));
    }
    let password_hash = "$argon2id$any".to_owned();
    assert!(company.run(company.sue, SetPassword::new(ghost, password_hash)).is_err());
    company.run(company.sue, RemoveMember { member: ghost }).unwrap();
    status(&mut company, ghost, MemberStatus::Ghost).unwrap();
    let error = status(&mut company, uli, MemberStatus::Ghost).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("status")));
}

#[test]
fn a_member_who_is_already_so_stays_as_they_are() {
    let mut company = Company::new();
    let uli = company.uli;
    let done = role(&mut company, uli, Role::User).unwrap();
    assert_eq!((done.subjects.len(), done.events.len()), (1, 0));
    assert_eq!(row(&company, company.uli).version, 1);
}

#[test]
fn nobody_is_no_member_whoever_asks_for_it() {
    let mut company = Company::new();
    let (id, name) = (Some(MemberId::NOBODY), "x".to_owned());
    let account = CreateServiceAccount { id, name: name.clone(), role: Role::User };
    let email = "new@acme.example".into();
    let person = AddMember { id, email, name, role: Role::User, password_hash: None };
    for refused in [company.run(company.ada, account), company.run(company.sue, person)] {
        assert_eq!(why(&refused.unwrap_err()), (ErrorCode::InvalidInput, Some("id")));
    }
    // A store in which there is one all the same.
    let row = Member { id: MemberId::NOBODY, email: None, ..row(&company, company.ada).clone() };
    company.directory.apply(DirectoryRow::Member(row.into()));
    let scope = Policy::for_tests(MemberId::NOBODY).scope(&company.directory);
    assert!(!scope.sees_team(company.team) && scope.party().is_none());
    let refused = company.run(MemberId::NOBODY, patch(company.uli)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
}

#[test]
fn a_status_alone_removes_nobody() {
    let mut company = Company::new();
    let uli = company.uli;
    let refused = status(&mut company, uli, MemberStatus::Removed).unwrap_err();
    assert_eq!(why(&refused), (ErrorCode::InvalidInput, Some("status")));
    company.run(company.sue, RemoveMember { member: uli }).unwrap();
    status(&mut company, uli, MemberStatus::Removed).unwrap();
    status(&mut company, uli, MemberStatus::Active).unwrap();
}
