use super::*;
use crate::{
    id::{MemberId, RootId, TenantId},
    identity::Holder,
};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: i64 = 1_800_000_000_000;

fn browser() -> ClientFingerprint {
    ClientFingerprint::of("Firefox on Linux")
}

fn stranger() -> ClientFingerprint {
    ClientFingerprint::of("curl")
}

fn member() -> Holder {
    Holder::Member {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        member: MemberId::from_uuid(Uuid::from_u128(2)),
    }
}

fn begin() -> (RefreshFamily, SecretText) {
    let session = SessionId::from_uuid(Uuid::from_u128(3));
    let proof = SecretBytes::from_bytes([9; 16]);
    RefreshFamily::begin(session, member(), NOW, browser(), &proof, &SecretBytes::generate().unwrap())
}

fn present(family: &RefreshFamily, token: &SecretText, now_ms: i64, client: ClientFingerprint) -> Rotation {
    let presented = PresentedRefreshToken::parse(token.expose()).unwrap();
    rotate(family, &presented, now_ms, client, &SecretBytes::generate().unwrap())
}

fn rotated(family: &RefreshFamily, token: &SecretText, now_ms: i64) -> (RefreshFamily, SecretText) {
    match present(family, token, now_ms, browser()) {
        Rotation::Rotated { family, token } => (family, token),
        other => panic!("expected a rotation, got {other:?}"),
    }
}

#[test]
fn each_use_gives_a_new_token_and_spends_the_old() {
    let (mut family, mut token) = begin();
    for minute in 1..=20 {
        let (next_family, next) = rotated(&family, &token, NOW + minute * 60_000);
        assert_ne!(token.expose(), next.expose());
        assert_eq!(next_family.live.len(), 1);
        (family, token) = (next_family, next);
    }
}

#[test]
fn a_spent_token_ends_the_family_however_old_it_is() {
    for later_uses in 1..=5 {
        let (family, stolen) = begin();
        let (mut family, mut token) = rotated(&family, &stolen, NOW);
        for use_number in 1..later_uses {
            (family, token) = rotated(&family, &token, NOW + use_number);
        }
        let now_ms = NOW + REFRESH_GRACE_MS + 1;
        let Rotation::Reused { family } = present(&family, &stolen, now_ms, browser()) else {
            panic!("the theft went unnoticed after {later_uses} uses")
        };
        assert_eq!(family.revoked_ms, Some(now_ms));
        assert!(matches!(present(&family, &token, now_ms, browser()), Rotation::Revoked));
        assert!(matches!(present(&family, &stolen, now_ms, browser()), Rotation::Revoked));
    }
}

#[test]
fn a_thief_who_rotates_first_is_thrown_out_by_the_owner() {
    let (family, token) = begin();
    let Rotation::Rotated { family, token: of_thief } = present(&family, &token, NOW + 1, stranger()) else {
        panic!("a live token rotates for whoever holds it")
    };
    let Rotation::Reused { family } = present(&family, &token, NOW + 2, browser()) else {
        panic!("the owner's client is another, so there is no grace")
    };
    assert!(matches!(present(&family, &of_thief, NOW + 3, stranger()), Rotation::Revoked));
}

#[test]
fn a_lost_answer_is_repeated_within_the_grace_to_the_same_client_only() {
    let (family, token) = begin();
    let (family, _lost) = rotated(&family, &token, NOW);
    let outcome = |at_ms, client| present(&family, &token, NOW + at_ms, client);
    assert!(matches!(outcome(0, browser()), Rotation::GraceReplay { .. }));
    assert!(matches!(outcome(REFRESH_GRACE_MS, browser()), Rotation::GraceReplay { .. }));
    assert!(matches!(outcome(REFRESH_GRACE_MS + 1, browser()), Rotation::Reused { .. }));
    assert!(matches!(outcome(1, stranger()), Rotation::Reused { .. }));
}

#[test]
fn after_a_repeated_answer_either_token_goes_on_and_the_other_is_spent() {
    let (family, token) = begin();
    let (family, first) = rotated(&family, &token, NOW);
    let Rotation::GraceReplay { family, token: second } = present(&family, &token, NOW + 1, browser()) else {
        panic!("within the grace")
    };
    for (used, other) in [(&first, &second), (&second, &first)] {
        let (family, _) = rotated(&family, used, NOW + 2);
        assert!(matches!(present(&family, other, NOW + 3, browser()), Rotation::Reused { .. }));
    }
}

#[test]
fn the_grace_neither_slides_nor_repeats_without_end() {
    let (family, token) = begin();
    let (mut family, _) = rotated(&family, &token, NOW);
    for repeat in 1..LIVE_TOKENS_MAX {
        family = match present(&family, &token, NOW + 1000 * repeat as i64, browser()) {
            Rotation::GraceReplay { family, .. } => family,
            other => panic!("{repeat}: {other:?}"),
        };
        let late = present(&family, &token, NOW + REFRESH_GRACE_MS + 1, browser());
        assert!(matches!(late, Rotation::Reused { .. }));
    }
    assert!(matches!(present(&family, &token, NOW + 5000, browser()), Rotation::Reused { .. }));
}

#[test]
fn a_family_expires_when_idle_and_at_the_latest_after_ninety_days() {
    let (family, token) = begin();
    let idle = present(&family, &token, NOW + REFRESH_IDLE_MS, browser());
    assert!(matches!(idle, Rotation::Expired));
    let (mut family, mut token) = rotated(&family, &token, NOW + REFRESH_IDLE_MS - 1);
    for day in (45..90).step_by(15) {
        (family, token) = rotated(&family, &token, NOW + day * DAY_MS);
    }
    assert_eq!(family.expires_ms, NOW + REFRESH_LIFE_MS);
    assert!(family.is_open(NOW + REFRESH_LIFE_MS - 1) && !family.is_open(NOW + REFRESH_LIFE_MS));
    let late = present(&family, &token, NOW + REFRESH_LIFE_MS, browser());
    assert!(matches!(late, Rotation::Expired));
}

#[test]
fn a_guessed_token_is_unknown_and_ends_nobodys_session() {
    let (family, token) = begin();
    let Namespace::Tenant(tenant) = family.holder.namespace() else { panic!("a member's") };
    let other_session = SessionId::from_uuid(Uuid::from_u128(4));
    let other_tenant = TenantId::from_uuid(Uuid::from_u128(5));
    let (proof, secret) = (SecretBytes::from_bytes([9; 16]), SecretBytes::generate().unwrap());
    for forged in [
        write(Namespace::Tenant(tenant), family.session, &SecretBytes::generate().unwrap(), &secret),
        write(Namespace::Tenant(tenant), other_session, &proof, &secret),
        write(Namespace::Tenant(other_tenant), family.session, &proof, &secret),
        write(Namespace::Platform, family.session, &proof, &secret),
    ] {
        assert!(matches!(present(&family, &forged, NOW, browser()), Rotation::Unknown));
    }
    rotated(&family, &token, NOW);
}

#[test]
fn after_sign_out_no_token_works() {
    let (family, token) = begin();
    let family = family.revoke(NOW).revoke(NOW + 5);
    assert_eq!(family.revoked_ms, Some(NOW));
    assert!(matches!(present(&family, &token, NOW + 6, browser()), Rotation::Revoked));
}

#[test]
fn an_operators_token_names_the_platform_and_has_its_own_prefix() {
    let holder = Holder::Root { root: RootId::from_uuid(Uuid::from_u128(7)) };
    let session = SessionId::from_uuid(Uuid::from_u128(8));
    let (proof, secret) = (SecretBytes::generate().unwrap(), SecretBytes::generate().unwrap());
    let (family, token) = RefreshFamily::begin(session, holder, NOW, browser(), &proof, &secret);
    assert!(token.expose().starts_with("mrr_"));
    let presented = PresentedRefreshToken::parse(token.expose()).unwrap();
    assert_eq!((presented.namespace(), presented.session()), (Namespace::Platform, session));
    rotated(&family, &token, NOW + 1);
}

#[test]
fn what_is_no_refresh_token_is_refused_without_a_look_up() {
    let (_, token) = begin();
    let token = token.expose();
    let cut_off = token.get(..token.len() - 1).unwrap();
    for text in [
        "",
        "mrt_",
        "mrt_é",
        "eyJhbGciOiJFZERTQSJ9.e30.AA",
        cut_off,
        &format!("{token}0"),
        &format!(" {token}"),
    ] {
        assert!(PresentedRefreshToken::parse(text).is_err(), "{text}");
    }
    assert_eq!(
        PresentedRefreshToken::parse(&token.replace("mrt_", "mrr_")).unwrap_err(),
        MalformedToken::Checksum
    );
}

#[test]
fn neither_a_token_nor_a_family_prints_a_secret() {
    let (family, token) = begin();
    let presented = PresentedRefreshToken::parse(token.expose()).unwrap();
    let printed =
        format!("{token:?} {family:?} {presented:?} {:?}", present(&family, &token, NOW, browser()));
    let secret_part = token.expose().get(48..).unwrap();
    assert!(!printed.contains(secret_part) && printed.contains("redacted"), "{printed}");
    assert!(!printed.contains("9, 9"), "{printed}");
}

#[test]
fn a_family_reads_back_from_its_stored_form() {
    let (family, token) = begin();
    let (family, _) = rotated(&family, &token, NOW + 1);
    for family in [family.revoke(NOW + 2), family] {
        let bytes = minicbor::to_vec(&family).unwrap();
        assert_eq!(minicbor::decode::<RefreshFamily>(&bytes).unwrap(), family);
    }
}

proptest! {
    /// Whatever order tokens return in: a family that was ended stays ended, and only issued-and-unspent tokens rotate.
    #[test]
    fn no_sequence_of_uses_brings_a_spent_token_back(uses in prop::collection::vec((0usize..8, 0i64..20_000), 1..30)) {
        let (mut family, first) = begin();
        let mut tokens = vec![(first, false)];
        let (mut now_ms, mut ended) = (NOW, false);
        for (pick, pause_ms) in uses {
            now_ms += pause_ms;
            let pick = pick % tokens.len();
            let (token, spent) = tokens.get(pick).cloned().unwrap();
            match present(&family, &token, now_ms, browser()) {
                Rotation::Rotated { family: next, token } => {
                    prop_assert!(!spent && !ended);
                    // Every token issued before is spent now.
                    tokens.iter_mut().for_each(|(_, spent)| *spent = true);
                    (family, _) = (next, tokens.push((token, false)));
                }
                Rotation::GraceReplay { family: next, token } => {
                    prop_assert!(spent && !ended);
                    (family, _) = (next, tokens.push((token, false)));
                }
                Rotation::Reused { family: next } => {
                    prop_assert!(spent && !ended);
                    (family, ended) = (next, true);
                }
                Rotation::Revoked => prop_assert!(ended),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
