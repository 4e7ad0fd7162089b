//! Words of a text, as features: each once, in small letters; those of the title a second time, marked.

use std::collections::BTreeSet;

/// The part of a description that is read, in characters: how an issue begins says what it is, and a nightly run reads
/// hundreds of them in a fraction of a second.
const READ: usize = 600;
/// Features of one issue.
const FEATURES: usize = 80;
/// Marks a word of the title.
const TITLE: char = '^';

/// The features of an issue.
pub(crate) fn features(title: &str, description: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for word in words(title) {
        out.insert(format!("{TITLE}{word}"));
        out.insert(word);
    }
    let end = description.char_indices().nth(READ).map_or(description.len(), |(at, _)| at);
    for word in words(description.get(..end).unwrap_or_default()) {
        if out.len() >= FEATURES {
            break;
        }
        out.insert(word);
    }
    out
}

/// A feature as people would name it.
pub(crate) fn shown(feature: &str) -> &str {
    feature.strip_prefix(TITLE).unwrap_or(feature)
}

/// Words of three to 24 letters and digits. Numbers say nothing, except short ones: 404 and 500 do.
fn words(text: &str) -> impl Iterator<Item = String> {
    let is_between = |c: char| !c.is_alphanumeric();
    let words = text.split(is_between).filter(|word| {
        let is_number = word.bytes().all(|b| b.is_ascii_digit());
        (3..=24).contains(&word.chars().count()) && (!is_number || word.len() == 3)
    });
    words.map(|word| if word.is_ascii() { word.to_ascii_lowercase() } else { word.to_lowercase() })
}
