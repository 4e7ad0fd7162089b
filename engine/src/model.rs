//! The rows of a tenant: what an issue, comment, label, team, member, workflow is.
//!
//! Rows are stored as CBOR with numbered fields ([`minicbor`]); a number is never reused, and a new field is an
//! `Option` or has a default, so that old bytes always open. This module knows no storage and no rules.

mod access_settings;
mod approval;
mod branding;
mod comment;
mod confidential;
mod entitlement;
mod housing;
mod invitation;
mod issue;
mod job;
mod key_scope;
mod label;
mod lifecycle;
mod log_place;
mod member;
mod network;
mod plugin;
mod provider;
mod relation;
mod team;
mod tenant;
mod transition;
mod visit;
mod workflow;
mod workflow_version;

pub use access_settings::AccessSettings;
pub use approval::{Approval, ApprovalGrant};
pub use branding::{BrandColors, Branding, CustomDomain, LetterKind, LetterTemplate, SupportLink};
pub use comment::Comment;
pub use confidential::Confidential;
pub use entitlement::{EntitlementForm, EntitlementKey, EntitlementOverride, EntitlementValue};
pub use housing::{Home, Housing, Undertaking};
pub use invitation::{Invitation, InvitationStatus};
pub use issue::{Issue, IssueKind, IssueSource, Priority, Resolution};
pub use job::{Job, JobFault, JobItem, JobStatus, JobTask};
pub use key_scope::KeyScope;
pub use label::Label;
pub use lifecycle::{Founding, Lifecycle, Untold};
pub use log_place::LogPlace;
pub use member::{Member, MemberKind, MemberStatus, Role};
pub use network::{Network, ParseNetworkError};
pub use plugin::{
    Digest, HookPoint, Installation, InstallationStatus, LARGE_PLUGINS, OnFailure, PluginCode, PluginHooks,
    PluginMode, PluginOrigin, PluginPermissions, SecretHosts,
};
pub use provider::IdentityProvider;
pub use relation::{Commenter, Dates, Past, Relation, RelationKind};
pub use team::{KindWorkflow, Team, TeamMember, TeamRole};
pub use tenant::{Placement, SearchLanguage, Tenant, TenantStatus, Tier};
pub use transition::{ApprovalRule, Assignee, Effect, Guard, Party, RequiredField, WorkflowTransition};
pub use visit::Visit;
pub use workflow::{StateCategory, Workflow, WorkflowMode, WorkflowState};
pub use workflow_version::{Migration, MigrationEnd, StateMapping, VersionStatus, WorkflowVersion};

/// A place in a tenant's log: 1 is the first event, there are no gaps. Zero is the place before the first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Seq(#[n(0)] pub u64);

impl Seq {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares an enum of plain names that is stored as a number and shown as a word. For the crates of this workspace.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $number:literal $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
        )]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$vdoc])* #[n($number)] $variant,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it, such as clients see.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
