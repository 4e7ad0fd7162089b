//! A text with placeholders, `{{link}}`, and how it is filled.
//!
//! A template is read once and holds placeholders of its letter alone; a value is escaped for the form that it stands in, so
//! that nobody's name becomes markup. It knows no letter's words.

use super::markup;
use crate::model::LetterKind;
use std::ops::Range;

/// A place in a letter that is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// What the product is called.
    Product,
    /// The company.
    Company,
    /// To whom it is written.
    Name,
    /// Where to go.
    Link,
    /// What the link carries, for who cannot follow it.
    Code,
    /// Until when the link is good.
    Expires,
    /// Who invites.
    Inviter,
    /// An identity provider.
    Provider,
    /// A plugin.
    Plugin,
    /// What an announcement is about.
    Subject,
    /// What there is to say: by an announcement, of a plugin.
    Text,
}

use Placeholder::{Code, Company, Expires, Inviter, Link, Name, Plugin, Product, Provider, Subject, Text};

impl Placeholder {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Self; 11] =
        [Product, Company, Name, Link, Code, Expires, Inviter, Provider, Plugin, Subject, Text];

    /// The word between the braces.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Product => "product",
            Company => "company",
            Name => "name",
            Link => "link",
            Code => "code",
            Expires => "expires",
            Inviter => "inviter",
            Provider => "provider",
            Plugin => "plugin",
            Subject => "subject",
            Text => "text",
        }
    }

    /// Those that a letter of this kind knows.
    #[must_use]
    pub const fn of(kind: LetterKind) -> &'static [Self] {
        match kind {
            LetterKind::PasswordReset => &[Product, Company, Name, Link, Code, Expires],
            LetterKind::Invitation => &[Product, Company, Name, Link, Code, Expires, Inviter],
            LetterKind::ProviderAdded => &[Product, Company, Name, Provider],
            LetterKind::Announcement => &[Product, Company, Name, Subject, Text],
            LetterKind::PluginFails => &[Product, Company, Name, Plugin, Text],
        }
    }
}

/// What a text is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, of one line or more.
    Plain,
    /// A part of an HTML document.
    Html,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateFault {
    /// Braces that are not closed.
    #[error("it has a `{{{{` without its `}}}}`")]
    Unclosed,
    /// Braces around something else.
    #[error("it has no placeholder `{shown}`: this letter knows {known}")]
    Unknown {
        /// What stands there.
        shown: String,
        /// Those there are.
        known: String,
    },
    /// A value where it could become markup.
    #[error(
        "a `{{{{…}}}}` stands inside a tag: values stand in text, and `{{{{link}}}}` as the whole `href=\"…\"` of an `a`"
    )]
    InsideTag,
    /// What lets its reader in, where it could become a part of somebody's address.
    #[error(
        "`{{{{{0}}}}}` touches other text: it stands between spaces or in a line of its own, so that it becomes no part of an \
         address"
    )]
    Touches(&'static str),
    /// A part of a document that letters do not have.
    #[error("it has a `<{0}`: letters carry text, lists, tables, pictures and links alone")]
    Element(String),
    /// An attribute that letters do not have, or a value that it may not have.
    #[error(
        "`<{0}>` has an `{1}` that is not allowed: links go to https://… or mailto:…, pictures are https://…, and nothing is \
         styled or done by a letter itself"
    )]
    Attribute(String, String),
    /// No tag.
    #[error("`{0}` is no tag: attributes are written as `name=\"value\"`, and a `<` of the text as `&lt;`")]
    Broken(String),
    /// An element without its end, or an end without its element.
    #[error(
        "`<{0}>` is opened and not closed, or closed and not opened: elements end in the order in which they began"
    )]
    Unbalanced(String),
    /// Something in a table that is not in a cell, or a part of a table outside one.
    #[error("{0} stands where a table has none: tables hold rows, rows hold cells, and cells hold the rest")]
    Misplaced(String),
    /// A letter that carries a link, and a text without it.
    #[error("it does not say `{{{{link}}}}`: whoever gets the letter could do nothing with it")]
    NoLink,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    form: Form,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Placeholder),
}

/// A template that is being read.
pub(super) struct Reading {
    kind: LetterKind,
    parts: Vec<Part>,
    /// The text as its reader sees it, with a mark for each value.
    seen: String,
}

/// Marks what lets its reader in, in what is seen. One that stands in the text itself is judged like it.
const SECRET: char = '\u{fffc}';

impl Reading {
    /// Text, with values in it.
    pub(super) fn text(&mut self, text: &str) -> Result<(), TemplateFault> {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (word, behind) = after.split_once("}}").ok_or(TemplateFault::Unclosed)?;
            let value = known(word.trim(), self.kind)?;
            self.seen.push_str(before);
            self.seen.push(if matches!(value, Link | Code) { SECRET } else { 'x' });
            self.parts.extend([Part::Text(before.to_owned()), Part::Value(value)]);
            rest = behind;
        }
        self.seen.push_str(rest);
        self.parts.push(Part::Text(rest.to_owned()));
        Ok(())
    }

    /// A tag, as it is written, and where in it the letter's link stands.
    pub(super) fn tag(&mut self, written: &str, link: Option<Range<usize>>) -> Result<(), TemplateFault> {
        let Some(Range { start, end }) = link else {
            self.parts.push(Part::Text(written.to_owned()));
            return Ok(());
        };
        known(Link.word(), self.kind)?;
        let part = |range: Option<&str>| Part::Text(range.unwrap_or_default().to_owned());
        self.parts.extend([part(written.get(..start)), Part::Value(Link), part(written.get(end..))]);
        Ok(())
    }

    /// What comes next stands apart from what came before.
    pub(super) fn parted(&mut self) {
        self.seen.push('\n');
    }

    /// Refuses what lets its reader in where it touches other text: programs make links of texts that look like addresses.
    fn expect_secrets_apart(&self) -> Result<(), TemplateFault> {
        let apart = |c: Option<char>| c.is_none_or(|c| c.is_ascii_whitespace());
        let touches = self.seen.match_indices(SECRET).any(|(at, mark)| {
            let (before, from) = self.seen.split_at(at);
            !apart(before.chars().next_back()) || !apart(from.chars().nth(mark.chars().count()))
        });
        let code = self.parts.contains(&Part::Value(Code));
        if touches { Err(TemplateFault::Touches(if code { "code" } else { "link" })) } else { Ok(()) }
    }
}

impl Template {
    /// Reads a template of this kind of letter.
    pub(super) fn read(text: &str, kind: LetterKind, form: Form) -> Result<Self, TemplateFault> {
        let mut reading = Reading { kind, parts: Vec::new(), seen: String::new() };
        match form {
            Form::Plain => reading.text(text)?,
            Form::Html => markup::read(text, &mut reading)?,
        }
        reading.expect_secrets_apart()?;
        Ok(Self { form, parts: reading.parts })
    }

    /// Whether it holds this place.
    pub(super) fn has(&self, value: Placeholder) -> bool {
        self.parts.contains(&Part::Value(value))
    }

    /// The text with every place filled; the first place for which there is nothing.
    pub(super) fn fill<'v>(
        &self,
        value: impl Fn(Placeholder) -> Option<&'v str>,
    ) -> Result<String, Placeholder> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Value(place) => {
                    let value = value(*place).ok_or(*place)?;
                    match self.form {
                        Form::Plain => filled.push_str(value),
                        Form::Html => escape_into(&mut filled, value),
                    }
                }
            }
        }
        Ok(filled)
    }
}

fn known(word: &str, kind: LetterKind) -> Result<Placeholder, TemplateFault> {
    let places = Placeholder::of(kind);
    places.iter().copied().find(|place| place.word() == word).ok_or_else(|| TemplateFault::Unknown {
        shown: word.chars().take(40).collect(),
        known: places.iter().map(|place| format!("`{}`", place.word())).collect::<Vec<_>>().join(", "),
    })
}

/// Writes a value into a document: as text, or in double quotes. Its lines stay lines.
pub(super) fn escape_into(html: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>\n"),
            c if c.is_control() => {}
            c => html.push(c),
        }
    }
}
