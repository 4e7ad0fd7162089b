//! Commands: what one can ask the engine to change, one file each.
//!
//! A command is a value of parsed domain types. It names the rows it needs ([`Command::reads`]) and decides
//! ([`Command::decide`]) what to write, from a [`World`] that does not move meanwhile. It opens no storage, reads no
//! clock and sends nothing: if something should follow, it records an event.

pub mod access;
pub mod approval;
pub mod branding;
mod circumstances;
mod colleague;
pub mod comment;
pub mod favorites;
pub mod import;
pub mod invitation;
pub mod issue;
pub mod key;
pub mod label;
pub mod member;
mod notice;
pub mod plugin;
pub mod provider;
pub mod second_factor;
mod security;
pub mod service;
pub mod session;
pub mod staged;
pub mod team;
#[cfg(test)]
mod tests;
mod text;
pub mod view;
pub mod visit;
pub mod workflow;
mod world;

pub(crate) use circumstances::Circumstances;
pub(crate) use colleague::PutDown;
pub use issue::IssueRef;
pub(crate) use security::SealSecurity;
pub(crate) use text::{body, email, line, name, time_zone};
pub(crate) use world::seen_by;
pub use world::{IssueIndex, World};

use crate::draft::Draft;
use crate::error::Result;
use crate::id::CommentId;

/// The rows a command needs before it can decide; the small tables are always there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Issues, by id or key. One that does not exist is simply absent from the world.
    pub issues: Vec<IssueRef>,
    /// Comments, with the issues they are on.
    pub comments: Vec<CommentId>,
}

/// Something one can ask the engine to change.
///
/// The encoding is the normalised input that an idempotency key is bound to.
pub trait Command: minicbor::Encode<()> + Send + Sync + 'static {
    /// The name of the operation, stable: part of the scope of an idempotency key.
    fn operation(&self) -> &'static str;

    /// The rows it needs.
    fn reads(&self) -> Reads {
        Reads::default()
    }

    /// What is to be written, or why not. Pure.
    ///
    /// # Errors
    ///
    /// Any refusal; nothing is written then.
    fn decide(&self, world: &World<'_>) -> Result<Draft>;
}

/// The member in whose name the embedding program itself makes things: nobody, the id of all zeros.
pub(crate) const fn system_member() -> crate::id::MemberId {
    crate::id::MemberId::NOBODY
}
