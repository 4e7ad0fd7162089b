//! Opening a tenant's search index, and beginning it anew when it is missing, damaged, of another language or of another log.
//!
//! Only who has the turn does either: another may be writing to the files. This module does not fill an index.

use super::super::load::{in_background, is_of_this_log};
use super::super::{LiveTenant, reloading};
use crate::access::Scope;
use crate::error::{Error, Result};
use crate::event::{EventBody, Subject};
use crate::model::LogPlace;
use crate::search::{Language, Opened, TextIndex};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Events that are read to find what an index has missed; one that lies further behind is made anew.
const MISSED_EVENTS_MAX: u64 = 50_000;

/// Events read at once.
const EVENTS_PAGE: usize = 1_000;

impl LiveTenant {
    /// The index, opened if it is not. One that is missing or damaged is begun anew; then it is filled by the queue.
    pub(in crate::tenant) async fn text_index(self: &Arc<Self>) -> Result<TextIndex> {
        if let Some(index) = self.usable_index() {
            return Ok(index);
        }
        let known = self.search.index.lock().clone();
        if let Some(index) = known.filter(|_| self.search.turn.try_lock().is_err()) {
            // Somebody writes it, which may take its time. It will have to do until it can be begun anew.
            self.enqueue();
            return Ok(index);
        }
        // As a task of its own: nobody else may take the turn while files are being made, though the asker goes away.
        let live = self.clone();
        let opening = tokio::spawn(async move {
            let _turn = live.search.turn.lock().await;
            live.open_index().await
        });
        opening.await.map_err(Error::internal)?
    }

    /// The index, if it is open and of use.
    fn usable_index(&self) -> Option<TextIndex> {
        let index = self.search.index.lock().clone()?;
        let given_up = self.search.given_up.load(Ordering::Acquire);
        (!given_up && !index.needs_rebuild() && index.language() == self.language()).then_some(index)
    }

    /// [`LiveTenant::text_index`] for who has the turn.
    pub(in crate::tenant) async fn open_index(&self) -> Result<TextIndex> {
        if let Some(index) = self.usable_index() {
            return Ok(index);
        }
        if self.search.index.lock().is_some() {
            // Until a new one is there: what was written to the old one since it was opened is in no tail.
            self.search.given_up.store(true, Ordering::Release);
        }
        let kept = match self.search.given_up.load(Ordering::Acquire) {
            true => None,
            false => self.kept_index().await?,
        };
        let index = match kept {
            Some(index) => {
                *self.search.index.lock() = Some(index.clone());
                index
            }
            None => self.begin_anew().await?,
        };
        self.enqueue();
        Ok(index)
    }

    /// The index in the folder, if it is whole and speaks of this log, not too far behind.
    async fn kept_index(&self) -> Result<Option<TextIndex>> {
        let (folder, language) = (self.search.folder.clone(), self.language());
        match in_background(move || TextIndex::open(&folder, language)).await? {
            Opened::Ready(index) => Ok(self.missed(index.place()).await?.then_some(index)),
            Opened::MustRebuild(why) => {
                tracing::info!(tenant.id = %self.store.tenant(), %why, "search index is made anew");
                Ok(None)
            }
        }
    }

    /// The language that the tenant's texts are in.
    pub(super) fn language(&self) -> Language {
        self.record().language.unwrap_or_default()
    }

    /// An empty index in place of what there is, for who has the turn. The issues of a small tenant are all in the tail, so
    /// that it is complete at once.
    pub(in crate::tenant) async fn begin_anew(&self) -> Result<TextIndex> {
        if self.is_broken() {
            // Nothing of a tenant that is erased may come back, and who loads it again begins an index of its own.
            return Err(reloading());
        }
        self.search.given_up.store(true, Ordering::Release);
        let (folder, language) = (self.search.folder.clone(), self.language());
        let index = in_background(move || TextIndex::create(&folder, language)).await?;
        self.search.documents.lock().clear();
        let scope = Scope::system("all issues are indexed");
        let few = self.shared.limits.search_tail_max / 4;
        let (all, seq) = self.with_view(&scope, |view| {
            ((view.len() <= few).then(|| view.all_ids().collect::<Vec<_>>()), self.applied())
        });
        // Before the index is seen: whoever searches it knows what it lacks.
        self.search.incomplete.store(all.is_none(), Ordering::Release);
        all.into_iter().flatten().for_each(|id| self.search.tail.note_texts(id, seq));
        *self.search.index.lock() = Some(index.clone());
        self.search.given_up.store(false, Ordering::Release);
        Ok(index)
    }

    /// Takes into the tail what changed between the index's last commit and the loading of the tenant. False when that
    /// is too much, or the index speaks of a log that is not this one.
    async fn missed(&self, through: LogPlace) -> Result<bool> {
        let until = self.search.loaded_at;
        let mut at = through.seq;
        if at > self.applied() || until.0.saturating_sub(at.0) > MISSED_EVENTS_MAX {
            return Ok(false);
        }
        // A store that was put back to an older copy may have gone on beyond the index since.
        if !is_of_this_log(&self.store, through).await? {
            tracing::info!(tenant.id = %self.store.tenant(), "the search index is of another log, and made anew");
            return Ok(false);
        }
        while at < until {
            let events = self.events(at, EVENTS_PAGE).await?;
            let Some(last) = events.last() else { break };
            at = last.seq;
            for event in events {
                let about_texts = matches!(
                    event.body,
                    None | Some(
                        EventBody::IssueCreated { .. }
                            | EventBody::IssueUpdated { .. }
                            | EventBody::CommentCreated { .. }
                            | EventBody::CommentEdited { .. }
                            | EventBody::CommentDeleted { .. }
                    )
                );
                if let (Subject::Issue(id), true) = (event.subject, about_texts) {
                    self.search.tail.note_texts(id, event.seq);
                }
            }
            if self.search.tail.len() > self.shared.limits.search_tail_max {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sees to it that an index that turned out to be damaged is made anew: then the next search finds it so.
    pub(super) async fn heal<T>(self: &Arc<Self>, answer: Result<T>) -> Result<T> {
        if answer.is_err() {
            let damaged = self.search.index.lock().as_ref().is_some_and(TextIndex::needs_rebuild);
            if damaged {
                self.text_index().await?;
            }
        }
        answer
    }
}
