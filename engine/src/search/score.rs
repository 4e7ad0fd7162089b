//! What a hit is worth: BM25F over the three fields, and how it is shaded by typos, closeness, age and state.
//!
//! For each word of the query, its occurrences in all fields are weighed and added up, and only then saturated, so that
//! a word in title and description is not counted as two. The index and the matcher of the tail reckon with the same
//! numbers from here. It does not know where occurrences come from.

use super::document::Field;
use super::snapshot::Segment;
use crate::time::Timestamp;
use std::sync::Arc;
use tantivy::fieldnorm::FieldNormReader;

/// How fast more occurrences of a word add less.
const SATURATION: f32 = 1.2;

/// What an occurrence is worth, by field.
const FIELD_WEIGHTS: [f32; 3] = [3.5, 1.0, 0.7];

/// How much a long text counts less, by field: from 0 (not at all) to 1.
const LENGTH_MATTERS: [f32; 3] = [0.35, 0.6, 0.6];

/// Words of a field where nothing is known: a title is a line.
const USUAL_WORDS: [f32; 3] = [8.0, 80.0, 80.0];

/// What an occurrence of the stem is worth; as it is written it is worth 1.
pub(super) const STEM: f32 = 0.8;

/// What an occurrence of a word that begins like the last one typed, or like `word*`, is worth.
pub(super) const BEGINNING: f32 = 0.6;

/// What a word of the query is worth at least where it occurs, as part of its rarity.
const FLOOR: f32 = 0.3;

/// What a word is worth at most, as part of its rarity, where only words like it occur. Less than [`FLOOR`] even after
/// the greatest [`shade`], so that a typo never ranks above the word itself.
const NEAR: f32 = FLOOR / SHADE_MAX * 0.99;

/// How much a word that says little counts, of what others count.
pub(super) const STOP_WORD: f32 = 0.15;

/// What is added where a key of the issue itself is asked for: more than all words together.
pub(super) const KEY: f32 = 1_000.0;

/// Added for a change just now, halved every [`RECENT_MS`].
const RECENT: f32 = 0.14;
const RECENT_MS: f32 = 60.0 * 24.0 * 60.0 * 60.0 * 1_000.0;

/// Added where work is still to be done.
const OPEN: f32 = 0.08;

/// Added where all words of the query stand side by side in its order.
pub(super) const CLOSE: f32 = 0.3;

/// Words that two words may be apart and still count as close.
const CLOSE_WORDS: u32 = 8;

/// What closeness is worth when two words are near but not side by side in order.
const LOOSELY: f32 = 0.4;

/// Numbers of the whole index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Statistics {
    /// Documents.
    pub(super) documents: u64,
    /// Words of a field where it has any, on average.
    average: [f32; 3],
}

impl Statistics {
    /// Of an index that is not there yet.
    pub(super) const UNKNOWN: Self = Self { documents: 1, average: USUAL_WORDS };

    pub(super) fn of(segments: &[Arc<Segment>]) -> Self {
        let mut documents = 0;
        let mut sums = [(0, 0); 3];
        for segment in segments {
            let (there, fields) = segment.totals();
            documents += there;
            for ((words, filled), (more_words, more_filled)) in sums.iter_mut().zip(fields) {
                *words += more_words;
                *filled += more_filled;
            }
        }
        let mut average = USUAL_WORDS;
        for (average, (words, filled)) in average.iter_mut().zip(sums) {
            if words > 0 && filled > 0 {
                *average = words as f32 / filled as f32;
            }
        }
        Self { documents, average }
    }

    /// How much a word says that so many documents have.
    pub(super) fn rarity(&self, documents_with_it: u64) -> f32 {
        let with = documents_with_it.min(self.documents);
        let without = (self.documents - with) as f32;
        (1.0 + (without + 0.5) / (with as f32 + 0.5)).ln()
    }
}

/// What an occurrence is worth, by field and length.
#[derive(Debug, Clone)]
pub(super) struct Worth(Box<[[f32; 256]; 3]>);

impl Worth {
    pub(super) fn of(statistics: &Statistics) -> Self {
        let mut table = Box::new([[0.0; 256]; 3]);
        let fields = table.iter_mut().zip(FIELD_WEIGHTS).zip(LENGTH_MATTERS).zip(statistics.average);
        for (((row, weight), matters), average) in fields {
            for (step, worth) in (0..=u8::MAX).zip(row.iter_mut()) {
                let words = FieldNormReader::id_to_fieldnorm(step) as f32;
                *worth = weight / (1.0 - matters + matters * words / average.max(1.0));
            }
        }
        Self(table)
    }

    /// What one occurrence in a field of that length is worth.
    pub(super) fn of_one(&self, field: Field, norm: u8) -> f32 {
        self.0.get(field.place()).and_then(|row| row.get(usize::from(norm))).copied().unwrap_or_default()
    }
}

/// What occurs of a word in a document, weighed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Occurs {
    /// The word itself, its stem, what begins with it.
    pub(super) good: f32,
    /// Words like it.
    pub(super) near: f32,
}

impl Occurs {
    pub(super) fn any(self) -> bool {
        self.good > 0.0 || self.near > 0.0
    }

    /// Points for a word of that rarity.
    pub(super) fn points(self, rarity: f32) -> f32 {
        if self.good > 0.0 {
            rarity * (FLOOR + saturated(self.good) * (SATURATION + 1.0))
        } else {
            rarity * NEAR * saturated(self.near)
        }
    }
}

fn saturated(occurrences: f32) -> f32 {
    occurrences / (occurrences + SATURATION)
}

/// How close two words are: 1 side by side in order, 0 far apart. The places of each ascend.
pub(super) fn closeness(first: &[u32], second: &[u32]) -> f32 {
    let mut closest = 0.0_f32;
    let mut behind = second.iter().copied().peekable();
    let mut last: Option<u32> = None;
    for place in first.iter().copied() {
        while let Some(next) = behind.next_if(|next| *next <= place) {
            last = Some(next);
        }
        if behind.peek().is_some_and(|next| *next == place.saturating_add(1)) {
            return 1.0;
        }
        let after = behind.peek().map(|next| next.abs_diff(place));
        let before = last.map(|last| place.abs_diff(last));
        if after.into_iter().chain(before).any(|apart| apart <= CLOSE_WORDS) {
            closest = LOOSELY;
        }
    }
    closest
}

/// The factor for what is recent and open.
pub(super) fn shade(updated_ms: i64, is_open: bool, now: Timestamp) -> f32 {
    let age = now.millis().saturating_sub(updated_ms).max(0) as f32;
    let recent = 1.0 + RECENT * (-age / RECENT_MS).exp2();
    if is_open { recent * (1.0 + OPEN) } else { recent }
}

/// The greatest [`shade`].
pub(super) const SHADE_MAX: f32 = (1.0 + RECENT) * (1.0 + OPEN);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_never_outranks_the_word_itself() {
        let faint = Occurs { good: 0.001, near: 0.0 };
        let strong = Occurs { good: 0.0, near: 1_000.0 };
        assert!(strong.points(1.0) * SHADE_MAX < faint.points(1.0));
    }

    #[test]
    fn recency_and_state_are_gentle() {
        const { assert!(SHADE_MAX <= 1.25) };
        let now = Timestamp::from_millis(1_800_000_000_000);
        assert!(shade(now.millis(), true, now) <= SHADE_MAX);
        assert!(shade(i64::MIN, false, now) >= 1.0);
        assert!(shade(i64::MAX, false, now) <= 1.0 + RECENT);
    }

    #[test]
    fn words_side_by_side_in_order_are_closest() {
        assert_eq!(closeness(&[3, 9], &[1, 10]), 1.0);
        assert_eq!(closeness(&[5], &[4]), LOOSELY);
        assert_eq!(closeness(&[5], &[13]), LOOSELY);
        assert_eq!(closeness(&[5], &[14]), 0.0);
        assert_eq!(closeness(&[], &[1]), 0.0);
    }

    #[test]
    fn rare_words_say_more() {
        let statistics = Statistics { documents: 1_000, average: USUAL_WORDS };
        assert!(statistics.rarity(1) > statistics.rarity(100));
        assert!(statistics.rarity(1_000) > 0.0 && statistics.rarity(5_000) > 0.0);
    }
}
