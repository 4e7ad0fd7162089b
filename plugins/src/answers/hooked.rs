//! The host functions for a hook: it reads, and answers. What would change something is refused.

use super::Reading;
use super::staging::{KvView, RoomShelf};
use crate::convert::for_guest;
use crate::host::Answers;
use crate::host::wit::commands::NewIssue;
use crate::host::wit::http::{Request, Response};
use crate::host::wit::issues::{CommentPage, Member, Page, Team};
use crate::host::wit::kv::{Entry, Expectation};
use crate::host::wit::secrets::Digest;
use crate::host::wit::{Edit, Error, Issue};
use crate::service::LazyRoom;
use async_trait::async_trait;
use mortise_engine::time::Timestamp;
use std::sync::Arc;

/// Entries that one scan gives.
const SCAN_MAX: u32 = 100;

/// Answers a hook.
pub(crate) struct Hooked {
    reading: Reading,
    kv: KvView,
    room: LazyRoom,
    /// The settings, with the defaults of the manifest.
    settings: Arc<str>,
}

impl Hooked {
    pub(crate) fn new(reading: Reading, room: LazyRoom, settings: Arc<str>, now: Timestamp) -> Self {
        Self { reading, kv: KvView::new(now, 0), room, settings }
    }

    async fn shelf(&self) -> Result<RoomShelf, Error> {
        self.reading.expect(self.reading.installation().granted.kv, "kv")?;
        self.room.open().await.map(RoomShelf).map_err(|error| for_guest(&error))
    }
}

/// What a hook may not do.
fn not_in_a_hook<T>(what: &str) -> Result<T, Error> {
    Err(Error::Denied(format!("a workflow hook {what}: do it in an automation")))
}

#[async_trait]
impl Answers for Hooked {
    async fn issue(&mut self, id: &str) -> Result<Issue, Error> {
        self.reading.issue(id).await
    }
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
        self.reading.issues(ids).await
    }
    async fn query(
        &mut self,
        filter: &str,
        limit: u32,
        after: Option<&str>,
        budget: u32,
    ) -> Result<Page, Error> {
        self.reading.query(filter, limit, after, budget).await
    }
    async fn count(&mut self, filter: &str, budget: u32) -> Result<u32, Error> {
        self.reading.count(filter, budget).await
    }
    async fn comments(&mut self, issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
        self.reading.comments(issue, limit, after).await
    }
    async fn member(&mut self, who: &str) -> Result<Member, Error> {
        self.reading.member(who)
    }
    async fn team(&mut self, which: &str) -> Result<Team, Error> {
        self.reading.team(which)
    }

    async fn create_issue(&mut self, _: NewIssue) -> Result<String, Error> {
        not_in_a_hook("makes no issues")
    }
    async fn update_issue(&mut self, _: &str, _: Vec<Edit>, _: Option<&str>) -> Result<(), Error> {
        not_in_a_hook("changes no issues but by what it amends")
    }
    async fn transition(&mut self, _: &str, _: &str) -> Result<(), Error> {
        not_in_a_hook("moves no issues")
    }
    async fn add_comment(&mut self, _: &str, _: &str) -> Result<String, Error> {
        not_in_a_hook("writes no comments")
    }
    async fn link_issues(&mut self, _: &str, _: &str, _: &str) -> Result<(), Error> {
        not_in_a_hook("relates no issues")
    }

    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error> {
        self.kv.get(&self.shelf().await?, key).await
    }
    async fn kv_set(&mut self, _: &str, _: Vec<u8>, _: Expectation, _: Option<u32>) -> Result<String, Error> {
        not_in_a_hook("keeps nothing")
    }
    async fn kv_delete(&mut self, _: &str) -> Result<bool, Error> {
        not_in_a_hook("deletes nothing")
    }
    async fn kv_scan(&mut self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
        let limit = usize::try_from(limit.clamp(1, SCAN_MAX)).unwrap_or(1);
        self.kv.scan(&self.shelf().await?, prefix, limit, after).await
    }

    async fn secret_names(&mut self) -> Vec<String> {
        let installation = self.reading.installation();
        installation
            .secrets
            .iter()
            .filter(|name| installation.granted.secrets.contains(name))
            .cloned()
            .collect()
    }
    async fn hmac(&mut self, _: &str, _: Digest, _: &[u8]) -> Result<Vec<u8>, Error> {
        not_in_a_hook("uses no secrets")
    }
    async fn hmac_verify(&mut self, _: &str, _: Digest, _: &[u8], _: &[u8]) -> Result<bool, Error> {
        not_in_a_hook("uses no secrets")
    }

    async fn http_send(&mut self, _: Request, _: usize) -> Result<Response, Error> {
        not_in_a_hook("sends no requests")
    }
    async fn http_enqueue(&mut self, _: Request) -> Result<String, Error> {
        not_in_a_hook("sends no requests")
    }

    async fn random(&mut self, _: u32) -> Result<Vec<u8>, Error> {
        not_in_a_hook("does not leave it to chance")
    }
    async fn settings_all(&mut self) -> String {
        self.settings.to_string()
    }
}
