//! People who come by an identity provider: who they are here, and how they get their tokens.
//!
//! The protocol is spoken elsewhere; what it has proven arrives as [`Vouched`]. A person is known by the provider's name
//! for them once they have come; before that by their address, if the provider may vouch for it.

use super::people::member_of;
use super::sessions::{Begin, Client, Tokens, active, commit, encoded};
use super::sign_in::used_up;
use super::{Engine, to_the_end};
use crate::command::invitation::{AcceptInvitation, is_backed};
use crate::command::member::AddMember;
use crate::command::provider::LinkMember;
use crate::context::{OpContext, Principal};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Origin, Subject};
use crate::id::{MemberId, ProviderId, TenantId};
use crate::identity::{Holder, NoteKey, OneTimeRecord, Purpose, SecretHash, SecretText};
use crate::model::{IdentityProvider, Invitation, Role, Tenant};
use crate::rows::{self, BesideProvider};
use crate::security::{SecurityKind, SecurityNote};
use crate::storage::Batch;
use crate::tenant::LiveTenant;
use crate::time::Timestamp;
use std::sync::Arc;

/// How long the tokens of somebody who came by a provider may be fetched, in milliseconds.
const FETCH_MS: i64 = 60 * 1000;

/// Bytes of a provider's name for a person.
const SUBJECT_BYTES_MAX: usize = 255;

/// A provider with all that is needed to speak with it.
pub struct ProviderAccess {
    /// The company.
    pub tenant: Arc<Tenant>,
    /// The provider.
    pub provider: Arc<IdentityProvider>,
    /// The secret of its client.
    pub client_secret: Option<SecretText>,
    /// This company's key for what a browser carries between the two halves of signing in.
    pub notes: NoteKey,
}

impl std::fmt::Debug for ProviderAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderAccess").field("provider", &self.provider.id).finish_non_exhaustive()
    }
}

/// What a provider has said of a person, its signature and everything around it checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Its name for them.
    pub subject: String,
    /// Their address, if the provider says that it is theirs.
    pub verified_email: Option<String>,
    /// How they are called.
    pub name: Option<String>,
    /// What the provider's domain claim says, if it has one.
    pub domain: Option<String>,
    /// What the client that began this named itself by: who fetches the tokens must show it again. As in RFC 7636 it is the
    /// hash of a secret that the client keeps, and the program that takes the secret makes it.
    pub challenge: String,
}

impl Engine {
    /// The providers by which the people of a company sign in; none of a company that is not there.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the company cannot be loaded.
    pub async fn sign_in_providers(&self, company: &str) -> Result<Vec<Arc<IdentityProvider>>> {
        let known = self.tenant_by_slug(company).filter(|tenant| tenant.lets_people_in());
        let Some(tenant) = known else { return Ok(Vec::new()) };
        let directory = self.live(tenant.id).await?.directory();
        let there = directory.providers().filter(|provider| provider.deleted_at.is_none());
        let mut providers: Vec<_> = there.cloned().collect();
        providers.sort_by_key(|provider| provider.id);
        Ok(providers)
    }

    /// A provider of a company, to speak with it.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when there is none, or the company is not open.
    pub async fn provider_access(&self, tenant: TenantId, provider: ProviderId) -> Result<ProviderAccess> {
        let record = self.0.platform.tenant(tenant).filter(|tenant| tenant.lets_people_in());
        let record = record.ok_or_else(no_way_in)?;
        let live = self.live(tenant).await?;
        let provider = open_provider(&live, provider)?;
        let beside = live.store().get::<BesideProvider>(&rows::provider_secret(provider.id)).await?;
        let client_secret = match beside {
            Some(BesideProvider::Secret(secret)) => secret.map(SecretText::of_client),
            _ => None,
        };
        let notes = NoteKey::new(&live.store().derive_key("mortise sign-in by a provider 1"));
        Ok(ProviderAccess { tenant: record, provider, client_secret, notes })
    }

    /// Lets somebody in whom a provider has vouched for: answers a token by which their client fetches their tokens within
    /// a minute, once. Who is not there yet becomes a member, if the provider creates members.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`, with what to do.
    pub async fn sign_in_by_provider(
        &self,
        tenant: TenantId,
        provider: ProviderId,
        vouched: Vouched,
        client: Client,
    ) -> Result<SecretText> {
        let engine = self.clone();
        to_the_end(async move {
            let live = engine.live(tenant).await?;
            let provider = open_provider(&live, provider)?;
            let member = engine.vouched_member(&live, &provider, &vouched).await.inspect_err(|error| {
                if error.code() != ErrorCode::Unavailable {
                    let note = SecurityNote::new(SecurityKind::SignInFailed).from(&client);
                    live.note(note.about(Some(Subject::Provider(provider.id))).saying(error.message()));
                }
            })?;
            let now = engine.clock().now();
            let (record, token) = engine.one_time(&live, Purpose::Provider, member.uuid(), now, FETCH_MS)?;
            let record: OneTimeRecord = record.by_way_of(provider.id.uuid()).bound_to(&vouched.challenge);
            let mut batch = Batch::new();
            batch.insert(rows::one_time(record.id), &record)?;
            commit(&live, batch).await?;
            Ok(token)
        })
        .await
    }

    /// Fetches the tokens of somebody whom a provider has vouched for, for the client that began it: `challenge` is what it
    /// named itself by, [`Vouched::challenge`].
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a token that is not good, or is another client's.
    pub async fn fetch_tokens(&self, token: &str, challenge: &str, client: Client) -> Result<Tokens> {
        let (engine, token, challenge) = (self.clone(), token.to_owned(), challenge.to_owned());
        to_the_end(async move {
            let (live, presented) = engine.presented(&token).await?;
            let _turn = live.proofs_turn().await;
            let record = engine.one_time_of(&live, &presented, Purpose::Provider).await?;
            if !record.is_bound_to(&challenge) {
                return Err(used_up());
            }
            let (tenant, member) = (live.store().tenant(), MemberId::from_uuid(record.about()));
            let member = active(&live, Holder::Member { tenant, member })?;
            let mut batch = Batch::new();
            batch.delete(rows::one_time(record.id));
            commit(&live, batch).await?;
            let at = Timestamp::from_millis(record.created_ms);
            let provider = record.via().map(ProviderId::from_uuid);
            engine.begin_session(&live, Begin { member: &member, at, client: &client, provider }).await
        })
        .await
    }

    /// Who somebody is here whom a provider has vouched for.
    async fn vouched_member(
        &self,
        live: &LiveTenant,
        provider: &IdentityProvider,
        vouched: &Vouched,
    ) -> Result<MemberId> {
        let email = admissible(provider, vouched)?;
        let name = name_of(&vouched.subject);
        let _turn = live.proofs_turn().await;
        let place = rows::beside_provider(provider.id, &name);
        if let Some(BesideProvider::Link(member)) = live.store().get::<BesideProvider>(&place).await? {
            let holder = Holder::Member { tenant: live.store().tenant(), member };
            return active(live, holder).map(|member| member.id).map_err(|_| not_a_member());
        }
        let there = live.directory().member_by_email(email).cloned();
        let member = match there {
            Some(member) if member.is_active() => {
                // An address may be given to somebody else in time: then it does not speak for who had it before.
                let back = rows::beside_provider(provider.id, member.id.as_bytes());
                if live.store().get::<BesideProvider>(&back).await?.is_some() {
                    return Err(somebody_else());
                }
                member.id
            }
            Some(_) => return Err(not_a_member()),
            None => self.new_member(live, provider, email, vouched).await?,
        };
        let link = (encoded(BesideProvider::Link(member))?, encoded(BesideProvider::Name(name))?);
        live.execute(&of_us(live), &LinkMember { member, provider: provider.id, name, link }).await?;
        Ok(member)
    }

    /// A new member without a password: as their invitation says, if they have one; else with the role of a user, if the
    /// provider makes members.
    async fn new_member(
        &self,
        live: &LiveTenant,
        provider: &IdentityProvider,
        email: &str,
        vouched: &Vouched,
    ) -> Result<MemberId> {
        let max = self.limits().name_chars_max;
        let said = vouched.name.as_deref().unwrap_or_default();
        let name: String = said.chars().filter(|c| !c.is_control()).take(max).collect();
        let name = if name.trim().is_empty() { email.chars().take(max).collect() } else { name };
        let (directory, now, email) = (live.directory(), self.clock().now(), email.trim().to_lowercase());
        let asked =
            |one: &&Arc<Invitation>| one.is_open(now) && one.email == email && is_backed(&directory, one);
        let done = match directory.invitations().find(asked).map(|invitation| invitation.id) {
            Some(invitation) => {
                let accept = AcceptInvitation { invitation, name, password_hash: None, token: None };
                live.execute(&of_us(live), &accept).await?
            }
            None if provider.creates_members => {
                let add = AddMember { id: None, email, name, role: Role::User, password_hash: None };
                live.execute(&of_us(live), &add).await?
            }
            None => return Err(not_a_member()),
        };
        let added = done.subjects.iter().find_map(member_of);
        added.ok_or_else(|| Error::internal("a member was added, and the answer names none"))
    }
}

/// The address that a provider may vouch for.
fn admissible<'v>(provider: &IdentityProvider, vouched: &'v Vouched) -> Result<&'v str> {
    let refuse = |why: &str| Err(Error::new(ErrorCode::Unauthenticated, why));
    if vouched.subject.is_empty() || vouched.subject.len() > SUBJECT_BYTES_MAX {
        return refuse("the identity provider gives no usable name for you");
    }
    if provider.domain_claim.is_some() && !vouched.domain.as_deref().is_some_and(|d| provider.is_domain(d)) {
        return refuse("the identity provider knows you as somebody of another organisation");
    }
    match &vouched.verified_email {
        Some(email) if provider.vouches_for(email) => Ok(email),
        Some(_) => refuse("your address is of a domain that this company does not accept from this provider"),
        None => refuse("the identity provider does not say that your address is yours"),
    }
}

/// Where the link of a provider's name for somebody lies. Never the place of the secret, which is all zeros.
fn name_of(subject: &str) -> [u8; 16] {
    let half = SecretHash::of(subject.as_bytes()).first_half();
    if half == [0; 16] { [1; 16] } else { half }
}

fn open_provider(live: &LiveTenant, id: ProviderId) -> Result<Arc<IdentityProvider>> {
    let directory = live.directory();
    directory.provider(id).filter(|p| p.deleted_at.is_none()).cloned().ok_or_else(no_way_in)
}

fn of_us(live: &LiveTenant) -> OpContext {
    OpContext::new(Principal::trusted_system(live.store().tenant())).with_origin(Origin::Api)
}

fn no_way_in() -> Error {
    Error::new(ErrorCode::Unauthenticated, "there is no such way to sign in; ask an admin of your company")
}

fn somebody_else() -> Error {
    let message = "your identity provider knows somebody else by your address; ask an admin of your company";
    Error::new(ErrorCode::Unauthenticated, message)
}

fn not_a_member() -> Error {
    Error::new(ErrorCode::Unauthenticated, "you are no member of this company; ask an admin to add you")
}
