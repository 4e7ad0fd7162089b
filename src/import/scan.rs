//! A walk through the bytes of one JSON value that always knows the path it is at: to name the field a fault lies
//! in, and to see every value an item holds, known to us or not.
//!
//! It does not judge: on broken JSON it goes as far as it can, so that the path of the break can be told.

use super::text::clip;

/// The longest key shown in a path, in bytes.
const KEY_BYTES_SHOWN: usize = 64;

/// One step of a path: a key or an index.
#[derive(Debug, Clone)]
enum Step<'a> {
    Key(Option<&'a [u8]>),
    Index(u64),
}

/// Where a walk stands inside a value.
#[derive(Debug, Default, Clone)]
pub(crate) struct Path<'a> {
    steps: Vec<Step<'a>>,
}

impl Path<'_> {
    /// The path of this one place: `comments[3].createdAt`.
    pub(crate) fn exact(&self) -> String {
        self.render(|index| format!("[{index}]"))
    }

    /// The path of all places like it: `comments[].createdAt`.
    pub(crate) fn general(&self) -> String {
        self.render(|_| "[]".to_owned())
    }

    fn render(&self, index: impl Fn(u64) -> String) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Index(at) => path.push_str(&index(*at)),
                Step::Key(None) => {}
                Step::Key(Some(key)) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(clip(&String::from_utf8_lossy(key), KEY_BYTES_SHOWN));
                }
            }
        }
        path
    }
}

/// Walks `json`, calling `leaf` with the path and the bytes of every string, number, boolean and null, and
/// answers where the bytes end. Give it the first part of a value to learn which field that part ends in.
pub(crate) fn walk<'a>(json: &'a [u8], mut leaf: impl FnMut(&Path<'a>, &'a [u8])) -> Path<'a> {
    let mut path = Path::default();
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        let length = match byte {
            b'"' => string_length(rest),
            b'{' | b'[' | b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => {
                turn(&mut path, byte);
                rest = after;
                continue;
            }
            _ => scalar_length(rest),
        };
        let Some((token, after)) = length.and_then(|length| rest.split_at_checked(length)) else {
            return path;
        };
        match path.steps.last_mut() {
            Some(Step::Key(key @ None)) => *key = Some(unquoted(token)),
            _ => leaf(&path, token),
        }
        rest = after;
    }
    path
}

fn turn(path: &mut Path<'_>, byte: u8) {
    match (byte, path.steps.last_mut()) {
        (b'{', _) => path.steps.push(Step::Key(None)),
        (b'[', _) => path.steps.push(Step::Index(0)),
        (b'}' | b']', _) => {
            path.steps.pop();
        }
        (b',', Some(Step::Key(key))) => *key = None,
        (b',', Some(Step::Index(index))) => *index += 1,
        _ => {}
    }
}

/// Bytes of the string `json` begins with, its quotes included; `None` when it does not end.
fn string_length(json: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some(end + 2)
}

fn scalar_length(json: &[u8]) -> Option<usize> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}[{\"".contains(byte);
    Some(json.iter().position(ends).unwrap_or(json.len()).max(1))
}

fn unquoted(token: &[u8]) -> &[u8] {
    let inner = token.strip_prefix(b"\"").unwrap_or(token);
    inner.strip_suffix(b"\"").unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_in(json: &str) -> String {
        walk(json.as_bytes(), |_, _| {}).exact()
    }

    #[test]
    fn a_walk_knows_the_field_the_bytes_end_in() {
        assert_eq!(ends_in(r#"{"number": 4, "comments": [{}, {"body": "un"#), "comments[1].body");
        assert_eq!(ends_in(r#"{"a": {"b": [1, 2, [3"#), "a.b[2][0]");
        assert_eq!(ends_in(r#"{"comments": [{"a": "}"}"#), "comments[0]");
        assert_eq!(ends_in(""), "");
        assert_eq!(ends_in("}}]],,::\""), "");
    }

    #[test]
    fn a_walk_visits_every_leaf_once() {
        let mut seen = Vec::new();
        let json = br#"{"n": 1, "list": ["a\"]", null], "deep": {"x": true}}"#;
        walk(json, |path, raw| seen.push(format!("{}={}", path.general(), String::from_utf8_lossy(raw))));
        assert_eq!(seen, ["n=1", r#"list[]="a\"]""#, "list[]=null", "deep.x=true"]);
    }
}
