//! The index of one tenant: a folder that is opened, or made anew when it is missing, damaged or of another kind.
//!
//! Open it costs one file handle for a moment and a few mapped files for each segment; no thread is started. It knows
//! nothing of the log but the place in it that the last commit carries.

use super::fault::{Fault, guarded};
use super::ordinals::Ordinals;
use super::plan::Plan;
use super::schema::{Columns, tokenizers};
use super::snapshot::Snapshot;
use super::{Document, Language, Matcher, Search, SearchQuery, TextWriter, similar};
use crate::error::Result;
use crate::id::IssueId;
use crate::model::{LogPlace, Seq};
use data_encoding::HEXLOWER;
use parking_lot::RwLock;
use std::error::Error as _;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError};

/// The file without which a folder is no index.
const META: &str = "meta.json";

/// What became of opening an index.
#[derive(Debug)]
pub enum Opened {
    /// It is there, whole as far as that can be seen without reading all of it.
    Ready(TextIndex),
    /// It must be made anew, with [`TextIndex::create`], from the beginning of the log.
    MustRebuild(WhyRebuild),
}

/// Why an index must be made anew.
#[derive(Debug)]
pub enum WhyRebuild {
    /// There is none.
    Missing,
    /// It was made by another version, or for another language.
    Outdated,
    /// It cannot be read. What was found is for the log.
    Damaged(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for WhyRebuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no search index yet",
            Self::Outdated => "the search index is of another version or language",
            Self::Damaged(_) => "the search index is damaged",
        })
    }
}

/// The index of one tenant. Clones are the same index.
#[derive(Clone)]
pub struct TextIndex(Arc<Inner>);

struct Inner {
    index: Index,
    reader: IndexReader,
    columns: Columns,
    language: Language,
    snapshot: RwLock<Arc<Snapshot>>,
    ordinals: Ordinals,
    is_damaged: AtomicBool,
}

impl fmt::Debug for TextIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TextIndex").field(&self.0.language).field(&*self.0.snapshot.read()).finish()
    }
}

impl TextIndex {
    /// Opens the index in a folder, for texts of that language.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the system refuses, so that a new index would not help.
    pub fn open(folder: &Path, language: Language) -> Result<Opened> {
        match guarded(|| Ok(Self::open_whole(folder, language)?)) {
            Ok(opened) => Ok(opened),
            Err(error) if is_damage(&error) => Ok(Opened::MustRebuild(WhyRebuild::Damaged(Box::new(error)))),
            Err(error) => Err(error),
        }
    }

    fn open_whole(folder: &Path, language: Language) -> Result<Opened, Fault> {
        if !folder.join(META).try_exists()? {
            return Ok(Opened::MustRebuild(WhyRebuild::Missing));
        }
        let index = Index::open_in_dir(folder)?;
        let (schema, columns) = Columns::schema(language);
        if index.schema() != schema || committed_through(&index)?.is_none() {
            return Ok(Opened::MustRebuild(WhyRebuild::Outdated));
        }
        Self::new(index, columns, language).map(Opened::Ready)
    }

    /// Makes an empty index in a folder, for texts of that language. Whatever is in the folder is removed.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the folder cannot be removed or written.
    pub fn create(folder: &Path, language: Language) -> Result<Self> {
        guarded(|| Ok(Self::create_empty(folder, language)?))
    }

    fn create_empty(folder: &Path, language: Language) -> Result<Self, Fault> {
        remove(folder)?;
        fs::create_dir_all(folder)?;
        let (schema, columns) = Columns::schema(language);
        // No text is stored, so that a thread to compress texts would only be one more thread.
        let settings =
            IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        let index = Index::builder().schema(schema).settings(settings).create_in_dir(folder)?;
        Self::new(index, columns, language)
    }

    fn new(mut index: Index, columns: Columns, language: Language) -> Result<Self, Fault> {
        index.set_tokenizers(tokenizers(language));
        // Reloaded by hand, after a commit: the other policy starts a thread for each index.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let through = committed_through(&index)?.ok_or_else(says_nothing)?;
        let snapshot = Snapshot::open(&reader.searcher(), &columns, through, None)?;
        Ok(Self(Arc::new(Inner {
            index,
            reader,
            columns,
            language,
            snapshot: RwLock::new(Arc::new(snapshot)),
            ordinals: Ordinals::default(),
            is_damaged: AtomicBool::new(false),
        })))
    }

    /// Whether both are one index, opened or made at one time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The language of its texts.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The place in the log that the last commit reflects.
    #[must_use]
    pub fn through(&self) -> Seq {
        self.place().seq
    }

    /// The same, and of which log it is: an index of another log is to be made anew.
    #[must_use]
    pub fn place(&self) -> LogPlace {
        self.0.snapshot.read().through
    }

    /// Documents in the last commit; an issue is one, or several if it is very large. Removed ones that still take
    /// room are counted too.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.0.snapshot.read().statistics.documents
    }

    /// Whether reading has shown that it must be made anew.
    #[must_use]
    pub fn needs_rebuild(&self) -> bool {
        self.0.is_damaged.load(Ordering::Relaxed)
    }

    /// Reads every file and compares it with its checksum; false if one differs.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if a file cannot be read.
    pub fn verify(&self) -> Result<bool> {
        self.read(|_| {
            let damaged = self.0.index.validate_checksum().map_err(Fault::from)?;
            self.0.is_damaged.fetch_or(!damaged.is_empty(), Ordering::Relaxed);
            Ok(damaged.is_empty())
        })
    }

    /// Makes a query ready to be answered from the last commit.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` if too short a beginning is to be excluded, `TOO_COSTLY` if the words are too common to be
    /// searched for together, `UNAVAILABLE` if the index cannot be read.
    pub fn prepare(&self, query: &SearchQuery) -> Result<Search> {
        let snapshot = self.0.snapshot.read().clone();
        let plan = self.read(|_| Plan::make(query, self.0.language, Some(&snapshot)))?;
        Ok(self.search(snapshot, plan))
    }

    /// Makes ready to find issues that are like a text. Scores then say how much of it an issue says: from 0 to 1.
    /// None if no issue has a word of it that says anything.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` if the index cannot be read.
    pub fn prepare_similar(&self, title: &str, description: &str) -> Result<Option<Search>> {
        let snapshot = self.0.snapshot.read().clone();
        let plan = self.read(|_| similar::plan(title, description, self.0.language, &snapshot))?;
        Ok(plan.map(|plan| self.search(snapshot, plan)))
    }

    fn search(&self, snapshot: Arc<Snapshot>, plan: Plan) -> Search {
        let matcher = Matcher { plan: Arc::new(plan), language: self.0.language };
        Search { index: self.clone(), snapshot, matcher }
    }

    /// Adds documents in place of what they were, removes issues, and commits. For one batch; who has more to come
    /// keeps a [`TextWriter`].
    ///
    /// # Errors
    ///
    /// As [`TextWriter::commit`]; nothing has changed then.
    pub fn apply(
        &self,
        documents: impl IntoIterator<Item = Document>,
        removed: &[IssueId],
        through: LogPlace,
    ) -> Result<()> {
        let mut writer = TextWriter::open(self)?;
        for issue in removed {
            writer.remove(*issue);
        }
        for document in documents {
            writer.put(&document)?;
        }
        writer.commit(through)?;
        writer.close()
    }

    pub(super) fn tantivy(&self) -> (&Index, &Columns) {
        (&self.0.index, &self.0.columns)
    }

    /// Looks at the last commit from now on.
    pub(super) fn refresh(&self) -> Result<()> {
        self.read(|_| {
            self.0.reader.reload().map_err(Fault::from)?;
            let through = committed_through(&self.0.index)?.ok_or_else(says_nothing)?;
            let before = self.0.snapshot.read().clone();
            let snapshot =
                Snapshot::open(&self.0.reader.searcher(), &self.0.columns, through, Some(&before))?;
            *self.0.snapshot.write() = Arc::new(snapshot);
            Ok(())
        })
    }

    /// Reads the index, and notes it if that shows damage.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Ordinals) -> Result<T>) -> Result<T> {
        guarded(|| read(&self.0.ordinals)).inspect_err(|error| {
            self.0.is_damaged.fetch_or(is_damage(error), Ordering::Relaxed);
        })
    }
}

fn is_damage(error: &crate::error::Error) -> bool {
    error.source().and_then(|source| source.downcast_ref::<Fault>()).is_some_and(Fault::is_damage)
}

/// What the last commit says it reflects; none if it does not say so, as those of earlier versions. Before the first it
/// is the beginning of the log.
fn committed_through(index: &Index) -> Result<Option<LogPlace>, Fault> {
    Ok(index.load_metas()?.payload.map_or(Some(LogPlace::default()), |payload| place_of(&payload)))
}

/// What a commit carries.
pub(super) fn payload(through: LogPlace) -> String {
    format!("{} {}", through.seq, HEXLOWER.encode(&through.hash))
}

fn place_of(payload: &str) -> Option<LogPlace> {
    let (seq, hash) = payload.split_once(' ')?;
    let hash = HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
    Some(LogPlace { seq: Seq(seq.parse().ok()?), hash })
}

fn says_nothing() -> Fault {
    Fault::Damaged(TantivyError::InvalidArgument("the commit does not say what it reflects".to_owned()))
}

fn remove(folder: &Path) -> io::Result<()> {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotADirectory => fs::remove_file(folder),
        other => other,
    };
    removed.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
