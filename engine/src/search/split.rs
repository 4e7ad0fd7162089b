//! Where the words of a text are.
//!
//! Words are runs of letters and digits. `handshake_timeout`, `foo.bar()` and `TLS1.3` are several words side by side,
//! so that each is found alone and all together as a phrase. `useEffect` is one word that also answers to its parts.
//! Scripts written without spaces are words of one character each. It does not know which language it reads.

use super::bounds::WORD_CHARS_MAX;
use super::fold::is_invisible;
use std::collections::VecDeque;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// Stands between texts that are joined into one, so that no phrase crosses from one to the other.
pub(super) const BETWEEN_TEXTS: char = '\u{1E}';

/// Places between the last word of a text and the first of the next.
const GAP: u32 = 16;

/// The longest number at the end of a word that is split from it: `sha256`, `utf8`.
const NUMBER_MAX: usize = 4;

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// As it is written.
    pub(super) raw: &'a str,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Its place among the words.
    pub(super) position: u32,
    /// Whether it is a part of the word before it, at the same place.
    pub(super) is_part: bool,
}

impl Word<'_> {
    pub(super) const fn range(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }
}

/// The words of a text, one after the other.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    position: u32,
    ready: VecDeque<Word<'a>>,
    too_long: Option<Range<usize>>,
}

impl<'a> Words<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { text, at: 0, position: 0, ready: VecDeque::new(), too_long: None }
    }

    /// The last run of letters met so far that was too long to be a word.
    pub(super) fn too_long(&self) -> Option<Range<usize>> {
        self.too_long.clone()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes what lies between words.
    fn pass(&mut self) -> Option<char> {
        for c in self.rest().chars() {
            if c.is_alphanumeric() {
                return Some(c);
            }
            if c == BETWEEN_TEXTS {
                self.position = self.position.saturating_add(GAP);
            }
            self.at += c.len_utf8();
        }
        None
    }

    fn give(&mut self, start: usize, raw: &'a str) {
        self.ready.push_back(Word { raw, start, position: self.position, is_part: false });
        self.position = self.position.saturating_add(1);
    }

    /// A run of letters and digits: one word, or a name and its number.
    fn give_run(&mut self, start: usize, raw: &'a str) {
        let Some((name, number)) = number_split(raw) else { return self.give_named(start, raw) };
        self.give_named(start, name);
        self.give(start + name.len(), number);
    }

    fn give_named(&mut self, start: usize, raw: &'a str) {
        let position = self.position;
        self.give(start, raw);
        if !is_mixed_case(raw) {
            return;
        }
        for part in hump_ranges(raw) {
            if let Some(raw) = raw.get(part.clone()).filter(|raw| raw.chars().nth(1).is_some()) {
                self.ready.push_back(Word { raw, start: start + part.start, position, is_part: true });
            }
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        while self.ready.is_empty() {
            let first = self.pass()?;
            let start = self.at;
            let length = if stands_alone(first) { lone_length(self.rest()) } else { run_length(self.rest()) };
            let raw = self.rest().get(..length)?;
            self.at += length;
            if raw.chars().nth(WORD_CHARS_MAX).is_some() {
                self.too_long = Some(start..self.at);
                self.position = self.position.saturating_add(1);
            } else if stands_alone(first) {
                self.give(start, raw);
            } else {
                self.at += possessive_length(self.rest());
                self.give_run(start, raw);
            }
        }
        self.ready.pop_front()
    }
}

fn belongs(c: char) -> bool {
    is_combining_mark(c) || is_invisible(c)
}

/// Bytes of one character and the marks upon it.
fn lone_length(rest: &str) -> usize {
    let mut chars = rest.chars();
    let first = chars.next().map_or(0, char::len_utf8);
    first + chars.take_while(|c| belongs(*c)).map(char::len_utf8).sum::<usize>()
}

/// Bytes of letters and digits up to whatever else comes.
fn run_length(rest: &str) -> usize {
    let inside = |c: &char| (c.is_alphanumeric() && !stands_alone(*c)) || belongs(*c);
    rest.chars().take_while(inside).map(char::len_utf8).sum()
}

/// Whether a character is a word by itself: its script puts no spaces between words.
const fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}'       // Thai, Lao
        | '\u{1000}'..='\u{109F}'   // Myanmar
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{2E80}'..='\u{2FDF}'   // radicals
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30FF}'   // Hiragana, Katakana
        | '\u{3100}'..='\u{312F}'   // Bopomofo
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'   // Han
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'   // Hangul syllables
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}'   // half-width Katakana
        | '\u{20000}'..='\u{3FFFF}')
}

/// Bytes of `'s` at the end of a word, which adds nothing to it.
fn possessive_length(rest: &str) -> usize {
    let mut chars = rest.chars();
    let (Some(mark @ ('\'' | '’')), Some('s' | 'S')) = (chars.next(), chars.next()) else { return 0 };
    if chars.next().is_some_and(|c| c.is_alphanumeric() || belongs(c)) { 0 } else { mark.len_utf8() + 1 }
}

/// A name and the number that ends it. What is neither (`a1b2`, `v2`) stays whole: hashes would become crumbs.
fn number_split(raw: &str) -> Option<(&str, &str)> {
    let name = raw.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = raw.get(name.len()..)?;
    let is_name = name.chars().nth(1).is_some() && name.chars().all(|c| c.is_alphabetic() || belongs(c));
    (is_name && (1..=NUMBER_MAX).contains(&number.len())).then_some((name, number))
}

/// Whether a word has humps: a capital after its first letter, and small letters.
fn is_mixed_case(raw: &str) -> bool {
    raw.chars().skip(1).any(char::is_uppercase) && raw.chars().any(char::is_lowercase)
}

/// The parts of a word written in humps: `useEffect`, `HTTPServer`. The plural of an abbreviation (`URLs`) has none.
fn hump_ranges(raw: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let small_follows = chars.peek().is_some_and(|(place, next)| {
            next.is_lowercase() && raw.get(*place..).is_some_and(|tail| tail != "s")
        });
        let rises = before.is_some_and(|b| c.is_uppercase() && (!b.is_uppercase() || small_follows));
        if rises {
            parts.push(start..at);
            start = at;
        }
        before = Some(c);
    }
    if parts.is_empty() {
        return parts;
    }
    parts.push(start..raw.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as `place:word`, parts in brackets.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = Words::of(text)
            .map(|w| {
                assert_eq!(&text[w.range()], w.raw);
                if w.is_part { format!("[{}]", w.raw) } else { format!("{}:{}", w.position, w.raw) }
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn names_of_programs_are_several_words_side_by_side() {
        check("handshake_timeout", "0:handshake 1:timeout");
        check("call foo.bar() now", "0:call 1:foo 2:bar 3:now");
        check("TLS1.3 and UTF-8", "0:TLS 1:1 2:3 3:and 4:UTF 5:8");
    }

    #[test]
    fn humps_are_parts_of_their_word() {
        check("useEffect runs", "0:useEffect [use] [Effect] 1:runs");
        check("HTTPServer", "0:HTTPServer [HTTP] [Server]");
        check("two URLs, GitHub", "0:two 1:URLs 2:GitHub [Git] [Hub]");
    }

    #[test]
    fn hashes_and_versions_stay_whole() {
        check("a1b2c3 v2 k8s abc123456", "0:a1b2c3 1:v2 2:k8s 3:abc123456");
    }

    #[test]
    fn a_possessive_is_dropped_and_other_apostrophes_split() {
        check("user's l'heure don't", "0:user 1:l 2:heure 3:don 4:t");
    }

    #[test]
    fn scripts_without_spaces_are_words_of_one_character() {
        check("東京tower 한국", "0:東 1:京 2:tower 3:한 4:국");
    }

    #[test]
    fn texts_that_are_joined_stand_apart() {
        check("a\u{1E}b", "0:a 17:b");
    }

    #[test]
    fn what_is_too_long_is_no_word_and_keeps_its_place() {
        let text = format!("a {} b", "x".repeat(WORD_CHARS_MAX + 1));
        check(&text, "0:a 2:b");
        let mut words = Words::of(&text);
        assert_eq!(words.by_ref().count(), 2);
        assert_eq!(words.too_long(), Some(2..2 + WORD_CHARS_MAX + 1));
    }
}
