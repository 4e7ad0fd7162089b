//! A seeded company as whoever asks it sees it: what filters can name.

use mortise_engine::Engine;
use mortise_engine::context::Principal;
use mortise_engine::id::{LabelId, MemberId, StateId, TeamId, TenantId};
use mortise_engine::model::StateCategory;

/// See the module. Every list has something in it once the company is founded.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) tenant: TenantId,
    pub(crate) teams: Vec<TeamId>,
    /// Who wrote and was given issues.
    pub(crate) people: Vec<MemberId>,
    /// Who moves issues.
    pub(crate) movers: Vec<MemberId>,
    pub(crate) labels: Vec<LabelId>,
    pub(crate) states: Vec<(StateId, StateCategory)>,
}

impl Company {
    /// Reads the small tables.
    pub(crate) async fn of(engine: &Engine, tenant: TenantId) -> anyhow::Result<Self> {
        let directory = engine.reader(&Principal::trusted_system(tenant)).await?.directory().clone();
        let (movers, people) = directory.members().partition::<Vec<_>, _>(|member| member.is_active());
        let ids = |members: Vec<_>| {
            members
                .into_iter()
                .map(|member: &std::sync::Arc<mortise_engine::model::Member>| member.id)
                .collect()
        };
        let states = directory.workflows().flat_map(|workflow| &workflow.states);
        Ok(Self {
            tenant,
            teams: directory.teams().map(|team| team.id).collect(),
            people: ids(people),
            movers: ids(movers),
            labels: directory.labels().map(|label| label.id).collect(),
            states: states.map(|state| (state.id, state.category)).collect(),
        })
    }

    /// The program that holds the company, asking for itself.
    pub(crate) const fn us(&self) -> Principal {
        Principal::trusted_system(self.tenant)
    }
}
