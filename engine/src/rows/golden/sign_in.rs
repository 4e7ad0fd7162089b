//! Golden files of what is kept about how people and programs sign in.

use super::samples::{at, family, logged, uuid};
use super::{Actor, EventBody, check};
use crate::event::Subject;
use crate::id::{InvitationId, MemberId, OneTimeId, ProviderId, RootId, SessionId, TenantId};
use crate::identity::{OneTimeRecord, Purpose, SecondFactor, SecretBytes};
use crate::model::{AccessSettings, IdentityProvider, Invitation, InvitationStatus, KeyScope, Role, Visit};
use crate::rows::{BesideProvider, Device, KeyUse, OutboxRow, SessionRow, Tried};

pub(super) fn session() -> SessionRow {
    let device = Device { agent: "a browser".into(), address: Some("192.0.2.7".into()), used_at: at(3) };
    SessionRow { family: family(), device: Some(device), provider: Some(ProviderId::from_uuid(uuid(20))) }
}

fn provider() -> IdentityProvider {
    IdentityProvider {
        id: ProviderId::from_uuid(uuid(20)),
        name: "Corporate".into(),
        issuer: "https://login.example.com".into(),
        client_id: "mortise".into(),
        domains: vec!["example.com".into()],
        domain_claim: Some("hd".into()),
        creates_members: true,
        created_at: at(0),
        updated_at: at(1),
        deleted_at: Some(at(2)),
        version: 3,
    }
}

fn invitation() -> Invitation {
    Invitation {
        id: InvitationId::from_uuid(uuid(23)),
        email: "ida@example.com".into(),
        name: Some("Ida".into()),
        role: Role::Admin,
        status: InvitationStatus::Accepted,
        inviter: Some(MemberId::from_uuid(uuid(4))),
        token: OneTimeId::from_uuid(uuid(22)),
        expires_at: at(30),
        member: Some(MemberId::from_uuid(uuid(5))),
        created_at: at(0),
        updated_at: at(1),
        version: 2,
        letters: vec![at(0), at(1)],
        operator: None,
    }
}

fn visit() -> Visit {
    Visit {
        id: SessionId::from_uuid(uuid(21)),
        root: RootId::from_uuid(uuid(15)),
        root_name: "Root".into(),
        reason: "They asked us to look".into(),
        scope: KeyScope::Read,
        began_at: at(0),
        ends_at: at(30),
        ended_at: Some(at(9)),
    }
}

fn access() -> AccessSettings {
    AccessSettings {
        second_factor_required: true,
        password_sign_in: false,
        updated_at: Some(at(1)),
        version: 2,
    }
}

/// A token's id is made when it is issued; here it is a fixed one.
fn one_time() -> OneTimeRecord {
    let tenant = TenantId::from_uuid(uuid(13));
    let fresh = SecretBytes::from_bytes([7; 32]);
    let (record, _) =
        OneTimeRecord::issue(tenant, Purpose::Provider, uuid(4), at(0).millis(), 60_000, &fresh);
    record.by_way_of(uuid(20)).with_fixed_id()
}

#[test]
fn rows_of_signing_in_are_stored_as_ever() {
    check("identity_provider", &provider());
    check("beside_provider_secret", &BesideProvider::Secret(Some("secret".into())));
    check("beside_provider_link", &BesideProvider::Link(MemberId::from_uuid(uuid(4))));
    check("beside_provider_name", &BesideProvider::Name([9; 16]));
    check("access_settings", &access());
    check("visit", &visit());
    check("invitation", &invitation());
    check("key_use", &KeyUse { at: at(0), address: Some("2001:db8::1".into()) });
    let (template, to) = ("password_reset".into(), "ana@example.com".into());
    let values = vec![("token".into(), "mot_1".into())];
    let mail = OutboxRow { template, to, values, written_at: None, tried: None, lost_at: None };
    check("outbox", &mail);
    let tried = Tried { times: 2, not_before: at(9), why: "the server is full".into() };
    let given_up = OutboxRow {
        values: Vec::new(),
        written_at: Some(at(0)),
        tried: Some(tried),
        lost_at: Some(at(10)),
        ..mail
    };
    check("outbox_lost", &given_up);
    check("one_time", &one_time());
    check("second_factor", &SecondFactor::sample(MemberId::from_uuid(uuid(4))));
}

#[test]
fn events_of_signing_in_are_stored_as_ever() {
    let member = MemberId::from_uuid(uuid(4));
    let (by, session) = (Actor::Member(member), Subject::Session(SessionId::from_uuid(uuid(21))));
    let of_provider = Subject::Provider(ProviderId::from_uuid(uuid(20)));
    let root = Actor::Root(RootId::from_uuid(uuid(15)));
    let events = [
        ("session_revoked", by, session, EventBody::SessionRevoked { member }),
        (
            "second_factor_saved",
            by,
            Subject::Member(member),
            EventBody::SecondFactorSaved { member, on: true },
        ),
        (
            "provider_saved",
            by,
            of_provider,
            EventBody::ProviderSaved { before: Some(Box::new(provider())), after: Box::new(provider()) },
        ),
        (
            "access_saved",
            by,
            Subject::Tenant,
            EventBody::AccessSaved { before: AccessSettings::default(), after: access() },
        ),
        (
            "invitation_saved",
            by,
            Subject::Invitation(invitation().id),
            EventBody::InvitationSaved {
                before: Some(Box::new(invitation())),
                after: Box::new(invitation()),
            },
        ),
        (
            "invitation_forgotten",
            Actor::System,
            Subject::Invitation(invitation().id),
            EventBody::InvitationForgotten,
        ),
        ("visit_began", root, session, EventBody::VisitBegan { visit: Box::new(visit()) }),
        ("visit_ended", by, session, EventBody::VisitEnded { visit: Box::new(visit()) }),
        (
            "member_linked",
            Actor::System,
            Subject::Member(member),
            EventBody::MemberLinked { member, provider: ProviderId::from_uuid(uuid(20)), undone: None },
        ),
    ];
    for (name, actor, subject, body) in events {
        check(&format!("event_{name}"), &logged(actor, subject, body));
    }
}
