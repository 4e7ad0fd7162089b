//! The host functions for what happens after a change, at a time or at a request: what a guest wants done is staged, and is done
//! with its call's end or not at all.
//!
//! Everything staged lies in this value. A call that is stopped or dropped takes it along.

mod commands;
pub(crate) mod kv;
mod load;
pub(crate) mod outside;
mod secrets;
pub(crate) mod shelf;

pub(crate) use commands::Step;
pub(crate) use kv::{KvChange, KvView};
use load::Load;
pub(crate) use shelf::RoomShelf;

use super::Reading;
use crate::automation::basis::BASIS_BYTES_MAX;
use crate::automation::rows::Out;
use crate::host::wit::commands::NewIssue;
use crate::host::wit::http::{Request, Response};
use crate::host::wit::issues::{CommentPage, Member, Page, Team};
use crate::host::wit::kv::{Entry, Expectation};
use crate::host::wit::secrets::Digest;
use crate::host::wit::{self, Edit, Error, Issue};
use crate::host::{Answers, Places};
use crate::outgoing::Outgoing;
use crate::service::RunId;
use async_trait::async_trait;
use mortise_engine::PluginRoom;
use mortise_engine::id::{IssueId, TeamId, TenantId};
use mortise_engine::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Commands of one call, as far as they fit into one batch of the store.
pub(crate) const COMMANDS_MAX: usize = 100;
/// Entries of one scan.
const SCAN_MAX: u32 = 100;
/// Random bytes at once.
const RANDOM_MAX: u32 = 1_024;

/// What a call may do, beside what it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// All of it.
    Real,
    /// It stages as ever, and nothing will come of it: nothing goes outside either.
    None,
}

/// What a call staged.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// Commands, in order.
    pub(crate) steps: Vec<Step>,
    /// What becomes of its memory.
    pub(crate) kv: kv::KvWrites,
    /// Requests to be sent.
    pub(crate) out: Vec<Out>,
    /// What fitted, in words, where the guest was refused more because one commit has no room for it, or too much has followed
    /// from one cause.
    pub(crate) full: Option<String>,
    /// It was refused more because of the latter.
    pub(crate) is_enough: bool,
}

impl Staged {
    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.kv.is_empty() && self.out.is_empty()
    }
}

/// What a call is answered with.
pub(crate) struct Given {
    pub(crate) tenant: TenantId,
    pub(crate) reading: Reading,
    pub(crate) room: PluginRoom,
    /// Its settings, as a JSON object.
    pub(crate) settings: Arc<str>,
    /// The run, for what is sent later.
    pub(crate) run: RunId,
    pub(crate) now: Timestamp,
    /// Bytes of its memory.
    pub(crate) kv_bytes: u64,
    /// Commands that may still follow from what began all this; one call may stage no more than [`COMMANDS_MAX`] in any case.
    pub(crate) commands: usize,
    pub(crate) outgoing: Outgoing,
    /// Whose places it holds.
    pub(crate) places: Places,
    pub(crate) effect: Effect,
}

/// See the module.
pub(crate) struct Staging {
    given: Given,
    kv: KvView,
    steps: Vec<Step>,
    out: Vec<Out>,
    /// The issues that it makes, with their teams.
    made: HashMap<IssueId, TeamId>,
    /// The issues whose rows are counted.
    touched: HashSet<IssueId>,
    /// What commands and requests take of the batch.
    taken: Load,
    full: Option<String>,
    is_enough: bool,
}

impl Staging {
    pub(crate) fn new(given: Given) -> Self {
        let kv = KvView::new(given.now, given.kv_bytes);
        Self {
            given,
            kv,
            steps: Vec::new(),
            out: Vec::new(),
            made: HashMap::new(),
            touched: HashSet::new(),
            taken: Load::default(),
            full: None,
            is_enough: false,
        }
    }

    /// What it staged.
    pub(crate) fn into_staged(self) -> Staged {
        let Self { steps, kv, out, full, is_enough, .. } = self;
        Staged { steps, kv: kv.written, out, full, is_enough }
    }

    /// Takes room in the batch, beside all that has it.
    ///
    /// # Errors
    ///
    /// [`Error::QuotaExceeded`] with one of these, where there is none.
    fn take(&mut self, load: Load, keys: wit::Quota, bytes: wit::Quota) -> Result<(), Error> {
        let wanted = self.taken + self.kv.written.load() + load;
        if let Err(quota) = wanted.within(Load::MAX, keys, bytes) {
            return Err(self.refused_for_room(quota));
        }
        self.taken += load;
        Ok(())
    }

    /// Notes for whoever reads of the run how much fitted.
    fn refused_for_room(&mut self, quota: wit::Quota) -> Error {
        let (commands, entries, requests) =
            (self.steps.len(), self.kv.written.changes().len(), self.out.len());
        self.full.get_or_insert_with(|| {
            format!(
                "one commit has room for {}: {commands} commands, {entries} entries of memory and {requests} requests fitted, \
                 and more was refused; leave the rest to the next event or time",
                Load::MAX.in_words()
            )
        });
        Error::QuotaExceeded(quota)
    }

    /// The same, where so much has followed from what began this that no more may.
    fn refused_as_following(&mut self) -> Error {
        self.is_enough = true;
        let commands = self.steps.len();
        self.full.get_or_insert_with(|| {
            format!(
                "plugins set each other off: so much has followed from what began this that no more than {commands} commands of \
                 this call may"
            )
        });
        Error::Denied("plugins set each other off: nothing more may follow from what began this".to_owned())
    }

    /// The memory writes into what commands and requests leave of the batch.
    fn make_room_for_kv(&mut self) {
        self.kv.room = Load::MAX.less(self.taken);
    }

    /// The refusal of a write, noted where it was for want of room in the batch.
    fn written<T>(&mut self, written: Result<T, Error>) -> Result<T, Error> {
        match written {
            Err(Error::QuotaExceeded(quota)) if self.kv.batch_is_full => Err(self.refused_for_room(quota)),
            other => other,
        }
    }

    fn granted(&self) -> &mortise_engine::model::PluginPermissions {
        &self.given.reading.installation().granted
    }

    fn expect_kv(&self) -> Result<(), Error> {
        self.given.reading.expect(self.granted().kv, "kv")
    }

    fn expect_http(&self) -> Result<(), Error> {
        self.given.reading.expect(!self.granted().http.is_empty(), "http")
    }
}

#[async_trait]
impl Answers for Staging {
    async fn issue(&mut self, id: &str) -> Result<Issue, Error> {
        self.given.reading.issue(id).await
    }
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
        self.given.reading.issues(ids).await
    }
    async fn query(
        &mut self,
        filter: &str,
        limit: u32,
        after: Option<&str>,
        budget: u32,
    ) -> Result<Page, Error> {
        self.given.reading.query(filter, limit, after, budget).await
    }
    async fn count(&mut self, filter: &str, budget: u32) -> Result<u32, Error> {
        self.given.reading.count(filter, budget).await
    }
    async fn comments(&mut self, issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
        self.given.reading.comments(issue, limit, after).await
    }
    async fn member(&mut self, who: &str) -> Result<Member, Error> {
        self.given.reading.member(who)
    }
    async fn team(&mut self, which: &str) -> Result<Team, Error> {
        self.given.reading.team(which)
    }

    async fn create_issue(&mut self, issue: NewIssue) -> Result<String, Error> {
        self.stage_issue(issue)
    }
    async fn update_issue(&mut self, id: &str, edits: Vec<Edit>, expect: Option<&str>) -> Result<(), Error> {
        self.stage_update(id, edits, expect).await
    }
    async fn transition(&mut self, id: &str, to: &str) -> Result<(), Error> {
        self.stage_transition(id, to).await
    }
    async fn add_comment(&mut self, id: &str, body: &str) -> Result<String, Error> {
        self.stage_comment(id, body).await
    }
    async fn link_issues(&mut self, a: &str, kind: &str, b: &str) -> Result<(), Error> {
        self.stage_link(a, kind, b).await
    }

    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error> {
        self.expect_kv()?;
        self.kv.get(&self.given.room, key).await
    }
    async fn kv_set(
        &mut self,
        key: &str,
        value: Vec<u8>,
        expect: Expectation,
        ttl_seconds: Option<u32>,
    ) -> Result<String, Error> {
        self.expect_kv()?;
        self.make_room_for_kv();
        let set = self.kv.set(&self.given.room, key, value, &expect, ttl_seconds).await;
        self.written(set)
    }
    async fn kv_delete(&mut self, key: &str) -> Result<bool, Error> {
        self.expect_kv()?;
        self.make_room_for_kv();
        let deleted = self.kv.delete(&self.given.room, key).await;
        self.written(deleted)
    }
    async fn kv_scan(&mut self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
        self.expect_kv()?;
        let limit = usize::try_from(limit.clamp(1, SCAN_MAX)).unwrap_or(1);
        self.kv.scan(&self.given.room, prefix, limit, after).await
    }

    async fn secret_names(&mut self) -> Vec<String> {
        secrets::names(self.given.reading.installation())
    }
    async fn hmac(&mut self, secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
        let key = secrets::key(self.given.reading.installation(), &self.given.room, secret).await?;
        Ok(secrets::hmac(&key, digest, data))
    }
    async fn hmac_verify(
        &mut self,
        secret: &str,
        digest: Digest,
        data: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        let key = secrets::key(self.given.reading.installation(), &self.given.room, secret).await?;
        Ok(secrets::verify(&key, digest, data, tag))
    }

    async fn http_send(&mut self, request: Request, answer_bytes: usize) -> Result<Response, Error> {
        self.expect_http()?;
        if self.given.effect == Effect::None {
            return Err(Error::Denied("nothing goes outside in this run: it is one to look at".to_owned()));
        }
        outside::send(&self.given, &request, answer_bytes).await
    }
    async fn http_enqueue(&mut self, request: Request) -> Result<String, Error> {
        self.expect_http()?;
        let waiting = self.out.len();
        let out = outside::kept(&self.given, &request, waiting).await?;
        let bytes = out.request.len().saturating_add(BASIS_BYTES_MAX);
        self.take(Load::record(bytes), wit::Quota::HttpCalls, wit::Quota::HttpBytes)?;
        let id = out.id.simple().to_string();
        self.out.push(out);
        Ok(id)
    }

    async fn random(&mut self, len: u32) -> Result<Vec<u8>, Error> {
        self.given.reading.expect(self.granted().random, "random")?;
        if len > RANDOM_MAX {
            return Err(Error::QuotaExceeded(wit::Quota::Bytes));
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        getrandom::fill(&mut bytes).map_err(|_| Error::Unavailable(1_000))?;
        Ok(bytes)
    }
    async fn settings_all(&mut self) -> String {
        self.given.settings.to_string()
    }
}
