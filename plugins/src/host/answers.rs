//! All that a guest can learn or ask for: the other side of its imports. It knows nothing of guests or WebAssembly.

use super::stopped::Stopped;
use super::wit::commands::NewIssue;
use super::wit::http::{Request, Response};
use super::wit::issues::{CommentPage, Member, Page, Team};
use super::wit::kv::{Entry, Expectation};
use super::wit::secrets::Digest;
use super::wit::{Edit, Error, Issue};
use async_trait::async_trait;

/// Answers to one call's imports, one method for each imported function that the host cannot answer by itself.
///
/// The host counts, bounds and records around these methods: it refuses what is over the [`Budget`](super::Budget)
/// before it asks, checks lengths that the contract names, and cuts answers that are too long. Granting is not its
/// affair: whether the installation may is for the implementation to say, with [`Error::Denied`].
///
/// A call may be dropped at any await, when its time is over: what it staged then goes with the implementation.
#[async_trait]
pub trait Answers: Send {
    /// `issues.get`.
    async fn issue(&mut self, id: &str) -> Result<Issue, Error>;
    /// `issues.get-many`; at most 100 ids come, and as many answers must.
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error>;
    /// `issues.query`; `limit` is at most 100. `budget` is what is left of the query cost, in issues looked at.
    async fn query(
        &mut self,
        filter: &str,
        limit: u32,
        after: Option<&str>,
        budget: u32,
    ) -> Result<Page, Error>;
    /// `issues.count`. `budget` is what is left of the query cost; to find out how many there are costs the same for all.
    async fn count(&mut self, filter: &str, budget: u32) -> Result<u32, Error>;
    /// `issues.comments`; `limit` is at most 100.
    async fn comments(&mut self, issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error>;
    /// `issues.get-member`.
    async fn member(&mut self, who: &str) -> Result<Member, Error>;
    /// `issues.get-team`.
    async fn team(&mut self, which: &str) -> Result<Team, Error>;

    /// `commands.create-issue`: stages it, and gives its id.
    async fn create_issue(&mut self, issue: NewIssue) -> Result<String, Error>;
    /// `commands.update-issue`: stages it.
    async fn update_issue(&mut self, id: &str, edits: Vec<Edit>, expect: Option<&str>) -> Result<(), Error>;
    /// `commands.transition`: stages it.
    async fn transition(&mut self, id: &str, to: &str) -> Result<(), Error>;
    /// `commands.add-comment`: stages it, and gives its id.
    async fn add_comment(&mut self, id: &str, body: &str) -> Result<String, Error>;
    /// `commands.link-issues`: stages it.
    async fn link_issues(&mut self, a: &str, kind: &str, b: &str) -> Result<(), Error>;

    /// `kv.get`.
    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error>;
    /// `kv.set`; the key has at most 256 bytes, the value 64 KiB. Gives the new revision.
    async fn kv_set(
        &mut self,
        key: &str,
        value: Vec<u8>,
        expect: Expectation,
        ttl_seconds: Option<u32>,
    ) -> Result<String, Error>;
    /// `kv.delete`.
    async fn kv_delete(&mut self, key: &str) -> Result<bool, Error>;
    /// `kv.scan`; `limit` is at most 100.
    async fn kv_scan(&mut self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error>;

    /// `secrets.names`.
    async fn secret_names(&mut self) -> Vec<String>;
    /// `secrets.hmac`.
    async fn hmac(&mut self, secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error>;
    /// `secrets.hmac-verify`, in constant time.
    async fn hmac_verify(
        &mut self,
        secret: &str,
        digest: Digest,
        data: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error>;

    /// `http.send`. The answer's body should stop after `answer_bytes`, marked as truncated.
    async fn http_send(&mut self, request: Request, answer_bytes: usize) -> Result<Response, Error>;
    /// `http.enqueue`: stages it, and gives its id.
    async fn http_enqueue(&mut self, request: Request) -> Result<String, Error>;

    /// `random.bytes`; at most 1,024.
    async fn random(&mut self, len: u32) -> Result<Vec<u8>, Error>;
    /// `settings.all`: a JSON object. Asked once a call at most; `settings.get` is taken from it.
    async fn settings_all(&mut self) -> String;

    /// Asked after each answer: a reason to stop the guest at once.
    fn halted(&self) -> Option<Stopped> {
        None
    }
}
