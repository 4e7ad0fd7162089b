//! What every backend must do, run against each of them.
//!
//! A case is a sentence and a generic function; the list at the end runs it on every backend, in a folder of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::embedded::EmbeddedStore;
use super::embedded::backend::{Backend, Opener};
use super::fjall::FjallBackend;
use super::sled::SledBackend;
use super::*;
use crate::id::TenantId;

mod atomic;
mod broken;
mod crash;
mod faulty;
mod large;
mod log;
mod order;
mod sealed;

/// A backend as the cases open it.
trait Candidate: Backend {
    fn open_in(folder: &Path, options: &StoreOptions) -> Result<Self, StorageError>;
}

impl Candidate for SledBackend {
    fn open_in(folder: &Path, options: &StoreOptions) -> Result<Self, StorageError> {
        Self::open(folder, options)
    }
}

impl Candidate for FjallBackend {
    fn open_in(folder: &Path, options: &StoreOptions) -> Result<Self, StorageError> {
        Self::open(folder, options)
    }
}

fn options() -> StoreOptions {
    StoreOptions {
        cache_bytes: 8 * 1_024 * 1_024,
        write_buffer_bytes: 8 * 1_024 * 1_024,
        ballast_bytes: 64 * 1_024,
        lock_wait: Duration::from_secs(10),
    }
}

fn opener<B: Candidate>(folder: &Path) -> Opener<B> {
    let folder = folder.to_owned();
    Box::new(move || B::open_in(&folder, &options()))
}

/// Opens a store in a folder.
fn open<B: Candidate>(folder: &Path) -> Arc<dyn Store> {
    Arc::new(EmbeddedStore::<B>::open(folder, options().lock_wait, opener(folder)).unwrap())
}

/// A new store with the folder it lives in.
fn fresh<B: Candidate>() -> (tempfile::TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open::<B>(folder.path());
    (folder, store)
}

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

/// A row key of the store's own level: no builder, so that odd bytes can be tried.
fn row(rest: impl AsRef<[u8]>) -> Vec<u8> {
    [b"D", rest.as_ref()].concat()
}

fn bytes(text: impl AsRef<[u8]>) -> Bytes {
    Bytes::copy_from_slice(text.as_ref())
}

/// A commit of rows only.
fn rows(tenant: TenantId, puts: &[(&str, &str)]) -> Commit {
    let puts = puts.iter().map(|(key, value)| (row(key), bytes(value))).collect();
    Commit { puts, ..Commit::new(tenant) }
}

/// A commit of one log record.
fn record(tenant: TenantId, epoch: u64, after: u64, text: &str) -> Commit {
    Commit { head: Some(HeadCondition { epoch, after }), log: vec![bytes(text)], ..Commit::new(tenant) }
}

#[track_caller]
fn committed(outcome: CommitOutcome) -> u64 {
    match outcome {
        CommitOutcome::Committed { seq } => seq,
        other => panic!("expected a commit, got {other:?}"),
    }
}

#[track_caller]
fn conflict(outcome: CommitOutcome) -> Conflict {
    match outcome {
        CommitOutcome::Conflict(conflict) => conflict,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

#[track_caller]
fn refused(outcome: CommitOutcome) -> StorageError {
    match outcome {
        CommitOutcome::Refused(error) => error,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Runs each case on each backend.
macro_rules! on_every_backend {
    ($($area:ident: $($case:ident),+ $(,)?;)+) => {
        mod on_sled {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$area::$case::<super::SledBackend>().await;
                }
            )+)+
        }

        mod on_fjall {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$area::$case::<super::FjallBackend>().await;
                }
            )+)+
        }
    };
}

on_every_backend! {
    atomic:
        a_batch_is_written_whole,
        a_failed_condition_writes_nothing_and_names_itself,
        conditions_see_the_commits_queued_before_them,
        removals_come_before_writes,
        a_cleared_prefix_takes_its_keys_and_no_others,
        a_too_large_batch_is_refused_with_its_limit,
        the_logs_and_the_epochs_key_space_cannot_be_written_as_rows;
    order:
        a_scan_goes_both_ways_in_byte_order,
        a_prefix_of_all_ones_ends_where_it_should,
        pages_continue_where_they_stopped,
        a_page_is_bounded_in_bytes_too,
        bounds_are_kept_exactly,
        many_keys_are_read_in_the_order_asked_for;
    log:
        sequence_numbers_are_dense_and_changes_come_in_order,
        a_commit_on_an_old_head_is_refused_with_the_new_one,
        a_fenced_writer_is_refused,
        a_log_record_without_a_head_is_refused,
        sixty_four_submitters_on_one_tenant_commit_in_order,
        a_pipeline_commits_in_the_order_of_submission,
        tenants_share_a_group_without_sharing_a_head,
        a_log_that_is_taken_over_goes_on_where_it_ended;
    sealed:
        tenants_do_not_see_their_neighbours,
        a_moved_or_swapped_value_does_not_open,
        a_flipped_byte_is_an_error_that_names_the_kind_and_no_content,
        no_plain_text_reaches_the_disk,
        an_erased_tenant_leaves_nothing_and_its_neighbours_everything;
    large:
        a_large_record_comes_back_whole,
        a_smaller_overwrite_and_a_delete_leave_no_parts,
        a_large_log_record_comes_back_whole_in_both_directions,
        neighbouring_large_records_keep_their_own_parts,
        a_record_beyond_the_batch_limit_is_refused,
        a_large_record_read_while_it_is_overwritten_is_never_mixed;
    crash:
        a_reopened_store_has_everything,
        a_copy_taken_after_an_answer_has_the_commit,
        a_store_that_was_only_dropped_is_complete,
        a_second_open_is_refused_after_a_bounded_wait_naming_the_holder,
        a_closed_store_answers_unavailable,
        figures_count_commits_and_bytes;
    broken:
        a_failed_sync_answers_indeterminate_to_all_and_the_store_comes_back,
        a_commit_that_reached_the_disk_before_the_failure_is_found_by_its_head,
        a_store_that_does_not_reopen_is_unavailable_until_it_does,
        a_panic_in_a_commit_or_a_read_does_not_cross,
        closing_a_store_that_does_not_reopen_returns;
}
