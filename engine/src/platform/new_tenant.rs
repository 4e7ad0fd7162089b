//! What callers say of a tenant: how one is founded, and what is changed of its record.
//!
//! It does not know what of it is refused.

use crate::identity::Password;
use crate::model::{Placement, SearchLanguage, Tier};

/// What is needed to found a tenant.
#[derive(Debug)]
pub struct NewTenant {
    /// The name people type at sign-in: 2 to 40 of a–z, 0–9 and `-`.
    pub slug: String,
    /// How it is shown.
    pub name: String,
    /// What it has bought.
    pub tier: Tier,
    /// The first super admin: address, name, and password if one is set at once.
    pub admin: Option<FirstAdmin>,
    /// The key of a first team.
    pub team: Option<String>,
    /// The language that most of its texts will be in; English unless said.
    pub language: Option<SearchLanguage>,
    /// Where its days and weeks begin, as the IANA names the zone; UTC unless said.
    pub time_zone: Option<String>,
    /// Where in the world its data is to lie, in the platform's own words: 1 to 40 of a–z, 0–9 and `-`.
    pub region: Option<String>,
    /// Where its data lies: where tenants of this tier live, those of its own unless said.
    pub home: Option<Tier>,
    /// Where its data lies, to the store; where there is room in its home unless said.
    pub placement: Option<Placement>,
}

/// What can be changed about a tenant's name, language and place. What is not said stays; an inner none takes the value away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantSettings {
    /// The version that the tenant's record was read at; another one is a conflict.
    pub if_version: Option<u64>,
    /// How it is shown.
    pub name: Option<String>,
    /// The language that most of its texts are in.
    pub language: Option<Option<SearchLanguage>>,
    /// Where its days and weeks begin, as the IANA names the zone.
    pub time_zone: Option<Option<String>>,
    /// Where in the world its data is to lie, in the platform's own words.
    pub region: Option<Option<String>>,
}

/// The first super admin of a tenant.
#[derive(Debug)]
pub struct FirstAdmin {
    /// The address they sign in with.
    pub email: String,
    /// How they are shown.
    pub name: String,
    /// Their password; without one they cannot sign in yet.
    pub password: Option<Password>,
}

impl NewTenant {
    /// A tenant of the basic tier with nobody in it.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            slug: slug.into(),
            name: name.into(),
            tier: Tier::Basic,
            admin: None,
            team: None,
            language: None,
            time_zone: None,
            region: None,
            home: None,
            placement: None,
        }
    }

    /// With a first team that has this key.
    #[must_use]
    pub fn with_team(mut self, key: impl Into<String>) -> Self {
        self.team = Some(key.into());
        self
    }

    /// With a first super admin.
    #[must_use]
    pub fn with_admin(mut self, admin: FirstAdmin) -> Self {
        self.admin = Some(admin);
        self
    }

    /// With texts in this language.
    #[must_use]
    pub const fn with_language(mut self, language: SearchLanguage) -> Self {
        self.language = Some(language);
        self
    }

    /// In this time zone, such as `Europe/Berlin`.
    #[must_use]
    pub fn with_time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = Some(zone.into());
        self
    }

    /// With its data in this place, whatever its tier.
    #[must_use]
    pub fn with_placement(mut self, placement: Placement) -> Self {
        self.placement = Some(placement);
        self
    }

    /// Of this tier.
    #[must_use]
    pub const fn with_tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }
}
