//! What guests say, made fit to be shown to people: it is hostile text until then.

use crate::host::wit;
use mortise_engine::hooks::Denial;

/// Characters of a denial, and of what is said of one field.
const MESSAGE_CHARS_MAX: usize = 500;

/// Fields that a denial marks.
const FIELDS_MAX: usize = 20;

/// Characters of a field's name.
const KEY_CHARS_MAX: usize = 100;

/// What is said when a guest denies without a word.
const NO_REASON: &str = "refused without a reason";

/// One line of at most so many characters, without control characters and what turns the direction of writing.
#[must_use]
pub(crate) fn line(said: &str, chars_max: usize) -> String {
    let plain = |c: char| if c.is_whitespace() { ' ' } else { c };
    said.chars().map(plain).filter(|c| is_plain(*c)).take(chars_max).collect::<String>().trim().to_owned()
}

/// Text of at most so many characters, in which lines stay.
#[must_use]
pub(crate) fn text(said: &str, chars_max: usize) -> String {
    said.chars().filter(|c| *c == '\n' || *c == '\t' || is_plain(*c)).take(chars_max).collect()
}

fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns
}

/// A denial as people see it.
#[must_use]
pub(crate) fn denial(denial: &wit::Denial) -> Denial {
    let message = line(&denial.message, MESSAGE_CHARS_MAX);
    let fields = denial.fields.iter().take(FIELDS_MAX);
    let field =
        |field: &wit::FieldError| (line(&field.key, KEY_CHARS_MAX), line(&field.message, MESSAGE_CHARS_MAX));
    Denial {
        message: if message.is_empty() { NO_REASON.to_owned() } else { message },
        fields: fields.map(field).collect(),
    }
}
