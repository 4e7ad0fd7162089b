//! A look at a document's text before the parser sees it: is it short enough, and its brackets shallow enough?
//!
//! The parser descends one call per bracket, so a kilobyte of `[` would cost it a stack. Reading an input type that
//! contains itself, as filters do, descends one call per object, with frames as large as the type: objects have a
//! bound of their own. This walk costs a few counters. It knows strings and comments, because brackets in them do not
//! nest, and that braces inside of parentheses are objects; nothing else of the grammar.

use super::{code::ErrorCode, guard::Objection, options::DocumentLimits};

/// What [`DocumentLimits::objects_max`] counts, in a complaint.
pub(super) const OBJECTS: &str = "objects within objects in a value";

/// Refuses a text that would be dangerous or useless to parse. Answers how deep objects lie in one another in its
/// literals.
pub(super) fn scan(text: &str, limits: &DocumentLimits) -> Result<u32, Objection> {
    if text.len() > limits.bytes_max {
        return Err(Objection::too_much("bytes in a document", limits.bytes_max));
    }
    let mut rest = text.as_bytes();
    let mut depth = 0_u32;
    let (mut parentheses, mut objects, mut objects_deepest) = (0_u32, 0_u32, 0_u32);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'(' => parentheses += 1,
            b')' => parentheses = parentheses.saturating_sub(1),
            b'{' if parentheses > 0 => objects += 1,
            b'}' if parentheses > 0 => objects = objects.saturating_sub(1),
            _ => {}
        }
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => rest = skip_comment(after),
            b'"' => rest = skip_string(after).ok_or_else(unfinished)?,
            _ => {}
        }
        if depth > limits.brackets_max {
            return Err(Objection::too_much("nested brackets", limits.brackets_max));
        }
        objects_deepest = objects_deepest.max(objects);
        if objects_deepest > limits.objects_max {
            return Err(Objection::too_much(OBJECTS, limits.objects_max));
        }
    }
    Ok(objects_deepest)
}

/// What follows a comment whose `#` has been read.
fn skip_comment(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

/// What follows a string whose first `"` has been read; `None` if it does not end. A block string must end too: the
/// parser would read an open one as two short strings, and then nest what we took for text.
fn skip_string(text: &[u8]) -> Option<&[u8]> {
    if let Some(mut block) = text.strip_prefix(b"\"\"") {
        loop {
            if let Some(after) = block.strip_prefix(b"\\\"\"\"") {
                block = after;
            } else if let Some(after) = block.strip_prefix(b"\"\"\"") {
                return Some(after);
            } else {
                block = block.get(1..)?;
            }
        }
    }
    let mut rest = text;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = match byte {
            b'"' => return Some(after),
            b'\\' => after.get(1..)?,
            b'\n' | b'\r' => return None,
            _ => after,
        };
    }
}

fn unfinished() -> Objection {
    Objection { code: ErrorCode::InvalidInput, message: "the document has a string that does not end".into() }
}

#[cfg(test)]
mod tests {
    use super::scan;
    use crate::http::options::DocumentLimits;

    fn accepts(text: &str) -> bool {
        scan(text, &DocumentLimits { brackets_max: 3, ..DocumentLimits::default() }).is_ok()
    }

    #[test]
    fn brackets_count_outside_strings_and_comments_only() {
        assert!(accepts("{a(b:[1])}"));
        assert!(!accepts("{a(b:[[1]])}"));
        assert!(accepts(r#"{a(b:"[[[[[[ \" [[[")}"#));
        assert!(accepts("{a(b:\"\"\"[[[[ \\\"\"\" [[[ \" \"\"\")}"));
        assert!(accepts("{a #[[[[[[[\n}"));
        assert!(!accepts("#\n[[[["));
        assert!(!accepts("#\r[[[["));
    }

    #[test]
    fn objects_are_the_braces_of_literals_and_not_of_selections() {
        let objects = |text: &str| scan(text, &DocumentLimits::default()).ok();
        assert_eq!(objects("{a{b{c}}}"), Some(0));
        assert_eq!(objects("query($v:T={a:{b:1}}){a{b(c:{d:[{e:{}},{}]},f:\"{{{{\"){g}}}"), Some(3));
        let nested = |levels| format!("{{a(b:{}1{})}}", "{c:".repeat(levels), "}".repeat(levels));
        assert_eq!(objects(&nested(40)), Some(40));
        assert_eq!(objects(&nested(41)), None);
    }

    #[test]
    fn a_string_that_does_not_end_is_refused_before_the_parser_reads_it_otherwise() {
        assert!(!accepts(r#"{a(b:"""x" [1])}"#));
        assert!(!accepts("{a(b:\"x\n\")}"));
        assert!(!accepts("\"\\"));
    }
}
