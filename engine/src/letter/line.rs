//! A text of one line: what stands in a header of a message. Whatever it is made from, it holds no line break.

use std::fmt;

/// Characters of a line; longer ones are cut.
const CHARS_MAX: usize = 200;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// The line that this text makes: breaks and control characters become spaces, marks that turn the direction of
    /// writing are left out, and what is too long is cut.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain = text.chars().filter(|c| !turns_direction(*c)).map(|c| if breaks(c) { ' ' } else { c });
        let line: String = plain.take(CHARS_MAX).collect();
        Self(line.trim().to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
