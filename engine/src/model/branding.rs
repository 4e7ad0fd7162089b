//! How a company shows itself instead of as a company of the platform: name, logo, colours, letters, domain.
//!
//! A part that is not said is the platform's own. It does not know whether a company may have any of this.

use super::words;
use crate::time::Timestamp;

words! {
    /// A letter that is sent to people.
    LetterKind {
        /// A link for who forgot their password.
        0 PasswordReset = "password_reset",
        /// A link by which somebody becomes a member.
        1 Invitation = "invitation",
        /// To super admins: people can now sign in by another identity provider.
        2 ProviderAdded = "provider_added",
        /// Something that those who run the platform tell the company.
        3 Announcement = "announcement",
        /// To admins: a plugin failed too often, and what became of it.
        4 PluginFails = "plugin_fails",
    }
}

/// A company's own look. None of its parts is secret, but its super admins alone see all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Branding {
    /// What the product is called.
    #[n(0)]
    pub product_name: Option<String>,
    /// Its logo: an `https://…` address, or a `data:image/…` of a small picture.
    #[n(1)]
    pub logo: Option<String>,
    /// Its colours.
    #[n(2)]
    pub colors: Option<BrandColors>,
    /// Where people find help.
    #[n(3)]
    pub support_links: Option<Vec<SupportLink>>,
    /// The name that letters come from.
    #[n(4)]
    pub sender_name: Option<String>,
    /// The address that answers to letters go to.
    #[n(5)]
    pub reply_to: Option<String>,
    /// Letters in other words than the built-in ones; one of a kind at most.
    #[n(6)]
    pub templates: Option<Vec<LetterTemplate>>,
    /// Whether it is said what the product is made with; it is unless told otherwise.
    #[n(7)]
    pub powered_by: Option<bool>,
    /// The domain under which the company's people come.
    #[n(8)]
    pub domain: Option<CustomDomain>,
    /// When this last changed.
    #[n(9)]
    pub updated_at: Option<Timestamp>,
    /// Counts the changes.
    #[n(10)]
    pub version: Option<u64>,
    /// In a tenant's record: a change was begun when its log ended here, and this may not be what it became.
    #[n(11)]
    pub begun: Option<u64>,
}

impl Branding {
    /// How often it was changed.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.unwrap_or_default()
    }

    /// This without its long texts: what the log keeps of a state that is over.
    #[must_use]
    pub fn without_long_texts(&self) -> Self {
        let logo = self.logo.clone().filter(|logo| !logo.starts_with("data:"));
        Self { logo, templates: None, ..self.clone() }
    }
}

/// Colours as `#rrggbb`. Each text can be read on its ground: that was checked.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct BrandColors {
    /// The ground of a page.
    #[n(0)]
    pub background: String,
    /// Text on that ground.
    #[n(1)]
    pub text: String,
    /// The ground of a button.
    #[n(2)]
    pub accent: String,
    /// Text on a button.
    #[n(3)]
    pub accent_text: String,
}

/// A place where people find help.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct SupportLink {
    /// How it is called.
    #[n(0)]
    pub label: String,
    /// `https://…` or `mailto:…`.
    #[n(1)]
    pub url: String,
}

/// A letter in a company's own words.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct LetterTemplate {
    /// Which letter.
    #[n(0)]
    pub kind: LetterKind,
    /// Its subject, with placeholders.
    #[n(1)]
    pub subject: String,
    /// Its plain text, with placeholders.
    #[n(2)]
    pub text: String,
    /// The same in HTML; made from the plain text when there is none.
    #[n(3)]
    pub html: Option<String>,
}

/// A domain that is to lead to one company.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct CustomDomain {
    /// The domain, in lower case.
    #[n(0)]
    pub name: String,
    /// When it was seen to be the company's own. Until then it leads nowhere.
    #[n(1)]
    pub verified_at: Option<Timestamp>,
}
