//! What holds when things go wrong between a change and its answer, and when two ask at once.

mod archive;
mod audit;
mod branding;
mod checkpoint;
mod damage;
mod entitlements;
mod erasing;
mod eviction;
mod founding;
mod gate;
mod histories;
mod hooks;
mod importing;
mod life;
mod live;
mod lost;
mod mail;
mod past;
mod people;
mod placement;
mod platform;
mod plugins;
mod relations;
mod search;
mod sessions;
mod settings;
mod sign_in;
mod taken_up;
mod views;
mod visibility;
mod workflows;

use crate::command::issue::CreateIssue;
use crate::context::{OpContext, Principal};
use crate::engine::Engine;
use crate::engine::Founded;
use crate::id::{IssueId, TeamId};
use crate::identity::Password;
use crate::model::{Placement, Tier};
use crate::platform::{FirstAdmin, NewTenant};
use crate::storage::StoreKind;
use std::path::Path;

const PASSWORD: &str = "a long enough passphrase";

struct World {
    engine: Engine,
    founded: Founded,
    team: TeamId,
}

impl World {
    async fn found(folder: &Path) -> Self {
        Self::found_by(Engine::builder(folder)).await
    }

    async fn found_by(builder: crate::engine::EngineBuilder) -> Self {
        Self::found_as(builder, Tier::Platinum).await
    }

    async fn found_as(builder: crate::engine::EngineBuilder, tier: Tier) -> Self {
        let engine = Box::pin(builder.store(StoreKind::Fjall).open()).await.unwrap();
        let admin = FirstAdmin {
            email: "ana@acme.test".into(),
            name: "Ana".into(),
            password: Some(Password::new(PASSWORD.to_owned())),
        };
        let new = NewTenant::new("acme", "Acme").with_tier(tier).with_team("ENG").with_admin(admin);
        // In the store that tests can get at, whatever the tier.
        let new = new.with_placement(Placement::Shard(0));
        let founded = engine.create_tenant(new).await.unwrap();
        let team = founded.team.unwrap();
        Self { engine, founded, team }
    }

    fn cx(&self) -> OpContext {
        cx(&self.founded)
    }

    async fn issue(&self, description: Option<String>) -> IssueId {
        let command = CreateIssue { title: "One".into(), description, ..CreateIssue::in_team(self.team) };
        self.engine.execute(self.cx(), command).await.unwrap().issue().unwrap()
    }
}

fn cx(founded: &Founded) -> OpContext {
    OpContext::new(Principal::trusted_system(founded.tenant.id))
}

async fn create(engine: &Engine, founded: &Founded, title: &str) -> IssueId {
    let command = CreateIssue { title: title.into(), ..CreateIssue::in_team(founded.team.unwrap()) };
    engine.execute(cx(founded), command).await.unwrap().issue().unwrap()
}
