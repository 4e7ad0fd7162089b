//! Small files that survive a power cut whole, either the old content or the new, and removing so that nothing comes back.
//!
//! It does not know what the files mean. All calls block.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::StorageError;

/// Replaces a file: writes a temporary one beside it, syncs, renames, syncs the folder. Only the owner may read it.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), StorageError> {
    let temporary = path.with_extension("tmp");
    let write = || -> io::Result<()> {
        // A leftover of an interrupted try would keep its own permissions.
        remove_if_present(&temporary)?;
        let mut file = private_file().create_new(true).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_parent(path)
    };
    write().map_err(|source| StorageError::io(format!("write {}", path.display()), source))
}

/// Overwrites a file with zeros, syncs, removes it, syncs the folder. A missing file is no error.
///
/// Copy-on-write file systems and flash keep old blocks for a while; what this guards must also be useless alone.
pub(crate) fn destroy(path: &Path) -> Result<(), StorageError> {
    let wipe = || -> io::Result<()> {
        let mut file = match OpenOptions::new().write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)?;
        sync_parent(path)
    };
    wipe().map_err(|source| StorageError::io(format!("destroy {}", path.display()), source))
}

/// Creates a folder and its missing parents for the owner alone, each durable in its own parent.
pub(crate) fn create_folder(path: &Path) -> Result<(), StorageError> {
    let create = || -> io::Result<()> {
        let mut missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
        while let Some(folder) = missing.pop() {
            if folder.as_os_str().is_empty() {
                continue;
            }
            match private_folder().create(folder) {
                Ok(()) => sync_parent(folder)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    create().map_err(|source| StorageError::io(format!("create the folder {}", path.display()), source))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes a file's own name durable.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Removes a file that may not be there.
pub(crate) fn remove_if_present(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a file, for good. False when there was none.
///
/// # Errors
/// `Io` when it cannot be removed.
pub(crate) fn remove_file(path: &Path) -> Result<bool, StorageError> {
    removed(path, fs::remove_file(path))
}

/// Removes a folder and what is in it, for good. False when there was none.
///
/// # Errors
/// `Io` when it cannot be removed.
pub(crate) fn remove_folder(path: &Path) -> Result<bool, StorageError> {
    removed(path, fs::remove_dir_all(path))
}

fn removed(path: &Path, outcome: io::Result<()>) -> Result<bool, StorageError> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed
            .and_then(|()| sync_parent(path))
            .map(|()| true)
            .map_err(|source| StorageError::io(format!("remove {}", path.display()), source)),
    }
}

/// Whether there is nothing under this path. That it cannot be looked at is an error, and no sign of that.
///
/// # Errors
/// `Io` when it cannot be looked at.
pub(crate) fn is_gone(path: &Path) -> Result<bool, StorageError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(StorageError::io(format!("look for {}", path.display()), source)),
    }
}

/// Options for a file only its owner may read and write.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
