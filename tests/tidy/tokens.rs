//! Rust text as words and signs, without comments and the contents of literals.
//!
//! Enough to read paths and attributes; it knows no grammar and expands no macro.

/// A word, `::`, or a single other sign.
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

/// All tokens, and a way to ask for the text of one that may not exist.
pub(crate) struct Tokens<'a>(Vec<Token<'a>>);

impl<'a> Tokens<'a> {
    pub(crate) fn of(source: &'a str) -> Self {
        let mut tokens = Vec::new();
        let (mut rest, mut line) = (source, 1);
        while let Some(first) = rest.chars().next() {
            let silent = silent_length(rest);
            let length = silent.unwrap_or_else(|| spoken_length(rest, first));
            let (text, after) = rest.split_at(length);
            if silent.is_none() {
                tokens.push(Token { text, line });
            }
            line += text.matches('\n').count();
            rest = after;
        }
        Self(tokens)
    }

    /// The text of the token at this place; empty beyond the ends.
    pub(crate) fn text(&self, place: usize) -> &'a str {
        self.0.get(place).map_or("", |token| token.text)
    }

    /// Whether these texts follow each other from this place on.
    pub(crate) fn say(&self, place: usize, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(offset, text)| self.text(place + offset) == *text)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Token<'a>)> {
        self.0.iter().enumerate()
    }
}

/// Whether the text is a name, a keyword or a number.
pub(crate) fn is_word(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c == '_' || c.is_alphanumeric())
}

fn spoken_length(rest: &str, first: char) -> usize {
    if rest.starts_with("::") {
        return 2;
    }
    let word = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
    if word > 0 { word } else { first.len_utf8() }
}

/// The length of the space, comment, literal or lifetime at the start of `rest`, if there is one.
fn silent_length(rest: &str) -> Option<usize> {
    let space = rest.len() - rest.trim_start().len();
    if space > 0 {
        return Some(space);
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    string_length(rest).or_else(|| character_length(rest))
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn string_length(rest: &str) -> Option<usize> {
    let after_letter = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    if let Some(raw) = after_letter.strip_prefix('r') {
        let quoted = raw.trim_start_matches('#');
        let hashes = raw.len() - quoted.len();
        let contents = quoted.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = contents.find(&end).map_or(contents.len(), |at| at + end.len());
        return Some(rest.len() - contents.len() + length);
    }
    let contents = after_letter.strip_prefix('"')?;
    Some(rest.len() - contents.len() + up_to_closing(contents, '"'))
}

/// A character, or a lifetime with its quote.
fn character_length(rest: &str) -> Option<usize> {
    let contents = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('\'')?;
    let start = rest.len() - contents.len();
    let mut characters = contents.chars();
    let is_literal = characters.next() == Some('\\') || characters.next() == Some('\'');
    if is_literal {
        return Some(start + up_to_closing(contents, '\''));
    }
    let name = contents.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(contents.len());
    Some(start + name)
}

fn up_to_closing(contents: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in contents.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    contents.len()
}

#[test]
fn words_are_read_and_comments_and_literals_are_not() {
    let source = "use a::{b}; // sled::Db\n/* x /* y */ z */ let s = \"q\\\"::\"; r#\"w \" w\"# br\"v\" 'c' '\\'' b'd' &'a str";
    let texts: Vec<&str> = Tokens::of(source).iter().map(|(_, token)| token.text).collect();
    assert_eq!(texts, ["use", "a", "::", "{", "b", "}", ";", "let", "s", "=", ";", "&", "str"]);
}

#[test]
fn a_token_knows_its_line() {
    let source = "a\n/* two\nlines */ b \"over\ntwo\" c";
    let lines: Vec<usize> = Tokens::of(source).iter().map(|(_, token)| token.line).collect();
    assert_eq!(lines, [1, 3, 4]);
}
