//! The folder of artifacts: bounded in bytes. When there are too many, those go first of the company that has most, and of
//! them the ones longest unused; so nobody loses what is theirs to somebody who brings much. It trusts nothing that it reads.

use super::artifact::SUFFIX;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

/// How temporary files end.
const TEMPORARY: &str = ".tmp";
/// A temporary file of this age was left by a process that ended.
const STALE: Duration = Duration::from_secs(3600);

/// What an artifact is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It was compiled to see whether it can be, and is the first of its company's to go until it is used.
    Checked,
    /// It runs, or will.
    InUse,
}

/// Whose an artifact is; one that companies share is nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    Company(Arc<str>),
    Several,
}

/// An artifact in the folder.
#[derive(Clone, Debug)]
struct Stored {
    name: String,
    len: u64,
    /// In memory: it is used, however long ago it was read.
    loaded: bool,
    used: SystemTime,
}

/// A folder of ours.
pub(super) struct Folder {
    path: PathBuf,
    limit: u64,
    /// Whose the files are that were used since this began; no more of them than there are files.
    owners: Mutex<FxHashMap<String, Owner>>,
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
        let (owners, sweeping) = (Mutex::default(), Mutex::new(()));
        Ok(Self { path, limit, owners, sweeping, counter: AtomicU64::new(0) })
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

    /// Somebody uses a file that is there.
    pub(super) fn owned(&self, name: &str, company: Option<Arc<str>>) {
        let Some(company) = company else { return };
        let mut owners = self.owners.lock();
        match owners.get_mut(name) {
            None => drop(owners.insert(name.to_owned(), Owner::Company(company))),
            Some(Owner::Company(other)) if *other == company => {}
            Some(owner) => *owner = Owner::Several,
        }
    }

    /// Writes a file whole or not at all, then makes room, of what is not `loaded` first.
    pub(super) fn write(
        &self,
        name: &str,
        bytes: &[u8],
        (company, wanted): (Option<Arc<str>>, Wanted),
        loaded: &FxHashSet<String>,
    ) -> io::Result<()> {
        let count = self.counter.fetch_add(1, Relaxed);
        let temporary = self.path.join(format!("{name}.{}.{count}{TEMPORARY}", std::process::id()));
        let written = (|| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&temporary)?;
            file.write_all(bytes)?;
            if wanted == Wanted::Checked {
                file.set_modified(SystemTime::UNIX_EPOCH)?;
            }
            // No sync: a file cut short by a crash does not match its hash, and is made again.
            drop(file);
            fs::rename(&temporary, self.path.join(name))
        })();
        if written.is_err() {
            let _gone = fs::remove_file(&temporary);
        }
        written?;
        self.owned(name, company);
        self.sweep(name, loaded)
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes files until the folder is small enough, but not the one just written.
    fn sweep(&self, kept: &str, loaded: &FxHashSet<String>) -> io::Result<()> {
        let Some(_turn) = self.sweeping.try_lock() else { return Ok(()) };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let (name, Ok(metadata)) = (entry.file_name(), entry.metadata()) else { continue };
            let name = name.to_string_lossy().into_owned();
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if name.ends_with(SUFFIX) {
                files.push(Stored { len: metadata.len(), loaded: loaded.contains(&name), used, name });
            } else if name.ends_with(TEMPORARY) && used.elapsed().is_ok_and(|age| age > STALE) {
                self.remove(&name)?;
            }
        }
        let gone = {
            let mut owners = self.owners.lock();
            let there: FxHashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
            owners.retain(|name, _| there.contains(name.as_str()));
            to_go(files, &owners, self.limit, kept)
        };
        gone.iter().try_for_each(|name| self.remove(name))
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What goes so that the rest is within the limit, in order. Files of which nobody knows whose they are count as one's.
fn to_go(mut files: Vec<Stored>, owners: &FxHashMap<String, Owner>, limit: u64, kept: &str) -> Vec<String> {
    let whose = |file: &Stored| match owners.get(&file.name) {
        Some(Owner::Company(company)) => Some(Arc::clone(company)),
        Some(Owner::Several) => Some(Arc::from(file.name.as_str())),
        None => None,
    };
    let mut shares: FxHashMap<Option<Arc<str>>, u64> = FxHashMap::default();
    let mut total = 0_u64;
    for file in &files {
        let share = shares.entry(whose(file)).or_default();
        *share = share.saturating_add(file.len);
        total = total.saturating_add(file.len);
    }
    files.retain(|file| file.name != kept);
    files.sort_unstable_by(|a, b| (a.loaded, a.used, &a.name).cmp(&(b.loaded, b.used, &b.name)));
    let mut gone = Vec::new();
    while total > limit {
        // Of those who have most, the first: that is the one longest unused.
        let share = |file: &Stored| shares.get(&whose(file)).copied().unwrap_or_default();
        let Some(most) = files.iter().map(share).max() else { break };
        let Some(at) = files.iter().position(|file| share(file) == most) else { break };
        let file = files.remove(at);
        total = total.saturating_sub(file.len);
        if let Some(share) = shares.get_mut(&whose(&file)) {
            *share = share.saturating_sub(file.len);
        }
        gone.push(file.name);
    }
    gone
}

/// Marks a file as used now.
fn touch(file: &File) -> io::Result<()> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a file's age is a matter of this machine, not of any tenant's time"
    )]
    file.set_modified(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(name: &str, len: u64, age: u64) -> Stored {
        let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 - age);
        Stored { name: name.into(), len, loaded: false, used }
    }

    fn owners(of: &[(&str, &str)]) -> FxHashMap<String, Owner> {
        let owner = |company: &str| match company {
            "*" => Owner::Several,
            company => Owner::Company(Arc::from(company)),
        };
        of.iter().map(|(name, company)| ((*name).to_owned(), owner(company))).collect()
    }

    #[test]
    fn who_brings_most_loses_first_however_old_the_others_are() {
        let files =
            vec![stored("a1", 10, 900), stored("b1", 10, 3), stored("b2", 10, 2), stored("b3", 10, 1)];
        let owners = owners(&[("a1", "a"), ("b1", "b"), ("b2", "b"), ("b3", "b")]);
        assert_eq!(to_go(files.clone(), &owners, 30, "b3"), ["b1"]);
        assert_eq!(to_go(files.clone(), &owners, 20, "b3"), ["b1", "b2"]);
        assert_eq!(to_go(files.clone(), &owners, 0, "b3"), ["b1", "b2", "a1"], "not the one just written");
        assert!(to_go(files, &owners, 40, "b3").is_empty());
    }

    #[test]
    fn what_runs_or_is_shared_goes_last() {
        let mut files =
            vec![stored("b1", 10, 9), stored("b2", 10, 8), stored("s1", 10, 999), stored("s2", 10, 99)];
        files[0].loaded = true;
        let owners = owners(&[("b1", "b"), ("b2", "b"), ("s1", "*"), ("s2", "*")]);
        assert_eq!(to_go(files.clone(), &owners, 30, ""), ["b2"], "what two companies use is nobody's much");
        assert_eq!(to_go(files, &owners, 20, ""), ["b2", "s1"]);
    }

    #[test]
    fn what_was_only_checked_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path().to_owned(), 25).unwrap();
        let (loaded, company) = (FxHashSet::default(), || Some(Arc::from("a")));
        let write = |name: &str, wanted| folder.write(name, &[0; 10], (company(), wanted), &loaded).unwrap();
        write("1.cwasm", Wanted::InUse);
        write("2.cwasm", Wanted::Checked);
        write("3.cwasm", Wanted::InUse);
        let there = |name: &str| folder.read(name, 100).unwrap().is_some();
        assert!(there("1.cwasm") && !there("2.cwasm") && there("3.cwasm"));
        // Once it is used it is as good as the others.
        write("4.cwasm", Wanted::Checked);
        assert!(there("4.cwasm"), "the one just written stays");
    }
}
