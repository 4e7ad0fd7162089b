//! Answering a guest from the recording of an earlier run, and nothing else.

use super::answers::Answers;
use super::ask::{Ask, Reply};
use super::recording::{Exchange, Recording};
use super::stopped::Stopped;
use super::wit::commands::NewIssue;
use super::wit::http::{Request, Response};
use super::wit::issues::{CommentPage, Member, Page, Team};
use super::wit::kv::{Entry, Expectation};
use super::wit::secrets::Digest;
use super::wit::{Edit, Error, Issue};
use async_trait::async_trait;
use std::fmt;

/// Answers exactly what a recording holds, in its order. The first question that differs from the recorded one stops
/// the guest with [`Stopped::Replay`].
#[derive(Debug)]
pub struct Replay {
    rest: std::vec::IntoIter<Exchange>,
    at: usize,
    cut: bool,
    mismatch: Option<Mismatch>,
}

/// Where a replay left its recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Which question, from 0.
    pub at: usize,
    /// What the guest asks now.
    pub asked: Ask,
    /// What it asked then; none when it asked no more.
    pub recorded: Option<Ask>,
    /// Whether the recording ends here because it was over its budget, so that nothing is wrong with the guest.
    pub cut: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, asked) = (self.at + 1, self.asked.name());
        match &self.recorded {
            _ if self.cut => {
                write!(f, "the recording was too long to be kept and ends before question {at}, `{asked}`")
            }
            None => write!(f, "question {at} of the replay is `{asked}`, the recorded run asked no more"),
            Some(recorded) if recorded.name() == asked => {
                write!(
                    f,
                    "question {at} of the replay, `{asked}`, has other arguments than in the recorded run"
                )
            }
            Some(recorded) => {
                write!(
                    f,
                    "question {at} of the replay is `{asked}`, in the recorded run it was `{}`",
                    recorded.name()
                )
            }
        }
    }
}

impl Replay {
    /// Answers from this recording.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        let cut = recording.is_cut();
        Self { rest: recording.into_exchanges().into_iter(), at: 0, cut, mismatch: None }
    }

    /// Where it differed, if it did.
    #[must_use]
    pub fn mismatch(&self) -> Option<&Mismatch> {
        self.mismatch.as_ref()
    }

    /// Recorded questions that were not asked again: 0 after an exact replay.
    #[must_use]
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    fn next(&mut self, ask: Ask) -> Option<Reply> {
        if self.mismatch.is_some() {
            return None;
        }
        let exchange = self.rest.next();
        let at = self.at;
        self.at += 1;
        match exchange {
            Some(exchange) if exchange.ask == ask => Some(exchange.reply),
            other => {
                let cut = other.is_none() && self.cut;
                self.mismatch = Some(Mismatch { at, asked: ask, recorded: other.map(|e| e.ask), cut });
                None
            }
        }
    }
}

/// Takes the reply of one kind; anything else leaves a guest that is about to be stopped with an error.
macro_rules! replied {
    ($self:ident, $kind:ident, $ask:expr) => {
        match $self.next($ask) {
            Some(Reply::$kind(reply)) => reply,
            _ => Err(Error::Internal(String::from("not in the recording"))),
        }
    };
}

#[async_trait]
impl Answers for Replay {
    async fn issue(&mut self, id: &str) -> Result<Issue, Error> {
        replied!(self, Issue, Ask::Issue(id.into()))
    }
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
        replied!(self, Issues, Ask::Issues(ids.to_vec()))
    }
    async fn query(&mut self, filter: &str, limit: u32, after: Option<&str>, _: u32) -> Result<Page, Error> {
        replied!(self, Page, Ask::Query { filter: filter.into(), limit, after: after.map(String::from) })
    }
    async fn count(&mut self, filter: &str, _: u32) -> Result<u32, Error> {
        replied!(self, Count, Ask::Count(filter.into()))
    }
    async fn comments(&mut self, issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
        replied!(self, Comments, Ask::Comments { issue: issue.into(), limit, after: after.map(String::from) })
    }
    async fn member(&mut self, who: &str) -> Result<Member, Error> {
        replied!(self, Member, Ask::Member(who.into()))
    }
    async fn team(&mut self, which: &str) -> Result<Team, Error> {
        replied!(self, Team, Ask::Team(which.into()))
    }
    async fn create_issue(&mut self, issue: NewIssue) -> Result<String, Error> {
        replied!(self, Id, Ask::CreateIssue(issue))
    }
    async fn update_issue(&mut self, id: &str, edits: Vec<Edit>, expect: Option<&str>) -> Result<(), Error> {
        replied!(self, Done, Ask::UpdateIssue { id: id.into(), edits, expect: expect.map(String::from) })
    }
    async fn transition(&mut self, id: &str, to: &str) -> Result<(), Error> {
        replied!(self, Done, Ask::Transition { id: id.into(), to: to.into() })
    }
    async fn add_comment(&mut self, id: &str, body: &str) -> Result<String, Error> {
        replied!(self, Id, Ask::AddComment { id: id.into(), body: body.into() })
    }
    async fn link_issues(&mut self, a: &str, kind: &str, b: &str) -> Result<(), Error> {
        replied!(self, Done, Ask::LinkIssues { a: a.into(), kind: kind.into(), b: b.into() })
    }
    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error> {
        replied!(self, Entry, Ask::KvGet(key.into()))
    }
    async fn kv_set(
        &mut self,
        key: &str,
        value: Vec<u8>,
        expect: Expectation,
        ttl_seconds: Option<u32>,
    ) -> Result<String, Error> {
        replied!(self, Id, Ask::KvSet { key: key.into(), value, expect, ttl_seconds })
    }
    async fn kv_delete(&mut self, key: &str) -> Result<bool, Error> {
        replied!(self, Deleted, Ask::KvDelete(key.into()))
    }
    async fn kv_scan(&mut self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
        replied!(self, Entries, Ask::KvScan { prefix: prefix.into(), limit, after: after.map(String::from) })
    }
    async fn secret_names(&mut self) -> Vec<String> {
        match self.next(Ask::SecretNames) {
            Some(Reply::Names(names)) => names,
            _ => Vec::new(),
        }
    }
    async fn hmac(&mut self, secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
        replied!(self, Bytes, Ask::Hmac { secret: secret.into(), digest, data: data.into() })
    }
    async fn hmac_verify(
        &mut self,
        secret: &str,
        digest: Digest,
        data: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        let ask = Ask::HmacVerify { secret: secret.into(), digest, data: data.into(), tag: tag.into() };
        replied!(self, Verified, ask)
    }
    async fn http_send(&mut self, request: Request, _: usize) -> Result<Response, Error> {
        replied!(self, Response, Ask::HttpSend(request))
    }
    async fn http_enqueue(&mut self, request: Request) -> Result<String, Error> {
        replied!(self, Id, Ask::HttpEnqueue(request))
    }
    async fn random(&mut self, len: u32) -> Result<Vec<u8>, Error> {
        replied!(self, Bytes, Ask::Random(len))
    }
    async fn settings_all(&mut self) -> String {
        match self.next(Ask::Settings) {
            Some(Reply::Text(text)) => text,
            _ => String::from("{}"),
        }
    }
    fn halted(&self) -> Option<Stopped> {
        self.mismatch.clone().map(|mismatch| Stopped::Replay(Box::new(mismatch)))
    }
}
