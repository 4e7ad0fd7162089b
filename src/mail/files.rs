//! A folder that messages are written into, for who has no mail server: each is a file that mail programs open.
//!
//! Files hold what lets their readers in, so they are readable by the owner alone. The oldest leave when there are too many.

use super::carrier::{Carrier, CarryError, Parcel};
use async_trait::async_trait;
use mortise_engine::Engine;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Files that are kept unless said otherwise.
const FILES_MAX: usize = 1_000;

/// See the module.
#[derive(Debug, Clone)]
pub struct MailFolder {
    folder: PathBuf,
    files_max: usize,
}

impl MailFolder {
    /// Messages go into this folder, which is made when it is missing.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files_max: FILES_MAX }
    }

    /// Messages go into the folder `mail` of this engine's data.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        Self::new(engine.folder().join("mail"))
    }

    /// How many files are kept: 1,000 unless said.
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

    fn write(&self, parcel: &Parcel) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let (name, unfinished) = (format!("{}.eml", parcel.id), format!(".{}.part", parcel.id));
        let unfinished = self.folder.join(unfinished);
        // One may be left from a process that was interrupted.
        if let Err(error) = fs::remove_file(&unfinished)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = owners_alone(&unfinished)?;
        file.write_all(&parcel.bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join(name))?;
        self.make_room()
    }

    /// Removes the oldest files of too many: their names are in the order in which they were written.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
        files.sort_unstable();
        let surplus = files.len().saturating_sub(self.files_max);
        files.iter().take(surplus).try_for_each(fs::remove_file)
    }
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
