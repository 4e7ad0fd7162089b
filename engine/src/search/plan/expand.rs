//! What else counts as a word: words that begin with it, and words like it, as the dictionaries of the index hold them.
//!
//! It keeps the most frequent ones within a bound, and says when there were more.

use super::super::bounds::{EXPANSIONS_PER_WORD_MAX, WORDS_SCANNED_MAX};
use super::super::document::{Field, Fields};
use super::super::fault::Fault;
use super::super::snapshot::{Kind, Place, Snapshot};
use super::Word;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
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

/// Words of the index that begin so, the most frequent first, and whether there are more.
pub(super) fn beginning(
    snapshot: &Snapshot,
    fields: Fields,
    start: &str,
) -> Result<(Vec<Found>, bool), Fault> {
    let mut found: FxHashMap<Vec<u8>, Vec<Place>> = FxHashMap::default();
    let mut is_cut = false;
    for (number, segment) in snapshot.segments.iter().enumerate() {
        for field in fields.iter() {
            let mut stream =
                segment.dictionary(Kind::Written, field).terms().range().ge(start).into_stream()?;
            let mut scanned = 0;
            while let Some((word, info)) =
                stream.next().filter(|(word, _)| word.starts_with(start.as_bytes()))
            {
                scanned += 1;
                if scanned > WORDS_SCANNED_MAX
                    || (found.len() >= WORDS_SCANNED_MAX && !found.contains_key(word))
                {
                    is_cut = true;
                    break;
                }
                let place = Place { segment: number, field, info: info.clone() };
                match found.get_mut(word) {
                    Some(places) => places.push(place),
                    None => drop(found.insert(word.to_vec(), vec![place])),
                }
            }
        }
    }
    let (kept, more) = most_frequent(found, EXPANSIONS_PER_WORD_MAX);
    Ok((kept, is_cut || more))
}

/// Words that are like another, and by how many letters they differ from it at most.
pub(super) struct Alike {
    pub(super) words: Vec<Found>,
    pub(super) distance: usize,
    pub(super) is_cut: bool,
}

/// Words of the index that differ by at most so many letters: of all those the closest, the most frequent first.
pub(super) fn near(snapshot: &Snapshot, fields: Fields, word: &Word, letters: usize) -> Result<Alike, Fault> {
    let mut found: FxHashMap<Vec<u8>, Vec<Place>> = FxHashMap::default();
    let mut is_cut = false;
    // The automaton is made of the word alone: which column the term names does not matter to it.
    let term = Term::from_field_text(Column::from_field_id(0), &word.folded);
    let query = FuzzyTermQuery::new(term, u8::try_from(letters).unwrap_or(u8::MAX), true);
    for (number, segment) in snapshot.segments.iter().enumerate() {
        for field in fields.iter() {
            let dictionary = segment.dictionary(Kind::Written, field).terms();
            let mut stream = dictionary.search(query.automaton()?).into_stream()?;
            while let Some((like, info)) = stream.next() {
                if found.len() >= WORDS_SCANNED_MAX {
                    is_cut = true;
                    break;
                }
                let place = Place { segment: number, field, info: info.clone() };
                match found.get_mut(like) {
                    Some(places) => places.push(place),
                    None => drop(found.insert(like.to_vec(), vec![place])),
                }
            }
        }
    }
    let (mut words, _) = most_frequent(found, usize::MAX);
    words.retain(|found| !word.is_itself(&found.text));
    let apart = |found: &Found| distance(&word.folded, &found.text, letters);
    let closest = words.iter().filter_map(apart).min().unwrap_or(letters);
    words.retain(|found| apart(found).is_some_and(|apart| apart <= closest));
    is_cut |= words.len() > EXPANSIONS_PER_WORD_MAX;
    words.truncate(EXPANSIONS_PER_WORD_MAX);
    Ok(Alike { words, distance: closest, is_cut })
}

fn most_frequent(found: FxHashMap<Vec<u8>, Vec<Place>>, keep: usize) -> (Vec<Found>, bool) {
    let text = |bytes| String::from_utf8(bytes).ok();
    let mut found: Vec<Found> =
        found.into_iter().filter_map(|(word, places)| Some(Found { text: text(word)?, places })).collect();
    found.sort_by_cached_key(|found| (Reverse(documents(&found.places)), found.text.clone()));
    let more = found.len() > keep;
    found.truncate(keep);
    (found, more)
}

/// Letters by which another word may differ from this one and still be taken for it.
pub(super) fn forgiven(word: &str) -> usize {
    if word.chars().any(|c| c.is_numeric()) {
        return 0;
    }
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// By how many letters two words differ, where two swapped neighbours are one difference; none if more than `most`.
pub(in crate::search) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (row, letter_a) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut previous_b = None;
        for (column, letter_b) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let swapped = if previous_a == Some(letter_b) && previous_b == Some(letter_a) {
                cell(&before_last, column.wrapping_sub(1)) + 1
            } else {
                usize::MAX
            };
            let changed = cell(&last, column) + usize::from(letter_a != letter_b);
            let moved = cell(&last, column + 1).min(cell(&current, column)) + 1;
            current.push(changed.min(moved).min(swapped));
            previous_b = Some(letter_b);
        }
        if current.iter().all(|differences| *differences > most) {
            return None;
        }
        previous_a = Some(letter_a);
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|differences| *differences <= most)
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
    fn short_words_and_numbers_must_be_spelt_right() {
        assert_eq!(["api", "form", "handshake", "tls13handshake"].map(forgiven), [0, 1, 2, 0]);
    }
}
