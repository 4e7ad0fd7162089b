//! Colours of words on a terminal. Pipes, and whoever sets `NO_COLOR`, get the words alone.

use std::io::{IsTerminal as _, stdout};

/// What a word says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// Something to look at.
    Warn,
    /// Something went wrong, or was refused.
    Bad,
    /// Beside the point.
    Dim,
}

/// The text in the colour of its tone. The text must be plain: nothing in it is escaped.
pub(super) fn paint(tone: Tone, text: &str) -> String {
    let wanted = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    if wanted { painted(tone, text) } else { text.to_owned() }
}

fn painted(tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Good => "32",
        Tone::Warn => "33",
        Tone::Bad => "31",
        Tone::Dim => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Text of somebody else's, without what could act on a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_ends_where_its_word_does_and_others_bring_none() {
        assert_eq!(painted(Tone::Good, "ok"), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(plain("a\u{1b}[31m\nb"), "a [31m b");
    }
}
