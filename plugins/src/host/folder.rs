//! The folder of artifacts: bounded in bytes, the ones longest unused go first. It trusts nothing that it reads.

use super::artifact::SUFFIX;
use parking_lot::Mutex;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

/// How temporary files end.
const TEMPORARY: &str = ".tmp";
/// A temporary file of this age was left by a process that ended.
const STALE: Duration = Duration::from_secs(3600);

/// A folder of ours.
pub(super) struct Folder {
    path: PathBuf,
    limit: u64,
    /// One sweep at a time.
    sweeping: Mutex<()>,
    counter: AtomicU64,
}

impl Folder {
    /// Opens it, and makes it if need be, for this user only.
    pub(super) fn open(path: PathBuf, limit: u64) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self { path, limit, sweeping: Mutex::new(()), counter: AtomicU64::new(0) })
    }

    /// A file's bytes, if it is there and not longer than `limit`. Using it keeps it young.
    pub(super) fn read(&self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let file = match OpenOptions::new().read(true).open(self.path.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let expected = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(expected.min(limit));
        (&file).take(limit as u64 + 1).read_to_end(&mut bytes)?;
        // That it cannot be marked as used costs at most a compilation.
        let _unmarked = touch(&file);
        Ok((bytes.len() <= limit).then_some(bytes))
    }

    /// Writes a file whole or not at all, then makes room.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let count = self.counter.fetch_add(1, Relaxed);
        let temporary = self.path.join(format!("{name}.{}.{count}{TEMPORARY}", std::process::id()));
        let written = (|| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&temporary)?;
            file.write_all(bytes)?;
            // No sync: a file cut short by a crash does not match its hash, and is made again.
            drop(file);
            fs::rename(&temporary, self.path.join(name))
        })();
        if written.is_err() {
            let _gone = fs::remove_file(&temporary);
        }
        written?;
        self.sweep(name)
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the files longest unused until the folder is small enough, but not the one just written.
    fn sweep(&self, kept: &str) -> io::Result<()> {
        let Some(_turn) = self.sweeping.try_lock() else { return Ok(()) };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let (name, Ok(metadata)) = (entry.file_name(), entry.metadata()) else { continue };
            let name = name.to_string_lossy().into_owned();
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if name.ends_with(SUFFIX) {
                files.push((used, metadata.len(), name));
            } else if name.ends_with(TEMPORARY) && used.elapsed().is_ok_and(|age| age > STALE) {
                self.remove(&name)?;
            }
        }
        let mut total = files.iter().fold(0_u64, |sum, (_, len, _)| sum.saturating_add(*len));
        files.sort_unstable();
        for (_, len, name) in files {
            if total <= self.limit {
                break;
            }
            if name != kept {
                self.remove(&name)?;
                total = total.saturating_sub(len);
            }
        }
        Ok(())
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Marks a file as used now.
fn touch(file: &File) -> io::Result<()> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a file's age is a matter of this machine, not of any tenant's time"
    )]
    file.set_modified(SystemTime::now())
}
