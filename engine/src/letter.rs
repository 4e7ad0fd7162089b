//! Letters: what is written to people, in whose colours, in which language. Pure; who sends them is elsewhere.
//!
//! A letter is a subject of one line, a plain text and a document of HTML that say the same. Words are built in, a file for
//! each letter and language, and a company's own templates take their place. What is filled in is escaped for where it
//! stands. It knows no addresses and no mail server.

mod frame;
mod language;
mod line;
mod markup;
mod template;

pub use language::LetterLanguage;
pub use line::Line;
pub use template::Placeholder;
pub(crate) use template::TemplateFault;

use crate::model::{BrandColors, LetterKind, LetterTemplate, SupportLink};
use template::{Form, Template, escape_into};

/// What the product is made with, as it is said under letters.
pub(crate) const MADE_WITH: &str = "Mortise";

/// How letters and pages of one company look: everything that was said by the company, else by the platform, else built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What the product is called.
    pub product: String,
    /// Its logo: an `https://…` address, or a `data:image/…`.
    pub logo: Option<String>,
    /// Its colours.
    pub colors: BrandColors,
    /// Where people find help.
    pub support_links: Vec<SupportLink>,
    /// The name that letters come from.
    pub sender_name: Option<String>,
    /// The address that answers to letters go to.
    pub reply_to: Option<String>,
    /// Whether it is said what the product is made with.
    pub powered_by: bool,
    /// Letters in other words than the built-in ones.
    pub templates: Vec<LetterTemplate>,
    /// The company's own domain, once it was seen to be its own.
    pub domain: Option<String>,
}

/// A letter, ready to be put into an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is about.
    pub subject: Line,
    /// The plain text.
    pub text: String,
    /// The same as a document of HTML.
    pub html: String,
    /// The name that it comes from; none where neither company nor platform has said one.
    pub sender_name: Option<Line>,
    /// The address that answers go to.
    pub reply_to: Option<String>,
}

/// The words of a letter, with their placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterWords {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// The same as a part of a document of HTML.
    pub html: Option<String>,
}

/// Why a letter could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterFault {
    /// There is nothing to fill in.
    #[error("nothing is known to fill in `{0}`")]
    Missing(&'static str),
    /// A template that is none; those of companies are checked before they are kept.
    #[error("its template cannot be read: {0}")]
    Template(String),
}

/// Writes a letter. `value` says what is filled in.
///
/// # Errors
///
/// [`LetterFault`].
pub fn write<'v>(
    kind: LetterKind,
    language: LetterLanguage,
    look: &Look,
    value: impl Fn(Placeholder) -> Option<&'v str>,
) -> Result<Letter, LetterFault> {
    let words = words(kind, language, look);
    let read = |text: &str, form| {
        Template::read(text, kind, form).map_err(|fault| LetterFault::Template(fault.to_string()))
    };
    let fill = |template: Template| template.fill(&value).map_err(|place| LetterFault::Missing(place.word()));
    let subject = fill(read(&words.subject, Form::Plain)?)?;
    let text = fill(read(&words.text, Form::Plain)?)?;
    let body = match &words.html {
        Some(html) => fill(read(html, Form::Html)?)?,
        None => paragraphs(&text),
    };
    Ok(Letter {
        subject: Line::of(&subject),
        text: frame::plain(look, language, &text),
        html: frame::html(look, language, &body),
        sender_name: look.sender_name.as_deref().map(Line::of),
        reply_to: look.reply_to.clone(),
    })
}

/// The words of a letter as this look has them. Words of its own that were taken under former rules and cannot be filled any
/// more leave the built-in ones.
#[must_use]
pub fn words(kind: LetterKind, language: LetterLanguage, look: &Look) -> LetterWords {
    match look.templates.iter().find(|own| own.kind == kind && check(own).is_ok()) {
        Some(own) => {
            LetterWords { subject: own.subject.clone(), text: own.text.clone(), html: own.html.clone() }
        }
        None => built_in(kind, language),
    }
}

fn built_in(kind: LetterKind, language: LetterLanguage) -> LetterWords {
    let words = language.words(kind);
    let (subject, text) = words.text.split_once('\n').unwrap_or((words.text, ""));
    LetterWords {
        subject: subject.trim_start_matches("Subject:").trim().to_owned(),
        text: text.trim_start().to_owned(),
        html: Some(words.html.to_owned()),
    }
}

/// Checks the words of a company's own template; its bounds are somebody else's affair. Answers which part is at fault.
pub(crate) fn check(template: &LetterTemplate) -> Result<(), (&'static str, TemplateFault)> {
    let read = |part: &'static str, text: &str, form| {
        Template::read(text, template.kind, form).map_err(|fault| (part, fault))
    };
    read("subject", &template.subject, Form::Plain)?;
    let text = read("text", &template.text, Form::Plain)?;
    let html = template.html.as_deref().map(|html| read("html", html, Form::Html)).transpose()?;
    let carries_link = Placeholder::of(template.kind).contains(&Placeholder::Link);
    if carries_link && !text.has(Placeholder::Link) {
        return Err(("text", TemplateFault::NoLink));
    }
    if carries_link && html.is_some_and(|html| !html.has(Placeholder::Link)) {
        return Err(("html", TemplateFault::NoLink));
    }
    Ok(())
}

/// A plain text as a document: its empty lines part paragraphs.
fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        escape_into(&mut html, paragraph);
        html.push_str("</p>\n");
    }
    html
}

#[cfg(test)]
mod tests;
