//! What a letter's own HTML may hold: some elements, some of their attributes, and nothing that a reader's program could take
//! for something else.
//!
//! It reads as strictly as it can, so that what it takes for text is text wherever the letter is opened. It knows no letters.

use super::template::{Reading, TemplateFault};
use std::ops::Range;

/// Elements that begin and end somewhere, and stand in a line.
const INLINE: [&str; 12] = ["a", "b", "code", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"];

/// Elements that begin and end somewhere, and part what stands in them from the rest.
const BLOCKS: [&str; 24] = [
    "blockquote",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Parts of a table that hold other parts alone.
const HOLDS_NO_TEXT: [&str; 4] = ["table", "tbody", "thead", "tr"];

/// Elements that are nothing but themselves.
const SINGLE: [&str; 3] = ["br", "hr", "img"];

/// Attributes of every element, with values that do nothing.
const ATTRIBUTES: [&str; 5] = ["align", "class", "dir", "lang", "title"];

/// A tag at the beginning of a text.
struct Tag {
    name: String,
    closes: bool,
    /// Where the letter's own link stands in it, if it does: in place of an address.
    link: Option<Range<usize>>,
    length: usize,
}

/// Reads a part of a document.
pub(super) fn read(html: &str, reading: &mut Reading) -> Result<(), TemplateFault> {
    let (mut open, mut rest): (Vec<String>, _) = (Vec::new(), html);
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        let within = open.last().map_or("", String::as_str);
        if HOLDS_NO_TEXT.contains(&within) && !text.trim_ascii().is_empty() {
            return Err(TemplateFault::Misplaced("text".to_owned()));
        }
        reading.text(text)?;
        let Tag { name, closes, link, length } = tag(from)?;
        if !closes && !may_stand(&name, within) {
            return Err(TemplateFault::Misplaced(format!("`<{name}>`")));
        }
        let (written, behind) = from.split_at(length);
        reading.tag(written, link)?;
        if matches!(name.as_str(), "br" | "hr") || BLOCKS.contains(&name.as_str()) {
            reading.parted();
        }
        if closes && open.pop().as_ref() != Some(&name) {
            return Err(TemplateFault::Unbalanced(name));
        }
        if !closes && !SINGLE.contains(&name.as_str()) {
            open.push(name);
        }
        rest = behind;
    }
    reading.text(rest)?;
    open.pop().map_or(Ok(()), |left| Err(TemplateFault::Unbalanced(left)))
}

/// Whether an element may stand in another. Elsewhere readers' programs leave a part of a table out, or put what it holds in
/// front of the table.
fn may_stand(element: &str, within: &str) -> bool {
    match element {
        "td" | "th" => within == "tr",
        "tr" => matches!(within, "table" | "thead" | "tbody"),
        "thead" | "tbody" | "caption" => within == "table",
        _ => !HOLDS_NO_TEXT.contains(&within),
    }
}

/// The tag that this begins with.
fn tag(from: &str) -> Result<Tag, TemplateFault> {
    let inner = from.strip_prefix('<').unwrap_or(from);
    let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let (name, mut rest) = word(inner, |c| c.is_ascii_alphanumeric());
    let name = name.to_ascii_lowercase();
    let one_of = |names: &[&str]| names.contains(&name.as_str());
    if !one_of(&INLINE) && !one_of(&BLOCKS) && (closes || !one_of(&SINGLE)) {
        return Err(element(inner));
    }
    let mut link = None;
    loop {
        let spaced = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let end = spaced.strip_prefix('>').or_else(|| spaced.strip_prefix("/>").filter(|_| !closes));
        if let Some(behind) = end {
            let length = from.len().saturating_sub(behind.len());
            return Ok(Tag { name, closes, link, length });
        }
        if closes || spaced.len() == rest.len() {
            return Err(broken(from));
        }
        let (attribute, value, behind) = attribute(spaced).ok_or_else(|| broken(from))?;
        if name == "a" && attribute == "href" && is_link(value) && link.is_none() {
            // In front of the quote that ends it.
            let end = from.len().saturating_sub(behind.len() + 1);
            link = Some(end.saturating_sub(value.len())..end);
        } else if value.contains("{{") {
            return Err(TemplateFault::InsideTag);
        } else if !fits(&name, &attribute, value) {
            return Err(TemplateFault::Attribute(name, attribute));
        }
        rest = behind;
    }
}

/// An attribute's name, its value without the quotes, and what is behind them.
fn attribute(from: &str) -> Option<(String, &str, &str)> {
    let (name, rest) = word(from, |c| c.is_ascii_alphabetic() || c == '-');
    let rest = rest.strip_prefix("=\"")?;
    let (value, behind) = rest.split_once('"')?;
    let plain = !name.is_empty() && !value.contains(|c: char| matches!(c, '<' | '>' | '`') || c.is_control());
    plain.then(|| (name.to_ascii_lowercase(), value, behind))
}

fn fits(element: &str, attribute: &str, value: &str) -> bool {
    match (element, attribute) {
        ("a", "href") => value.starts_with("https://") || value.starts_with("mailto:"),
        ("img", "src") => value.starts_with("https://"),
        ("img", "alt") => true,
        ("img" | "table" | "td" | "th", "width" | "height")
        | ("td" | "th", "colspan" | "rowspan" | "valign")
        | ("table", "border" | "cellpadding" | "cellspacing") => {
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%')
        }
        _ => ATTRIBUTES.contains(&attribute),
    }
}

/// Whether a value is the letter's link and nothing else.
fn is_link(value: &str) -> bool {
    value
        .strip_prefix("{{")
        .and_then(|value| value.strip_suffix("}}"))
        .is_some_and(|word| word.trim() == "link")
}

/// The characters of a kind that a text begins with, and the rest.
fn word(text: &str, of: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !of(c)).unwrap_or(text.len()))
}

fn element(inner: &str) -> TemplateFault {
    TemplateFault::Element(shown(inner))
}

fn broken(tag: &str) -> TemplateFault {
    // A value is the likeliest thing to be there by mistake.
    let inside = tag.split('>').next().unwrap_or(tag);
    if inside.contains("{{") { TemplateFault::InsideTag } else { TemplateFault::Broken(shown(tag)) }
}

fn shown(text: &str) -> String {
    text.chars().take_while(|c| !c.is_control() && *c != '>').take(30).collect()
}
