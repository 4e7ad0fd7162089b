//! The fake host of a thread: what a test puts in and reads back.

use super::Command;
use crate::host::http::Request;
use crate::host::http::Response;
use crate::host::log::Level;
use crate::prelude::{Comment, Issue, Member, Team};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A line that the plugin logged.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// How grave it is.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

type Outside = Rc<dyn Fn(&Request) -> Response>;
type Finder = Rc<dyn Fn(&str, &Issue) -> bool>;

/// A host to be put together, and then installed.
#[derive(Clone)]
pub struct Host {
    pub(super) now: String,
    pub(super) settings: serde_json::Value,
    pub(super) issues: Vec<Issue>,
    pub(super) comments: Vec<Comment>,
    pub(super) members: Vec<Member>,
    pub(super) teams: Vec<Team>,
    pub(super) secrets: BTreeMap<String, Vec<u8>>,
    pub(super) kv: BTreeMap<String, (Vec<u8>, u32)>,
    pub(super) finds: Finder,
    pub(super) outside: Outside,
    pub(super) commands: Vec<Command>,
    pub(super) logs: Vec<LogLine>,
    pub(super) sent: Vec<Request>,
    pub(super) enqueued: Vec<Request>,
    pub(super) queries: Vec<String>,
    pub(super) counter: u32,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A host that holds nothing. It is 2026-01-31, nine o'clock.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: "2026-01-31T09:00:00.000Z".to_owned(),
            settings: serde_json::Value::Object(serde_json::Map::new()),
            issues: Vec::new(),
            comments: Vec::new(),
            members: Vec::new(),
            teams: Vec::new(),
            secrets: BTreeMap::new(),
            kv: BTreeMap::new(),
            finds: Rc::new(|_, _| true),
            outside: Rc::new(|_| super::response(200, "")),
            commands: Vec::new(),
            logs: Vec::new(),
            sent: Vec::new(),
            enqueued: Vec::new(),
            queries: Vec::new(),
            counter: 0,
        }
    }

    /// It is this time, as RFC 3339.
    #[must_use]
    pub fn now(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    /// With these settings.
    #[must_use]
    pub fn settings(mut self, settings: serde_json::Value) -> Self {
        self.settings = settings;
        self
    }

    /// With this issue.
    #[must_use]
    pub fn issue(mut self, issue: Issue) -> Self {
        self.issues.push(issue);
        self
    }

    /// With these issues.
    #[must_use]
    pub fn issues(mut self, issues: impl IntoIterator<Item = Issue>) -> Self {
        self.issues.extend(issues);
        self
    }

    /// With this comment.
    #[must_use]
    pub fn comment(mut self, comment: Comment) -> Self {
        self.comments.push(comment);
        self
    }

    /// With this member.
    #[must_use]
    pub fn member(mut self, member: Member) -> Self {
        self.members.push(member);
        self
    }

    /// With this team.
    #[must_use]
    pub fn team(mut self, team: Team) -> Self {
        self.teams.push(team);
        self
    }

    /// With this secret.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.insert(name.to_owned(), value.as_bytes().to_vec());
        self
    }

    /// With this entry in the plugin's store.
    #[must_use]
    pub fn kv(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.kv.insert(key.to_owned(), (value.into(), 1));
        self
    }

    /// Filters find what this says, given the filter and an issue; all issues unless said.
    #[must_use]
    pub fn finding(mut self, finds: impl Fn(&str, &Issue) -> bool + 'static) -> Self {
        self.finds = Rc::new(finds);
        self
    }

    /// Requests are answered so; 200 without a body unless said.
    #[must_use]
    pub fn outside(mut self, answer: impl Fn(&Request) -> Response + 'static) -> Self {
        self.outside = Rc::new(answer);
        self
    }

    /// Makes it the host of this thread until what is answered is dropped.
    #[must_use = "the host goes with this value"]
    pub fn install(self) -> Installed {
        HOST.with_borrow_mut(|host| *host = Some(self));
        Installed(())
    }
}

/// The host of this thread, for as long as this value lives.
#[derive(Debug)]
pub struct Installed(());

impl Installed {
    /// What was staged, in order.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        with(|host| host.commands.clone())
    }

    /// What was logged.
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        with(|host| host.logs.clone())
    }

    /// What stands in the plugin's store under this key.
    #[must_use]
    pub fn kv(&self, key: &str) -> Option<Vec<u8>> {
        with(|host| host.kv.get(key).map(|(value, _)| value.clone()))
    }

    /// The keys of the plugin's store, in order.
    #[must_use]
    pub fn kv_keys(&self) -> Vec<String> {
        with(|host| host.kv.keys().cloned().collect())
    }

    /// Requests that were sent and answered.
    #[must_use]
    pub fn sent(&self) -> Vec<Request> {
        with(|host| host.sent.clone())
    }

    /// Requests that are to be sent after the run.
    #[must_use]
    pub fn enqueued(&self) -> Vec<Request> {
        with(|host| host.enqueued.clone())
    }

    /// Filters that were asked.
    #[must_use]
    pub fn queries(&self) -> Vec<String> {
        with(|host| host.queries.clone())
    }

    /// It is another time now.
    pub fn set_now(&self, now: &str) {
        with(|host| now.clone_into(&mut host.now));
    }

    /// Takes out what was staged, logged and sent, as after a run.
    pub fn clear(&self) {
        with(|host| {
            host.commands.clear();
            host.logs.clear();
            host.sent.clear();
            host.enqueued.clear();
            host.queries.clear();
        });
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        HOST.with_borrow_mut(|host| *host = None);
    }
}

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// Looks into the host of this thread; one that holds nothing is made where none is installed.
pub(super) fn with<T>(look: impl FnOnce(&mut Host) -> T) -> T {
    HOST.with_borrow_mut(|host| look(host.get_or_insert_with(Host::new)))
}
