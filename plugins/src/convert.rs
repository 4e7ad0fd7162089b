//! Between the values of the engine and those of the contract.
//!
//! What goes to a guest passes through a [`Sight`], which knows what may be told; what comes from one is checked here and
//! answered with the field at fault. It asks no guest and decides nothing.

mod actor;
mod change;
mod edit;
mod error;
mod issue;
mod said;
mod sight;
mod word;

pub(crate) use actor::actor;
pub(crate) use actor::teams_of;
pub(crate) use change::{changes, proposal};
pub(crate) use edit::patch;
pub(crate) use error::{for_guest, in_words};
pub(crate) use issue::{Bounds, version_of};
pub(crate) use said::{denial, line, text};
pub(crate) use sight::Sight;
pub(crate) use word::{
    category, kind, kind_of, link_of, priority, priority_of, relation_word, resolution_of, state_ref,
};

#[cfg(test)]
mod tests;
