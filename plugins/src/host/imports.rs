//! The imported functions of the contract, as a guest sees them: each is counted, its arguments bounded, and asked of
//! whoever answers. Log, clock and settings are answered here. It knows nothing of what is granted.

mod checks;

use super::ask::{Ask, Reply};
use super::logs;
use super::state::State;
use super::wit::commands::NewIssue;
use super::wit::http::{Request, Response};
use super::wit::issues::{CommentPage, Member, Page, Team};
use super::wit::kv::{Entry, Expectation};
use super::wit::secrets::Digest;
use super::wit::{self, Edit, Error, Issue, log::Level};
use wasmtime::Result;

/// Puts a question and takes the reply of one kind. Another kind cannot come; were it to, the guest gets an error.
macro_rules! asked {
    ($self:ident, $kind:ident, $ask:expr) => {
        match $self.ask($ask).await {
            Reply::$kind(reply) => reply,
            _ => Err(Error::Internal(String::from("the host answered another question"))),
        }
    };
}

/// Goes on, or returns the refusal to the guest.
macro_rules! unless_refused {
    ($check:expr) => {
        if let Err(error) = $check {
            return Ok(Err(error));
        }
    };
}

impl wit::types::Host for State {}

impl wit::log::Host for State {
    async fn write(&mut self, level: Level, message: String, fields: Vec<(String, String)>) -> Result<()> {
        self.count()?;
        logs::keep(&mut self.logs, &mut self.used, &self.budget, (level, &message, &fields));
        Ok(())
    }
}

impl wit::clock::Host for State {
    async fn now(&mut self) -> Result<String> {
        self.count()?;
        Ok(self.now.clone())
    }
}

impl wit::settings::Host for State {
    async fn get(&mut self, key: String) -> Result<Option<String>> {
        let all = self.all().await?;
        let all =
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&all).unwrap_or_default();
        Ok(all.get(&key).map(ToString::to_string))
    }

    async fn all(&mut self) -> Result<String> {
        self.count()?;
        if let Some(settings) = &self.settings {
            return Ok(settings.clone());
        }
        let Reply::Text(settings) = self.ask(Ask::Settings).await else { return Ok(String::from("{}")) };
        self.settings = Some(settings.clone());
        Ok(settings)
    }
}

impl wit::issues::Host for State {
    async fn get(&mut self, id: String) -> Result<Result<Issue, Error>> {
        self.count()?;
        Ok(asked!(self, Issue, Ask::Issue(id)))
    }

    async fn get_many(&mut self, ids: Vec<String>) -> Result<Result<Vec<Option<Issue>>, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("ids", ids.len(), checks::PAGE));
        unless_refused!(self.look_at(ids.len()));
        Ok(asked!(self, Issues, Ask::Issues(ids)))
    }

    async fn query(
        &mut self,
        filter: String,
        limit: u32,
        after: Option<String>,
    ) -> Result<Result<Page, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("limit", limit as usize, checks::PAGE));
        unless_refused!(self.may_look());
        let page = asked!(self, Page, Ask::Query { filter, limit, after });
        self.looked_at(page.as_ref().map_or(1, |page| page.cost));
        Ok(page)
    }

    async fn count(&mut self, filter: String) -> Result<Result<u32, Error>> {
        State::count(self)?;
        unless_refused!(self.may_look());
        self.looked_at(checks::COUNTING);
        Ok(asked!(self, Count, Ask::Count(filter)))
    }

    async fn comments(
        &mut self,
        issue: String,
        limit: u32,
        after: Option<String>,
    ) -> Result<Result<CommentPage, Error>> {
        State::count(self)?;
        unless_refused!(checks::at_most("limit", limit as usize, checks::PAGE));
        unless_refused!(self.may_look());
        let page = asked!(self, Comments, Ask::Comments { issue, limit, after });
        let read = page.as_ref().map_or(0, |page| page.items.len());
        self.looked_at(u32::try_from(read).unwrap_or(u32::MAX).max(1));
        Ok(page)
    }

    async fn get_member(&mut self, who: String) -> Result<Result<Member, Error>> {
        State::count(self)?;
        Ok(asked!(self, Member, Ask::Member(who)))
    }

    async fn get_team(&mut self, which: String) -> Result<Result<Team, Error>> {
        State::count(self)?;
        Ok(asked!(self, Team, Ask::Team(which)))
    }
}

impl wit::commands::Host for State {
    async fn create_issue(&mut self, issue: NewIssue) -> Result<Result<String, Error>> {
        self.count()?;
        unless_refused!(self.stage());
        Ok(asked!(self, Id, Ask::CreateIssue(issue)))
    }

    async fn update_issue(
        &mut self,
        id: String,
        edits: Vec<Edit>,
        expect: Option<String>,
    ) -> Result<Result<(), Error>> {
        self.count()?;
        unless_refused!(checks::at_most("edits", edits.len(), checks::PAGE));
        unless_refused!(self.stage());
        Ok(asked!(self, Done, Ask::UpdateIssue { id, edits, expect }))
    }

    async fn transition(&mut self, id: String, to: String) -> Result<Result<(), Error>> {
        self.count()?;
        unless_refused!(self.stage());
        Ok(asked!(self, Done, Ask::Transition { id, to }))
    }

    async fn add_comment(&mut self, id: String, body: String) -> Result<Result<String, Error>> {
        self.count()?;
        unless_refused!(self.stage());
        Ok(asked!(self, Id, Ask::AddComment { id, body }))
    }

    async fn link_issues(&mut self, a: String, kind: String, b: String) -> Result<Result<(), Error>> {
        self.count()?;
        unless_refused!(self.stage());
        Ok(asked!(self, Done, Ask::LinkIssues { a, kind, b }))
    }
}

impl wit::kv::Host for State {
    async fn get(&mut self, key: String) -> Result<Result<Option<Entry>, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("key", key.len(), checks::KEY));
        Ok(asked!(self, Entry, Ask::KvGet(key)))
    }

    async fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        expect: Expectation,
        ttl_seconds: Option<u32>,
    ) -> Result<Result<String, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("key", key.len(), checks::KEY));
        unless_refused!(checks::at_most("value", value.len(), checks::VALUE));
        unless_refused!(self.keep());
        Ok(asked!(self, Id, Ask::KvSet { key, value, expect, ttl_seconds }))
    }

    async fn delete(&mut self, key: String) -> Result<Result<bool, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("key", key.len(), checks::KEY));
        unless_refused!(self.keep());
        Ok(asked!(self, Deleted, Ask::KvDelete(key)))
    }

    async fn scan(
        &mut self,
        prefix: String,
        limit: u32,
        after: Option<String>,
    ) -> Result<Result<Vec<Entry>, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("prefix", prefix.len(), checks::KEY));
        unless_refused!(checks::at_most("limit", limit as usize, checks::PAGE));
        Ok(asked!(self, Entries, Ask::KvScan { prefix, limit, after }))
    }
}

impl wit::secrets::Host for State {
    async fn names(&mut self) -> Result<Vec<String>> {
        self.count()?;
        let Reply::Names(names) = self.ask(Ask::SecretNames).await else { return Ok(Vec::new()) };
        Ok(names)
    }

    async fn hmac(
        &mut self,
        secret: String,
        digest: Digest,
        data: Vec<u8>,
    ) -> Result<Result<Vec<u8>, Error>> {
        self.count()?;
        unless_refused!(self.hash(data.len()));
        Ok(asked!(self, Bytes, Ask::Hmac { secret, digest, data }))
    }

    async fn hmac_verify(
        &mut self,
        secret: String,
        digest: Digest,
        data: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<Result<bool, Error>> {
        self.count()?;
        unless_refused!(self.hash(data.len()));
        Ok(asked!(self, Verified, Ask::HmacVerify { secret, digest, data, tag }))
    }
}

impl wit::http::Host for State {
    async fn send(&mut self, request: Request) -> Result<Result<Response, Error>> {
        self.count()?;
        unless_refused!(self.go_out());
        let answer_bytes = self.budget.http_answer_bytes;
        let mut response = asked!(self, Response, Ask::HttpSend(request));
        if let Ok(response) = &mut response
            && response.body.len() > answer_bytes
        {
            response.body.truncate(answer_bytes);
            response.body_truncated = true;
        }
        Ok(response)
    }

    async fn enqueue(&mut self, request: Request) -> Result<Result<String, Error>> {
        self.count()?;
        unless_refused!(self.go_out());
        Ok(asked!(self, Id, Ask::HttpEnqueue(request)))
    }
}

impl wit::random::Host for State {
    async fn bytes(&mut self, len: u32) -> Result<Result<Vec<u8>, Error>> {
        self.count()?;
        unless_refused!(checks::at_most("len", len as usize, checks::RANDOM));
        Ok(asked!(self, Bytes, Ask::Random(len)))
    }
}
