//! Letters to those who answer for a company: its super admins, or all its admins.

use super::World;
use crate::model::{LetterKind, Role};
use crate::outbox::OutboxMail;

/// People who are written to of one thing: each letter is a row of the change's batch, which holds 100 keys.
const READERS_MAX: usize = 20;

/// A letter of this kind to every active super admin with an address, the longest there first. `values` are filled in
/// beside their names.
pub(crate) fn to_super_admins(
    world: &World<'_>,
    kind: LetterKind,
    values: &[(&str, &str)],
) -> Vec<OutboxMail> {
    to_those(world, kind, values, |role| role == Role::SuperAdmin)
}

/// The same to every admin, super admins included.
pub(crate) fn to_admins(world: &World<'_>, kind: LetterKind, values: &[(&str, &str)]) -> Vec<OutboxMail> {
    to_those(world, kind, values, |role| role >= Role::Admin)
}

fn to_those(
    world: &World<'_>,
    kind: LetterKind,
    values: &[(&str, &str)],
    answers: impl Fn(Role) -> bool,
) -> Vec<OutboxMail> {
    let admins = world.directory.members().filter(|m| m.is_active() && answers(m.role));
    let mut admins: Vec<_> = admins.filter_map(|admin| Some((admin, admin.email.as_ref()?))).collect();
    admins.sort_by_key(|(admin, _)| admin.id);
    admins.truncate(READERS_MAX);
    let letter = |(admin, email): (&std::sync::Arc<crate::model::Member>, &String)| {
        let always = [("name", admin.name.as_str()), ("company", world.tenant.name.as_str())];
        let all = always.iter().chain(values);
        OutboxMail {
            template: kind.as_str(),
            to: email.clone(),
            values: all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    };
    admins.into_iter().map(letter).collect()
}
