//! Commands on plugins: their code, and their installations in the company.
//!
//! What the code says of itself, and whether settings fit it, was looked at before. These commands know no WebAssembly, and
//! no bytes of code: the engine writes those beside.

mod address;
mod again;
mod change;
mod code;
mod grant;
mod install;
mod remove;
mod secret;
mod state;
mod stop;
mod version;

pub use address::{ChangeAddress, expect_inbound};
pub use again::DoneAgain;
pub use change::ChangeInstallation;
pub(crate) use code::PLUGIN_PART_BYTES;
pub use code::RemovePluginCode;
pub(crate) use code::UploadPlugin;
pub use install::InstallPlugin;
pub use remove::RemoveInstallation;
pub(crate) use secret::secret_entry;
pub use secret::{RemoveSecret, SetSecret};
pub use state::{DisableInstallation, EnableInstallation};
pub use stop::{FailedAs, StopInstallation};
pub use version::{RollBackInstallation, UpgradeInstallation};

use super::{Command, World};
use crate::access::{Action, Authorized};
use crate::directory::Directory;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::InstallationId;
use crate::model::{Digest, Installation, InstallationStatus, Member, PluginCode, Seq};
use std::sync::Arc;

/// A command after which a plugin may act by itself. It is run by [`Engine`](crate::Engine)'s own function for it, which says
/// before that the company has a plugin that acts, and from where in the log on.
pub(crate) trait Starts: minicbor::Encode<()> + Send + Sync + 'static {
    /// As [`Command::operation`].
    const OPERATION: &'static str;

    /// Whether a plugin may act by itself afterwards, by what the small tables say.
    fn acts(&self, directory: &Directory) -> bool;

    /// As [`Command::decide`]; the log ended at `head` before.
    fn decide(&self, world: &World<'_>, head: Seq) -> Result<Draft>;
}

/// Such a command, with where the log ended.
#[derive(minicbor::Encode)]
pub(crate) struct Starting<C> {
    #[n(0)]
    pub(crate) command: C,
    /// No part of what was asked for.
    #[cbor(skip)]
    pub(crate) head: Seq,
}

impl<C: Starts> Command for Starting<C> {
    fn operation(&self) -> &'static str {
        C::OPERATION
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        self.command.decide(world, self.head)
    }
}

/// Leave to manage plugins; asked first, so that who may not is told nothing of what there is.
fn permit(world: &World<'_>) -> Result<Authorized<()>> {
    world.policy.authorize(Action::ManagePlugins, (), None)
}

/// An installation that is not removed.
fn existing(world: &World<'_>, id: InstallationId) -> Result<Arc<Installation>> {
    permit(world)?;
    let found = world.directory.installation(id).filter(|i| i.status != InstallationStatus::Removed);
    found.cloned().ok_or_else(|| Error::not_found(format!("installation {id}")))
}

/// Code whose bytes are there.
fn existing_code(world: &World<'_>, digest: Digest) -> Result<Arc<PluginCode>> {
    let found = world.directory.plugin_code(digest).filter(|code| code.removed_at.is_none());
    found.cloned().ok_or_else(|| Error::not_found(format!("plugin code {digest}")).with_field("digest"))
}

/// The same; in a rehearsal also code that is not there yet and that would have come before.
fn code_or_brought(
    world: &World<'_>,
    digest: Digest,
    brought: Option<&PluginCode>,
) -> Result<Arc<PluginCode>> {
    match brought.filter(|code| world.cx.dry_run && code.digest == digest) {
        Some(code) => Ok(Arc::new(code.clone())),
        None => existing_code(world, digest),
    }
}

/// Refuses a change of an installation that was read at another version.
fn expect_version(world: &World<'_>, before: &Installation, wanted: Option<u64>) -> Result<()> {
    world.expect_version(&format!("the plugin `{}`", before.name), wanted, before.version)
}

/// Adds an installation as it becomes to a draft, unless nothing about it changed.
fn save(
    world: &World<'_>,
    draft: &mut Draft,
    before: &Arc<Installation>,
    mut after: Installation,
) -> Result<()> {
    let permit = world.policy.authorize(Action::ManagePlugins, Some(before.clone()), None)?;
    draft.answer_with(Subject::Installation(after.id));
    if **before != after {
        after.version = after.version.saturating_add(1);
        after.updated_at = world.now;
        draft.save_installation(permit, after);
    }
    Ok(())
}

/// The same, where an installation is all that changes.
fn saved(world: &World<'_>, before: &Arc<Installation>, after: Installation) -> Result<Draft> {
    let mut draft = Draft::new();
    save(world, &mut draft, before, after)?;
    Ok(draft)
}

/// Adds the member of an installation as it becomes to a draft.
fn save_member(world: &World<'_>, draft: &mut Draft, before: &Arc<Member>, after: Member) -> Result<()> {
    let permit = world.policy.authorize(Action::ManagePlugins, Some(before.clone()), None)?;
    draft.save_member(permit, super::member::stamped(world, after));
    Ok(())
}

/// Refuses to touch the member of a plugin by other means than its installation, also when that was removed.
pub(super) fn is_no_app(world: &World<'_>, member: &Member) -> Result<()> {
    match world.directory.installation_of_member(member.id) {
        None => Ok(()),
        Some(installation) => {
            let message = format!(
                "`{}` is the member that the plugin {} acts as: change its installation instead",
                member.name, installation.plugin
            );
            Err(Error::rejected(message))
        }
    }
}
