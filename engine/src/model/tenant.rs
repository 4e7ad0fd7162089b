//! A tenant: one customer company. Its record lives in the platform's own store.

use super::{Branding, EntitlementOverride, Founding, Lifecycle, Seq, Undertaking, Untold, words};
use crate::id::TenantId;
use crate::time::Timestamp;

words! {
    /// What a company has bought.
    Tier {
        /// For small companies.
        0 Basic = "BASIC",
        /// For growing companies.
        1 Premium = "PREMIUM",
        /// For large companies.
        2 Platinum = "PLATINUM",
    }
}

words! {
    /// Whether a company can be used.
    TenantStatus {
        /// In use.
        0 Active = "ACTIVE",
        /// Held back for now: its people look at most, and change nothing.
        1 Suspended = "SUSPENDED",
        /// Given up. It can be opened again for a while; then it may be erased.
        2 Closed = "CLOSED",
    }
}

words! {
    /// The language that most of a company's texts are in: search reduces words to their stems by its rules.
    SearchLanguage {
        /// No stems: words are found as they are written.
        0 None = "NONE",
        /// Arabic.
        1 Arabic = "ARABIC",
        /// Danish.
        2 Danish = "DANISH",
        /// Dutch.
        3 Dutch = "DUTCH",
        /// English.
        4 English = "ENGLISH",
        /// Finnish.
        5 Finnish = "FINNISH",
        /// French.
        6 French = "FRENCH",
        /// German.
        7 German = "GERMAN",
        /// Greek.
        8 Greek = "GREEK",
        /// Hungarian.
        9 Hungarian = "HUNGARIAN",
        /// Italian.
        10 Italian = "ITALIAN",
        /// Norwegian.
        11 Norwegian = "NORWEGIAN",
        /// Portuguese.
        12 Portuguese = "PORTUGUESE",
        /// Romanian.
        13 Romanian = "ROMANIAN",
        /// Russian.
        14 Russian = "RUSSIAN",
        /// Spanish.
        15 Spanish = "SPANISH",
        /// Swedish.
        16 Swedish = "SWEDISH",
        /// Tamil.
        17 Tamil = "TAMIL",
        /// Turkish.
        18 Turkish = "TURKISH",
    }
}

impl Default for SearchLanguage {
    /// English.
    fn default() -> Self {
        Self::English
    }
}

impl SearchLanguage {
    /// The two letters of ISO 639-1 by which people name it; `none` for none.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Arabic => "ar",
            Self::Danish => "da",
            Self::Dutch => "nl",
            Self::English => "en",
            Self::Finnish => "fi",
            Self::French => "fr",
            Self::German => "de",
            Self::Greek => "el",
            Self::Hungarian => "hu",
            Self::Italian => "it",
            Self::Norwegian => "no",
            Self::Portuguese => "pt",
            Self::Romanian => "ro",
            Self::Russian => "ru",
            Self::Spanish => "es",
            Self::Swedish => "sv",
            Self::Tamil => "ta",
            Self::Turkish => "tr",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.code() == code)
    }
}

/// Where a tenant's data lies. Every tenant has one, and it can change.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Placement {
    /// In a store shared by many tenants: `shards/NN`.
    #[n(0)]
    Shard(#[n(0)] u16),
    /// In a store of its own: `dedicated/ID`.
    #[n(1)]
    Dedicated,
}

/// The record of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Tenant {
    /// The id.
    #[n(0)]
    pub id: TenantId,
    /// The name people type at sign-in: 2 to 40 of a–z, 0–9 and `-`; unique on the platform.
    #[n(1)]
    pub slug: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it has bought.
    #[n(3)]
    pub tier: Tier,
    /// Whether it can be used.
    #[n(4)]
    pub status: TenantStatus,
    /// Where its data lies.
    #[n(5)]
    pub placement: Placement,
    /// When it was made.
    #[n(6)]
    pub created_at: Timestamp,
    /// When this record last changed.
    #[n(7)]
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    #[n(8)]
    pub version: u64,
    /// The language that most of its texts are in; English when none is said.
    #[n(9)]
    pub language: Option<SearchLanguage>,
    /// Where its days and weeks begin, as the IANA names the zone; UTC when none is said.
    #[n(10)]
    pub time_zone: Option<String>,
    /// What goes with a status other than active.
    #[n(14)]
    pub lifecycle: Option<Lifecycle>,
    /// Where in the world its data is to lie, in the words of those who run the platform.
    #[n(15)]
    pub region: Option<String>,
    /// How it was founded; none for those of old.
    #[n(16)]
    pub founding: Option<Founding>,
    /// What was agreed in place of what its tier includes: at most one for each key.
    #[n(11)]
    pub overrides: Option<Vec<EntitlementOverride>>,
    /// What is being done with its data as a whole.
    #[n(17)]
    pub undertaking: Option<Undertaking>,
    /// How it shows itself, if it ever said so.
    #[n(13)]
    pub branding: Option<Box<Branding>>,
    /// Its log does not say yet how it stands.
    #[n(18)]
    pub untold: Option<Untold>,
    /// The place in its log of the newest deal, by which it has its tier and what was agreed; none for those of old.
    #[n(19)]
    pub dealt: Option<Seq>,
    /// It may have plugins that act by themselves: said before the first of them does, and taken back some time after the
    /// last.
    #[n(20)]
    pub plugins_act: Option<bool>,
}

impl Tenant {
    /// A company that was made at this time and of which nothing more is said: active, in its first version.
    #[must_use]
    pub fn new(id: TenantId, slug: &str, tier: Tier, placement: Placement, at: Timestamp) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            tier,
            status: TenantStatus::Active,
            placement,
            created_at: at,
            updated_at: at,
            version: 1,
            language: None,
            time_zone: None,
            lifecycle: None,
            region: None,
            founding: None,
            overrides: None,
            undertaking: None,
            branding: None,
            untold: None,
            dealt: None,
            plugins_act: None,
        }
    }
}
