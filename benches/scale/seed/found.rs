//! A company before its first issue: teams, labels, and people, some of whom have left.

use anyhow::Context as _;
use mortise_engine::command::import::{IMPORT_ITEMS_MAX, ImportBatch, ImportItem};
use mortise_engine::command::member::AddMember;
use mortise_engine::command::team::CreateTeam;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Origin;
use mortise_engine::id::TenantId;
use mortise_engine::model::{Placement, Role, Tier};
use mortise_engine::{Engine, FirstAdmin, NewTenant};

use crate::shape::Shape;

/// Makes one with this slug.
pub(crate) async fn found(engine: &Engine, slug: &str, shape: &Shape) -> anyhow::Result<TenantId> {
    let admin = FirstAdmin { email: "ada@example.org".into(), name: "Ada".into(), password: None };
    let new = NewTenant::new(slug, slug).with_tier(Tier::Platinum).with_admin(admin).with_team("T0");
    // All in one store, whatever the tier: thousands of companies are measured as one machine has them.
    let new = new.with_placement(Placement::Shard(0));
    let founded = engine.create_tenant(new).await.with_context(|| format!("cannot found {slug}"))?;
    let tenant = founded.tenant.id;
    let us = || OpContext::new(Principal::trusted_system(tenant));
    for number in 1..shape.teams {
        let (key, name) = (format!("T{number}"), format!("Team {number}"));
        engine
            .execute(
                us(),
                CreateTeam { id: None, key, name, description: None, workflow: None, private: false },
            )
            .await?;
    }
    for number in 1..shape.movers {
        let (email, name) = (format!("mover{number}@example.org"), format!("Mover {number}"));
        let add = AddMember { id: None, email, name, role: Role::User, password_hash: None };
        engine.execute(us(), add).await?;
    }
    let items: Vec<ImportItem> = people(shape).chain(labels(shape)).collect();
    for items in items.chunks(IMPORT_ITEMS_MAX) {
        let batch = ImportBatch { items: items.to_vec() };
        engine.execute(us().with_origin(Origin::Import), batch).await?;
    }
    Ok(tenant)
}

fn people(shape: &Shape) -> impl Iterator<Item = ImportItem> {
    let person =
        |number| ImportItem::Person { source: source_of_person(number), name: format!("Person {number}") };
    (0..shape.people).map(person)
}

fn labels(shape: &Shape) -> impl Iterator<Item = ImportItem> {
    let color = "#5e6ad2";
    let label =
        |number| ImportItem::Label { name: name_of_label(number), color: color.into(), description: None };
    (0..shape.labels).map(label)
}

/// How an import calls a person.
pub(super) fn source_of_person(number: u32) -> String {
    format!("bench:{number}")
}

/// What a label is called.
pub(super) fn name_of_label(number: u32) -> String {
    format!("label {number}")
}
