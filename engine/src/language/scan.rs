//! Letters to words: where a field, a value, a quotation, a word of the language begins and ends.
//!
//! It knows the spelling of the language and no meaning; only to tell `priority > low` from words to search for, it asks
//! which names are fields. Each letter is looked at a fixed number of times at most.

use super::field;
use super::sign::{SIGN_CHARS, Sign};
use std::borrow::Cow;

/// A place in a text.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    /// The byte that is read next.
    pub(super) at: usize,
}

/// What begins at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Start<'t> {
    /// Nothing: the end.
    End,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// A quotation.
    Quote,
    /// `-`, directly before something.
    Minus,
    /// `AND`.
    And,
    /// `OR`.
    Or,
    /// `NOT`.
    Not,
    /// `all(`.
    All,
    /// `any(`.
    Any,
    /// A field and a sign.
    Head(Head<'t>),
    /// The key of an issue, which ends there.
    Key(usize),
    /// A word, which ends there.
    Word(usize),
    /// A word with a parenthesis stuck to it, which stands there.
    Glued(usize),
}

/// A field and a sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head<'t> {
    /// The name before the first dot, as typed.
    pub(super) name: &'t str,
    /// What stands behind the dot.
    pub(super) part: Option<&'t str>,
    /// Where the name begins.
    pub(super) start: usize,
    /// Where the name ends.
    pub(super) end: usize,
    /// The sign.
    pub(super) sign: Sign,
    /// Where the value begins.
    pub(super) value: usize,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Atom<'t> {
    /// What it says, without quotes and escapes.
    pub(super) text: Cow<'t, str>,
    /// Whether it stood in quotes: then it is no word of the language.
    pub(super) quoted: bool,
    /// Where it begins, with its quotes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// A value, or a range of values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item<'t> {
    /// The value; none when it can only be a range.
    pub(super) whole: Option<Atom<'t>>,
    /// The ends of the range, if there are two dots.
    pub(super) range: Option<(Option<Atom<'t>>, Option<Atom<'t>>)>,
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// A quotation that does not end; it begins there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed(pub(super) usize);

/// Words to search for that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The words and quotations as typed, one blank between them.
    pub(super) text: String,
    /// How many.
    pub(super) pieces: usize,
}

/// Whether a letter ends a word.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '“')
}

/// Whether a letter ends a value without quotes.
pub(super) fn ends_value(c: char) -> bool {
    ends_word(c) || c == ','
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// A part of the text.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The next letter.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Steps over a letter.
    pub(super) fn step(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// Steps over this, if it is what comes.
    pub(super) fn take(&mut self, what: &str) -> bool {
        let comes = self.rest().starts_with(what);
        if comes {
            self.at += what.len();
        }
        comes
    }

    /// Where the first letter stands for which `ends` holds.
    fn until(&self, ends: impl Fn(char) -> bool) -> usize {
        self.at + self.rest().find(ends).unwrap_or(self.rest().len())
    }

    pub(super) fn skip_blanks(&mut self) {
        self.at = self.until(|c| !c.is_whitespace());
    }

    /// Steps to the end of the text.
    pub(super) const fn finish(&mut self) {
        self.at = self.text.len();
    }

    /// Steps behind the parenthesis that closes the one before, whatever stands between; or to the end.
    pub(super) fn skip_group(&mut self) {
        let mut open = 1_usize;
        while let Some(c) = self.peek() {
            match c {
                '"' | '“' => {
                    if self.quotation().is_err() {
                        return self.finish();
                    }
                    continue;
                }
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            self.step();
            if open == 0 {
                return;
            }
        }
    }

    /// Steps to the parenthesis that closes the one before, whatever stands between; or to the end.
    pub(super) fn skip_to_close(&mut self) {
        self.skip_group();
        if self.text.get(..self.at).is_some_and(|before| before.ends_with(')')) {
            self.at -= 1;
        }
    }

    /// What begins here.
    pub(super) fn next(&self) -> Start<'t> {
        match self.peek() {
            None => return Start::End,
            Some('(') => return Start::Open,
            Some(')') => return Start::Close,
            Some('"' | '“') => return Start::Quote,
            Some('-') => return Start::Minus,
            Some(_) => {}
        }
        if let Some(head) = self.head() {
            return Start::Head(head);
        }
        let end = self.until(ends_word);
        let word = self.slice(self.at, end);
        let glued = self.text.get(end..).is_some_and(|rest| rest.starts_with('('));
        match word {
            "AND" => Start::And,
            "OR" => Start::Or,
            "NOT" => Start::Not,
            _ if glued && word.eq_ignore_ascii_case("all") => Start::All,
            _ if glued && word.eq_ignore_ascii_case("any") => Start::Any,
            _ if glued => Start::Glued(end),
            _ if is_key(word) => Start::Key(end),
            _ => Start::Word(end),
        }
    }

    /// The field and the sign that begin here. Blanks may stand around a sign other than `:`, when the name is a field's.
    fn head(&self) -> Option<Head<'t>> {
        if !self.peek()?.is_alphabetic() {
            return None;
        }
        let end = self.until(|c| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let whole = self.slice(self.at, end);
        let (name, part) = whole.split_once('.').map_or((whole, None), |(name, part)| (name, Some(part)));
        let behind = self.text.get(end..)?;
        let head = |sign, value| Some(Head { name, part, start: self.at, end, sign, value });
        if let Some((sign, length)) = Sign::read(behind) {
            let value = end + length;
            return head(
                sign,
                value + if sign == Sign::HAS { 0 } else { self.blanks_before_value(name, value) },
            );
        }
        let sign_at = end + blanks(behind);
        if sign_at == end || field::find(name).is_none() {
            return None;
        }
        let (sign, length) = Sign::read(self.text.get(sign_at..)?).filter(|(sign, _)| *sign != Sign::HAS)?;
        let value = sign_at + length;
        head(sign, value + self.blanks_before_value(name, value))
    }

    fn blanks_before_value(&self, name: &str, value: usize) -> usize {
        let behind = self.text.get(value..).unwrap_or_default();
        let blanks = blanks(behind);
        let ends = behind.get(blanks..).is_none_or(|rest| rest.is_empty() || rest.starts_with(')'));
        if ends || field::find(name).is_none() { 0 } else { blanks }
    }

    /// Reads the quotation that begins here. In `"` the letters `\"` and `\\` stand for `"` and `\`; `“` ends at `”`.
    pub(super) fn quotation(&mut self) -> Result<Atom<'t>, Unclosed> {
        let start = self.at;
        let curly = self.take("“");
        if !curly {
            self.take("\"");
        }
        let mut text = Cow::Borrowed("");
        let mut from = self.at;
        while let Some(c) = self.peek() {
            let here = self.at;
            self.step();
            match c {
                '”' if curly => return Ok(self.quoted(text, from, here, start)),
                '"' if !curly => return Ok(self.quoted(text, from, here, start)),
                '\\' if !curly && matches!(self.peek(), Some('"' | '\\')) => {
                    text.to_mut().push_str(self.slice(from, here));
                    from = self.at;
                    self.step();
                }
                _ => {}
            }
        }
        Err(Unclosed(start))
    }

    fn quoted(&self, text: Cow<'t, str>, from: usize, to: usize, start: usize) -> Atom<'t> {
        let last = self.slice(from, to);
        let text = if text.is_empty() { Cow::Borrowed(last) } else { text + last };
        Atom { text, quoted: true, start, end: self.at }
    }

    /// Reads a value or a range; what is missing is an empty value.
    pub(super) fn item(&mut self) -> Result<Item<'t>, Unclosed> {
        let start = self.at;
        if matches!(self.peek(), Some('"' | '“')) {
            let first = self.quotation()?;
            if !self.take("..") {
                return Ok(Item { end: self.at, whole: Some(first), range: None, start });
            }
            let last = self.last()?;
            return Ok(Item { whole: None, range: Some((Some(first), last)), start, end: self.at });
        }
        let end = self.until(ends_value);
        let Some(dots) = self.slice(start, end).find("..").map(|dots| start + dots) else {
            let whole = self.bare(end);
            return Ok(Item { whole: Some(whole), range: None, start, end });
        };
        let whole = Atom { text: Cow::Borrowed(self.slice(start, end)), quoted: false, start, end };
        let first = (dots > start).then(|| self.bare(dots));
        self.at = dots + "..".len();
        let last = self.last()?;
        let whole = (self.at == end).then_some(whole);
        Ok(Item { whole, range: Some((first, last)), start, end: self.at })
    }

    /// The upper end of a range.
    fn last(&mut self) -> Result<Option<Atom<'t>>, Unclosed> {
        if matches!(self.peek(), Some('"' | '“')) {
            return self.quotation().map(Some);
        }
        let end = self.until(ends_value);
        Ok((end > self.at).then(|| self.bare(end)))
    }

    fn bare(&mut self, end: usize) -> Atom<'t> {
        let start = self.at;
        self.at = end;
        Atom { text: Cow::Borrowed(self.slice(start, end)), quoted: false, start, end }
    }

    /// Reads the words and quotations that stand together here; one alone, if so wanted.
    pub(super) fn run(&mut self, alone: bool) -> Result<Run, Unclosed> {
        let mut run = Run { text: String::new(), pieces: 0 };
        loop {
            if run.pieces > 0 {
                run.text.push(' ');
            }
            match self.next() {
                Start::Word(end) => {
                    run.text.push_str(self.slice(self.at, end));
                    self.at = end;
                }
                _ => {
                    let start = self.at;
                    let phrase = self.quotation()?;
                    let typed = self.slice(start, self.at);
                    let curly = typed.starts_with('“');
                    run.text.push_str(&if curly { quote(&phrase.text) } else { typed.to_owned() });
                }
            }
            run.pieces += 1;
            let behind = self.at;
            self.skip_blanks();
            if alone || !matches!(self.next(), Start::Word(_) | Start::Quote) {
                self.at = behind;
                return Ok(run);
            }
        }
    }
}

/// Bytes of the blanks that a text begins with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Whether a word is the key of an issue, in capitals: 2 to 7 of A–Z and 0–9, a letter first; a number.
fn is_key(word: &str) -> bool {
    let Some((team, number)) = word.split_once('-') else { return false };
    let capital = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (2..=7).contains(&team.len())
        && team.starts_with(|c: char| c.is_ascii_uppercase())
        && team.as_bytes().iter().all(capital)
        && number.bytes().all(|b| b.is_ascii_digit())
        && number.parse::<u32>().is_ok()
}

/// A text in quotes.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as a value: in quotes when it could not be read without.
pub(super) fn value(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.starts_with(SIGN_CHARS)
        && !text.contains("..")
        && !text.contains(ends_value);
    if plain { text.to_owned() } else { quote(text) }
}

/// How many words and quotations a text is when it stands without a field; none when it would be read as something else.
pub(super) fn pieces(text: &str) -> Option<usize> {
    if text.starts_with(char::is_whitespace) {
        // Space in front of words is skipped where they stand.
        return None;
    }
    let mut scanner = Scanner::new(text);
    if !matches!(scanner.next(), Start::Word(_) | Start::Quote) {
        return None;
    }
    let run = scanner.run(false).ok()?;
    (scanner.at == text.len() && run.text == text).then_some(run.pieces)
}
