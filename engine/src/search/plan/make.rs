//! Makes a plan of a query, with an index or, where there is none yet, by the rules alone.

use super::super::bounds::{EXPANSIONS_MAX, EXPANSIONS_PER_WORD_MAX, FUZZY_WORDS_MAX, POSTINGS_MAX};
use super::super::document::Fields;
use super::super::fault::Fault;
use super::super::language::{Language, Stemmer};
use super::super::query::{Clause as Asked, Ending, SearchQuery, Wanted};
use super::super::score::{BEGINNING, STEM, STOP_WORD, Statistics, Worth};
use super::super::snapshot::{Kind, Place, Snapshot};
use super::expand::{Alike, Found, Scans, beginning, documents, forgiven, near};
use super::{Beginning, Clause, Near, Plan, Reason, Role, Term, Word};
use crate::error::{Error, ErrorCode, Result};
use std::ops::Range;

/// Documents that have a word as it is written; with fewer, words like it count too.
const RARE: u64 = 3;

/// Of so many plain words all must be there; of more, most.
const ALL_NEEDED_MAX: usize = 2;

/// Neighbours whose closeness counts.
const NEIGHBOURS_MAX: usize = 8;

impl Plan {
    /// The plan of a query.
    pub(in crate::search) fn make(
        query: &SearchQuery,
        language: Language,
        snapshot: Option<&Snapshot>,
    ) -> Result<Self> {
        let statistics = snapshot.map_or(Statistics::UNKNOWN, |snapshot| snapshot.statistics);
        let mut maker = Maker::new(language, snapshot);
        let roles = roles(&query.clauses, language);
        let mut clauses: Vec<Clause> = Vec::new();
        let mut asked_before: Vec<&Asked> = Vec::new();
        for (asked, role) in query.clauses.iter().zip(roles) {
            // Who asks for a word twice does not want it more.
            if asked_before.iter().any(|before| is_same(before, asked)) {
                continue;
            }
            asked_before.push(asked);
            clauses.push(maker.clause(asked, role, &statistics)?);
        }
        affordable(clauses.iter().flat_map(|clause| &clause.words).map(Word::cost).sum())?;
        let neighbours = neighbours(&clauses);
        Ok(Self {
            needed: needed(&clauses),
            clauses,
            neighbours,
            worth: Worth::of(&statistics),
            whole: None,
            narrowed: maker.narrowed,
        })
    }
}

/// Refuses to read so many entries of posting lists, if they are too many.
fn affordable(entries: u64) -> Result<()> {
    if entries <= POSTINGS_MAX {
        return Ok(());
    }
    let message = format!(
        "cannot search: the words occur {entries} times, a search reads at most {POSTINGS_MAX}: leave out common ones"
    );
    Err(Error::new(ErrorCode::TooCostly, message).with_field("text"))
}

/// Whether two clauses ask for the same, wherever they stand.
fn is_same(a: &Asked, b: &Asked) -> bool {
    Asked { at: 0..0, ..a.clone() } == Asked { at: 0..0, ..b.clone() }
}

/// Words that say little need not match, unless there are no others; of many plain words, not all need to.
fn roles(asked: &[Asked], language: Language) -> Vec<Role> {
    let lone = |asked: &Asked| match asked.words.as_slice() {
        [word] if !asked.is_exact && !asked.is_excluded && asked.ending == Ending::Whole => {
            word.lower.clone()
        }
        _ => String::new(),
    };
    let words: Vec<String> = asked.iter().map(lone).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let says_little = language.stop_words(&words);
    let anything_else = asked.iter().zip(&says_little).any(|(asked, little)| !asked.is_excluded && !little);
    let is_plain = |(asked, little): (&Asked, bool)| {
        let plain =
            asked.words.len() == 1 && !asked.is_exact && asked.field.is_none() && asked.keys.is_empty();
        plain && !asked.is_excluded && !little
    };
    let plain = asked.iter().zip(says_little.iter().copied()).filter(|pair| is_plain(*pair)).count();
    let role = |(asked, little): (&Asked, bool)| match (asked.is_excluded, little && anything_else) {
        (true, _) => Role::Excluded,
        (false, true) => Role::Optional,
        (false, false) if plain > ALL_NEEDED_MAX && is_plain((asked, little)) => Role::Wanted,
        (false, false) => Role::Required,
    };
    asked.iter().zip(says_little).map(role).collect()
}

/// How many of the wanted clauses must match: three of five, rounded up. Who remembers many words rarely remembers them
/// all; with all of them there, an issue still ranks first.
fn needed(clauses: &[Clause]) -> usize {
    let wanted = clauses.iter().filter(|clause| clause.role == Role::Wanted).count();
    (wanted * 3).div_ceil(5)
}

fn neighbours(clauses: &[Clause]) -> Vec<(usize, usize)> {
    let lone = |clause: &Clause| {
        matches!(clause.role, Role::Required | Role::Wanted)
            && clause.words.len() == 1
            && clause.keys.is_empty()
    };
    let places: Vec<usize> =
        clauses.iter().enumerate().filter(|(_, clause)| lone(clause)).map(|(place, _)| place).collect();
    places.iter().copied().zip(places.iter().copied().skip(1)).take(NEIGHBOURS_MAX).collect()
}

/// Makes clauses, and keeps count of what the bounds allow.
pub(in crate::search) struct Maker<'a> {
    snapshot: Option<&'a Snapshot>,
    stemmer: Stemmer,
    scans: Scans,
    expansions_left: usize,
    fuzzy_left: usize,
    narrowed: Vec<Range<usize>>,
}

impl<'a> Maker<'a> {
    pub(in crate::search) fn new(language: Language, snapshot: Option<&'a Snapshot>) -> Self {
        Self {
            snapshot,
            stemmer: Stemmer::new(language),
            scans: Scans::new(),
            expansions_left: EXPANSIONS_MAX,
            fuzzy_left: FUZZY_WORDS_MAX,
            narrowed: Vec::new(),
        }
    }

    fn clause(&mut self, asked: &Asked, role: Role, statistics: &Statistics) -> Result<Clause> {
        let fields = Fields::of(asked.field);
        let mut words = Vec::new();
        let last = asked.words.len().saturating_sub(1);
        for (place, wanted) in asked.words.iter().enumerate() {
            let ending = if place == last { asked.ending } else { Ending::Whole };
            let forgives =
                last == 0 && !asked.is_exact && role != Role::Excluded && ending != Ending::Anywhere;
            let word = self.word(wanted, fields, asked.is_exact, ending, forgives)?;
            if word.beginning.is_some_and(|rule| rule.is_cut) || word.near.is_some_and(|rule| rule.is_cut) {
                self.narrow(asked, role)?;
            }
            words.push(word);
        }
        let rarity: f32 = words.iter().map(|word| statistics.rarity(word.documents())).sum();
        let keys = asked.keys.iter().map(|key| Ok((key.clone(), self.key_places(key)?)));
        let keys: Vec<_> = keys.collect::<Result<_>>()?;
        let of_keys = keys.iter().flat_map(|(_, places)| places).count() as u64;
        Ok(Clause {
            role,
            fields,
            cost: words.iter().map(Word::cost).min().unwrap_or_default() + of_keys,
            words,
            keys,
            rarity: if role == Role::Optional { rarity * STOP_WORD } else { rarity },
        })
    }

    /// A word that stands for more words than are looked for finds less; excluding less is not what was asked.
    fn narrow(&mut self, asked: &Asked, role: Role) -> Result<()> {
        if role == Role::Excluded {
            let message = format!(
                "cannot search: the beginning to exclude at byte {} is that of more than {EXPANSIONS_PER_WORD_MAX} words: make it longer",
                asked.at.start
            );
            return Err(Error::invalid("text", message));
        }
        self.narrowed.push(asked.at.clone());
        Ok(())
    }

    pub(in crate::search) fn word(
        &mut self,
        wanted: &Wanted,
        fields: Fields,
        is_exact: bool,
        ending: Ending,
        forgives: bool,
    ) -> Result<Word> {
        let has_stem = !is_exact && ending != Ending::Anywhere;
        let stem = if has_stem { self.stemmer.stem(&wanted.lower).map(str::to_owned) } else { None };
        let mut word =
            Word { folded: wanted.folded.clone(), stem, beginning: None, near: None, terms: Vec::new() };
        self.add_itself(&mut word, fields)?;
        if ending != Ending::Whole {
            self.add_beginning(&mut word, fields)?;
        }
        if forgives {
            self.add_near(&mut word, fields)?;
        }
        Ok(word)
    }

    /// The word as it is written, and its stem. A word whose stem differs is indexed under both, so that being written
    /// alike adds only what the stem is not worth.
    fn add_itself(&self, word: &mut Word, fields: Fields) -> Result<()> {
        let (folded, stem) = (word.folded.clone(), word.stem.clone());
        let differs = stem.as_deref().is_some_and(|stem| stem != folded);
        let mut terms = vec![(Kind::Written, folded, if differs { 1.0 - STEM } else { 1.0 })];
        if let Some(stem) = stem {
            if differs {
                terms.push((Kind::Written, stem.clone(), STEM));
            }
            terms.push((Kind::Stem, stem, STEM));
        }
        for (kind, text, weight) in terms {
            let places = self.places(kind, fields, &text)?;
            word.terms.push(Term { kind, text, reason: Reason::Same, weight, places });
        }
        Ok(())
    }

    fn add_beginning(&mut self, word: &mut Word, fields: Fields) -> Result<()> {
        let mut is_cut = false;
        if let Some(snapshot) = self.snapshot {
            let (found, more) = beginning(snapshot, fields, &word.folded, &mut self.scans)?;
            is_cut = self.add_found(word, found, Reason::Begins, BEGINNING) | more;
        }
        word.beginning = Some(Beginning { is_cut });
        Ok(())
    }

    fn add_near(&mut self, word: &mut Word, fields: Fields) -> Result<()> {
        let there = word.documents();
        let letters = forgiven(&word.folded);
        if letters == 0 || there >= RARE || self.fuzzy_left == 0 {
            return Ok(());
        }
        self.fuzzy_left -= 1;
        // A word that is there is likely meant; then only what nearly is it counts as well.
        let letters = if there > 0 { 1 } else { letters };
        let mut rule = Near { distance: letters, is_cut: false };
        if let Some(snapshot) = self.snapshot {
            let Alike { words, distance, is_cut } = near(snapshot, fields, word, letters, &mut self.scans)?;
            rule = Near { distance, is_cut: self.add_found(word, words, Reason::Like, 1.0) | is_cut };
        }
        word.near = Some(rule);
        Ok(())
    }

    /// Adds expansions as far as the bounds allow, and says whether that was all.
    fn add_found(&mut self, word: &mut Word, found: Vec<Found>, reason: Reason, weight: f32) -> bool {
        for Found { text, places } in found {
            if word.is_itself(&text) {
                continue;
            }
            if self.expansions_left == 0 {
                return true;
            }
            self.expansions_left -= 1;
            word.terms.push(Term { kind: Kind::Written, text, reason, weight, places });
        }
        false
    }

    fn places(&self, kind: Kind, fields: Fields, text: &str) -> Result<Vec<Place>, Fault> {
        self.snapshot.map_or(Ok(Vec::new()), |snapshot| snapshot.places(kind, fields, text))
    }

    fn key_places(&self, key: &str) -> Result<Vec<Place>, Fault> {
        self.snapshot.map_or(Ok(Vec::new()), |snapshot| snapshot.key_places(key))
    }
}

impl Word {
    /// Documents that have it: as it is written, by its stem, or beginning with it; else those that have words like it.
    pub(in crate::search) fn documents(&self) -> u64 {
        let of = |like: bool| {
            let terms = self.terms.iter().filter(|term| (term.reason == Reason::Like) == like);
            terms.map(|term| documents(&term.places)).sum::<u64>()
        };
        // What is written unlike its stem is indexed under the stem too.
        let twice = self.stem.as_ref().filter(|stem| **stem != self.folded).and(self.terms.first());
        let itself = of(false).saturating_sub(twice.map_or(0, |term| documents(&term.places)));
        if itself > 0 { itself } else { of(true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_too_common_to_be_read_are_refused() {
        assert!(affordable(POSTINGS_MAX).is_ok());
        let error = affordable(POSTINGS_MAX + 1).unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::TooCostly, Some("text")));
        assert!(error.message().contains("20000001"), "{error}");
    }
}
