//! A folder that messages are written into, for who has no mail server: each is a file that mail programs open.
//!
//! Each company has a folder of its own inside it, so that its letters go when it is erased and none pushes out another's.
//! Files hold what lets their readers in, so they are readable by the owner alone. A company's oldest leave when there are too
//! many.

use super::carrier::{Carrier, CarryError, Parcel};
use async_trait::async_trait;
use mortise_engine::Engine;
use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of a company that are kept unless said otherwise.
const FILES_MAX: usize = 1_000;

/// See the module.
#[derive(Debug, Clone)]
pub struct MailFolder {
    folder: PathBuf,
    files_max: usize,
    /// Held while old files are removed: two who remove the same would get in each other's way.
    clearing: Arc<Mutex<()>>,
}

impl MailFolder {
    /// Messages go into this folder, which is made when it is missing.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files_max: FILES_MAX, clearing: Arc::default() }
    }

    /// Messages go into the folder `mail` of this engine's data.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        Self::new(engine.folder().join("mail"))
    }

    /// How many files of each company are kept: 1,000 unless said.
    #[must_use]
    pub const fn files_max(mut self, files: usize) -> Self {
        self.files_max = files;
        self
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The folder in it that a company's messages go into: it has the UUID of the company as its name.
    #[must_use]
    pub fn path_of(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(tenant.uuid().to_string())
    }

    fn write(&self, parcel: &Parcel) -> io::Result<()> {
        let folder = self.path_of(parcel.tenant);
        self.make(&folder)?;
        let (name, unfinished) = (format!("{}.eml", parcel.id), format!(".{}.part", parcel.id));
        let unfinished = folder.join(unfinished);
        // One may be left from a process that was interrupted.
        gone(fs::remove_file(&unfinished))?;
        let mut file = owners_alone(&unfinished)?;
        file.write_all(&parcel.bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(name))?;
        // The name too has to be on the disk: the outbox forgets the message now.
        sync_folder(&folder)?;
        if let Err(error) = self.make_room(&folder) {
            tracing::warn!(%error, folder = %folder.display(), "old messages could not be removed");
        }
        Ok(())
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        sync_folder(&self.folder)?;
        self.folder.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), sync_folder)
    }

    /// Removes the oldest files of too many: their names are in the order in which they were written.
    fn make_room(&self, folder: &Path) -> io::Result<()> {
        let _turn = self.clearing.lock();
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
        files.sort_unstable();
        let surplus = files.len().saturating_sub(self.files_max);
        files.iter().take(surplus).try_for_each(|path| gone(fs::remove_file(path)))
    }
}

/// What is not there is removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Brings the names in a folder to the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A new file that its owner alone can read.
fn owners_alone(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[async_trait]
impl Carrier for MailFolder {
    async fn carry(&self, parcel: &Parcel) -> Result<(), CarryError> {
        let (folder, parcel) = (self.clone(), parcel.clone());
        let written = tokio::task::spawn_blocking(move || folder.write(&parcel)).await;
        let failed =
            |why: String| CarryError::Away(format!("cannot write into {}: {why}", self.folder.display()));
        written.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }
}
