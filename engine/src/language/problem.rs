//! What is wrong with a text, where, and what could stand there instead.

use std::fmt;

/// One thing that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes; the same as the start when something is missing there.
    pub end: usize,
    /// What is wrong, and what to do about it.
    pub message: String,
    /// What could stand in the place of this part of the text, the likeliest first.
    pub suggestions: Vec<String>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.start, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Why a value cannot be read, before it is known where it stands.
#[derive(Debug)]
pub(super) struct Wrong {
    /// What is wrong.
    pub(super) message: String,
    /// What could stand there.
    pub(super) suggestions: Vec<String>,
}

impl Wrong {
    /// A value that is not what was wanted; `wanted` reads like `a number such as 12`.
    pub(super) fn value(shown: &str, wanted: &str) -> Self {
        Self { message: format!("`{}` is not {wanted}", clipped(shown)), suggestions: Vec::new() }
    }

    /// The same with what could stand there.
    pub(super) fn or(mut self, suggestions: Vec<String>) -> Self {
        self.suggestions = suggestions;
        self
    }
}

/// At most so many suggestions are made.
const SUGGESTIONS_MAX: usize = 3;

/// Only so much of a word is shown and compared.
const SHOWN_CHARS: usize = 32;

/// The beginning of a text that may be long.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The words nearest to one that is not known: those it begins, and those that a few slips of the hand lead to.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let word: Vec<char> = word.chars().take(SHOWN_CHARS).flat_map(char::to_lowercase).collect();
    let slips_max = word.len().div_ceil(3).min(3);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for known in known {
        let letters: Vec<char> = known.chars().take(SHOWN_CHARS).flat_map(char::to_lowercase).collect();
        if word.len() >= 2 && letters.starts_with(&word) {
            found.push((1, known));
        } else if letters.len().abs_diff(word.len()) <= slips_max {
            found.extend(Some((slips(&word, &letters), known)).filter(|(slips, _)| *slips <= slips_max));
        }
    }
    let least = found.iter().map(|(slips, _)| *slips).min().unwrap_or_default();
    found.retain(|(slips, _)| *slips == least);
    let mut nearest: Vec<String> = Vec::new();
    for (_, known) in found {
        if nearest.len() < SUGGESTIONS_MAX && !nearest.iter().any(|other| other == known) {
            nearest.push(known.to_owned());
        }
    }
    nearest
}

/// How many letters to change, add, leave out or swap with their neighbour to come from one word to the other.
fn slips(a: &[char], b: &[char]) -> usize {
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let change = at(&last, j) + usize::from(letter != other);
            let mut best = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_words_come_first() {
        let known = ["state", "start", "started", "assignee", "label"];
        assert_eq!(nearest("stat", known), ["state", "start"]);
        assert_eq!(nearest("asignee", known), ["assignee"]);
        assert_eq!(nearest("lable", known), ["label"]);
        assert_eq!(nearest("ass", known), ["assignee"]);
        assert!(nearest("zebra", known).is_empty());
        assert!(nearest("", known).is_empty());
    }

    #[test]
    fn long_words_are_clipped_between_letters() {
        assert_eq!(clipped(&"é".repeat(40)), format!("{}…", "é".repeat(32)));
        assert_eq!(clipped("short"), "short");
    }
}
