//! A text with placeholders, `{{link}}`, and how it is filled.
//!
//! A template is read once and holds placeholders of its letter alone; a value is escaped for the form that it stands in, so
//! that nobody's name becomes markup. It knows no letter's words.

use crate::model::LetterKind;

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
    /// What an announcement is about.
    Subject,
    /// What an announcement says.
    Text,
}

use Placeholder::{Code, Company, Expires, Inviter, Link, Name, Product, Provider, Subject, Text};

impl Placeholder {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Self; 10] =
        [Product, Company, Name, Link, Code, Expires, Inviter, Provider, Subject, Text];

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
        "`{{{{{0}}}}}` stands inside a tag: a value may stand in text, and a link in an attribute in double quotes"
    )]
    InsideTag(&'static str),
    /// A part of a document that letters do not have.
    #[error("it has a `<{0}`: letters carry text, pictures and links alone")]
    Active(&'static str),
    /// A letter that carries a link, and a text without it.
    #[error(
        "it says neither `{{{{link}}}}` nor `{{{{code}}}}`: whoever gets the letter could do nothing with it"
    )]
    NoLink,
}

/// Elements that do something by themselves, or whose content is no text.
const ACTIVE: [&str; 11] =
    ["script", "style", "iframe", "object", "embed", "form", "base", "link", "meta", "svg", "math"];

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

/// Where in a document a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Tag,
    /// In an attribute, between two of these.
    Quotes(char),
}

impl Template {
    /// Reads a template of this kind of letter.
    pub(super) fn read(text: &str, kind: LetterKind, form: Form) -> Result<Self, TemplateFault> {
        if form == Form::Html {
            still(text)?;
        }
        let (mut parts, mut rest, mut within) = (Vec::new(), text, Within::Text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (word, behind) = after.split_once("}}").ok_or(TemplateFault::Unclosed)?;
            let value = known(word.trim(), kind)?;
            within = if form == Form::Html { walked(within, before) } else { within };
            match within {
                Within::Text => {}
                Within::Quotes('"') if value == Link => {}
                Within::Tag | Within::Quotes(_) => return Err(TemplateFault::InsideTag(value.word())),
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Value(value));
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { form, parts })
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

/// Refuses elements that do something by themselves.
fn still(html: &str) -> Result<(), TemplateFault> {
    let lower = html.to_ascii_lowercase();
    let active = ACTIVE.into_iter().find(|element| {
        lower.match_indices(&format!("<{element}")).any(|(at, found)| {
            let next = lower.get(at + found.len()..).and_then(|rest| rest.chars().next());
            next.is_none_or(|next| !next.is_ascii_alphanumeric())
        })
    });
    active.map_or(Ok(()), |element| Err(TemplateFault::Active(element)))
}

/// Where one is behind this text.
fn walked(from: Within, text: &str) -> Within {
    text.chars().fold(from, |within, c| match (within, c) {
        (Within::Text, '<') => Within::Tag,
        (Within::Tag, '>') => Within::Text,
        (Within::Tag, '"' | '\'') => Within::Quotes(c),
        (Within::Quotes(quote), c) if c == quote => Within::Tag,
        _ => within,
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
