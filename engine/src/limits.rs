//! Every bound of the engine in one place, each with its unit. Reaching one is an error that names it.

/// The bounds an engine works within. The defaults suit a server of two cores; an embedder may change any.
///
/// # Examples
///
/// ```
/// let limits = mortise_engine::Limits { page_size_max: 100, ..Default::default() };
/// assert_eq!(limits.title_chars_max, 512);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Characters of an issue's title.
    pub title_chars_max: usize,
    /// Bytes of an issue's description (UTF-8 markdown).
    pub description_bytes_max: usize,
    /// Bytes of a comment's body (UTF-8 markdown).
    pub comment_bytes_max: usize,
    /// Characters of a name: of a team, label, member or tenant.
    pub name_chars_max: usize,
    /// Assignees of one issue.
    pub assignees_max: usize,
    /// Labels of one issue.
    pub labels_max: usize,
    /// Comments of one issue.
    pub comments_per_issue_max: usize,
    /// Levels of sub-issues, the topmost counted.
    pub parent_depth_max: usize,
    /// Teams of one tenant.
    pub teams_max: usize,
    /// Labels defined in one tenant.
    pub labels_per_tenant_max: usize,
    /// Nodes of one page.
    pub page_size_max: usize,
    /// Issues of one atomic bulk update: each writes a row and an event, and a batch holds 100 keys.
    pub bulk_atomic_max: usize,
    /// Issues of one best-effort bulk update.
    pub bulk_best_effort_max: usize,
    /// Nodes of a filter tree.
    pub filter_nodes_max: usize,
    /// Depth of a filter tree.
    pub filter_depth_max: usize,
    /// Values in one `in` list of a filter.
    pub filter_values_max: usize,
    /// Steps of an order: as many as there are things to order by.
    pub sort_steps_max: usize,
    /// Bytes of an idempotency key.
    pub idempotency_key_bytes_max: usize,
    /// Milliseconds for which the answer to an idempotency key is kept.
    pub idempotency_kept_ms: i64,
    /// Writes of one tenant that may wait to become durable; the next waits for room.
    pub pending_writes_max: usize,
    /// Bytes of decoded rows that the cache keeps, all tenants together.
    pub row_cache_bytes: u64,
    /// Bytes of memory that the views and small tables of all loaded tenants may take, estimated. Beyond it those that
    /// nobody uses leave, the least lately used first; the one that was used last stays, however large.
    pub view_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            title_chars_max: 512,
            description_bytes_max: 256 * 1024,
            comment_bytes_max: 64 * 1024,
            name_chars_max: 100,
            assignees_max: 20,
            labels_max: 50,
            comments_per_issue_max: 10_000,
            parent_depth_max: 8,
            teams_max: 1_000,
            labels_per_tenant_max: 2_000,
            page_size_max: 250,
            bulk_atomic_max: 40,
            bulk_best_effort_max: 500,
            filter_nodes_max: 200,
            filter_depth_max: 12,
            filter_values_max: 250,
            sort_steps_max: 10,
            idempotency_key_bytes_max: 128,
            idempotency_kept_ms: 24 * 60 * 60 * 1000,
            pending_writes_max: 256,
            row_cache_bytes: 64 * 1024 * 1024,
            view_memory_bytes: 512 * 1024 * 1024,
        }
    }
}
