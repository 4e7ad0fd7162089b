//! Times, dates and ids on the wire.
//!
//! Ids are GraphQL's `ID` in the schema and are read with [`id`] where an input becomes a command, so that a complaint
//! names the field.

use crate::lean::Id;
use async_graphql::ID;
use mortise_engine::Error;
use mortise_engine::command::IssueRef;
use mortise_engine::filter::{Day, Span, When};
use mortise_engine::time::{CalendarDate, Timestamp};
use std::fmt::Display;
use std::str::FromStr;

crate::text_scalar! {
    /// An instant as RFC 3339 text. Answers are in UTC with milliseconds, such as `2026-01-31T09:30:00.000Z`; inputs may
    /// have any offset.
    pub(crate) DateTime(Timestamp) = "DateTime", specified by "https://www.rfc-editor.org/rfc/rfc3339";
}

crate::text_scalar! {
    /// A calendar date without a time zone, such as `2026-01-31`.
    pub(crate) Date(CalendarDate) = "Date", specified by "https://www.rfc-editor.org/rfc/rfc3339";
}

crate::text_scalar! {
    /// An instant, said outright or relative to the moment of asking: RFC 3339 such as `2026-01-31T09:30:00Z`, an ISO 8601
    /// duration with its sign such as `-P2W` or `P1DT12H`, `now`, or the start or end of the present day, week (from
    /// Monday), month, quarter or year, with or without a duration: `startOfWeek`, `endOfMonth-P1M`.
    pub(crate) DateTimeOrDuration(When) = "DateTimeOrDuration", specified by "https://www.rfc-editor.org/rfc/rfc3339";
}

crate::text_scalar! {
    /// A calendar date, said outright such as `2026-01-31`, or relative to the day of asking in the words of
    /// `DateTimeOrDuration`.
    pub(crate) DateOrDuration(Day) = "DateOrDuration", specified by "https://www.rfc-editor.org/rfc/rfc3339";
}

crate::text_scalar! {
    /// A length of time as an ISO 8601 duration of weeks, days (of 24 hours), hours, minutes and seconds, such as `P3D` or
    /// `PT36H`.
    pub(crate) Duration(Span) = "Duration", specified by "https://www.rfc-editor.org/rfc/rfc3339#appendix-A";
}

/// Refuses a text that is longer than so many bytes.
///
/// # Errors
///
/// `INVALID_INPUT`, naming the field and the bound.
pub(crate) fn bounded(field: &str, text: &str, bytes_max: usize) -> mortise_engine::Result<()> {
    if text.len() <= bytes_max {
        return Ok(());
    }
    let message = format!("`{field}` has {} bytes: at most {bytes_max} are allowed", text.len());
    Err(Error::invalid(field, message))
}

/// The id in an input's field.
///
/// # Errors
///
/// `INVALID_INPUT` for a text that is no id, or the id of another kind of thing.
pub(crate) fn id<T>(field: &str, text: &ID) -> mortise_engine::Result<T>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|error| Error::invalid(field, format!("cannot use `{field}`: {error}")))
}

/// The ids in an input's field.
///
/// # Errors
///
/// As [`id`]; the message says which one.
pub(crate) fn ids<T>(field: &str, texts: &[ID]) -> mortise_engine::Result<Vec<T>>
where
    T: FromStr<Err: Display>,
{
    texts.iter().enumerate().map(|(index, text)| id(&format!("{field}[{index}]"), text)).collect()
}

/// The issue that an argument named `id` names, by global id or by key.
///
/// # Errors
///
/// `INVALID_INPUT` for a text that is neither.
pub(crate) fn issue(field: &str, text: &ID) -> mortise_engine::Result<IssueRef> {
    id(field, text).map_err(|_| {
        let shown: String = text.chars().take(48).collect();
        let message = format!(
            "cannot use `{field}`: `{shown}` is neither an issue id (`iss_…`) nor a key such as ENG-12"
        );
        Error::invalid(field, message)
    })
}

/// The issues that an argument names, as [`issue`] reads each.
///
/// # Errors
///
/// As [`issue`]; the message says which one.
pub(crate) fn issues(field: &str, texts: &[ID]) -> mortise_engine::Result<Vec<IssueRef>> {
    texts.iter().enumerate().map(|(index, text)| issue(&format!("{field}[{index}]"), text)).collect()
}

/// An id as a GraphQL value.
pub(crate) fn global<T: Display>(id: T) -> ID {
    Id(id).into()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mortise_engine::id::{IssueId, TeamId};

    #[test]
    fn an_id_of_another_kind_is_refused_by_the_name_of_its_field() {
        let text = ID(IssueId::generate().to_string());
        let error = id::<TeamId>("input.teamId", &text).unwrap_err();
        assert_eq!(error.field(), Some("input.teamId"));
        assert!(error.message().contains("not a team id"), "{error}");
    }

    #[test]
    fn the_bad_one_of_several_ids_is_named() {
        let texts = [ID(TeamId::generate().to_string()), ID("nonsense".to_owned())];
        assert_eq!(ids::<TeamId>("ids", &texts).unwrap_err().field(), Some("ids[1]"));
    }

    #[test]
    fn an_issue_is_named_by_id_or_by_key_in_either_case() {
        let by_id = IssueId::generate();
        assert_eq!(issue("id", &ID(by_id.to_string())).unwrap(), IssueRef::Id(by_id));
        assert_eq!(issue("id", &ID("eng-12".to_owned())).unwrap(), IssueRef::Key("ENG".to_owned(), 12));
        assert!(issue("id", &ID("12".to_owned())).is_err());
    }
}
