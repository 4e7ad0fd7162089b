//! Loading a tenant: the small tables, the view and the head, from the store.

use super::checkpoint;
use super::outbox_count::OutboxCount;
use super::outboxes::waiting_mail;
use super::sessions::Sessions;
use super::writer::{Overlay, Writer};
use crate::directory::{Directory, DirectoryRow, KeyOwner};
use crate::entitlement::{IssueCount, still_counts};
use crate::error::{Error, Result};
use crate::identity::{Holder, SecondFactor};
use crate::log::{ChainHash, GENESIS, LogRecord};
use crate::model::{
    AccessSettings, IdentityProvider, Installation, Invitation, Issue, Label, LogPlace, Member, PluginCode,
    Seq, Team, Visit, Workflow, WorkflowVersion,
};
use crate::rows::{self, ApiKeyRow, tag};
use crate::saved_view::{Favorites, SavedView};
use crate::storage::{Record, Records, Scan, TenantStore};
use crate::time::Timestamp;
use crate::view::View;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows read from the store at once while loading.
const LOAD_PAGE: usize = 2_000;

/// What a tenant is made of in memory.
pub(crate) struct Loaded {
    pub(super) view: View,
    pub(super) directory: Arc<Directory>,
    pub(super) writer: Writer,
    pub(super) head: Seq,
    /// The place of the checkpoint that the view comes from; zero when it does not.
    pub(super) saved: Seq,
    pub(super) sessions: Sessions,
    /// Whether messages wait to be sent: nobody may have rung for those whose write had an unknown outcome.
    pub(super) has_mail: bool,
}

/// Reads a tenant from its store, and its view from a checkpoint at this path where that is of use; `take_over` first
/// shuts out every earlier writer. The store fences behind all that it was handed before, so what is read afterwards is
/// all there will ever be of an earlier writer's changes.
pub(crate) async fn load(
    store: &TenantStore,
    checkpoint: PathBuf,
    now: Timestamp,
    take_over: bool,
) -> Result<Loaded> {
    let head = if take_over { store.fence().await? } else { store.head().await? };
    let epoch = take_over.then_some(head.epoch);
    let head = Seq(head.seq);
    let viewed = async {
        match checkpoint::open(store, checkpoint, head).await {
            Some(opened) => Ok(opened),
            None => Ok((view(store).await?, Seq::default())),
        }
    };
    let mail = async { Ok(store.has_any(waiting_mail()).await?) };
    let parts =
        tokio::try_join!(chain_at(store, head.0), directory(store), viewed, Sessions::load(store, now), mail);
    let (chain, directory, (view, saved), sessions, has_mail) = parts?;
    let directory = Arc::new(directory);
    let issues = Arc::new(Mutex::new(counted(&view, now)));
    let (outbox, overlay) = (OutboxCount::default(), Overlay::default());
    let writer = Writer { epoch, head, chain, directory: directory.clone(), issues, outbox, overlay };
    Ok(Loaded { view, directory, writer, head, saved, sessions, has_mail })
}

/// The issues of a view, as they are counted against what the company may have.
fn counted(view: &View, now: Timestamp) -> IssueCount {
    let mut deleted = 0_u64;
    let lately =
        view.deleted().inspect(|_| deleted += 1).filter(|(at, _)| still_counts(*at, now)).collect::<Vec<_>>();
    IssueCount::new((view.len() as u64).saturating_sub(deleted), lately)
}

/// Runs what blocks, or takes long, off the runtime's own threads.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// The chain hash of the record at this place.
pub(super) async fn chain_at(store: &TenantStore, seq: u64) -> Result<ChainHash> {
    if seq == 0 {
        return Ok(GENESIS);
    }
    let page = store.changes(seq.saturating_sub(1), 1).await?;
    let (_, bytes) = page
        .first()
        .ok_or_else(|| Error::internal(format!("the log says it ends at {seq}, and has no record there")))?;
    Ok(crate::storage::decode::<LogRecord>(bytes)?.hash())
}

/// A place of this log, which has to reach so far.
pub(super) async fn place_at(store: &TenantStore, seq: Seq) -> Result<LogPlace> {
    Ok(LogPlace { seq, hash: chain_at(store, seq.0).await? })
}

/// Whether a place is one of this log, which has to reach so far.
pub(super) async fn is_of_this_log(store: &TenantStore, place: LogPlace) -> Result<bool> {
    Ok(place == place_at(store, place.seq).await?)
}

/// Calls `take` with every row of a kind.
pub(crate) async fn each<R: Record + Send + 'static>(
    store: &TenantStore,
    tag: u8,
    mut take: impl FnMut(R) + Send,
) -> Result<()> {
    let mut next = Some(Scan::prefix(&rows::all(tag)).limit(LOAD_PAGE));
    while let Some(scan) = next {
        let page = store.scan::<R>(scan.clone()).await?;
        next = following(scan, &page);
        page.entries.into_iter().for_each(|(_, row)| take(row));
    }
    Ok(())
}

/// What is behind a page.
fn following<R>(scan: Scan, page: &Records<R>) -> Option<Scan> {
    page.entries.last().filter(|_| page.more).map(|(last, _)| scan.after(last))
}

/// The small tables, from their rows.
pub(crate) async fn directory(store: &TenantStore) -> Result<Directory> {
    let mut directory = Directory::default();
    each::<Workflow>(store, tag::WORKFLOW, |w| directory.apply(DirectoryRow::Workflow(Arc::new(w)))).await?;
    each::<WorkflowVersion>(store, tag::WORKFLOW_VERSION, |version| {
        directory.apply(DirectoryRow::WorkflowVersion(Arc::new(version)));
    })
    .await?;
    each::<Member>(store, tag::MEMBER, |m| directory.apply(DirectoryRow::Member(Arc::new(m)))).await?;
    each::<Team>(store, tag::TEAM, |t| directory.apply(DirectoryRow::Team(Arc::new(t)))).await?;
    each::<Label>(store, tag::LABEL, |l| directory.apply(DirectoryRow::Label(Arc::new(l)))).await?;
    each::<SavedView>(store, tag::VIEW, |v| directory.apply(DirectoryRow::View(Arc::new(v)))).await?;
    each::<Favorites>(store, tag::FAVORITES, |f| directory.apply(DirectoryRow::Favorites(Arc::new(f))))
        .await?;
    each::<Invitation>(store, tag::INVITATION, |i| directory.apply(DirectoryRow::Invitation(Arc::new(i))))
        .await?;
    each::<PluginCode>(store, tag::PLUGIN_CODE, |c| directory.apply(DirectoryRow::PluginCode(Arc::new(c))))
        .await?;
    each::<Installation>(store, tag::INSTALLATION, |i| {
        directory.apply(DirectoryRow::Installation(Arc::new(i)));
    })
    .await?;
    sign_in(store, &mut directory).await?;
    Ok(directory)
}

/// The small tables of how people and programs sign in.
async fn sign_in(store: &TenantStore, directory: &mut Directory) -> Result<()> {
    each::<ApiKeyRow>(store, tag::API_KEY, |ApiKeyRow { record }| {
        if let Holder::Member { member, .. } = record.holder {
            let revoked = record.revoked_ms.is_some();
            directory.apply(DirectoryRow::Key(KeyOwner { key: record.id, member, revoked }));
        }
    })
    .await?;
    each::<SecondFactor>(store, tag::SECOND_FACTOR, |factor| {
        directory.apply(DirectoryRow::SecondFactor(factor.member, factor.is_on()));
    })
    .await?;
    each::<IdentityProvider>(store, tag::PROVIDER, |p| directory.apply(DirectoryRow::Provider(Arc::new(p))))
        .await?;
    each::<Visit>(store, tag::VISIT, |visit| directory.apply(DirectoryRow::Visit(Arc::new(visit)))).await?;
    if let Some(access) = store.get::<AccessSettings>(&rows::access()).await? {
        directory.apply(DirectoryRow::Access(Arc::new(access)));
    }
    Ok(())
}

/// The view, from the issues' rows. A page is taken into it while the next one is read.
pub(crate) async fn view(store: &TenantStore) -> Result<View> {
    let mut view = View::new();
    let mut scan = Scan::prefix(&rows::all(tag::ISSUE)).limit(LOAD_PAGE);
    let mut page = store.scan::<Issue>(scan.clone()).await?;
    while let Some(next) = following(scan, &page) {
        let taken = in_background(move || {
            page.entries.iter().for_each(|(_, issue)| view.load_issue(issue));
            Ok(view)
        });
        scan = next.clone();
        let read = async { Ok(store.scan::<Issue>(next).await?) };
        (view, page) = tokio::try_join!(taken, read)?;
    }
    in_background(move || {
        page.entries.iter().for_each(|(_, issue)| view.load_issue(issue));
        view.finish_load();
        Ok(view)
    })
    .await
}
