//! Which passwords may be chosen.
//!
//! Pure; does not know argon2.

use std::{collections::HashSet, sync::LazyLock};

/// The shortest password that may be chosen, in Unicode scalar values.
pub const PASSWORD_CHARACTERS_MIN: usize = 8;
/// The longest password that may be chosen, in Unicode scalar values.
pub const PASSWORD_CHARACTERS_MAX: usize = 256;
/// The bytes of the longest password: UTF-8 takes at most four for a scalar value.
pub(super) const PASSWORD_BYTES_MAX: usize = PASSWORD_CHARACTERS_MAX * 4;

/// The commonest passwords of at least the shortest length, one a line, in lower case.
const COMMON: &str = include_str!("common.txt");

static COMMON_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| COMMON.lines().collect());

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_CHARACTERS_MIN`] characters.
    #[error("cannot take this password: it is shorter than {PASSWORD_CHARACTERS_MIN} characters")]
    TooShort,
    /// More than [`PASSWORD_CHARACTERS_MAX`] characters.
    #[error("cannot take this password: it is longer than {PASSWORD_CHARACTERS_MAX} characters")]
    TooLong,
    /// Among the first that anybody would try.
    #[error("cannot take this password: it is among the commonest ones; choose one that is yours alone")]
    Common,
}

pub(super) fn check(password: &str) -> Result<(), WeakPassword> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(WeakPassword::TooLong);
    }
    match password.chars().count() {
        ..PASSWORD_CHARACTERS_MIN => Err(WeakPassword::TooShort),
        PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX => refuse_common(password),
        _ => Err(WeakPassword::TooLong),
    }
}

fn refuse_common(password: &str) -> Result<(), WeakPassword> {
    let lower = zeroize::Zeroizing::new(password.to_lowercase());
    if COMMON_SET.contains(lower.as_str()) { Err(WeakPassword::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_judged_by_length_and_rarity_alone() {
        let cases = [
            ("1234567", Err(WeakPassword::TooShort)),
            ("ééééééé", Err(WeakPassword::TooShort)),
            ("çöplükçü", Ok(())),
            ("        ", Ok(())),
            ("password", Err(WeakPassword::Common)),
            ("PassWord123", Err(WeakPassword::Common)),
            ("1q2w3e4r5t", Err(WeakPassword::Common)),
            ("purple monkey dishwasher", Ok(())),
        ];
        for (password, expected) in cases {
            assert_eq!(check(password), expected, "{password}");
        }
    }

    #[test]
    fn the_longest_password_is_counted_in_characters() {
        assert_eq!(check(&"𝄞".repeat(256)), Ok(()));
        assert_eq!(check(&"a b".repeat(86)), Err(WeakPassword::TooLong));
        assert_eq!(check(&"𝄞".repeat(257)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn the_list_is_sorted_lower_case_and_holds_only_what_the_length_lets_through() {
        let lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.is_sorted());
        assert_eq!(COMMON_SET.len(), lines.len(), "no line twice");
        for line in lines {
            assert!(line.chars().count() >= PASSWORD_CHARACTERS_MIN && line == line.to_lowercase(), "{line}");
        }
    }
}
