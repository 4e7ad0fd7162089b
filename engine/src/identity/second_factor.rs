//! A member's second factor: the secret of their authenticator app, and codes to get in without the app.
//!
//! Pure: a check answers the row as it becomes, and its caller must store that before it lets anybody in. It does not
//! know how often somebody guessed.

use crate::{
    id::MemberId,
    identity::{
        RandomnessUnavailable, SecretBytes, SecretHash, SecretText,
        totp::{self, TotpSecret},
    },
};
use data_encoding::BASE32_NOPAD;
use minicbor::{Decode, Encode};
use std::fmt;
use zeroize::Zeroizing;

/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;

/// How long a secret that was shown may be confirmed, in milliseconds.
pub const CONFIRM_WITHIN_MS: i64 = 15 * 60 * 1000;

/// Wrong codes after which a secret that waits to be confirmed is forgotten.
pub const CONFIRM_TRIES_MAX: u8 = 5;

/// The row of a member's second factor.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SecondFactor {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// What is in force; none before it was confirmed, and after it was taken away.
    #[n(1)]
    active: Option<Active>,
    /// What was shown and waits to be confirmed.
    #[n(2)]
    pending: Option<Pending>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
struct Active {
    #[cbor(n(0), with = "minicbor::bytes")]
    secret: [u8; 20],
    /// The newest step that was used.
    #[n(1)]
    last_step: Option<u64>,
    /// The hashes of the recovery codes that are left.
    #[n(2)]
    recovery: Vec<SecretHash>,
    /// When it came into force, in milliseconds since the epoch.
    #[n(3)]
    since_ms: i64,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
struct Pending {
    #[cbor(n(0), with = "minicbor::bytes")]
    secret: [u8; 20],
    #[n(1)]
    shown_ms: i64,
    /// How many wrong codes were shown for it.
    #[n(2)]
    missed: Option<u8>,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactor").field("member", &self.member).finish_non_exhaustive()
    }
}

/// Codes to get in without the app, each once. They are shown this once.
#[derive(Debug)]
pub struct RecoveryCodes(Vec<SecretText>);

impl RecoveryCodes {
    /// Their texts.
    pub fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(SecretText::expose)
    }
}

impl SecondFactor {
    /// The row of a member who has none yet.
    #[must_use]
    pub const fn none(member: MemberId) -> Self {
        Self { member, active: None, pending: None }
    }

    /// A row with every field filled, the same each time.
    #[cfg(test)]
    pub(crate) fn sample(member: MemberId) -> Self {
        let active = Active {
            secret: [1; 20],
            last_step: Some(3),
            recovery: vec![hash_of(member, "code")],
            since_ms: 5,
        };
        Self {
            member,
            active: Some(active),
            pending: Some(Pending { secret: [2; 20], shown_ms: 7, missed: None }),
        }
    }

    /// Whether one is in force.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.active.is_some()
    }

    /// When it came into force.
    #[must_use]
    pub fn since_ms(&self) -> Option<i64> {
        self.active.as_ref().map(|active| active.since_ms)
    }

    /// How many recovery codes are left.
    #[must_use]
    pub fn recovery_left(&self) -> usize {
        self.active.as_ref().map_or(0, |active| active.recovery.len())
    }

    /// This row with a secret that waits to be confirmed; what is in force stays so until then.
    #[must_use]
    pub fn begin(mut self, secret: &TotpSecret, now_ms: i64) -> Self {
        self.pending = Some(Pending { secret: *secret.as_bytes(), shown_ms: now_ms, missed: None });
        self
    }

    /// This row with what was pending in force, if the code is of its secret; and fresh recovery codes.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn confirm(
        mut self,
        code: &str,
        now_ms: i64,
    ) -> Result<Option<(Self, RecoveryCodes)>, RandomnessUnavailable> {
        let Some(pending) =
            self.pending.take().filter(|p| now_ms < p.shown_ms.saturating_add(CONFIRM_WITHIN_MS))
        else {
            return Ok(None);
        };
        let secret = SecretBytes::from_bytes(pending.secret);
        let Some(step) = totp::matching_step(&secret, code, now_ms, None) else { return Ok(None) };
        let (recovery, codes) = self.fresh_codes()?;
        let active = Active { secret: pending.secret, last_step: Some(step), recovery, since_ms: now_ms };
        self.active = Some(active);
        Ok(Some((self, codes)))
    }

    /// This row after a wrong code was shown for what is pending: after [`CONFIRM_TRIES_MAX`] of them it is forgotten.
    #[must_use]
    pub fn missed(mut self) -> Self {
        let again = self.pending.take().and_then(|pending| {
            let missed = pending.missed.unwrap_or_default().saturating_add(1);
            (missed < CONFIRM_TRIES_MAX).then_some(Pending { missed: Some(missed), ..pending })
        });
        Self { pending: again, ..self }
    }

    /// This row after a code of the app, or a recovery code, was used; none when it is neither.
    #[must_use]
    pub fn spend(mut self, code: &str, now_ms: i64) -> Option<Self> {
        let member = self.member;
        let active = self.active.as_mut()?;
        let secret = SecretBytes::from_bytes(active.secret);
        if let Some(step) = totp::matching_step(&secret, code, now_ms, active.last_step) {
            active.last_step = Some(step);
            return Some(self);
        }
        let hash = hash_of(member, code);
        let at = active.recovery.iter().position(|left| *left == hash)?;
        active.recovery.remove(at);
        Some(self)
    }

    /// This row with fresh recovery codes in the place of all before; none when no second factor is in force.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn renew_codes(mut self) -> Result<Option<(Self, RecoveryCodes)>, RandomnessUnavailable> {
        let (recovery, codes) = self.fresh_codes()?;
        let Some(active) = self.active.as_mut() else { return Ok(None) };
        active.recovery = recovery;
        Ok(Some((self, codes)))
    }

    fn fresh_codes(&self) -> Result<(Vec<SecretHash>, RecoveryCodes), RandomnessUnavailable> {
        let mut hashes = Vec::with_capacity(RECOVERY_CODES);
        let mut texts = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let text = as_text(&SecretBytes::<10>::generate()?);
            hashes.push(hash_of(self.member, text.expose()));
            texts.push(text);
        }
        Ok((hashes, RecoveryCodes(texts)))
    }
}

/// Eighty random bits as people copy them: `abcd-efgh-ijkl-mnop`.
fn as_text(bytes: &SecretBytes<10>) -> SecretText {
    let plain = Zeroizing::new(BASE32_NOPAD.encode(bytes.as_bytes()).to_ascii_lowercase());
    let mut text = Zeroizing::new(String::with_capacity(plain.len() + 3));
    for (at, character) in plain.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(character);
    }
    SecretText::from_zeroizing(text)
}

/// The hash that a recovery code is kept as, whatever its case, hyphens and spaces. Whose it is belongs to it, so that
/// equal codes of two members have different hashes.
fn hash_of(member: MemberId, code: &str) -> SecretHash {
    let mut plain = Zeroizing::new(Vec::with_capacity(64));
    plain.extend_from_slice(member.as_bytes());
    let typed = code.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    plain.extend(typed.take(32));
    SecretHash::of(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_111_111_109_000;
    /// The code of [`secret`] at [`NOW`].
    const CODE: &str = "081804";

    fn member() -> MemberId {
        MemberId::from_uuid(uuid::Uuid::from_bytes([4; 16]))
    }

    fn secret() -> TotpSecret {
        SecretBytes::from_bytes(*b"12345678901234567890")
    }

    fn on() -> (SecondFactor, RecoveryCodes) {
        SecondFactor::none(member()).begin(&secret(), NOW).confirm(CODE, NOW).unwrap().unwrap()
    }

    #[test]
    fn it_is_in_force_only_after_a_code_was_shown_in_time() {
        let begun = SecondFactor::none(member()).begin(&secret(), NOW);
        assert!(!begun.is_on() && begun.clone().spend(CODE, NOW).is_none());
        assert!(begun.clone().confirm("000000", NOW).unwrap().is_none());
        let late = SecondFactor::none(member()).begin(&secret(), NOW - CONFIRM_WITHIN_MS);
        assert!(late.confirm(CODE, NOW).unwrap().is_none());
        assert!(begun.confirm(CODE, NOW).unwrap().is_some_and(|(row, _)| row.is_on()));
    }

    #[test]
    fn a_secret_is_forgotten_after_five_wrong_codes() {
        let mut row = SecondFactor::none(member()).begin(&secret(), NOW);
        for _ in 1..CONFIRM_TRIES_MAX {
            row = row.missed();
        }
        assert!(row.clone().confirm(CODE, NOW).unwrap().is_some());
        assert!(row.missed().confirm(CODE, NOW).unwrap().is_none());
        let (on, _) = on();
        assert!(on.missed().is_on(), "what is in force stays");
    }

    #[test]
    fn a_code_of_the_app_works_once_and_the_one_that_confirmed_it_not_again() {
        let (row, _) = on();
        assert!(row.clone().spend(CODE, NOW).is_none());
        // The next step's code: 30 s later.
        let next = totp_code(NOW + 30_000);
        let row = row.spend(&next, NOW + 30_000).unwrap();
        assert!(row.spend(&next, NOW + 30_000).is_none());
    }

    fn totp_code(now_ms: i64) -> String {
        totp::code_at_ms(&secret(), now_ms).to_string()
    }

    #[test]
    fn each_recovery_code_works_once_however_it_is_typed() {
        let (mut row, codes) = on();
        let codes: Vec<String> = codes.expose().map(str::to_owned).collect();
        assert_eq!((codes.len(), codes[0].len()), (RECOVERY_CODES, 19));
        for (at, code) in codes.iter().enumerate() {
            let typed = if at % 2 == 0 { code.to_uppercase().replace('-', " ") } else { code.clone() };
            row = row.spend(&typed, NOW).unwrap();
            assert!(row.clone().spend(code, NOW).is_none(), "{code}");
        }
        assert_eq!(row.recovery_left(), 0);
    }

    #[test]
    fn renewed_codes_replace_all_before() {
        let (row, old) = on();
        let (row, new) = row.renew_codes().unwrap().unwrap();
        assert!(old.expose().all(|code| row.clone().spend(code, NOW).is_none()));
        assert!(new.expose().all(|code| row.clone().spend(code, NOW).is_some()));
        assert!(SecondFactor::none(member()).renew_codes().unwrap().is_none());
    }

    #[test]
    fn a_code_of_another_member_is_worth_nothing() {
        let (row, codes) = on();
        let stolen = SecondFactor { member: MemberId::generate(), ..row };
        assert!(codes.expose().all(|code| stolen.clone().spend(code, NOW).is_none()));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (row, codes) = on();
        let printed = format!("{row:?} {codes:?}");
        assert!(
            !printed.contains("49, 50") && codes.expose().all(|code| !printed.contains(code)),
            "{printed}"
        );
    }
}
