//! The engine's enums as GraphQL enums, word for word: a value missing on either side does not compile.

use async_graphql::Enum;
use mortise_engine::{event, filter, model, saved_view, view, workflow};

/// What kind of work an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::IssueKind")]
pub(crate) enum IssueType {
    /// Something does not do what it should.
    Bug,
    /// Something new.
    Feature,
    /// Plain work.
    Task,
    /// A large piece of work made of others.
    Epic,
}

/// How pressing an issue is. They compare from `NONE` over `LOW`, `MEDIUM` and `HIGH` to `CRITICAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Priority")]
pub(crate) enum Priority {
    /// Nobody has said.
    None,
    /// When there is time.
    Low,
    /// In its turn.
    Medium,
    /// Soon.
    High,
    /// Now.
    Critical,
}

/// Why an issue was closed. Only issues in a state of category `COMPLETED` or `CANCELED` have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Resolution")]
pub(crate) enum Resolution {
    /// It was done.
    Done,
    /// Nobody will do it.
    WontDo,
    /// Another issue covers it.
    Duplicate,
    /// It could not be seen again.
    CannotReproduce,
}

/// What a workflow state means, whatever it is called. They compare in the order in which work
/// passes them: `TRIAGE`, `BACKLOG`, `UNSTARTED`, `STARTED`, `COMPLETED`, `CANCELED`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::StateCategory")]
pub(crate) enum StateCategory {
    /// Not yet looked at.
    Triage,
    /// Looked at, not planned.
    Backlog,
    /// Planned, not begun.
    Unstarted,
    /// Being worked on.
    Started,
    /// Done: the issue is closed.
    Completed,
    /// Will not be done: the issue is closed.
    Canceled,
}

/// How strictly a workflow keeps its moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::WorkflowMode")]
pub(crate) enum WorkflowMode {
    /// Any state may follow any other.
    Open,
    /// Only the listed moves are allowed.
    Strict,
}

/// Who somebody is to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Party")]
pub(crate) enum TransitionActor {
    /// One of those who work on it.
    Assignee,
    /// Who made it.
    Creator,
}

/// A field that a move can ask an issue to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::RequiredField")]
pub(crate) enum TransitionField {
    /// Somebody works on it.
    Assignee,
    /// It has a priority other than `NONE`.
    Priority,
    /// Its size.
    Estimate,
    /// The day it is due.
    DueDate,
    /// The day work is meant to start.
    StartDate,
    /// What is to be done.
    Description,
    /// At least one label.
    Labels,
    /// The issue it is a part of.
    Parent,
}

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "workflow::ReasonCode")]
pub(crate) enum TransitionReasonCode {
    /// Who asks has not one of the roles that it takes.
    Role,
    /// Who asks neither works on the issue nor made it, as it takes.
    Actor,
    /// A field has no value.
    FieldMissing,
    /// Open issues block it.
    OpenBlockers,
    /// Sub-issues are open.
    OpenChildren,
    /// It has not been in its state for long enough.
    TimeInState,
    /// Not enough members have approved it.
    Approvals,
    /// Who asks may not move issues.
    NotPermitted,
    /// The team is archived.
    TeamArchived,
    /// A plugin does not let it pass.
    Plugin,
}

/// What is wrong with a version of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "workflow::ProblemCode")]
pub(crate) enum WorkflowProblemCode {
    /// The state of new issues is not one of the states.
    NoInitial,
    /// There is no state of the category `COMPLETED`.
    NoCompleted,
    /// No moves lead from the initial state to this one.
    Unreachable,
    /// No moves lead from this state to a closed one.
    NoEnd,
    /// A move names a state that is not there.
    StrayMove,
    /// The state had another category in an earlier version.
    CategoryChanged,
    /// An effect names a label that is not there.
    MissingLabel,
    /// An effect names a member who is not active.
    MissingMember,
    /// A warning: in the mode `OPEN` this state can be entered past the rules of the moves that lead there.
    RulesAvoided,
    /// A warning: an effect gives a label that no team can use whose issues follow the workflow.
    UnusableLabel,
}

/// What a member may do in general. An admin may do what a user may, a super admin what an admin may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Role")]
pub(crate) enum Role {
    /// Works on issues.
    User,
    /// Manages teams, labels and workflows too.
    Admin,
    /// Manages the company: people and their roles too.
    SuperAdmin,
}

/// How far an API key reaches; each includes those before it, and none reaches further than the key's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::KeyScope")]
pub(crate) enum ApiKeyScope {
    /// Sees what its owner sees.
    Read,
    /// Works on issues, comments and views too.
    Write,
    /// Manages what its owner manages too. How people sign in, no key changes.
    Admin,
}

/// A letter that is sent to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::LetterKind")]
pub(crate) enum LetterKind {
    /// A link for who forgot their password.
    PasswordReset,
    /// A link by which somebody becomes a member.
    Invitation,
    /// To super admins: people can now sign in by another identity provider.
    ProviderAdded,
    /// Something that those who run the platform tell the company.
    Announcement,
    /// To admins: a plugin failed too often, and what became of it.
    PluginFails,
}

/// What a step between the password and the session asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "mortise_engine::ChallengeKind")]
pub(crate) enum SignInChallengeKind {
    /// A code of the authenticator app, or a recovery code: `signInAnswer`.
    Code,
    /// A second factor, which the company requires and this member has not set up: `secondFactorBegin`, then
    /// `secondFactorConfirm`, both with the challenge.
    Enrolment,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::MemberKind")]
pub(crate) enum MemberKind {
    /// Somebody who signs in.
    Person,
    /// A program's account: it owns API keys, has no password, never signs in, and holds no seat.
    Service,
}

/// What a member is in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::TeamRole")]
pub(crate) enum TeamRole {
    /// Belongs to it.
    Member,
    /// Says who belongs to it, too.
    Lead,
}

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::InvitationStatus")]
pub(crate) enum InvitationStatus {
    /// It waits for an answer, until it expires.
    Open,
    /// Whom it was sent to has joined.
    Accepted,
    /// It was taken back.
    Withdrawn,
}

/// Whether a member takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::MemberStatus")]
pub(crate) enum MemberStatus {
    /// Signs in and holds a seat.
    Active,
    /// May not sign in for now; holds no seat.
    Suspended,
    /// Has left; what they wrote stays.
    Removed,
    /// Known only from an import; holds no seat and cannot sign in.
    Ghost,
}

/// What a company has bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Tier")]
pub(crate) enum Tier {
    /// For small companies.
    Basic,
    /// For growing companies.
    Premium,
    /// For large companies.
    Platinum,
}

/// By which way a change came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Origin")]
pub(crate) enum Origin {
    /// This API.
    Api,
    /// The command line.
    Cli,
    /// The program that embeds the engine.
    Embed,
    /// An import: the time is the original one.
    Import,
    /// The engine itself.
    System,
    /// A plugin.
    Plugin,
}

/// What issues are grouped by. An issue with several assignees or labels is in the group of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "filter::GroupBy")]
pub(crate) enum IssueGroupBy {
    /// The state.
    State,
    /// What the state means.
    Category,
    /// Who works on it.
    Assignee,
    /// The label.
    Label,
    /// How pressing it is.
    Priority,
    /// What kind of work it is.
    #[graphql(name = "TYPE")]
    Kind,
    /// The team.
    Team,
    /// The issue it is a part of.
    Parent,
    /// How soon it is due: overdue, today, this week, next week, later, without a date.
    Due,
    /// Who made it.
    Creator,
}

/// How soon an issue is due, by the days of who asks. A week begins on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "view::DueBucket")]
pub(crate) enum IssueDueBucket {
    /// Before today, whether or not it is done.
    Overdue,
    /// Today.
    Today,
    /// Later this week.
    ThisWeek,
    /// In the week after this.
    NextWeek,
    /// Later than that.
    Later,
    /// Not at a certain day.
    None,
}

/// How a view is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "saved_view::Layout")]
pub(crate) enum ViewLayout {
    /// Rows, in groups.
    List,
    /// Columns of cards, in lanes.
    Board,
    /// A table of fields.
    Table,
    /// By day.
    Calendar,
    /// Bars over time.
    Timeline,
}

/// Why a request, or a part of it, was refused or failed: the values of `userErrors.code` and of `extensions.code` in
/// `errors`. The words are stable. (Beside them, `PERSISTED_QUERY_NOT_SUPPORTED` answers clients of that protocol.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "mortise_engine::ErrorCode")]
pub(crate) enum ErrorCode {
    /// No valid proof of who is asking: sign in, or refresh the tokens.
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// Not there, or not visible to the asker: the two are not told apart.
    NotFound,
    /// A value that breaks a rule; `field` names it.
    InvalidInput,
    /// The thing changed since it was read, or the key or name is taken: read again, then decide.
    Conflict,
    /// Refused by a rule of the workflow, or because of how things stand; the message says which and why.
    Rejected,
    /// Too many requests: try again after `Retry-After` seconds.
    RateLimited,
    /// More than the company's tier includes.
    EntitlementExceeded,
    /// The request asks for more work than one request may: ask for less, or in pages.
    TooCostly,
    /// Not possible at the moment: repeat it shortly. A mutation may have been done all the same: repeat it with the same
    /// idempotency key.
    Unavailable,
    /// A fault of ours; the request id finds it in the log.
    Internal,
}

crate::lean_enum!(
    IssueType,
    Priority,
    Resolution,
    StateCategory,
    WorkflowMode,
    TransitionActor,
    TransitionField,
    TransitionReasonCode,
    WorkflowProblemCode,
    Role,
    MemberKind,
    MemberStatus,
    TeamRole,
    Tier,
    Origin,
    IssueGroupBy,
    IssueDueBucket,
    ViewLayout,
    ErrorCode,
    ApiKeyScope,
    SignInChallengeKind,
    LetterKind
);
