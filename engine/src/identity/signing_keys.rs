//! The Ed25519 key pairs that sign access tokens: made on first start, rotated by date.
//!
//! A folder holds one file per key, named `<active from, ms>-<kid>.pk8` (PKCS#8, mode 0600, folder 0700). The newest
//! key whose time has come signs; a later one is *next* (published, not yet signing), earlier ones are *previous*
//! (still verifying). So a rotation is: write the next key, reopen, and retire old files later; no token is refused in
//! between. It does not know what is signed with the keys.

mod file;
mod jwks;

pub use jwks::{Jwk, Jwks};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use jsonwebtoken::{DecodingKey, EncodingKey};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Key files in one folder; more are refused, because each is tried at start and published.
pub const SIGNING_KEYS_MAX: usize = 16;

/// How long a superseded key is kept for verification, in milliseconds: far beyond the life of an access token.
pub const SUPERSEDED_KEY_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Why the signing keys could not be loaded, made or removed.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The folder or a file could not be read or written.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Others than the owner may read it.
    #[error(
        "cannot use `{}` for signing keys: its mode {mode:03o} lets others than the owner in; \
         run `chmod {wanted:03o} {}`, and rotate the key if somebody may have read it",
        path.display(), path.display()
    )]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// A file with the ending of a key that is not one.
    #[error("cannot load the signing key `{}`: {why}; restore it from a backup or remove it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There would be more than [`SIGNING_KEYS_MAX`] files.
    #[error(
        "cannot keep more than {SIGNING_KEYS_MAX} signing keys in `{}`; retire superseded ones first",
        path.display()
    )]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
    /// The cryptographic library made no key.
    #[error("cannot make a signing key: the operating system gave no random bytes")]
    NotMade,
}

/// One key pair.
pub(super) struct SigningKey {
    kid: String,
    active_from_ms: i64,
    x: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// The keys of one folder, as loaded: never empty, oldest first.
pub struct SigningKeys {
    oldest: SigningKey,
    newer: Vec<SigningKey>,
}

impl SigningKeys {
    /// Loads every key in `folder`; makes the folder and a first key when there is none.
    ///
    /// Blocks on the disk: call it at start, off the async runtime. The caller owns the folder; two processes must not
    /// open it at once for the first time.
    ///
    /// # Errors
    /// [`SigningKeyError`]: unreadable, damaged, or readable by others than the owner.
    pub fn open(folder: &Path, now_ms: i64) -> Result<Self, SigningKeyError> {
        file::prepare_folder(folder)?;
        let mut keys = load_all(folder)?;
        if keys.is_empty() {
            add_key(folder, now_ms)?;
            keys = load_all(folder)?;
        }
        let mut keys = keys.into_iter();
        let oldest = keys.next().ok_or(SigningKeyError::NotMade)?;
        Ok(Self { oldest, newer: keys.collect() })
    }

    /// Writes the next key into `folder`, to sign from `active_from_ms` on; answers its `kid`.
    ///
    /// Leave others who cache the [`Jwks`] time to fetch it. The running process takes it up by
    /// [`open`](Self::open)ing again. Blocks on the disk.
    ///
    /// # Errors
    /// [`SigningKeyError`]: the file could not be written, or no key could be made.
    pub fn add_next(folder: &Path, active_from_ms: i64) -> Result<String, SigningKeyError> {
        file::prepare_folder(folder)?;
        add_key(folder, active_from_ms)
    }

    /// Removes the keys in `folder` whose successor has signed for [`SUPERSEDED_KEY_KEPT_MS`]; answers how many.
    ///
    /// A token signed by one of them has long expired. Blocks on the disk.
    ///
    /// # Errors
    /// [`SigningKeyError`]: the folder could not be read, or a file not removed.
    pub fn retire_superseded(folder: &Path, now_ms: i64) -> Result<usize, SigningKeyError> {
        file::prepare_folder(folder)?;
        let keys = load_all(folder)?;
        let superseded = keys.iter().zip(keys.iter().skip(1)).filter(|(_, successor)| {
            successor.active_from_ms.saturating_add(SUPERSEDED_KEY_KEPT_MS) <= now_ms
        });
        let mut removed = 0;
        for (key, _) in superseded {
            file::remove(folder, &file_name(key.active_from_ms, &key.kid))?;
            removed += 1;
        }
        Ok(removed)
    }

    /// The `kid` of the key that signs at `now_ms`.
    #[must_use]
    pub fn current_kid(&self, now_ms: i64) -> &str {
        &self.current(now_ms).kid
    }

    /// The public halves of all keys, oldest first, for others to verify our tokens.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.all().map(|key| Jwk::ed25519(&key.x, &key.kid)).collect() }
    }

    /// The newest key whose time has come; the oldest when the clock stands before them all.
    pub(super) fn current(&self, now_ms: i64) -> &SigningKey {
        self.newer.iter().rev().find(|key| key.active_from_ms <= now_ms).unwrap_or(&self.oldest)
    }

    pub(super) fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.all().find(|key| key.kid == kid)
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.oldest).chain(&self.newer)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|key| &key.kid)).finish()
    }
}

impl SigningKey {
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    fn from_pkcs8(pkcs8: &[u8], active_from_ms: i64) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
        let public = pair.public_key().as_ref();
        let x = data_encoding::BASE64URL_NOPAD.encode(public);
        Some(Self {
            kid: jwks::thumbprint(&x),
            active_from_ms,
            x,
            encoding: EncodingKey::from_ed_der(pkcs8),
            decoding: DecodingKey::from_ed_der(public),
        })
    }
}

fn add_key(folder: &Path, active_from_ms: i64) -> Result<String, SigningKeyError> {
    if file::key_files(folder)?.len() >= SIGNING_KEYS_MAX {
        return Err(SigningKeyError::TooMany { path: folder.to_owned() });
    }
    let pair = Ed25519KeyPair::generate().map_err(|_| SigningKeyError::NotMade)?;
    let pkcs8 = pair.to_pkcs8().map_err(|_| SigningKeyError::NotMade)?;
    let key = SigningKey::from_pkcs8(pkcs8.as_ref(), active_from_ms).ok_or(SigningKeyError::NotMade)?;
    file::write_private(folder, &file_name(active_from_ms, &key.kid), pkcs8.as_ref())?;
    Ok(key.kid)
}

/// Every key in the folder, oldest first.
fn load_all(folder: &Path) -> Result<Vec<SigningKey>, SigningKeyError> {
    let mut keys = Vec::new();
    for path in file::key_files(folder)? {
        if keys.len() == SIGNING_KEYS_MAX {
            return Err(SigningKeyError::TooMany { path: folder.to_owned() });
        }
        keys.push(load(path)?);
    }
    keys.sort_by(|a, b| (a.active_from_ms, &a.kid).cmp(&(b.active_from_ms, &b.kid)));
    Ok(keys)
}

fn load(path: PathBuf) -> Result<SigningKey, SigningKeyError> {
    let pkcs8: Zeroizing<Vec<u8>> = file::read_private(&path)?;
    let unreadable = |why| SigningKeyError::Unreadable { path: path.clone(), why };
    let (active_from_ms, kid) = path
        .file_stem()
        .and_then(|stem| stem.to_str()?.split_once('-'))
        .and_then(|(ms, kid)| Some((ms.parse().ok()?, kid)))
        .ok_or_else(|| unreadable("its name is not `<active from, ms>-<kid>.pk8`"))?;
    let key = SigningKey::from_pkcs8(&pkcs8, active_from_ms)
        .ok_or_else(|| unreadable("it is no Ed25519 key pair in PKCS#8"))?;
    if key.kid == kid { Ok(key) } else { Err(unreadable("its name belongs to another key")) }
}

/// Zero-padded, so that a listing of the folder is in the order of the keys.
fn file_name(active_from_ms: i64, kid: &str) -> String {
    format!("{active_from_ms:013}-{kid}.{}", file::KEY_ENDING)
}

#[cfg(test)]
mod tests;
