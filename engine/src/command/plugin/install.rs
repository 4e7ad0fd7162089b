//! Installing a plugin: with it comes the member that it acts as.

use super::{Starts, code_or_brought, grant, permit};
use crate::access::Action;
use crate::command::{World, text};
use crate::directory::Directory;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{InstallationId, MemberId, TeamId};
use crate::model::{
    Digest, EntitlementKey, Installation, InstallationStatus, Member, MemberKind, OnFailure, PluginCode,
    PluginMode, PluginPermissions, Role, Seq,
};

/// Between the places of two installations, so that another fits in.
const ORDER_STEP: u32 = 10;

/// Installs a plugin: see [`Engine::install_plugin`](crate::Engine::install_plugin). A company has each plugin once. It acts
/// as a member of its own: a user that nobody signs in as, and that sees what users see.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct InstallPlugin {
    /// The id, chosen by the caller; else a new one.
    #[n(0)]
    pub id: Option<InstallationId>,
    /// The code.
    #[n(1)]
    pub digest: Digest,
    /// How it is shown; as its code says unless it is said.
    #[n(2)]
    pub name: Option<String>,
    /// What is granted: all that the code asks for, and nothing else.
    #[n(3)]
    pub granted: PluginPermissions,
    /// Its settings: a JSON object of at most 64 KiB that fits the plugin.
    #[n(4)]
    pub settings: String,
    /// The teams whose issues it takes part in; none: all that its member sees.
    #[n(5)]
    pub teams: Option<Vec<TeamId>>,
    /// Its place among the installations that are asked: smaller first, then older first; none: behind all that there are.
    #[n(6)]
    pub order: Option<u32>,
    /// Whether what it says counts.
    #[n(7)]
    pub mode: PluginMode,
    /// What becomes of a change when it fails.
    #[n(8)]
    pub on_failure: OnFailure,
    /// Whether it takes part at once.
    #[n(9)]
    pub enable: bool,
    /// It takes part later, for it is told first that it is there: a second command enables it. No part of the request.
    #[cbor(skip)]
    pub enable_later: bool,
    /// Code that the company would have taken before, for a rehearsal of both; elsewhere it counts for nothing.
    #[cbor(skip)]
    pub brings: Option<Box<PluginCode>>,
}

impl InstallPlugin {
    /// The installation of this code, which takes part nowhere yet and is granted nothing.
    #[must_use]
    pub fn of(digest: Digest) -> Self {
        Self {
            id: None,
            digest,
            name: None,
            granted: PluginPermissions::default(),
            settings: "{}".to_owned(),
            teams: None,
            order: None,
            mode: PluginMode::Enforce,
            on_failure: OnFailure::Closed,
            enable: false,
            enable_later: false,
            brings: None,
        }
    }

    const fn enables(&self) -> bool {
        self.enable && !self.enable_later
    }

    fn new_id(&self, world: &World<'_>) -> Result<InstallationId> {
        match self.id.filter(|id| world.directory.installation(*id).is_some()) {
            Some(id) => {
                Err(Error::conflict(format!("there is an installation {id} already")).with_field("id"))
            }
            None => Ok(self.id.unwrap_or_else(InstallationId::generate)),
        }
    }
}

impl Starts for InstallPlugin {
    const OPERATION: &'static str = "pluginInstall";

    fn acts(&self, directory: &Directory) -> bool {
        self.enables() && directory.plugin_code(self.digest).is_some_and(|code| code.acts_alone())
    }

    fn decide(&self, world: &World<'_>, head: Seq) -> Result<Draft> {
        permit(world)?;
        let code = code_or_brought(world, self.digest, self.brings.as_deref())?;
        world.entitled.require_word(EntitlementKey::Plugins, code.origin.entitlement())?;
        if let Some(other) = world.directory.installation_of(&code.plugin) {
            let message =
                format!("{} is installed already, as `{}`: upgrade that one", code.plugin, other.name);
            return Err(Error::conflict(message).with_field("digest"));
        }
        room(world)?;
        let name = self.name.as_deref().unwrap_or(&code.name);
        let name = text::line("name", "the name", name, world.limits.name_chars_max)?;
        let member = Member::new(MemberId::generate(), name.clone(), Role::User, world.now);
        let installation = Installation {
            id: self.new_id(world)?,
            plugin: code.plugin.clone(),
            name: name.into(),
            origin: code.origin,
            digest: code.digest,
            code_version: code.version.clone(),
            earlier: Vec::new(),
            hooks: code.hooks.clone(),
            granted: grant::granted(&code, &self.granted)?,
            settings: grant::settings(&self.settings)?.into(),
            teams: grant::teams(world, self.teams.as_deref())?,
            order: self.order.unwrap_or_else(|| behind_all(world)),
            mode: self.mode,
            on_failure: self.on_failure,
            status: if self.enables() { InstallationStatus::Enabled } else { InstallationStatus::Disabled },
            stopped: None,
            member: member.id,
            secrets: Vec::new(),
            created_at: world.now,
            updated_at: world.now,
            version: 1,
            acts_after: head,
            acting_stopped: None,
            secret_hosts: Vec::new(),
        };
        let mut draft = Draft::new();
        draft.answer_with(Subject::Installation(installation.id));
        let permit = world.policy.authorize(Action::ManagePlugins, None, None)?;
        draft.save_member(permit, Member { kind: MemberKind::Service, ..member });
        let permit = world.policy.authorize(Action::ManagePlugins, None, None)?;
        draft.save_installation(permit, installation);
        Ok(draft)
    }
}

/// The place behind all installations.
fn behind_all(world: &World<'_>) -> u32 {
    let there = world.directory.installations().filter(|one| one.status != InstallationStatus::Removed);
    there.map(|one| one.order).max().map_or(ORDER_STEP, |last| last.saturating_add(ORDER_STEP))
}

fn room(world: &World<'_>) -> Result<()> {
    let (max, ever_max) = (world.limits.installations_max, world.limits.installations_ever_max);
    let there = world.directory.installations().filter(|i| i.status != InstallationStatus::Removed);
    if there.count() >= max {
        let message = format!("a company has at most {max} plugins: remove one that is not needed");
        return Err(Error::rejected(message));
    }
    if world.directory.installations().count() >= ever_max {
        let message = format!("a company installs plugins at most {ever_max} times in all");
        return Err(Error::rejected(message));
    }
    Ok(())
}
