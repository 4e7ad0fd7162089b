//! An admin who does not see everything, and what is kept from them.

use crate::world::{Company, World};
use mortise_engine::command::member::AddMember;
use mortise_engine::command::team::{CreateTeam, SetTeamMember};
use mortise_engine::context::Principal;
use mortise_engine::id::{MemberId, TeamId};
use mortise_engine::model::{Role, TeamRole};

/// An admin who is a member like others.
pub(crate) async fn admin(world: &World, company: &Company, name: &str) -> Principal {
    let id = MemberId::generate();
    let (email, name) = (format!("{name}@example.com"), name.to_owned());
    let new = AddMember { id: Some(id), email, name, role: Role::Admin, password_hash: None };
    world.engine.execute(company.cx(), new).await.unwrap();
    Principal::trusted_member(company.us.tenant(), id)
}

/// A private team, `BRD`, of the plugin's member alone.
pub(crate) async fn private_team(world: &World, company: &Company) -> Company {
    let team = TeamId::generate();
    let board =
        CreateTeam { id: Some(team), name: "Board".into(), private: true, ..CreateTeam::with_key("BRD") };
    world.engine.execute(company.cx(), board).await.unwrap();
    let member = company.puppet.member;
    let join = SetTeamMember { team, member, role: Some(TeamRole::Member), if_version: None };
    world.engine.execute(company.cx(), join).await.unwrap();
    Company { team, us: company.us.clone(), puppet: company.puppet.clone() }
}
