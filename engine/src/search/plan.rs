//! A query that has met a language and an index: what exactly counts as a hit, and what it is worth.
//!
//! The plan is made once for a search. Segments of the index and documents of the tail are then judged by the same
//! plan, so that an issue is found in the one as in the other. It reads dictionaries and no postings.

mod expand;
mod make;

use super::document::{Field, Fields};
use super::judge::Verdict;
use super::score::{CLOSE, SHADE_MAX, Worth, shade};
use super::snapshot::{Kind, Place};
use crate::time::Timestamp;
use std::ops::Range;

/// What is asked for, ready to be found.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) clauses: Vec<Clause>,
    /// Neighbours among the words that must be there, as indexes of clauses: standing close is worth something.
    pub(super) neighbours: Vec<(usize, usize)>,
    /// How many of the wanted clauses must match.
    pub(super) needed: usize,
    pub(super) worth: Worth,
    /// Points are shown as a part of this, and neither age nor state matters.
    pub(super) whole: Option<f32>,
    /// Words that stand for fewer words of the index than they could, as places in the query.
    pub(super) narrowed: Vec<Range<usize>>,
}

/// What a clause does to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It must match.
    Required,
    /// It is one of several, of which [`Plan::needed`] must match.
    Wanted,
    /// It adds points where it matches.
    Optional,
    /// It must not match.
    Excluded,
}

/// One thing that is asked for.
#[derive(Debug)]
pub(super) struct Clause {
    pub(super) role: Role,
    pub(super) fields: Fields,
    /// One word, or several that stand side by side.
    pub(super) words: Vec<Word>,
    /// The keys of an issue that this may be, and where each is in the index.
    pub(super) keys: Vec<(String, Vec<Place>)>,
    /// How much it says.
    pub(super) rarity: f32,
    /// Entries of posting lists that are read to find what may match it.
    pub(super) cost: u64,
}

/// A word of the plan: the terms that count as it, and the rules they came from.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) folded: String,
    pub(super) stem: Option<String>,
    pub(super) beginning: Option<Beginning>,
    pub(super) near: Option<Near>,
    pub(super) terms: Vec<Term>,
}

/// Words that begin with a word count as it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning {
    pub(super) is_cut: bool,
}

/// Words that differ from a word by few letters count as it, a little.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    pub(super) distance: usize,
    pub(super) is_cut: bool,
}

/// Why a term counts as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is the word, or its stem.
    Same,
    /// It begins with it.
    Begins,
    /// It is like it.
    Like,
}

/// A term of the index that counts as a word.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) reason: Reason,
    pub(super) weight: f32,
    pub(super) places: Vec<Place>,
}

impl Plan {
    /// Points of a document of which each clause has been judged, if it is a hit.
    pub(super) fn decide(&self, verdicts: &[Verdict]) -> Option<f32> {
        let mut points = 0.0;
        let mut wanted = 0;
        for (clause, verdict) in self.clauses.iter().zip(verdicts) {
            match (clause.role, verdict) {
                (Role::Required, None) | (Role::Excluded, Some(_)) => return None,
                (Role::Wanted, Some(_)) => wanted += 1,
                _ => {}
            }
            points += verdict.unwrap_or_default();
        }
        (wanted >= self.needed).then_some(points)
    }

    /// How close the neighbours stand, on average: `of` says it for two clauses in one field.
    pub(super) fn closeness(&self, mut of: impl FnMut([usize; 2], Field) -> f32) -> f32 {
        let mut sum = 0.0;
        for (a, b) in &self.neighbours {
            let fields = Field::ALL.into_iter().map(|field| of([*a, *b], field));
            sum += fields.fold(0.0, f32::max);
        }
        if self.neighbours.is_empty() { 0.0 } else { sum / self.neighbours.len() as f32 }
    }

    /// The final score of a hit.
    pub(super) fn score(
        &self,
        points: f32,
        closeness: f32,
        (updated, is_open): (i64, bool),
        now: Timestamp,
    ) -> f32 {
        match self.whole {
            Some(whole) => (points / whole).min(1.0),
            None => points * (1.0 + CLOSE * closeness) * shade(updated, is_open, now),
        }
    }

    /// The greatest score that so many points can become.
    pub(super) fn score_max(&self, points: f32) -> f32 {
        match self.whole {
            Some(whole) => (points / whole).min(1.0),
            None if self.neighbours.is_empty() => points * SHADE_MAX,
            None => points * (1.0 + CLOSE) * SHADE_MAX,
        }
    }
}

impl Word {
    /// Whether a word is this one or its stem: then it is no expansion of it.
    pub(super) fn is_itself(&self, written: &str) -> bool {
        written == self.folded || self.stem.as_deref() == Some(written)
    }

    /// Whether a document must be looked at for terms of this reason one by one: the rule alone would say too much.
    pub(super) fn is_listed(&self, reason: Reason) -> bool {
        match reason {
            Reason::Same => true,
            Reason::Begins => self.beginning.is_some_and(|rule| rule.is_cut),
            Reason::Like => self.near.is_some_and(|rule| rule.is_cut),
        }
    }

    pub(super) fn cost(&self) -> u64 {
        self.terms.iter().flat_map(|term| &term.places).map(|place| u64::from(place.info.doc_freq)).sum()
    }
}

pub(super) use expand::distance;
pub(super) use make::Maker;
