//! What a company may have: the things that a tier or an agreement says something about.
//!
//! It does not know what which tier includes: see [`entitlement`](crate::entitlement).

use super::words;
use crate::time::Timestamp;

words! {
    /// A thing of which a company may have so much, or which it may use at all.
    EntitlementKey {
        /// People: active members and open invitations.
        0 Users = "users",
        /// Issues; archived ones count, deleted ones for some time after.
        1 Issues = "issues",
        /// Requests by API key in a day of UTC.
        2 ApiCallsPerDay = "apiCallsPerDay",
        /// Requests by somebody who signed in, in a day of UTC.
        3 SessionCallsPerDay = "sessionCallsPerDay",
        /// Requests in one second.
        4 BurstPerSecond = "burstPerSecond",
        /// Points of work in one second, as queries are reckoned.
        5 CostPerSecond = "costPerSecond",
        /// Workflows of its own.
        6 CustomWorkflows = "customWorkflows",
        /// Figures beyond counts and sums.
        7 AdvancedAnalytics = "advancedAnalytics",
        /// Systems it may be connected to.
        8 Integrations = "integrations",
        /// Where its plugins may come from.
        9 Plugins = "plugins",
        /// How it is helped.
        10 Support = "support",
        /// The availability it is promised.
        11 Sla = "sla",
        /// Where its data lies.
        12 Infrastructure = "infrastructure",
        /// Its own name and colours in place of ours.
        13 WhiteLabel = "whiteLabel",
        /// Addresses that are told of changes.
        14 Webhooks = "webhooks",
        /// Bytes of files.
        15 StorageBytes = "storageBytes",
        /// Days for which its audit is shown.
        16 AuditRetentionDays = "auditRetentionDays",
    }
}

/// Of what form the value of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntitlementForm {
    /// So many, or without limit.
    Count,
    /// Yes or no.
    Flag,
    /// Words.
    Words,
}

impl EntitlementKey {
    /// The form of its values.
    #[must_use]
    pub const fn form(self) -> EntitlementForm {
        match self {
            Self::Users
            | Self::Issues
            | Self::ApiCallsPerDay
            | Self::SessionCallsPerDay
            | Self::BurstPerSecond
            | Self::CostPerSecond
            | Self::Webhooks
            | Self::StorageBytes
            | Self::AuditRetentionDays => EntitlementForm::Count,
            Self::CustomWorkflows | Self::AdvancedAnalytics | Self::WhiteLabel => EntitlementForm::Flag,
            Self::Integrations | Self::Plugins | Self::Support | Self::Sla | Self::Infrastructure => {
                EntitlementForm::Words
            }
        }
    }

    /// It in a sentence, after a number or a name: `issues`.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Users => "people",
            Self::Issues => "issues",
            Self::ApiCallsPerDay => "calls by API key a day",
            Self::SessionCallsPerDay => "calls by signed-in people a day",
            Self::BurstPerSecond => "requests a second",
            Self::CostPerSecond => "points of work a second",
            Self::CustomWorkflows => "workflows of its own",
            Self::AdvancedAnalytics => "advanced analytics",
            Self::Integrations => "integrations",
            Self::Plugins => "plugins",
            Self::Support => "support",
            Self::Sla => "availability",
            Self::Infrastructure => "infrastructure",
            Self::WhiteLabel => "branding of its own",
            Self::Webhooks => "webhooks",
            Self::StorageBytes => "bytes of files",
            Self::AuditRetentionDays => "days of audit",
        }
    }
}

/// How much of a thing, or what of it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum EntitlementValue {
    /// At most so many.
    #[n(0)]
    Count(#[n(0)] u64),
    /// Without limit.
    #[n(1)]
    Unlimited,
    /// Whether at all.
    #[n(2)]
    Flag(#[n(0)] bool),
    /// These; `all` means every one.
    #[n(3)]
    Words(#[n(0)] Vec<String>),
}

impl EntitlementValue {
    /// Whether a value of this key may look like this.
    #[must_use]
    pub const fn fits(&self, key: EntitlementKey) -> bool {
        matches!(
            (self, key.form()),
            (Self::Count(_) | Self::Unlimited, EntitlementForm::Count)
                | (Self::Flag(_), EntitlementForm::Flag)
                | (Self::Words(_), EntitlementForm::Words)
        )
    }
}

impl std::fmt::Display for EntitlementValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Words(words) if words.is_empty() => f.write_str("none"),
            Self::Words(words) => f.write_str(&words.join(", ")),
        }
    }
}

/// What was agreed with one company in place of what its tier includes.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct EntitlementOverride {
    /// About what.
    #[n(0)]
    pub key: EntitlementKey,
    /// How much.
    #[n(1)]
    pub value: EntitlementValue,
    /// When the tier's own value holds again; never when none is said.
    #[n(2)]
    pub until: Option<Timestamp>,
}
