//! Bringing a tenant's search index up to date with its log.
//!
//! One at a time writes an index. Each commit carries the place in the log that it reflects, taken before the texts are
//! read: a text may be newer than that place, and is then indexed again; never older.

use super::LiveTenant;
use super::load::in_background;
use super::load::place_at;
use crate::access::Scope;
use crate::error::Result;
use crate::id::IssueId;
use crate::model::{Issue, Seq};
use crate::search::{Document, TextIndex, TextWriter};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Issues whose texts are read at once.
const READ_AT_ONCE: usize = 64;

/// Issues of the tail that are committed together.
const COMMITTED_AT_ONCE: usize = 1_024;

/// Comments read at once.
const COMMENTS_PAGE: usize = 250;

/// Bytes of the comments of one issue that are searched: the oldest so many.
const COMMENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What is told of an index that is being made anew: issues taken in, and issues in all.
pub(crate) type Progress = dyn Fn(u64, u64) + Send + Sync;

impl LiveTenant {
    /// Brings the index up to date.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it cannot be written; it is as it was.
    pub(crate) async fn bring_index_up(self: &Arc<Self>) -> Result<()> {
        let _turn = self.search.turn.lock().await;
        if self.is_broken() {
            // Who loads the tenant again has an index of its own over the same files.
            return Ok(());
        }
        let done = self.catch_up().await;
        if done.is_err() {
            self.give_up_full_tail();
        }
        done
    }

    async fn catch_up(&self) -> Result<()> {
        let index = self.open_index().await?;
        if self.search.incomplete.load(Ordering::Acquire) {
            self.fill(&index, &|_, _| {}).await?;
        }
        self.take_tail(&index).await
    }

    /// Writes must not wait for ever for an index that cannot be written: with a full tail it is given up, and made anew
    /// once that is possible. Searches say meanwhile how far they are complete.
    fn give_up_full_tail(&self) {
        if self.search.tail.len() >= self.tail_max() {
            self.search.give_up();
        }
    }

    /// Makes the index anew, from the rows. Searches go on meanwhile and say how far they are complete.
    ///
    /// # Errors
    ///
    /// As [`LiveTenant::bring_index_up`].
    pub(crate) async fn reindex(self: &Arc<Self>, progress: &Progress) -> Result<()> {
        let _turn = self.search.turn.lock().await;
        let index = self.begin_anew().await?;
        self.search.incomplete.store(true, Ordering::Release);
        self.fill(&index, progress).await?;
        self.take_tail(&index).await
    }

    /// Takes every issue into an index that was begun anew.
    async fn fill(&self, index: &TextIndex, progress: &Progress) -> Result<()> {
        let through = self.applied();
        let scope = Scope::system("all issues are indexed");
        let ids: Vec<_> = self.with_view(&scope, |view| view.all_ids().collect());
        let mut writer = open_writer(index).await?;
        // An earlier attempt may have been committed, and nobody stayed to note it.
        let take = if index.documents() == 0 { TextWriter::add } else { TextWriter::put };
        let all = ids.len() as u64;
        for (done, ids) in ids.chunks(READ_AT_ONCE).enumerate() {
            writer = self.put(writer, ids, take).await?;
            progress((done * READ_AT_ONCE + ids.len()) as u64, all);
        }
        let writer = self.commit(writer, through).await?;
        self.search.incomplete.store(false, Ordering::Release);
        self.search.forget(through);
        in_background(move || writer.close()).await
    }

    /// Takes the issues of the tail into the index, those that are in it by now. Each part is committed by itself: writes
    /// that wait for room in the tail need not wait for all of it.
    async fn take_tail(&self, index: &TextIndex) -> Result<()> {
        let until = self.applied();
        if self.search.tail.len() == 0 {
            return Ok(());
        }
        let mut writer = open_writer(index).await?;
        loop {
            // The place first: what comes behind it stays in the tail.
            let applied = self.applied();
            let (changed, part) = self.search.tail.oldest(COMMITTED_AT_ONCE);
            for ids in changed.chunks(READ_AT_ONCE) {
                writer = self.put(writer, ids, TextWriter::put).await?;
            }
            let through = part.unwrap_or(applied).min(applied);
            writer = self.commit(writer, through).await?;
            self.search.forget(through);
            if through >= until {
                // Merging may take its time: what is committed is found already.
                return in_background(move || writer.close()).await;
            }
        }
    }

    async fn put(
        &self,
        mut writer: TextWriter,
        ids: &[IssueId],
        take: fn(&mut TextWriter, &Document) -> Result<()>,
    ) -> Result<TextWriter> {
        let scope = Scope::system("texts are read to be indexed");
        let mut documents = Vec::with_capacity(ids.len());
        for issue in self.issues(&scope, ids).await?.into_iter().flatten() {
            documents.push(self.document_of(&scope, &issue).await?);
        }
        in_background(move || {
            documents.iter().try_for_each(|document| take(&mut writer, document))?;
            Ok(writer)
        })
        .await
    }

    /// Commits what was put, as true at a place that readers see.
    async fn commit(&self, mut writer: TextWriter, through: Seq) -> Result<TextWriter> {
        let through = place_at(&self.store, through).await?;
        in_background(move || {
            writer.commit(through)?;
            Ok(writer)
        })
        .await
    }

    /// An issue as it is searched, deleted ones too; none when it is not there.
    pub(super) async fn document(&self, id: IssueId) -> Result<Option<Document>> {
        let scope = Scope::system("texts are read to be indexed");
        match self.issues(&scope, &[id]).await?.pop().flatten() {
            Some(issue) => self.document_of(&scope, &issue).await.map(Some),
            None => Ok(None),
        }
    }

    async fn document_of(&self, scope: &Scope, issue: &Issue) -> Result<Document> {
        Ok(Document {
            id: issue.id,
            keys: self.keys_of(issue),
            title: issue.title.clone(),
            description: self.description(issue).await?.unwrap_or_default(),
            comments: self.comment_texts(scope, issue).await?,
            updated_at: issue.updated_at,
            is_open: !issue.category.is_terminal(),
        })
    }

    /// The keys people call an issue by, the present one and former ones.
    fn keys_of(&self, issue: &Issue) -> Vec<String> {
        let directory = self.directory();
        let keys =
            directory.team(issue.team).map(|team| directory.keys_of_team(&team.key)).unwrap_or_default();
        keys.iter().map(|key| format!("{key}-{}", issue.number)).collect()
    }

    async fn comment_texts(&self, scope: &Scope, issue: &Issue) -> Result<Vec<String>> {
        let (mut texts, mut after, mut bytes) = (Vec::new(), None, 0_usize);
        if issue.comment_count == 0 {
            // One that is written meanwhile comes behind the row that was read: the issue is then indexed again.
            return Ok(texts);
        }
        loop {
            let (comments, more) = self.comments(scope, issue, after, COMMENTS_PAGE).await?;
            after = comments.last().map(|comment| comment.id);
            for comment in comments {
                bytes = bytes.saturating_add(comment.body.len());
                if bytes > COMMENT_BYTES_MAX {
                    return Ok(texts);
                }
                texts.push(comment.body.clone());
            }
            if !more {
                return Ok(texts);
            }
        }
    }
}

async fn open_writer(index: &TextIndex) -> Result<TextWriter> {
    let index = index.clone();
    in_background(move || TextWriter::open(&index)).await
}
