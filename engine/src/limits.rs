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
    /// How long the plugins that are asked about one change may take together, in milliseconds. Those in shadow have half of it
    /// at most, of what the others left.
    pub hooks_time_ms: u64,
    /// Levels of sub-issues, the topmost counted.
    pub parent_depth_max: usize,
    /// Teams of one tenant.
    pub teams_max: usize,
    /// Members of one team. A change of one is an event that holds them all.
    pub team_members_max: usize,
    /// People who are named to see one confidential issue.
    pub participants_max: usize,
    /// Invitations of one tenant that are open.
    pub invitations_max: usize,
    /// Invitations that one tenant sends, and sends again, in a day: each is a letter to somebody who may not want it.
    pub invitations_per_day_max: usize,
    /// Letters of invitation to one address in a day.
    pub invitation_letters_max: usize,
    /// How long an invitation is remembered after it came to its end, in milliseconds. The log tells of it for ever.
    pub invitation_kept_ms: i64,
    /// How long an invitation can be accepted, in milliseconds.
    pub invitation_ms: i64,
    /// People of one tenant whom imports brought and who never took part: they hold no seat.
    pub ghosts_max: usize,
    /// Service accounts of one tenant.
    pub service_accounts_max: usize,
    /// Versions of plugins that one tenant has the code of, all plugins together.
    pub plugin_codes_max: usize,
    /// The same, with those whose code was removed: that they were there is remembered.
    pub plugin_codes_ever_max: usize,
    /// Bytes of the code of a plugin that a tenant uploads, unless it was agreed that it may have large ones.
    pub plugin_bytes_max: u64,
    /// Bytes of the code of a plugin of the catalogue, and of one that a tenant uploads with which large ones were agreed.
    pub plugin_curated_bytes_max: u64,
    /// Plugins of one tenant, removed ones not counted.
    pub installations_max: usize,
    /// The same, with those that were removed: they are remembered.
    pub installations_ever_max: usize,
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
    /// Bytes of one text in a filter: of words that are searched, of a name or a title that is compared.
    pub filter_text_bytes_max: usize,
    /// Bytes of a filter written as text.
    pub query_bytes_max: usize,
    /// Steps of an order.
    pub sort_steps_max: usize,
    /// Groups that one list may fall into, whichever page of them is shown: each is found and put in its place.
    pub groups_max: usize,
    /// Parts that each group of a list is cut into: they have no pages.
    pub lanes_max: usize,
    /// Groups of a page times the parts of each: every one is counted, and written where it has issues.
    pub cells_max: usize,
    /// Issues shown in all groups of one list together.
    pub group_issues_max: usize,
    /// Relations of one issue, to others and from others.
    pub relations_max: usize,
    /// Relations that are followed to see that a new one closes no circle.
    pub relation_steps_max: usize,
    /// Issues whose histories or comments one query may have to read, where memory does not answer.
    pub history_candidates_max: usize,
    /// Log records that one query may read.
    pub history_events_max: usize,
    /// Tests of one filter that memory does not answer: of histories, of comments by time, of texts.
    pub looked_up_max: usize,
    /// Events that a look into the past may have to undo.
    pub past_events_max: u64,
    /// Issues that may have changed since a tenant's search index last took them in; then writes wait for it.
    pub search_tail_max: usize,
    /// Views of the past that are made at once, all tenants together: each is a whole view in memory. On a computer with
    /// fewer cores it is as many as those, but two at the least.
    pub past_made_at_once: usize,
    /// Moments of the past for which one tenant may be asked at once for lists: they are made one after the other. Who asks
    /// for one that others ask for too waits with them, and is not counted.
    pub past_moments_max: usize,
    /// Views of the past that are kept for the next page, all tenants together; at least one is.
    pub past_views_max: usize,
    /// Bytes of memory that the views of the past which are kept may take together; the newest is kept whatever its size.
    pub past_views_bytes: usize,
    /// Issues that one change may have to be looked at for in a live query, beside the changed one.
    pub live_neighbours_max: usize,
    /// Saved views of one tenant, deleted ones not counted.
    pub views_max: usize,
    /// Saved views of one member, deleted ones not counted.
    pub views_per_member_max: usize,
    /// Bytes of a saved view's filter, as it is stored.
    pub view_filter_bytes_max: usize,
    /// Columns of a saved view.
    pub view_columns_max: usize,
    /// Views that a member keeps at hand.
    pub favorites_max: usize,
    /// Workflows of one tenant.
    pub workflows_max: usize,
    /// Versions of workflows of one tenant, all workflows together.
    pub workflow_versions_max: usize,
    /// States of one version of a workflow.
    pub workflow_states_max: usize,
    /// States of one workflow, those of all its versions together.
    pub workflow_states_ever_max: usize,
    /// Moves that one version of a workflow lists.
    pub workflow_transitions_max: usize,
    /// Guards of one move; also its effects.
    pub transition_rules_max: usize,
    /// Bytes of a comment that an effect writes (UTF-8 markdown).
    pub effect_comment_bytes_max: usize,
    /// Bytes of one version of a workflow, as it is stored.
    pub workflow_bytes_max: usize,
    /// API keys of one member, revoked ones not counted.
    pub keys_per_member_max: usize,
    /// API keys that one member has ever had: who they were is remembered.
    pub keys_ever_per_member_max: usize,
    /// Networks that one API key is bound to.
    pub key_networks_max: usize,
    /// Open sessions of one member; the next ends the oldest. They are ended in one batch, which holds 100 keys.
    pub sessions_per_member_max: usize,
    /// Identity providers of one tenant, those that were taken away not counted.
    pub providers_max: usize,
    /// Messages of one tenant that may wait to be sent; what would write another is refused.
    pub outbox_max: usize,
    /// Milliseconds for which a message may wait to be sent; what it says ends earlier where it has an end of its own.
    pub mail_kept_ms: i64,
    /// Messages of one tenant that could not be sent and are remembered, without what they said.
    pub mail_lost_max: usize,
    /// Bytes of a logo that is sent along instead of fetched.
    pub logo_bytes_max: usize,
    /// Links of help of one look.
    pub support_links_max: usize,
    /// Bytes of one form of a letter in a company's own words.
    pub template_bytes_max: usize,
    /// Milliseconds that a visit of an operator of the platform lasts at most.
    pub visit_max_ms: i64,
    /// Visits of one tenant, past ones too: they are remembered.
    pub visits_max: usize,
    /// Records that are looked at for one page of the audit log.
    pub audit_reads_max: usize,
    /// Sorts of failures, refusals and uses that one tenant's memory tells apart before they are written.
    pub audit_noted_max: usize,
    /// Failures, refusals and uses of one kind that one tenant writes one by one on a day: so many that name somebody, and
    /// as many that name nobody; further ones are counted. Visits are always written.
    pub audit_noted_per_day_max: usize,
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
    /// Stores of tenants that are open at once, shared ones and those of one tenant together. Beyond it the least lately
    /// used is closed. At least four. Each takes threads, some files, and in memory up to `EngineBuilder::store_cache_bytes`
    /// and, on fjall, `EngineBuilder::store_write_buffer_bytes`; one of a single tenant a quarter of both. Nothing bounds
    /// their memory together but this number.
    pub stores_open_max: usize,
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
            team_members_max: 500,
            participants_max: 50,
            ghosts_max: 50_000,
            service_accounts_max: 200,
            invitations_max: 1_000,
            invitations_per_day_max: 2_000,
            invitation_letters_max: 5,
            invitation_kept_ms: 90 * 24 * 60 * 60 * 1_000,
            invitation_ms: 7 * 24 * 60 * 60 * 1_000,
            plugin_codes_max: 200,
            plugin_codes_ever_max: 2_000,
            plugin_bytes_max: 2 * 1024 * 1024,
            plugin_curated_bytes_max: 20 * 1024 * 1024,
            installations_max: 50,
            installations_ever_max: 1_000,
            labels_per_tenant_max: 2_000,
            page_size_max: 250,
            bulk_atomic_max: 40,
            bulk_best_effort_max: 500,
            filter_nodes_max: 200,
            filter_depth_max: 12,
            filter_values_max: 250,
            filter_text_bytes_max: 2048,
            query_bytes_max: 4096,
            sort_steps_max: 10,
            groups_max: 100_000,
            lanes_max: 250,
            cells_max: 12_500,
            group_issues_max: 10_000,
            relations_max: 100,
            relation_steps_max: 10_000,
            history_candidates_max: 5_000,
            history_events_max: 50_000,
            looked_up_max: 20,
            past_events_max: 200_000,
            search_tail_max: 4_000,
            past_made_at_once: 8,
            past_moments_max: 32,
            past_views_max: 8,
            past_views_bytes: 256 * 1024 * 1024,
            live_neighbours_max: 1_000,
            views_max: 1_000,
            views_per_member_max: 100,
            view_filter_bytes_max: 16 * 1024,
            view_columns_max: 50,
            favorites_max: 100,
            workflows_max: 50,
            workflow_versions_max: 500,
            workflow_states_max: 50,
            workflow_states_ever_max: 200,
            workflow_transitions_max: 200,
            transition_rules_max: 10,
            effect_comment_bytes_max: 4 * 1024,
            workflow_bytes_max: 64 * 1024,
            keys_per_member_max: 100,
            keys_ever_per_member_max: 5_000,
            key_networks_max: 20,
            sessions_per_member_max: 40,
            providers_max: 10,
            outbox_max: 5_000,
            mail_kept_ms: 3 * 24 * 60 * 60 * 1000,
            mail_lost_max: 100,
            logo_bytes_max: 16 * 1024,
            support_links_max: 5,
            template_bytes_max: 8 * 1024,
            visit_max_ms: 8 * 60 * 60 * 1000,
            visits_max: 5_000,
            audit_reads_max: 5_000,
            audit_noted_max: 256,
            audit_noted_per_day_max: 1_000,
            idempotency_key_bytes_max: 128,
            idempotency_kept_ms: 24 * 60 * 60 * 1000,
            hooks_time_ms: 400,
            pending_writes_max: 256,
            row_cache_bytes: 64 * 1024 * 1024,
            view_memory_bytes: 512 * 1024 * 1024,
            stores_open_max: 64,
        }
    }
}
