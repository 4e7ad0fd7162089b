//! The query language for a reader: its days are those of who reads.

use super::Reader;
use crate::filter::{Filter, Sort, TextSearch};
use crate::language::{self, ERRORS_MAX, ParseError, Query};
use crate::limits::Limits;
use crate::search::{SearchQuery, Typing};
use std::ops::Range;

impl Reader {
    /// Reads a text of the query language. Days without a time are those of this reader's time zone. What it searches for
    /// is read as the search will read it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, with its places.
    pub fn parse_query(&self, text: &str) -> std::result::Result<Query, Vec<ParseError>> {
        let query = language::parse_in(text, self.limits(), &self.asking().zone)?;
        let searches = query.searches().iter();
        let errors: Vec<_> = searches
            .filter_map(|(search, place)| unsearchable(text, search, place, self.limits()))
            .take(ERRORS_MAX)
            .collect();
        if errors.is_empty() { Ok(query) } else { Err(errors) }
    }

    /// A filter and an order as a text of the query language.
    #[must_use]
    pub fn format_query(&self, filter: &Filter, sort: &[Sort]) -> String {
        language::format_in(filter, sort, &self.asking().zone)
    }
}

/// Why a search that stands in a text cannot be made. Where it is written otherwise than it is read, in quotes say, its
/// whole place is told.
fn unsearchable(
    text: &str,
    search: &TextSearch,
    place: &Range<usize>,
    limits: &Limits,
) -> Option<ParseError> {
    let wrong = SearchQuery::parse(&search.text, Typing::Done, limits).err()?;
    let is_as_written = text.get(place.clone()) == Some(search.text.as_str());
    let (start, end) = if is_as_written {
        (place.start + wrong.at.start, place.start + wrong.at.end)
    } else {
        (place.start, place.end)
    };
    Some(ParseError {
        start,
        end,
        message: format!("cannot search: {}", wrong.what),
        suggestions: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_cannot_be_made_is_told_with_its_place_in_the_query() {
        let wrong = |text: &str| {
            let limits = Limits::default();
            let query = language::parse(text, &limits).unwrap();
            let mut searches = query.searches().iter();
            let error = searches.find_map(|(search, place)| unsearchable(text, search, place, &limits))?;
            Some((error.message, error.start..error.end))
        };
        let no_word = Some("cannot search: there is no word to search for".to_owned());
        assert_eq!(wrong("is:open crash").map(|(message, _)| message), None);
        assert_eq!(wrong("is:open (**)"), no_word.clone().map(|message| (message, 9..11)));
        assert_eq!(wrong("is:open text:\"\""), no_word.map(|message| (message, 13..15)));
        let (message, place) = wrong(&format!("is:open a {}", "é".repeat(65))).unwrap();
        assert!(message.contains("more than 64 characters"), "{message}");
        assert_eq!(place, 10..140);
    }
}
