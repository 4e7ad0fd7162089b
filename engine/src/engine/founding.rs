//! Founding tenants: the record first, then the data key and the first rows, then the record again, which says that all of it
//! is there.
//!
//! It does not know who may: the embedding program does, and those who run the platform come by `provision`.

use super::named_request::NamedRequest;
use super::people::member_of;
use super::undertakings::came_to;
use super::{Engine, settings, to_the_end};
use crate::access::Action;
use crate::command::member::AddMember;
use crate::command::team::CreateTeam;
use crate::command::{Command, World};
use crate::context::{OpContext, Principal};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Origin, Subject};
use crate::id::{MemberId, TeamId, TenantId};
use crate::model::{Role, Tenant, Tier, Undertaking};
use crate::platform::NewTenant;
use crate::tenant::{LiveTenant, News};
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
        came_to(record.id, "begun");
        let (live, admin, team) = match self.build(&record, new).await {
            Ok(built) => built,
            Err(error) => {
                if let Err(left) = Box::pin(self.abandon(&record)).await {
                    tracing::warn!(tenant.id = %record.id, error = ?left, "something of an unfinished tenant is left behind; trying again later");
                    self.0.undertakings.wake();
                }
                return Err(error);
            }
        };
        came_to(record.id, "built");
        let request = request.unwrap_or_else(NamedRequest::nameless);
        record.founding = Some(request.founding(live.applied(), admin, team));
        record.undertaking = None;
        let saved = self.0.platform.save_tenant(record).await;
        if saved.is_err() {
            // It may be there or not: looked at again, it is left in peace or removed.
            self.0.undertakings.wake();
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
