//! What is said beside a component, in the query string. It does not know what it means.

use crate::http::read_query;
use http::request::Parts;
use mortise_engine::Error;

/// The longest query that is read, in bytes.
const BYTES_MAX: usize = 1024;

/// Whether this is said, which is all that can be said: `?name=true`; the last word counts.
///
/// # Errors
///
/// `INVALID_INPUT` for what is neither true nor false, and for anything else.
pub(super) fn flag(parts: &Parts, name: &str) -> Result<bool, Error> {
    said(parts.uri.query().unwrap_or_default(), name)
}

fn said(query: &str, name: &str) -> Result<bool, Error> {
    let mut said = false;
    for (other, value) in read_query(query, BYTES_MAX)? {
        if other != name {
            return Err(Error::invalid("query", format!("there is: `{name}`")));
        }
        said = match value.as_str() {
            "" | "1" | "true" => true,
            "0" | "false" => false,
            _ => return Err(Error::invalid(name, format!("`{name}` is true or false"))),
        };
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_read_whole_or_refused() {
        let read =
            |query| said(query, "dryRun").map_err(|error| error.field().unwrap_or_default().to_owned());
        assert_eq!(read(""), Ok(false));
        assert_eq!(read("dryRun=true"), Ok(true));
        assert_eq!(read("dryRun=1&dryRun=0"), Ok(false));
        assert_eq!(read("dryRun=perhaps"), Err("dryRun".to_owned()));
        assert_eq!(read("dryrun=1"), Err("query".to_owned()));
    }
}
