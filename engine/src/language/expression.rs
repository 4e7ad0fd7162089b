//! How tests are joined: adjacency and `AND`, `OR`, `NOT` and `-`, parentheses, and words that stand alone.
//!
//! The parser goes down one level for each parenthesis and for nothing else, and parentheses are counted.

use super::problem::{Wrong, clipped};
use super::reader::{Place, Read, Reader};
use super::scan::{Start, quote};
use super::value::Value;
use crate::filter::{Compare, Filter, IssueKey, Test, TextSearch};

/// Alternatives, each of tests that must all pass.
#[derive(Debug)]
pub(super) struct Expression {
    alternatives: Vec<Vec<Filter>>,
    /// Whether there is but one alternative, of several words.
    wordy: bool,
}

/// Something between blanks.
enum Item {
    Filter(Filter),
    /// Several words to search for.
    Words(Filter),
    /// The order of the list, which is no part of the filter.
    Sort,
}

impl Expression {
    /// The one filter that it is.
    pub(super) fn into_filter(self) -> Filter {
        let mut filters = self.into_alternatives();
        match (filters.len(), filters.pop()) {
            (1, Some(one)) => one,
            (_, Some(last)) => {
                filters.push(last);
                Filter::Any(filters)
            }
            (_, None) => Filter::everything(),
        }
    }

    /// What must all pass.
    pub(super) fn into_parts(mut self) -> Vec<Filter> {
        match self.alternatives.pop() {
            Some(parts) if self.alternatives.is_empty() => parts,
            Some(parts) => {
                self.alternatives.push(parts);
                vec![self.into_filter()]
            }
            None => Vec::new(),
        }
    }

    fn into_alternatives(self) -> Vec<Filter> {
        self.alternatives.into_iter().map(all).collect()
    }

    fn is_empty(&self) -> bool {
        self.alternatives.iter().all(Vec::is_empty)
    }
}

/// All of these; one alone is itself.
pub(super) fn all(mut parts: Vec<Filter>) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            parts.push(last);
            Filter::All(parts)
        }
        (_, None) => Filter::everything(),
    }
}

impl<'t> Reader<'t> {
    /// Reads alternatives up to the parenthesis that closes them, or the end.
    pub(super) fn expression(&mut self) -> Expression {
        let mut alternatives = Vec::new();
        let mut parts = Vec::new();
        let mut wordy = false;
        // Items of this alternative, refused ones too; and the word that waits for another.
        let mut items = 0_usize;
        let mut waiting: Option<Place> = None;
        loop {
            self.scan.skip_blanks();
            let start = self.scan.at;
            let next = self.scan.next();
            match next {
                Start::End => break,
                Start::Close if self.depth > 0 => break,
                Start::And | Start::Or => {
                    self.scan.at += if next == Start::And { "AND".len() } else { "OR".len() };
                    let place = start..self.scan.at;
                    if items == 0 || waiting.is_some() {
                        let word = self.scan.slice(start, self.scan.at);
                        let _: Read<()> = self
                            .refuse_plainly(place.clone(), format!("nothing stands before this `{word}`"));
                    }
                    if next == Start::Or {
                        alternatives.push(std::mem::take(&mut parts));
                        items = 0;
                    }
                    waiting = Some(place);
                }
                _ => match self.item(next) {
                    Ok(Item::Sort) => {}
                    read => {
                        wordy = matches!(read, Ok(Item::Words(_)));
                        if let Ok(Item::Filter(filter) | Item::Words(filter)) = read {
                            parts.push(filter);
                        }
                        items += 1;
                        waiting = None;
                    }
                },
            }
        }
        if let Some(place) = waiting {
            let word = self.scan.slice(place.start, place.end);
            let _: Read<()> = self.refuse_plainly(place, format!("nothing stands behind this `{word}`"));
        }
        wordy = alternatives.is_empty() && (items > 1 || wordy);
        alternatives.push(parts);
        Expression { alternatives, wordy }
    }

    fn item(&mut self, mut next: Start<'t>) -> Read<Item> {
        let start = self.scan.at;
        let mut negations = 0_usize;
        while next == Start::Not {
            self.scan.at += "NOT".len();
            self.scan.skip_blanks();
            negations += 1;
            next = self.scan.next();
        }
        let minus = next == Start::Minus;
        if minus {
            self.scan.step();
            negations += 1;
            next = self.scan.next();
        }
        if negations > self.limits.filter_depth_max {
            let end = self.scan.at;
            let message = format!(
                "{negations} negations of one thing: at most {} are allowed",
                self.limits.filter_depth_max
            );
            return self.refuse_plainly(start..end, message);
        }
        if minus && matches!(next, Start::Minus | Start::And | Start::Or | Start::Not) {
            return self.refuse_minus(start);
        }
        if negations > 0 && matches!(next, Start::End | Start::Close | Start::And | Start::Or) {
            let message = "nothing stands behind this negation".to_owned();
            return self.refuse_plainly(start..self.scan.at, message);
        }
        if negations > 0 && self.scan.peek().is_some_and(char::is_whitespace) {
            return self.refuse_minus(start);
        }
        let item = self.positive(next, negations > 0)?;
        if negations == 0 {
            return Ok(item);
        }
        let (Item::Filter(filter) | Item::Words(filter)) = item else {
            return self
                .refuse_plainly(start..self.scan.at, "an order cannot be negated: write `sort:-updated`");
        };
        Ok(Item::Filter((0..negations).fold(filter, |filter, _| Filter::Not(Box::new(filter)))))
    }

    /// A minus that stands before nothing it could negate; most often a part of words to search for.
    fn refuse_minus<T>(&mut self, start: usize) -> Read<T> {
        let mut word = self.scan.clone();
        while word.peek().is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '“')) {
            word.step();
        }
        self.scan.at = word.at;
        let suggestions = vec![quote(self.scan.slice(start, word.at))];
        let message =
            "this `-` negates nothing: write it directly before a test, or in quotes to search for it"
                .to_owned();
        self.refuse(start..word.at, Wrong { message, suggestions })
    }

    /// What is left when the negations are read.
    fn positive(&mut self, next: Start<'t>, alone: bool) -> Read<Item> {
        let start = self.scan.at;
        match next {
            Start::Open => {
                self.scan.step();
                let inside = self.group(start, Self::expression)?;
                Ok(Item::Filter(inside.into_filter()))
            }
            Start::All => {
                let inside = self.named_group(start)?;
                Ok(Item::Filter(Filter::All(inside.into_parts())))
            }
            Start::Any => {
                let inside = self.named_group(start)?;
                if inside.wordy {
                    let message = "`any(` wants `OR` between what it holds".to_owned();
                    return self.refuse_plainly(start..self.scan.at, message);
                }
                let filters = if inside.is_empty() { Vec::new() } else { inside.into_alternatives() };
                Ok(Item::Filter(Filter::Any(filters)))
            }
            Start::Word(_) | Start::Quote => self.words(alone),
            Start::Key(end) => {
                let key = IssueKey::read(self.scan.slice(start, end));
                self.scan.at = end;
                let key = self.check(start..end, key)?;
                self.counted(start, Test::Key(Compare::Eq(key)).into()).map(Item::Filter)
            }
            Start::Head(head) => match self.test(&head)? {
                Some(filter) => self.counted(start, filter).map(Item::Filter),
                None => Ok(Item::Sort),
            },
            Start::Close => self.refuse_next(|_| "this parenthesis was never opened".to_owned()),
            Start::Glued(open) => {
                self.scan.at = open + 1;
                self.scan.skip_group();
                let said = self.scan.slice(start, self.scan.at);
                let message = format!(
                    "`{}(` means nothing: put it in quotes to search for it",
                    clipped(self.scan.slice(start, open))
                );
                let suggestions = vec![quote(said)];
                self.refuse(start..self.scan.at, Wrong { message, suggestions })
            }
            _ => self.refuse_next(|said| format!("`{said}` cannot stand here")),
        }
    }

    /// `all(…)` or `any(…)`.
    fn named_group(&mut self, start: usize) -> Read<Expression> {
        let open = start + "all".len();
        self.scan.at = open + 1;
        self.group(open, Self::expression)
    }

    fn words(&mut self, alone: bool) -> Read<Item> {
        let start = self.scan.at;
        let run = match self.scan.run(alone) {
            Ok(run) => run,
            Err(unclosed) => return self.unclosed(unclosed),
        };
        let search = TextSearch { text: run.text };
        self.searches.push((search.clone(), start..self.scan.at));
        let filter = self.counted(start, Test::Text(search).into())?;
        Ok(if run.pieces > 1 { Item::Words(filter) } else { Item::Filter(filter) })
    }

    /// Counts a test.
    fn counted(&mut self, start: usize, filter: Filter) -> Read<Filter> {
        self.tests += 1;
        let max = self.limits.filter_nodes_max;
        if self.tests <= max {
            return self.counted_looked_up(start, filter);
        }
        let refused = self.refuse_plainly(
            start..self.scan.at,
            format!("this is one test too many: at most {max} are allowed"),
        );
        self.cut();
        refused
    }

    /// Counts those tests of a filter that are looked up; what is inside tests of other issues was counted before. The
    /// first that is one too many is told.
    fn counted_looked_up(&mut self, start: usize, filter: Filter) -> Read<Filter> {
        let (before, max) = (self.looked_up, self.limits.looked_up_max);
        self.looked_up = before.saturating_add(looked_up(&filter));
        if before > max || self.looked_up <= max {
            return Ok(filter);
        }
        let message = format!(
            "this is one too many: at most {max} tests of histories, of times of comments or of texts are allowed"
        );
        self.refuse_plainly(start..self.scan.at, message)
    }
}

/// The tests at the level of the issue itself that are looked up.
fn looked_up(filter: &Filter) -> usize {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(looked_up).sum(),
        Filter::Not(part) => looked_up(part),
        Filter::Test(test) => usize::from(test.is_looked_up()),
    }
}
