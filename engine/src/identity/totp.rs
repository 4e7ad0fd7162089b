//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, a new one every 30 s.
//!
//! SHA-1 is what the apps understand; in an HMAC it is still sound. A code is accepted one step early or late, because
//! clocks differ, and no step is accepted twice. This module does not know whose secret it is.

use crate::identity::SecretBytes;
use aws_lc_rs::hmac;
use std::fmt::Write as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long a code is shown, in milliseconds.
const STEP_MS: i64 = 30 * 1000;
/// Steps by which the clocks may differ.
const STEPS_APART: u64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;

/// The secret that an authenticator app shares with us.
pub type TotpSecret = SecretBytes<20>;

/// The step whose code this is, among those that may be used now; none when it is none of them.
///
/// `last` is the newest step that was used: neither it nor one before it is accepted again.
#[must_use]
pub fn matching_step(secret: &TotpSecret, code: &str, now_ms: i64, last: Option<u64>) -> Option<u64> {
    let now = u64::try_from(now_ms.div_euclid(STEP_MS)).ok()?;
    let given: String = code.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
    let mut found = None;
    // Every step is computed, whichever fits: the time tells nothing.
    for step in now.saturating_sub(STEPS_APART)..=now.saturating_add(STEPS_APART) {
        let right: bool = code_at(secret, step).as_bytes().ct_eq(given.as_bytes()).into();
        let fresh = last.is_none_or(|last| last < step);
        if right && fresh && found.is_none() {
            found = Some(step);
        }
    }
    found
}

/// The code that an app with this secret shows at this time: for tests of whoever embeds the engine.
#[must_use]
pub fn code_at_ms(secret: &TotpSecret, now_ms: i64) -> Zeroizing<String> {
    code_at(secret, u64::try_from(now_ms.div_euclid(STEP_MS)).unwrap_or_default())
}

/// The code of a step (RFC 4226 §5.3).
fn code_at(secret: &TotpSecret, step: u64) -> Zeroizing<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let number = bytes.iter().skip(offset).take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mut text = Zeroizing::new(String::with_capacity(DIGITS));
    // Writing into a text cannot fail.
    let _ = write!(text, "{:0width$}", (number & 0x7fff_ffff) % 1_000_000, width = DIGITS);
    text
}

/// The secret as people type it where no camera is at hand: base32.
#[must_use]
pub fn as_base32(secret: &TotpSecret) -> Zeroizing<String> {
    Zeroizing::new(data_encoding::BASE32_NOPAD.encode(secret.as_bytes()))
}

/// The secret as an authenticator app reads it from a picture (the Key URI format): `company` is shown as its issuer.
#[must_use]
pub fn as_uri(secret: &TotpSecret, company: &str, account: &str) -> Zeroizing<String> {
    let (company, account) = (escaped(company), escaped(account));
    let secret = as_base32(secret);
    Zeroizing::new(format!(
        "otpauth://totp/{company}:{account}?secret={}&issuer={company}&algorithm=SHA1&digits={DIGITS}&period={}",
        secret.as_str(),
        STEP_MS / 1000
    ))
}

/// Percent-encoded, but for the unreserved characters (RFC 3986 §2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => {
                // Writing into a text cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        SecretBytes::from_bytes(*b"12345678901234567890")
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                matching_step(&secret(), code, second * 1000, None),
                Some(second as u64 / 30),
                "{second}"
            );
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_or_late_and_no_more() {
        let code = "081804"; // of the step that begins at 1111111080
        let begin = 1_111_111_080_000;
        for (now, good) in [
            (begin - 30_001, false),
            (begin - 30_000, true),
            (begin, true),
            (begin + 59_999, true),
            (begin + 60_000, false),
        ] {
            assert_eq!(matching_step(&secret(), code, now, None).is_some(), good, "{now}");
        }
    }

    #[test]
    fn no_step_is_good_twice_nor_one_before_it() {
        let (code, now) = ("081804", 1_111_111_109_000);
        let step = matching_step(&secret(), code, now, None).unwrap();
        assert_eq!(matching_step(&secret(), code, now, Some(step)), None);
        assert_eq!(matching_step(&secret(), code, now, Some(step + 1)), None);
        assert_eq!(matching_step(&secret(), code, now, Some(step - 1)), Some(step));
    }

    #[test]
    fn what_is_no_code_is_refused_and_spaces_do_not_matter() {
        let now = 1_111_111_109_000;
        for code in ["", "08180", "0818040", "81804", "abcdef", "０８１８０４"] {
            assert_eq!(matching_step(&secret(), code, now, None), None, "{code}");
        }
        assert!(matching_step(&secret(), " 081 804 ", now, None).is_some());
        assert_eq!(matching_step(&secret(), "081804", -1, None), None);
    }

    #[test]
    fn an_app_reads_the_secret_from_the_address() {
        let uri = as_uri(&secret(), "Größe & Co", "ana@acme.example");
        assert_eq!(
            uri.as_str(),
            "otpauth://totp/Gr%C3%B6%C3%9Fe%20%26%20Co:ana%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Gr%C3%B6%C3%9Fe%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}
