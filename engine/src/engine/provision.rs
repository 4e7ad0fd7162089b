//! What those who run the platform do with a company besides saying how it stands: they found it, invite its first super
//! admin, change its record, and put somebody down among its people.
//!
//! None of it opens a company's content: a link for a first super admin is given only while nobody has worked there, and
//! anybody else takes part when a super admin of the company says so.

use super::people::{Founded, member_of};
use super::sessions::{commit, secret};
use super::visits::NewVisit;
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Event, Subject};
use crate::id::{MemberId, TeamId, TenantId};
use crate::identity::{OneTimeRecord, Purpose, SecretText};
use crate::model::{Founding, KeyScope, Member, MemberKind, MemberStatus, Role, Seq, Tenant, Tier};
use crate::platform::{NewTenant, TenantFilter, TenantSettings};
use crate::rows::{self, PasswordRow};
use crate::storage::Batch;
use crate::tenant::LiveTenant;
use crate::time::Timestamp;
use minicbor::bytes::ByteArray;
use std::sync::Arc;

/// How long a link for a first super admin's password is good, in milliseconds: a week.
const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Events of a company as a whole that are looked at to see whether somebody has worked there.
const EVENTS_OF_PLATFORM_MAX: usize = 100;

/// By way of what such a link comes: no provider has this id.
const FIRST_ADMIN: uuid::Uuid = uuid::Uuid::max();

/// How long the visit lasts in which somebody is put down, at most.
const VISIT_MINUTES: u32 = 1;

/// A company that was founded by those who run the platform.
#[derive(Debug)]
pub struct Provisioned {
    /// What was founded.
    pub founded: Founded,
    /// The link of its first super admin, who has no password yet.
    pub invitation: Option<AdminInvitation>,
}

/// By which a first super admin chooses their password.
#[derive(Debug)]
pub struct AdminInvitation {
    /// The token of the link, for `passwordReset`. It is shown this once.
    pub token: SecretText,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Somebody to be put down among a company's people.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct NewColleague {
    /// The address they will sign in with.
    #[n(0)]
    pub email: String,
    /// How they are shown.
    #[n(1)]
    pub name: String,
    /// What they will be able to do.
    #[n(2)]
    pub role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it.
    #[n(3)]
    pub reason: String,
}

/// A request that has a name: who asks and how they call it, and what is asked.
pub(super) struct NamedRequest {
    pub(super) scope: Option<[u8; 32]>,
    pub(super) input: [u8; 32],
}

impl NamedRequest {
    /// A request of this operator. `input` is what is asked, normalised.
    pub(super) fn of(
        engine: &Engine,
        (by, operation): (&Operator, &str),
        name: Option<&str>,
        input: &impl minicbor::Encode<()>,
    ) -> Result<Self> {
        let max = engine.limits().idempotency_key_bytes_max;
        if name.is_some_and(|name| name.is_empty() || name.len() > max) {
            return Err(Error::invalid("idempotencyKey", format!("an idempotency key has 1 to {max} bytes")));
        }
        let actor = encoded(by.root())?;
        let scope = name.map(|name| {
            let mut scope = blake3::Hasher::new();
            for part in [actor.as_slice(), operation.as_bytes(), name.as_bytes()] {
                scope.update(&(part.len() as u64).to_be_bytes()).update(part);
            }
            *scope.finalize().as_bytes()
        });
        Ok(Self { scope, input: *blake3::hash(&encoded(input)?).as_bytes() })
    }

    /// A request that nobody will ask again.
    pub(super) const fn nameless() -> Self {
        Self { scope: None, input: [0; 32] }
    }

    /// How a company was founded that this request asked for.
    pub(super) fn founding(&self, seq: Seq, admin: Option<MemberId>, team: Option<TeamId>) -> Founding {
        Founding { scope: self.scope.map(ByteArray::from), input: self.input.into(), admin, team, seq }
    }
}

/// Whether a one-time token is a link of a first super admin, and somebody has worked in the company since it was founded:
/// by whatever way they came, the platform has none from then on.
pub(super) async fn is_spoilt(live: &LiveTenant, link: &OneTimeRecord) -> Result<bool> {
    if link.via() != Some(FIRST_ADMIN) {
        return Ok(false);
    }
    match &live.record().founding {
        Some(founding) => Ok(!is_untouched(live, founding.seq).await?),
        None => Ok(true),
    }
}

/// Whether nothing has happened in a company since this place of its log but what the platform did with it as a whole.
async fn is_untouched(live: &LiveTenant, since: Seq) -> Result<bool> {
    let events = live.events(since, EVENTS_OF_PLATFORM_MAX + 1).await?;
    let of_platform = |event: &Event| event.subject == Subject::Tenant && event.actor.member().is_none();
    Ok(events.len() <= EVENTS_OF_PLATFORM_MAX && events.iter().all(of_platform))
}

fn encoded(value: impl minicbor::Encode<()>) -> Result<Vec<u8>> {
    minicbor::to_vec(value).map_err(|e| Error::internal(e.to_string()))
}

impl Engine {
    /// Founds a company for those who run the platform. A super admin without a password gets a link. Asked again by the
    /// same operator under the same name, it answers the company that was founded, with a new link as long as nobody has
    /// worked there.
    ///
    /// # Errors
    ///
    /// As [`Engine::create_tenant`]; `FORBIDDEN` for a key that only reads, `CONFLICT` when the name stands for another
    /// request.
    pub async fn provision_tenant(
        &self,
        by: &Operator,
        new: NewTenant,
        name: Option<String>,
    ) -> Result<Provisioned> {
        by.expect(KeyScope::Write, "found a company")?;
        let request = NamedRequest::of(self, (by, "tenantCreate"), name.as_deref(), &Asked::of(&new))?;
        let password = new.admin.as_ref().and_then(|admin| admin.password.clone());
        let engine = self.clone();
        let work = async move {
            let founded = engine.found(new, Some(request)).await?;
            let (tenant, admin) = (founded.tenant.id, founded.admin);
            if let (true, Some(admin), Some(typed)) = (founded.replayed, admin, password.clone()) {
                engine.expect_password(tenant, admin, typed).await?;
            }
            let invitation = match admin.filter(|_| password.is_none()) {
                Some(_) => engine.link_of_first_admin(tenant).await?,
                None => None,
            };
            Ok(Provisioned { founded, invitation })
        };
        to_the_end(Box::pin(work)).await
    }

    /// Gives the first super admin of a company a new link, as long as nobody has worked there.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that only reads, `NOT_FOUND`, `REJECTED` when somebody has worked there: whoever forgot their
    /// password asks for a link of their own.
    pub async fn renew_invitation(&self, by: &Operator, tenant: TenantId) -> Result<AdminInvitation> {
        by.expect(KeyScope::Write, "invite a first super admin")?;
        let (record, engine) = (self.known_tenant(tenant)?, self.clone());
        let given = to_the_end(async move { engine.link_of_first_admin(tenant).await }).await?;
        given.ok_or_else(|| {
            let why = "its first super admin has a password, or somebody has worked there";
            Error::rejected(format!("{} needs no first super admin any more: {why}", record.slug))
        })
    }

    /// A link for the first super admin of a company in which nothing has happened since it was founded.
    async fn link_of_first_admin(&self, tenant: TenantId) -> Result<Option<AdminInvitation>> {
        let record = self.known_tenant(tenant)?;
        let live = self.live(tenant).await?;
        let _turn = live.proofs_turn().await;
        let Some((founding, admin)) = record.founding.as_ref().and_then(|f| f.admin.map(|id| (f, id))) else {
            return Ok(None);
        };
        let password = live.store().get::<PasswordRow>(&rows::password(admin)).await?;
        if password.is_some() || !is_untouched(&live, founding.seq).await? {
            return Ok(None);
        }
        let now = self.clock().now();
        let (link, token) = OneTimeRecord::issue(
            tenant,
            Purpose::PasswordReset,
            admin.uuid(),
            now.millis(),
            INVITATION_MS,
            &secret()?,
        );
        let link = link.by_way_of(FIRST_ADMIN);
        let mut batch = Batch::new();
        batch.insert(rows::one_time(link.id), &link)?;
        commit(&live, batch).await?;
        Ok(Some(AdminInvitation { token, expires_at: Timestamp::from_millis(link.expires_ms) }))
    }

    /// The companies that are meant, by slug.
    #[must_use]
    pub fn find_tenants(&self, filter: &TenantFilter) -> Vec<Arc<Tenant>> {
        self.tenants().into_iter().filter(|tenant| filter.matches(tenant)).collect()
    }

    /// The company with this id, for those who run the platform.
    #[must_use]
    pub fn tenant_by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.0.platform.tenant(id)
    }

    /// Changes a company's record: its name, language, time zone and region.
    ///
    /// # Errors
    ///
    /// As [`Engine::set_tenant_settings`]; `FORBIDDEN` for a key that only reads.
    pub async fn update_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        settings: TenantSettings,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "change a company")?;
        self.set_tenant_settings(tenant, settings).await
    }

    /// The people of a company, for those who look after them, the earliest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key below `ADMIN`, `NOT_FOUND`, `UNAVAILABLE` when the company cannot be loaded.
    pub async fn people_of(&self, by: &Operator, tenant: TenantId) -> Result<Vec<Arc<Member>>> {
        by.expect(KeyScope::Admin, "see a company's people")?;
        self.known_tenant(tenant)?;
        let directory = self.live(tenant).await?.directory();
        let mut people: Vec<_> = directory.members().cloned().collect();
        people.sort_by_key(|member| member.id);
        Ok(people)
    }

    /// Puts somebody down among a company's people. They do not take part until one of its super admins says so: the
    /// platform lets nobody in. It is a visit of its own, for a reason, in the company's sight.
    ///
    /// # Errors
    ///
    /// As [`Engine::begin_visit`] and [`AddMember`](crate::command::member::AddMember); `FORBIDDEN` for a key below `ADMIN`,
    /// and for who is no operator.
    pub async fn add_colleague(
        &self,
        by: &Operator,
        tenant: TenantId,
        new: NewColleague,
    ) -> Result<MemberId> {
        by.expect(KeyScope::Admin, "add somebody to a company's people")?;
        let root = by.root().ok_or_else(|| Error::forbidden("visit a company: only operators do"))?;
        let visit =
            NewVisit { tenant, reason: new.reason.clone(), scope: KeyScope::Read, minutes: VISIT_MINUTES };
        // The visit's token is dropped unseen.
        let (visit, _) = self.begin_visit(root, visit).await?;
        let done = self.execute(by.about(tenant), PutDown(new)).await;
        self.end_visit(tenant, visit.id).await?;
        let added = done?.subjects.iter().find_map(member_of);
        added.ok_or_else(|| Error::internal("a member was added, and the answer names none"))
    }
}

/// Puts somebody down among a company's people, who does not take part yet.
#[derive(minicbor::Encode)]
struct PutDown(#[n(0)] NewColleague);

impl Command for PutDown {
    fn operation(&self) -> &'static str {
        "memberPropose"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let NewColleague { email, name, role, .. } = &self.0;
        let permit = world.policy.authorize(Action::ManageMembers, None, None)?;
        let email = command::email("email", email)?;
        if let Some(other) = world.directory.member_by_email(&email) {
            let message = format!("{email} belongs to the member `{}`", other.name);
            return Err(Error::conflict(message).with_field("email"));
        }
        let member = Member {
            id: MemberId::generate(),
            email: Some(email),
            name: command::name("name", "the name", name, world.limits)?,
            role: *role,
            status: MemberStatus::Suspended,
            created_at: world.now,
            updated_at: world.now,
            version: 1,
            access_version: 1,
            source: None,
            kind: MemberKind::Person,
            locale: None,
            time_zone: None,
        };
        let mut draft = Draft::new();
        draft.save_member(permit, member);
        Ok(draft)
    }
}

/// What a request for a company asks, without secrets: a password is no part of what it is known by.
#[derive(minicbor::Encode)]
struct Asked<'n> {
    #[n(0)]
    slug: &'n str,
    #[n(1)]
    name: &'n str,
    #[n(2)]
    tier: Tier,
    #[n(3)]
    admin: Option<(&'n str, &'n str)>,
    #[n(4)]
    team: Option<&'n str>,
    #[n(5)]
    language: Option<crate::model::SearchLanguage>,
    #[n(6)]
    time_zone: Option<&'n str>,
    #[n(7)]
    region: Option<&'n str>,
}

impl<'n> Asked<'n> {
    fn of(new: &'n NewTenant) -> Self {
        Self {
            slug: &new.slug,
            name: &new.name,
            tier: new.tier,
            admin: new.admin.as_ref().map(|admin| (admin.email.as_str(), admin.name.as_str())),
            team: new.team.as_deref(),
            language: new.language,
            time_zone: new.time_zone.as_deref(),
            region: new.region.as_deref(),
        }
    }
}
