//! Files that only their owner may read.
//!
//! Where the system has no permission bits, the folder's own protection is all there is, and nothing is checked.
//! It does not know what is in the files.

use super::SigningKeyError;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};

/// The ending of a key file, without the dot.
pub(super) const KEY_ENDING: &str = "pk8";

/// The longest key file read, in bytes; an Ed25519 pair in PKCS#8 takes 83.
const KEY_FILE_BYTES_MAX: u64 = 1024;

/// A key on its way to the disk. A crash may leave it behind; the next key written replaces it.
const UNFINISHED: &str = "unfinished.tmp";

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes the folder if it is missing, and refuses one that others may enter.
pub(super) fn prepare_folder(folder: &Path) -> Result<(), SigningKeyError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(FOLDER_MODE);
    builder.create(folder).map_err(io("make the folder", folder))?;
    let metadata = fs::metadata(folder).map_err(io("read the permissions of", folder))?;
    refuse_exposed(folder, &metadata, FOLDER_MODE)
}

/// The paths of all key files, in no order.
pub(super) fn key_files(folder: &Path) -> Result<Vec<PathBuf>, SigningKeyError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(io("list", folder))? {
        let path = entry.map_err(io("list", folder))?.path();
        if path.extension().is_some_and(|ending| ending == KEY_ENDING) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Reads a file, after checking on the open handle that only its owner may.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
    let file = File::open(path).map_err(io("open", path))?;
    let metadata = file.metadata().map_err(io("read the permissions of", path))?;
    refuse_exposed(path, &metadata, FILE_MODE)?;
    if !metadata.is_file() || metadata.len() > KEY_FILE_BYTES_MAX {
        return Err(SigningKeyError::Unreadable {
            path: path.to_owned(),
            why: "it is no file of a key's size",
        });
    }
    // Room for all of it, so that growing leaves no copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES_MAX as usize + 1));
    file.take(KEY_FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(io("read", path))?;
    Ok(bytes)
}

/// Writes a new file so that after a crash it is there whole, or not at all.
pub(super) fn write_private(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SigningKeyError> {
    let unfinished = folder.join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(io("remove", &unfinished)(error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(FILE_MODE);
    let mut file = options.open(&unfinished).map_err(io("create", &unfinished))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("write", &unfinished))?;
    let path = folder.join(name);
    fs::rename(&unfinished, &path).map_err(io("write", &path))?;
    sync_folder(folder)
}

/// Removes a file for good.
pub(super) fn remove(folder: &Path, name: &str) -> Result<(), SigningKeyError> {
    let path = folder.join(name);
    fs::remove_file(&path).map_err(io("remove", &path))?;
    sync_folder(folder)
}

/// Makes renames and removals in the folder survive a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), SigningKeyError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("sync", folder))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), SigningKeyError> {
    Ok(())
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata, wanted: u32) -> Result<(), SigningKeyError> {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(SigningKeyError::Exposed { path: path.to_owned(), mode, wanted })
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata, _: u32) -> Result<(), SigningKeyError> {
    Ok(())
}

fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> SigningKeyError + 'a {
    move |source| SigningKeyError::Io { doing, path: path.to_owned(), source }
}
