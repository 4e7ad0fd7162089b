//! The texts of a seeded issue: they follow from its number alone, so that whoever finds it can say what stands in it.
//!
//! Every benchmark that seeds issues uses it; how long texts are, and how many comments there are, is told to it.

use crate::words::{Chance, Words};

/// See the module.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) comments: Vec<String>,
}

/// Characters of a title, a description and a comment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) title: usize,
    pub(crate) description: usize,
    pub(crate) comment: usize,
}

impl Texts {
    /// Those of the issue that was seeded as this one, counted from 0.
    pub(crate) fn of(number: u32, lengths: Lengths, comments: usize, words: &Words) -> Self {
        let mut chance = Chance::of(number.into());
        Self {
            title: words.text(&mut chance, lengths.title),
            description: words.text(&mut chance, lengths.description),
            comments: (0..comments).map(|_| words.text(&mut chance, lengths.comment)).collect(),
        }
    }

    /// Whether a word stands in one of them, its ending aside: to a search that knows inflection, words that differ in
    /// their endings are the same.
    pub(crate) fn have(&self, word: &str) -> bool {
        /// Letters of an ending.
        const ENDING: usize = 2;
        let stem = word.get(..word.len().saturating_sub(ENDING)).unwrap_or(word);
        let texts = [&self.title, &self.description].into_iter().chain(&self.comments);
        texts.flat_map(|text| text.split(' ')).any(|word| word.starts_with(stem))
    }
}
