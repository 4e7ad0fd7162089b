//! Folding of texts, so that case and accents do not matter: what a folded [`TextTest`](super::TextTest) compares.
//!
//! Letters that people write in another way when their keyboard has none are spelt out: `ß` is `ss`. What a search does
//! besides, with words, is its own affair.
//!
//! A text folds letter by letter: a text that has another in it has, folded, the other folded in it too.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text in lower case and without accents: decomposed (NFKD), marks dropped, letters spelt out.
#[must_use]
pub fn fold(text: &str) -> String {
    folded(text).into_owned()
}

/// [`fold`] that copies only what changes.
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let plain = text.nfkd().filter(|c| !is_combining_mark(*c));
        let mut folded = String::with_capacity(text.len());
        for letter in plain.flat_map(char::to_lowercase) {
            match spelt_out(letter) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(letter),
            }
        }
        return Cow::Owned(folded);
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// Letters that decompose into nothing, and that people write without when their keyboard has none; in lower case.
#[must_use]
pub(crate) const fn spelt_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_a_keyboard_may_lack_are_spelt_out() {
        for (text, folded) in [
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Œuvre Ærø", "oeuvre aero"),
            ("Łódź", "lodz"),
            ("ΛΌΓΟΣ λόγος", "λογοσ λογοσ"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }
}
