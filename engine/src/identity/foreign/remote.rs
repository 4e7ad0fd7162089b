//! A key set that is fetched, kept for a while, and fetched again when its issuer changes keys.
//!
//! A token with an unknown `kid` has the set fetched again, but not more often than every half minute, by one task at a
//! time, and with a bounded number of requests waiting for it: a flood of made-up names costs its sender a refusal each, and
//! the issuer two requests a minute. A fetch is a task of its own, so that it does not end with the request that began it.
//! Tokens of keys that are known wait a moment at most, and not at all while their issuer is out of reach. It does not know
//! how documents are fetched.

use super::key_set::{Decoded, KeySet, Kinds, Undecoded};
use async_trait::async_trait;
use parking_lot::RwLock;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tracing::Instrument as _;

/// The largest document that is read, in bytes.
pub const KEY_SET_BYTES_MAX: usize = 64 * 1024;

/// The shortest time between two fetches, in milliseconds.
const FETCH_APART_MS: i64 = 30 * 1000;
/// After so long a set is fetched again though every name in it is known: a key may have been taken out.
const FRESH_MS: i64 = 10 * 60 * 1000;
/// How long a set is used that could not be fetched again.
const USABLE_MS: i64 = 24 * 60 * 60 * 1000;
/// Requests that wait for a fetch.
const WAITING_MAX: usize = 64;
/// The longest that a fetch may take.
const FETCH_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a token of a known key waits for a fetch, for it may be of a key that was taken out.
const PATIENCE: Duration = Duration::from_secs(1);

/// The document could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("cannot fetch the keys of the issuer: {0}")]
pub struct JwksUnavailable(pub String);

/// Where the keys of an issuer come from.
#[async_trait]
pub trait JwksSource: fmt::Debug + Send + Sync + 'static {
    /// The document, at most [`KEY_SET_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`JwksUnavailable`]: what was fetched before is used meanwhile.
    async fn fetch(&self) -> Result<Vec<u8>, JwksUnavailable>;
}

/// See the module.
pub struct RemoteKeys {
    inner: Arc<Inner>,
    waiting: Semaphore,
}

struct Inner {
    source: Box<dyn JwksSource>,
    kinds: Kinds,
    held: RwLock<Held>,
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys").field("source", &self.inner.source).finish_non_exhaustive()
    }
}

#[derive(Clone, Default)]
struct Held {
    keys: Option<Arc<KeySet>>,
    /// When the keys were fetched.
    fetched_ms: i64,
    /// When it was last tried.
    tried_ms: Option<i64>,
    /// Whether the last try brought nothing.
    out_of_reach: bool,
    /// A fetch that goes on. Its end is that its sender is gone.
    fetch: Option<watch::Receiver<()>>,
}

impl Held {
    /// The keys, unless they are too old.
    fn usable(&self, now_ms: i64) -> Option<&KeySet> {
        self.keys.as_deref().filter(|_| now_ms.saturating_sub(self.fetched_ms) < USABLE_MS)
    }
}

impl RemoteKeys {
    /// The public keys of an issuer, from there.
    #[must_use]
    pub fn new(source: impl JwksSource) -> Self {
        Self::of(Box::new(source), Kinds::Public)
    }

    fn of(source: Box<dyn JwksSource>, kinds: Kinds) -> Self {
        let inner = Inner { source, kinds, held: RwLock::default() };
        Self { inner: Arc::new(inner), waiting: Semaphore::new(WAITING_MAX) }
    }

    /// Keys that are given once and for all: a vendor's own file, say. They may be shared secrets.
    ///
    /// # Errors
    /// [`KeySetError`](super::KeySetError), or when not one key of the set can be used.
    pub fn fixed(json: &[u8]) -> Result<Self, JwksUnavailable> {
        let keys = KeySet::read(json, Kinds::PublicOrShared).map_err(|e| JwksUnavailable(e.to_string()))?;
        if keys.is_empty() {
            return Err(JwksUnavailable("not one of the keys can be used".to_owned()));
        }
        let fixed = Self::of(Box::new(Fixed), Kinds::PublicOrShared);
        let (keys, tried_ms) = (Some(Arc::new(keys)), Some(i64::MAX));
        *fixed.inner.held.write() = Held { keys, fetched_ms: i64::MAX, tried_ms, ..Held::default() };
        Ok(fixed)
    }

    /// Decodes a token with the keys as they are now.
    pub(super) async fn decode(&self, token: &str, now_ms: i64) -> Result<Decoded, Undecoded> {
        self.look_again(now_ms).await;
        let first = self.held().usable(now_ms).map(|keys| keys.decode(token));
        if let Some(decided) = first.filter(|decoded| !matches!(decoded, Err(Undecoded::UnknownKey(_)))) {
            return decided;
        }
        // It may be of a key that was put in since, which whoever waits learns of.
        if let Some(fetch) = Inner::fetch(&self.inner, now_ms) {
            let _place = self.waiting.try_acquire().map_err(|_| Undecoded::Unavailable)?;
            ended(fetch).await;
        }
        let held = self.held();
        match held.usable(now_ms).ok_or(Undecoded::Unavailable)?.decode(token) {
            // Whether there is such a key, only the issuer could say.
            Err(Undecoded::UnknownKey(_)) if held.out_of_reach => Err(Undecoded::Unavailable),
            decided => decided,
        }
    }

    /// Has keys that are old fetched again. Who knows them waits a moment, unless the issuer is out of reach anyway.
    async fn look_again(&self, now_ms: i64) {
        let held = self.held();
        if now_ms.saturating_sub(held.fetched_ms) < FRESH_MS || held.usable(now_ms).is_none() {
            return;
        }
        let Some(fetch) = Inner::fetch(&self.inner, now_ms) else { return };
        if let Ok(_place) = self.waiting.try_acquire()
            && !held.out_of_reach
            && tokio::time::timeout(PATIENCE, ended(fetch)).await.is_err()
        {
            // The others need not find out for themselves.
            let mut held = self.inner.held.write();
            held.out_of_reach |= held.fetch.is_some();
        }
    }

    fn held(&self) -> Held {
        self.inner.held.read().clone()
    }
}

/// Waits until a fetch has ended.
async fn ended(mut fetch: watch::Receiver<()>) {
    // Nothing is ever sent: it ends with its sender.
    let _ = fetch.changed().await;
}

impl Inner {
    /// The fetch that goes on, or else a new one, unless the last was a moment ago.
    fn fetch(this: &Arc<Self>, now_ms: i64) -> Option<watch::Receiver<()>> {
        let mut held = this.held.write();
        if let Some(fetch) = held.fetch.as_ref().filter(|fetch| fetch.has_changed().is_ok()) {
            return Some(fetch.clone());
        }
        if held.tried_ms.is_some_and(|tried| now_ms.saturating_sub(tried) < FETCH_APART_MS) {
            return None;
        }
        let (goes_on, fetch) = watch::channel(());
        held.tried_ms = Some(now_ms);
        held.fetch = Some(fetch.clone());
        let inner = this.clone();
        let work = async move {
            let fetched = inner.fetched().await;
            inner.take(fetched, now_ms);
            drop(goes_on);
        };
        tokio::spawn(work.in_current_span());
        Some(fetch)
    }

    async fn fetched(&self) -> Result<KeySet, JwksUnavailable> {
        let fetched = tokio::time::timeout(FETCH_TIME_MAX, self.source.fetch()).await;
        let json = fetched.map_err(|_| JwksUnavailable("it takes too long".to_owned()))??;
        if json.len() > KEY_SET_BYTES_MAX {
            return Err(JwksUnavailable("the document is too large".to_owned()));
        }
        KeySet::read(&json, self.kinds).map_err(|error| JwksUnavailable(error.to_string()))
    }

    fn take(&self, fetched: Result<KeySet, JwksUnavailable>, now_ms: i64) {
        let mut held = self.held.write();
        held.fetch = None;
        held.out_of_reach = fetched.is_err();
        match fetched {
            Ok(keys) => {
                held.keys = Some(Arc::new(keys));
                held.fetched_ms = now_ms;
            }
            Err(error) => {
                tracing::warn!(source = ?self.source, %error, "using the keys that were fetched before");
            }
        }
    }
}

/// There is nothing to fetch.
#[derive(Debug)]
struct Fixed;

#[async_trait]
impl JwksSource for Fixed {
    async fn fetch(&self) -> Result<Vec<u8>, JwksUnavailable> {
        Err(JwksUnavailable("these keys are fixed".to_owned()))
    }
}

#[cfg(test)]
mod tests;
