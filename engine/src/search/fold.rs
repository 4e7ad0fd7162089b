//! Folding of single words, so that case and accents do not matter when they are compared.
//!
//! Marks that only colour a letter go (Latin, Greek, Cyrillic accents, Arabic and Hebrew vowel points); those that are
//! letters of their script stay (Tamil, Thai, Japanese). It does not know where words begin.

use crate::filter::spelt_out;
use unicode_normalization::UnicodeNormalization as _;

/// A word as it is stemmed: in lower case, composed (NFC), without invisible characters.
pub(super) fn lower(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    lower_into(raw, &mut out);
    out
}

/// [`lower`] into a buffer that is kept.
pub(super) fn lower_into(raw: &str, out: &mut String) {
    out.clear();
    if raw.is_ascii() {
        out.push_str(raw);
        out.make_ascii_lowercase();
    } else {
        out.extend(raw.chars().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).nfc());
    }
}

/// A word in lower case as it is compared: without accents, compatibility forms made plain.
pub(super) fn fold(lower: &str) -> String {
    let mut out = String::with_capacity(lower.len());
    fold_into(lower, &mut out);
    out
}

/// [`fold`] into a buffer that is kept.
pub(super) fn fold_into(lower: &str, out: &mut String) {
    out.clear();
    if lower.is_ascii() {
        out.push_str(lower);
        return;
    }
    let plain = lower.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase);
    for c in plain.nfc() {
        match spelt_out(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
}

/// Characters that are in a word and not seen: the soft hyphen, joiners.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        assert_eq!(fold(&lower(raw)), expected, "{raw}");
    }

    #[test]
    fn case_and_accents_do_not_matter() {
        for (raw, expected) in [
            ("Größe", "grosse"),
            ("E\u{301}TÉ", "ete"),
            ("Ａｂｃ", "abc"),
            ("İstanbul", "istanbul"),
            ("ΛΌΓΟΣ", "λογοσ"),
            ("Ёлка", "елка"),
            ("soft\u{AD}hyphen", "softhyphen"),
        ] {
            check(raw, expected);
        }
    }

    #[test]
    fn marks_that_are_letters_of_their_script_stay() {
        for text in ["தமிழ்", "が", "한국어", "ภาษาไทย"] {
            check(text, text);
        }
    }
}
