//! Grams: pairs of neighbouring letters of the folded titles, so that a part of a title is looked for where it can be.
//!
//! Each pair of bytes, the beginning and the end of the title taken as bytes too, belongs to one of 128 classes, and each
//! class has a bitmap. A title can only have a text in it when it is in the bitmaps of all the text's pairs.

use super::family::Family;
use roaring::RoaringBitmap;

/// Classes of pairs. More would find fewer titles in vain and take more memory: at most a bit of each title for each.
const CLASSES: usize = 128;

/// What stands before and behind a title. No text has these bytes.
const START: u8 = 0xFE;
const END: u8 = 0xFF;

/// Where in a title a text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Start,
    End,
    Whole,
}

/// The classes of a text's pairs, a bit for each.
pub(super) fn classes(text: &str, place: Place) -> u128 {
    /// Spreads a pair over 16 bits, of which the upper seven are taken (2^16 divided by the golden ratio, made odd).
    const SPREAD: u16 = 40_503;
    let start = matches!(place, Place::Start | Place::Whole).then_some(START);
    let end = matches!(place, Place::End | Place::Whole).then_some(END);
    let mut before = None;
    start.into_iter().chain(text.bytes()).chain(end).fold(0, |classes, byte| {
        let pair = before.replace(byte).map(|before| u16::from_be_bytes([before, byte]));
        pair.map_or(classes, |pair| classes | 1 << (pair.wrapping_mul(SPREAD) >> 9))
    })
}

/// The bitmaps of these titles, the first of ordinal 0, made at once.
pub(super) fn built<'a>(titles: impl ExactSizeIterator<Item = &'a str>) -> Family<u8> {
    let len = titles.len().div_ceil(64) * size_of::<u64>();
    let mut bits: Vec<Vec<u8>> = (0..CLASSES).map(|_| Vec::with_capacity(len)).collect();
    let mut titles = titles.peekable();
    while titles.peek().is_some() {
        let mut words = [0_u64; CLASSES];
        for (place, title) in titles.by_ref().take(64).enumerate() {
            each_class(classes(title, Place::Whole), |class| {
                words.get_mut(usize::from(class)).into_iter().for_each(|word| *word |= 1 << place);
            });
        }
        bits.iter_mut().zip(words).for_each(|(bits, word)| bits.extend_from_slice(&word.to_le_bytes()));
    }
    let mut family = Family::default();
    for (class, bits) in (0..).zip(&bits) {
        family.put(class, RoaringBitmap::from_lsb0_bytes(0, bits));
    }
    family
}

/// Notes that an issue has another title than before.
pub(super) fn change(family: &mut Family<u8>, ordinal: u32, old: Option<&str>, new: &str) {
    let (old, new) = (old.map_or(0, |title| classes(title, Place::Whole)), classes(new, Place::Whole));
    each_class(old & !new, |class| {
        let code = family.code(class);
        family.leave(code, ordinal);
    });
    each_class(new & !old, |class| {
        let code = family.code(class);
        family.enter(code, ordinal);
    });
}

/// Those of `candidates` whose title may have this folded text there.
pub(super) fn likely(
    family: &Family<u8>,
    text: &str,
    place: Place,
    candidates: &RoaringBitmap,
) -> RoaringBitmap {
    let mut sets = Vec::new();
    each_class(classes(text, place), |class| sets.push(family.of(&class)));
    let Some(mut sets) = sets.into_iter().collect::<Option<Vec<_>>>() else { return RoaringBitmap::new() };
    // The rarest first: the others then meet less.
    sets.sort_by_cached_key(|set| set.len());
    sets.into_iter().fold(candidates.clone(), |left, set| left & set)
}

fn each_class(classes: u128, mut see: impl FnMut(u8)) {
    let mut rest = classes;
    while rest != 0 {
        // A word of 128 bits has fewer than 128 zeros in front when it is not zero.
        see(u8::try_from(rest.trailing_zeros()).unwrap_or_default());
        rest &= rest - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::bitmaps::Bitmaps;
    use super::*;

    #[test]
    fn a_title_is_likely_to_have_every_part_of_it_in_its_place() {
        let titles = ["the export button is slow", "mobile login", "", "é"];
        let family = built(titles.iter().copied());
        let all = (0..4).collect();
        let likely = |text, place| likely(&family, text, place, &all);
        assert!(likely("button i", Place::Anywhere).contains(0));
        assert!(likely("the e", Place::Start).contains(0) && likely("login", Place::End).contains(1));
        assert!(likely("mobile login", Place::Whole).contains(1) && likely("", Place::Whole).contains(2));
        assert!(!likely("mobile login", Place::Anywhere).contains(0));
        assert!(!likely("export", Place::Start).contains(1));
        assert_eq!(likely("x", Place::Anywhere), all);
        assert!(likely("é", Place::Whole).contains(3));
    }

    #[test]
    fn what_changes_one_by_one_is_what_is_built_at_once() {
        let mut family = Family::default();
        for (ordinal, (before, after)) in (0..).zip([("one title", "another"), ("", "b"), ("c", "c")]) {
            change(&mut family, ordinal, None, before);
            change(&mut family, ordinal, Some(before), after);
        }
        assert!(family.agrees(&built(["another", "b", "c"].into_iter())));
    }
}
