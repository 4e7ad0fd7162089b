//! Text that looks like a language to an index or a compressor, the same in every run.
//!
//! About 8,000 made-up words, drawn by Zipf's law. Every benchmark that seeds texts uses it; it knows nothing of issues.

use std::collections::HashMap;

/// Different words.
const FORMS: u32 = 8_000;

/// The ranks of words of middling frequency: past those of one or two letters that an index may leave out, and frequent
/// enough that two of them meet in some texts.
const MIDDLING: std::ops::Range<usize> = 200..1_000;

/// The two hundred syllables that words are made of: any start with any end.
const STARTS: [&str; 20] =
    ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "st", "tr", "pl", "gr", "ch"];
const ENDS: [&str; 10] = ["a", "e", "i", "o", "u", "an", "er", "in", "or", "es"];

/// Chance that replays: splitmix64.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The same seed gives the same numbers.
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; zero when that is zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u128;
        // The high half of the product is even to within one part in 2^64 / end.
        usize::try_from((u128::from(self.number()) * end) >> 64).unwrap_or_default()
    }

    /// One of these; none of none.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

/// The vocabulary.
#[derive(Debug)]
pub(crate) struct Words {
    forms: Vec<String>,
    ranks: HashMap<String, usize>,
    /// For each word, the share of all text that it and the more frequent ones make up.
    up_to: Vec<f64>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let forms: Vec<String> = (0..FORMS).map(form).collect();
        let total: f64 = (1..=FORMS).map(|rank| 1.0 / f64::from(rank)).sum();
        let mut sum = 0.0;
        let up_to = (1..=FORMS).map(|rank| {
            sum += 1.0 / f64::from(rank) / total;
            sum
        });
        let ranks = forms.iter().cloned().zip(0..).collect();
        Self { up_to: up_to.collect(), forms, ranks }
    }

    /// Text of exactly this many characters, all of them ASCII.
    pub(crate) fn text(&self, chance: &mut Chance, chars: usize) -> String {
        let mut text = String::with_capacity(chars + 16);
        while text.len() < chars {
            text.push_str(self.word(chance));
            text.push(' ');
        }
        text.truncate(chars.saturating_sub(1));
        text.push('.');
        text
    }

    /// Two different words of middling frequency of this text, if it has two.
    pub(crate) fn two_of<'a>(&self, chance: &mut Chance, text: &'a str) -> Option<[&'a str; 2]> {
        let words = text.split(' ').filter(|word| MIDDLING.contains(&self.rank(word)));
        let words: Vec<&str> = words.collect();
        let first = *chance.pick(&words)?;
        let others: Vec<&str> = words.into_iter().filter(|word| *word != first).collect();
        Some([first, *chance.pick(&others)?])
    }

    /// The rank of a word; beyond all of them when it is none.
    fn rank(&self, word: &str) -> usize {
        self.ranks.get(word).copied().unwrap_or(usize::MAX)
    }

    fn word(&self, chance: &mut Chance) -> &str {
        let share = (chance.number() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = self.up_to.partition_point(|sum| *sum < share);
        self.forms.get(rank).map_or("a", String::as_str)
    }
}

/// The word of this rank: two syllables for the first 200, then three or more.
fn form(rank: u32) -> String {
    let mut word = String::new();
    let mut rest = rank as usize;
    loop {
        word.push_str(STARTS.get(rest % STARTS.len()).unwrap_or(&"x"));
        rest /= STARTS.len();
        word.push_str(ENDS.get(rest % ENDS.len()).unwrap_or(&"y"));
        rest /= ENDS.len();
        if rest == 0 {
            return word;
        }
    }
}
