//! What an embedding program decides: folders, keys, and how much the plugins of a company may use. It knows no plugin.

use crate::host::{Budget, HostConfig, UploadLimits};
use crate::manifest::Manifest;
use crate::outgoing::{HostPolicy, Lanes, Outgoing, OutgoingBounds};
use crate::signing::PublicKey;
use mortise_engine::model::Tier;
use mortise_engine::{Error, Result};
use mortise_outbound::{Allowed, Outbound};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bucket::CpuRate;

/// The file that holds the key of addresses of installations: without it, all of them are others.
const ADDRESS_KEY_FILE: &str = "addresses.key";

/// Requests of one company on their way at once, those that wait for it, and companies that have any.
const LANES: (usize, usize, usize) = (4, 64, 10_000);

/// The file that holds the key of compiled artifacts.
const KEY_FILE: &str = "artifacts.key";

/// How the plugins of an engine are set up. Everything has a bound; the defaults suit two cores and 4 GiB.
#[derive(Debug, Clone)]
pub struct PluginsConfig {
    /// The folder of compiled code and of the catalogue. Made if it is missing, for this user only.
    pub data: PathBuf,
    /// How guests are run.
    pub host: HostConfig,
    /// What the plugins of a company may use, by its tier.
    pub limits: TierLimits,
    /// Who may sign for the catalogue. With none it stays empty.
    pub catalogue_keys: Vec<PublicKey>,
    /// Whether requests of plugins may go to this machine and into private networks: for tests. Default: no.
    pub private_networks: bool,
    /// How often what is known of runs is written without being asked for. Default 2 s.
    pub write_every: Duration,
}

impl PluginsConfig {
    /// The defaults in this folder. The key that marks compiled code as ours is read from there, or drawn. `worker` is the
    /// program that compiles uploads, with its arguments: see [`worker_main`](crate::worker_main).
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the folder cannot be made, or the key not kept.
    pub fn in_folder(data: impl Into<PathBuf>, worker: Vec<OsString>) -> Result<Self> {
        let data = data.into();
        let key = kept_key(&data, KEY_FILE)
            .map_err(|error| Error::unavailable("the folder of plugins cannot be used").with_source(error))?;
        Ok(Self {
            host: HostConfig::new(data.join("code"), key, worker),
            data,
            limits: TierLimits::default(),
            catalogue_keys: Vec::new(),
            private_networks: false,
            write_every: Duration::from_secs(2),
        })
    }

    /// What sends requests of plugins. Reads files.
    pub(super) fn outgoing(&self) -> Outgoing {
        let (each, waiting, companies) = LANES;
        let outbound = Outbound::new(Allowed { private_addresses: self.private_networks });
        let policy = HostPolicy { private_networks: self.private_networks };
        Outgoing::new(outbound, Lanes::new(each, waiting, companies), policy, OutgoingBounds::default())
    }

    /// The key that addresses of installations are sealed with.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it cannot be kept.
    pub(super) fn address_key(&self) -> Result<[u8; 32]> {
        kept_key(&self.data, ADDRESS_KEY_FILE)
            .map_err(|error| Error::unavailable("the folder of plugins cannot be used").with_source(error))
    }
}

/// What a call is for: it decides what it may use, and which turns it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A hook inside somebody's own request.
    Workflow,
    /// What happens after a change, or at a time.
    Automation,
    /// The same, by a plugin that talks to others.
    Integration,
}

/// What plugins may use in one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLimit {
    /// One call of a workflow hook.
    pub workflow: Budget,
    /// One call of an automation.
    pub automation: Budget,
    /// One call of a plugin that talks to others.
    pub integration: Budget,
    /// CPU time of all workflow hooks of a company together.
    pub workflow_cpu: CpuRate,
    /// CPU time of all else.
    pub cpu: CpuRate,
    /// Bytes that one installation keeps in its key-value room.
    pub kv_bytes: u64,
    /// What an upload may be made of.
    pub upload: UploadLimits,
    /// The same where it was agreed with a company that it may upload large ones: the word `large` among its plugins. For
    /// languages that bring their interpreter.
    pub large: UploadLimits,
}

/// The limits of each tier that has plugins. Basic has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLimits {
    /// Premium: what the catalogue offers.
    pub premium: TierLimit,
    /// Platinum: its own as well.
    pub platinum: TierLimit,
}

impl Default for TierLimits {
    fn default() -> Self {
        let premium = TierLimit {
            workflow: Budget::workflow(),
            automation: Budget::automation(),
            integration: Budget::integration(),
            workflow_cpu: CpuRate::per_minute(Duration::from_secs(2)),
            cpu: CpuRate::per_minute(Duration::from_secs(10)),
            kv_bytes: 10 << 20,
            upload: UploadLimits::curated(),
            large: UploadLimits::large(),
        };
        let platinum = TierLimit {
            cpu: CpuRate::per_minute(Duration::from_secs(30)),
            kv_bytes: 50 << 20,
            upload: UploadLimits::own(),
            ..premium.clone()
        };
        Self { premium, platinum }
    }
}

impl TierLimits {
    /// What holds in this tier. A company below Premium that was agreed plugins has what Premium has.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> &TierLimit {
        match tier {
            Tier::Basic | Tier::Premium => &self.premium,
            Tier::Platinum => &self.platinum,
        }
    }
}

impl TierLimit {
    /// What one call of this class may use.
    #[must_use]
    pub const fn budget(&self, class: Class) -> &Budget {
        match class {
            Class::Workflow => &self.workflow,
            Class::Automation => &self.automation,
            Class::Integration => &self.integration,
        }
    }

    /// The same for a plugin that asks for so many MiB of memory: less than the tier gives, if that is less.
    #[must_use]
    pub fn budget_for(&self, class: Class, memory_mib: Option<u32>) -> Budget {
        let mut budget = self.budget(class).clone();
        budget.memory_bytes = budget.memory_bytes.min(asked_bytes(memory_mib));
        budget
    }

    /// Refuses a plugin that asks for more memory than any call of it is given.
    ///
    /// # Errors
    ///
    /// `REJECTED`, with what the tier gives.
    pub(crate) fn expect_memory(&self, tier: Tier, manifest: &Manifest) -> Result<()> {
        let hooks = &manifest.hooks;
        let decides = hooks.next_states || !hooks.amend.is_empty() || !hooks.validate.is_empty();
        let acts =
            !hooks.events.is_empty() || !manifest.schedules.is_empty() || hooks.inbound || hooks.lifecycle;
        let acting = if manifest.permissions.reach_out() { Class::Integration } else { Class::Automation };
        let classes = [(decides, Class::Workflow), (acts, acting)];
        let given = classes.into_iter().filter(|(takes_part, _)| *takes_part);
        let given = given.map(|(_, class)| self.budget(class).memory_bytes).max().unwrap_or_default();
        match manifest.memory_mib {
            Some(mib) if asked_bytes(Some(mib)) > given => {
                let message = format!(
                    "{} asks for {mib} MiB of memory, and the tier {tier} gives {} MiB to what it takes part in",
                    manifest.id,
                    given >> 20
                );
                Err(Error::rejected(message).with_field("manifest.limits.memory-mib"))
            }
            _ => Ok(()),
        }
    }

    /// How fast the CPU time of this class comes back.
    #[must_use]
    pub const fn cpu_rate(&self, class: Class) -> CpuRate {
        match class {
            Class::Workflow => self.workflow_cpu,
            Class::Automation | Class::Integration => self.cpu,
        }
    }
}

/// The memory that a plugin asks for, in bytes; without bound where it does not say.
fn asked_bytes(memory_mib: Option<u32>) -> usize {
    memory_mib.and_then(|mib| usize::try_from(mib).ok()).map_or(usize::MAX, |mib| mib.saturating_mul(1 << 20))
}

/// The key of this name in this folder, drawn when there is none.
fn kept_key(data: &Path, name: &str) -> std::io::Result<[u8; 32]> {
    make_folder(data)?;
    let path = data.join(name);
    if let Ok(bytes) = fs::read(&path)
        && let Ok(key) = bytes.try_into()
    {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(std::io::Error::other)?;
    write_whole(&path, &key)?;
    Ok(key)
}

/// Makes a folder that nobody else looks into.
pub(super) fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file as a whole or not at all: beside it first, then in its place. Nobody else may read it.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        drop(fs::remove_file(&beside));
    }
    moved?;
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}
