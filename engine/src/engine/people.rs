//! Founding tenants and giving people access: what needs passwords hashed or the platform's records.

use super::named_request::NamedRequest;
use super::placement::at;
use super::{Engine, settings, to_the_end};
use crate::access::{Action, Policy};
use crate::command::member::{AddMember, SetPassword};
use crate::command::team::CreateTeam;
use crate::command::{Command, World};
use crate::context::{Client, OpContext, Principal};
use crate::draft::Draft;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Origin, Subject};
use crate::id::{MemberId, RootId, TeamId, TenantId};
use crate::identity::{Password, PasswordError, PasswordHash, Verdict};
use crate::model::{Role, Tenant, Tier, Undertaking};
use crate::platform::NewTenant;
use crate::rows::{self, PasswordRow};
use crate::tenant::{Committed, LiveTenant, News};
use std::sync::Arc;

/// A tenant that was founded.
#[derive(Debug, Clone)]
pub struct Founded {
    /// Its record.
    pub tenant: Arc<Tenant>,
    /// Its first super admin.
    pub admin: Option<MemberId>,
    /// Its first team.
    pub team: Option<TeamId>,
    /// It had been founded by the same request before.
    pub replayed: bool,
}

/// A password to be set.
#[derive(Debug)]
pub struct NewPassword {
    /// What it shall be.
    pub password: Password,
    /// What it is so far: asked of those who set their own.
    pub present: Option<Password>,
    /// Who sends it, and from where: guesses are slowed down, and told.
    pub client: Client,
}

impl From<Password> for NewPassword {
    /// For somebody else, by who may.
    fn from(password: Password) -> Self {
        Self { password, present: None, client: Client::default() }
    }
}

impl Engine {
    /// Founds a tenant: its data key, its default workflow, and, as asked, a first super admin and team. It can be seen
    /// and signed in to only when all of that is durable.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` or `CONFLICT` for the slug, address, password or key; `UNAVAILABLE` when it could not be saved, or one
    /// with this slug is being removed.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Founded> {
        let engine = self.clone();
        // Boxed: it holds all the steps of a first day, and callers hold it.
        to_the_end(async move { Box::pin(engine.found(new, None)).await }).await
    }

    pub(super) async fn found(&self, new: NewTenant, request: Option<NamedRequest>) -> Result<Founded> {
        let _turn = self.0.platform.records.lock().await;
        if let Some(before) = self.founded_before(request.as_ref()).await? {
            return Ok(before);
        }
        let slug = self.0.platform.free_slug(&new.slug).await?;
        let name = crate::command::name("name", "the company's name", &new.name, self.limits())?;
        let now = self.clock().now();
        let placement = new.placement.clone().unwrap_or_else(|| self.home_for(new.home.unwrap_or(new.tier)));
        let mut record = Tenant {
            name,
            language: new.language,
            time_zone: new.time_zone.as_deref().map(settings::zone_name).transpose()?,
            region: new.region.as_deref().map(settings::region_name).transpose()?,
            undertaking: Some(Undertaking::Founding),
            ..Tenant::new(TenantId::generate(), &slug, new.tier, placement, now)
        };
        // Said before it begins: whoever opens the folder next removes what is not founded to the end.
        self.0.platform.save_tenant(record.clone()).await?;
        at(record.id, "begun");
        let (live, admin, team) = match self.build(&record, new).await {
            Ok(built) => built,
            Err(error) => {
                if let Err(left) = Box::pin(self.abandon(&record)).await {
                    tracing::warn!(tenant.id = %record.id, error = ?left, "something of an unfinished tenant is left behind; trying again later");
                    self.0.removals.wake();
                }
                return Err(error);
            }
        };
        at(record.id, "built");
        let request = request.unwrap_or_else(NamedRequest::nameless);
        record.founding = Some(request.founding(live.applied(), admin, team));
        record.undertaking = None;
        let saved = self.0.platform.save_tenant(record).await;
        if saved.is_err() {
            // It may be there or not: looked at again, it is left in peace or removed.
            self.0.removals.wake();
        }
        Ok(Founded { tenant: saved?, admin, team, replayed: false })
    }

    /// A new tenant with its first rows, its first super admin and team.
    async fn build(
        &self,
        record: &Tenant,
        new: NewTenant,
    ) -> Result<(Arc<LiveTenant>, Option<MemberId>, Option<TeamId>)> {
        let store = self.0.tenants.found(record).await?;
        let (shared, news) = (self.0.shared.clone(), News::default());
        let live = LiveTenant::load(shared, Arc::new(record.clone()), store, news, false).await?;
        let furnished = self.furnish(&live, record, new).await;
        if furnished.is_err() {
            // Neither its index nor its checkpoint is written behind the back of who removes them.
            live.be_gone();
            live.give_up().await;
        }
        let (admin, team) = furnished?;
        Ok((live, admin, team))
    }

    /// Removes all there is of a tenant that was not founded to the end, its record last. Asked while holding `records`.
    pub(super) async fn abandon(&self, record: &Tenant) -> Result<()> {
        self.remove_all_of(record).await?;
        self.expect_nothing_of(record).await?;
        self.0.platform.remove_tenant(record).await?;
        self.0.tenants.remove(record.id);
        Ok(())
    }

    /// What the same request has founded before. Asked while holding `records`.
    async fn founded_before(&self, request: Option<&NamedRequest>) -> Result<Option<Founded>> {
        let Some(NamedRequest { scope: Some(scope), input, .. }) = request else { return Ok(None) };
        self.0.platform.read_again_if_doubtful().await?;
        let Some(tenant) = self.0.platform.tenant_by_founding(scope) else { return Ok(None) };
        match &tenant.founding {
            Some(founding) if *founding.input == *input => {
                let (admin, team) = (founding.admin, founding.team);
                Ok(Some(Founded { tenant, admin, team, replayed: true }))
            }
            _ => {
                let message =
                    "this idempotency key was used for another company: use a new key for a new one";
                Err(Error::conflict(message).with_field("idempotencyKey"))
            }
        }
    }

    /// Writes the first rows of a tenant.
    async fn furnish(
        &self,
        live: &LiveTenant,
        record: &Tenant,
        new: NewTenant,
    ) -> Result<(Option<MemberId>, Option<TeamId>)> {
        let cx = || OpContext::new(Principal::trusted_system(record.id)).with_origin(Origin::System);
        live.execute(&cx(), &FoundTenant { name: record.name.clone(), tier: record.tier }).await?;
        let mut admin = None;
        if let Some(first) = new.admin {
            let password_hash = self.hashed(first.password).await?;
            let add = AddMember {
                id: None,
                email: first.email,
                name: first.name,
                role: Role::SuperAdmin,
                password_hash: password_hash.map(|hash| hash.as_phc().to_owned()),
            };
            admin = live.execute(&cx(), &add).await?.subjects.iter().find_map(member_of);
        }
        let mut team = None;
        if let Some(key) = new.team {
            let create = CreateTeam { name: key.to_uppercase(), ..CreateTeam::with_key(key) };
            team = live.execute(&cx(), &create).await?.subjects.iter().find_map(team_of);
        }
        Ok((admin, team))
    }

    /// The tenant with this slug.
    #[must_use]
    pub fn tenant_by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.0.platform.tenant_by_slug(slug)
    }

    /// All tenants, by slug.
    #[must_use]
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.0.platform.tenants()
    }

    /// Makes an operator of the platform.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for the address or password, `CONFLICT` when the address is taken.
    pub async fn create_root(&self, email: &str, name: &str, password: Password) -> Result<RootId> {
        let email = crate::command::email("email", email)?;
        let name = crate::command::name("name", "the name", name, self.limits())?;
        let hash = self.hash(password).await?;
        self.0.platform.create_root(email, name, hash, self.clock().now()).await
    }

    /// Adds a member, with a password if one is given.
    ///
    /// # Errors
    ///
    /// As the command; `INVALID_INPUT` for a password that is too weak.
    pub async fn add_member(
        &self,
        cx: OpContext,
        mut command: AddMember,
        password: Option<Password>,
    ) -> Result<Committed> {
        self.may(&cx.principal, Action::ManageMembers, None).await?;
        if password.is_some() {
            self.may(&cx.principal, Action::ManageSignIn, None).await?;
        }
        let (tenant, typed) = (cx.principal.tenant(), password.clone());
        command.password_hash = self.hashed(password).await?.map(|hash| hash.as_phc().to_owned());
        let done = self.execute(cx, command).await?;
        let member = done.subjects.iter().find_map(member_of);
        if let (true, Some(member), Some(typed)) = (done.replayed, member, typed) {
            self.expect_password(tenant, member, typed).await?;
        }
        Ok(done)
    }

    /// Sets a member's password; all their sessions end. Who sets their own gives the present one with it.
    ///
    /// # Errors
    ///
    /// As the command; `INVALID_INPUT` for a password that is too weak, or a present one that is wrong.
    pub async fn set_password(
        &self,
        cx: OpContext,
        member: MemberId,
        new: impl Into<NewPassword> + Send,
    ) -> Result<Committed> {
        let NewPassword { password, present, client } = new.into();
        self.may(&cx.principal, Action::ManageSignIn, Some(member)).await?;
        let (tenant, typed) = (cx.principal.tenant(), password.clone());
        if cx.principal.member() == Some(member) {
            // Repeated after it was done, a request brings what is the present one by now.
            let repeated = cx.idempotency_key.is_some().then(|| password.clone());
            self.expect_present(tenant, member, (present, repeated), &client).await?;
        }
        let password_hash = self.hash(password).await?.as_phc().to_owned();
        let done = self.execute(cx, SetPassword::new(member, password_hash)).await?;
        if done.replayed {
            self.expect_password(tenant, member, typed).await?;
        }
        Ok(done)
    }

    /// Refuses who sets their own password and does not know the one they have: a session that was left open is not enough.
    async fn expect_present(
        &self,
        tenant: TenantId,
        member: MemberId,
        (present, repeated): (Option<Password>, Option<Password>),
        client: &Client,
    ) -> Result<()> {
        let field = |error: Error| error.with_field("currentPassword");
        let missing = || Error::new(ErrorCode::InvalidInput, "give your present password with the new one");
        let present = present.ok_or_else(missing).map_err(field)?;
        let live = self.live(tenant).await?;
        let member = live.directory().member(member).cloned().ok_or_else(missing)?;
        let refused = match self.expect_own_password(&live, &member, present, client).await {
            Err(error) if error.code() == ErrorCode::InvalidInput => error,
            other => return other,
        };
        let Some(again) = repeated else { return Err(field(refused)) };
        self.expect_own_password(&live, &member, again, client).await.map_err(|_| field(refused))
    }

    /// Refuses a repeated request that brings another password than the one it set. A password is no part of what an
    /// idempotency key is bound to, because a hash quick enough to compare would be quick to guess.
    pub(super) async fn expect_password(
        &self,
        tenant: TenantId,
        member: MemberId,
        typed: Password,
    ) -> Result<()> {
        let row = self.live(tenant).await?.store().get::<PasswordRow>(&rows::password(member)).await?;
        let hash = row.map(|row| PasswordHash::from_phc(row.phc));
        match self.0.passwords.verify(typed, hash.as_ref()).await.map_err(busy)? {
            Verdict::Match { .. } => Ok(()),
            Verdict::Mismatch => Err(Error::conflict(
                "this idempotency key was used for another password: use a new key for a new change",
            )
            .with_field("idempotencyKey")),
        }
    }

    /// Refuses early, before a costly hash is made for somebody who may not.
    pub(super) async fn may(
        &self,
        principal: &Principal,
        action: Action,
        owner: Option<MemberId>,
    ) -> Result<()> {
        self.may_as(&OpContext::new(principal.clone()), action, owner).await
    }

    /// The same, where more is known of who asks. A refusal is noted.
    pub(super) async fn may_as(&self, cx: &OpContext, action: Action, owner: Option<MemberId>) -> Result<()> {
        let live = self.live(cx.principal.tenant()).await?;
        let policy = Policy::of(&cx.principal, &live.record(), &live.directory())?;
        let allowed = policy.authorize(action, (), owner).map(drop);
        allowed.inspect_err(|_| live.note_refusal(cx, action.name()))
    }

    async fn hashed(&self, password: Option<Password>) -> Result<Option<PasswordHash>> {
        match password {
            Some(password) => self.hash(password).await.map(Some),
            None => Ok(None),
        }
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash> {
        password.check_policy().map_err(|weak| Error::invalid("password", weak.to_string()))?;
        self.0.passwords.hash(password).await.map_err(busy)
    }
}

/// What a failure of the password hasher means to the asker.
pub(super) fn busy(error: PasswordError) -> Error {
    match error {
        PasswordError::Busy => {
            Error::unavailable("too many people are signing in at the moment; try again in a few seconds")
        }
        other => Error::internal(other),
    }
}

pub(super) const fn member_of(subject: &Subject) -> Option<MemberId> {
    if let Subject::Member(id) = subject { Some(*id) } else { None }
}

const fn team_of(subject: &Subject) -> Option<TeamId> {
    if let Subject::Team(id) = subject { Some(*id) } else { None }
}

/// The first change of a tenant: it is founded, and has a workflow.
#[derive(Debug, minicbor::Encode)]
struct FoundTenant {
    #[n(0)]
    name: String,
    #[n(1)]
    tier: Tier,
}

impl Command for FoundTenant {
    fn operation(&self) -> &'static str {
        "tenantCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageWorkflows, None, None)?;
        let mut draft = Draft::new();
        draft.found_tenant(world.tenant.id, self.name.clone(), self.tier);
        draft.save_workflow(permit, crate::workflow::seed_workflow(world.now));
        Ok(draft)
    }
}
