//! The fragment of a text that shows best why it was found, with the words marked.
//!
//! It marks by the same plan that found the issue, so that stems, beginnings and words like those asked for are marked
//! too. It reads the text it is given, and knows no markdown.

use super::bounds::SNIPPET_BYTES_MAX;
use super::document::Field;
use super::fold::{fold_into, lower_into};
use super::judge::keep_side_by_side;
use super::language::{Language, Stemmer};
use super::plan::{Clause, Plan, Role, Term, Word, distance};
use super::snapshot::Kind;
use super::split::Words;
use std::ops::Range;

/// A part of a text, with what was looked for marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The part, as it is written.
    pub text: String,
    /// Where it lies in the whole text, in bytes.
    pub at: Range<usize>,
    /// The words that were looked for, as places in [`Self::text`] in bytes, in order and apart.
    pub marks: Vec<Range<usize>>,
    /// Whether the text goes on before and behind it.
    pub is_cut: (bool, bool),
}

impl Snippet {
    /// The snippet as HTML: everything escaped, the marked words in `<em>`, on one line, an ellipsis where it is cut.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::with_capacity(self.text.len() + 16 * self.marks.len());
        let mut done = 0;
        html.push_str(if self.is_cut.0 { "…" } else { "" });
        for mark in &self.marks {
            escape(self.text.get(done..mark.start).unwrap_or_default(), &mut html);
            html.push_str("<em>");
            escape(self.text.get(mark.clone()).unwrap_or_default(), &mut html);
            html.push_str("</em>");
            done = mark.end;
        }
        escape(self.text.get(done..).unwrap_or_default(), &mut html);
        html.push_str(if self.is_cut.1 { "…" } else { "" });
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if c.is_control() || c.is_whitespace() => html.push(' '),
            c => html.push(c),
        }
    }
}

/// A word of the text that a clause asks for.
struct Mark {
    at: Range<usize>,
    /// The same in characters.
    chars: Range<usize>,
    clause: usize,
    /// Its place among the words of the text, and in the clause.
    position: u32,
    behind: u32,
}

impl Plan {
    /// The best part of a field's text of at most so many characters; none if nothing in it was looked for.
    pub(super) fn snippet(
        &self,
        language: Language,
        field: Field,
        text: &str,
        chars_max: usize,
    ) -> Option<Snippet> {
        let read = text.get(..text.floor_char_boundary(SNIPPET_BYTES_MAX)).unwrap_or_default();
        let marks = self.marks(language, field, read);
        let shown = self.best(&marks, chars_max)?;
        let (first, last) = (shown.first()?, shown.last()?);
        let used = last.chars.end.saturating_sub(first.chars.start);
        let at = around(text, first.at.start..last.at.end, chars_max.saturating_sub(used));
        let at = at.start..at.start + cut_after(text.get(at.clone())?, chars_max);
        let inside = |mark: &Mark| {
            let end = mark.at.end.min(at.end);
            (mark.at.start < end).then(|| mark.at.start - at.start..end - at.start)
        };
        let mut apart: Vec<Range<usize>> = Vec::new();
        for mark in shown.iter().filter_map(inside) {
            match apart.last_mut() {
                Some(before) if mark.start < before.end => before.end = before.end.max(mark.end),
                _ => apart.push(mark),
            }
        }
        let is_cut = (at.start > 0, at.end < text.len());
        Some(Snippet { text: text.get(at.clone())?.to_owned(), at, marks: apart, is_cut })
    }

    /// The words of a text that are asked for, in order.
    fn marks(&self, language: Language, field: Field, text: &str) -> Vec<Mark> {
        let mut stemmer = Stemmer::new(language);
        let (mut lower, mut folded) = (String::new(), String::new());
        let (mut counted, mut chars) = (0, 0);
        let mut marks = Vec::new();
        for word in Words::of(text) {
            lower_into(word.raw, &mut lower);
            fold_into(&lower, &mut folded);
            let stem = stemmer.stem(&lower);
            for (number, clause) in
                self.clauses.iter().enumerate().filter(|(_, clause)| is_shown(clause, field))
            {
                for (behind, wanted) in (0..).zip(&clause.words) {
                    if !wanted.is(&folded, stem) {
                        continue;
                    }
                    let at = word.range();
                    if counted <= at.start {
                        chars += text.get(counted..at.start).map_or(0, |skipped| skipped.chars().count());
                        counted = at.start;
                    }
                    let length = word.raw.chars().count();
                    let mark = Mark {
                        at,
                        chars: chars..chars + length,
                        clause: number,
                        position: word.position,
                        behind,
                    };
                    marks.push(mark);
                }
            }
        }
        self.drop_scattered(&mut marks);
        marks.sort_by_key(|mark| (mark.at.start, mark.at.end));
        marks
    }

    /// Drops words of phrases that do not stand side by side.
    fn drop_scattered(&self, marks: &mut Vec<Mark>) {
        for (number, clause) in self.clauses.iter().enumerate().filter(|(_, clause)| clause.words.len() > 1) {
            let mut starts = Vec::new();
            for (behind, _) in (0_u32..).zip(&clause.words) {
                let of_word = marks.iter().filter(|mark| mark.clause == number && mark.behind == behind);
                let places: Vec<u32> = of_word.map(|mark| mark.position).collect();
                keep_side_by_side(&mut starts, &places, behind);
            }
            let begins = |mark: &Mark| mark.position.checked_sub(mark.behind);
            marks.retain(|mark| {
                mark.clause != number
                    || begins(mark).is_some_and(|start| starts.binary_search(&start).is_ok())
            });
        }
    }

    /// The run of marks within so many characters that shows most: many different words, then many.
    fn best<'m>(&self, marks: &'m [Mark], chars_max: usize) -> Option<&'m [Mark]> {
        /// What a word is worth that is shown already, as part of its rarity.
        const AGAIN: f32 = 0.05;
        let mut times = vec![0_u32; self.clauses.len()];
        let rarity = |mark: &Mark| self.clauses.get(mark.clause).map_or(0.0, |clause| clause.rarity);
        let (mut end, mut worth, mut best) = (0, 0.0_f32, None);
        for (start, first) in marks.iter().enumerate() {
            while let Some(next) = marks.get(end) {
                if end > start && next.chars.end.saturating_sub(first.chars.start) > chars_max {
                    break;
                }
                if let Some(times) = times.get_mut(next.clause) {
                    worth += rarity(next) * if *times == 0 { 1.0 } else { AGAIN };
                    *times += 1;
                }
                end += 1;
            }
            if best.as_ref().is_none_or(|(most, _)| worth > *most + f32::EPSILON) {
                best = Some((worth, start..end));
            }
            if let Some(times) = times.get_mut(first.clause) {
                *times = times.saturating_sub(1);
                worth -= rarity(first) * if *times == 0 { 1.0 } else { AGAIN };
            }
        }
        best.and_then(|(_, run)| marks.get(run))
    }
}

fn is_shown(clause: &Clause, field: Field) -> bool {
    clause.role != Role::Excluded && clause.fields.has(field)
}

impl Word {
    /// Whether a word of a text counts as this one.
    fn is(&self, folded: &str, stem: Option<&str>) -> bool {
        let listed = |term: &Term| {
            self.is_listed(term.reason)
                && match term.kind {
                    Kind::Written => term.text == folded,
                    Kind::Stem => stem == Some(term.text.as_str()),
                }
        };
        self.terms.iter().any(listed)
            || self.beginning.is_some_and(|rule| !rule.is_cut && folded.starts_with(&self.folded))
            || self
                .near
                .is_some_and(|rule| !rule.is_cut && distance(&self.folded, folded, rule.distance).is_some())
    }
}

/// Widens a part of a text by so many characters in all, between words where that is possible.
fn around(text: &str, part: Range<usize>, chars: usize) -> Range<usize> {
    let (before, behind) =
        (text.get(..part.start).unwrap_or_default(), text.get(part.end..).unwrap_or_default());
    let lead = chars / 3;
    let taken = before.chars().rev().take(lead).map(char::len_utf8).sum::<usize>();
    let mut start = part.start - taken;
    if start > 0 {
        let led = text.get(start..part.start).unwrap_or_default();
        start = led.find(char::is_whitespace).map_or(part.start, |space| start + space);
        let led = text.get(start..part.start).unwrap_or_default();
        start += led.len() - led.trim_start().len();
    }
    let left = chars.saturating_sub(text.get(start..part.start).map_or(0, |led| led.chars().count()));
    let trail: usize = behind.chars().take(left).map(char::len_utf8).sum();
    let mut end = part.end + trail;
    if end < text.len() {
        let tail = text.get(part.end..end).unwrap_or_default();
        end = part.end + tail.rfind(char::is_whitespace).unwrap_or_default();
    }
    start..end
}

/// Bytes of as many characters, without the marks of a character that is left out.
fn cut_after(text: &str, chars_max: usize) -> usize {
    text.char_indices().nth(chars_max).map_or(text.len(), |(end, _)| end)
}
