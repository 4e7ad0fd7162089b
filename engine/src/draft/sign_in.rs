//! What a draft takes that concerns how people and programs sign in. Secrets go beside the log, never into it.

use super::{Draft, SideRecord};
use crate::access::Authorized;
use crate::event::{EventBody, Subject};
use crate::id::{ApiKeyId, MailId, OneTimeId, ProviderId, SessionId};
use crate::model::{AccessSettings, IdentityProvider, Invitation, KeyScope, Member, Network, Visit};
use crate::outbox::OutboxMail;
use crate::time::Timestamp;
use std::sync::Arc;

/// What the log says of a new API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The id.
    pub id: ApiKeyId,
    /// How its owner calls it.
    pub name: String,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// How far it reaches.
    pub scope: KeyScope,
    /// From where it may be used; from everywhere when there are none.
    pub networks: Vec<Network>,
}

impl Draft {
    /// A new API key of a member for whom keys may be made; `record` is kept beside the log.
    pub fn create_key(&mut self, permit: &Authorized<Arc<Member>>, key: NewKey, record: Vec<u8>) {
        self.records.push(SideRecord::ApiKey(key.id, record));
        let body = EventBody::KeyCreated {
            member: permit.resource().id,
            name: key.name,
            expires_at: key.expires_at,
            scope: Some(key.scope),
            networks: Some(key.networks).filter(|networks| !networks.is_empty()),
        };
        self.push(Subject::Key(key.id), body);
    }

    /// The end of an API key of a member for whom keys may be made; `record` says that it is revoked.
    pub fn revoke_key(&mut self, permit: &Authorized<Arc<Member>>, id: ApiKeyId, record: Vec<u8>) {
        self.records.push(SideRecord::ApiKey(id, record));
        self.push(Subject::Key(id), EventBody::KeyRevoked { member: permit.resource().id });
    }

    /// The end of a session of a member whose sign-in may be changed; `row` says that it has ended.
    pub(crate) fn revoke_session(&mut self, permit: &Authorized<Arc<Member>>, id: SessionId, row: Vec<u8>) {
        self.records.push(SideRecord::Session(id, row));
        self.push(Subject::Session(id), EventBody::SessionRevoked { member: permit.resource().id });
    }

    /// A second factor of a member whose sign-in may be changed, as its row becomes; `on` when it comes into force or goes
    /// out of it.
    pub(crate) fn save_second_factor(
        &mut self,
        permit: &Authorized<Arc<Member>>,
        row: Vec<u8>,
        on: Option<bool>,
    ) {
        let member = permit.resource().id;
        self.records.push(SideRecord::SecondFactor(member, row));
        if let Some(on) = on {
            self.push(Subject::Member(member), EventBody::SecondFactorSaved { member, on });
        }
    }

    /// An identity provider as it becomes; `secret` is its client's new secret, kept beside the log.
    pub(crate) fn save_provider(
        &mut self,
        permit: Authorized<Option<Arc<IdentityProvider>>>,
        after: IdentityProvider,
        secret: Option<Vec<u8>>,
    ) {
        let before = permit.into_resource().map(|p| Box::new(IdentityProvider::clone(&p)));
        if let Some(secret) = secret {
            self.records.push(SideRecord::BesideProvider(after.id, [0; 16], Some(secret)));
        }
        self.push(Subject::Provider(after.id), EventBody::ProviderSaved { before, after: Box::new(after) });
    }

    /// Whoever a provider knows under this name is this member from now on, and nobody else there is. `link` is kept
    /// under the name, `back` under the member.
    pub(crate) fn link_member(
        &mut self,
        permit: &Authorized<Arc<Member>>,
        (provider, name): (ProviderId, [u8; 16]),
        (link, back): (Vec<u8>, Vec<u8>),
    ) {
        let member = permit.resource().id;
        self.records.push(SideRecord::BesideProvider(provider, name, Some(link)));
        self.records.push(SideRecord::BesideProvider(provider, *member.as_bytes(), Some(back)));
        let body = EventBody::MemberLinked { member, provider, undone: None };
        self.push(Subject::Member(member), body);
    }

    /// Nobody whom a provider knows is this member any more; `name` is that of who was.
    pub(crate) fn unlink_member(
        &mut self,
        permit: &Authorized<Arc<Member>>,
        (provider, name): (ProviderId, [u8; 16]),
    ) {
        let member = permit.resource().id;
        self.records.push(SideRecord::BesideProvider(provider, name, None));
        self.records.push(SideRecord::BesideProvider(provider, *member.as_bytes(), None));
        let body = EventBody::MemberLinked { member, provider, undone: Some(true) };
        self.push(Subject::Member(member), body);
    }

    /// The rules of signing in, as they become.
    pub(crate) fn save_access(&mut self, permit: Authorized<Arc<AccessSettings>>, after: AccessSettings) {
        let before = AccessSettings::clone(&permit.into_resource());
        self.push(Subject::Tenant, EventBody::AccessSaved { before, after });
    }

    /// A visit of an operator of the platform, which the embedding program vouches for.
    pub(crate) fn begin_visit(&mut self, visit: Visit) {
        let subject = Subject::Session(visit.id);
        self.push(subject, EventBody::VisitBegan { visit: Box::new(visit) });
    }

    /// The end of a visit that may be ended.
    pub(crate) fn end_visit(&mut self, permit: Authorized<Arc<Visit>>, now: Timestamp) {
        let visit = Visit { ended_at: Some(now), ..Visit::clone(&permit.into_resource()) };
        self.push(Subject::Session(visit.id), EventBody::VisitEnded { visit: Box::new(visit) });
    }

    /// An invitation as it becomes.
    pub(crate) fn save_invitation(&mut self, permit: Authorized<Option<Arc<Invitation>>>, after: Invitation) {
        let before = permit.into_resource().map(|i| Box::new(Invitation::clone(&i)));
        let subject = Subject::Invitation(after.id);
        self.push(subject, EventBody::InvitationSaved { before, after: Box::new(after) });
    }

    /// Lets an invitation go that has come to its end.
    pub(crate) fn forget_invitation(&mut self, permit: &Authorized<Arc<Invitation>>) {
        self.push(Subject::Invitation(permit.resource().id), EventBody::InvitationForgotten);
    }

    /// Keeps a one-time token, as the bytes of its record.
    pub(crate) fn issue_one_time(&mut self, id: OneTimeId, record: Vec<u8>) {
        self.records.push(SideRecord::OneTime(id, Some(record)));
    }

    /// Spends a one-time token: it is gone.
    pub(crate) fn spend_one_time(&mut self, id: OneTimeId) {
        self.records.push(SideRecord::OneTime(id, None));
    }

    /// Has a message sent once the change is durable.
    pub fn send(&mut self, mail: OutboxMail) {
        self.records.push(SideRecord::Mail(MailId::generate(), mail));
    }
}
