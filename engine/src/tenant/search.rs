//! A tenant's search: the index as far as it is, the tail behind it matched in memory.
//!
//! The index is opened on first use. What it does not hold yet (see `tail`) is judged by the same rules on the texts
//! themselves, so that a search finds every acknowledged write. How the index is brought up to date is in `index`.

mod opening;

use super::LiveTenant;
use super::load::in_background;
use super::tail::Tail;
use crate::access::Scope;
use crate::error::{Error, Result};
use crate::id::IssueId;
use crate::model::Seq;
use crate::search::{Hit, Hits, Matcher, Rank, Search, SearchQuery, TailDocument, TextIndex, Want, Within};
use crate::time::Timestamp;
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// So often a search begins again because the index was replaced under it.
const REPLACED_MAX: usize = 4;

/// See the module.
pub(super) struct TenantSearch {
    pub(super) folder: PathBuf,
    pub(super) tail: Tail,
    /// The index, once it is open. Only who has the turn replaces it.
    pub(super) index: Mutex<Option<TextIndex>>,
    /// The turn to open the index, to write it, or to begin it anew.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// The index lacks issues that did not change lately: it is being made anew.
    pub(super) incomplete: AtomicBool,
    /// Whether the tenant is in the queue of those to be indexed, and whether in a hurry.
    queued: AtomicBool,
    hurried: AtomicBool,
    /// The index is of no use: the next that has the turn begins it anew.
    given_up: AtomicBool,
    /// The words of issues in the tail, by the change they were read after.
    documents: Mutex<FxHashMap<IssueId, (Seq, Arc<TailDocument>)>>,
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
            index: Mutex::default(),
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

    /// Gives up the index and what it was to take in. For who has the turn.
    pub(super) fn give_up(&self) {
        self.incomplete.store(true, Ordering::Release);
        self.given_up.store(true, Ordering::Release);
        self.forget(Seq(u64::MAX));
    }

    /// Forgets the words of issues that the index has taken in.
    pub(super) fn forget(&self, through: Seq) {
        self.tail.forget(through);
        let left: FxHashMap<_, _> = self.tail.texts().into_iter().collect();
        self.documents.lock().retain(|id, _| left.contains_key(id));
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
        let (index, tail) = self.index_and_tail(&question.allowed).await?;
        let live = self.clone();
        let answer = in_background(move || {
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
        let index = self.text_index().await?;
        if index.documents() == 0 && !self.search.incomplete.load(Ordering::Acquire) {
            // What is alike is told by how rare words are, which an empty index does not know. All is in the tail, so this
            // is soon done; as a task of its own, because an index is not left half written when the asker goes away.
            let live = self.clone();
            tokio::spawn(async move { live.bring_index_up().await }).await.map_err(Error::internal)??;
        }
        let (index, tail) = self.index_and_tail(&allowed).await?;
        let (live, now) = (self.clone(), self.now());
        let answer = in_background(move || {
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
        let answer = in_background(move || Ok(index.prepare(&query)?.matcher().clone())).await;
        self.heal(answer).await
    }

    /// How long the tail may become before writes wait. While the index is filled it is not matched as a whole and takes
    /// a few bytes an issue, so that writes need not wait until a large tenant is indexed.
    pub(super) fn tail_max(&self) -> usize {
        /// So many times longer.
        const FILLING: usize = 25;
        let max = self.shared.limits.search_tail_max;
        if self.search.incomplete.load(Ordering::Acquire) { max.saturating_mul(FILLING) } else { max }
    }

    /// Waits until the index is at most half as far behind as it may be: for work that leaves the other half to others.
    pub(crate) async fn index_comes_near(&self) {
        let half = (self.tail_max() / 2).max(1);
        self.search.tail.room(half, || self.is_broken()).await;
    }

    /// How many issues the index is behind.
    #[cfg(test)]
    pub(crate) fn index_lag(&self) -> usize {
        self.search.tail.len()
    }

    /// Lets go of the index, once nobody writes it. Whoever has the turn afterwards sees that the tenant is given up.
    pub(super) async fn close_index(&self) {
        let _turn = self.search.turn.lock().await;
        *self.search.index.lock() = None;
    }

    /// The place in the log that the index reflects; none while it is not open.
    pub(crate) fn index_place(&self) -> Option<Seq> {
        self.search.index.lock().as_ref().map(TextIndex::through)
    }

    /// The place in the log behind which searches are not complete; none: they are.
    pub(crate) fn index_incomplete_behind(&self) -> Option<Seq> {
        let incomplete = self.search.incomplete.load(Ordering::Acquire);
        incomplete.then(|| self.index_place().unwrap_or_default())
    }

    /// The index, and what it lacks of the issues that may be found.
    async fn index_and_tail(
        self: &Arc<Self>,
        allowed: &RoaringBitmap,
    ) -> Result<(TextIndex, Vec<(u32, Arc<TailDocument>)>)> {
        for _ in 0..REPLACED_MAX {
            let index = self.text_index().await?;
            // The tail first: what the index takes in until it is read is then in both, and judged by its texts.
            let tail = self.tail_documents(allowed).await?;
            // Begun anew meanwhile, the index and the tail would not be of each other.
            if self.search.index.lock().as_ref().is_some_and(|now| now.is_same(&index)) {
                return Ok((index, tail));
            }
        }
        Err(Error::unavailable("the search index is being made anew; ask again in a moment"))
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
        // The place first: what changed up to it, is in the texts that are read from here on.
        let applied = self.applied();
        let mut changed = self.search.tail.texts();
        if self.search.incomplete.load(Ordering::Acquire) {
            // The answer says that it is not complete: of a long tail the newest are judged.
            changed.sort_unstable_by_key(|(_, seq)| std::cmp::Reverse(*seq));
            changed.truncate(self.shared.limits.search_tail_max);
        }
        let wanted: Vec<_> = self.with_view(&scope, |view| {
            let known = changed.into_iter().filter_map(|(id, seq)| Some((id, seq, view.ordinal_of(id)?)));
            known.filter(|(_, _, ordinal)| allowed.contains(*ordinal)).collect()
        });
        let mut found = Vec::with_capacity(wanted.len());
        for (id, seq, ordinal) in wanted {
            let cached = self.search.documents.lock().get(&id).filter(|(at, _)| *at == seq).cloned();
            let document = match cached {
                Some((_, document)) => document,
                None => {
                    let Some(document) = self.document(id).await? else { continue };
                    let language = self.language();
                    let document =
                        in_background(move || Ok(Arc::new(TailDocument::new(&document, language)))).await?;
                    if seq <= applied {
                        self.search.documents.lock().insert(id, (seq, document.clone()));
                    }
                    document
                }
            };
            found.push((ordinal, document));
        }
        Ok(found)
    }
}

/// Takes what was found in the tail into the hits.
fn join(hits: &mut Hits, found: Vec<Hit>, want: Want) {
    if found.is_empty() {
        return;
    }
    hits.total = hits.total.saturating_add(found.len() as u64);
    match want {
        Want::Top { count, after } => {
            hits.best.extend(found.into_iter().filter(|hit| after.is_none_or(|after| hit.rank < after)));
            hits.best.sort_unstable_by_key(|hit| Reverse(hit.rank));
            hits.best.truncate(count);
        }
        Want::All { scored } => {
            let mut scores: FxHashMap<u32, f32> = if scored > 0 {
                hits.all.iter().zip(hits.scores.drain(..)).collect()
            } else {
                FxHashMap::default()
            };
            for hit in found {
                hits.all.insert(hit.ordinal);
                scores.insert(hit.ordinal, hit.rank.score);
            }
            if scored > 0 {
                hits.scores =
                    hits.all.iter().map(|at| scores.get(&at).copied().unwrap_or_default()).collect();
            }
        }
    }
}
