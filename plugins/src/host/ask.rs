//! What a guest asks, as a value: so that it can be handed to [`Answers`], recorded, and compared in a replay.
//! It knows nothing of limits.

use super::answers::Answers;
use super::wit::commands::NewIssue;
use super::wit::http::{Request, Response};
use super::wit::issues::{CommentPage, Member, Page, Team};
use super::wit::kv::{Entry, Expectation};
use super::wit::secrets::Digest;
use super::wit::{Edit, Error, Issue};
use serde::{Deserialize, Serialize};

/// One call of an imported function. Secrets stand in it by name only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the function of its name in wit/v1, with its parameters")]
pub enum Ask {
    Issue(String),
    Issues(Vec<String>),
    Query { filter: String, limit: u32, after: Option<String> },
    Count(String),
    Comments { issue: String, limit: u32, after: Option<String> },
    Member(String),
    Team(String),
    CreateIssue(NewIssue),
    UpdateIssue { id: String, edits: Vec<Edit>, expect: Option<String> },
    Transition { id: String, to: String },
    AddComment { id: String, body: String },
    LinkIssues { a: String, kind: String, b: String },
    KvGet(String),
    KvSet { key: String, value: Vec<u8>, expect: Expectation, ttl_seconds: Option<u32> },
    KvDelete(String),
    KvScan { prefix: String, limit: u32, after: Option<String> },
    SecretNames,
    Hmac { secret: String, digest: Digest, data: Vec<u8> },
    HmacVerify { secret: String, digest: Digest, data: Vec<u8>, tag: Vec<u8> },
    HttpSend(Request),
    HttpEnqueue(Request),
    Random(u32),
    Settings,
}

/// What is left of the budget for one question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// Issues that a query or a count may look at.
    pub(super) query_cost: u32,
    /// Bytes of an answer from outside.
    pub(super) answer_bytes: usize,
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is what a function of wit/v1 returns")]
#[expect(
    clippy::large_enum_variant,
    reason = "an issue is what is asked for most, and a box for each would cost more"
)]
pub enum Reply {
    Issue(Result<Issue, Error>),
    Issues(Result<Vec<Option<Issue>>, Error>),
    Page(Result<Page, Error>),
    Count(Result<u32, Error>),
    Comments(Result<CommentPage, Error>),
    Member(Result<Member, Error>),
    Team(Result<Team, Error>),
    /// Ids and revisions.
    Id(Result<String, Error>),
    Done(Result<(), Error>),
    Entry(Result<Option<Entry>, Error>),
    Deleted(Result<bool, Error>),
    Entries(Result<Vec<Entry>, Error>),
    Names(Vec<String>),
    Bytes(Result<Vec<u8>, Error>),
    Verified(Result<bool, Error>),
    Response(Result<Response, Error>),
    Text(String),
}

impl Ask {
    /// Whether the answer lies in memory, as it is.
    pub(super) const fn is_at_hand(&self) -> bool {
        matches!(self, Self::Settings | Self::SecretNames)
    }

    /// The name of the function in the contract.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issue(_) => "issues.get",
            Self::Issues(_) => "issues.get-many",
            Self::Query { .. } => "issues.query",
            Self::Count(_) => "issues.count",
            Self::Comments { .. } => "issues.comments",
            Self::Member(_) => "issues.get-member",
            Self::Team(_) => "issues.get-team",
            Self::CreateIssue(_) => "commands.create-issue",
            Self::UpdateIssue { .. } => "commands.update-issue",
            Self::Transition { .. } => "commands.transition",
            Self::AddComment { .. } => "commands.add-comment",
            Self::LinkIssues { .. } => "commands.link-issues",
            Self::KvGet(_) => "kv.get",
            Self::KvSet { .. } => "kv.set",
            Self::KvDelete(_) => "kv.delete",
            Self::KvScan { .. } => "kv.scan",
            Self::SecretNames => "secrets.names",
            Self::Hmac { .. } => "secrets.hmac",
            Self::HmacVerify { .. } => "secrets.hmac-verify",
            Self::HttpSend(_) => "http.send",
            Self::HttpEnqueue(_) => "http.enqueue",
            Self::Random(_) => "random.bytes",
            Self::Settings => "settings",
        }
    }

    /// Asks it. What is left of the budget goes along and is no part of the question, so that a replay may have another.
    pub(super) async fn put(self, answers: &mut dyn Answers, left: Left) -> Reply {
        match self {
            Self::Issue(id) => Reply::Issue(answers.issue(&id).await),
            Self::Issues(ids) => Reply::Issues(answers.issues(&ids).await),
            Self::Query { filter, limit, after } => {
                Reply::Page(answers.query(&filter, limit, after.as_deref(), left.query_cost).await)
            }
            Self::Count(filter) => Reply::Count(answers.count(&filter, left.query_cost).await),
            Self::Comments { issue, limit, after } => {
                Reply::Comments(answers.comments(&issue, limit, after.as_deref()).await)
            }
            Self::Member(who) => Reply::Member(answers.member(&who).await),
            Self::Team(which) => Reply::Team(answers.team(&which).await),
            Self::CreateIssue(issue) => Reply::Id(answers.create_issue(issue).await),
            Self::UpdateIssue { id, edits, expect } => {
                Reply::Done(answers.update_issue(&id, edits, expect.as_deref()).await)
            }
            Self::Transition { id, to } => Reply::Done(answers.transition(&id, &to).await),
            Self::AddComment { id, body } => Reply::Id(answers.add_comment(&id, &body).await),
            Self::LinkIssues { a, kind, b } => Reply::Done(answers.link_issues(&a, &kind, &b).await),
            Self::KvGet(key) => Reply::Entry(answers.kv_get(&key).await),
            Self::KvSet { key, value, expect, ttl_seconds } => {
                Reply::Id(answers.kv_set(&key, value, expect, ttl_seconds).await)
            }
            Self::KvDelete(key) => Reply::Deleted(answers.kv_delete(&key).await),
            Self::KvScan { prefix, limit, after } => {
                Reply::Entries(answers.kv_scan(&prefix, limit, after.as_deref()).await)
            }
            Self::SecretNames => Reply::Names(answers.secret_names().await),
            Self::Hmac { secret, digest, data } => Reply::Bytes(answers.hmac(&secret, digest, &data).await),
            Self::HmacVerify { secret, digest, data, tag } => {
                Reply::Verified(answers.hmac_verify(&secret, digest, &data, &tag).await)
            }
            Self::HttpSend(request) => Reply::Response(answers.http_send(request, left.answer_bytes).await),
            Self::HttpEnqueue(request) => Reply::Id(answers.http_enqueue(request).await),
            Self::Random(len) => Reply::Bytes(answers.random(len).await),
            Self::Settings => Reply::Text(answers.settings_all().await),
        }
    }
}
