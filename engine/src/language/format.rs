//! A filter and an order as text, in the one canonical form.
//!
//! It writes what [`parse`](super::parse) reads as the very same tree: groups keep their shape, down to empty ones and
//! those of one member. It goes down one level for each level of the tree.

use super::order;
use super::scan;
use crate::filter::{Filter, Sort, Test};
use jiff::tz::TimeZone;

/// Writes for a time zone: in it the days begin that instants are written as.
pub(super) struct Formatter<'z> {
    pub(super) zone: &'z TimeZone,
}

impl Formatter<'_> {
    /// The whole query.
    pub(super) fn query(&self, filter: &Filter, sort: &[Sort]) -> String {
        let text = self.whole(filter);
        match (text.is_empty(), sort.is_empty()) {
            (_, true) => text,
            (true, false) => order::write(sort),
            (false, false) => format!("{text} {}", order::write(sort)),
        }
    }

    /// A filter where nothing stands beside it.
    pub(super) fn whole(&self, filter: &Filter) -> String {
        match filter {
            Filter::All(parts) if parts.len() != 1 => self.row(parts),
            Filter::Any(parts) if parts.len() > 1 => self.alternatives(parts),
            filter => self.unit(filter),
        }
    }

    /// Filters that must all pass, where nothing stands beside them.
    pub(super) fn parts(&self, parts: &[Filter]) -> String {
        match parts {
            [only @ Filter::Any(alternatives)] if alternatives.len() > 1 => self.whole(only),
            parts => self.row(parts),
        }
    }

    /// Filters side by side.
    fn row(&self, parts: &[Filter]) -> String {
        let mut text = String::new();
        let mut before: Option<&Filter> = None;
        for part in parts {
            // Words that stand side by side would be read as one search.
            let apart = before.is_some_and(ends_with_words) && words(part).is_some();
            text.push_str(match before {
                None => "",
                Some(_) if apart => " AND ",
                Some(_) => " ",
            });
            text.push_str(&self.unit(part));
            before = Some(part);
        }
        text
    }

    fn alternatives(&self, parts: &[Filter]) -> String {
        parts.iter().map(|part| self.unit(part)).collect::<Vec<_>>().join(" OR ")
    }

    /// A filter beside others.
    fn unit(&self, filter: &Filter) -> String {
        match filter {
            Filter::All(parts) if parts.len() == 1 => format!("all({})", self.parts(parts)),
            Filter::Any(parts) if parts.is_empty() => "any()".to_owned(),
            Filter::Any(parts) if parts.len() == 1 => {
                format!("any({})", parts.iter().map(|part| self.lone(part)).collect::<String>())
            }
            Filter::All(_) | Filter::Any(_) => format!("({})", self.whole(filter)),
            Filter::Not(part) => format!("-{}", self.lone(part)),
            Filter::Test(test) => self.test(test),
        }
    }

    /// A filter that is one thing to the eye: several words, and what has a minus, stand in parentheses.
    fn lone(&self, filter: &Filter) -> String {
        let apart = matches!(filter, Filter::Not(_)) || words(filter).is_some_and(|pieces| pieces > 1);
        if apart { format!("({})", self.unit(filter)) } else { self.unit(filter) }
    }
}

/// How many words a filter is, if it is written as words alone.
fn words(filter: &Filter) -> Option<usize> {
    match filter {
        Filter::Test(Test::Text(search)) => scan::pieces(&search.text),
        _ => None,
    }
}

fn ends_with_words(filter: &Filter) -> bool {
    match filter {
        Filter::Not(part) => words(part).is_some(),
        filter => words(filter).is_some(),
    }
}
