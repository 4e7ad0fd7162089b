//! What a guest is answered in a test: by the company in memory, as far as the manifest asks for it.
//!
//! What it stages changes a copy of the company, which whoever called may keep or drop. Nothing goes outside.

use async_trait::async_trait;
use aws_lc_rs::hmac;
use mortise::plugins::expect_allowed;
use mortise::plugins::host::wit::commands::NewIssue;
use mortise::plugins::host::wit::http::{HeaderValue, Request, Response};
use mortise::plugins::host::wit::issues::{CommentPage, Member, Page, Team};
use mortise::plugins::host::wit::kv::{Entry, Expectation};
use mortise::plugins::host::wit::secrets::Digest;
use mortise::plugins::host::wit::{Comment, Edit, Error, FieldError, Issue, Relation};
use mortise::plugins::host::{Answers, Task};
use mortise::plugins::manifest::Permissions;

use super::super::words;
use super::world::World;
use super::{fields, is_pure};

/// See the module.
pub(super) struct Desk {
    world: World,
    granted: Permissions,
    pure: bool,
    staged: Vec<String>,
    drawn: u8,
}

impl Desk {
    /// Answers for one call.
    pub(super) fn new(world: World, granted: Permissions, task: &Task) -> Self {
        Self { world, granted, pure: is_pure(task), staged: Vec::new(), drawn: 0 }
    }

    /// The company as what was staged would leave it, and what was staged, in words.
    pub(super) fn close(self) -> (World, Vec<String>) {
        (self.world, self.staged)
    }

    fn expect(&self, granted: bool, what: &str) -> Result<(), Error> {
        if granted { Ok(()) } else { Err(Error::Denied(format!("the manifest does not ask for {what}"))) }
    }

    fn expect_read(&self) -> Result<(), Error> {
        self.expect(self.granted.issues_read, "issues-read")
    }

    fn expect_write(&self) -> Result<(), Error> {
        self.expect_effects()?;
        self.expect(self.granted.issues_write, "issues-write")
    }

    fn expect_effects(&self) -> Result<(), Error> {
        if self.pure { Err(Error::Denied("a workflow hook changes nothing".to_owned())) } else { Ok(()) }
    }

    fn secret(&self, name: &str) -> Result<hmac::Tag, Error> {
        self.key(name, Digest::Sha256).map(|key| hmac::sign(&key, b""))
    }

    fn key(&self, name: &str, digest: Digest) -> Result<hmac::Key, Error> {
        self.expect_effects()?;
        self.expect(self.granted.secrets.iter().any(|secret| secret == name), &format!("the secret {name}"))?;
        let value = self.world.secrets.get(name).ok_or(Error::NotFound)?;
        let algorithm = match digest {
            Digest::Sha256 => hmac::HMAC_SHA256,
            Digest::Sha512 => hmac::HMAC_SHA512,
        };
        Ok(hmac::Key::new(algorithm, value.as_bytes()))
    }

    /// The issues that a filter finds: what the file says, or all for the empty one.
    fn found(&self, filter: &str) -> Result<Vec<Issue>, Error> {
        self.expect_read()?;
        match self.world.queries.iter().find(|query| query.answers(filter)) {
            Some(query) => Ok(query.issues.iter().filter_map(|key| self.world.issue(key).cloned()).collect()),
            None if filter.is_empty() => Ok(self.world.issues.clone()),
            None => {
                Err(invalid("filter", &format!("the events file has no [[query]] with filter = {filter:?}")))
            }
        }
    }

    /// Whether a request may go there, and every secret in it is there.
    fn expect_outside(&self, request: &Request) -> Result<(), Error> {
        self.expect_effects()?;
        self.expect(self.granted.reach_out(), "http")?;
        for (_, value) in &request.headers {
            if let HeaderValue::Secret(secret) = value {
                self.secret(&secret.secret)?;
            }
        }
        expect_allowed(request, &self.granted.http)
    }
}

fn invalid(key: &str, message: &str) -> Error {
    Error::Invalid(vec![FieldError { key: key.to_owned(), message: message.to_owned() }])
}

fn entry(key: &str, (value, revision): &(Vec<u8>, u32)) -> Entry {
    Entry { key: key.to_owned(), value: value.clone(), revision: revision.to_string() }
}

/// A page of a list: the cursor is a place in it.
fn page<T: Clone>(all: &[T], limit: u32, after: Option<&str>) -> (Vec<T>, Option<String>) {
    let from: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
    let to = from.saturating_add(limit as usize);
    let items = all.iter().skip(from).take(limit as usize).cloned().collect();
    (items, (to < all.len()).then(|| to.to_string()))
}

#[async_trait]
impl Answers for Desk {
    async fn issue(&mut self, id: &str) -> Result<Issue, Error> {
        self.expect_read()?;
        self.world.issue(id).cloned().ok_or(Error::NotFound)
    }
    async fn issues(&mut self, ids: &[String]) -> Result<Vec<Option<Issue>>, Error> {
        self.expect_read()?;
        Ok(ids.iter().map(|id| self.world.issue(id).cloned()).collect())
    }
    async fn query(&mut self, filter: &str, limit: u32, after: Option<&str>, _: u32) -> Result<Page, Error> {
        let (items, next) = page(&self.found(filter)?, limit, after);
        let cost = u32::try_from(items.len()).unwrap_or(u32::MAX);
        Ok(Page { items, next, cost })
    }
    async fn count(&mut self, filter: &str, _: u32) -> Result<u32, Error> {
        Ok(u32::try_from(self.found(filter)?.len()).unwrap_or(u32::MAX))
    }
    async fn comments(&mut self, issue: &str, limit: u32, after: Option<&str>) -> Result<CommentPage, Error> {
        self.expect_read()?;
        let id = self.world.issue(issue).ok_or(Error::NotFound)?.id.clone();
        let all: Vec<Comment> =
            self.world.comments.iter().filter(|comment| comment.issue == id).cloned().collect();
        let (items, next) = page(&all, limit, after);
        Ok(CommentPage { items, next })
    }
    async fn member(&mut self, who: &str) -> Result<Member, Error> {
        self.expect_read()?;
        self.world.member(who).cloned().ok_or(Error::NotFound)
    }
    async fn team(&mut self, which: &str) -> Result<Team, Error> {
        self.expect_read()?;
        self.world.team(which).cloned().ok_or(Error::NotFound)
    }

    async fn create_issue(&mut self, new: NewIssue) -> Result<String, Error> {
        self.expect_write()?;
        let state = self.world.state(&new.team, new.state.as_deref());
        let state = state.map_err(|error| invalid("state", &error.to_string()))?;
        let key = format!("{}-new-{}", new.team, self.world.next());
        let mut issue = self.world.blank(&key, &new.team, state);
        self.staged.push(format!("create {key}: {:?}", new.title));
        (issue.title, issue.description) = (new.title, new.description);
        issue.kind = new.kind.unwrap_or(issue.kind);
        issue.priority = new.priority.unwrap_or(issue.priority);
        (issue.assignees, issue.estimate) = (new.assignees, new.estimate);
        (issue.parent, issue.due_date) = (new.parent, new.due_date);
        issue.labels = new.labels.iter().map(|name| fields::label(name)).collect();
        self.world.issues.push(issue);
        Ok(key)
    }
    async fn update_issue(&mut self, id: &str, edits: Vec<Edit>, expect: Option<&str>) -> Result<(), Error> {
        self.expect_write()?;
        let revision = self.world.issue(id).ok_or(Error::NotFound)?.revision.clone();
        if expect.is_some_and(|expected| expected != revision) {
            return Err(Error::Conflict(revision));
        }
        let issue = self.world.issue_mut(id).ok_or(Error::NotFound)?;
        edits.iter().for_each(|edit| fields::edit(issue, edit));
        let words: Vec<String> = edits.iter().map(words::edit).collect();
        self.staged.push(format!("update {id}: {}", words.join(", ")));
        Ok(())
    }
    async fn transition(&mut self, id: &str, to: &str) -> Result<(), Error> {
        self.expect_write()?;
        let team = self.world.issue(id).ok_or(Error::NotFound)?.team_key.clone();
        let state = self.world.state(&team, Some(to)).map_err(|error| invalid("to", &error.to_string()))?;
        self.staged.push(format!("transition {id}: to {}", state.key));
        let now = self.world.now.clone();
        let issue = self.world.issue_mut(id).ok_or(Error::NotFound)?;
        (issue.state, issue.in_state_since) = (state, now);
        Ok(())
    }
    async fn add_comment(&mut self, id: &str, body: &str) -> Result<String, Error> {
        self.expect_write()?;
        let (comment, created_at) = (format!("comment-new-{}", self.world.next()), self.world.now.clone());
        let issue = self.world.issue_mut(id).ok_or(Error::NotFound)?;
        issue.comment_count = issue.comment_count.saturating_add(1);
        let issue = issue.id.clone();
        self.staged.push(format!("comment {id}: {body:?}"));
        let author = "plugin".to_owned();
        self.world.comments.push(Comment {
            id: comment.clone(),
            issue,
            author,
            body: body.to_owned(),
            created_at,
        });
        Ok(comment)
    }
    async fn link_issues(&mut self, a: &str, kind: &str, b: &str) -> Result<(), Error> {
        self.expect_write()?;
        let other = self.world.issue(b).ok_or(Error::NotFound)?.id.clone();
        let issue = self.world.issue_mut(a).ok_or(Error::NotFound)?;
        issue.relations.push(Relation { kind: kind.to_owned(), issue: other });
        self.staged.push(format!("link {a}: {kind} {b}"));
        Ok(())
    }

    async fn kv_get(&mut self, key: &str) -> Result<Option<Entry>, Error> {
        self.expect(self.granted.kv, "kv")?;
        Ok(self.world.kv.get(key).map(|value| entry(key, value)))
    }
    async fn kv_set(
        &mut self,
        key: &str,
        value: Vec<u8>,
        expect: Expectation,
        _: Option<u32>,
    ) -> Result<String, Error> {
        self.expect_effects()?;
        self.expect(self.granted.kv, "kv")?;
        let there = self.world.kv.get(key).map(|(_, revision)| revision.to_string());
        let as_expected = match &expect {
            Expectation::Anything => true,
            Expectation::Absent => there.is_none(),
            Expectation::At(revision) => there.as_ref() == Some(revision),
        };
        if !as_expected {
            return Err(Error::Conflict(there.unwrap_or_default()));
        }
        let revision = self.world.next();
        self.staged.push(format!("kv {key}: {} bytes", value.len()));
        self.world.kv.insert(key.to_owned(), (value, revision));
        Ok(revision.to_string())
    }
    async fn kv_delete(&mut self, key: &str) -> Result<bool, Error> {
        self.expect_effects()?;
        self.expect(self.granted.kv, "kv")?;
        self.staged.push(format!("kv {key}: deleted"));
        Ok(self.world.kv.remove(key).is_some())
    }
    async fn kv_scan(&mut self, prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
        self.expect(self.granted.kv, "kv")?;
        let all = self.world.kv.iter();
        let wanted =
            all.filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
        Ok(wanted.take(limit as usize).map(|(key, value)| entry(key, value)).collect())
    }

    async fn secret_names(&mut self) -> Vec<String> {
        let granted = self.granted.secrets.iter();
        granted.filter(|name| self.world.secrets.contains_key(*name)).cloned().collect()
    }
    async fn hmac(&mut self, secret: &str, digest: Digest, data: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.key(secret, digest)?, data).as_ref().to_vec())
    }
    async fn hmac_verify(
        &mut self,
        secret: &str,
        digest: Digest,
        data: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        Ok(hmac::verify(&self.key(secret, digest)?, data, tag).is_ok())
    }

    async fn http_send(&mut self, request: Request, answer_bytes: usize) -> Result<Response, Error> {
        self.expect_outside(&request)?;
        self.staged.push(format!("sent {}", words::request(&request)));
        let method = words::method(request.method);
        let fits = |given: &&super::script::HttpGiven| {
            let same = given.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
            same && request.url.starts_with(&given.url)
        };
        let Some(given) = self.world.http.iter().find(fits) else {
            return Err(Error::Internal(format!(
                "the events file has no [[http]] for {method} {}",
                request.url
            )));
        };
        let mut body = given.body.clone().into_bytes();
        let body_truncated = body.len() > answer_bytes;
        body.truncate(answer_bytes);
        let headers =
            given.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Response { status: given.status.unwrap_or(200), headers, body, body_truncated })
    }
    async fn http_enqueue(&mut self, request: Request) -> Result<String, Error> {
        self.expect_outside(&request)?;
        self.staged.push(format!("send later {}", words::request(&request)));
        Ok(format!("request-{}", self.world.next()))
    }

    async fn random(&mut self, len: u32) -> Result<Vec<u8>, Error> {
        self.expect_effects()?;
        self.expect(self.granted.random, "random")?;
        let mut draw = || {
            self.drawn = self.drawn.wrapping_mul(197).wrapping_add(71);
            self.drawn
        };
        Ok((0..len).map(|_| draw()).collect())
    }
    async fn settings_all(&mut self) -> String {
        self.world.settings.clone()
    }
}
