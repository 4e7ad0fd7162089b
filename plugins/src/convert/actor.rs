//! Who does something, as guests get it.

use super::Sight;
use crate::host::wit::{self, ActorKind};
use mortise_engine::event::{Actor, Origin};
use mortise_engine::id::MemberId;

/// Who does it. Teams that may not be told of are left out.
#[must_use]
pub(crate) fn actor(sight: &Sight, actor: Actor, origin: Origin) -> wit::Actor {
    let kind = match actor {
        _ if origin == Origin::Import => ActorKind::Importer,
        Actor::Member(_) => ActorKind::Member,
        Actor::Key(..) => ActorKind::ApiKey,
        Actor::Root(_) => ActorKind::Operator,
        Actor::System => ActorKind::System,
        Actor::Plugin(_) => ActorKind::Plugin,
    };
    let nobody = wit::Actor {
        kind,
        id: String::new(),
        display_name: String::new(),
        teams: Vec::new(),
        role: String::new(),
    };
    let member = actor.member().and_then(|id| sight.directory().member(id));
    match member {
        None => wit::Actor { id: actor.member().map(|id| id.to_string()).unwrap_or_default(), ..nobody },
        Some(member) => wit::Actor {
            id: member.id.to_string(),
            display_name: member.name.clone(),
            teams: teams_of(sight, member.id),
            role: member.role.as_str().to_owned(),
            ..nobody
        },
    }
}

/// The teams that a member belongs to, as far as they may be told of, in order.
pub(crate) fn teams_of(sight: &Sight, member: MemberId) -> Vec<String> {
    let teams = sight.directory().teams().filter(|team| team.role_of(member).is_some());
    let mut teams: Vec<_> = teams.map(|team| team.id).filter(|id| sight.team(*id).is_some()).collect();
    teams.sort_unstable();
    teams.iter().map(ToString::to_string).collect()
}
