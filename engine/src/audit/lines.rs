//! The audit log as text: comma-separated values for people, JSON Lines for programs.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe. It does not know where the text goes.

use super::head::Place;
use super::{AuditDetail, AuditEntry, AuditPlace};
use crate::directory::Directory;
use crate::model::LogPlace;
use data_encoding::BASE64;
use serde_json::{Value, json};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180) with a header, in UTF-8.
    Csv,
    /// A JSON object on each line; the last is the signed head.
    JsonLines,
}

impl Format {
    /// The form of this name, `csv` or `jsonl`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// Its name, which is also the ending of a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }
}

/// The columns of a table.
const COLUMNS: [&str; 15] = [
    "id",
    "at",
    "happened_at",
    "kind",
    "actor_kind",
    "actor_id",
    "actor_name",
    "subject_id",
    "origin",
    "request_id",
    "address",
    "user_agent",
    "count",
    "member_id",
    "details",
];

/// The first line of a table.
pub(crate) fn csv_header() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// The first line of JSON Lines with proofs: what the first records of both chains follow.
pub(crate) fn after_line(log: LogPlace, security: LogPlace) -> String {
    let after = json!({ "after": { "log": Place::of(log), "security": Place::of(security) } });
    format!("{after}\n")
}

/// The last line of JSON Lines: the signed head that it goes to, and what is signed of all lines before.
pub(crate) fn last_line(head: &str, export: &str) -> String {
    format!("{}\n", json!({ "head": head, "export": export }))
}

/// The line of an entry.
pub(crate) fn line(entry: &AuditEntry, directory: &Directory, format: Format) -> String {
    match format {
        Format::Csv => csv(entry, directory),
        Format::JsonLines => {
            let mut value = as_json(entry);
            if let (Some(name), Some(object)) = (actor_name(entry, directory), value.as_object_mut()) {
                object.insert("actorName".to_owned(), name.into());
            }
            if let (Some(record), Some(object)) = (&entry.record, value.as_object_mut()) {
                object.insert("record".to_owned(), BASE64.encode(record).into());
            }
            format!("{value}\n")
        }
    }
}

/// An entry as JSON, as far as its record says it.
pub(crate) fn as_json(entry: &AuditEntry) -> Value {
    let details: Vec<Value> = entry.details.iter().map(detail_as_json).collect();
    json!({
        "id": entry.place.to_string(),
        "at": entry.at.to_string(),
        "happenedAt": entry.happened_at.to_string(),
        "kind": entry.kind,
        "actorKind": entry.actor_kind(),
        "actorId": entry.actor_id(),
        "memberId": entry.actor.and_then(crate::event::Actor::member).map(|id| id.to_string()),
        "subjectId": entry.subject_id(),
        "origin": entry.origin.map(crate::event::Origin::as_str),
        "requestId": entry.request.map(|id| id.to_string()),
        "address": entry.address,
        "userAgent": entry.agent,
        "count": entry.count,
        "details": details,
    })
}

/// What an event of the log tells in its body alone: it is left out of an exported record, and its chain does not prove it.
pub(super) const OF_THE_BODY: [&str; 2] = ["kind", "details"];

/// Whether an entry's record is exported whole, so that all that is shown of it is proven.
pub(super) const fn is_whole(place: AuditPlace) -> bool {
    matches!(place, AuditPlace::Security(_))
}

fn detail_as_json(detail: &AuditDetail) -> Value {
    match &detail.from {
        Some(from) => json!({ "name": detail.name, "from": from, "to": detail.to }),
        None => json!({ "name": detail.name, "to": detail.to }),
    }
}

fn csv(entry: &AuditEntry, directory: &Directory) -> String {
    let details: Vec<String> = entry.details.iter().map(detail_as_text).collect();
    let cells = [
        entry.place.to_string(),
        entry.at.to_string(),
        entry.happened_at.to_string(),
        entry.kind.to_owned(),
        entry.actor_kind().to_owned(),
        entry.actor_id().unwrap_or_default(),
        actor_name(entry, directory).unwrap_or_default(),
        entry.subject_id().unwrap_or_default(),
        entry.origin.map(|origin| origin.as_str().to_owned()).unwrap_or_default(),
        entry.request.map(|id| id.to_string()).unwrap_or_default(),
        entry.address.clone().unwrap_or_default(),
        entry.agent.clone().unwrap_or_default(),
        entry.count.to_string(),
        entry.actor.and_then(crate::event::Actor::member).map(|id| id.to_string()).unwrap_or_default(),
        details.join("; "),
    ];
    format!("{}\r\n", cells.map(|text| cell(&text)).join(","))
}

fn detail_as_text(detail: &AuditDetail) -> String {
    let to = detail.to.as_deref().unwrap_or_default();
    match &detail.from {
        Some(from) => format!("{}: {from} -> {to}", detail.name),
        None => format!("{}: {to}", detail.name),
    }
}

fn actor_name(entry: &AuditEntry, directory: &Directory) -> Option<String> {
    let member = entry.actor?.member()?;
    directory.member(member).map(|member| member.name.clone())
}

/// A cell: quoted, and never a formula. Spreadsheets in half of the world end cells at a semicolon, quoted by our rules or
/// not: what stands behind one is guarded like a cell of its own.
fn cell(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let parts: Vec<_> = text.split(';').map(guarded).collect();
    format!("\"{}\"", parts.join(";").replace('"', "\"\""))
}

/// A text that a spreadsheet would take for a formula, with an apostrophe before it.
fn guarded(text: &str) -> String {
    let begins = text.trim_start_matches(|c: char| c.is_whitespace() || c == '"').chars().next();
    let formula =
        matches!(begins, Some('=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'));
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out_of_its_line() {
        for (text, expected) in [
            ("Ada", "Ada"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"\"http://x\"\")"),
            ("  =1+1", "'  =1+1"),
            (" spaced ", " spaced "),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r\n=1", "'  =1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a,b", "a,b"),
            ("a\"b", "a\"\"b"),
            ("a\r\nb", "a  b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), format!("\"{expected}\""), "{text:?}");
        }
    }

    #[test]
    fn no_part_of_a_cell_is_a_formula_where_a_semicolon_ends_cells() {
        for (text, expected) in [
            (";=1+1", ";'=1+1"),
            ("a; =1+1;b", "a;' =1+1;b"),
            ("a;\"=1+1\"", "a;'\"\"=1+1\"\""),
            ("name: x; role: y", "name: x; role: y"),
        ] {
            assert_eq!(cell(text), format!("\"{expected}\""), "{text:?}");
        }
    }
}
