//! One line of the audit log, from whichever chain it comes.

use super::details;
use crate::error::Result;
use crate::event::{Actor, Origin, Subject};
use crate::log::{LogRecord, SecurityRecord};
use crate::model::Seq;
use crate::rows::SecurityRow;
use crate::storage::encode;
use crate::time::Timestamp;
use uuid::Uuid;

/// Which chain an entry is of, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditPlace {
    /// The log.
    Log(Seq),
    /// The security events.
    Security(Seq),
}

impl std::fmt::Display for AuditPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Log(seq) => write!(f, "log_{seq}"),
            Self::Security(seq) => write!(f, "sec_{seq}"),
        }
    }
}

/// Something more that is known of an entry: a value, or what it was and what it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDetail {
    /// What it is.
    pub name: &'static str,
    /// What it was.
    pub from: Option<String>,
    /// What it is, or became.
    pub to: Option<String>,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Where it stands.
    pub place: AuditPlace,
    /// When it was written down.
    pub at: Timestamp,
    /// When it happened; for an import, when it happened there. Of several, when it happened first.
    pub happened_at: Timestamp,
    /// What happened, such as `issue.created`; `erased` where that was erased.
    pub kind: &'static str,
    /// Who did it; none where that is not proven, or was erased.
    pub actor: Option<Actor>,
    /// By which way it came in, where that is known.
    pub origin: Option<Origin>,
    /// The request it was part of; the last of several.
    pub request: Option<Uuid>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// From which address, for security events.
    pub address: Option<String>,
    /// What the client says of itself, for security events.
    pub agent: Option<String>,
    /// How often it happened.
    pub count: u32,
    /// What else is known. Never the content of issues.
    pub details: Vec<AuditDetail>,
    /// The record itself in its stored form, where its place in its chain is to be proven: of an event of the log, without
    /// its body.
    pub(crate) record: Option<Vec<u8>>,
}

impl AuditEntry {
    /// The entry of an event of the log, with its record if it is to be proven.
    pub(crate) fn of_log(record: LogRecord, proof: bool) -> Result<Self> {
        let event = record.event()?;
        let mut details = event.body.as_ref().map(details::of).unwrap_or_default();
        details.extend(details::amended(&event.amended));
        Ok(Self {
            place: AuditPlace::Log(event.seq),
            at: event.recorded_at,
            happened_at: event.at,
            kind: event.body.as_ref().map_or("erased", |body| body.name()),
            actor: Some(event.actor),
            origin: Some(event.origin),
            request: Some(event.request),
            subject: Some(event.subject),
            address: None,
            agent: None,
            count: 1,
            details,
            record: if proof { Some(encode(&record.erase())?) } else { None },
        })
    }

    /// The entry of a security event, with its record if it is to be proven.
    pub(crate) fn of_security(record: SecurityRecord, proof: bool) -> Result<Self> {
        let event = record.event()?;
        let body = event.body.as_ref();
        let detail = body.and_then(|body| body.detail.clone());
        let detail = detail.map(|text| AuditDetail { name: "how", from: None, to: Some(text) });
        Ok(Self {
            place: AuditPlace::Security(event.seq),
            at: event.at,
            happened_at: body.map_or(event.at, |body| body.since),
            kind: event.kind.as_str(),
            actor: body.and_then(|body| body.actor),
            origin: None,
            request: body.and_then(|body| body.request()),
            subject: body.and_then(|body| body.subject),
            address: body.and_then(|body| body.address.clone()),
            agent: body.and_then(|body| body.agent.clone()),
            count: body.map_or(1, |body| body.count),
            details: detail.into_iter().collect(),
            record: if proof { Some(encode(&SecurityRow::Event(record))?) } else { None },
        })
    }

    /// The global id of what it is about; none for the company as a whole.
    #[must_use]
    pub fn subject_id(&self) -> Option<String> {
        self.subject.and_then(subject_id)
    }

    /// The word for what kind of party did it.
    #[must_use]
    pub const fn actor_kind(&self) -> &'static str {
        match self.actor {
            Some(Actor::Member(_)) => "MEMBER",
            Some(Actor::Key(..)) => "API_KEY",
            Some(Actor::Root(_)) => "ROOT",
            Some(Actor::System) => "SYSTEM",
            Some(Actor::Plugin(_)) => "PLUGIN",
            None => "UNKNOWN",
        }
    }

    /// The global id of the party: of the key where it was one.
    #[must_use]
    pub fn actor_id(&self) -> Option<String> {
        match self.actor? {
            Actor::Member(id) => Some(id.to_string()),
            Actor::Key(id, _) => Some(id.to_string()),
            Actor::Root(id) => Some(id.to_string()),
            Actor::Plugin(by) => Some(by.installation.to_string()),
            Actor::System => None,
        }
    }
}

fn subject_id(subject: Subject) -> Option<String> {
    Some(match subject {
        Subject::Tenant => return None,
        Subject::Issue(id) => id.to_string(),
        Subject::Label(id) => id.to_string(),
        Subject::Member(id) => id.to_string(),
        Subject::Team(id) => id.to_string(),
        Subject::Workflow(id) => id.to_string(),
        Subject::Key(id) => id.to_string(),
        Subject::View(id) => id.to_string(),
        Subject::Session(id) => id.to_string(),
        Subject::Provider(id) => id.to_string(),
        Subject::Invitation(id) => id.to_string(),
        Subject::Installation(id) => id.to_string(),
    })
}
