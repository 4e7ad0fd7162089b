//! The draft: what a command proposes to write. Only an [`Authorized`] thing can enter it, and only a draft can be
//! committed.
//!
//! A draft knows no sequence numbers and no bytes: stamping gives its facts their places in the log and makes
//! the rows that follow from them, with the same functions that replay the log.

mod branding;
mod platform;
mod plugin;
mod preview;
mod security;
mod sign_in;
mod stamp;

pub use plugin::PluginRecord;
pub(crate) use preview::About;
pub use preview::ProposedIssue;
pub use security::SecurityDropped;
pub use sign_in::NewKey;
pub(crate) use stamp::Stamp;
pub use stamp::{RowWrite, Stamped};

use crate::access::Authorized;
use crate::error::{Error, ErrorCode, Exceeded};
use crate::event::{Actor, Amendment, EventBody, IssueChange, Subject};
use crate::id::{ApiKeyId, MailId, OneTimeId, ProviderId, SessionId};
use crate::model::{
    Comment, EntitlementKey, EntitlementOverride, Issue, Label, Member, MigrationEnd, Team, Workflow,
    WorkflowVersion,
};
use crate::outbox::OutboxMail;
use crate::saved_view::{Favorites, SavedView};
use crate::time::Timestamp;
use std::sync::Arc;

/// A proposed change: facts in order, and what to answer.
#[derive(Debug, Default)]
pub struct Draft {
    facts: Vec<Fact>,
    records: Vec<SideRecord>,
    subjects: Vec<Subject>,
    errors: Vec<UserError>,
}

/// One proposed fact.
#[derive(Debug, Clone)]
struct Fact {
    subject: Subject,
    body: EventBody,
    /// The issue as it is now, when the fact is about one that exists.
    issue: Option<Arc<Issue>>,
    /// The comment as it is now, when the fact is about one that exists.
    comment: Option<Arc<Comment>>,
    /// When and by whom it happened, where that is not here and now (imports).
    happened: Option<(Timestamp, Actor)>,
    /// Which plugins amended it.
    amended: Vec<Amendment>,
}

/// A record that belongs to a change and is not derived from its facts: secrets never enter the log.
#[derive(Debug, Clone, PartialEq)]
pub enum SideRecord {
    /// The hash of a member's password, in PHC form; none takes it away.
    Password(crate::id::MemberId, Option<String>),
    /// An API key, as the bytes of its record.
    ApiKey(ApiKeyId, Vec<u8>),
    /// A session, as the bytes of its row.
    Session(SessionId, Vec<u8>),
    /// A member's second factor, as the bytes of its row.
    SecondFactor(crate::id::MemberId, Vec<u8>),
    /// A one-time token, as the bytes of its record; none when it is spent.
    OneTime(OneTimeId, Option<Vec<u8>>),
    /// Something kept beside an identity provider under this name, as bytes; none when it is gone.
    BesideProvider(ProviderId, [u8; 16], Option<Vec<u8>>),
    /// A message to be sent, with the place it takes in the outbox.
    Mail(MailId, OutboxMail),
    /// Security events that are no longer kept.
    SecurityDropped(SecurityDropped),
    /// What the host of plugins keeps.
    Plugin(PluginRecord),
}

/// A refusal of one part of a request, beside the parts that went through.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct UserError {
    /// The code's word, such as `NOT_FOUND`.
    #[n(0)]
    pub code: String,
    /// The sentence for the caller.
    #[n(1)]
    pub message: String,
    /// The field at fault.
    #[n(2)]
    pub field: Option<String>,
    /// Which item of a bulk request it is about, from 0.
    #[n(3)]
    pub index: Option<u32>,
    /// What there is no more of, if that is why.
    #[n(4)]
    pub exceeded: Option<Exceeded>,
}

impl UserError {
    /// A refusal as a form shows it: once for each field that it marks; and once for none, where no field says what it
    /// says as a whole.
    #[must_use]
    pub fn all_of(error: &Error) -> Vec<Self> {
        let whole = Self::from(error);
        if error.fields().is_empty() {
            return vec![whole];
        }
        let said = |message: &String| if message.is_empty() { error.message() } else { message }.to_owned();
        let marked: Vec<_> = error.fields().iter().map(|(field, message)| (field, said(message))).collect();
        let alone = marked.iter().all(|(_, message)| *message != whole.message);
        let alone = alone.then(|| Self { field: None, ..whole.clone() });
        let of = |(field, message): (&String, String)| Self {
            field: Some(field.clone()),
            message,
            ..whole.clone()
        };
        alone.into_iter().chain(marked.into_iter().map(of)).collect()
    }

    /// The refusal of the item with this place in a bulk request, as [`UserError::all_of`].
    pub fn of_item(error: &Error, index: usize) -> impl Iterator<Item = Self> {
        let index = u32::try_from(index).ok();
        Self::all_of(error).into_iter().map(move |one| Self { index, ..one })
    }

    /// The code; `INTERNAL` for a word this version does not know.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        ErrorCode::ALL.into_iter().find(|c| c.as_str() == self.code).unwrap_or(ErrorCode::Internal)
    }
}

impl From<&Error> for UserError {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            field: error.field().map(str::to_owned),
            index: error.item(),
            exceeded: error.exceeded().cloned(),
        }
    }
}

impl Draft {
    /// An empty draft: it changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.records.is_empty()
    }

    /// How many facts it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// What the answer speaks of, in the order of the request.
    #[must_use]
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// The parts of the request that were refused.
    #[must_use]
    pub fn errors(&self) -> &[UserError] {
        &self.errors
    }

    /// Records beside the facts.
    #[must_use]
    pub fn records(&self) -> &[SideRecord] {
        &self.records
    }

    /// Says that the answer speaks of this, though nothing about it may have changed.
    pub fn answer_with(&mut self, subject: Subject) {
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
    }

    /// Notes the refusal of one part of the request.
    pub fn refuse(&mut self, error: UserError) {
        self.errors.push(error);
    }

    /// Sets or takes away the password of a member whose row may be written.
    pub fn set_password(&mut self, permit: &Authorized<Arc<Member>>, hash: Option<String>) {
        self.records.push(SideRecord::Password(permit.resource().id, hash));
    }

    /// A new issue of a team in which issues may be made.
    pub fn create_issue(&mut self, _team: Authorized<Arc<Team>>, issue: Issue, description: Option<String>) {
        let subject = Subject::Issue(issue.id);
        self.push(subject, EventBody::IssueCreated { issue: Box::new(issue), description });
    }

    /// Changes of an issue that may be written. No changes: nothing is written.
    pub fn update_issue(&mut self, permit: Authorized<Arc<Issue>>, changes: Vec<IssueChange>) {
        let issue = permit.into_resource();
        let subject = Subject::Issue(issue.id);
        self.answer_with(subject);
        if !changes.is_empty() {
            let body = EventBody::IssueUpdated { changes };
            self.push_fact(subject, body, Some(issue), None);
        }
    }

    /// A new comment on an issue that may be commented on.
    pub fn create_comment(&mut self, permit: Authorized<Arc<Issue>>, comment: Comment) {
        let issue = permit.into_resource();
        self.push_about_issue(issue, None, EventBody::CommentCreated { comment: Box::new(comment) });
    }

    /// The new text of a comment that may be edited.
    pub fn edit_comment(&mut self, issue: Arc<Issue>, permit: Authorized<Arc<Comment>>, body: String) {
        let comment = permit.into_resource();
        self.push_about_issue(
            issue,
            Some(comment.clone()),
            EventBody::CommentEdited { comment: comment.id, body },
        );
    }

    /// The deletion of a comment that may be deleted.
    pub fn delete_comment(&mut self, issue: Arc<Issue>, permit: Authorized<Arc<Comment>>) {
        let comment = permit.into_resource();
        self.push_about_issue(
            issue,
            Some(comment.clone()),
            EventBody::CommentDeleted { comment: comment.id, author: Some(comment.author) },
        );
    }

    /// A label as it becomes.
    pub fn save_label(&mut self, permit: Authorized<Option<Arc<Label>>>, after: Label) {
        let before = permit.into_resource().map(|l| Box::new(Label::clone(&l)));
        self.push(Subject::Label(after.id), EventBody::LabelSaved { before, after: Box::new(after) });
    }

    /// A member as they become.
    pub fn save_member(&mut self, permit: Authorized<Option<Arc<Member>>>, after: Member) {
        let before = permit.into_resource().map(|m| Box::new(Member::clone(&m)));
        self.push(Subject::Member(after.id), EventBody::MemberSaved { before, after: Box::new(after) });
    }

    /// A team as it becomes.
    pub fn save_team(&mut self, permit: Authorized<Option<Arc<Team>>>, after: Team) {
        let before = permit.into_resource().map(|t| Box::new(Team::clone(&t)));
        self.push(Subject::Team(after.id), EventBody::TeamSaved { before, after: Box::new(after) });
    }

    /// A workflow as it becomes.
    pub fn save_workflow(&mut self, permit: Authorized<Option<Arc<Workflow>>>, after: Workflow) {
        let before = permit.into_resource().map(|w| Box::new(Workflow::clone(&w)));
        let subject = Subject::Workflow(after.id);
        self.push(subject, EventBody::WorkflowSaved { before, after: Box::new(after), end: None });
    }

    /// A workflow whose issues are no longer on their way, and how that ended.
    pub fn end_migration(
        &mut self,
        permit: Authorized<Option<Arc<Workflow>>>,
        after: Workflow,
        end: MigrationEnd,
    ) {
        let before = permit.into_resource().map(|w| Box::new(Workflow::clone(&w)));
        let subject = Subject::Workflow(after.id);
        self.push(subject, EventBody::WorkflowSaved { before, after: Box::new(after), end: Some(end) });
    }

    /// A version of a workflow that may be written, as it becomes.
    pub fn save_version(
        &mut self,
        permit: &Authorized<Arc<Workflow>>,
        before: Option<&Arc<WorkflowVersion>>,
        after: WorkflowVersion,
    ) {
        let workflow = permit.resource().id;
        let before = before.map(|v| Box::new(WorkflowVersion::clone(v)));
        // A permit for one workflow writes no version of another.
        let after = Box::new(WorkflowVersion { workflow, ..after });
        self.push(Subject::Workflow(workflow), EventBody::WorkflowVersionSaved { before, after });
    }

    /// A view as it becomes.
    pub fn save_view(&mut self, permit: Authorized<Option<Arc<SavedView>>>, after: SavedView) {
        let before = permit.into_resource().map(|v| Box::new(SavedView::clone(&v)));
        self.push(Subject::View(after.id), EventBody::ViewSaved { before, after: Box::new(after) });
    }

    /// The views that a member keeps at hand, as they become; the member's own affair.
    pub fn save_favorites(
        &mut self,
        permit: &Authorized<Arc<Member>>,
        before: Option<Favorites>,
        views: Vec<crate::id::ViewId>,
    ) {
        let member = permit.resource().id;
        let after = Favorites { member, views };
        self.push(Subject::Member(member), EventBody::FavoritesSaved { before, after });
    }

    /// The founding of the tenant.
    pub(crate) fn found_tenant(
        &mut self,
        tenant: crate::id::TenantId,
        name: String,
        tier: crate::model::Tier,
    ) {
        self.push(Subject::Tenant, EventBody::TenantCreated { name, tier, tenant: Some(tenant) });
    }

    /// The tenant's tier as it becomes; decided by those who run the platform.
    pub(crate) fn change_tier(
        &mut self,
        _permit: &Authorized<()>,
        before: crate::model::Tier,
        after: crate::model::Tier,
    ) {
        self.push(Subject::Tenant, EventBody::TierChanged { before, after });
    }

    /// What was agreed with the tenant instead of what its tier includes; decided by those who run the platform.
    pub(crate) fn agree(
        &mut self,
        _permit: &Authorized<()>,
        key: EntitlementKey,
        before: Option<EntitlementOverride>,
        after: Option<EntitlementOverride>,
    ) {
        self.push(Subject::Tenant, EventBody::EntitlementAgreed { key, before, after });
    }

    /// What would happen, in order, without its place in the log.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &EventBody> {
        self.facts.iter().map(|fact| &fact.body)
    }

    /// Says when and by whom the newest fact happened, where that is not here and now.
    pub(crate) fn happened(&mut self, at: Timestamp, actor: Actor) {
        if let Some(fact) = self.facts.last_mut() {
            fact.happened = Some((at, actor));
        }
    }

    fn push(&mut self, subject: Subject, body: EventBody) {
        self.answer_with(subject);
        self.push_fact(subject, body, None, None);
    }

    fn push_about_issue(&mut self, issue: Arc<Issue>, comment: Option<Arc<Comment>>, body: EventBody) {
        let subject = Subject::Issue(issue.id);
        self.answer_with(subject);
        self.push_fact(subject, body, Some(issue), comment);
    }

    fn push_fact(
        &mut self,
        subject: Subject,
        body: EventBody,
        issue: Option<Arc<Issue>>,
        comment: Option<Arc<Comment>>,
    ) {
        self.facts.push(Fact { subject, body, issue, comment, happened: None, amended: Vec::new() });
    }
}
