//! The query language for a reader: its days are those of who reads.

use super::Reader;
use crate::error::{Error, Result};
use crate::filter::{Filter, Sort};
use crate::language::{self, ParseError, Query};

impl Reader {
    /// Reads a text of the query language. Days without a time are those of this reader's time zone.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, with its places.
    pub fn parse_query(&self, text: &str) -> std::result::Result<Query, Vec<ParseError>> {
        language::parse_in(text, &self.limits, &self.asking().zone)
    }

    /// [`Reader::parse_query`] where one refusal is enough: the first thing that is wrong.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT`, naming the place.
    pub fn query_of(&self, text: &str) -> Result<Query> {
        self.parse_query(text).map_err(|errors| {
            let message = match errors.first() {
                Some(ParseError { start, message, .. }) => {
                    let column = text.get(..*start).unwrap_or(text).chars().count() + 1;
                    format!("cannot read the query at character {column}: {message}")
                }
                None => "cannot read the query".to_owned(),
            };
            Error::invalid("query", message)
        })
    }

    /// A filter and an order as a text of the query language.
    #[must_use]
    pub fn format_query(&self, filter: &Filter, sort: &[Sort]) -> String {
        language::format_in(filter, sort, &self.asking().zone)
    }
}
