//! What folding takes from a title, so that it is kept once, folded, and can still be read as it was written.
//!
//! Most titles are ASCII and differ from their folded form by a few capitals: those are kept as the distances between
//! them. Any other title that changes when it is folded is kept whole.

use std::borrow::Cow;

/// In front of a title that is kept whole. No list of distances begins so.
const WHOLE: u8 = 0;

/// So far and on: a step of a distance that is too long for one byte. A smaller byte ends a distance, at a capital.
const ONWARD: u8 = u8::MAX;

/// What is kept of a title beside its folded form; nothing when they are the same.
pub(super) fn of(title: &str, folded: &str) -> Box<[u8]> {
    if title == folded {
        return Box::default();
    }
    if !title.is_ascii() {
        return [&[WHOLE], title.as_bytes()].concat().into();
    }
    let (mut kept, mut behind) = (Vec::new(), 0);
    for (at, _) in title.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()) {
        let mut distance = at + 1 - behind;
        while distance >= usize::from(ONWARD) {
            kept.push(ONWARD);
            distance -= usize::from(ONWARD) - 1;
        }
        kept.push(u8::try_from(distance).unwrap_or(ONWARD));
        behind = at + 1;
    }
    kept.into()
}

/// The title as it was written.
pub(super) fn restored<'a>(folded: &'a str, kept: &'a [u8]) -> Cow<'a, str> {
    match kept.split_first() {
        None => Cow::Borrowed(folded),
        Some((&WHOLE, whole)) => String::from_utf8_lossy(whole),
        Some(_) => {
            let (mut bytes, mut behind) = (folded.as_bytes().to_vec(), 0);
            for step in kept {
                behind += usize::from(*step) - usize::from(*step == ONWARD);
                if *step != ONWARD {
                    bytes.get_mut(behind.wrapping_sub(1)).into_iter().for_each(|b| b.make_ascii_uppercase());
                }
            }
            Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(title: &str) -> usize {
        let folded = fold(title);
        let kept = of(title, &folded);
        assert_eq!(restored(&folded, &kept), title);
        kept.len()
    }

    #[test]
    fn a_title_without_capitals_keeps_nothing_and_one_with_some_a_byte_for_each() {
        assert_eq!(check("login fails"), 0);
        assert_eq!(check("Login fails in API"), 4);
        assert_eq!(check(&format!("{}A{}B", "x".repeat(253), "x".repeat(254))), 3);
        assert_eq!(check(&format!("{}A", "x".repeat(2_000))), 8);
        assert_eq!(check(""), 0);
        assert!(check("Größe") > 0);
        assert_eq!(check("日本語"), 0);
    }

    proptest! {
        #[test]
        fn every_title_reads_back(title in "[a-cA-C éÉß日]{0,300}", far in "[a]{0,600}") {
            check(&title);
            check(&format!("{far}A{far}{far}A{title}"));
        }
    }
}
