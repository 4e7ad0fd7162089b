//! How a company shows itself: what of it is sold, what fits, and what it comes to with the platform's own look.
//!
//! Pure rules. It does not know who may change a look, nor where it is kept.

mod color;
mod link;
mod logo;

pub(crate) use color::readable;
pub(crate) use link::{domain, support_url};
pub(crate) use logo::logo;

use crate::error::{Error, ErrorCode, Result};
use crate::letter::{Look, MADE_WITH};
use crate::model::{BrandColors, Branding, Tenant, Tier};

/// Refuses a look of its own to a company whose tier has none.
///
/// # Errors
///
/// `ENTITLEMENT_EXCEEDED`, with what would lift it.
pub(crate) fn require(tenant: &Tenant) -> Result<()> {
    if is_included(tenant) {
        return Ok(());
    }
    let tier = tenant.tier;
    let message =
        format!("branding of its own: not included in the tier {tier}; {} includes it", Tier::Platinum);
    Err(Error::new(ErrorCode::EntitlementExceeded, message))
}

/// Whether a company's own look is shown. One that was bought and given up is kept, and comes back with the tier.
#[must_use]
pub fn is_included(tenant: &Tenant) -> bool {
    tenant.tier == Tier::Platinum
}

/// The colours that are built in.
pub(crate) fn built_in_colors() -> BrandColors {
    let [background, text, accent, accent_text] =
        ["#ffffff", "#1b1b1f", "#2b50c8", "#ffffff"].map(str::to_owned);
    BrandColors { background, text, accent, accent_text }
}

/// How a company's letters and pages look: its own look where it has one, else the platform's, else what is built in.
#[must_use]
pub fn look(tenant: Option<&Tenant>, platform: &Branding) -> Look {
    let own = tenant.filter(|tenant| is_included(tenant)).and_then(|tenant| tenant.branding.as_deref());
    let ordered = || own.into_iter().chain([platform]);
    let first = |pick: fn(&Branding) -> Option<String>| ordered().find_map(pick);
    let mut templates = Vec::new();
    for template in ordered().filter_map(|branding| branding.templates.as_ref()).flatten() {
        if !templates.iter().any(|kept: &crate::model::LetterTemplate| kept.kind == template.kind) {
            templates.push(template.clone());
        }
    }
    let verified = own.and_then(|own| own.domain.as_ref()).filter(|domain| domain.verified_at.is_some());
    Look {
        product: first(|branding| branding.product_name.clone()).unwrap_or_else(|| MADE_WITH.to_owned()),
        logo: first(|branding| branding.logo.clone()),
        colors: ordered().find_map(|branding| branding.colors.clone()).unwrap_or_else(built_in_colors),
        support_links: ordered().find_map(|branding| branding.support_links.clone()).unwrap_or_default(),
        sender_name: first(|branding| branding.sender_name.clone()),
        reply_to: first(|branding| branding.reply_to.clone()),
        powered_by: ordered().find_map(|branding| branding.powered_by).unwrap_or(true),
        templates,
        domain: verified.map(|domain| domain.name.clone()),
    }
}

#[cfg(test)]
mod tests;
