//! Events: the facts of a tenant's log, in the past tense, kept for ever.
//!
//! An event carries everything needed to understand it later: the field, what it was, what it became, who did it
//! and for what reason. Long text is given as what it became only. People are named by id, so that a body can be
//! erased and nobody's name lingers. A kind or a field number is never reused. This module knows no storage: how an
//! event is sealed and chained is the log's affair.

mod actor;
mod apply;
mod change;
mod name;
mod undo;

pub use actor::{Actor, Amendment, PluginActor};
pub use change::{Change, IssueChange};
pub use undo::Unknown;

use crate::id::{
    ApiKeyId, CommentId, InstallationId, InvitationId, IssueId, LabelId, MemberId, ProviderId, SessionId,
    TeamId, TenantId, ViewId, WorkflowId,
};
use crate::model::{
    AccessSettings, Branding, Comment, CustomDomain, EntitlementKey, EntitlementOverride, IdentityProvider,
    Installation, Invitation, Issue, KeyScope, Label, Lifecycle, LogPlace, Member, MigrationEnd, Network,
    PluginCode, Seq, Team, TenantStatus, Tier, Visit, Workflow, WorkflowVersion, words,
};
use crate::saved_view::{Favorites, SavedView};
use crate::time::Timestamp;

words! {
    /// By which way it came in. Imported events run no hooks, automations or outward followers.
    Origin {
        /// The GraphQL API.
        0 Api = "API",
        /// The command line.
        1 Cli = "CLI",
        /// The program that embeds the engine.
        2 Embed = "EMBED",
        /// An import: the time is the original one.
        3 Import = "IMPORT",
        /// The engine itself.
        4 System = "SYSTEM",
        /// A plugin.
        5 Plugin = "PLUGIN",
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum Subject {
    /// The tenant as a whole.
    #[n(0)]
    Tenant,
    /// An issue, or a comment on it.
    #[n(1)]
    Issue(#[n(0)] IssueId),
    /// A label.
    #[n(2)]
    Label(#[n(0)] LabelId),
    /// A member.
    #[n(3)]
    Member(#[n(0)] MemberId),
    /// A team.
    #[n(4)]
    Team(#[n(0)] TeamId),
    /// A workflow.
    #[n(5)]
    Workflow(#[n(0)] WorkflowId),
    /// An API key.
    #[n(6)]
    Key(#[n(0)] ApiKeyId),
    /// A saved view.
    #[n(7)]
    View(#[n(0)] ViewId),
    /// A session of a member, or a visit of an operator.
    #[n(8)]
    Session(#[n(0)] SessionId),
    /// An identity provider.
    #[n(9)]
    Provider(#[n(0)] ProviderId),
    /// An invitation.
    #[n(10)]
    Invitation(#[n(0)] InvitationId),
    /// An installation of a plugin.
    #[n(11)]
    Installation(#[n(0)] InstallationId),
}

/// What happened. Small things are given whole, before and after; an issue by its changes.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum EventBody {
    /// The company was set up.
    #[n(0)]
    TenantCreated {
        /// How it is shown.
        #[n(0)]
        name: String,
        /// What it bought.
        #[n(1)]
        tier: Tier,
        /// Which company it is, so that its log passes for no other's; none in logs of old.
        #[n(2)]
        tenant: Option<TenantId>,
    },
    /// An issue was made, with all its fields and its whole description.
    #[n(1)]
    IssueCreated {
        /// The row as made, without its description.
        #[n(0)]
        issue: Box<Issue>,
        /// The whole description.
        #[n(1)]
        description: Option<String>,
    },
    /// Fields of an issue changed.
    #[n(2)]
    IssueUpdated {
        /// What changed, at least one.
        #[n(0)]
        changes: Vec<IssueChange>,
    },
    /// A comment was written.
    #[n(3)]
    CommentCreated {
        /// The comment as written.
        #[n(0)]
        comment: Box<Comment>,
    },
    /// A comment's text was edited.
    #[n(4)]
    CommentEdited {
        /// Which.
        #[n(0)]
        comment: CommentId,
        /// The new text.
        #[n(1)]
        body: String,
    },
    /// A comment was deleted. Its text is gone from the row; the log keeps what was written.
    #[n(5)]
    CommentDeleted {
        /// Which.
        #[n(0)]
        comment: CommentId,
        /// Who had written it.
        #[n(1)]
        author: Option<MemberId>,
    },
    /// A label was made, changed or deleted.
    #[n(6)]
    LabelSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<Label>>,
        /// As it became.
        #[n(1)]
        after: Box<Label>,
    },
    /// A member was added, changed, suspended or removed.
    #[n(7)]
    MemberSaved {
        /// As they were; none when they were added.
        #[n(0)]
        before: Option<Box<Member>>,
        /// As they became.
        #[n(1)]
        after: Box<Member>,
    },
    /// A team was made, changed or archived.
    #[n(8)]
    TeamSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<Team>>,
        /// As it became.
        #[n(1)]
        after: Box<Team>,
    },
    /// A workflow was made or changed.
    #[n(9)]
    WorkflowSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<Workflow>>,
        /// As it became.
        #[n(1)]
        after: Box<Workflow>,
        /// How the moving of its issues ended, when it did with this.
        #[n(2)]
        end: Option<MigrationEnd>,
    },
    /// An API key was made for a member. The key itself is written nowhere.
    #[n(10)]
    KeyCreated {
        /// Whose.
        #[n(0)]
        member: MemberId,
        /// How its owner calls it.
        #[n(1)]
        name: String,
        /// When it stops working.
        #[n(2)]
        expires_at: Option<Timestamp>,
        /// How far it reaches; none in keys of old, which reach as far as their owner.
        #[n(3)]
        scope: Option<KeyScope>,
        /// From where it may be used; none: from everywhere.
        #[n(4)]
        networks: Option<Vec<Network>>,
    },
    /// An API key was revoked.
    #[n(11)]
    KeyRevoked {
        /// Whose.
        #[n(0)]
        member: MemberId,
    },
    /// A view was saved, changed or deleted.
    #[n(12)]
    ViewSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<SavedView>>,
        /// As it became.
        #[n(1)]
        after: Box<SavedView>,
    },
    /// A member chose which views to keep at hand.
    #[n(13)]
    FavoritesSaved {
        /// What they were.
        #[n(0)]
        before: Option<Favorites>,
        /// What they became.
        #[n(1)]
        after: Favorites,
    },
    /// The company bought more, or less.
    #[n(20)]
    TierChanged {
        /// What it had.
        #[n(0)]
        before: Tier,
        /// What it has.
        #[n(1)]
        after: Tier,
    },
    /// Something was agreed with the company in place of what its tier includes, or ended.
    #[n(21)]
    EntitlementAgreed {
        /// About what.
        #[n(0)]
        key: EntitlementKey,
        /// What was agreed before; none when the tier's own value held.
        #[n(1)]
        before: Option<EntitlementOverride>,
        /// What is agreed from then on; none when the tier's own value holds again.
        #[n(2)]
        after: Option<EntitlementOverride>,
    },
    /// A session was ended by its owner from elsewhere, or by a super admin.
    #[n(23)]
    SessionRevoked {
        /// Whose.
        #[n(0)]
        member: MemberId,
    },
    /// A member's second factor was set up, or taken away. Its secret is written nowhere.
    #[n(24)]
    SecondFactorSaved {
        /// Whose.
        #[n(0)]
        member: MemberId,
        /// Whether there is one now.
        #[n(1)]
        on: bool,
    },
    /// An identity provider was added, changed or taken away.
    #[n(25)]
    ProviderSaved {
        /// As it was; none when it was added.
        #[n(0)]
        before: Option<Box<IdentityProvider>>,
        /// As it became.
        #[n(1)]
        after: Box<IdentityProvider>,
    },
    /// The company's rules of signing in changed.
    #[n(26)]
    AccessSaved {
        /// What they were.
        #[n(0)]
        before: AccessSettings,
        /// What they became.
        #[n(1)]
        after: AccessSettings,
    },
    /// An operator of the platform began to look into the company.
    #[n(27)]
    VisitBegan {
        /// Who, why, how far, and until when.
        #[n(0)]
        visit: Box<Visit>,
    },
    /// A visit was ended before its time.
    #[n(28)]
    VisitEnded {
        /// The visit as it became.
        #[n(0)]
        visit: Box<Visit>,
    },
    /// An identity provider vouched for a member for the first time: who comes from there under that name is this member.
    #[n(29)]
    MemberLinked {
        /// Who.
        #[n(0)]
        member: MemberId,
        /// Who vouched.
        #[n(1)]
        provider: ProviderId,
        /// Set when a super admin took the two apart again.
        #[n(2)]
        undone: Option<bool>,
    },
    /// Those who run the platform suspended the company, opened it again, or closed it.
    #[n(32)]
    TenantStatusChanged {
        /// How it stood.
        #[n(0)]
        before: TenantStatus,
        /// How it stands.
        #[n(1)]
        after: TenantStatus,
        /// What goes with that.
        #[n(2)]
        lifecycle: Option<Box<Lifecycle>>,
    },
    /// Those who run the platform told the company something.
    #[n(33)]
    Announced {
        /// In a line.
        #[n(0)]
        subject: String,
        /// At length.
        #[n(1)]
        text: String,
    },
    /// Those who run the platform gave the company's first super admin a link by which they choose a password.
    #[n(34)]
    FirstAdminInvited {
        /// Whom.
        #[n(0)]
        admin: MemberId,
    },
    /// The company's security events had come so far: none up to there can be changed without this event.
    #[n(40)]
    SecuritySealed {
        /// How far they had come.
        #[n(0)]
        sealed: LogPlace,
        /// Up to where they are no longer kept.
        #[n(1)]
        dropped: LogPlace,
    },
    /// The company changed how it shows itself.
    #[n(30)]
    BrandingSaved {
        /// As it was, without its long texts.
        #[n(0)]
        before: Box<Branding>,
        /// As it became.
        #[n(1)]
        after: Box<Branding>,
    },
    /// The company named a domain of its own or gave it up, or it was seen to be its own.
    #[n(31)]
    DomainSaved {
        /// As it was.
        #[n(0)]
        before: Option<CustomDomain>,
        /// As it became.
        #[n(1)]
        after: Option<CustomDomain>,
        /// How often the company had changed how it shows itself by then.
        #[n(2)]
        version: u64,
    },
    /// Somebody was invited, invited again, or the invitation came to its end.
    #[n(35)]
    InvitationSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<Invitation>>,
        /// As it became.
        #[n(1)]
        after: Box<Invitation>,
    },
    /// An invitation that had come to its end long ago was let go: its row is gone.
    #[n(36)]
    InvitationForgotten,
    /// A version of a workflow was drafted, given up, or published.
    #[n(42)]
    WorkflowVersionSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<WorkflowVersion>>,
        /// As it became.
        #[n(1)]
        after: Box<WorkflowVersion>,
    },
    /// The code of a plugin was uploaded or taken from the catalogue, or its bytes were removed.
    #[n(50)]
    PluginCodeSaved {
        /// As it became.
        #[n(0)]
        code: Box<PluginCode>,
    },
    /// A plugin was installed, changed, enabled, stopped or removed.
    #[n(51)]
    InstallationSaved {
        /// As it was; none when it was made.
        #[n(0)]
        before: Option<Box<Installation>>,
        /// As it became.
        #[n(1)]
        after: Box<Installation>,
    },
    /// Somebody had a plugin do again what it had failed to do, or let that go.
    #[n(52)]
    PluginDoneAgain {
        /// Which events, by their places in the log.
        #[n(0)]
        events: Vec<Seq>,
        /// Let go instead.
        #[n(1)]
        dropped: bool,
    },
    /// Somebody gave a plugin another address for requests from outside. Who knows one may call it: neither is told.
    #[n(53)]
    PluginAddressChanged,
}

/// One fact of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place in the tenant's log.
    pub seq: Seq,
    /// When it happened; for an import, when it happened there.
    pub at: Timestamp,
    /// When it was written into the log.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// By which way it came in.
    pub origin: Origin,
    /// The request it was part of.
    pub request: uuid::Uuid,
    /// What it is about.
    pub subject: Subject,
    /// The event before it about the same issue.
    pub previous: Option<Seq>,
    /// When the issue had last changed before this event; none for the first about it, and for events about other things.
    pub updated_before: Option<Timestamp>,
    /// Which plugins amended it, in the order in which they were asked.
    pub amended: Vec<Amendment>,
    /// What happened; none when the body has been erased.
    pub body: Option<EventBody>,
}
