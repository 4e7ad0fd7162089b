//! What else counts as a word: words that begin with it, and words like it, as the dictionaries of the index hold them.
//!
//! It keeps the most frequent ones within a bound, and says when there were more.

use super::super::bounds::{
    EXPANSIONS_PER_WORD_MAX, WORD_CHARS_MAX, WORDS_SCANNED_MAX, WORDS_SCANNED_PER_WORD_MAX,
};
use super::super::document::{Field, Fields};
use super::super::fault::Fault;
use super::super::snapshot::{Kind, Place, Snapshot};
use super::Word;
use rustc_hash::FxHashMap;
use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field as Column;

/// A word of the index that stands for another.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) places: Vec<Place>,
}

/// Documents that have one of these: of the field that has most, since the same issues have it in the others.
pub(super) fn documents(places: &[Place]) -> u64 {
    let in_field = |field: Field| {
        let there = places.iter().filter(|place| place.field == field);
        there.map(|place| u64::from(place.info.doc_freq)).sum()
    };
    Field::ALL.into_iter().map(in_field).max().unwrap_or_default()
}

/// How many words of the dictionaries may still be looked at.
#[derive(Debug)]
pub(super) struct Scans {
    left: usize,
}

impl Scans {
    pub(super) const fn new() -> Self {
        Self { left: WORDS_SCANNED_MAX }
    }

    /// As many as the next word of the query may have.
    fn of_word(&self) -> usize {
        self.left.min(WORDS_SCANNED_PER_WORD_MAX)
    }
}

/// Words found in the dictionaries, before the most frequent are known.
type Words = FxHashMap<Vec<u8>, Vec<Place>>;

fn add(words: &mut Words, word: &[u8], place: Place) {
    match words.get_mut(word) {
        Some(places) => places.push(place),
        None => drop(words.insert(word.to_vec(), vec![place])),
    }
}

/// Words of the index that begin so, the most frequent first, and whether there are more.
pub(super) fn beginning(
    snapshot: &Snapshot,
    fields: Fields,
    start: &str,
    scans: &mut Scans,
) -> Result<(Vec<Found>, bool), Fault> {
    let mut words = Words::default();
    let mut is_cut = false;
    let mut left = scans.of_word();
    let mut dictionaries = snapshot.segments.len() * fields.iter().count();
    for (segment, field, dictionary) in snapshot.dictionaries(Kind::Written, fields) {
        // Each dictionary has its share, so that a long one does not hide the others.
        let share = left.checked_div(dictionaries).unwrap_or_default();
        dictionaries = dictionaries.saturating_sub(1);
        let mut scanned = 0;
        let mut stream = dictionary.range().ge(start).into_stream()?;
        while let Some((word, info)) = stream.next().filter(|(word, _)| word.starts_with(start.as_bytes())) {
            if scanned == share {
                is_cut = true;
                break;
            }
            scanned += 1;
            add(&mut words, word, Place { segment, field, info: info.clone() });
        }
        left = left.saturating_sub(scanned);
        scans.left = scans.left.saturating_sub(scanned);
    }
    let mut found = most_frequent(words);
    is_cut |= found.len() > EXPANSIONS_PER_WORD_MAX;
    found.truncate(EXPANSIONS_PER_WORD_MAX);
    Ok((found, is_cut))
}

/// Words that are like another, and by how many letters they differ from it at most.
pub(super) struct Alike {
    pub(super) words: Vec<Found>,
    pub(super) distance: usize,
    pub(super) is_cut: bool,
}

/// Words of the index that differ by at most so many letters: of all those the closest, the most frequent first.
pub(super) fn near(
    snapshot: &Snapshot,
    fields: Fields,
    word: &Word,
    letters: usize,
    scans: &mut Scans,
) -> Result<Alike, Fault> {
    let mut words = Words::default();
    let mut is_cut = false;
    let most = scans.of_word();
    let mut scanned = 0;
    // The automaton is made of the word alone: which column the term names does not matter to it.
    let term = Term::from_field_text(Column::from_field_id(0), &word.folded);
    let automaton = FuzzyTermQuery::new(term, u8::try_from(letters).unwrap_or(u8::MAX), true).automaton()?;
    for (segment, field, dictionary) in snapshot.dictionaries(Kind::Written, fields) {
        let mut stream = dictionary.search(&automaton).into_stream()?;
        while let Some((like, info)) = stream.next() {
            if scanned == most {
                is_cut = true;
                break;
            }
            scanned += 1;
            add(&mut words, like, Place { segment, field, info: info.clone() });
        }
    }
    scans.left = scans.left.saturating_sub(scanned);
    let mut found = most_frequent(words);
    found.retain(|found| !word.is_itself(&found.text));
    let apart = |found: &Found| distance(&word.folded, &found.text, letters);
    let closest = found.iter().filter_map(apart).min().unwrap_or(letters);
    found.retain(|found| apart(found).is_some_and(|apart| apart <= closest));
    is_cut |= found.len() > EXPANSIONS_PER_WORD_MAX;
    found.truncate(EXPANSIONS_PER_WORD_MAX);
    Ok(Alike { words: found, distance: closest, is_cut })
}

fn most_frequent(words: Words) -> Vec<Found> {
    let found = words.into_iter().filter_map(|(word, places)| {
        let text = String::from_utf8(word).ok()?;
        Some((documents(&places), Found { text, places }))
    });
    let mut found: Vec<(u64, Found)> = found.collect();
    found.sort_unstable_by(|(few, a), (many, b)| many.cmp(few).then_with(|| a.text.cmp(&b.text)));
    found.into_iter().map(|(_, found)| found).collect()
}

/// Letters of the longest word in which typos are forgiven: the automaton of a longer one takes megabytes.
const FORGIVEN_MAX: usize = 32;

/// Letters by which another word may differ from this one and still be taken for it.
pub(super) fn forgiven(word: &str) -> usize {
    if word.chars().any(|c| c.is_numeric()) {
        return 0;
    }
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        8..=FORGIVEN_MAX => 2,
        _ => 0,
    }
}

/// The longest word that is compared letter by letter: folding makes two letters of some.
const LETTERS_MAX: usize = 2 * WORD_CHARS_MAX;

/// By how many letters two words differ, where two swapped neighbours are one difference; none if more than `most`.
pub(in crate::search) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (columns, rows) = (a.chars().count(), b.chars().count());
    if columns.abs_diff(rows) > most || columns > LETTERS_MAX {
        return None;
    }
    // Each row says, for every beginning of `a`, by how many letters it differs from a beginning of `b`.
    let mut before_last = [0_usize; LETTERS_MAX + 1];
    let mut last = before_last;
    for (column, differences) in last.iter_mut().enumerate() {
        *differences = column;
    }
    let mut letter_before = None;
    for (row, letter) in (1..).zip(b.chars()) {
        let mut current = [row; LETTERS_MAX + 1];
        let (mut left, mut fewest, mut a_before) = (row, row, None);
        let above = last.iter().zip(last.iter().skip(1));
        let two_above = std::iter::once(&usize::MAX).chain(&before_last);
        let cells = current.iter_mut().skip(1).zip(a.chars()).zip(above).zip(two_above);
        for (((cell, a_letter), (diagonal, above)), swapped) in cells {
            let mut differences = (diagonal + usize::from(a_letter != letter)).min(above.min(&left) + 1);
            if a_before == Some(letter) && letter_before == Some(a_letter) {
                differences = differences.min(swapped.saturating_add(1));
            }
            *cell = differences;
            (left, fewest, a_before) = (differences, fewest.min(differences), Some(a_letter));
        }
        if fewest > most {
            return None;
        }
        letter_before = Some(letter);
        before_last = std::mem::replace(&mut last, current);
    }
    last.get(columns).copied().filter(|differences| *differences <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_counted_as_people_make_them() {
        for (a, b, expected) in [
            ("login", "login", Some(0)),
            ("login", "logni", Some(1)),
            ("login", "logn", Some(1)),
            ("handshake", "hadnshaek", Some(2)),
            ("größe", "grösse", Some(2)),
            ("login", "pagan", None),
            ("", "ab", Some(2)),
        ] {
            assert_eq!(distance(a, b, 2), expected, "{a} {b}");
            assert_eq!(distance(b, a, 2), expected, "{b} {a}");
        }
    }

    #[test]
    fn short_words_very_long_words_and_numbers_must_be_spelt_right() {
        assert_eq!(["api", "form", "handshake", "tls13handshake"].map(forgiven), [0, 1, 2, 0]);
        assert_eq!(forgiven(&"x".repeat(FORGIVEN_MAX + 1)), 0);
    }
}
