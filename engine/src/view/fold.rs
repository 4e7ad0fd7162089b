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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(fold("Größe ÉTÉ ﬁx"), fold("größe été fix"));
        assert_eq!(fold("LOGIN fails"), "login fails");
    }

    #[test]
    fn a_text_has_folded_what_it_has() {
        for (text, part) in [("Login FAILS", "FAILS"), ("Größe", "röß"), ("ﬁx It", "ﬁx"), ("ΑΣ Β", "Σ")]
        {
            assert!(text.contains(part) && fold(text).contains(&fold(part)), "{text} {part}");
        }
    }
}
