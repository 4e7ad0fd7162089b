//! Judges documents that are not in the index yet, by the same plan as those that are.
//!
//! What a commit does not hold (the *tail*) is matched in memory, so that a search sees every write. It does not know
//! which documents these are: whoever follows the log keeps them.

use super::document::{Document, Field};
use super::fold::{fold_into, lower_into};
use super::judge::{Verdict, keep_side_by_side};
use super::language::{Language, Stemmer};
use super::plan::{Clause, Plan, Reason, Word, distance};
use super::run::better;
use super::schema::key_term;
use super::score::{BEGINNING, KEY, Occurs, closeness};
use super::snapshot::Kind;
use super::split::Words;
use crate::id::IssueId;
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use tantivy::fieldnorm::FieldNormReader;

/// A document of the tail, its words found and sorted once for all searches.
#[derive(Debug, Clone)]
pub struct TailDocument {
    id: IssueId,
    keys: Vec<String>,
    parts: Vec<[Text; 3]>,
    signals: (i64, bool),
}

/// A field of a part.
#[derive(Debug, Clone)]
struct Text {
    written: Terms,
    stems: Terms,
    norm: u8,
}

/// Terms in order, each with its places.
#[derive(Debug, Clone, Default)]
struct Terms {
    letters: String,
    entries: Vec<Entry>,
    places: Vec<u32>,
}

/// Where a term's letters and places end; both begin where those of the term before end.
#[derive(Debug, Clone, Copy)]
struct Entry {
    letters_end: u32,
    places_end: u32,
}

impl TailDocument {
    /// Finds the words of a document.
    #[must_use]
    pub fn new(document: &Document, language: Language) -> Self {
        let mut stemmer = Stemmer::new(language);
        let parts = document.parts();
        let parts =
            parts.iter().map(|part| part.each_ref().map(|text| Text::of(text, &mut stemmer))).collect();
        Self {
            id: document.id,
            keys: document.keys.iter().map(|key| key_term(key)).collect(),
            parts,
            signals: (document.updated_at.millis(), document.is_open),
        }
    }

    /// The issue.
    #[must_use]
    pub const fn id(&self) -> IssueId {
        self.id
    }

    /// Bytes it takes in memory, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let keys: usize = self.keys.iter().map(|key| key.len() + size_of::<String>()).sum();
        let parts = self.parts.iter().flatten().map(|text| text.written.bytes() + text.stems.bytes());
        size_of::<Self>() + keys + self.parts.len() * size_of::<[Text; 3]>() + parts.sum::<usize>()
    }
}

impl Text {
    fn of(text: &str, stemmer: &mut Stemmer) -> Self {
        let mut written: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let mut stems: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let (mut lower, mut folded, mut words) = (String::new(), String::new(), 0);
        for word in Words::of(text) {
            lower_into(word.raw, &mut lower);
            fold_into(&lower, &mut folded);
            if folded.is_empty() {
                continue;
            }
            words += 1;
            if let Some(stem) = stemmer.stem(&lower).filter(|stem| *stem != folded) {
                note(&mut stems, stem, word.position);
            }
            note(&mut written, &folded, word.position);
        }
        Self { written: written.into(), stems: stems.into(), norm: FieldNormReader::fieldnorm_to_id(words) }
    }

    const fn terms(&self, kind: Kind) -> &Terms {
        match kind {
            Kind::Written => &self.written,
            Kind::Stem => &self.stems,
        }
    }
}

fn note(terms: &mut FxHashMap<String, Vec<u32>>, term: &str, place: u32) {
    match terms.get_mut(term) {
        Some(places) => places.push(place),
        None => drop(terms.insert(term.to_owned(), vec![place])),
    }
}

impl From<FxHashMap<String, Vec<u32>>> for Terms {
    fn from(found: FxHashMap<String, Vec<u32>>) -> Self {
        let mut sorted: Vec<(String, Vec<u32>)> = found.into_iter().collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut terms = Self::default();
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        for (term, places) in sorted {
            terms.letters.push_str(&term);
            terms.places.extend(places);
            let entry = Entry { letters_end: end(terms.letters.len()), places_end: end(terms.places.len()) };
            terms.entries.push(entry);
        }
        terms
    }
}

impl Terms {
    fn bytes(&self) -> usize {
        self.letters.len() + self.entries.len() * size_of::<Entry>() + self.places.len() * size_of::<u32>()
    }

    fn get(&self, number: usize) -> Option<(&str, &[u32])> {
        let end = self.entries.get(number)?;
        let before = number.checked_sub(1).and_then(|before| self.entries.get(before));
        let (letters, places) = before.map_or((0, 0), |before| (before.letters_end, before.places_end));
        let letters = self.letters.get(letters as usize..end.letters_end as usize)?;
        Some((letters, self.places.get(places as usize..end.places_end as usize)?))
    }

    /// The first term that is not before this one.
    fn find(&self, term: &str) -> usize {
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(|(there, _)| there < term) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        low
    }

    fn places(&self, term: &str) -> &[u32] {
        self.get(self.find(term)).filter(|(there, _)| *there == term).map_or(&[], |(_, places)| places)
    }

    fn from(&self, start: usize) -> impl Iterator<Item = (&str, &[u32])> {
        (start..self.entries.len()).filter_map(|number| self.get(number))
    }
}

impl Plan {
    /// The score of a document that is not in the index, if it is a hit.
    pub(super) fn judge_tail(&self, document: &TailDocument, now: Timestamp) -> Option<f32> {
        let points = self.points_of(document)?;
        let closeness = document.parts.iter().map(|part| self.closeness_in(part)).fold(0.0, f32::max);
        Some(self.score(points, closeness, document.signals, now))
    }

    /// The points of a document, if it is a hit.
    pub(super) fn points_of(&self, document: &TailDocument) -> Option<f32> {
        let mut verdicts = vec![None; self.clauses.len()];
        for part in &document.parts {
            for (clause, best) in self.clauses.iter().zip(&mut verdicts) {
                *best = better(*best, self.judge_part(clause, part, &document.keys));
            }
        }
        self.decide(&verdicts)
    }

    fn closeness_in(&self, part: &[Text; 3]) -> f32 {
        self.closeness(|[first, second], field| {
            let places = |at: usize| self.clauses.get(at).map(|clause| itself_places(clause, part, field));
            closeness(&places(first).unwrap_or_default(), &places(second).unwrap_or_default())
        })
    }

    fn judge_part(&self, clause: &Clause, part: &[Text; 3], keys: &[String]) -> Verdict {
        let mut occurs = Occurs::default();
        for (text, field) in part.iter().zip(Field::ALL).filter(|(_, field)| clause.fields.has(*field)) {
            let one = self.worth.of_one(field, text.norm);
            match clause.words.as_slice() {
                [word] => each_term(word, text, |reason, weight, places| {
                    let sum = if reason == Reason::Like { &mut occurs.near } else { &mut occurs.good };
                    *sum += weight * places.len() as f32 * one;
                }),
                words => occurs.good += side_by_side(words, text) as f32 * one,
            }
        }
        let verdict = occurs.any().then(|| occurs.points(clause.rarity));
        let is_key = clause.keys.iter().any(|(key, _)| keys.contains(key));
        if is_key { Some(verdict.unwrap_or_default() + KEY) } else { verdict }
    }
}

/// Calls for each term of a text that counts as a word.
fn each_term(word: &Word, text: &Text, mut on_term: impl FnMut(Reason, f32, &[u32])) {
    for term in word.terms.iter().filter(|term| word.is_listed(term.reason)) {
        let places = text.terms(term.kind).places(&term.text);
        if !places.is_empty() {
            on_term(term.reason, term.weight, places);
        }
    }
    if word.beginning.is_some_and(|rule| !rule.is_cut) {
        let from = text.written.from(text.written.find(&word.folded));
        for (term, places) in from.take_while(|(term, _)| term.starts_with(&word.folded)) {
            if !word.is_itself(term) {
                on_term(Reason::Begins, BEGINNING, places);
            }
        }
    }
    if let Some(rule) = word.near.filter(|rule| !rule.is_cut) {
        for (term, places) in text.written.from(0) {
            if !word.is_itself(term) && distance(&word.folded, term, rule.distance).is_some() {
                on_term(Reason::Like, 1.0, places);
            }
        }
    }
}

/// How often words stand side by side in a text.
fn side_by_side(words: &[Word], text: &Text) -> usize {
    let mut starts = Vec::new();
    for (behind, word) in (0_u32..).zip(words) {
        let mut places = Vec::new();
        each_term(word, text, |_, _, there| places.extend_from_slice(there));
        places.sort_unstable();
        places.dedup();
        keep_side_by_side(&mut starts, &places, behind);
        if starts.is_empty() {
            return 0;
        }
    }
    starts.len()
}

/// The places of a clause's one word, as it is written or by its stem.
fn itself_places(clause: &Clause, part: &[Text; 3], field: Field) -> Vec<u32> {
    let mut places = Vec::new();
    let text = part.get(field.place()).filter(|_| clause.fields.has(field));
    for term in clause.words.iter().flat_map(|word| &word.terms).filter(|term| term.reason == Reason::Same) {
        places.extend_from_slice(text.map_or(&[], |text| text.terms(term.kind).places(&term.text)));
    }
    places.sort_unstable();
    places.dedup();
    places
}
