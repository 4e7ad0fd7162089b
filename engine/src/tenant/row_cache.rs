//! The caches of decoded rows, one pair for all tenants, bounded in bytes.
//!
//! Entries belong to one load of a tenant: a reader that outlives a load cannot leave its rows to the next. Within it, an
//! older row never lands on a newer one: a row that was read from the store is put here only while the view, which
//! is of the same version, cannot move; and who loads a thread holds its place, which a new comment takes away.

use crate::id::IssueId;
use crate::model::{Comment, Issue};
use parking_lot::Mutex;
use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that an entry costs besides its content.
const ENTRY_OVERHEAD: u64 = 128;

/// All comments of an issue that has few, in order, deleted ones left out.
pub(crate) type Thread = Arc<[Arc<Comment>]>;

/// One load of a tenant; never given twice by a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Life(u64);

type CacheKey = (Life, IssueId);
type Bounded<V> = Cache<CacheKey, V, BySize>;

/// A place among the threads that a reader fills after reading the store.
pub(crate) type Place<'a> =
    PlaceholderGuard<'a, CacheKey, Thread, BySize, DefaultHashBuilder, DefaultLifecycle<CacheKey, Thread>>;

impl Life {
    /// The number of this load.
    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

/// What entries weigh: bytes of memory.
#[derive(Clone)]
pub(crate) struct BySize;

impl Weighter<CacheKey, Arc<Issue>> for BySize {
    fn weight(&self, _: &CacheKey, issue: &Arc<Issue>) -> u64 {
        let text = issue.title.len() + issue.description.as_ref().map_or(0, String::len);
        let lists = (issue.assignees.len() + issue.labels.len()) * 16;
        ENTRY_OVERHEAD + (size_of::<Issue>() + text + lists) as u64
    }
}

impl Weighter<CacheKey, Thread> for BySize {
    fn weight(&self, _: &CacheKey, thread: &Thread) -> u64 {
        ENTRY_OVERHEAD + thread.iter().map(|c| c.body.len() as u64 + ENTRY_OVERHEAD).sum::<u64>()
    }
}

/// See the module.
pub(crate) struct RowCache {
    issues: Bounded<Arc<Issue>>,
    threads: Bounded<Thread>,
    lives: AtomicU64,
    /// Lives that ended, and of which there may be entries.
    ended: Mutex<FxHashSet<Life>>,
}

impl RowCache {
    /// Caches of at most so many bytes together.
    pub(crate) fn new(bytes: u64) -> Self {
        let half = bytes / 2;
        let items = usize::try_from(half / 1024).unwrap_or(usize::MAX).max(16);
        Self {
            issues: Cache::with_weighter(items, half, BySize),
            threads: Cache::with_weighter(items, half, BySize),
            lives: AtomicU64::new(0),
            ended: Mutex::default(),
        }
    }

    /// A place of its own for a tenant that is being loaded.
    pub(crate) fn begin(&self) -> Life {
        Life(self.lives.fetch_add(1, Ordering::Relaxed))
    }

    /// The row of an issue, if it is cached.
    pub(crate) fn issue(&self, life: Life, id: IssueId) -> Option<Arc<Issue>> {
        self.issues.get(&(life, id))
    }

    /// Takes the newest row of an issue.
    pub(crate) fn put_issue(&self, life: Life, issue: Arc<Issue>) {
        self.issues.insert((life, issue.id), issue);
    }

    /// The comments of an issue, or the place to fill.
    pub(crate) async fn thread(&self, life: Life, id: IssueId) -> Result<Thread, Place<'_>> {
        self.threads.get_value_or_guard_async(&(life, id)).await
    }

    /// Forgets the comments of an issue.
    pub(crate) fn drop_thread(&self, life: Life, issue: IssueId) {
        self.threads.remove(&(life, issue));
    }

    /// The comments of an issue, if they are cached: for the check.
    pub(crate) fn peek_thread(&self, life: Life, id: IssueId) -> Option<Thread> {
        self.threads.peek(&(life, id))
    }

    /// Notes that nobody asks for the entries of one load any more: they go with the next [`RowCache::tidy`].
    pub(crate) fn end(&self, life: Life) {
        self.ended.lock().insert(life);
    }

    /// Forgets everything of the loads that ended. It looks at all entries, so it is done for many loads at once.
    pub(crate) fn tidy(&self) {
        let ended = std::mem::take(&mut *self.ended.lock());
        if !ended.is_empty() {
            self.issues.retain(|(life, _), _| !ended.contains(life));
            self.threads.retain(|(life, _), _| !ended.contains(life));
        }
    }
}
