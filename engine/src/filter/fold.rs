//! Folding of texts, so that case and accents do not matter: what a folded [`TextTest`](super::TextTest) compares.
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
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let plain = text.nfkd().filter(|c| !is_combining_mark(*c));
        return Cow::Owned(plain.flat_map(char::to_lowercase).collect());
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}
