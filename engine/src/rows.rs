//! Where each row lies in the store, and under which number its type is stored.
//!
//! One table of record kinds: a kind is never given twice, and never to another type. Tags of keys sort the rows of a
//! kind together. This module knows no rules of the domain.

#[cfg(test)]
mod golden;
mod plugins;

pub(crate) use plugins::{
    PluginEntry, PluginPart, plugin_code, plugin_digest, plugin_entries, plugin_entry, plugin_installation,
    plugin_part, plugin_parts,
};

use crate::draft::UserError;
use crate::event::Subject;
use crate::id::{
    ApiKeyId, CommentId, InstallationId, InvitationId, IssueId, JobId, LabelId, MailId, MemberId, OneTimeId,
    ProviderId, RootId, SessionId, TeamId, TenantId, ViewId, WorkflowId, WorkflowVersionId,
};
use crate::identity::{ApiKeyRecord, OneTimeRecord, RefreshFamily, SecondFactor};
use crate::log::SecurityRecord;
use crate::model::{
    AccessSettings, Comment, IdentityProvider, Installation, Invitation, Issue, Job, JobItem, Label,
    LogPlace, Member, PluginCode, Seq, Team, Tenant, Visit, Workflow, WorkflowVersion,
};
use crate::saved_view::{Favorites, SavedView};
use crate::storage::{Key, Record};
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;

macro_rules! records {
    ($($kind:literal $name:ty,)*) => {$(
        impl Record for $name {
            const KIND: u8 = $kind;
            const VERSION: u8 = 1;
        }
    )*};
}

// 1 is the log's record.
records! {
    2 Issue,
    3 LongText,
    4 Comment,
    5 CommentPlace,
    6 Label,
    7 Member,
    8 Team,
    9 Workflow,
    10 IdempotencyRecord,
    11 FollowerCursor,
    12 PasswordRow,
    13 ApiKeyRow,
    14 SessionRow,
    15 Tenant,
    16 RootOperator,
    17 SavedView,
    18 Favorites,
    20 CallsRow,
    // From here on a kind is the tag of its keys.
    65 KeyUse,
    66 Visit,
    80 Installation,
    81 PluginCode,
    82 PluginEntry,
    83 PluginPart,
    87 WorkflowVersion,
    89 AccessSettings,
    90 BesideProvider,
    98 Invitation,
    100 SecurityRow,
    101 OutboxRow,
    106 JobRow,
    110 PlatformKey,
    111 OneTimeRecord,
    121 SecondFactor,
    122 IdentityProvider,
}

/// A description too long for the issue's row.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct LongText {
    #[n(0)]
    pub(crate) text: String,
}

/// Which issue a comment is on: comments are stored by issue, and also found by their own id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct CommentPlace {
    #[n(0)]
    pub(crate) issue: IssueId,
}

/// What was answered to an idempotency key, kept for 24 hours. Things are named, not copied: a repeated answer shows
/// them as they are then.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct IdempotencyRecord {
    /// The hash of the normalised input.
    #[n(0)]
    pub(crate) input: ByteArray<32>,
    /// The log's place after the change.
    #[n(1)]
    pub(crate) seq: Seq,
    /// What the answer speaks of.
    #[n(2)]
    pub(crate) subjects: Vec<Subject>,
    /// What was refused.
    #[n(3)]
    pub(crate) errors: Vec<UserError>,
    /// When it was answered.
    #[n(4)]
    pub(crate) at: Timestamp,
}

/// How far a follower has read the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct FollowerCursor {
    #[n(0)]
    pub(crate) seq: Seq,
}

/// The hash of a member's password, in PHC form.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct PasswordRow {
    #[n(0)]
    pub(crate) phc: String,
    /// When it was set: sessions that are older have ended.
    #[n(1)]
    pub(crate) set_at: Option<Timestamp>,
}

/// An API key, hashed.
#[derive(Clone, minicbor::Encode, minicbor::Decode)]
pub(crate) struct ApiKeyRow {
    #[n(0)]
    pub(crate) record: ApiKeyRecord,
}

/// A session and its family of refresh tokens, hashed.
#[derive(Clone, minicbor::Encode, minicbor::Decode)]
pub(crate) struct SessionRow {
    #[n(0)]
    pub(crate) family: RefreshFamily,
    /// What used it last; none in rows of old.
    #[n(1)]
    pub(crate) device: Option<Device>,
    /// The identity provider that vouched for whoever signed in.
    #[n(2)]
    pub(crate) provider: Option<ProviderId>,
}

/// What used a session or a key last, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Device {
    /// What it says of itself.
    #[n(0)]
    pub(crate) agent: String,
    /// From where.
    #[n(1)]
    pub(crate) address: Option<String>,
    /// When.
    #[n(2)]
    pub(crate) used_at: Timestamp,
}

/// When an API key was used last. It lies apart from the key, so that noting it disturbs no change of the key.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct KeyUse {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(1)]
    pub(crate) address: Option<String>,
}

/// A message to be sent.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct OutboxRow {
    #[n(0)]
    pub(crate) template: String,
    #[n(1)]
    pub(crate) to: String,
    #[n(2)]
    pub(crate) values: Vec<(String, String)>,
    /// When it was written.
    #[n(3)]
    pub(crate) written_at: Option<Timestamp>,
    /// What became of it so far, if it was tried.
    #[n(4)]
    pub(crate) tried: Option<Tried>,
    /// When it was given up: then it is no message any more, and its values are gone.
    #[n(5)]
    pub(crate) lost_at: Option<Timestamp>,
}

/// How often a message was tried in vain.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Tried {
    #[n(0)]
    pub(crate) times: u32,
    /// It is not tried before this.
    #[n(1)]
    pub(crate) not_before: Timestamp,
    /// Why it was in vain the last time.
    #[n(2)]
    pub(crate) why: String,
}

/// What is kept beside an identity provider, and never in the log.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) enum BesideProvider {
    /// The client's secret; none for a client without one.
    #[n(0)]
    Secret(#[n(0)] Option<String>),
    /// Whom somebody that the provider knows is here.
    #[n(1)]
    Link(#[n(0)] MemberId),
    /// Of a member: under which name the provider knows them.
    #[n(2)]
    Name(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]),
}

/// A key of an operator of the platform, hashed.
#[derive(Clone, minicbor::Encode, minicbor::Decode)]
pub(crate) struct PlatformKey {
    #[n(0)]
    pub(crate) record: ApiKeyRecord,
}

/// A part of a job of the platform.
#[derive(Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) enum JobRow {
    /// What is known of it without its companies.
    #[n(0)]
    Head(#[n(0)] Job),
    /// Some of its companies, in their order.
    #[n(1)]
    Items(#[n(0)] Vec<JobItem>),
}

/// What is kept of security events: each of them, and how far they were sealed and dropped.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) enum SecurityRow {
    #[n(0)]
    Event(#[n(0)] SecurityRecord),
    #[n(1)]
    Kept(#[n(0)] SecurityKept),
    #[n(2)]
    For(#[n(0)] SecurityKeptFor),
}

/// For how long security events are kept: as long as the company may see them, and as before for as long once it may see
/// less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct SecurityKeptFor {
    #[n(0)]
    pub(crate) days: u64,
    /// How many days it may see by now, if that is less, and since when.
    #[n(1)]
    pub(crate) less: Option<u64>,
    #[n(2)]
    pub(crate) less_since: Option<Timestamp>,
}

/// What the log last said of the security events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, minicbor::Encode, minicbor::Decode)]
pub(crate) struct SecurityKept {
    #[n(0)]
    pub(crate) sealed: LogPlace,
    #[n(1)]
    pub(crate) dropped: LogPlace,
}

impl SessionRow {
    /// The session and when it was ended, if it was.
    pub(crate) fn ended_at(&self) -> Option<(SessionId, Timestamp)> {
        self.family.revoked_ms.map(|ms| (self.family.session, Timestamp::from_millis(ms)))
    }
}

/// An operator of the platform.
#[derive(Clone, minicbor::Encode, minicbor::Decode)]
pub(crate) struct RootOperator {
    #[n(0)]
    pub(crate) id: RootId,
    #[n(1)]
    pub(crate) email: String,
    #[n(2)]
    pub(crate) name: String,
    #[n(3)]
    pub(crate) password: String,
    #[n(4)]
    pub(crate) created_at: Timestamp,
}

/// The calls of a tenant in a day of UTC, as far as they may have been made: what was leased counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct CallsRow {
    /// The day, counted from 1970-01-01.
    #[n(0)]
    pub(crate) day: i64,
    #[n(1)]
    pub(crate) by_key: u64,
    #[n(2)]
    pub(crate) by_session: u64,
}

/// The tags of a tenant's keys, one per kind of row.
pub(crate) mod tag {
    pub(crate) const ACCESS: u8 = b'Y';
    pub(crate) const API_KEY: u8 = b'a';
    pub(crate) const BESIDE_PROVIDER: u8 = b'Z';
    pub(crate) const COMMENT: u8 = b'c';
    pub(crate) const FOLLOWER: u8 = b'f';
    pub(crate) const FAVORITES: u8 = b'h';
    pub(crate) const INVITATION: u8 = b'b';
    pub(crate) const TEAM: u8 = b'g';
    pub(crate) const ISSUE: u8 = b'i';
    pub(crate) const IDEMPOTENCY: u8 = b'k';
    pub(crate) const JOB: u8 = b'j';
    pub(crate) const KEY_USE: u8 = b'A';
    pub(crate) const LABEL: u8 = b'l';
    pub(crate) const MEMBER: u8 = b'm';
    pub(crate) const ONE_TIME: u8 = b'o';
    pub(crate) const OUTBOX: u8 = b'e';
    pub(crate) const PASSWORD: u8 = b'p';
    pub(crate) const CALLS: u8 = b'q';
    pub(crate) const PLATFORM_KEY: u8 = b'n';
    pub(crate) const INSTALLATION: u8 = b'P';
    pub(crate) const PLUGIN_CODE: u8 = b'Q';
    pub(crate) const PLUGIN_ENTRY: u8 = b'R';
    pub(crate) const PLUGIN_PART: u8 = b'S';
    pub(crate) const PROVIDER: u8 = b'z';
    pub(crate) const ROOT: u8 = b'r';
    pub(crate) const SECOND_FACTOR: u8 = b'y';
    pub(crate) const SECURITY: u8 = b'd';
    pub(crate) const SESSION: u8 = b's';
    pub(crate) const LONG_TEXT: u8 = b't';
    pub(crate) const TENANT: u8 = b'u';
    pub(crate) const VIEW: u8 = b'v';
    pub(crate) const VISIT: u8 = b'B';
    pub(crate) const WORKFLOW: u8 = b'w';
    pub(crate) const COMMENT_PLACE: u8 = b'x';
    pub(crate) const WORKFLOW_VERSION: u8 = b'W';
}

macro_rules! keys {
    ($($name:ident($id:ident: $kind:ty) = $tag:expr;)*) => {$(
        pub(crate) fn $name($id: $kind) -> Key {
            Key::record($tag).id($id.as_bytes()).build()
        }
    )*};
}

keys! {
    api_key(id: ApiKeyId) = tag::API_KEY;
    calls(id: TenantId) = tag::CALLS;
    comment_place(id: CommentId) = tag::COMMENT_PLACE;
    comments_of(id: IssueId) = tag::COMMENT;
    favorites(id: MemberId) = tag::FAVORITES;
    installation(id: InstallationId) = tag::INSTALLATION;
    invitation(id: InvitationId) = tag::INVITATION;
    issue(id: IssueId) = tag::ISSUE;
    key_use(id: ApiKeyId) = tag::KEY_USE;
    label(id: LabelId) = tag::LABEL;
    long_text(id: IssueId) = tag::LONG_TEXT;
    member(id: MemberId) = tag::MEMBER;
    one_time(id: OneTimeId) = tag::ONE_TIME;
    password(id: MemberId) = tag::PASSWORD;
    platform_key(id: ApiKeyId) = tag::PLATFORM_KEY;
    provider(id: ProviderId) = tag::PROVIDER;
    root(id: RootId) = tag::ROOT;
    second_factor(id: MemberId) = tag::SECOND_FACTOR;
    session(id: SessionId) = tag::SESSION;
    team(id: TeamId) = tag::TEAM;
    tenant(id: TenantId) = tag::TENANT;
    view(id: ViewId) = tag::VIEW;
    visit(id: SessionId) = tag::VISIT;
    workflow(id: WorkflowId) = tag::WORKFLOW;
    workflow_version(id: WorkflowVersionId) = tag::WORKFLOW_VERSION;
}

/// A comment, among those of its issue.
pub(crate) fn comment(issue: IssueId, id: CommentId) -> Key {
    Key::record(tag::COMMENT).id(issue.as_bytes()).id(id.as_bytes()).build()
}

/// The rules of signing in: one row.
pub(crate) fn access() -> Key {
    Key::record(tag::ACCESS).build()
}

/// The secret of an identity provider's client.
pub(crate) fn provider_secret(provider: ProviderId) -> Key {
    beside_provider(provider, &[0; 16])
}

/// What is kept beside an identity provider under this name. Zeros are the client's secret; a link has the first half of
/// the hash of whom the provider speaks of, and the way back the id of the member.
pub(crate) fn beside_provider(provider: ProviderId, name: &[u8; 16]) -> Key {
    Key::record(tag::BESIDE_PROVIDER).id(provider.as_bytes()).id(name).build()
}

/// A message to be sent, in the order in which they were written.
pub(crate) fn outbox(id: MailId) -> Key {
    Key::record(tag::OUTBOX).id(id.as_bytes()).build()
}

/// All security events, in their order.
pub(crate) fn security_events() -> Key {
    Key::record(tag::SECURITY).u8(1).build()
}

/// The security event at this place.
pub(crate) fn security(seq: Seq) -> Key {
    Key::record(tag::SECURITY).u8(1).u64(seq.0).build()
}

/// For how long security events are kept: one row.
pub(crate) fn security_kept_for() -> Key {
    Key::record(tag::SECURITY).u8(2).build()
}

/// What the log last said of the security events: one row.
pub(crate) fn security_kept() -> Key {
    Key::record(tag::SECURITY).u8(0).build()
}

/// Stands before the ids of messages that were given up, behind all ids: those begin with a time of this age.
const LOST: &[u8; 16] = &[0xff; 16];

/// A message that was given up.
pub(crate) fn lost_mail(id: MailId) -> Key {
    Key::record(tag::OUTBOX).id(LOST).id(id.as_bytes()).build()
}

/// All messages that were given up.
pub(crate) fn all_lost_mail() -> Key {
    Key::record(tag::OUTBOX).id(LOST).build()
}

/// The message that lies under this key, which ends with its id.
pub(crate) fn mail_id(key: &[u8]) -> Option<MailId> {
    uuid::Uuid::from_slice(key.get(key.len().checked_sub(16)?..)?).ok().map(MailId::from_uuid)
}

/// The answer to an idempotency key, by the hash of its whole scope.
pub(crate) fn idempotency(scope: &[u8; 32]) -> Key {
    let (left, right) = scope.split_at(16);
    let half = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).unwrap_or_default();
    Key::record(tag::IDEMPOTENCY).id(&half(left)).id(&half(right)).build()
}

/// The heads of all jobs.
pub(crate) fn job_heads() -> Key {
    Key::record(tag::JOB).u8(0).build()
}

/// The head of a job.
pub(crate) fn job_head(id: JobId) -> Key {
    Key::record(tag::JOB).u8(0).id(id.as_bytes()).build()
}

/// The part of a job's companies with this number.
pub(crate) fn job_items(id: JobId, part: u32) -> Key {
    Key::record(tag::JOB).u8(1).id(id.as_bytes()).u32(part).build()
}

/// The cursor of a follower.
pub(crate) fn follower(name: &str) -> Key {
    Key::record(tag::FOLLOWER).text_last(name)
}

/// All rows of a kind.
pub(crate) fn all(tag: u8) -> Key {
    Key::record(tag).build()
}
