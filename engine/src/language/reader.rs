//! What every part of the parser needs: the place in the text, the bounds, and the list of what is wrong.

use super::ParseError;
use super::problem::{Wrong, clipped};
use super::scan::{Atom, Head, Item, Scanner, Start, Unclosed};
use super::sign::Sign;
use super::unknown::{Mention, NameKind};
use crate::filter::{Sort, TextSearch};
use crate::limits::Limits;
use jiff::tz::TimeZone;
use std::ops::Range;

/// At most so many errors are told; the rest of the text is then not read.
pub(crate) const ERRORS_MAX: usize = 20;

/// Parentheses that may stand inside one another, whatever the limits say: the stack is not endless.
const NESTING_MAX: usize = 64;

/// A part of the text was refused, and the reason is on the list.
#[derive(Debug)]
pub(super) struct Refused;

/// What was read, if it could be.
pub(super) type Read<T> = Result<T, Refused>;

/// A parser at a place of its text.
pub(super) struct Reader<'t> {
    pub(super) scan: Scanner<'t>,
    pub(super) limits: &'t Limits,
    pub(super) zone: &'t TimeZone,
    pub(super) errors: Vec<ParseError>,
    /// The order, as far as it was read.
    pub(super) sort: Vec<Sort>,
    /// The names that were read.
    pub(super) names: Vec<Mention>,
    /// The searches for words that were read.
    pub(super) searches: Vec<(TextSearch, Place)>,
    /// Tests that were read.
    pub(super) tests: usize,
    /// Those among them that are looked up.
    pub(super) looked_up: usize,
    /// Parentheses that are open.
    pub(super) depth: usize,
    /// The rest of the text is not read.
    is_cut: bool,
}

/// Values behind a sign.
#[derive(Debug, Clone)]
pub(super) struct Values<'t> {
    pub(super) items: Vec<Item<'t>>,
    /// Whether they are a list, even of one or none.
    pub(super) listed: bool,
    pub(super) place: Place,
}

/// Where something stands, in bytes.
pub(super) type Place = Range<usize>;

/// What is asked of a field.
#[derive(Debug, Clone)]
pub(super) struct Asked<'t> {
    /// The field, as typed.
    pub(super) field: &'t str,
    /// What stands behind its dot.
    pub(super) part: Option<&'t str>,
    pub(super) sign: Sign,
    pub(super) values: Values<'t>,
    /// Where all of it stands.
    pub(super) place: Place,
}

impl<'t> Values<'t> {
    /// The one value, when they are no list.
    pub(super) fn single(&self) -> Option<&Item<'t>> {
        self.items.first().filter(|_| !self.listed)
    }

    /// The one value as a word of the language: neither a list, a range nor in quotes.
    pub(super) fn word(&self) -> Option<&str> {
        self.single().and_then(Item::word)
    }
}

impl<'t> Item<'t> {
    /// The value as a word of the language.
    pub(super) fn word(&self) -> Option<&str> {
        self.whole.as_ref().filter(|atom| !atom.quoted && self.range.is_none()).map(|atom| &*atom.text)
    }

    /// Whether it is this word, whatever its case.
    pub(super) fn says(&self, word: &str) -> bool {
        self.word().is_some_and(|said| said.eq_ignore_ascii_case(word))
    }
}

impl Asked<'_> {
    /// Where the field and its sign stand.
    pub(super) const fn head(&self) -> Place {
        self.place.start..self.values.place.start
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, limits: &'t Limits, zone: &'t TimeZone) -> Self {
        let scan = Scanner::new(text);
        let (errors, sort, names, searches) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            scan,
            limits,
            zone,
            errors,
            sort,
            names,
            searches,
            tests: 0,
            looked_up: 0,
            depth: 0,
            is_cut: false,
        }
    }

    /// Takes an error on the list.
    pub(super) fn refuse<T>(&mut self, place: Place, wrong: Wrong) -> Read<T> {
        if self.errors.len() < ERRORS_MAX {
            let Wrong { message, suggestions } = wrong;
            self.errors.push(ParseError { start: place.start, end: place.end, message, suggestions });
        } else {
            self.cut();
        }
        Err(Refused)
    }

    /// Reads no further.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
        self.scan.finish();
    }

    /// [`Self::refuse`] without a suggestion.
    pub(super) fn refuse_plainly<T>(&mut self, place: Place, message: impl Into<String>) -> Read<T> {
        self.refuse(place, Wrong { message: message.into(), suggestions: Vec::new() })
    }

    /// Takes what is wrong with a value on the list.
    pub(super) fn check<T>(&mut self, place: Place, read: Result<T, Wrong>) -> Read<T> {
        read.or_else(|wrong| self.refuse(place, wrong))
    }

    /// Notes that a name stands in the text.
    pub(super) fn mention(&mut self, kind: NameKind, atom: &Atom<'_>) {
        self.names.push(Mention {
            kind,
            name: atom.text.clone().into_owned(),
            start: atom.start,
            end: atom.end,
        });
    }

    /// A quotation does not end: nothing behind it can be understood.
    pub(super) fn unclosed<T>(&mut self, Unclosed(start): Unclosed) -> Read<T> {
        self.scan.at = start;
        self.scan.step();
        let end = self.scan.at;
        self.cut();
        self.refuse_plainly(start..end, "this quotation is not closed: write `\"` where it ends")
    }

    /// Reads what stands in parentheses; the one that opens stands at `open` and was read.
    pub(super) fn group<T>(&mut self, open: usize, read: impl FnOnce(&mut Self) -> T) -> Read<T> {
        let nesting_max = self.limits.filter_depth_max.saturating_mul(2).saturating_add(2).min(NESTING_MAX);
        if self.depth >= nesting_max {
            self.scan.skip_group();
            let message = format!("parentheses stand inside one another more than {nesting_max} times");
            return self.refuse_plainly(open..open + 1, message);
        }
        self.depth += 1;
        let inside = read(self);
        self.depth -= 1;
        self.scan.skip_blanks();
        if self.scan.take(")") {
            return Ok(inside);
        }
        if self.is_cut {
            return Err(Refused);
        }
        self.refuse_plainly(open..open + 1, "this parenthesis is not closed: write `)` where it ends")
    }

    /// Reads the values behind a field and its sign.
    pub(super) fn asked(&mut self, head: &Head<'t>) -> Read<Asked<'t>> {
        self.scan.at = head.value;
        let values = self.values(head)?;
        let place = head.start..self.scan.at;
        Ok(Asked { field: head.name, part: head.part, sign: head.sign, values, place })
    }

    fn values(&mut self, head: &Head<'t>) -> Read<Values<'t>> {
        let start = self.scan.at;
        let named = self.scan.rest().get(..3).is_some_and(|word| word.eq_ignore_ascii_case("in("));
        let enclosed = named || self.scan.peek() == Some('(');
        let items = if enclosed {
            self.scan.at += if named { "in(".len() } else { 1 };
            self.group(self.scan.at - 1, |reader| reader.enclosed_list(head))??
        } else {
            self.list(head, false)?
        };
        let listed = enclosed || items.len() > 1;
        self.bounded(Values { items, listed, place: start..self.scan.at })
    }

    fn enclosed_list(&mut self, head: &Head<'t>) -> Read<Vec<Item<'t>>> {
        self.scan.skip_blanks();
        if matches!(self.scan.peek(), Some(')') | None) {
            return Ok(Vec::new());
        }
        let items = self.list(head, true);
        if items.is_ok() && matches!(self.scan.peek(), Some(')') | None) {
            return items;
        }
        let at = self.scan.at;
        self.scan.skip_to_close();
        items?;
        self.refuse_plainly(at..self.scan.at, "between values in parentheses stand commas")
    }

    fn bounded(&mut self, values: Values<'t>) -> Read<Values<'t>> {
        let max = self.limits.filter_values_max;
        if values.items.len() <= max {
            return Ok(values);
        }
        self.refuse_plainly(
            values.place,
            format!("{} values in one list: at most {max} are allowed", values.items.len()),
        )
    }

    /// Values with commas between them; blanks may stand behind a comma, and inside parentheses before it.
    fn list(&mut self, head: &Head<'t>, enclosed: bool) -> Read<Vec<Item<'t>>> {
        let mut items = Vec::new();
        loop {
            items.push(self.value(head)?);
            if enclosed {
                self.scan.skip_blanks();
            }
            if !self.scan.take(",") {
                return Ok(items);
            }
            self.scan.skip_blanks();
        }
    }

    fn value(&mut self, head: &Head<'t>) -> Read<Item<'t>> {
        let item = match self.scan.item() {
            Ok(item) => item,
            Err(unclosed) => return self.unclosed(unclosed),
        };
        let Item { start, end, .. } = item;
        if start == end {
            return self.missing(head, start);
        }
        let (bytes, max) =
            (item.whole.as_ref().map_or(0, |atom| atom.text.len()), self.limits.filter_text_bytes_max);
        if bytes > max {
            self.skip_values();
            return self.refuse_plainly(
                start..end,
                format!("this text has {bytes} bytes: at most {max} are allowed"),
            );
        }
        match self.scan.peek() {
            Some('(') => {
                self.scan.step();
                self.scan.skip_group();
                let message = format!(
                    "`{}(` means nothing here: put the value in quotes",
                    clipped(self.scan.slice(start, end))
                );
                self.refuse_plainly(start..self.scan.at, message)
            }
            Some(c) if !c.is_whitespace() && !matches!(c, ',' | ')') => {
                self.skip_values();
                self.refuse_plainly(
                    start..self.scan.at,
                    "a quotation begins or ends in the middle of this value",
                )
            }
            _ => Ok(item),
        }
    }

    fn missing<T>(&mut self, head: &Head<'t>, at: usize) -> Read<T> {
        let said = self.scan.slice(head.start, at).trim_end();
        let message = format!("a value is missing behind `{}`", clipped(said));
        let mut behind = self.scan.clone();
        behind.skip_blanks();
        match behind.next() {
            Start::Word(end) if at == head.value && behind.at > at => {
                let suggestions = vec![format!("{said}{}", self.scan.slice(behind.at, end))];
                self.scan.at = end;
                let message = format!("{message}: write it without a blank between them");
                self.refuse(head.start..end, Wrong { message, suggestions })
            }
            _ => self.refuse_plainly(head.start..at, message),
        }
    }

    /// Steps over the values behind a sign, whatever they are.
    pub(super) fn skip_values(&mut self) {
        loop {
            if self.scan.take("(") {
                self.scan.skip_group();
            } else if self.scan.item().is_err() {
                self.scan.finish();
            }
            let comma = self.scan.take(",");
            if !comma && !matches!(self.scan.peek(), Some('(' | '"' | '“')) {
                return;
            }
        }
    }

    /// Refuses what begins here and steps over it.
    pub(super) fn refuse_next<T>(&mut self, message: impl FnOnce(&str) -> String) -> Read<T> {
        let start = self.scan.at;
        match self.scan.next() {
            Start::Head(head) => {
                self.scan.at = head.value;
                self.skip_values();
            }
            Start::Word(end) | Start::Key(end) => self.scan.at = end,
            Start::Quote => {
                if let Err(unclosed) = self.scan.quotation() {
                    return self.unclosed(unclosed);
                }
            }
            Start::Glued(open) => {
                self.scan.at = open + 1;
                self.scan.skip_group();
            }
            Start::Open | Start::All | Start::Any => {
                self.scan.at = start + self.scan.rest().find('(').unwrap_or_default() + 1;
                self.scan.skip_group();
            }
            Start::And => self.scan.at += "AND".len(),
            Start::Or => self.scan.at += "OR".len(),
            Start::Not => self.scan.at += "NOT".len(),
            Start::Minus | Start::Close | Start::End => self.scan.step(),
        }
        let said = clipped(self.scan.slice(start, self.scan.at));
        self.refuse_plainly(start..self.scan.at, message(&said))
    }
}
