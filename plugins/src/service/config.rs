//! What an embedding program decides: folders, keys, and how much the plugins of a company may use. It knows no plugin.

use crate::host::{Budget, HostConfig, Places, UploadLimits};
use crate::manifest::Manifest;
use crate::outgoing::{Held, HostPolicy, Lanes, Outgoing, OutgoingBounds};
use crate::signing::PublicKey;
use mortise_engine::model::Tier;
use mortise_engine::{Error, Result};
use mortise_outbound::{Allowed, Outbound, OutboundBounds};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bucket::Rate;

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
    /// `UNAVAILABLE` when the folder cannot be made, or the key not kept, not read, or damaged: what to do is said.
    pub fn in_folder(data: impl Into<PathBuf>, worker: Vec<OsString>) -> Result<Self> {
        let data = data.into();
        let key = kept_key(&data, KEY_FILE)?;
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
        let bounds = OutgoingBounds::default();
        // The sender's own bounds are the widest there are: those of a plugin's requests must be within them.
        let widest = OutboundBounds { time: bounds.time, answer_bytes: bounds.answer_bytes };
        let outbound = Outbound::within(Allowed { private_addresses: self.private_networks }, widest);
        let policy = HostPolicy { private_networks: self.private_networks };
        // A quarter of the places is never held by those who wait for others; a company holds no more than it has lanes.
        let held = Held::new(each, (self.host.other_calls.saturating_mul(3) / 4).max(1));
        Outgoing::new(outbound, Lanes::new(each, waiting, companies), policy, bounds).holding(held)
    }

    /// The key that addresses of installations are sealed with.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it cannot be kept, not be read, or is damaged.
    pub(super) fn address_key(&self) -> Result<[u8; 32]> {
        kept_key(&self.data, ADDRESS_KEY_FILE)
    }
}

/// What a call is for: it decides what it may use, and which turns it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A hook inside somebody's own request.
    Workflow,
    /// What a board shows of the next states: it may be looked at often, and takes nothing from hooks that decide.
    Board,
    /// What happens after a change, or at a time.
    Automation,
    /// The same, by a plugin that talks to others.
    Integration,
}

/// How much CPU time comes back, and how much can be saved up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuRate {
    /// CPU time that comes back in each minute.
    pub per_minute: Duration,
    /// The most that can be saved up.
    pub burst: Duration,
}

impl CpuRate {
    /// So much each minute, of which one minute can be saved up.
    #[must_use]
    pub const fn per_minute(time: Duration) -> Self {
        Self { per_minute: time, burst: time }
    }

    /// In microseconds.
    pub(super) fn units(self) -> Rate {
        Rate { per_minute: micros(self.per_minute), burst: micros(self.burst) }
    }
}

/// CPU time as it is counted.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
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
    /// CPU time of all workflow hooks of a company together; what boards show has as much again.
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
        let own = |budget: Budget| Budget { places: Places::Platinum, ..budget };
        let platinum = TierLimit {
            workflow: own(Budget::workflow()),
            automation: own(Budget::automation()),
            integration: own(Budget::integration()),
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
            Class::Workflow | Class::Board => &self.workflow,
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
            Class::Workflow | Class::Board => self.workflow_cpu,
            Class::Automation | Class::Integration => self.cpu,
        }
    }
}

/// The memory that a plugin asks for, in bytes; without bound where it does not say.
fn asked_bytes(memory_mib: Option<u32>) -> usize {
    memory_mib.and_then(|mib| usize::try_from(mib).ok()).map_or(usize::MAX, |mib| mib.saturating_mul(1 << 20))
}

/// The key of this name in this folder, drawn when there is none. One that is there and cannot be read is never replaced: all
/// that was made with it would be lost.
fn kept_key(data: &Path, name: &str) -> Result<[u8; 32]> {
    let unusable =
        |error: std::io::Error| Error::unavailable("the folder of plugins cannot be used").with_source(error);
    make_folder(data).map_err(unusable)?;
    let path = data.join(name);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|bytes: Vec<u8>| {
            let (path, length) = (path.display(), bytes.len());
            Error::unavailable(format!(
                "the key in {path} is damaged: it has {length} bytes and not 32; restore it from a backup, or remove it to have \
                 another drawn, with which nothing that was made by this one is believed"
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            getrandom::fill(&mut key).map_err(|error| unusable(std::io::Error::other(error)))?;
            write_whole(&path, &key).map_err(unusable)?;
            Ok(key)
        }
        Err(error) => {
            let path = path.display();
            let why = format!("the key in {path} cannot be read: make it readable for who runs this program");
            Err(Error::unavailable(why).with_source(error))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once_and_one_that_cannot_be_read_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let key = kept_key(folder.path(), "k").unwrap();
        assert_eq!(kept_key(folder.path(), "k").unwrap(), key);
        let path = folder.path().join("k");
        fs::write(&path, &key[..31]).unwrap();
        let damaged = kept_key(folder.path(), "k").unwrap_err();
        assert!(damaged.message().contains("31 bytes"), "{}", damaged.message());
        assert_eq!(fs::read(&path).unwrap(), &key[..31]);
        // A folder in its place is no file that can be read, whoever reads.
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let unread = kept_key(folder.path(), "k").unwrap_err();
        assert!(unread.message().contains("cannot be read"), "{}", unread.message());
        assert!(path.is_dir());
    }

    #[test]
    fn companies_of_one_tier_take_no_places_of_the_other() {
        let limits = TierLimits::default();
        for class in [Class::Workflow, Class::Board, Class::Automation, Class::Integration] {
            assert_eq!(limits.premium.budget(class).places, Places::Premium);
            assert_eq!(limits.platinum.budget(class).places, Places::Platinum);
        }
    }
}
