//! How a company shows itself: what fits, and what it comes to with the platform's own look.
//!
//! Pure rules. It does not know who may change a look, to whom one is sold, nor where it is kept.

mod color;
mod link;
mod logo;

pub(crate) use color::readable;
pub(crate) use link::{domain, support_url};
pub(crate) use logo::logo;

use crate::letter::{Look, MADE_WITH};
use crate::model::{BrandColors, Branding, LetterTemplate};

/// The colours that are built in.
pub(crate) fn built_in_colors() -> BrandColors {
    let [background, text, accent, accent_text] =
        ["#ffffff", "#1b1b1f", "#2b50c8", "#ffffff"].map(str::to_owned);
    BrandColors { background, text, accent, accent_text }
}

/// How a company's pages look: its own look where it has one that is shown, else the platform's, else what is built in.
/// Without the words of its letters, which may be long.
#[must_use]
pub fn page_look(own: Option<&Branding>, platform: &Branding) -> Look {
    let ordered = || own.into_iter().chain([platform]);
    let first = |pick: fn(&Branding) -> Option<String>| ordered().find_map(pick);
    let verified = own.and_then(|own| own.domain.as_ref()).filter(|domain| domain.verified_at.is_some());
    Look {
        product: first(|branding| branding.product_name.clone()).unwrap_or_else(|| MADE_WITH.to_owned()),
        logo: first(|branding| branding.logo.clone()),
        colors: ordered().find_map(|branding| branding.colors.clone()).unwrap_or_else(built_in_colors),
        support_links: ordered().find_map(|branding| branding.support_links.clone()).unwrap_or_default(),
        sender_name: first(|branding| branding.sender_name.clone()),
        reply_to: first(|branding| branding.reply_to.clone()),
        powered_by: ordered().find_map(|branding| branding.powered_by).unwrap_or(true),
        templates: Vec::new(),
        domain: verified.map(|domain| domain.name.clone()),
    }
}

/// How a company's letters look, in the same order.
#[must_use]
pub fn look(own: Option<&Branding>, platform: &Branding) -> Look {
    let mut templates: Vec<LetterTemplate> = Vec::new();
    let all = own.into_iter().chain([platform]).filter_map(|branding| branding.templates.as_ref()).flatten();
    for template in all {
        if !templates.iter().any(|kept| kept.kind == template.kind) {
            templates.push(template.clone());
        }
    }
    Look { templates, ..page_look(own, platform) }
}

#[cfg(test)]
mod tests;
