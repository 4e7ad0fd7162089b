//! Who did what happened, and which plugins had a part in it.

use crate::id::{ApiKeyId, InstallationId, MemberId, RootId};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum Actor {
    /// A member, in a session of their own.
    #[n(0)]
    Member(#[n(0)] MemberId),
    /// A program, with an API key of that member.
    #[n(1)]
    Key(#[n(0)] ApiKeyId, #[n(1)] MemberId),
    /// An operator of the platform.
    #[n(2)]
    Root(#[n(0)] RootId),
    /// The engine itself, or the program that embeds it.
    #[n(3)]
    System,
    /// A plugin.
    #[n(4)]
    Plugin(#[n(0)] PluginActor),
}

/// A plugin that acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub struct PluginActor {
    /// Its installation.
    #[n(0)]
    pub installation: InstallationId,
    /// The member that it acts as.
    #[n(1)]
    pub member: MemberId,
    /// How many steps of plugins led here, this one included.
    #[n(2)]
    pub depth: u8,
    /// Who began what led here; none: nobody of the company.
    #[n(3)]
    pub behalf: Option<MemberId>,
}

/// What a plugin added to a change of somebody else, when it was asked about it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Amendment {
    /// Its installation.
    #[n(0)]
    pub installation: InstallationId,
    /// The fields that are different because of it, by the names that the audit log has for them. Never their values.
    #[n(1)]
    pub fields: Vec<String>,
}

impl Actor {
    /// The member in whose name it was done.
    #[must_use]
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Self::Member(member) | Self::Key(_, member) | Self::Plugin(PluginActor { member, .. }) => {
                Some(member)
            }
            Self::Root(_) | Self::System => None,
        }
    }
}
