//! The folder of the catalogue, and what of it is in memory. Blocks.
//!
//! What nobody signed who may is not offered. That a version was withdrawn holds all the same: whoever runs the platform did
//! that, and may do it because a key is trusted no more.

use super::{CatalogueEntry, Withdrawal};
use crate::manifest::Version;
use crate::service::config::{make_folder, write_whole};
use crate::service::known::Known;
use crate::service::{Inspection, PluginsConfig};
use crate::signing::{PublicKey, Signature};
use mortise_engine::model::{Digest, Installation, PluginOrigin};
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, Result};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Versions in the catalogue, all plugins together.
const ENTRIES_MAX: usize = 500;

/// Bytes of a page: a manifest has at most 64 KiB.
const PAGE_BYTES_MAX: u64 = 256 << 10;

/// The page of a version.
#[derive(Serialize, Deserialize)]
struct Page {
    manifest: String,
    size: u64,
    imports: Vec<String>,
    signature: String,
    published_at: String,
    withdrawn: Option<WithdrawnPage>,
}

#[derive(Serialize, Deserialize)]
struct WithdrawnPage {
    reason: String,
    stops: bool,
    at: String,
}

/// An entry with what is kept of it.
#[derive(Debug, Clone)]
struct Kept {
    entry: CatalogueEntry,
    imports: Vec<String>,
    signature: Signature,
    /// A key that is configured signed it.
    is_signed: bool,
}

/// What is in memory.
#[derive(Debug, Default)]
struct Shelf {
    /// By plugin and version, newest first.
    entries: Vec<Kept>,
    /// Why code is not run any more, whoever signed it.
    stopped: BTreeMap<Digest, String>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Catalogue {
    folder: PathBuf,
    keys: Vec<PublicKey>,
    shelf: RwLock<Shelf>,
    /// One change at a time.
    turn: Mutex<()>,
}

impl Catalogue {
    /// Reads the folder. Pages that cannot be read are left out, and what nobody who may signed is not offered; the log says so.
    pub(in crate::service) fn open(config: &PluginsConfig) -> Result<Self> {
        let folder = config.data.join("catalogue");
        make_folder(&folder).map_err(unavailable)?;
        let catalogue = Self {
            folder,
            keys: config.catalogue_keys.clone(),
            shelf: RwLock::default(),
            turn: Mutex::new(()),
        };
        let mut shelf = Shelf::default();
        for file in fs::read_dir(&catalogue.folder).map_err(unavailable)?.take(4 * ENTRIES_MAX) {
            let path = file.map_err(unavailable)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let found = read(&path).and_then(|(digest, page)| {
                if let Some(withdrawn) = page.withdrawn.as_ref().filter(|withdrawn| withdrawn.stops) {
                    // It holds, whatever else is the matter with the page.
                    shelf.stopped.insert(digest, not_run("it", &withdrawn.reason));
                }
                catalogue.kept(digest, page)
            });
            match found {
                Ok(kept) if shelf.entries.len() < ENTRIES_MAX => {
                    if !kept.is_signed {
                        tracing::warn!(
                            ?path,
                            "no key that is configured signed this version: it is not offered"
                        );
                    }
                    shelf.put(kept);
                }
                Ok(_) => tracing::warn!(?path, "the catalogue of plugins is full; this page is left out"),
                Err(error) => tracing::warn!(?path, ?error, "a page of the catalogue of plugins is left out"),
            }
        }
        sort(&mut shelf.entries);
        *catalogue.shelf.write() = shelf;
        Ok(catalogue)
    }

    /// The entry of a page.
    fn kept(&self, digest: Digest, page: Page) -> Result<Kept> {
        let signature: Signature =
            page.signature.parse().map_err(|_| Error::invalid("signature", "it is no signature"))?;
        let key = self.expect_signed(&digest, &page.manifest, &signature).ok();
        let known = Known::read(&page.manifest)?;
        let time = |text: &str| text.parse::<Timestamp>().map_err(|e| Error::invalid("page", e.to_string()));
        let withdrawn = match page.withdrawn {
            None => None,
            Some(w) => Some(Withdrawal { reason: w.reason, stops: w.stops, at: time(&w.at)? }),
        };
        let (published_at, size) = (time(&page.published_at)?, page.size);
        let signed_by = key.map(|key| key.fingerprint()).unwrap_or_default();
        let entry = CatalogueEntry {
            withdrawn,
            ..entry(&known, digest, size, page.manifest, published_at, signed_by)
        };
        Ok(Kept { entry, imports: page.imports, signature, is_signed: key.is_some() })
    }

    /// The key that signed this component with this manifest, of those that may.
    pub(in crate::service) fn expect_signed(
        &self,
        digest: &Digest,
        manifest: &str,
        signature: &Signature,
    ) -> Result<PublicKey> {
        let signed = |key: &&PublicKey| key.verify(&digest.0, manifest.as_bytes(), signature).is_ok();
        self.keys.iter().find(signed).copied().ok_or_else(|| {
            let why = if self.keys.is_empty() {
                "no key is configured that may sign for the catalogue"
            } else {
                "it is not signed by a key that may sign for the catalogue, or was changed since"
            };
            Error::invalid("signature", why)
        })
    }

    /// All entries that somebody signed who may, by plugin and version, newest first.
    pub(in crate::service) fn entries(&self) -> Vec<CatalogueEntry> {
        let shelf = self.shelf.read();
        shelf.entries.iter().filter(|kept| kept.is_signed).map(|kept| kept.entry.clone()).collect()
    }

    /// Why an installation is not run any more.
    pub(crate) fn stopped(&self, installation: &Installation) -> Option<String> {
        self.stopped_code(installation.origin, installation.digest)
    }

    /// Why code is not run any more.
    pub(in crate::service) fn stopped_code(&self, origin: PluginOrigin, digest: Digest) -> Option<String> {
        if origin != PluginOrigin::Curated {
            return None;
        }
        self.shelf.read().stopped.get(&digest).cloned()
    }

    /// The bytes of a version, which are those that were signed for.
    pub(in crate::service) fn bytes(&self, digest: Digest) -> Result<Arc<[u8]>> {
        let bytes = fs::read(self.folder.join(format!("{digest}.wasm"))).map_err(unavailable)?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes.into());
        }
        Err(Error::internal(format!("the catalogue's file of {digest} was changed")))
    }

    /// Offers a version; one that was withdrawn only when it is said so (`again`). Signed by another key it is theirs from then
    /// on.
    pub(in crate::service) fn put(
        &self,
        inspection: &Inspection,
        wasm: &[u8],
        signature: &Signature,
        now: Timestamp,
        again: bool,
    ) -> Result<CatalogueEntry> {
        let _turn = self.turn.lock();
        let key = self.expect_signed(&inspection.digest, &inspection.manifest, signature)?;
        let known = Known::read(&inspection.manifest)?;
        let (digest, manifest) = (inspection.digest, inspection.manifest.clone());
        let mut entry = entry(&known, digest, inspection.size, manifest, now, key.fingerprint());
        let (there, is_full) = {
            let shelf = self.shelf.read();
            (shelf.version(&entry.plugin, &entry.version).cloned(), shelf.entries.len() >= ENTRIES_MAX)
        };
        match there {
            Some(there) if there.entry.digest != digest => {
                let message =
                    format!("version {} is there with other code: raise the version", entry.version);
                return Err(Error::conflict(message).with_field("version"));
            }
            Some(there) => match &there.entry.withdrawn {
                Some(withdrawal) if !again => return Err(was_withdrawn(&entry.version, withdrawal)),
                Some(_) => {}
                None if there.is_signed && there.signature == *signature => return Ok(there.entry),
                None => entry.published_at = there.entry.published_at,
            },
            None if is_full => {
                let message = format!("the catalogue has at most {ENTRIES_MAX} versions");
                return Err(Error::rejected(message));
            }
            None => {}
        }
        let imports = inspection.imports.clone();
        let kept = Kept { entry: entry.clone(), imports, signature: *signature, is_signed: true };
        write_whole(&self.folder.join(format!("{digest}.wasm")), wasm).map_err(unavailable)?;
        self.keep(kept)?;
        Ok(entry)
    }

    /// Offers a version no more. One that was stopped stays so, whatever is said this time, until it is offered again.
    pub(in crate::service) fn withdraw(
        &self,
        plugin: &str,
        version: &str,
        withdrawal: Withdrawal,
    ) -> Result<CatalogueEntry> {
        let _turn = self.turn.lock();
        let kept = self.shelf.read().version(plugin, version).cloned();
        let shown: String = plugin.chars().take(100).collect();
        let mut kept =
            kept.ok_or_else(|| Error::not_found(format!("this version of `{shown}` in the catalogue")))?;
        let stopped = kept.entry.withdrawn.as_ref().is_some_and(|before| before.stops);
        kept.entry.withdrawn = Some(Withdrawal { stops: withdrawal.stops || stopped, ..withdrawal });
        let entry = kept.entry.clone();
        self.keep(kept)?;
        Ok(entry)
    }

    /// Writes the page of an entry, then has it in memory.
    fn keep(&self, kept: Kept) -> Result<()> {
        let entry = &kept.entry;
        let page = Page {
            manifest: entry.manifest.clone(),
            size: entry.size,
            imports: kept.imports.clone(),
            signature: kept.signature.to_string(),
            published_at: entry.published_at.to_string(),
            withdrawn: entry.withdrawn.as_ref().map(|w| WithdrawnPage {
                reason: w.reason.clone(),
                stops: w.stops,
                at: w.at.to_string(),
            }),
        };
        let page = serde_json::to_vec_pretty(&page).map_err(Error::internal)?;
        write_whole(&self.folder.join(format!("{}.json", entry.digest)), &page).map_err(unavailable)?;
        let mut shelf = self.shelf.write();
        shelf.put(kept);
        sort(&mut shelf.entries);
        Ok(())
    }
}

impl Shelf {
    /// This version; rather as somebody signed it who may.
    fn version(&self, plugin: &str, version: &str) -> Option<&Kept> {
        let same = |kept: &&Kept| kept.entry.plugin == plugin && kept.entry.version == version;
        self.entries.iter().filter(same).max_by_key(|kept| kept.is_signed)
    }

    /// Has an entry in place of what is there of the same code. It is for the caller to sort them.
    fn put(&mut self, kept: Kept) {
        let entry = &kept.entry;
        match entry.withdrawn.as_ref().filter(|withdrawal| withdrawal.stops) {
            Some(withdrawal) => {
                let why = not_run(&format!("version {}", entry.version), &withdrawal.reason);
                self.stopped.insert(entry.digest, why);
            }
            None => {
                self.stopped.remove(&entry.digest);
            }
        }
        self.entries.retain(|other| other.entry.digest != entry.digest);
        self.entries.push(kept);
    }
}

/// The page in a file, and the code that it is of.
fn read(path: &Path) -> Result<(Digest, Page)> {
    if fs::metadata(path).map_err(unavailable)?.len() > PAGE_BYTES_MAX {
        return Err(Error::invalid("page", "it is too long"));
    }
    let page: Page = serde_json::from_slice(&fs::read(path).map_err(unavailable)?)
        .map_err(|error| Error::invalid("page", error.to_string()))?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Ok((stem.parse()?, page))
}

fn not_run(what: &str, reason: &str) -> String {
    format!("{what} was withdrawn and is not run: {reason}")
}

fn was_withdrawn(version: &str, withdrawal: &Withdrawal) -> Error {
    let runs = if withdrawal.stops { " and is not run" } else { "" };
    let message = format!(
        "version {version} was withdrawn{runs}: {}; to offer it again all the same say so: --again, or `?again=true`",
        withdrawal.reason
    );
    Error::rejected(message).with_field("again")
}

fn entry(
    known: &Known,
    digest: Digest,
    size: u64,
    text: String,
    published_at: Timestamp,
    signed_by: String,
) -> CatalogueEntry {
    let manifest = &known.manifest;
    CatalogueEntry {
        plugin: manifest.id.clone(),
        name: manifest.name.clone(),
        version: manifest.version.to_string(),
        description: manifest.description.clone(),
        digest,
        size,
        hooks: crate::service::inspection::hooks(manifest),
        permissions: crate::service::inspection::permissions(manifest),
        asks_for: manifest.asked().iter().map(ToString::to_string).collect(),
        settings_schema: known.schema().clone(),
        manifest: text,
        published_at,
        signed_by,
        withdrawn: None,
    }
}

/// By plugin, the newest version first.
fn sort(entries: &mut [Kept]) {
    let version = |kept: &Kept| kept.entry.version.parse::<Version>().ok();
    entries.sort_by(|one, other| {
        let by_version = version(other).cmp(&version(one));
        one.entry.plugin.cmp(&other.entry.plugin).then(by_version)
    });
}

fn unavailable(error: std::io::Error) -> Error {
    Error::unavailable("the catalogue of plugins cannot be read or written").with_source(error)
}
