//! Search in folded texts: where case and accents do not matter.
//!
//! How a text is folded is said with the filter.

pub use crate::filter::fold;
pub(super) use crate::filter::folded;

use super::capitals;
use super::cell::Head;
use super::grams::{Place, classes};

/// What changes when texts come to fold otherwise, or when what is kept of folded texts does: what was derived from them
/// before is then no longer right.
pub(super) fn edition() -> String {
    const SAMPLE: &str = "Größe ÉTÉ ﬁx İstanbul ΣΑΣ Ⅷ 日本語 Åse";
    let folded = fold(SAMPLE);
    let (pairs, head) = (classes(&folded, Place::Whole), Head::of(&folded));
    let (taken, ascii) = (capitals::of(SAMPLE, &folded), capitals::of("Login FAILS", "login fails"));
    let (unicode, letters) = (unicode_normalization::UNICODE_VERSION, char::UNICODE_VERSION);
    format!("{folded} {pairs:x} {head:?} {taken:?} {ascii:?} {unicode:?} {letters:?}")
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
