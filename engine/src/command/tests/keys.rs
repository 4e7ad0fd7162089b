//! API keys: whose they are, and that their record says the same.

use super::why;
use super::world::Company;
use crate::command::key::{CreateApiKey, RevokeApiKey};
use crate::command::member::RemoveMember;
use crate::error::ErrorCode;
use crate::id::{ApiKeyId, MemberId};
use crate::identity::{ApiKeyRecord, Holder, SecretBytes};
use crate::model::{KeyScope, Network};
use crate::time::Timestamp;

fn record(company: &Company, id: ApiKeyId, member: MemberId, revoked: bool) -> Vec<u8> {
    let holder = Holder::Member { tenant: company.tenant.id, member };
    let fresh = SecretBytes::generate().unwrap();
    let (mut record, _) = ApiKeyRecord::create(id, holder, "CI".into(), 0, None, &fresh);
    record.revoked_ms = revoked.then_some(0);
    record.scope = Some(KeyScope::Write);
    minicbor::to_vec(&record).unwrap()
}

fn make(company: &Company, member: MemberId, expires_at: Option<Timestamp>) -> CreateApiKey {
    let id = ApiKeyId::generate();
    CreateApiKey {
        id,
        member,
        name: "CI".into(),
        expires_at,
        scope: KeyScope::Write,
        networks: Vec::new(),
        record: record(company, id, member, false),
    }
}

#[test]
fn people_make_keys_for_themselves_and_super_admins_for_all() {
    let mut company = Company::new();
    company.run(company.uli, make(&company, company.uli, None)).unwrap();
    company.run(company.sue, make(&company, company.uli, None)).unwrap();
    for (who, whose) in [(company.uli, company.sue), (company.ada, company.uli)] {
        let error = company.run(who, make(&company, whose, None)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Forbidden);
    }
}

#[test]
fn a_key_that_would_not_work_is_not_made() {
    let mut company = Company::new();
    let expired = make(&company, company.uli, Some(company.now));
    let error = company.run(company.uli, expired).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("expiresAt")));
    company.run(company.sue, RemoveMember { member: company.ute }).unwrap();
    let error = company.run(company.sue, make(&company, company.ute, None)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
}

#[test]
fn a_record_of_somebody_elses_key_is_not_kept() {
    let mut company = Company::new();
    let own = make(&company, company.uli, None);
    let forged = CreateApiKey { record: record(&company, own.id, company.sue, false), ..own.clone() };
    assert_eq!(company.run(company.uli, forged).unwrap_err().code(), ErrorCode::Internal);
    company.run(company.uli, own.clone()).unwrap();
    let revoke = |whose, revoked| RevokeApiKey {
        id: own.id,
        member: company.uli,
        record: record(&company, own.id, whose, revoked),
    };
    let (forged, alive, right) =
        (revoke(company.sue, true), revoke(company.uli, false), revoke(company.uli, true));
    for wrong in [forged, alive] {
        assert_eq!(company.run(company.uli, wrong).unwrap_err().code(), ErrorCode::Internal);
    }
    assert_eq!(company.run(company.uli, right).unwrap().names(), ["key.revoked"]);
}

#[test]
fn a_repeated_request_is_known_again_though_its_key_is_another() {
    let company = Company::new();
    let [first, second] = std::array::from_fn(|_| make(&company, company.uli, None));
    assert_eq!(minicbor::to_vec(first).unwrap(), minicbor::to_vec(second).unwrap());
}

#[test]
fn a_record_that_reaches_further_than_was_asked_for_is_not_kept() {
    let mut company = Company::new();
    let asked = make(&company, company.uli, None);
    let reading = CreateApiKey { scope: KeyScope::Read, ..asked.clone() };
    assert_eq!(company.run(company.uli, reading).unwrap_err().code(), ErrorCode::Internal);
    let bound = CreateApiKey { networks: vec!["10.0.0.0/8".parse().unwrap()], ..asked };
    assert_eq!(company.run(company.uli, bound).unwrap_err().code(), ErrorCode::Internal);
}

#[test]
fn keys_and_their_networks_are_bounded() {
    let mut company = Company::new();
    let networks: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap(); company.limits.key_networks_max + 1];
    let wide = CreateApiKey { networks, ..make(&company, company.uli, None) };
    let error = company.run(company.uli, wide).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("networks")));
    company.limits.keys_per_member_max = 1;
    let first = make(&company, company.uli, None);
    let id = first.id;
    company.run(company.uli, first).unwrap();
    let error = company.run(company.uli, make(&company, company.uli, None)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected);
    let record = record(&company, id, company.uli, true);
    company.run(company.uli, RevokeApiKey { id, member: company.uli, record }).unwrap();
    company.run(company.uli, make(&company, company.uli, None)).unwrap();
}
