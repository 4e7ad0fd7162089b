//! The cache of decoded rows, one for all tenants, bounded in bytes.
//!
//! A reader that misses holds the place while it reads the store; a writer that applies a newer row meanwhile takes
//! the place away, so that an older row never lands on a newer one.

use crate::id::{IssueId, TenantId};
use crate::model::{Comment, Issue};
use quick_cache::sync::{Cache, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter, sync::DefaultLifecycle};
use std::sync::Arc;

/// Bytes that an entry costs besides its content.
const ENTRY_OVERHEAD: u64 = 128;

/// What is cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// The row of an issue.
    Issue,
    /// All comments of an issue that has few.
    Thread,
}

type CacheKey = (TenantId, IssueId, What);

/// A cached value.
#[derive(Debug, Clone)]
pub(crate) enum Cached {
    /// The row of an issue.
    Issue(Arc<Issue>),
    /// All comments of an issue, in order, deleted ones left out.
    Thread(Arc<[Arc<Comment>]>),
}

#[derive(Clone)]
pub(crate) struct BySize;

impl Weighter<CacheKey, Cached> for BySize {
    fn weight(&self, _: &CacheKey, value: &Cached) -> u64 {
        ENTRY_OVERHEAD
            + match value {
                Cached::Issue(issue) => issue_bytes(issue),
                Cached::Thread(comments) => {
                    comments.iter().map(|c| c.body.len() as u64 + ENTRY_OVERHEAD).sum()
                }
            }
    }
}

fn issue_bytes(issue: &Issue) -> u64 {
    let text = issue.title.len() + issue.description.as_ref().map_or(0, String::len);
    let lists = (issue.assignees.len() + issue.labels.len()) * 16;
    (size_of::<Issue>() + text + lists) as u64
}

type Lifecycle = DefaultLifecycle<CacheKey, Cached>;

/// A place in the cache that a reader fills after reading the store.
pub(crate) type Place<'a> = PlaceholderGuard<'a, CacheKey, Cached, BySize, DefaultHashBuilder, Lifecycle>;

/// See the module.
pub(crate) struct RowCache(Cache<CacheKey, Cached, BySize, DefaultHashBuilder, Lifecycle>);

impl RowCache {
    /// A cache of at most so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / 1024).unwrap_or(usize::MAX).max(16);
        Self(Cache::with_weighter(items, bytes, BySize))
    }

    /// The row of an issue, or the place to fill.
    pub(crate) async fn issue(&self, tenant: TenantId, id: IssueId) -> Result<Arc<Issue>, Place<'_>> {
        match self.0.get_value_or_guard_async(&(tenant, id, What::Issue)).await {
            Ok(Cached::Issue(issue)) => Ok(issue),
            Ok(Cached::Thread(_)) => unreachable!("the key says what is cached"),
            Err(place) => Err(place),
        }
    }

    /// The row of an issue, if it is cached.
    pub(crate) fn peek_issue(&self, tenant: TenantId, id: IssueId) -> Option<Arc<Issue>> {
        match self.0.get(&(tenant, id, What::Issue))? {
            Cached::Issue(issue) => Some(issue),
            Cached::Thread(_) => None,
        }
    }

    /// The comments of an issue, or the place to fill.
    pub(crate) async fn thread(
        &self,
        tenant: TenantId,
        id: IssueId,
    ) -> Result<Arc<[Arc<Comment>]>, Place<'_>> {
        match self.0.get_value_or_guard_async(&(tenant, id, What::Thread)).await {
            Ok(Cached::Thread(comments)) => Ok(comments),
            Ok(Cached::Issue(_)) => unreachable!("the key says what is cached"),
            Err(place) => Err(place),
        }
    }

    /// Takes the newest row of an issue.
    pub(crate) fn put_issue(&self, tenant: TenantId, issue: Arc<Issue>) {
        self.0.insert((tenant, issue.id, What::Issue), Cached::Issue(issue));
    }

    /// Takes a row that was read from the store, unless there is one.
    pub(crate) async fn put_if_absent(&self, tenant: TenantId, issue: &Arc<Issue>) {
        if let Err(place) = self.issue(tenant, issue.id).await {
            let _ = place.insert(Cached::Issue(issue.clone()));
        }
    }

    /// Forgets the comments of an issue.
    pub(crate) fn drop_thread(&self, tenant: TenantId, issue: IssueId) {
        self.0.remove(&(tenant, issue, What::Thread));
    }

    /// Forgets everything of a tenant.
    pub(crate) fn drop_tenant(&self, tenant: TenantId) {
        self.0.retain(|(owner, _, _), _| *owner != tenant);
    }
}
