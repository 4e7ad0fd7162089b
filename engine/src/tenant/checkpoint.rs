//! Checkpoints: the view of a large tenant in a sealed file, so that it opens without all its rows being read.
//!
//! ```text
//! schema (32) │ tenant (16) │ issues (8) │ first mark (40) │ the view, see `view::saved` │ last mark (40)
//! ```
//!
//! A mark is a place in the log and the chain hash there. Writing never stops the tenant: the view is asked for a small
//! part at a time, and whatever was touched between the two marks is read again from its rows, as is what came later.
//! So a checkpoint is right or it is not used: a file that does not open, has another schema, tenant or chain, or lies
//! too far back is passed over, the rows are read instead, and another is written. The small tables are not in it:
//! their rows are few, and read beside it.
//!
//! `cargo xtask bench open` measures writing and opening.

use super::LiveTenant;
use super::load::{in_background, is_of_this_log, place_at};
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{IssueId, TenantId};
use crate::log::LogRecord;
use crate::model::{Issue, LogPlace, Seq};
use crate::rows;
use crate::storage::{
    Key, PartStream, SealedReader, SealedWriter, StorageError, TenantStore, decode, remove_file,
};
use crate::view::{View, schema_hash};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What the key of a tenant's checkpoints is derived for.
const PURPOSE: &str = "mortise view checkpoint 1";

/// Tenants with fewer issues have no checkpoint: their rows are read in some milliseconds.
const ISSUES_MIN: usize = if cfg!(test) { 8 } else { 1_000 };

/// A checkpoint is written anew when the log has grown by one event for so many issues, or by so many events.
const BEHIND: (usize, u64) = if cfg!(test) { (2, 64) } else { (8, 25_000) };

/// The same before a tenant leaves memory: fewer events, for they are read when it is next asked for.
const BEHIND_LEAVING: (usize, u64) = if cfg!(test) { (4, 64) } else { (128, 10_000) };

/// A checkpoint is used when the log has grown by at most one event for so many issues: else reading all rows is as quick.
const USED_WITHIN: u64 = if cfg!(test) { 1 } else { 4 };

/// Log records and rows that are read at once.
const PAGE: usize = 500;

/// The files of checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Checkpoints in this folder.
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a tenant's lies.
    pub(crate) fn path(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(tenant.uuid().to_string())
    }

    /// Removes a tenant's. False when there was none.
    pub(crate) async fn remove(&self, tenant: TenantId) -> Result<bool> {
        let path = self.path(tenant);
        in_background(move || Ok(remove_file(&path)?)).await
    }
}

/// Writes a mark.
fn put(mark: LogPlace, to: &mut impl Write) -> std::io::Result<()> {
    to.write_all(&mark.seq.0.to_le_bytes())?;
    to.write_all(&mark.hash)
}

/// Reads one.
fn mark(from: &mut (impl Read + ?Sized)) -> std::io::Result<LogPlace> {
    Ok(LogPlace { seq: Seq(u64::from_le_bytes(array(from)?)), hash: array(from)? })
}

fn array<const N: usize>(from: &mut (impl Read + ?Sized)) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What a checkpoint begins with.
struct Header {
    schema: [u8; 32],
    tenant: [u8; 16],
    issues: u64,
    first: LogPlace,
}

impl Header {
    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        to.write_all(&self.schema)?;
        to.write_all(&self.tenant)?;
        to.write_all(&self.issues.to_le_bytes())?;
        put(self.first, to)
    }

    fn read(from: &mut impl Read) -> std::io::Result<Self> {
        let (schema, tenant) = (array(from)?, array(from)?);
        Ok(Self { schema, tenant, issues: u64::from_le_bytes(array(from)?), first: mark(from)? })
    }
}

/// The view of a tenant from its checkpoint, as it is at `head`, and the place of the checkpoint; none when there is none
/// that is of use.
pub(super) async fn open(store: &TenantStore, path: PathBuf, head: Seq) -> Option<(View, Seq)> {
    match opened(store, path, head).await {
        Ok(Ok(view)) => Some(view),
        Ok(Err(why)) => {
            tracing::debug!(tenant.id = %store.tenant(), why, "no checkpoint is used; reading the rows");
            None
        }
        Err(error) => {
            tracing::warn!(tenant.id = %store.tenant(), ?error, "the checkpoint is of no use; reading the rows");
            None
        }
    }
}

/// The view, or why there is none.
async fn opened(
    store: &TenantStore,
    path: PathBuf,
    head: Seq,
) -> Result<std::result::Result<(View, Seq), &'static str>> {
    let (key, tenant) = (store.derive_key(PURPOSE), store.tenant());
    let begun = in_background(move || {
        let Some(mut file) = SealedReader::open(&path, key)? else { return Ok(None) };
        let mut stream = PartStream::new(move || file.next_part());
        let header = Header::read(&mut stream).map_err(unreadable)?;
        Ok(Some((header, stream)))
    });
    let Some((header, stream)) = begun.await? else { return Ok(Err("there is none")) };
    if header.schema != schema_hash() || header.tenant != *tenant.as_bytes() {
        return Ok(Err("it is of another version or tenant"));
    }
    let first = header.first;
    let behind = head.0.checked_sub(first.seq.0);
    if behind.is_none_or(|behind| behind > header.issues / USED_WITHIN) {
        return Ok(Err("it lies too far from the end of the log"));
    }
    if !is_of_this_log(store, first).await? {
        return Ok(Err("the log is another"));
    }
    let read = in_background(move || {
        let read = stream.read_ahead(|stream| {
            let (view, last) = (View::load(stream)?, mark(stream)?);
            // Only the end says that nothing is missing.
            let behind = stream.read(&mut [0])?;
            Ok((view, last, behind))
        });
        match read.map_err(unreadable)? {
            (view, last, 0) => Ok((view, last)),
            _ => Err(Error::internal("the checkpoint goes on behind its end")),
        }
    });
    let ((view, last), touched) = tokio::try_join!(read, touched(store, first.seq, head))?;
    if last.seq > head || !is_of_this_log(store, last).await? {
        return Ok(Err("the log is another"));
    }
    Ok(Ok((made_good(store, view, touched).await?, first.seq)))
}

/// The issues that the events behind `from`, up to `head`, are about. Every change of an issue's row is told by an event
/// about it.
async fn touched(store: &TenantStore, from: Seq, head: Seq) -> Result<BTreeSet<IssueId>> {
    let (mut touched, mut at) = (BTreeSet::new(), from.0);
    while at < head.0 {
        let records = store.changes(at, PAGE).await?;
        let Some((last, _)) = records.last() else {
            return Err(Error::internal(format!("the log has no record behind {at}, and ends at {head}")));
        };
        at = *last;
        for (_, bytes) in &records {
            if let Subject::Issue(issue) = decode::<LogRecord>(bytes)?.subject()? {
                touched.insert(issue);
            }
        }
    }
    Ok(touched)
}

/// The view with the newest rows of these issues. Some are taken into it while the next are read.
async fn made_good(store: &TenantStore, mut view: View, touched: BTreeSet<IssueId>) -> Result<View> {
    let ids: Vec<_> = touched.into_iter().collect();
    let mut pages = ids.chunks(PAGE).map(<[IssueId]>::to_vec);
    let read = async |ids: Option<Vec<IssueId>>| {
        let keys: Vec<Key> = ids.unwrap_or_default().into_iter().map(rows::issue).collect();
        if keys.is_empty() { Ok(Vec::new()) } else { Ok(store.get_many::<Issue>(&keys).await?) }
    };
    let doubted = ids.clone();
    let doubt = in_background(move || {
        view.doubt(doubted);
        Ok(view)
    });
    let mut page;
    (view, page) = tokio::try_join!(doubt, read(pages.next()))?;
    while !page.is_empty() {
        let taken = in_background(move || {
            page.iter().flatten().for_each(|issue| view.apply(issue));
            Ok(view)
        });
        (view, page) = tokio::try_join!(taken, read(pages.next()))?;
    }
    if view.is_whole() { Ok(view) } else { Err(Error::internal("the checkpoint has issues without a row")) }
}

impl LiveTenant {
    /// Whether a checkpoint should be written: the tenant is large, and the last lies far back. Before it leaves memory
    /// that is sooner so.
    pub(crate) fn wants_checkpoint(&self, leaving: bool) -> bool {
        let issues = self.visible.read().view.len();
        let (per, most) = if leaving { BEHIND_LEAVING } else { BEHIND };
        let behind = self.applied().0.saturating_sub(self.saved.load(Ordering::Relaxed));
        issues >= ISSUES_MIN && behind > ((issues / per) as u64).min(most)
    }

    /// The place of the newest checkpoint; zero when there is none.
    #[cfg(test)]
    pub(crate) fn saved(&self) -> Seq {
        Seq(self.saved.load(Ordering::Relaxed))
    }

    /// Writes a checkpoint of what is visible. The tenant goes on meanwhile.
    pub(crate) async fn save_checkpoint(self: &Arc<Self>) -> Result<()> {
        let _turn = self.saving.lock().await;
        let seq = self.settled_seq();
        let first = place_at(&self.store, seq).await?;
        let live = self.clone();
        let mut file = in_background(move || live.write_view(first)).await?;
        let last = place_at(&self.store, self.settled_seq()).await?;
        if self.is_broken() {
            return Err(super::reloading());
        }
        let bytes = in_background(move || {
            put(last, &mut file).map_err(unwritten)?;
            Ok(file.finish()?)
        })
        .await?;
        self.saved.store(seq.0, Ordering::Relaxed);
        tracing::debug!(tenant.id = %self.store.tenant(), seq = seq.0, bytes, "checkpoint written");
        Ok(())
    }

    /// Writes all but the last mark. Blocks.
    fn write_view(&self, first: LogPlace) -> Result<SealedWriter> {
        let tenant = self.store.tenant();
        let path = self.shared.checkpoints.path(tenant);
        let mut file = SealedWriter::create(&path, self.store.derive_key(PURPOSE))?;
        let mut saving = self.visible.read().view.start_saving();
        let (schema, tenant) = (schema_hash(), *tenant.as_bytes());
        let issues = saving.issues() as u64;
        Header { schema, tenant, issues, first }.write(&mut file).map_err(unwritten)?;
        let mut part = Vec::new();
        // The view is locked for the length of one part.
        while self.visible.read().view.save_part(&mut saving, &mut part) {
            file.write_all(&part).map_err(unwritten)?;
            part.clear();
        }
        Ok(file)
    }

    /// The place in the log that the view is at, while no change is being made visible.
    fn settled_seq(&self) -> Seq {
        let _still = self.waiting.lock();
        self.applied()
    }
}

fn unreadable(source: std::io::Error) -> Error {
    StorageError::io("read a checkpoint", source).into()
}

fn unwritten(source: std::io::Error) -> Error {
    StorageError::io("write a checkpoint", source).into()
}
