//! Whether a look fits: every part of it in its bounds and of its kind.

use super::{reply_to, text};
use crate::branding::{logo, readable, support_url};
use crate::error::{Error, Result};
use crate::letter;
use crate::limits::Limits;
use crate::model::{BrandColors, Branding, LetterTemplate, SupportLink};

/// Characters of the subject of a letter.
const SUBJECT_CHARS_MAX: usize = 200;

/// This look as it is kept, if it fits. Also for the look that an embedding program gives to all.
///
/// # Errors
///
/// `INVALID_INPUT`, naming the field.
pub(crate) fn fit(branding: Branding, limits: &Limits) -> Result<Branding> {
    let line = |field: &str, what: &str, value: Option<String>| {
        value.map(|value| text::line(field, what, &value, limits.name_chars_max)).transpose()
    };
    Ok(Branding {
        product_name: line("productName", "the product's name", branding.product_name)?,
        logo: branding.logo.map(|it| logo("logo", &it, limits.logo_bytes_max)).transpose()?,
        colors: branding.colors.map(colors).transpose()?,
        support_links: branding.support_links.map(|links| support_links(&links, limits)).transpose()?,
        sender_name: line("senderName", "the sender's name", branding.sender_name)?,
        reply_to: branding.reply_to.map(|address| reply_to(&address)).transpose()?,
        templates: branding.templates.map(|all| templates(all, limits)).transpose()?,
        ..branding
    })
}

fn colors(colors: BrandColors) -> Result<BrandColors> {
    let fit = BrandColors {
        background: text::color("colors.background", &colors.background)?,
        text: text::color("colors.text", &colors.text)?,
        accent: text::color("colors.accent", &colors.accent)?,
        accent_text: text::color("colors.accentText", &colors.accent_text)?,
    };
    readable(("colors.text", &fit.text), ("background", &fit.background))?;
    readable(("colors.accentText", &fit.accent_text), ("accent", &fit.accent))?;
    Ok(fit)
}

fn support_links(links: &[SupportLink], limits: &Limits) -> Result<Vec<SupportLink>> {
    if links.len() > limits.support_links_max {
        let message =
            format!("{} links of help are given: at most {}", links.len(), limits.support_links_max);
        return Err(Error::invalid("supportLinks", message));
    }
    let fit = links.iter().enumerate().map(|(place, link)| {
        let field = |name: &str| format!("supportLinks[{place}].{name}");
        Ok(SupportLink {
            label: text::line(&field("label"), "the label", &link.label, limits.name_chars_max)?,
            url: support_url(&field("url"), &link.url)?,
        })
    });
    fit.collect()
}

fn templates(all: Vec<LetterTemplate>, limits: &Limits) -> Result<Vec<LetterTemplate>> {
    for (place, template) in all.iter().enumerate() {
        let field = |part: &str| format!("letters[{place}].{part}");
        if all.iter().take(place).any(|earlier| earlier.kind == template.kind) {
            return Err(Error::invalid(field("kind"), format!("there are two letters `{}`", template.kind)));
        }
        text::line(&field("subject"), "the subject", &template.subject, SUBJECT_CHARS_MAX)?;
        for (part, text) in [("text", Some(&template.text)), ("html", template.html.as_ref())] {
            let bytes = text.map_or(0, String::len);
            if bytes > limits.template_bytes_max {
                let message =
                    format!("it has {bytes} bytes: at most {} are allowed", limits.template_bytes_max);
                return Err(Error::invalid(field(part), message));
            }
        }
        letter::check(template).map_err(|(part, fault)| Error::invalid(field(part), fault.to_string()))?;
    }
    Ok(all)
}
