//! A tenant's search: the index as far as it is, the tail behind it matched in memory.
//!
//! The index is opened on first use. What it does not hold yet (see `tail`) is judged by the same rules on the texts
//! themselves, so that a search finds every acknowledged write. How the index is brought up to date is in `index`.

use super::LiveTenant;
use super::tail::Tail;
use crate::access::Scope;
use crate::error::{Error, Result};
use crate::event::{EventBody, Subject};
use crate::id::IssueId;
use crate::model::Seq;
use crate::search::{
    Hit, Hits, Language, Matcher, Opened, Rank, Search, SearchQuery, TailDocument, TextIndex, Want, Within,
};
use crate::time::Timestamp;
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Events that are read to find what an index has missed; one that lies further behind is made anew.
const MISSED_EVENTS_MAX: u64 = 50_000;

/// Events read at once.
const EVENTS_PAGE: usize = 1_000;

/// See the module.
pub(super) struct TenantSearch {
    pub(super) folder: PathBuf,
    pub(super) tail: Tail,
    /// The index, once it is open.
    pub(super) index: tokio::sync::Mutex<Option<TextIndex>>,
    /// The turn to write the index.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// The index lacks issues that did not change lately: it is being made anew.
    pub(super) incomplete: AtomicBool,
    /// Whether the tenant is in the queue of those to be indexed, and whether in a hurry.
    queued: AtomicBool,
    hurried: AtomicBool,
    /// The index was given up: the next that needs it begins anew.
    given_up: AtomicBool,
    /// The words of issues in the tail, by the version they were found in.
    documents: Mutex<FxHashMap<IssueId, (u64, Arc<TailDocument>)>>,
    /// Where the log ended when the tenant was loaded: what came later is in the tail.
    loaded_at: Seq,
}

/// What a search is about.
pub(crate) struct TextQuestion {
    /// What was typed, read.
    pub(crate) query: SearchQuery,
    /// The issues that may be found, as ordinals of the tenant's view.
    pub(crate) allowed: RoaringBitmap,
    /// When it is asked; the pages of one list say the same.
    pub(crate) now: Timestamp,
    /// What is wanted of the hits.
    pub(crate) want: Want,
}

impl TenantSearch {
    pub(super) fn new(folder: PathBuf, loaded_at: Seq) -> Self {
        Self {
            folder,
            tail: Tail::new(),
            index: tokio::sync::Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            incomplete: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            documents: Mutex::default(),
            loaded_at,
        }
    }

    /// Marks that the tenant is in the queue; false if it is already.
    pub(super) fn enter_queue(&self) -> bool {
        !self.queued.swap(true, Ordering::AcqRel)
    }

    /// Marks that it is in a hurry; false if it is already.
    pub(super) fn hurry(&self) -> bool {
        !self.hurried.swap(true, Ordering::AcqRel)
    }

    /// Marks that the tenant was taken from the queue; false if it was not there.
    pub(super) fn leave_queue(&self) -> bool {
        self.hurried.store(false, Ordering::Release);
        self.queued.swap(false, Ordering::AcqRel)
    }

    /// The place in the log behind which searches are not complete; none: they are. While the index is in other hands, the
    /// place is not known, and the beginning of the log stands for it.
    fn incomplete_behind(&self) -> Option<Seq> {
        let place = || self.index.try_lock().ok()?.as_ref().map(TextIndex::through);
        self.incomplete.load(Ordering::Acquire).then(|| place().unwrap_or_default())
    }

    /// Gives up the index and what it was to take in.
    pub(super) fn give_up(&self) {
        self.incomplete.store(true, Ordering::Release);
        self.given_up.store(true, Ordering::Release);
        self.forget(Seq(u64::MAX));
    }

    /// Forgets the words of issues that the index has taken in.
    pub(super) fn forget(&self, through: Seq) {
        self.tail.forget(through);
        let left: rustc_hash::FxHashSet<_> = self.tail.texts().into_iter().collect();
        self.documents.lock().retain(|id, _| left.contains(id));
    }
}

impl LiveTenant {
    /// Finds issues by their texts.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` for words that are too common to be searched for together, `INVALID_INPUT` for ones that cannot be,
    /// `UNAVAILABLE` when the index cannot be read.
    pub(crate) async fn search_texts(self: &Arc<Self>, question: TextQuestion) -> Result<Hits> {
        let index = self.text_index().await?;
        // The tail first: what the index takes in meanwhile is then in both, and judged by its texts.
        let tail = self.tail_documents(&question.allowed).await?;
        let live = self.clone();
        let answer = blocking(move || {
            let TextQuestion { query, allowed, now, want } = question;
            live.find(&index.prepare(&query)?, &allowed, now, want, &tail)
        });
        self.heal(answer.await).await
    }

    /// Issues that say what a text says; scores are from 0 to 1.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the index cannot be read.
    pub(crate) async fn similar_texts(
        self: &Arc<Self>,
        (title, description): (String, String),
        allowed: RoaringBitmap,
        count: usize,
    ) -> Result<Vec<Hit>> {
        let mut index = self.text_index().await?;
        if index.documents() == 0 {
            // What is alike is told by how rare words are, which an empty index does not know.
            self.bring_index_up().await?;
            index = self.text_index().await?;
        }
        let tail = self.tail_documents(&allowed).await?;
        let (live, now) = (self.clone(), self.now());
        let answer = blocking(move || {
            let Some(search) = index.prepare_similar(&title, &description)? else { return Ok(Vec::new()) };
            let want = Want::Top { count, after: None };
            let hits = live.find(&search, &allowed, now, want, &tail)?;
            Ok(hits.best)
        });
        self.heal(answer.await).await
    }

    /// What marks the words of a query in the texts of hits.
    ///
    /// # Errors
    ///
    /// As [`LiveTenant::search_texts`].
    pub(crate) async fn text_matcher(self: &Arc<Self>, query: SearchQuery) -> Result<Matcher> {
        let index = self.text_index().await?;
        let answer = blocking(move || Ok(index.prepare(&query)?.matcher().clone())).await;
        self.heal(answer).await
    }

    /// The place in the log that the index reflects; none while it is not open.
    pub(crate) fn index_place(&self) -> Option<Seq> {
        self.search.index.try_lock().ok()?.as_ref().map(TextIndex::through)
    }

    /// The place in the log behind which searches are not complete; none: they are.
    pub(crate) fn index_incomplete_behind(&self) -> Option<Seq> {
        self.search.incomplete_behind()
    }

    /// Finds in the index what it holds truly, and judges the rest by its texts. Blocks.
    fn find(
        &self,
        search: &Search,
        allowed: &RoaringBitmap,
        now: Timestamp,
        want: Want,
        tail: &[(u32, Arc<TailDocument>)],
    ) -> Result<Hits> {
        let scope = Scope::system("the caller says which issues may be found");
        let known = |id| self.with_view(&scope, |view| view.ordinal_of(id));
        let tail_set: RoaringBitmap = tail.iter().map(|(ordinal, _)| *ordinal).collect();
        let rest = allowed - &tail_set;
        let within = Within { allowed: &rest, ordinal_of: &known, life: self.life.number() };
        let mut hits = search.run(&within, now, want)?;
        let found = tail.iter().filter_map(|(ordinal, document)| {
            let score = search.matcher().matches(document, now)?;
            Some(Hit { rank: Rank { score, issue: document.id() }, ordinal: *ordinal })
        });
        join(&mut hits, found.collect(), want);
        Ok(hits)
    }

    /// The words of the issues that may be found and whose texts the index does not have as they are.
    async fn tail_documents(&self, allowed: &RoaringBitmap) -> Result<Vec<(u32, Arc<TailDocument>)>> {
        let scope = Scope::system("the words of issues that may be found");
        let changed = self.search.tail.texts();
        let wanted: Vec<_> = self.with_view(&scope, |view| {
            let known =
                changed.into_iter().filter_map(|id| Some((id, view.ordinal_of(id)?, view.version_of(id)?)));
            known.filter(|(_, ordinal, _)| allowed.contains(*ordinal)).collect()
        });
        let mut found = Vec::with_capacity(wanted.len());
        for (id, ordinal, version) in wanted {
            let cached = self.search.documents.lock().get(&id).filter(|(at, _)| *at == version).cloned();
            let document = match cached {
                Some((_, document)) => document,
                None => {
                    let Some((version, document)) = self.document(id).await? else { continue };
                    let language = self.language();
                    let document =
                        blocking(move || Ok(Arc::new(TailDocument::new(&document, language)))).await?;
                    self.search.documents.lock().insert(id, (version, document.clone()));
                    document
                }
            };
            found.push((ordinal, document));
        }
        Ok(found)
    }

    /// The index, opened if it is not. One that is missing or damaged is begun anew; then it is filled by the queue.
    pub(super) async fn text_index(self: &Arc<Self>) -> Result<TextIndex> {
        let mut place = self.search.index.lock().await;
        let given_up = self.search.given_up.swap(false, Ordering::AcqRel);
        if let Some(index) = place
            .as_ref()
            .filter(|index| !given_up && !index.needs_rebuild() && index.language() == self.language())
        {
            return Ok(index.clone());
        }
        let damaged = place.take().is_some() || given_up;
        let index = match if damaged { None } else { self.kept_index().await? } {
            Some(index) => index,
            None => self.begin_anew().await?,
        };
        *place = Some(index.clone());
        drop(place);
        self.enqueue();
        Ok(index)
    }

    /// The index in the folder, if it is whole and speaks of this log, not too far behind.
    async fn kept_index(&self) -> Result<Option<TextIndex>> {
        let (folder, language) = (self.search.folder.clone(), self.language());
        match blocking(move || TextIndex::open(&folder, language)).await? {
            Opened::Ready(index) => Ok(self.missed(index.through()).await?.then_some(index)),
            Opened::MustRebuild(why) => {
                tracing::info!(tenant.id = %self.store.tenant(), %why, "search index is made anew");
                Ok(None)
            }
        }
    }

    /// The language that the tenant's texts are in.
    fn language(&self) -> Language {
        self.record().language.unwrap_or_default()
    }

    /// An empty index. The issues of a small tenant are all in the tail, so that it is complete at once.
    pub(super) async fn begin_anew(&self) -> Result<TextIndex> {
        let (folder, language) = (self.search.folder.clone(), self.language());
        let index = blocking(move || TextIndex::create(&folder, language)).await?;
        self.search.documents.lock().clear();
        let scope = Scope::system("all issues are indexed");
        let few = self.shared.limits.search_tail_max / 4;
        let (all, seq) = self.with_view(&scope, |view| {
            ((view.len() <= few).then(|| view.all_ids().collect::<Vec<_>>()), self.applied())
        });
        self.search.incomplete.store(all.is_none(), Ordering::Release);
        all.into_iter().flatten().for_each(|id| self.search.tail.note_texts(id, seq));
        Ok(index)
    }

    /// Takes into the tail what changed between the index's last commit and the loading of the tenant. False when that
    /// is too much, or the index speaks of a log that is not this one.
    async fn missed(&self, through: Seq) -> Result<bool> {
        let until = self.search.loaded_at;
        if through > self.applied() || until.0.saturating_sub(through.0) > MISSED_EVENTS_MAX {
            return Ok(false);
        }
        let mut at = through;
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
    async fn heal<T>(self: &Arc<Self>, answer: Result<T>) -> Result<T> {
        if answer.is_err() {
            let damaged = self.search.index.lock().await.as_ref().is_some_and(TextIndex::needs_rebuild);
            if damaged {
                self.text_index().await?;
            }
        }
        answer
    }
}

/// Takes what was found in the tail into the hits.
fn join(hits: &mut Hits, found: Vec<Hit>, want: Want) {
    hits.total = hits.total.saturating_add(found.len() as u64);
    match want {
        Want::Top { count, after } => {
            hits.best.extend(found.into_iter().filter(|hit| after.is_none_or(|after| hit.rank < after)));
            hits.best.sort_unstable_by(|a, b| b.rank.cmp(&a.rank));
            hits.best.truncate(count);
        }
        Want::All { scored } => {
            let mut scores: FxHashMap<u32, f32> = if scored {
                hits.all.iter().zip(hits.scores.drain(..)).collect()
            } else {
                FxHashMap::default()
            };
            for hit in found {
                hits.all.insert(hit.ordinal);
                scores.insert(hit.ordinal, hit.rank.score);
            }
            if scored {
                hits.scores =
                    hits.all.iter().map(|at| scores.get(&at).copied().unwrap_or_default()).collect();
            }
        }
    }
}

/// Runs what blocks on a thread that may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_index_says_so_while_others_use_it() {
        let search = TenantSearch::new(PathBuf::new(), Seq(0));
        assert_eq!(search.incomplete_behind(), None);
        search.incomplete.store(true, Ordering::Release);
        let _used = search.index.try_lock().unwrap();
        assert_eq!(search.incomplete_behind(), Some(Seq(0)));
    }
}
