//! Golden files of what is kept of security events.

use super::samples::{at, logged, uuid};
use super::{Actor, EventBody, check};
use crate::event::Subject;
use crate::id::{ApiKeyId, MemberId, TenantId};
use crate::log::{SecurityRecord, security_genesis};
use crate::model::{LogPlace, Seq};
use crate::rows::{SecurityKept, SecurityKeptFor, SecurityRow};
use crate::security::{SecurityBody, SecurityEvent, SecurityKind};

fn record() -> SecurityRecord {
    let body = SecurityBody {
        actor: Some(Actor::Key(ApiKeyId::from_uuid(uuid(12)), MemberId::from_uuid(uuid(4)))),
        subject: Some(Subject::Key(ApiKeyId::from_uuid(uuid(12)))),
        address: Some("2001:db8::1".into()),
        agent: Some("a program".into()),
        request: Some((*uuid(16).as_bytes()).into()),
        count: 3,
        since: at(0),
        detail: Some("from elsewhere".into()),
    };
    let event = SecurityEvent { seq: Seq(1), at: at(1), kind: SecurityKind::KeyRefused, body: Some(body) };
    let previous = security_genesis(TenantId::from_uuid(uuid(13)));
    SecurityRecord::of(&event, &previous, [17; 16]).unwrap()
}

fn place(seq: u64) -> LogPlace {
    LogPlace { seq: Seq(seq), hash: [18; 32] }
}

#[test]
fn security_events_are_stored_as_ever() {
    let record = record();
    assert_eq!(record.verify(Seq(1), &security_genesis(TenantId::from_uuid(uuid(13)))), Ok(()));
    check("security_event", &SecurityRow::Event(record.clone()));
    check("security_event_erased", &SecurityRow::Event(record.erase()));
    check("security_kept", &SecurityRow::Kept(SecurityKept { sealed: place(9), dropped: place(4) }));
    let kept_for = SecurityKeptFor { days: 365, less: Some(30), less_since: Some(at(2)) };
    check("security_kept_for", &SecurityRow::For(kept_for));
}

#[test]
fn the_event_that_seals_them_is_stored_as_ever() {
    let body = EventBody::SecuritySealed { sealed: place(9), dropped: place(4) };
    check("event_security_sealed", &logged(Actor::System, Subject::Tenant, body));
}
