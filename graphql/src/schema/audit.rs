//! The audit log: what happened in the company, who did it, and from where. For super admins.

use super::costs::RECORDS_PER_UNIT;
use super::member::MemberNode;
use super::page::{self, PAGE_SIZE_DEFAULT};
use super::scalar::{self, DateTime};
use super::timeline::ActorKind;
use super::word::Origin;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{PageInfo, Row};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::AuditRequest;
use mortise_engine::audit::{AuditDetail, AuditEntry, AuditFilter as Filter, subject_named};
use mortise_engine::event::Actor;
use mortise_engine::model::Network;

/// Which entries of the audit log: those for which all that is said is true.
#[derive(InputObject, Default)]
pub(crate) struct AuditFilter {
    /// Of one of these kinds, at most 50: `sign_in.failed`, or `sign_in` for all that begin so.
    kinds: Option<Vec<String>>,
    /// Done by this party: a member (and programs in their name), an API key, or an operator of the platform.
    actor_id: Option<ID>,
    /// From this address or network, such as `192.0.2.0/24`. Only security events have one.
    address: Option<String>,
    /// About this thing, by its global id.
    subject_id: Option<ID>,
    /// Written down at this moment or later.
    from: Option<DateTime>,
    /// Written down before this moment.
    to: Option<DateTime>,
}

impl AuditFilter {
    fn read(self) -> mortise_engine::Result<Filter> {
        let network = |text: String| {
            text.parse::<Network>()
                .map_err(|e| mortise_engine::Error::invalid("filter.address", e.to_string()))
        };
        let subject = |id: ID| subject_named(&id).map_err(|error| error.with_field("filter.subjectId"));
        let actor = self.actor_id.map(|id| id.parse()).transpose();
        let filter = Filter {
            kinds: self.kinds.unwrap_or_default(),
            actor: actor.map_err(|error: mortise_engine::Error| error.with_field("filter.actorId"))?,
            address: self.address.map(network).transpose()?,
            subject: self.subject_id.map(subject).transpose()?,
            from: self.from.map(|at| at.0),
            to: self.to.map(|at| at.0),
        };
        filter.check().map_err(|error| error.with_field("filter.kinds"))?;
        Ok(filter)
    }
}

/// Something that happened, as the audit log tells it.
#[derive(Clone, SimpleObject)]
pub(crate) struct AuditEvent {
    /// Names this entry: `log_…` for an event of the log, `sec_…` for a security event. Not a global id.
    id: ID,
    /// What happened, such as `member.updated` or `sign_in.failed`.
    kind: String,
    /// When it was written down.
    at: DateTime,
    /// When it happened; for an import, when it happened there. Of several, when it happened first.
    happened_at: DateTime,
    /// What kind of party did it; null where that is not proven.
    actor_kind: Option<ActorKind>,
    /// The global id of the party: of the key where it was one.
    actor_id: Option<ID>,
    /// The member in whose name it was done.
    actor: Option<Row<MemberNode>>,
    /// The global id of what it is about; null for the company as a whole.
    subject_id: Option<ID>,
    /// By which way it came in; null for security events.
    origin: Option<Origin>,
    /// The request it was part of; of several, the last.
    request_id: Option<String>,
    /// From which address; of several, the last. Null for events of the log.
    address: Option<String>,
    /// What the client says of itself. Null for events of the log.
    user_agent: Option<String>,
    /// How often it happened: failures and refusals that are many are counted.
    count: i32,
    /// What else is known. Never the content of issues, comments and views.
    details: Vec<AuditEventDetail>,
}

/// Something more that is known: a value, or what it was and what it became.
#[derive(Clone, SimpleObject)]
pub(crate) struct AuditEventDetail {
    /// What it is.
    name: String,
    /// What it was.
    from: Option<String>,
    /// What it is, or became.
    to: Option<String>,
}

impl From<&AuditDetail> for AuditEventDetail {
    fn from(detail: &AuditDetail) -> Self {
        Self { name: detail.name.to_owned(), from: detail.from.clone(), to: detail.to.clone() }
    }
}

impl AuditEvent {
    fn of(entry: &AuditEntry, cx: &Snapshot) -> Self {
        Self {
            id: ID(entry.place.to_string()),
            kind: entry.kind.to_owned(),
            at: DateTime(entry.at),
            happened_at: DateTime(entry.happened_at),
            actor_kind: entry.actor.map(ActorKind::from),
            actor_id: entry.actor_id().map(ID),
            actor: entry.actor.and_then(Actor::member).and_then(|id| MemberNode::find(cx, id)),
            subject_id: entry.subject_id().map(ID),
            origin: entry.origin.map(Into::into),
            request_id: entry.request.map(|id| id.to_string()),
            address: entry.address.clone(),
            user_agent: entry.agent.clone(),
            count: i32::try_from(entry.count).unwrap_or(i32::MAX),
            details: entry.details.iter().map(Into::into).collect(),
        }
    }
}

/// An entry of the audit log with its cursor.
#[derive(Clone, SimpleObject)]
pub(crate) struct AuditEventEdge {
    /// Names this place in the list: pass it as `after` to continue from here.
    cursor: String,
    /// The entry.
    node: AuditEvent,
}

/// A page of the audit log, the newest first.
pub(crate) struct AuditEventConnection {
    edges: Vec<AuditEventEdge>,
    next: Option<String>,
    is_first: bool,
}

/// A page of the audit log. A page may hold fewer entries than were asked for, or none, though there are more: then it
/// looked at as many as one request may. Go on behind its `endCursor`.
#[Object]
impl AuditEventConnection {
    /// The entries of this page, each with its cursor.
    async fn edges(&self) -> &[AuditEventEdge] {
        &self.edges
    }

    /// The entries of this page.
    async fn nodes(&self) -> Vec<AuditEvent> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }

    /// Where this page lies in the list.
    async fn page_info(&self) -> Row<PageInfo<Snapshot>> {
        let cursor = |edge: Option<&AuditEventEdge>| edge.map(|edge| edge.cursor.clone());
        let end = self.next.clone().or_else(|| cursor(self.edges.last()));
        let neighbours = (!self.is_first, self.next.is_some());
        Row(PageInfo::new(neighbours, (cursor(self.edges.first()), end)))
    }
}

/// How far the company's log and its security events had come. Kept elsewhere, it tells later whether what was before it is
/// still there, unchanged: `mortise audit verify --head`.
#[derive(SimpleObject)]
pub(crate) struct AuditHead {
    /// When.
    at: DateTime,
    /// The place of the last event of the log.
    log_seq: u64,
    /// The hash of the log there and, through it, of all before it, in hexadecimal.
    log_hash: String,
    /// The place of the last security event.
    security_seq: u64,
    /// The hash of the security events there, in hexadecimal.
    security_hash: String,
    /// All of it, signed: a JSON Web Signature. This is what is kept.
    signed: String,
    /// The public keys that it is verified with: a JSON Web Key Set, as JSON. Keep it with the head.
    public_keys: String,
}

/// Queries about the audit log.
#[derive(Default)]
pub(crate) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// What happened in the company, the newest first, as far back as it may see: its entitlement `auditRetentionDays`. For
    /// super admins. What is looked at for it counts among what the request may show, ten records as one.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all unless said.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Entries of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<AuditEventConnection> {
        let asked = Asked::of(ctx)?;
        let size = |first| page::size("first", first, asked.engine.limits());
        let first = first.map_or(Ok(PAGE_SIZE_DEFAULT), size)?;
        let filter = filter.unwrap_or_default().read()?;
        let is_first = after.is_none();
        let request = AuditRequest { filter, first, after };
        // Taken before anything is read, so that many at once cannot read more; what was not needed is given back.
        let most = asked.engine.limits().audit_reads_max.div_ceil(RECORDS_PER_UNIT).max(first);
        asked.snapshot.charge(most)?;
        let page = asked.engine.audit(&asked.operation(None, false), request).await?;
        let used = page.read.div_ceil(RECORDS_PER_UNIT).max(page.entries.len());
        asked.snapshot.give_back(most.saturating_sub(used));
        let edges = page.entries.iter().zip(page.cursors);
        let edges = edges
            .map(|(entry, cursor)| AuditEventEdge { cursor, node: AuditEvent::of(entry, asked.snapshot) });
        Ok(AuditEventConnection { edges: edges.collect(), next: page.next, is_first })
    }

    /// How far the company's log and its security events have come, signed with this installation's key. For super admins.
    async fn audit_head(&self, ctx: &Context<'_>) -> Result<AuditHead> {
        let asked = Asked::of(ctx)?;
        let (head, signed) = asked.engine.audit_head(&asked.operation(None, false)).await?;
        let public_keys = serde_json::to_string(&asked.engine.public_keys());
        Ok(AuditHead {
            at: DateTime(head.at),
            log_seq: head.log.seq.0,
            log_hash: scalar::hexadecimal(&head.log.hash),
            security_seq: head.security.seq.0,
            security_hash: scalar::hexadecimal(&head.security.hash),
            signed,
            public_keys: public_keys.map_err(mortise_engine::Error::internal)?,
        })
    }
}
