//! Search in folded texts: where case and accents do not matter.
//!
//! How a text is folded is said with the filter.

pub use crate::filter::fold;
pub(super) use crate::filter::folded;

/// Whether a text has, folded, another in it that is folded already. An ASCII text is not copied.
pub(super) fn folded_contains(text: &str, part: &str) -> bool {
    let Some((first, rest)) = part.as_bytes().split_first() else { return true };
    if !text.is_ascii() {
        return folded(text).contains(part);
    }
    let text = text.as_bytes();
    (0..text.len()).any(|at| {
        text.get(at).is_some_and(|byte| byte.to_ascii_lowercase() == *first)
            && text.get(at + 1..=at + rest.len()).is_some_and(|behind| behind.eq_ignore_ascii_case(rest))
    })
}

/// Which pairs of neighbouring bytes a folded text has, each hashed to one of 128 bits. A text can only lie in another
/// that has all its bits: that is tested without looking at the text.
pub(super) fn grams(folded: &str) -> u128 {
    /// Spreads a pair over 16 bits, of which the upper seven are taken (2^16 divided by the golden ratio, made odd).
    const SPREAD: u16 = 40_503;
    let bytes = folded.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    pairs.fold(0, |grams, (a, b)| grams | 1 << (u16::from_be_bytes([*a, *b]).wrapping_mul(SPREAD) >> 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(fold("Größe ÉTÉ ﬁx"), fold("größe été fix"));
        assert_eq!(fold("LOGIN fails"), "login fails");
    }

    #[test]
    fn a_part_is_found_whatever_its_case_and_place() {
        for (text, part) in [("Login FAILS", "fails"), ("Größe", "roß"), ("aab", "ab"), ("any", "")] {
            assert!(folded_contains(text, &fold(part)), "{text} {part}");
        }
        for (text, part) in [("Login", "logins"), ("", "a"), ("ab", "ba")] {
            assert!(!folded_contains(text, part), "{text} {part}");
        }
    }

    #[test]
    fn a_text_has_all_pairs_of_what_lies_in_it() {
        let (text, part) = (grams("the export button is slow"), grams("button i"));
        assert_eq!(text & part, part);
        assert_ne!(grams("the export button") & grams("mobile login"), grams("mobile login"));
    }
}
