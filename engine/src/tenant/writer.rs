//! The writer's own state: where the log will stand once all that waits is durable, and what waits.
//!
//! Only the writer reads the overlay. Readers see a change when it is durable, and the overlay forgets it then.

use super::outbox_count::OutboxCount;
use crate::access::Scope;
use crate::command::IssueIndex;
use crate::directory::Directory;
use crate::draft::{RowWrite, Stamped};
use crate::entitlement::IssueCount;
use crate::filter::Link;
use crate::id::{CommentId, IssueId, TeamId};
use crate::log::ChainHash;
use crate::model::{Comment, Issue, Relation, Seq};
use crate::rows::IdempotencyRecord;
use crate::view::View;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// See the module.
pub(super) struct Writer {
    /// The writer epoch, once this writer has fenced out any before it.
    pub(super) epoch: Option<u64>,
    /// The place of the last event, durable or not.
    pub(super) head: Seq,
    /// The chain hash there.
    pub(super) chain: ChainHash,
    /// The small tables there.
    pub(super) directory: Arc<Directory>,
    /// The issues there, as they are counted against what the company may have. Only the writer changes the count; others
    /// look at it without waiting for the writer.
    pub(super) issues: Arc<Mutex<IssueCount>>,
    /// The messages that wait to be sent there, at most.
    pub(super) outbox: OutboxCount,
    /// What waits to become durable.
    pub(super) overlay: Overlay,
}

/// Rows that wait to become durable, by id, each with the place of the change that made it.
#[derive(Default)]
pub(super) struct Overlay {
    pub(super) issues: FxHashMap<IssueId, (Seq, Arc<Issue>)>,
    pub(super) comments: FxHashMap<CommentId, (Seq, Arc<Comment>)>,
    numbers: FxHashMap<(TeamId, u32), (Seq, IssueId)>,
    highest: FxHashMap<TeamId, (Seq, u32)>,
    answers: FxHashMap<[u8; 32], (Seq, Arc<IdempotencyRecord>)>,
    order: VecDeque<(Seq, Waiting)>,
}

/// What of the overlay a change put there.
enum Waiting {
    Issue(IssueId),
    Number(TeamId, u32),
    Comment(CommentId),
    Answer([u8; 32]),
}

impl Writer {
    /// Takes a change that was handed to the store.
    pub(super) fn advance(
        &mut self,
        stamped: &Stamped,
        chain: ChainHash,
        answer: Option<([u8; 32], Arc<IdempotencyRecord>)>,
    ) {
        let seq = stamped.events.last().map_or(self.head, |e| e.seq);
        self.head = seq;
        self.chain = chain;
        for row in &stamped.rows {
            match row {
                RowWrite::Issue { before, after, .. } => {
                    self.issues.lock().note(before.as_deref(), after);
                    self.overlay.issue(seq, before.is_none(), after);
                }
                RowWrite::Comment { after, .. } => self.overlay.comment(seq, after),
                RowWrite::Directory(row) => Arc::make_mut(&mut self.directory).apply(row.clone()),
            }
        }
        if let Some((scope, record)) = answer {
            self.overlay.answers.insert(scope, (seq, record));
            self.overlay.order.push_back((seq, Waiting::Answer(scope)));
        }
    }
}

impl Overlay {
    fn issue(&mut self, seq: Seq, new: bool, issue: &Arc<Issue>) {
        self.issues.insert(issue.id, (seq, issue.clone()));
        self.order.push_back((seq, Waiting::Issue(issue.id)));
        if new {
            self.numbers.insert((issue.team, issue.number), (seq, issue.id));
            let highest = self.highest.entry(issue.team).or_insert((seq, issue.number));
            *highest = (seq, highest.1.max(issue.number));
            self.order.push_back((seq, Waiting::Number(issue.team, issue.number)));
        }
    }

    fn comment(&mut self, seq: Seq, comment: &Arc<Comment>) {
        self.comments.insert(comment.id, (seq, comment.clone()));
        self.order.push_back((seq, Waiting::Comment(comment.id)));
    }

    /// The answer that waits under this scope.
    pub(super) fn answer(&self, scope: &[u8; 32]) -> Option<(Seq, Arc<IdempotencyRecord>)> {
        self.answers.get(scope).cloned()
    }

    /// Forgets what readers can see: all up to this place.
    pub(super) fn forget(&mut self, durable: Seq) {
        while self.order.front().is_some_and(|(seq, _)| *seq <= durable) {
            let Some((seq, what)) = self.order.pop_front() else { return };
            match what {
                Waiting::Issue(id) => forget(&mut self.issues, &id, seq),
                Waiting::Comment(id) => forget(&mut self.comments, &id, seq),
                Waiting::Answer(scope) => forget(&mut self.answers, &scope, seq),
                Waiting::Number(team, number) => {
                    forget(&mut self.numbers, &(team, number), seq);
                    forget(&mut self.highest, &team, seq);
                }
            }
        }
    }
}

/// Removes an entry unless a later change has replaced it.
fn forget<K: std::hash::Hash + Eq, V>(map: &mut FxHashMap<K, (Seq, V)>, key: &K, seq: Seq) {
    if map.get(key).is_some_and(|(at, _)| *at == seq) {
        map.remove(key);
    }
}

/// What the writer knows of all issues: the view, and before it what waits.
pub(super) struct PendingIndex<'a> {
    pub(super) view: &'a View,
    pub(super) overlay: &'a Overlay,
}

impl IssueIndex for PendingIndex<'_> {
    fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        match self.overlay.numbers.get(&(team, number)) {
            Some((_, id)) => Some(*id),
            None => self.view.find(team, number),
        }
    }

    fn contains(&self, id: IssueId) -> bool {
        self.overlay.issues.contains_key(&id) || self.view.contains(id)
    }

    fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        match self.overlay.issues.get(&id) {
            Some((_, issue)) => issue.parent,
            None => self.view.parent_of(id),
        }
    }

    fn shows(&self, scope: &Scope, id: IssueId) -> bool {
        match self.overlay.issues.get(&id) {
            Some((_, issue)) => scope.sees(issue),
            None => self.view.shows(scope, id),
        }
    }

    fn parts_of(&self, id: IssueId) -> Vec<IssueId> {
        let waiting = self.overlay.issues.values().map(|(_, issue)| issue);
        let joining = waiting.filter(|issue| issue.parent == Some(id)).map(|issue| issue.id);
        let settled = self.view.parts_of(id).filter(|part| !self.overlay.issues.contains_key(part));
        settled.chain(joining).collect()
    }

    fn related(&self, id: IssueId, Link { kind, reversed }: Link) -> Vec<IssueId> {
        if !reversed {
            let waiting = self.overlay.issues.get(&id).map(|(_, issue)| issue.relations.as_slice());
            let stored = waiting.unwrap_or_else(|| self.view.relations_from(id)).iter();
            return stored.filter(|relation| relation.kind == kind).map(|relation| relation.to).collect();
        }
        let wanted = Relation { kind, to: id };
        let waiting = self.overlay.issues.values().map(|(_, issue)| issue);
        let joining = waiting.filter(|issue| issue.relations.contains(&wanted)).map(|issue| issue.id);
        let settled = self.view.related_to(id, kind);
        settled.filter(|from| !self.overlay.issues.contains_key(from)).chain(joining).collect()
    }

    fn is_open(&self, id: IssueId) -> bool {
        match self.overlay.issues.get(&id) {
            Some((_, issue)) => issue.deleted_at.is_none() && !issue.category.is_terminal(),
            None => self.view.is_open(id),
        }
    }

    fn max_number(&self, team: TeamId) -> u32 {
        let waiting = self.overlay.highest.get(&team).map_or(0, |(_, n)| *n);
        waiting.max(self.view.max_number(team))
    }
}
