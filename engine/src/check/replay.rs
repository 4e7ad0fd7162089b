//! Replaying the log: the rows that must follow from it.

use super::CheckReport;
use crate::directory::{Directory, DirectoryRow, KeyOwner};
use crate::event::{Event, EventBody, IssueChange, Subject};
use crate::id::{CommentId, IssueId};
use crate::model::{Comment, EntitlementKey, EntitlementOverride, Issue, Tier};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows that follow from the log.
#[derive(Default)]
pub(crate) struct Replay {
    pub(crate) issues: FxHashMap<IssueId, Issue>,
    /// Hashes of the descriptions that lie beside their rows.
    pub(super) long_texts: FxHashMap<IssueId, blake3::Hash>,
    pub(crate) comments: FxHashMap<CommentId, Comment>,
    pub(super) directory: Directory,
    /// The newest tier that was sold, or founded with.
    pub(super) tier: Option<Tier>,
    /// What was agreed in place of what the tier includes.
    pub(super) agreed: BTreeMap<EntitlementKey, EntitlementOverride>,
    /// Things of which an event's body was erased: their rows no longer follow from the log.
    pub(super) erased: FxHashSet<Subject>,
}

impl Replay {
    /// Takes the next event.
    pub(crate) fn take(&mut self, event: &Event, report: &mut CheckReport) {
        let Some(body) = &event.body else {
            report.erased = report.erased.saturating_add(1);
            self.erased.insert(event.subject);
            return;
        };
        match body {
            EventBody::IssueCreated { issue, description } => {
                self.text(issue.id, description.as_deref());
                let mut row = Issue::clone(issue);
                row.set_description(description.as_deref());
                if self.issues.insert(issue.id, row).is_some() {
                    report.differs(format!("event {} makes issue {} a second time", event.seq, issue.id));
                }
            }
            EventBody::LabelSaved { after, .. } => self.row(DirectoryRow::Label(Arc::new((**after).clone()))),
            EventBody::MemberSaved { after, .. } => {
                self.row(DirectoryRow::Member(Arc::new((**after).clone())))
            }
            EventBody::TeamSaved { after, .. } => self.row(DirectoryRow::Team(Arc::new((**after).clone()))),
            EventBody::WorkflowSaved { after, .. } => {
                self.row(DirectoryRow::Workflow(Arc::new((**after).clone())))
            }
            EventBody::WorkflowVersionSaved { after, .. } => {
                self.row(DirectoryRow::WorkflowVersion(Arc::new((**after).clone())))
            }
            EventBody::ViewSaved { after, .. } => self.row(DirectoryRow::View(Arc::new((**after).clone()))),
            EventBody::FavoritesSaved { after, .. } => {
                self.row(DirectoryRow::Favorites(Arc::new(after.clone())))
            }
            EventBody::KeyCreated { member, .. } | EventBody::KeyRevoked { member } => {
                if let Subject::Key(key) = event.subject {
                    let revoked = matches!(body, EventBody::KeyRevoked { .. });
                    self.row(DirectoryRow::Key(KeyOwner { key, member: *member, revoked }));
                }
            }
            EventBody::SecondFactorSaved { member, on } => self.row(DirectoryRow::SecondFactor(*member, *on)),
            EventBody::ProviderSaved { after, .. } => {
                self.row(DirectoryRow::Provider(Arc::new((**after).clone())))
            }
            EventBody::AccessSaved { after, .. } => self.row(DirectoryRow::Access(Arc::new(after.clone()))),
            EventBody::VisitBegan { visit } | EventBody::VisitEnded { visit } => {
                self.row(DirectoryRow::Visit(Arc::new((**visit).clone())))
            }
            EventBody::InvitationSaved { after, .. } => {
                self.row(DirectoryRow::Invitation(Arc::new((**after).clone())))
            }
            EventBody::InvitationForgotten => {
                if let Subject::Invitation(id) = event.subject {
                    self.row(DirectoryRow::InvitationGone(id));
                }
            }
            EventBody::PluginCodeSaved { code } => {
                self.row(DirectoryRow::PluginCode(Arc::new((**code).clone())))
            }
            EventBody::InstallationSaved { after, .. } => {
                self.row(DirectoryRow::Installation(Arc::new((**after).clone())))
            }
            EventBody::TenantCreated { tier, .. } | EventBody::TierChanged { after: tier, .. } => {
                self.tier = Some(*tier);
            }
            EventBody::EntitlementAgreed { key, after, .. } => {
                self.agreed.remove(key);
                self.agreed.extend(after.clone().map(|agreed| (*key, agreed)));
            }
            // They make no row that follows from the log alone.
            EventBody::SessionRevoked { .. }
            | EventBody::MemberLinked { .. }
            | EventBody::TenantStatusChanged { .. }
            | EventBody::Announced { .. }
            | EventBody::FirstAdminInvited { .. }
            | EventBody::SecuritySealed { .. }
            | EventBody::BrandingSaved { .. }
            | EventBody::DomainSaved { .. }
            | EventBody::PluginDoneAgain { .. }
            | EventBody::PluginAddressChanged => {}
            EventBody::IssueUpdated { .. }
            | EventBody::CommentCreated { .. }
            | EventBody::CommentEdited { .. }
            | EventBody::CommentDeleted { .. } => self.about_issue(event, body, report),
        }
    }

    fn row(&mut self, row: DirectoryRow) {
        self.directory.apply(row);
    }

    fn about_issue(&mut self, event: &Event, body: &EventBody, report: &mut CheckReport) {
        let Subject::Issue(id) = event.subject else {
            return report.differs(format!("event {} names no issue", event.seq));
        };
        if self.erased.contains(&event.subject) {
            return;
        }
        let Some(issue) = self.issues.get_mut(&id) else {
            return report.differs(format!("event {} is about issue {id}, which was never made", event.seq));
        };
        if event.previous != Some(issue.last_event) {
            report.differs(format!(
                "event {} does not lead back to event {} of its issue",
                event.seq, issue.last_event
            ));
        }
        issue.take(event);
        match body {
            EventBody::IssueUpdated { changes } => {
                for change in changes {
                    if let IssueChange::Description { to, .. } = change {
                        self.text(id, to.as_deref());
                    }
                }
            }
            EventBody::CommentCreated { comment } => {
                self.comments.insert(comment.id, Comment::clone(comment));
            }
            EventBody::CommentEdited { comment, body } => {
                if let Some(row) = self.comments.get_mut(comment) {
                    row.edit(body, event.at);
                }
            }
            EventBody::CommentDeleted { comment, .. } => {
                if let Some(row) = self.comments.get_mut(comment) {
                    row.delete(event.at);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, issue: IssueId, text: Option<&str>) {
        match text.filter(|text| text.len() > Issue::DESCRIPTION_INLINE_MAX) {
            Some(text) => self.long_texts.insert(issue, blake3::hash(text.as_bytes())),
            None => self.long_texts.remove(&issue),
        };
    }
}
