//! JSON text straight into a byte buffer: strings, numbers, and the values async-graphql resolved.
//!
//! Byte for byte what `serde_json` writes, with one difference that is the reason for this module: a
//! [`Value::Binary`] is taken to be JSON already and copied verbatim. Knows nothing of GraphQL documents.

use std::fmt;

use async_graphql::Value;
use serde::Serialize;

/// How many bytes of a string are looked at in one step while nothing needs an escape.
const STRIDE_BYTES: usize = 16;

/// Writes `value`; [`Value::Binary`] is copied as it is, so it must hold exactly one JSON value.
pub(crate) fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_str(text, out),
        Value::Boolean(yes) => write_bool(*yes, out),
        Value::Binary(json) => out.extend_from_slice(json),
        Value::Enum(name) => write_str(name, out),
        Value::List(items) => write_list(items, out, write_value),
        Value::Object(members) => {
            write_members(members.iter().map(|(key, value)| (key.as_str(), value)), out)
        }
    }
}

/// Writes `[…]` with one call of `write` per item.
pub(crate) fn write_list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

/// Writes `{…}` with the members in the order given.
pub(crate) fn write_members<'v>(members: impl Iterator<Item = (&'v str, &'v Value)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (key, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_str(key, out);
        out.push(b':');
        write_value(value, out);
    }
    out.push(b'}');
}

/// Writes `true` or `false`.
pub(crate) fn write_bool(yes: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if yes { b"true" } else { b"false" });
}

/// Writes a number the way `serde_json` does; a float that is not finite becomes `null`, as in GraphQL.
pub(crate) fn write_number(number: &impl Serialize, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, number).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// Writes `text` in quotes, escaped.
pub(crate) fn write_str(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}

/// Writes what `text` displays in quotes, escaped, without building a `String` first.
///
/// A `Display` that fails part way leaves what it wrote so far: the buffer stays valid JSON.
pub(crate) fn write_text(text: &(impl fmt::Display + ?Sized), out: &mut Vec<u8>) {
    struct Escaped<'o>(&'o mut Vec<u8>);
    impl fmt::Write for Escaped<'_> {
        fn write_str(&mut self, chunk: &str) -> fmt::Result {
            escape(chunk, self.0);
            Ok(())
        }
    }
    out.push(b'"');
    let _ = fmt::write(&mut Escaped(out), format_args!("{text}"));
    out.push(b'"');
}

/// U+007F, U+2028 and U+2029 are legal in JSON text and stay as they are.
fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, tail) = rest.split_at(plain_prefix(rest));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = tail.split_first() else { return };
        write_escape(byte, out);
        rest = after;
    }
}

/// How many leading bytes can be copied as they are: whole strides first, which the compiler turns into vector
/// instructions, then byte by byte.
fn plain_prefix(bytes: &[u8]) -> usize {
    let dirty = |stride: &&[u8]| stride.iter().fold(false, |dirty, byte| dirty | needs_escape(*byte));
    let strides = bytes.chunks_exact(STRIDE_BYTES).take_while(|stride| !dirty(stride)).count();
    let start = strides * STRIDE_BYTES;
    bytes.iter().skip(start).position(|byte| needs_escape(*byte)).map_or(bytes.len(), |at| start + at)
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => {
            let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
