//! One holder per folder, enforced by a lock the system drops with the process.
//!
//! It does not know what the folder is for.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::storage::durable_file;
use crate::storage::{Holder, StorageError};

const LOCK_FILE: &str = "LOCK";

/// The first wait between two tries; it doubles up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(10);

/// The longest wait between two tries.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// Longest process id in a lock file, in digits.
const PID_DIGITS_MAX: u64 = 16;

/// An exclusive hold on a folder, until dropped.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    /// Takes the folder, waiting for another holder up to `wait`. Blocks.
    pub(crate) fn acquire(folder: &Path, wait: Duration) -> Result<Self, StorageError> {
        let path = folder.join(LOCK_FILE);
        let failed = |source| StorageError::io(format!("lock {}", path.display()), source);
        let mut file =
            durable_file::private_file().create(true).truncate(false).open(&path).map_err(failed)?;
        let deadline = Instant::now() + wait;
        let mut pause = PAUSE_FIRST;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StorageError::Locked { path: folder.to_owned(), holder: holder(&mut file) });
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "blocks as documented; the lock of another process gives no sign when it is let go"
            )]
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(PAUSE_MAX);
        }
        leave_pid(&mut file).map_err(failed)?;
        Ok(Self(file))
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the file drops the lock as well.
        let _ = self.0.unlock();
    }
}

/// Only a message for people: the lock itself is the system's.
fn leave_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read =
        file.seek(SeekFrom::Start(0)).and_then(|_| file.take(PID_DIGITS_MAX).read_to_string(&mut text));
    match text.trim().parse() {
        Ok(pid) if read.is_ok() && pid == std::process::id() => Holder::ThisProcess,
        Ok(pid) if read.is_ok() => Holder::Process(pid),
        _ => Holder::Unknown,
    }
}
