//! Writes to the index: documents gathered, then committed together with the place in the log they reflect.
//!
//! A writer holds memory ([`WRITER_BYTES`](super::bounds::WRITER_BYTES)) and three threads of tantivy: open one while
//! there is something to write, and close it. It does not know where documents come from.

use super::bounds::{MERGED_DOCUMENTS_MAX, WRITER_BYTES};
use super::fault::Fault;
use super::index::payload;
use super::{Document, TextIndex};
use crate::error::{Error, Result};
use crate::id::IssueId;
use crate::model::LogPlace;
use tantivy::IndexWriter;
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::LogMergePolicy;

/// Segments of about the same size that are merged into one.
const MERGED_TOGETHER: usize = 5;

/// Documents below which segments count as of the same size.
const SMALL_SEGMENT: u32 = 1_000;

/// The part of removed documents from which on a segment is written anew.
const REMOVED_MAX: f32 = 0.3;

/// Writes to an index. Of one index there is one writer at a time. What has not been committed when it is dropped is
/// lost, and the index is as of the commit before; so it is after a crash at any moment.
pub struct TextWriter {
    index: TextIndex,
    writer: IndexWriter,
}

impl TextWriter {
    /// Opens the writer of an index.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if another is open, or the folder cannot be written.
    pub fn open(index: &TextIndex) -> Result<Self> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(WRITER_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter =
            index.read(|_| Ok(index.tantivy().0.writer_with_options(options).map_err(Fault::from)?))?;
        let mut merging = LogMergePolicy::default();
        merging.set_min_num_segments(MERGED_TOGETHER);
        merging.set_min_layer_size(SMALL_SEGMENT);
        merging.set_max_docs_before_merge(MERGED_DOCUMENTS_MAX);
        merging.set_del_docs_ratio_before_merge(REMOVED_MAX);
        writer.set_merge_policy(Box::new(merging));
        Ok(Self { index: index.clone(), writer })
    }

    /// Adds a document in place of what its issue was before. It may wait while the index is written.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the index cannot be written; drop the writer then.
    pub fn put(&mut self, document: &Document) -> Result<()> {
        self.remove(document.id);
        self.add(document)
    }

    /// Adds a document of an issue that is not in the index: cheaper than [`Self::put`] when an index is made anew.
    ///
    /// # Errors
    ///
    /// As [`Self::put`].
    pub fn add(&mut self, document: &Document) -> Result<()> {
        let (_, columns) = self.index.tantivy();
        let parts = document.parts();
        for part in &parts {
            let part = columns.document(document, part, parts.len() > 1);
            self.writer.add_document(part).map_err(Fault::from)?;
        }
        Ok(())
    }

    /// Removes an issue.
    pub fn remove(&mut self, issue: IssueId) {
        let (_, columns) = self.index.tantivy();
        self.writer.delete_term(columns.id_term(issue));
    }

    /// Makes everything so far durable, and found by the searches that are prepared from now on. `through` is the place
    /// in the log that the index then reflects; it never goes back.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the index cannot be written; it is as of the commit before, and the writer must be dropped.
    pub fn commit(&mut self, through: LogPlace) -> Result<()> {
        let before = self.index.through();
        if through.seq < before {
            return Err(Error::internal(format!(
                "the search index reflects {before}, it cannot go back to {}",
                through.seq
            )));
        }
        self.index.read(|_| {
            let mut commit = self.writer.prepare_commit().map_err(Fault::from)?;
            commit.set_payload(&payload(through));
            commit.commit().map_err(Fault::from)?;
            Ok(())
        })?;
        self.index.refresh()
    }

    /// Waits until segments have been merged that are due, and gives back what the writer holds.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if merging failed: what has been committed is there all the same.
    pub fn close(self) -> Result<()> {
        let Self { index, writer } = self;
        index.read(|_| Ok(writer.wait_merging_threads().map_err(Fault::from)?))?;
        index.refresh()
    }
}
