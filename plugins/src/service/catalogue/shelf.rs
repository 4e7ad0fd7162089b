//! The folder of the catalogue, and what of it is in memory. Blocks.

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
use std::fs;
use std::path::PathBuf;
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
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Catalogue {
    folder: PathBuf,
    keys: Vec<PublicKey>,
    /// By plugin and version, newest first.
    entries: RwLock<Vec<Kept>>,
    /// One change at a time.
    turn: Mutex<()>,
}

impl Catalogue {
    /// Reads the folder. Pages that cannot be read, or that nobody who may signed, are left out and said in the log.
    pub(in crate::service) fn open(config: &PluginsConfig) -> Result<Self> {
        let folder = config.data.join("catalogue");
        make_folder(&folder).map_err(unavailable)?;
        let catalogue = Self {
            folder,
            keys: config.catalogue_keys.clone(),
            entries: RwLock::default(),
            turn: Mutex::new(()),
        };
        let mut entries = Vec::new();
        for file in fs::read_dir(&catalogue.folder).map_err(unavailable)?.take(4 * ENTRIES_MAX) {
            let path = file.map_err(unavailable)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match catalogue.read(&path) {
                Ok(kept) if entries.len() < ENTRIES_MAX => entries.push(kept),
                Ok(_) => tracing::warn!(?path, "the catalogue of plugins is full; this page is left out"),
                Err(error) => tracing::warn!(?path, ?error, "a page of the catalogue of plugins is left out"),
            }
        }
        sort(&mut entries);
        *catalogue.entries.write() = entries;
        Ok(catalogue)
    }

    fn read(&self, path: &std::path::Path) -> Result<Kept> {
        if fs::metadata(path).map_err(unavailable)?.len() > PAGE_BYTES_MAX {
            return Err(Error::invalid("page", "it is too long"));
        }
        let page: Page = serde_json::from_slice(&fs::read(path).map_err(unavailable)?)
            .map_err(|error| Error::invalid("page", error.to_string()))?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let digest: Digest = stem.parse()?;
        let signature: Signature =
            page.signature.parse().map_err(|_| Error::invalid("signature", "it is no signature"))?;
        let key = self.expect_signed(&digest, &page.manifest, &signature)?;
        let known = Known::read(&page.manifest)?;
        let time = |text: &str| text.parse::<Timestamp>().map_err(|e| Error::invalid("page", e.to_string()));
        let withdrawn = match page.withdrawn {
            None => None,
            Some(w) => Some(Withdrawal { reason: w.reason, stops: w.stops, at: time(&w.at)? }),
        };
        let (published_at, size) = (time(&page.published_at)?, page.size);
        let entry =
            CatalogueEntry { withdrawn, ..entry(&known, digest, size, page.manifest, published_at, key) };
        Ok(Kept { entry, imports: page.imports, signature })
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

    /// All entries, by plugin and version, newest first.
    pub(in crate::service) fn entries(&self) -> Vec<CatalogueEntry> {
        self.entries.read().iter().map(|kept| kept.entry.clone()).collect()
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
        let entries = self.entries.read();
        let kept = entries.iter().find(|kept| kept.entry.digest == digest)?;
        let withdrawal = kept.entry.withdrawn.as_ref().filter(|withdrawal| withdrawal.stops)?;
        Some(format!("version {} was withdrawn and is not run: {}", kept.entry.version, withdrawal.reason))
    }

    /// The bytes of a version, which are those that were signed for.
    pub(in crate::service) fn bytes(&self, digest: Digest) -> Result<Arc<[u8]>> {
        let bytes = fs::read(self.folder.join(format!("{digest}.wasm"))).map_err(unavailable)?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes.into());
        }
        Err(Error::internal(format!("the catalogue's file of {digest} was changed")))
    }

    pub(in crate::service) fn put(
        &self,
        inspection: &Inspection,
        wasm: &[u8],
        signature: &Signature,
        now: Timestamp,
    ) -> Result<CatalogueEntry> {
        let _turn = self.turn.lock();
        let key = self.expect_signed(&inspection.digest, &inspection.manifest, signature)?;
        let known = Known::read(&inspection.manifest)?;
        let (digest, manifest) = (inspection.digest, inspection.manifest.clone());
        let entry = entry(&known, digest, inspection.size, manifest, now, key);
        let same = |kept: &Kept| kept.entry.plugin == entry.plugin && kept.entry.version == entry.version;
        let there = self.entries.read().iter().find(|kept| same(kept)).map(|kept| kept.entry.clone());
        match there {
            Some(there) if there.digest != entry.digest => {
                let message =
                    format!("version {} is there with other code: raise the version", there.version);
                return Err(Error::conflict(message).with_field("version"));
            }
            Some(there) if there.withdrawn.is_none() => return Ok(there),
            Some(_) => {}
            None if self.entries.read().len() >= ENTRIES_MAX => {
                let message = format!("the catalogue has at most {ENTRIES_MAX} versions");
                return Err(Error::rejected(message));
            }
            None => {}
        }
        let kept = Kept { entry: entry.clone(), imports: inspection.imports.clone(), signature: *signature };
        write_whole(&self.folder.join(format!("{digest}.wasm")), wasm).map_err(unavailable)?;
        self.keep(kept)?;
        Ok(entry)
    }

    pub(in crate::service) fn withdraw(
        &self,
        plugin: &str,
        version: &str,
        withdrawal: Withdrawal,
    ) -> Result<CatalogueEntry> {
        let _turn = self.turn.lock();
        let same = |kept: &&Kept| kept.entry.plugin == plugin && kept.entry.version == version;
        let kept = self.entries.read().iter().find(same).cloned();
        let shown: String = plugin.chars().take(100).collect();
        let mut kept =
            kept.ok_or_else(|| Error::not_found(format!("this version of `{shown}` in the catalogue")))?;
        kept.entry.withdrawn = Some(withdrawal);
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
        let mut entries = self.entries.write();
        entries.retain(|other| other.entry.digest != kept.entry.digest);
        entries.push(kept);
        sort(&mut entries);
        Ok(())
    }
}

fn entry(
    known: &Known,
    digest: Digest,
    size: u64,
    text: String,
    published_at: Timestamp,
    key: PublicKey,
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
        signed_by: key.fingerprint(),
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
