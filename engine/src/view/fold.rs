//! Folding of texts, so that case and accents do not matter.
//!
//! A text folds letter by letter: a text that has another in it has, folded, the other folded in it too.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text in lower case and without accents: decomposed (NFKD), marks dropped.
#[must_use]
pub fn fold(text: &str) -> String {
    folded(text).into_owned()
}

/// [`fold`] that copies only what changes.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let plain = text.nfkd().filter(|c| !is_combining_mark(*c));
        return Cow::Owned(plain.flat_map(char::to_lowercase).collect());
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

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

/// What changes when texts come to fold otherwise: what was derived from them before is then no longer right.
pub(super) fn edition() -> String {
    const SAMPLE: &str = "Größe ÉTÉ ﬁx İstanbul ΣΑΣ Ⅷ 日本語 Åse";
    let folded = fold(SAMPLE);
    let (unicode, letters) = (unicode_normalization::UNICODE_VERSION, char::UNICODE_VERSION);
    format!("{folded} {:x} {:?} {unicode:?} {letters:?}", grams(&folded), super::cell::Head::of(&folded))
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
