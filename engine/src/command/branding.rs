//! Commands on how a company shows itself.
//!
//! A look is kept in the tenant's record, with those who run the platform: the log says what it became, and the engine takes
//! it from there.

mod fit;

pub(crate) use fit::fit;

use super::{Command, World, text};
use crate::access::Action;
use crate::branding;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::model::{BrandColors, Branding, CustomDomain, EntitlementKey, LetterTemplate, SupportLink};

/// Changes a company's look. What is not said stays; an inner none takes the company's own away.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode)]
pub struct UpdateBranding {
    /// The version it was read at; another one is a conflict.
    #[n(0)]
    pub if_version: Option<u64>,
    /// What the product is called.
    #[n(1)]
    pub product_name: Option<Option<String>>,
    /// Its logo: `https://…`, or a small picture as `data:image/…`.
    #[n(2)]
    pub logo: Option<Option<String>>,
    /// Its colours.
    #[n(3)]
    pub colors: Option<Option<BrandColors>>,
    /// Where people find help.
    #[n(4)]
    pub support_links: Option<Option<Vec<SupportLink>>>,
    /// The name that letters come from.
    #[n(5)]
    pub sender_name: Option<Option<String>>,
    /// The address that answers to letters go to.
    #[n(6)]
    pub reply_to: Option<Option<String>>,
    /// Letters in its own words, all of them.
    #[n(7)]
    pub templates: Option<Option<Vec<LetterTemplate>>>,
    /// Whether it is said what the product is made with.
    #[n(8)]
    pub powered_by: Option<Option<bool>>,
}

impl Command for UpdateBranding {
    fn operation(&self) -> &'static str {
        "brandingUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = world.tenant.branding.as_deref().cloned().unwrap_or_default();
        // How far its record is behind is no part of a look.
        let before = Branding { begun: None, ..before };
        let permit = world.policy.authorize(Action::ManageBranding, before.clone(), None)?;
        world.entitled.require(EntitlementKey::WhiteLabel)?;
        world.expect_version("the branding", self.if_version, before.version())?;
        let mut after = before.clone();
        replace(&mut after.product_name, &self.product_name);
        replace(&mut after.logo, &self.logo);
        replace(&mut after.colors, &self.colors);
        replace(&mut after.support_links, &self.support_links);
        replace(&mut after.sender_name, &self.sender_name);
        replace(&mut after.reply_to, &self.reply_to);
        replace(&mut after.templates, &self.templates);
        replace(&mut after.powered_by, &self.powered_by);
        let mut after = fit(after, world.limits)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Tenant);
        if after != before {
            after.version = Some(before.version().saturating_add(1));
            after.updated_at = Some(world.now);
            draft.save_branding(permit, after);
        }
        Ok(draft)
    }
}

fn replace<T: Clone>(value: &mut Option<T>, wish: &Option<Option<T>>) {
    if let Some(wish) = wish {
        value.clone_from(wish);
    }
}

/// Says under which domain the company's people come; none: under none of its own. It leads nowhere until it was seen to be
/// the company's.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetDomain {
    /// The domain.
    #[n(0)]
    pub domain: Option<String>,
}

impl Command for SetDomain {
    fn operation(&self) -> &'static str {
        "customDomainSet"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = domain_of(world);
        let permit = world.policy.authorize(Action::ManageBranding, before.clone(), None)?;
        if self.domain.is_some() {
            world.entitled.require(EntitlementKey::WhiteLabel)?;
        }
        let name = self.domain.as_deref().map(|name| branding::domain("domain", name)).transpose()?;
        let same = name.as_ref() == before.as_ref().map(|before| &before.name);
        let mut draft = Draft::new();
        draft.answer_with(Subject::Tenant);
        if !same {
            let after = name.map(|name| CustomDomain { name, verified_at: None });
            draft.save_domain(permit, after, next_version(world));
        }
        Ok(draft)
    }
}

/// Says that a company's domain was seen to be its own. Those who run the platform alone say so.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct VerifyDomain {
    /// The domain that was looked at: another may have been named since.
    #[n(0)]
    pub(crate) domain: String,
}

impl Command for VerifyDomain {
    fn operation(&self) -> &'static str {
        "customDomainVerify"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let asker = &world.cx.principal;
        if !asker.is_of_platform() && !matches!(asker.actor(), Actor::System) {
            return Err(Error::forbidden("say whose a domain is: ask whoever runs the platform"));
        }
        let before = domain_of(world);
        let permit = world.policy.authorize(Action::ManageBranding, before.clone(), None)?;
        world.entitled.require(EntitlementKey::WhiteLabel)?;
        let domain = branding::domain("domain", &self.domain)?;
        let claimed = before.filter(|before| before.name == domain).ok_or_else(|| {
            let message = format!("{} has not named {domain} as its domain", world.tenant.slug);
            Error::rejected(message).with_field("domain")
        })?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Tenant);
        if claimed.verified_at.is_none() {
            let after = CustomDomain { verified_at: Some(world.now), ..claimed };
            draft.save_domain(permit, Some(after), next_version(world));
        }
        Ok(draft)
    }
}

fn domain_of(world: &World<'_>) -> Option<CustomDomain> {
    world.tenant.branding.as_deref().and_then(|branding: &Branding| branding.domain.clone())
}

fn next_version(world: &World<'_>) -> u64 {
    world.tenant.branding.as_deref().map_or(0, Branding::version).saturating_add(1)
}

/// An address that answers go to.
fn reply_to(address: &str) -> Result<String> {
    text::email("replyTo", address)
}
