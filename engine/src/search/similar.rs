//! Issues that are like a text: for duplicates while somebody types.
//!
//! The words that say most stand for the text. A hit's score is the part of what the text itself would score: near 1 is
//! an issue that says all of it, 0.3 one with a few words in common. It does not judge meaning.

use super::bounds::{SIMILAR_BYTES_MAX, SIMILAR_WORDS_MAX};
use super::document::{Document, Fields};
use super::language::Language;
use super::plan::{Clause, Maker, Plan, Role, Word};
use super::query::{Ending, Wanted};
use super::score::{Statistics, Worth};
use super::snapshot::Snapshot;
use super::split::Words;
use super::tail::TailDocument;
use crate::error::Result;
use crate::id::IssueId;
use crate::time::Timestamp;
use rustc_hash::FxHashMap;

/// Different words of which the index is asked how rare they are.
const ASKED_MAX: usize = 128;

/// How much more a word of the title stands for the text than one of the description.
const TITLE: f32 = 3.0;

/// Of the chosen words, one in so many must be shared.
const SHARED: usize = 4;

/// Words that are missing from a text to be sure of it: what agrees on one word may well be something else.
const DOUBT: f32 = 0.5;

/// A word that more than one issue in so many has says nothing here.
const COMMON: u64 = 5;

/// Issues from which on that is known.
const COMMON_FROM: u64 = 100;

/// The plan to find what is like a text; none if it has no word that any issue has.
pub(super) fn plan(
    title: &str,
    description: &str,
    language: Language,
    snapshot: &Snapshot,
) -> Result<Option<Plan>> {
    let description =
        description.get(..description.floor_char_boundary(SIMILAR_BYTES_MAX)).unwrap_or_default();
    let title = title.get(..title.floor_char_boundary(SIMILAR_BYTES_MAX)).unwrap_or_default();
    let clauses = clauses(&telling(title, description, language), language, snapshot)?;
    if clauses.is_empty() {
        return Ok(None);
    }
    let mut plan = Plan {
        needed: clauses.len().div_ceil(SHARED),
        clauses,
        neighbours: Vec::new(),
        worth: Worth::of(&snapshot.statistics),
        whole: Some(1.0),
        narrowed: Vec::new(),
    };
    let itself = Document {
        id: IssueId::from_uuid(uuid::Uuid::nil()),
        keys: Vec::new(),
        title: title.to_owned(),
        description: description.to_owned(),
        comments: Vec::new(),
        updated_at: Timestamp::default(),
        is_open: false,
    };
    let words = plan.clauses.len() as f32;
    let whole = plan.points_of(&TailDocument::new(&itself, language));
    plan.whole = whole.map(|whole| whole * (words + DOUBT) / words).filter(|whole| *whole > 0.0);
    Ok(Some(plan))
}

/// Words that may stand for a text, and how much each does.
fn telling(title: &str, description: &str, language: Language) -> Vec<(Wanted, f32)> {
    let mut weights: FxHashMap<String, (usize, Wanted, f32)> = FxHashMap::default();
    let of_title = Words::of(title).map(|word| (word, TITLE));
    let of_description = Words::of(description).map(|word| (word, 1.0));
    for (word, weight) in of_title.chain(of_description).filter(|(word, _)| !word.is_part) {
        let wanted = Wanted::of(&word);
        let is_word =
            wanted.folded.chars().nth(1).is_some() && wanted.folded.chars().any(char::is_alphabetic);
        if !is_word {
            continue;
        }
        let number = weights.len();
        weights.entry(wanted.folded.clone()).or_insert((number, wanted, 0.0)).2 += weight;
    }
    let mut words: Vec<(usize, Wanted, f32)> = weights.into_values().collect();
    let lower: Vec<&str> = words.iter().map(|(_, word, _)| word.lower.as_str()).collect();
    let mut says_little = language.stop_words(&lower).into_iter();
    words.retain(|_| !says_little.next().unwrap_or_default());
    words.sort_by(|(a, _, heavy), (b, _, heavier)| heavier.total_cmp(heavy).then(a.cmp(b)));
    words.truncate(ASKED_MAX);
    words.into_iter().map(|(_, word, weight)| (word, weight)).collect()
}

/// A clause for each of the words that say most.
fn clauses(words: &[(Wanted, f32)], language: Language, snapshot: &Snapshot) -> Result<Vec<Clause>> {
    let Statistics { documents, .. } = snapshot.statistics;
    let mut maker = Maker::new(language, Some(snapshot));
    let mut found: Vec<(f32, Clause)> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (wanted, weight) in words {
        let word = maker.word(wanted, Fields::of(None), false, Ending::Whole, false)?;
        let there = word.documents();
        let is_common = documents >= COMMON_FROM && there > documents / COMMON;
        let base = word.stem.clone().unwrap_or_else(|| word.folded.clone());
        if there == 0 || is_common || seen.contains(&base) {
            continue;
        }
        seen.push(base);
        let rarity = snapshot.statistics.rarity(there) * (1.0 + weight.ln().max(0.0));
        found.push((rarity, clause(word, rarity)));
    }
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.truncate(SIMILAR_WORDS_MAX);
    Ok(found.into_iter().map(|(_, clause)| clause).collect())
}

fn clause(word: Word, rarity: f32) -> Clause {
    Clause {
        role: Role::Wanted,
        fields: Fields::of(None),
        cost: word.cost(),
        words: vec![word],
        keys: Vec::new(),
        rarity,
    }
}
