//! argon2id, run on blocking threads: as many at once as there are cores, and a short queue before them.
//!
//! One run takes about 20 ms of a core and 19 MiB. A flood of sign-ins therefore meets [`PasswordError::Busy`] instead
//! of taking every thread and all memory. It does not know which password is acceptable.

use super::{Password, PasswordHash};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version, password_hash,
    password_hash::phc,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory of one run, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes; one, because the cores are for other sign-ins.
const LANES: u32 = 1;
/// The most memory a stored hash may ask for, in KiB: an imported one must not be a way to exhaust ours.
const STORED_MEMORY_KIB_MAX: u32 = 64 * 1024;
/// The most passes a stored hash may ask for.
const STORED_PASSES_MAX: u32 = 10;

/// Requests that may wait for a core, beyond those that run.
pub const PASSWORDS_WAITING_MAX: usize = 64;
/// The longest that a request waits for a core.
pub const PASSWORD_WAIT_MAX: Duration = Duration::from_secs(5);

/// Why no hash was computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once; nothing was computed.
    #[error("cannot check the password now: too many sign-ins at once; try again in a few seconds")]
    Busy,
    /// The stored hash is damaged, or asks for more than this engine spends.
    #[error(
        "cannot check the password: its stored hash is no argon2 hash within our limits; set a new password"
    )]
    StoredHash,
    /// The computation did not finish: out of memory, no random salt, or the runtime is shutting down.
    #[error("cannot compute the password's hash: {0}")]
    Failed(String),
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is the password.
    Match {
        /// The hash was made with other costs than today's: hash the password anew and store that.
        needs_rehash: bool,
    },
    /// It is not, or there is none to compare with.
    Mismatch,
}

/// Computes and verifies password hashes; one value for the whole engine.
#[derive(Debug)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    decoy: PasswordHash,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    wait_max: Duration,
    runs: Arc<AtomicU64>,
}

impl PasswordHasher {
    /// A hasher that runs at most `at_once` computations; at least one, at most the cores there are.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] when the system gives no random bytes for the decoy.
    pub fn new(at_once: usize) -> Result<Self, PasswordError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = at_once.clamp(1, cores);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()),
            decoy: decoy(&params)?,
            running: Arc::new(Semaphore::new(at_once)),
            admitted: Arc::new(Semaphore::new(at_once + PASSWORDS_WAITING_MAX)),
            wait_max: PASSWORD_WAIT_MAX,
            runs: Arc::default(),
        })
    }

    /// Hashes a password for storage, with a fresh salt. Does not ask whether it is acceptable.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] after [`PASSWORD_WAIT_MAX`], or at once when [`PASSWORDS_WAITING_MAX`] wait already.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        let argon2 = self.argon2.clone();
        self.run(move || {
            let hash = argon2.hash_password(password.as_bytes()).map_err(failed)?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }

    /// Compares a password with the stored hash; with a decoy when nobody has that name.
    ///
    /// Pass `None` for an unknown or disabled account: it costs the same run and ends in [`Verdict::Mismatch`], so the
    /// time does not tell which names exist. A password too long to be anybody's is a mismatch without a run.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] as in [`hash`](Self::hash); [`PasswordError::StoredHash`] for an unusable hash.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, PasswordError> {
        if password.is_oversize() {
            return Ok(Verdict::Mismatch);
        }
        let known = stored.is_some();
        let stored = StoredHash::parse(stored.unwrap_or(&self.decoy))?;
        let needs_rehash = stored.needs_rehash(self.argon2.params());
        let argon2 = self.argon2.clone();
        let matches = self
            .run(move || match argon2.verify_password(password.as_bytes(), &stored.phc) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(failed(error)),
            })
            .await?;
        Ok(if matches && known { Verdict::Match { needs_rehash } } else { Verdict::Mismatch })
    }

    /// How many runs of argon2 were started since this value was made; for metrics.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Runs `work` on a blocking thread, once a core is free.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permits = self.enter().await?;
        let runs = Arc::clone(&self.runs);
        let computed = tokio::task::spawn_blocking(move || {
            // Held by the thread, not by the request: who gives up waiting does not free a core still at work.
            let _permits = permits;
            runs.fetch_add(1, Ordering::Relaxed);
            work()
        });
        computed.await.map_err(failed)?
    }

    async fn enter(&self) -> Result<[OwnedSemaphorePermit; 2], PasswordError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.wait_max, running).await {
            Ok(Ok(running)) => Ok([admitted, running]),
            _ => Err(PasswordError::Busy),
        }
    }
}

/// A stored hash that has been read and found within limits.
struct StoredHash {
    phc: phc::PasswordHash,
    params: Params,
    argon2id: bool,
}

impl StoredHash {
    fn parse(stored: &PasswordHash) -> Result<Self, PasswordError> {
        let phc = phc::PasswordHash::new(stored.as_phc()).map_err(|_| PasswordError::StoredHash)?;
        let params = Params::try_from(&phc).map_err(|_| PasswordError::StoredHash)?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str()).map_err(|_| PasswordError::StoredHash)?;
        if params.m_cost() > STORED_MEMORY_KIB_MAX || params.t_cost() > STORED_PASSES_MAX {
            return Err(PasswordError::StoredHash);
        }
        let argon2id = algorithm == Algorithm::Argon2id && phc.version == Some(Version::V0x13.into());
        Ok(Self { phc, params, argon2id })
    }

    fn needs_rehash(&self, today: &Params) -> bool {
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        !self.argon2id || costs(&self.params) != costs(today)
    }
}

/// A hash at today's cost that no password has: its output is random instead of computed.
fn decoy(params: &Params) -> Result<PasswordHash, PasswordError> {
    let mut salt_and_output = [0; 48];
    getrandom::fill(&mut salt_and_output).map_err(failed)?;
    let (salt, output) = salt_and_output.split_at(16);
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into().map_err(failed)?,
        salt: Some(phc::Salt::new(salt).map_err(failed)?),
        hash: Some(phc::Output::new(output).map_err(failed)?),
    };
    Ok(PasswordHash(hash.to_string()))
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests;
