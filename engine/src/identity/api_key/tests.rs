use super::*;
use crate::id::{MemberId, RootId, TenantId};
use uuid::Uuid;

const NOW: i64 = 1_800_000_000_000;

fn member() -> Holder {
    Holder::Member {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        member: MemberId::from_uuid(Uuid::from_u128(2)),
    }
}

fn create(holder: Holder, expires_ms: Option<i64>) -> (ApiKeyRecord, SecretText) {
    let id = ApiKeyId::generate();
    ApiKeyRecord::create(
        id,
        holder,
        "nightly import".into(),
        NOW,
        expires_ms,
        &SecretBytes::generate().unwrap(),
    )
}

fn check(record: &ApiKeyRecord, text: &str, now_ms: i64) -> Result<(), ApiKeyRefusal> {
    record.check(&PresentedApiKey::parse(text).unwrap(), now_ms)
}

#[test]
fn a_key_says_where_its_record_is_and_opens_it() {
    let root = Holder::Root { root: RootId::from_uuid(Uuid::from_u128(9)) };
    for (holder, prefix, length) in [(member(), "iss_live_", 103), (root, "iss_root_", 81)] {
        let (record, text) = create(holder, None);
        assert!(text.expose().starts_with(prefix) && PresentedApiKey::looks_like(text.expose()));
        assert_eq!(text.expose().len(), length);
        let presented = PresentedApiKey::parse(text.expose()).unwrap();
        assert_eq!((presented.namespace(), presented.id()), (holder.namespace(), record.id));
        assert_eq!(record.check(&presented, i64::MAX), Ok(()));
    }
}

#[test]
fn another_secret_for_the_same_key_is_unknown_even_when_revoked() {
    let (mut record, _) = create(member(), None);
    let other = SecretBytes::generate().unwrap();
    let (_, forged) = ApiKeyRecord::create(record.id, member(), String::new(), NOW, None, &other);
    assert_eq!(check(&record, forged.expose(), NOW), Err(ApiKeyRefusal::Unknown));
    record.revoked_ms = Some(NOW);
    assert_eq!(check(&record, forged.expose(), NOW), Err(ApiKeyRefusal::Unknown));
}

#[test]
fn the_same_secret_under_another_tenant_is_unknown() {
    let secret = SecretBytes::generate().unwrap();
    let id = ApiKeyId::generate();
    let elsewhere = Holder::Member {
        tenant: TenantId::from_uuid(Uuid::from_u128(77)),
        member: MemberId::from_uuid(Uuid::from_u128(2)),
    };
    let (record, _) = ApiKeyRecord::create(id, member(), String::new(), NOW, None, &secret);
    let (_, moved) = ApiKeyRecord::create(id, elsewhere, String::new(), NOW, None, &secret);
    assert_eq!(check(&record, moved.expose(), NOW), Err(ApiKeyRefusal::Unknown));
}

#[test]
fn a_key_is_refused_from_its_expiry_on_and_after_revocation() {
    let (mut record, text) = create(member(), Some(NOW + 10));
    assert_eq!(check(&record, text.expose(), NOW + 9), Ok(()));
    assert_eq!(check(&record, text.expose(), NOW + 10), Err(ApiKeyRefusal::Expired));
    record.revoked_ms = Some(NOW + 1);
    assert_eq!(check(&record, text.expose(), NOW + 2), Err(ApiKeyRefusal::Revoked));
}

#[test]
fn what_is_no_key_is_refused_without_a_look_up() {
    let (_, text) = create(member(), None);
    let text = text.expose();
    let as_root = text.replace("iss_live_", "iss_root_");
    let cases = [
        ("", MalformedToken::Prefix { expected: "iss_live_` or `iss_root_" }),
        ("mrt_0", MalformedToken::Prefix { expected: "iss_live_` or `iss_root_" }),
        ("iss_live_", MalformedToken::Shape),
        ("iss_live_éé", MalformedToken::Shape),
        ("iss_live_é12345", MalformedToken::Shape),
        (&as_root, MalformedToken::Checksum),
        (&format!("{text} "), MalformedToken::Checksum),
        (&format!("{text}0"), MalformedToken::Checksum),
        (text.get(..text.len() - 1).unwrap(), MalformedToken::Checksum),
    ];
    for (text, expected) in cases {
        assert_eq!(PresentedApiKey::parse(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn neither_the_record_nor_an_error_prints_the_secret() {
    let (record, text) = create(member(), None);
    let presented = PresentedApiKey::parse(text.expose()).unwrap();
    let secret = text.expose().rsplit('_').next().unwrap();
    let printed = format!("{record:?} {text:?} {presented:?}");
    assert!(!printed.contains(secret), "{printed}");
    assert!(!record.shown.contains(secret) && record.shown.chars().count() == 16, "{}", record.shown);
    let damaged = text.expose().replace(secret, &secret.to_lowercase());
    let error = PresentedApiKey::parse(&damaged).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(&secret.to_lowercase()));
}

#[test]
fn a_record_reads_back_from_its_stored_form() {
    let (mut record, _) = create(member(), Some(NOW + 5));
    record.last_used_ms = Some(NOW + 1);
    let bytes = minicbor::to_vec(&record).unwrap();
    assert_eq!(minicbor::decode::<ApiKeyRecord>(&bytes).unwrap(), record);
}
