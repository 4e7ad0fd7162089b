//! The master key: wraps every tenant's data key, and lives outside the store.
//!
//! It does not know tenants' values; losing it loses every tenant, so operators back it up apart from the data.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::seal::{KEY_BYTES, SecretBytes, open, random_secret, seal};
use super::{StorageError, durable_file};

/// How long a key command may run.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// Between two looks at a running key command.
const COMMAND_POLL: Duration = Duration::from_millis(20);

/// Most bytes read from a key file or command: the text form is 44 bytes and a line end.
const SOURCE_BYTES_MAX: u64 = 256;

/// The environment variable of [`MasterKeySource::Env`].
pub(crate) const MASTER_KEY_VARIABLE: &str = "MORTISE_MASTER_KEY";

/// Where the master key comes from: 32 bytes, as base64 text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeySource {
    /// A file, created with a random key on first use. Refused when others may read it.
    ///
    /// The default, `keys/master.key` in the data folder: protects single tenants' erasure and copies of the store
    /// folders, not a stolen data folder.
    File(PathBuf),
    /// The environment variable `MORTISE_MASTER_KEY`.
    Env,
    /// The standard output of a program with its arguments, such as a client of a key service. No shell; 30 s at most.
    Command(Vec<OsString>),
}

/// The key that wraps data keys.
pub struct MasterKey(SecretBytes);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

impl MasterKey {
    /// Reads the key from its source; creates the file of [`MasterKeySource::File`] when it is missing. Blocks.
    ///
    /// # Errors
    /// `Key` when the source is missing, malformed or readable by others; `Io` when it cannot be read.
    pub fn load(source: &MasterKeySource) -> Result<Self, StorageError> {
        match source {
            MasterKeySource::File(path) => Self::from_file(path),
            MasterKeySource::Env => {
                let what = format!("the master key in {MASTER_KEY_VARIABLE}");
                let text = std::env::var(MASTER_KEY_VARIABLE)
                    .map(Zeroizing::new)
                    .map_err(|error| bad_key(&what, &format!("{error}; set it to 32 bytes in base64")))?;
                Self::parse(&what, text.as_bytes())
            }
            MasterKeySource::Command(words) => {
                let what = "the master key from its command";
                Self::parse(what, &run(what, words)?)
            }
        }
    }

    /// A fresh random key, for tests and rotation.
    ///
    /// # Errors
    /// `Io` when the operating system gives no randomness.
    pub fn generate() -> Result<Self, StorageError> {
        random_secret().map(Self)
    }

    pub(crate) fn wrap(&self, aad: &[u8], secret: &SecretBytes) -> Result<Vec<u8>, StorageError> {
        seal(&self.0, aad, secret.as_slice())
    }

    pub(crate) fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Option<SecretBytes> {
        let plain = Zeroizing::new(open(&self.0, aad, wrapped)?);
        let bytes: [u8; KEY_BYTES] = plain.as_slice().try_into().ok()?;
        Some(Zeroizing::new(bytes))
    }

    fn from_file(path: &Path) -> Result<Self, StorageError> {
        let what = format!("the master key {}", path.display());
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path),
            Err(error) => return Err(StorageError::io(format!("open {what}"), error)),
        };
        refuse_when_readable_by_others(&what, &file)?;
        Self::parse(&what, &read_bounded(&what, file)?)
    }

    fn create(path: &Path) -> Result<Self, StorageError> {
        let key = Self::generate()?;
        if let Some(parent) = path.parent() {
            durable_file::create_folder(parent)?;
        }
        let mut text = Zeroizing::new(BASE64.encode(key.0.as_slice()));
        text.push('\n');
        durable_file::replace(path, text.as_bytes())?;
        tracing::info!(path = %path.display(), "created a master key; back it up apart from the data");
        Ok(key)
    }

    fn parse(what: &str, text: &[u8]) -> Result<Self, StorageError> {
        let malformed = || bad_key(what, "it is not 32 bytes in base64; restore it from your backup");
        let bytes = Zeroizing::new(BASE64.decode(text.trim_ascii()).map_err(|_| malformed())?);
        let secret: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        Ok(Self(Zeroizing::new(secret)))
    }
}

fn bad_key(what: &str, reason: &str) -> StorageError {
    StorageError::Key { what: what.to_owned(), reason: reason.to_owned() }
}

#[cfg(unix)]
fn refuse_when_readable_by_others(what: &str, file: &std::fs::File) -> Result<(), StorageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata().map_err(|error| StorageError::io(format!("look at {what}"), error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(bad_key(
        what,
        &format!("others may read it (mode {mode:03o}); run chmod 600 on it, and rotate it if they did"),
    ))
}

#[cfg(not(unix))]
fn refuse_when_readable_by_others(_: &str, _: &std::fs::File) -> Result<(), StorageError> {
    Ok(())
}

fn read_bounded(what: &str, source: impl io::Read) -> Result<Zeroizing<Vec<u8>>, StorageError> {
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(SOURCE_BYTES_MAX).unwrap_or(0)));
    source
        .take(SOURCE_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(|error| StorageError::io(format!("read {what}"), error))?;
    Ok(text)
}

/// The standard output of a program, within [`COMMAND_TIMEOUT`].
fn run(what: &str, words: &[OsString]) -> Result<Zeroizing<Vec<u8>>, StorageError> {
    let [program, arguments @ ..] = words else {
        return Err(bad_key(what, "the command is empty; name a program"));
    };
    let failed = |error| StorageError::io(format!("run the command for {what}"), error);
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let deadline = Instant::now() + COMMAND_TIMEOUT;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() >= deadline {
            // It may have ended just now; either way it is gone afterwards.
            let _ = child.kill();
            let _ = child.wait();
            return Err(bad_key(what, &format!("it did not end within {} s", COMMAND_TIMEOUT.as_secs())));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "blocks as documented; std has no wait with a deadline for a child"
        )]
        std::thread::sleep(COMMAND_POLL);
    };
    if !status.success() {
        return Err(bad_key(what, &format!("it ended with {status}; run it by hand to see why")));
    }
    match child.stdout.take() {
        Some(output) => read_bounded(what, output),
        None => Err(bad_key(what, "it gave no output")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_missing_key_file_is_created_for_its_owner_alone_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let source = MasterKeySource::File(folder.path().join("keys/master.key"));
        let first = MasterKey::load(&source).unwrap();
        let second = MasterKey::load(&source).unwrap();
        assert_eq!(*first.0, *second.0);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_others_may_read_is_refused_saying_what_to_do() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, TEXT).unwrap();
        for mode in [0o644, 0o640, 0o604] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = MasterKey::load(&MasterKeySource::File(path.clone())).unwrap_err().to_string();
            assert!(error.contains("others may read it") && error.contains("chmod 600"), "{error}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(MasterKey::load(&MasterKeySource::File(path)).unwrap().0.first(), Some(&0));
    }

    #[test]
    fn a_malformed_key_is_refused_without_showing_it() {
        let error = MasterKey::parse("the master key", b"c2VjcmV0").unwrap_err().to_string();
        assert!(error.contains("not 32 bytes in base64") && !error.contains("c2VjcmV0"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_hands_over_the_key_on_its_standard_output() {
        let words = |line: &str| MasterKeySource::Command(line.split(' ').map(OsString::from).collect());
        let key = MasterKey::load(&words(&format!("echo {TEXT}"))).unwrap();
        assert_eq!(key.0.last(), Some(&31));
        let error = MasterKey::load(&words("false")).unwrap_err().to_string();
        assert!(error.contains("exit status: 1"), "{error}");
        assert!(MasterKey::load(&MasterKeySource::Command(Vec::new())).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_only_for_its_own_tenant() {
        let master = MasterKey::generate().unwrap();
        let secret = random_secret().unwrap();
        let wrapped = master.wrap(b"one", &secret).unwrap();
        assert_eq!(*master.unwrap(b"one", &wrapped).unwrap(), *secret);
        assert!(master.unwrap(b"two", &wrapped).is_none());
        assert!(MasterKey::generate().unwrap().unwrap(b"one", &wrapped).is_none());
    }
}
