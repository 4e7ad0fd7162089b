//! Goes through an archive once and hands out its items in the order of the file, each with its place.
//!
//! The lists may stand in any order, and whatever else stands at the top is named in the [`Totals`]. Only one item
//! is in memory at a time. It does not know what items mean to each other; [`validate`](super::validate) does.

use std::io::BufRead;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::bounds;
use super::error::{ArchiveError, ErrorKind, Place, Position};
use super::frame::Framer;
use super::model::{Item, parse_time};
use super::scan::walk;
use super::text::clip;

/// Keys at the top of an archive that have a meaning, beside the three lists.
const HEADER: [&str; 3] = ["magic", "timestamp", "repo"];

/// So much of `magic` is remembered: more than any has.
const MAGIC_BYTES: usize = 64;

/// How many unknown keys at the top are remembered.
const MAX_UNKNOWN_KEYS: usize = 64;

/// An item with the bytes it was read from.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    /// Which item, and where.
    pub(crate) place: Place,
    /// Its JSON, valid.
    pub(crate) json: &'a str,
    /// What it says.
    pub(crate) item: Item,
}

/// What stands around the items, and how many there were.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    /// Names the format and its version.
    pub(crate) magic: Option<String>,
    /// When the archive was taken.
    pub(crate) taken_at: Option<Timestamp>,
    /// `owner/name`.
    pub(crate) repo: Option<String>,
    /// Elements of `labels`; `None` without that list.
    pub(crate) labels: Option<u64>,
    /// Elements of `issues`; `None` without that list.
    pub(crate) issues: Option<u64>,
    /// Elements of `pulls`; `None` without that list, as in an archive of issues alone.
    pub(crate) pulls: Option<u64>,
    /// Keys at the top that mean nothing to us, at most 64.
    pub(crate) unknown: Vec<String>,
    /// Bytes of the file.
    pub(crate) bytes: u64,
}

/// Calls `visitor` with every item of the archive in `input`.
///
/// # Errors
/// The first fault of the archive, or of the visitor. Items before it have been visited.
pub(crate) fn for_each_item<R, E>(
    input: R,
    mut visitor: impl FnMut(Placed<'_>) -> Result<(), E>,
) -> Result<Totals, E>
where
    R: BufRead,
    E: From<ArchiveError>,
{
    let mut frame = Framer::new(input);
    let mut totals = Totals::default();
    let mut seen = Vec::new();
    open(&mut frame)?;
    while let Some(key) = next_key(&mut frame, seen.is_empty())? {
        remember(&mut seen, &key, frame.value_position())?;
        match key.as_str() {
            "labels" => totals.labels = Some(list(&mut frame, &key, &mut visitor)?),
            "issues" => totals.issues = Some(list(&mut frame, &key, &mut visitor)?),
            "pulls" => totals.pulls = Some(list(&mut frame, &key, &mut visitor)?),
            _ => header(&mut frame, key, &mut totals)?,
        }
    }
    close(&mut frame)?;
    totals.bytes = frame.position().byte;
    if totals.repo.is_none() || totals.issues.is_none() {
        return Err(not_an_archive("an object without `repo` and `issues`", frame.position()).into());
    }
    Ok(totals)
}

fn open<R: BufRead>(frame: &mut Framer<R>) -> Result<(), ArchiveError> {
    byte_order_mark(frame)?;
    match frame.peek_token()? {
        Some(b'{') => frame.take(b'{'),
        Some(b'[') => return Err(not_an_archive("a list", frame.position())),
        Some(byte) => {
            return Err(not_an_archive(&format!("{:?}", char::from(byte)), frame.position()));
        }
        None => return Err(not_an_archive("an empty file", frame.position())),
    }
    Ok(())
}

/// Some editors put a mark before UTF-8, which is harmless; the marks of UTF-16 are told as what they are.
fn byte_order_mark<R: BufRead>(frame: &mut Framer<R>) -> Result<(), ArchiveError> {
    match frame.peek()? {
        Some(0xEF) => {
            for expected in [0xEF, 0xBB, 0xBF] {
                if frame.peek()? != Some(expected) {
                    return Err(not_text(frame.position()));
                }
                frame.take(expected);
            }
            Ok(())
        }
        Some(0xFE | 0xFF) => Err(not_text(frame.position())),
        _ => Ok(()),
    }
}

fn close<R: BufRead>(frame: &mut Framer<R>) -> Result<(), ArchiveError> {
    match frame.peek_token()? {
        None => Ok(()),
        Some(_) => Err(syntax("something follows the end of the archive", frame.position())),
    }
}

fn next_key<R: BufRead>(frame: &mut Framer<R>, first: bool) -> Result<Option<String>, ArchiveError> {
    match frame.peek_token()?.ok_or_else(|| frame.truncated())? {
        b'}' => {
            frame.take(b'}');
            return Ok(None);
        }
        b',' if !first => frame.take(b','),
        _ if first => {}
        _ => return Err(syntax("expected `,` or `}`", frame.position())),
    }
    if frame.peek_token()?.ok_or_else(|| frame.truncated())? != b'"' {
        return Err(syntax("expected a key in quotes", frame.position()));
    }
    frame.cut()?;
    let key = parse(frame)?;
    if frame.peek_token()?.ok_or_else(|| frame.truncated())? != b':' {
        return Err(syntax("expected `:`", frame.position()));
    }
    frame.take(b':');
    Ok(Some(key))
}

fn remember(seen: &mut Vec<String>, key: &str, position: Position) -> Result<(), ArchiveError> {
    if seen.iter().any(|earlier| earlier == key) {
        let message = format!("`{}` occurs twice", clip(key, 64));
        return Err(ArchiveError::new(ErrorKind::Duplicate, message, position));
    }
    if seen.len() >= MAX_UNKNOWN_KEYS {
        let message = format!("an object with more than {MAX_UNKNOWN_KEYS} keys");
        return Err(not_an_archive(&message, position));
    }
    seen.push(key.to_owned());
    Ok(())
}

/// Reads one value that is not a list of items. An unknown list is read element by element, so that its size does
/// not matter.
fn header<R: BufRead>(frame: &mut Framer<R>, key: String, totals: &mut Totals) -> Result<(), ArchiveError> {
    if HEADER.contains(&key.as_str()) {
        frame.cut()?;
        let value: Option<String> = parse(frame).map_err(|error| error.at_path(&key))?;
        match key.as_str() {
            "magic" => totals.magic = value.map(|text| clip(&text, MAGIC_BYTES).to_owned()),
            "repo" => totals.repo = value.map(|text| named(&text, frame.position())).transpose()?,
            _ => totals.taken_at = value.map(|text| taken_at(&text, frame.position())).transpose()?,
        }
        return Ok(());
    }
    if frame.peek_token()? == Some(b'[') {
        elements(frame, &key, |frame, _| parse::<_, serde::de::IgnoredAny>(frame).map(drop))?;
    } else {
        frame.cut()?;
        parse::<_, serde::de::IgnoredAny>(frame)?;
    }
    totals.unknown.push(clip(&key, 64).to_owned());
    Ok(())
}

fn named(text: &str, position: Position) -> Result<String, ArchiveError> {
    bounds::repo(text).map_err(|fault| ArchiveError::new(ErrorKind::Value, fault, position).at_path("repo"))
}

fn taken_at(text: &str, position: Position) -> Result<Timestamp, ArchiveError> {
    parse_time(text)
        .map_err(|fault| ArchiveError::new(ErrorKind::Value, fault, position).at_path("timestamp"))
}

fn list<R, E>(
    frame: &mut Framer<R>,
    list: &str,
    visitor: &mut impl FnMut(Placed<'_>) -> Result<(), E>,
) -> Result<u64, E>
where
    R: BufRead,
    E: From<ArchiveError>,
{
    elements(frame, list, |frame, index| {
        let item = item(frame, list).map_err(|error| in_item(error, frame, list, index))?;
        let number = match &item {
            Item::Issue(thread) | Item::Pull(thread) => Some(thread.number),
            Item::Label(_) => None,
        };
        let place = Place { list: list.to_owned(), index, number, position: frame.value_position() };
        visitor(Placed { place, json: text(frame)?, item })
    })
}

/// Calls `each` with every element of the list that comes next, cut.
fn elements<R, E>(
    frame: &mut Framer<R>,
    list: &str,
    mut each: impl FnMut(&Framer<R>, u64) -> Result<(), E>,
) -> Result<u64, E>
where
    R: BufRead,
    E: From<ArchiveError>,
{
    match frame.peek_token()?.ok_or_else(|| frame.truncated())? {
        b'[' => frame.take(b'['),
        _ => return Err(not_an_archive(&format!("no list in `{list}`"), frame.position()).into()),
    }
    let mut index = 0;
    loop {
        match frame.peek_token()?.ok_or_else(|| frame.truncated())? {
            b']' => {
                frame.take(b']');
                return Ok(index);
            }
            b',' if index > 0 => frame.take(b','),
            _ if index == 0 => {}
            _ => {
                let error = syntax("expected `,` or `]`", frame.position());
                return Err(error.into());
            }
        }
        frame.cut().map_err(|error| in_item(error, frame, list, index))?;
        each(frame, index)?;
        index += 1;
    }
}

fn item<R: BufRead>(frame: &Framer<R>, list: &str) -> Result<Item, ArchiveError> {
    if !frame.value().starts_with(b"{") {
        let message = "not an object";
        return Err(ArchiveError::new(ErrorKind::Value, message, frame.value_position()));
    }
    match list {
        "labels" => parse(frame).map(Item::Label),
        "issues" => parse(frame).map(Item::Issue),
        _ => parse(frame).map(Item::Pull),
    }
}

fn text<R: BufRead>(frame: &Framer<R>) -> Result<&str, ArchiveError> {
    std::str::from_utf8(frame.value()).map_err(|error| not_text(position_at(frame, error.valid_up_to())))
}

fn parse<R: BufRead, T: DeserializeOwned>(frame: &Framer<R>) -> Result<T, ArchiveError> {
    serde_json::from_str(text(frame)?).map_err(|error| {
        let kind = if error.classify() == Category::Data { ErrorKind::Value } else { ErrorKind::Syntax };
        let full = error.to_string();
        let tail = format!(" at line {} column {}", error.line(), error.column());
        let message = full.strip_suffix(&tail).unwrap_or(&full);
        ArchiveError::new(kind, message, position_at(frame, offset(frame.value(), &error)))
    })
}

/// Where in `json` the parser stopped, from the line and column it tells.
fn offset(json: &[u8], error: &serde_json::Error) -> usize {
    let lines = json.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    (lines.map(<[u8]>::len).sum::<usize>() + error.column()).min(json.len())
}

fn position_at<R: BufRead>(frame: &Framer<R>, offset: usize) -> Position {
    frame.value_position().after(frame.value().get(..offset).unwrap_or_default())
}

/// Says which item and field a fault lies in, from the item's bytes as far as they went.
fn in_item<R: BufRead>(error: ArchiveError, frame: &Framer<R>, list: &str, index: u64) -> ArchiveError {
    let begin = frame.value_position();
    let length = usize::try_from(error.position.byte.saturating_sub(begin.byte)).unwrap_or(usize::MAX);
    let until_fault = frame.value().get(..length).unwrap_or(frame.value());
    let mut number = None;
    let path = walk(until_fault, |path, raw| {
        // A number that ends where the bytes end may be the first digits of another.
        let whole = raw.as_ptr_range().end != until_fault.as_ptr_range().end;
        if whole && path.exact() == "number" {
            number = std::str::from_utf8(raw).ok().and_then(|raw| raw.parse().ok());
        }
    });
    error.within(Place { list: list.to_owned(), index, number, position: begin }, path.exact())
}

fn not_an_archive(found: &str, position: Position) -> ArchiveError {
    let message = format!(
        "not an archive of a GitHub repository: expected an object with `repo`, `labels`, `issues` and `pulls`, \
         found {found}"
    );
    ArchiveError::new(ErrorKind::NotAnArchive, message, position)
}

fn not_text(position: Position) -> ArchiveError {
    ArchiveError::new(ErrorKind::NotText, "not UTF-8; save the file as UTF-8", position)
}

fn syntax(message: &str, position: Position) -> ArchiveError {
    ArchiveError::new(ErrorKind::Syntax, message, position)
}
