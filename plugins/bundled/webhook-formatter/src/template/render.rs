//! Filling a template.

use super::{BODY, How, Path, Piece};
use crate::escape::{Form, text};
use serde_json::Value as Json;

/// The body that comes of a template.
///
/// # Errors
///
/// That it grows too long.
pub(crate) fn render(pieces: &[Piece], context: &Json, form: Form) -> Result<String, String> {
    let mut out = String::new();
    all(pieces, context, context, form, &mut out)?;
    Ok(out)
}

fn all(pieces: &[Piece], top: &Json, this: &Json, form: Form, out: &mut String) -> Result<(), String> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Value(how, path) => {
                let value = find(path, top, this);
                match how {
                    How::Escaped => out.push_str(&form.escape(&text(value))),
                    How::Json => out.push_str(&value.to_string()),
                    How::Raw => out.push_str(&text(value)),
                }
            }
            Piece::If(path, then, otherwise) => {
                let branch = if is_there(find(path, top, this)) { then } else { otherwise };
                all(branch, top, this, form, out)?;
            }
            Piece::Each(path, between, body) => {
                let items = find(path, top, this).as_array().map(Vec::as_slice).unwrap_or_default();
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(between);
                    }
                    all(body, top, item, form, out)?;
                }
            }
        }
        if out.len() > BODY {
            return Err(format!("the body is longer than {BODY} bytes"));
        }
    }
    Ok(())
}

/// A value by its path: from the present item if that begins with `this`, else from the top. What is not there is null.
fn find<'j>(path: &Path, top: &'j Json, this: &'j Json) -> &'j Json {
    let (mut at, names) = match path.split_first() {
        Some((first, rest)) if first == "this" => (this, rest),
        _ => (top, path.as_slice()),
    };
    for name in names {
        at = match at {
            Json::Array(items) => {
                name.parse::<usize>().ok().and_then(|place| items.get(place)).unwrap_or(&Json::Null)
            }
            other => other.get(name).unwrap_or(&Json::Null),
        };
    }
    at
}

fn is_there(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(is) => *is,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
    }
}
