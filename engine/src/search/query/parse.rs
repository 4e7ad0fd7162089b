//! Reads the text of a query. What is not a word, a quote or a sign of the language separates words, so that code, links
//! and error messages can be pasted.
//!
//! It walks the text once, and stops at the first bound it reaches.

use super::super::bounds::{QUERY_WORDS_MAX, WORD_CHARS_MAX};
use super::super::document::Field;
use super::super::fold::{fold, lower};
use super::super::schema::key_term;
use super::super::split::{Word, Words};
use super::{Clause, Ending, SyntaxError, Typing, Wanted};
use crate::filter::GOES_ON;
use crate::limits::Limits;
use std::ops::Range;

const FIELDS: [(&str, Field); 4] = [
    ("title:", Field::Title),
    ("description:", Field::Description),
    ("comment:", Field::Comments),
    ("comments:", Field::Comments),
];

/// The letters of a team's key, at most; more is not the key of an issue.
const KEY_LETTERS_MAX: usize = 10;

/// The digits of an issue's number, at most.
const KEY_DIGITS_MAX: usize = 9;

pub(super) fn parse(text: &str, typing: Typing, limits: &Limits) -> Result<Vec<Clause>, SyntaxError> {
    let (text, typing) = text.strip_suffix(GOES_ON).map_or((text, typing), |begun| (begun, Typing::LastWord));
    let bytes_max = limits.filter_text_bytes_max;
    if text.len() > bytes_max {
        let what = format!("the text has {} bytes, at most {bytes_max} are read", text.len());
        return Err(SyntaxError { at: text.floor_char_boundary(bytes_max)..text.len(), what });
    }
    let mut reader = Reader { text, typing, at: 0, words: 0, clauses: Vec::new() };
    while reader.pass_space() {
        reader.read_clause()?;
    }
    let mut clauses = reader.clauses;
    if clauses.is_empty() {
        return Err(SyntaxError { at: 0..text.len(), what: "there is no word to search for".to_owned() });
    }
    let is_unfinished = |last: &&mut Clause| {
        typing == Typing::LastWord
            && last.at.end == text.len()
            && !last.is_excluded
            && !text.ends_with(is_quote)
    };
    if let Some(last) = clauses.last_mut().filter(is_unfinished).filter(|last| last.ending == Ending::Whole) {
        last.ending = Ending::Unfinished;
    }
    Ok(clauses)
}

struct Reader<'a> {
    text: &'a str,
    typing: Typing,
    at: usize,
    words: usize,
    clauses: Vec<Clause>,
}

/// What stands before a clause.
struct Signs {
    start: usize,
    is_excluded: bool,
    field: Option<Field>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether anything follows the space.
    fn pass_space(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at < self.text.len()
    }

    fn read_clause(&mut self) -> Result<(), SyntaxError> {
        let signs = self.read_signs()?;
        match self.rest().chars().next().filter(|c| is_quote(*c)) {
            Some(quote) => self.read_phrase(&signs, quote),
            None => self.read_chunk(&signs),
        }
    }

    fn read_signs(&mut self) -> Result<Signs, SyntaxError> {
        let start = self.at;
        let is_excluded = self.rest().strip_prefix('-').is_some_and(begins_word_or_phrase);
        self.at += usize::from(is_excluded);
        let named = FIELDS.iter().find(|(name, _)| starts_with_name(self.rest(), name));
        let Some((name, field)) = named else { return Ok(Signs { start, is_excluded, field: None }) };
        self.at += name.len();
        let is_unfinished = self.typing == Typing::LastWord && self.rest().is_empty();
        if !is_unfinished && !begins_word_or_phrase(self.rest()) {
            let what = format!("`{name}` needs a word or a phrase right behind it");
            return Err(SyntaxError { at: start..self.at, what });
        }
        Ok(Signs { start, is_excluded, field: Some(*field) })
    }

    fn read_phrase(&mut self, signs: &Signs, quote: char) -> Result<(), SyntaxError> {
        let opens = self.at;
        let inside = opens + quote.len_utf8();
        let closes =
            self.text.get(inside..).and_then(|rest| rest.find(is_quote)).map(|length| inside + length);
        if closes.is_none() && self.typing == Typing::Done {
            let what = "the quote that opens here is not closed".to_owned();
            return Err(SyntaxError { at: opens..inside, what });
        }
        let end = closes.unwrap_or(self.text.len());
        self.at = end + self.text.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let words = self.words_in(inside..end)?;
        if let Some((last, _)) = words.last() {
            self.clauses.push(Clause {
                at: signs.start..if closes.is_some() { self.at } else { last.end },
                is_excluded: signs.is_excluded,
                field: signs.field,
                words: words.into_iter().map(|(_, wanted)| wanted).collect(),
                is_exact: true,
                ending: Ending::Whole,
                keys: Vec::new(),
            });
        }
        Ok(())
    }

    /// What stands between spaces: one word, several side by side, or several that punctuation separates.
    fn read_chunk(&mut self, signs: &Signs) -> Result<(), SyntaxError> {
        let start = self.at;
        let length =
            self.rest().find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(self.rest().len());
        self.at += length;
        let mut side_by_side: Vec<(Range<usize>, Wanted)> = Vec::new();
        for (at, wanted) in self.words_in(start..self.at)? {
            let before = side_by_side.last().map(|(before, _)| before.end);
            let joined = before
                .is_none_or(|end| self.text.get(end..at.start).is_some_and(|gap| !gap.contains(separates)));
            if !joined {
                self.push_loose(signs, std::mem::take(&mut side_by_side));
            }
            side_by_side.push((at, wanted));
        }
        self.push_loose(signs, side_by_side);
        Ok(())
    }

    fn push_loose(&mut self, signs: &Signs, words: Vec<(Range<usize>, Wanted)>) {
        let (Some((first, _)), Some((last, _))) = (words.first(), words.last()) else { return };
        let written = first.start..last.end;
        let behind = self.text.get(written.end..).unwrap_or_default();
        let is_beginning = behind
            .strip_prefix('*')
            .is_some_and(|more| !more.starts_with(|c: char| c == '*' || c.is_alphanumeric()));
        let key =
            self.text.get(written.clone()).and_then(key).filter(|_| signs.field.is_none() && !is_beginning);
        self.clauses.push(Clause {
            at: written.start..written.end + usize::from(is_beginning),
            is_excluded: signs.is_excluded,
            field: signs.field,
            words: words.into_iter().map(|(_, wanted)| wanted).collect(),
            is_exact: false,
            ending: if is_beginning { Ending::Anywhere } else { Ending::Whole },
            keys: key.into_iter().collect(),
        });
    }

    /// The words of a part of the text, and where each stands in the whole.
    fn words_in(&mut self, part: Range<usize>) -> Result<Vec<(Range<usize>, Wanted)>, SyntaxError> {
        let mut words = Words::of(self.text.get(part.clone()).unwrap_or_default());
        let whole = |range: Range<usize>| part.start + range.start..part.start + range.end;
        let mut found = Vec::new();
        for word in words.by_ref().filter(|word| !word.is_part) {
            let wanted = Wanted::of(&word);
            if wanted.folded.is_empty() {
                continue;
            }
            self.words += 1;
            if self.words > QUERY_WORDS_MAX {
                let what = format!("there are more than {QUERY_WORDS_MAX} words");
                return Err(SyntaxError { at: whole(word.range()), what });
            }
            found.push((whole(word.range()), wanted));
        }
        if let Some(range) = words.too_long() {
            let what = format!("a word has more than {WORD_CHARS_MAX} characters, and no such word is found");
            return Err(SyntaxError { at: whole(range), what });
        }
        Ok(found)
    }
}

impl Wanted {
    pub(in crate::search) fn of(word: &Word<'_>) -> Self {
        let lower = lower(word.raw);
        let folded = fold(&lower);
        Self { lower, folded }
    }
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// Whether words on both sides are words of their own, though no space is between them.
const fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '!' | '?' | '*' | '…')
}

fn begins_word_or_phrase(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || is_quote(c))
}

fn starts_with_name(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// The key of an issue, if a text has the form of one.
fn key(text: &str) -> Option<String> {
    let (team, number) = text.split_once('-')?;
    let is_team = team.len() <= KEY_LETTERS_MAX
        && team.starts_with(|c: char| c.is_ascii_alphabetic())
        && team.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_number =
        (1..=KEY_DIGITS_MAX).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (is_team && is_number).then(|| key_term(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A query as one line: signs, then words; quotes around exact ones.
    fn shown(text: &str, typing: Typing) -> String {
        let clauses = match parse(text, typing, &Limits::default()) {
            Ok(clauses) => clauses,
            Err(error) => return format!("{} {:?}", error.what, error.at),
        };
        let show = |clause: &Clause| {
            let words: Vec<&str> = clause.words.iter().map(|word| word.folded.as_str()).collect();
            let words = words.join("+");
            let sign = if clause.is_excluded { "-" } else { "" };
            let field = clause.field.map_or(String::new(), |field| format!("{field:?}:"));
            let quote = if clause.is_exact { "\"" } else { "" };
            let ending = match clause.ending {
                Ending::Whole => "",
                Ending::Anywhere => "*",
                Ending::Unfinished => "…",
            };
            let key = clause.keys.first().map_or(String::new(), |key| format!("={key}"));
            format!("{sign}{field}{quote}{words}{quote}{ending}{key}")
        };
        clauses.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text, Typing::Done), expected, "{text}");
    }

    #[test]
    fn words_phrases_exclusions_and_fields_are_told_apart() {
        check("Login TIMEOUT", "login timeout");
        check("\"Session expired\" -mobile -\"dark mode\"", "\"session+expired\" -mobile -\"dark+mode\"");
        check(
            "title:Crash TITLE:\"on start\" -comment:later",
            "Title:crash Title:\"on+start\" -Comments:later",
        );
        check("“smart quotes”", "\"smart+quotes\"");
        check("auth* title:log*", "auth* Title:log*");
    }

    #[test]
    fn words_without_a_space_stand_side_by_side_unless_punctuation_parts_them() {
        check("handshake_timeout foo.bar() TLS1.3 std::vec", "handshake+timeout foo+bar tls+1+3 std+vec");
        check("a,b (c) x|y", "a b c x y");
        check("https://example.com/a-b", "https+example+com+a+b");
        check("**bold** a*b --flag =>", "bold a b flag");
    }

    #[test]
    fn what_looks_like_a_key_is_one() {
        check("ENG-12 eng-12* title:ENG-12 a-b-1", "eng+12=eng-12 eng+12* Title:eng+12 a+b+1");
    }

    #[test]
    fn the_last_word_may_be_unfinished() {
        assert_eq!(shown("login tim", Typing::LastWord), "login tim…");
        assert_eq!(shown("login tim ", Typing::LastWord), "login tim");
        assert_eq!(shown("login \"tim\"", Typing::LastWord), "login \"tim\"");
        assert_eq!(shown("login -tim", Typing::LastWord), "login -tim");
        assert_eq!(shown("login \"session tim", Typing::LastWord), "login \"session+tim\"…");
        assert_eq!(shown("login \"session tim ", Typing::LastWord), "login \"session+tim\"");
        assert_eq!(shown("login title:", Typing::LastWord), "login");
    }

    #[test]
    fn an_ellipsis_at_the_end_says_that_the_text_goes_on() {
        check("login tim…", "login tim…");
        check("login ENG-12…", "login eng+12…=eng-12");
        check("login \"session tim…", "login \"session+tim\"…");
        check("login title:…", "login");
        check("login tim …", "login tim");
        check("login… tim", "login tim");
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        check("login \"session", "the quote that opens here is not closed 6..7");
        check("a title: b", "`title:` needs a word or a phrase right behind it 2..8");
        check("", "there is no word to search for 0..0");
        check("=> \"\"", "there is no word to search for 0..5");
    }

    #[test]
    fn bounds_are_told_with_their_place() {
        let many = "ab ".repeat(QUERY_WORDS_MAX + 1);
        check(&many, "there are more than 32 words 96..98");
        let long = format!("a {}", "x".repeat(WORD_CHARS_MAX + 1));
        check(&long, "a word has more than 64 characters, and no such word is found 2..67");
        let huge = " ".repeat(2_050);
        check(&huge, "the text has 2050 bytes, at most 2048 are read 2048..2050");
        let full = format!("a{}…", " ".repeat(2_047));
        check(&full, "a");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,80}", typing in any::<bool>()) {
            let typing = if typing { Typing::LastWord } else { Typing::Done };
            match parse(&text, typing, &Limits::default()) {
                Ok(clauses) => for clause in clauses {
                    prop_assert!(text.get(clause.at).is_some());
                },
                Err(error) => prop_assert!(text.get(error.at).is_some()),
            }
        }

        #[test]
        fn no_text_of_signs_is_too_strange(text in "[a-c\"“”*:.,\\-_ titleTITLE0-9\u{1E}é東]{0,40}") {
            if let Ok(clauses) = parse(&text, Typing::LastWord, &Limits::default()) {
                prop_assert!(clauses.iter().all(|clause| !clause.words.is_empty()));
            }
        }
    }
}
