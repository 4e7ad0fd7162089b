//! What stands around the words of every letter: the product's name and colours, where help is, what it is made with.
//!
//! Companies' templates are put inside it; they take nothing of it away, because each element of theirs is closed. It knows no
//! letter's words.

use super::language::LetterLanguage;
use super::template::escape_into;
use super::{Look, MADE_WITH};
use std::fmt::Write as _;

/// The whole plain text.
pub(super) fn plain(look: &Look, language: LetterLanguage, body: &str) -> String {
    let mut text = format!("{}\n\n-- \n{}\n", body.trim_end(), look.product);
    for link in &look.support_links {
        let url = link.url.strip_prefix("mailto:").unwrap_or(&link.url);
        let _ = writeln!(text, "{}: {url}", link.label);
    }
    if look.powered_by {
        let _ = writeln!(text, "{} {MADE_WITH}", language.powered_by());
    }
    text
}

/// The whole document. Colours were checked, everything else is escaped.
pub(super) fn html(look: &Look, language: LetterLanguage, body: &str) -> String {
    let colors = &look.colors;
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><style>\n\
         body {{ margin: 0; background: {background}; color: {text}; font: 16px/1.5 sans-serif; }}\n\
         main {{ max-width: 36em; margin: 0 auto; padding: 1.5em; }}\n\
         a {{ color: inherit; }}\n\
         a.button {{ display: inline-block; padding: .6em 1.2em; border-radius: .3em; text-decoration: none; \
         background: {accent}; color: {accent_text}; }}\n\
         footer {{ margin-top: 2em; font-size: 14px; }}\n\
         </style></head>\n<body bgcolor=\"{background}\">\n<main>\n<header><p>",
        code = language.code(),
        background = colors.background,
        text = colors.text,
        accent = colors.accent,
        accent_text = colors.accent_text,
    );
    header(&mut html, look);
    let _ = write!(html, "</p></header>\n{}\n<footer>", body.trim());
    footer(&mut html, look, language);
    html.push_str("</footer>\n</main>\n</body>\n</html>\n");
    html
}

/// The logo, where it is an address: most readers of mail show no other. Else the name.
fn header(html: &mut String, look: &Look) {
    match look.logo.as_deref().filter(|logo| logo.starts_with("https://")) {
        Some(logo) => {
            html.push_str("<img height=\"40\" src=\"");
            escape_into(html, logo);
            html.push_str("\" alt=\"");
            escape_into(html, &look.product);
            html.push_str("\">");
        }
        None => {
            html.push_str("<strong>");
            escape_into(html, &look.product);
            html.push_str("</strong>");
        }
    }
}

fn footer(html: &mut String, look: &Look, language: LetterLanguage) {
    for (place, link) in look.support_links.iter().enumerate() {
        html.push_str(if place == 0 { "<p><a href=\"" } else { " · <a href=\"" });
        escape_into(html, &link.url);
        html.push_str("\">");
        escape_into(html, &link.label);
        html.push_str("</a>");
    }
    if !look.support_links.is_empty() {
        html.push_str("</p>");
    }
    if look.powered_by {
        let _ = write!(html, "<p>{} {MADE_WITH}</p>", language.powered_by());
    }
}
