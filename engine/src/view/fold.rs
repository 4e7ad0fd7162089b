//! Search in folded texts: where case and accents do not matter.
//!
//! How a text is folded is said with the filter.

pub use crate::filter::fold;
pub(super) use crate::filter::folded;

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
