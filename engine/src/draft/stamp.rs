//! Stamping: a draft's facts get their places in the log, and the rows that follow from them are made.

use super::{Draft, Fact};
use crate::directory::{DirectoryRow, KeyOwner};
use crate::event::{Actor, Event, EventBody, IssueChange, Origin, Subject};
use crate::id::{CommentId, IssueId, MemberId};
use crate::model::{Comment, Issue, Seq};
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A row as it was and as it becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum RowWrite {
    /// An issue.
    Issue {
        /// As it was; none when it is new.
        before: Option<Arc<Issue>>,
        /// As it becomes.
        after: Arc<Issue>,
        /// Its whole new description, when that changed; the inner none takes it away.
        description: Option<Option<String>>,
    },
    /// A comment.
    Comment {
        /// As it was; none when it is new.
        before: Option<Arc<Comment>>,
        /// As it becomes.
        after: Arc<Comment>,
    },
    /// A row of a small table, as it becomes.
    Directory(DirectoryRow),
}

/// A draft in its place: the events, and the rows as they are after the last of them.
#[derive(Debug, Clone, Default)]
pub struct Stamped {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The rows. An issue and a comment is here once, whatever happened to it; a row of a small table as often as it was
    /// saved, in that order.
    pub rows: Vec<RowWrite>,
}

/// What all facts of one change have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    /// The place of the last event before this change.
    pub(crate) after: Seq,
    /// Now.
    pub(crate) now: Timestamp,
    /// Who does it.
    pub(crate) actor: Actor,
    /// By which way it came in.
    pub(crate) origin: Origin,
    /// The request it is part of.
    pub(crate) request: uuid::Uuid,
}

impl Draft {
    /// Gives the facts their places and makes the rows that follow from them.
    pub(crate) fn stamp(self, stamp: Stamp) -> Stamped {
        let mut rows = Rows::default();
        let mut events = Vec::with_capacity(self.facts.len());
        let mut seq = stamp.after;
        for fact in self.facts {
            seq = seq.next();
            let (at, actor) = fact.happened.unwrap_or((stamp.now, stamp.actor));
            let Fact { subject, mut body, issue, comment, amended, .. } = fact;
            let before = rows.take(subject, &mut body, issue, comment, (seq, at));
            events.push(Event {
                seq,
                at,
                recorded_at: stamp.now,
                actor,
                origin: stamp.origin,
                request: stamp.request,
                subject,
                previous: before.map(|before| before.event),
                updated_before: before.map(|before| before.updated_at),
                amended,
                body: Some(body),
            });
        }
        Stamped { events, rows: rows.finish() }
    }
}

/// The rows of one change while they are made: a later fact sees what an earlier one did.
#[derive(Default)]
struct Rows {
    issues: FxHashMap<IssueId, IssueRow>,
    comments: FxHashMap<CommentId, (Option<Arc<Comment>>, Comment)>,
    directory: Vec<DirectoryRow>,
}

/// What a fact about an issue comes after.
#[derive(Clone, Copy)]
struct Before {
    event: Seq,
    updated_at: Timestamp,
}

struct IssueRow {
    before: Option<Arc<Issue>>,
    after: Issue,
    description: Option<Option<String>>,
}

impl Rows {
    /// Takes one fact into the rows; answers what was before it about the same issue.
    fn take(
        &mut self,
        subject: Subject,
        body: &mut EventBody,
        issue: Option<Arc<Issue>>,
        comment: Option<Arc<Comment>>,
        (seq, at): (Seq, Timestamp),
    ) -> Option<Before> {
        match body {
            EventBody::IssueCreated { issue, description } => {
                // The fact holds the description once, beside the row.
                issue.last_event = seq;
                issue.set_description(None);
                let mut after = Issue::clone(issue);
                after.set_description(description.as_deref());
                let row = IssueRow {
                    before: None,
                    after,
                    description: description.is_some().then(|| description.clone()),
                };
                self.issues.insert(issue.id, row);
                None
            }
            EventBody::IssueUpdated { changes } => self.issue(issue, |row| {
                for change in changes.iter_mut() {
                    match change {
                        IssueChange::Description { to, bytes_before } => {
                            *bytes_before = Some(row.after.description_bytes);
                            row.description = Some(to.clone());
                        }
                        IssueChange::State { before, .. } => *before = Some(Box::new(row.after.dates())),
                        _ => {}
                    }
                }
                row.after.apply(changes, seq, at);
            }),
            EventBody::CommentCreated { comment } => {
                self.comments.insert(comment.id, (None, Comment::clone(comment)));
                let author = comment.author;
                self.issue(issue, |row| row.after.commented(author, seq, at))
            }
            EventBody::CommentEdited { body, .. } => {
                self.comment(comment, |row| row.edit(body, at));
                self.issue(issue, |row| row.after.touch(seq, at))
            }
            EventBody::CommentDeleted { author, .. } => {
                let author = *author;
                self.comment(comment, |row| row.delete(at));
                self.issue(issue, |row| row.after.uncommented(author, seq, at))
            }
            EventBody::LabelSaved { after, .. } => {
                self.directory(DirectoryRow::Label(Arc::new((**after).clone())))
            }
            EventBody::MemberSaved { after, .. } => {
                self.directory(DirectoryRow::Member(Arc::new((**after).clone())))
            }
            EventBody::TeamSaved { after, .. } => {
                self.directory(DirectoryRow::Team(Arc::new((**after).clone())))
            }
            EventBody::WorkflowSaved { after, .. } => {
                self.directory(DirectoryRow::Workflow(Arc::new((**after).clone())))
            }
            EventBody::WorkflowVersionSaved { after, .. } => {
                self.directory(DirectoryRow::WorkflowVersion(Arc::new((**after).clone())))
            }
            EventBody::ViewSaved { after, .. } => {
                self.directory(DirectoryRow::View(Arc::new((**after).clone())))
            }
            EventBody::FavoritesSaved { after, .. } => {
                self.directory(DirectoryRow::Favorites(Arc::new(after.clone())))
            }
            EventBody::KeyCreated { member, .. } => self.key(subject, *member, false),
            EventBody::KeyRevoked { member } => self.key(subject, *member, true),
            EventBody::SecondFactorSaved { member, on } => {
                self.directory(DirectoryRow::SecondFactor(*member, *on))
            }
            EventBody::ProviderSaved { after, .. } => {
                self.directory(DirectoryRow::Provider(Arc::new((**after).clone())))
            }
            EventBody::AccessSaved { after, .. } => {
                self.directory(DirectoryRow::Access(Arc::new(after.clone())))
            }
            EventBody::VisitBegan { visit } | EventBody::VisitEnded { visit } => {
                self.directory(DirectoryRow::Visit(Arc::new((**visit).clone())))
            }
            EventBody::InvitationSaved { after, .. } => {
                self.directory(DirectoryRow::Invitation(Arc::new((**after).clone())))
            }
            EventBody::InvitationForgotten => match subject {
                Subject::Invitation(id) => self.directory(DirectoryRow::InvitationGone(id)),
                _ => None,
            },
            EventBody::PluginCodeSaved { code } => {
                self.directory(DirectoryRow::PluginCode(Arc::new((**code).clone())))
            }
            EventBody::InstallationSaved { after, .. } => {
                self.directory(DirectoryRow::Installation(Arc::new((**after).clone())))
            }
            EventBody::TenantCreated { .. }
            | EventBody::TierChanged { .. }
            | EventBody::EntitlementAgreed { .. }
            | EventBody::SessionRevoked { .. }
            | EventBody::MemberLinked { .. }
            | EventBody::TenantStatusChanged { .. }
            | EventBody::Announced { .. }
            | EventBody::FirstAdminInvited { .. }
            | EventBody::SecuritySealed { .. }
            | EventBody::BrandingSaved { .. }
            | EventBody::DomainSaved { .. }
            | EventBody::PluginDoneAgain { .. }
            | EventBody::PluginAddressChanged => None,
        }
    }

    fn issue(&mut self, before: Option<Arc<Issue>>, change: impl FnOnce(&mut IssueRow)) -> Option<Before> {
        let before = before?;
        let row = self.issues.entry(before.id).or_insert_with(|| IssueRow {
            after: Issue::clone(&before),
            before: Some(before),
            description: None,
        });
        let before = Before { event: row.after.last_event, updated_at: row.after.updated_at };
        change(row);
        Some(before)
    }

    fn comment(&mut self, before: Option<Arc<Comment>>, change: impl FnOnce(&mut Comment)) {
        let Some(before) = before else { return };
        let (_, after) =
            self.comments.entry(before.id).or_insert_with(|| (Some(before.clone()), Comment::clone(&before)));
        change(after);
    }

    fn key(&mut self, subject: Subject, member: MemberId, revoked: bool) -> Option<Before> {
        let Subject::Key(key) = subject else { return None };
        self.directory(DirectoryRow::Key(KeyOwner { key, member, revoked }))
    }

    fn directory(&mut self, row: DirectoryRow) -> Option<Before> {
        self.directory.push(row);
        None
    }

    fn finish(self) -> Vec<RowWrite> {
        let issues = self.issues.into_values().map(|row| RowWrite::Issue {
            before: row.before,
            after: Arc::new(row.after),
            description: row.description,
        });
        let comments = self
            .comments
            .into_values()
            .map(|(before, after)| RowWrite::Comment { before, after: Arc::new(after) });
        self.directory.into_iter().map(RowWrite::Directory).chain(issues).chain(comments).collect()
    }
}
