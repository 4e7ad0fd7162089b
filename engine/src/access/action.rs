//! The things one can ask to do.

/// Declares the actions with the phrase that completes "not allowed to …".
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $phrase:literal,)*) => {
        /// Something one can ask to do to a thing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The phrase that completes "not allowed to …".
            #[must_use]
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$name => $phrase,)* }
            }

            /// The name, such as `CreateIssue`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

actions! {
    /// Make an issue in a team.
    CreateIssue = "create issues",
    /// Change an issue's fields.
    UpdateIssue = "change issues",
    /// Say who works on an issue.
    AssignIssue = "assign issues",
    /// Move an issue to another state.
    TransitionIssue = "move issues to another state",
    /// Archive an issue, or take it out of the archive.
    ArchiveIssue = "archive issues",
    /// Delete an issue; it can be restored. Owners may within the hour.
    DeleteIssue = "delete this issue",
    /// Restore a deleted issue.
    RestoreIssue = "restore this issue",
    /// Change up to 50 issues at once.
    BulkUpdate = "change issues in bulk",
    /// Change more than 50 issues at once.
    BulkUpdateLarge = "change more than 50 issues at once",
    /// Write a comment.
    CreateComment = "comment",
    /// Edit a comment's text.
    EditComment = "edit this comment",
    /// Delete a comment.
    DeleteComment = "delete this comment",
    /// Make, change or archive a team.
    ManageTeams = "manage teams",
    /// Make, change or delete a label.
    ManageLabels = "manage labels",
    /// Make or change a workflow.
    ManageWorkflows = "manage workflows",
    /// Add, suspend or remove members and change roles.
    ManageMembers = "manage members",
    /// Make somebody a super admin: a new member, one with a smaller role, or one who did not take part.
    MakeSuperAdmin = "make somebody a super admin",
    /// Say who belongs to a team, and as what. Its leads may.
    ManageTeamMembers = "say who belongs to this team: its leads and admins do",
    /// Make and change service accounts, and their API keys.
    ManageServices = "manage service accounts",
    /// Change one's own name, language and time zone.
    EditProfile = "change this member's profile",
    /// Make or revoke an API key.
    ManageKeys = "manage this member's API keys",
    /// Change how a member signs in: password, sessions, second factor.
    ManageSignIn = "change how this member signs in",
    /// Change how the company's people sign in: identity providers, whether a second factor is required; see and end
    /// visits of the platform's operators.
    ManageAccess = "manage how this company's people sign in",
    /// Change how the company shows itself: name, colours, letters, domain.
    ManageBranding = "manage how this company shows itself",
    /// Make a view, for oneself or shared with a team.
    CreateView = "make views",
    /// Share a view with the whole company.
    PublishView = "share a view with the whole company: share it with a team, or ask an admin",
    /// Change or delete a view that one sees. Owners may.
    ManageView = "change this view: it is not yours, and you are no admin",
    /// Choose which views one keeps at hand.
    KeepFavorites = "keep views at hand",
    /// Upload, install, set up and stop plugins, and read what they did.
    ManagePlugins = "manage plugins",
    /// Import an archive.
    Import = "import",
    /// Read the log of everything that happened.
    ReadAudit = "read the audit log",
}
