//! What is kept of the runs of each installation: which records and briefs there are, how many runs there were, how it did of late.
//!
//! Rows of a room: `run/` and the id of a run hold its record, `rin/` and the id what it knew; `brf/` and the id of the newest of
//! them hold briefs, as [blocks](super::blocks); `runs` holds the [sums](super::sums). One task alone writes them.

use super::blocks::{Blocks, blocks_of};
use super::brief::Brief;
use super::counted::Counted;
use super::recorder::{Noted, NotedBrief};
use super::rows::{BRIEF, INPUT, KEPT_MS, RUN, SUMS, name, write_rows};
use super::sums::{Sums, read_sums};
use super::{RunId, RunRecord};
use crate::service::{Health, Plugins};
use mortise_engine::command::plugin::FailedAs;
use mortise_engine::draft::PluginRecord;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::time::Timestamp;
use mortise_engine::{PluginRoom, Result};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Whole records that are kept of one installation, and what so many of them knew.
const RUNS_MAX: usize = 500;
const INPUTS_MAX: usize = 100;

/// Installations whose books are open; the others are read again when one of them runs.
const OPEN_MAX: usize = 1_000;

/// The books of one installation.
#[derive(Debug, Default)]
struct Book {
    /// Whole records that are kept, oldest first.
    runs: VecDeque<RunId>,
    /// Those of which is kept what they knew.
    inputs: VecDeque<RunId>,
    briefs: Blocks,
    sums: Sums,
}

/// Runs that are not written yet, of one installation.
#[derive(Debug, Default)]
struct News {
    whole: Vec<Noted>,
    briefs: Vec<NotedBrief>,
    /// What came before this id says nothing of how it does any more.
    begun: Option<RunId>,
}

/// All books that are open.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Boxed: a table has room for twice as many as are in it.
    open: FxHashMap<InstallationId, Box<Book>>,
    news: FxHashMap<(TenantId, InstallationId), News>,
}

impl Books {
    pub(super) fn take(&mut self, noted: Noted) {
        let news = self.news.entry((noted.tenant, noted.record.installation)).or_default();
        news.whole.push(noted);
    }

    pub(super) fn take_brief(&mut self, noted: NotedBrief) {
        let news = self.news.entry((noted.tenant, noted.brief.installation)).or_default();
        news.briefs.push(noted);
    }

    pub(super) fn begin_anew(&mut self, tenant: TenantId, installation: InstallationId, at: RunId) {
        let news = self.news.entry((tenant, installation)).or_default();
        news.begun = Some(at);
    }

    /// Writes all news. What cannot be written is lost, and said in the log.
    pub(super) async fn write(&mut self, plugins: &Plugins) {
        for ((tenant, installation), news) in std::mem::take(&mut self.news) {
            if let Err(error) = self.write_one(plugins, tenant, installation, news).await {
                self.open.remove(&installation);
                // Of an installation that was removed meanwhile nothing is kept.
                if error.code() != mortise_engine::ErrorCode::NotFound {
                    tracing::warn!(tenant.id = %tenant, %installation, ?error, "records of runs are lost");
                }
            }
        }
    }

    async fn write_one(
        &mut self,
        plugins: &Plugins,
        tenant: TenantId,
        id: InstallationId,
        news: News,
    ) -> Result<()> {
        let room = plugins.engine()?.plugin_room(tenant, id).await?;
        let now = plugins.engine()?.clock().now();
        if self.open.len() >= OPEN_MAX && !self.open.contains_key(&id) {
            // Any: of more that run by turns, those that were not opened last would be wanted first.
            if let Some(any) = self.open.keys().next().copied() {
                self.open.remove(&any);
            }
        }
        let book = match self.open.entry(id) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => place.insert(Box::new(read(&room).await?)),
        };
        let mut records = Vec::new();
        book.take(id, news, now, &mut records);
        book.stop_failing(plugins, tenant, id, now).await;
        let sums = minicbor::to_vec(&book.sums).unwrap_or_default();
        records.push(PluginRecord::Entry(id, SUMS.to_vec(), Some(sums)));
        write_rows(&room, records).await
    }
}

impl Book {
    /// Takes the news in, and gives the rows that change.
    fn take(&mut self, id: InstallationId, news: News, now: Timestamp, rows: &mut Vec<PluginRecord>) {
        if news.begun.is_some() {
            (self.sums.asked, self.sums.acting) = (Health::default(), Health::default());
        }
        // In the order of their ids, which is that of time: failures in a row are those that nothing good came between.
        let mut all: Vec<Counted> = news.whole.iter().map(|noted| Counted::of(&noted.record)).collect();
        all.extend(news.briefs.iter().map(|noted| Counted::of_brief(&noted.brief.row)));
        all.sort_by_key(|run| run.id);
        for run in &all {
            self.sums.count(run);
            if news.begun.is_none_or(|begun| run.id > begun) {
                self.sums.judge(run);
            }
        }
        let is_old = |run: RunId| run.millis() < now.millis().saturating_sub(KEPT_MS);
        self.take_whole(id, news.whole, is_old, rows);
        self.sums.inputs_from = self.inputs.iter().min().copied();
        self.take_briefs(id, news.briefs.into_iter().map(|noted| noted.brief).collect(), is_old, rows);
    }

    fn take_whole(
        &mut self,
        id: InstallationId,
        whole: Vec<Noted>,
        is_old: impl Fn(RunId) -> bool,
        rows: &mut Vec<PluginRecord>,
    ) {
        let entry = |kind: &[u8], run: RunId, value| PluginRecord::Entry(id, name(kind, run), value);
        for Noted { mut record, input, .. } in whole {
            record.replayable = input.is_some();
            if let Some(input) = input {
                self.inputs.push_back(record.id);
                rows.push(entry(INPUT, record.id, Some(input)));
            }
            self.runs.push_back(record.id);
            rows.push(entry(RUN, record.id, minicbor::to_vec(&record).ok()));
        }
        while let Some(old) = self.inputs.front().copied().filter(|_| self.inputs.len() > INPUTS_MAX) {
            self.inputs.pop_front();
            rows.push(entry(INPUT, old, None));
        }
        while let Some(old) =
            self.runs.front().copied().filter(|run| self.runs.len() > RUNS_MAX || is_old(*run))
        {
            self.runs.pop_front();
            rows.push(entry(RUN, old, None));
            if self.inputs.front() == Some(&old) {
                self.inputs.pop_front();
                rows.push(entry(INPUT, old, None));
            }
        }
    }

    fn take_briefs(
        &mut self,
        id: InstallationId,
        briefs: Vec<Brief>,
        is_old: impl Fn(RunId) -> bool,
        rows: &mut Vec<PluginRecord>,
    ) {
        for new in blocks_of(briefs) {
            self.briefs.push(new.newest, new.block.len());
            let block = minicbor::to_vec(&new.block).ok();
            rows.push(PluginRecord::Entry(id, name(BRIEF, new.newest), block));
        }
        while let Some(old) = self.briefs.pop(&is_old) {
            rows.push(PluginRecord::Entry(id, name(BRIEF, old), None));
        }
    }

    /// Stops the installation where it fails too often and was not stopped for that. Where it cannot be done, it is tried again
    /// with the next runs.
    async fn stop_failing(
        &mut self,
        plugins: &Plugins,
        tenant: TenantId,
        id: InstallationId,
        now: Timestamp,
    ) {
        for failed in [FailedAs::Acting, FailedAs::Asked] {
            let health = self.sums.of(failed);
            if !health.is_unhealthy() {
                continue;
            }
            // A guard that was told of stays, and goes once changes are to pass when it fails.
            if health.failing_since.is_some()
                && (failed == FailedAs::Acting || !plugins.takes_part_unguarded(tenant, id).await)
            {
                continue;
            }
            // Its next failure stops it, where there is one.
            let last = health.last_failure_at.unwrap_or(now);
            if plugins.is_changed_since(tenant, id, last).await {
                continue;
            }
            match plugins.stop_failing(tenant, id, failed, &health.reason()).await {
                Ok(()) => health.failing_since = Some(health.failing_since.unwrap_or(now)),
                Err(error) => {
                    tracing::warn!(tenant.id = %tenant, installation = %id, ?error, "a plugin is not stopped");
                }
            }
        }
    }
}

/// Opens the books of an installation.
async fn read(room: &PluginRoom) -> Result<Book> {
    let (sums, briefs) = (read_sums(room).await?, Blocks::read(room).await?);
    let mut book = Book { sums, briefs, ..Book::default() };
    let mut after: Option<Vec<u8>> = None;
    // A book has at most 500 whole records, but for what could not be taken away.
    for _ in 0..=RUNS_MAX {
        let page = room.scan(RUN, after.as_deref(), 200).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for record in page.iter().filter_map(|(_, row)| minicbor::decode::<RunRecord>(row).ok()) {
            if record.replayable {
                book.inputs.push_back(record.id);
            }
            book.runs.push_back(record.id);
        }
    }
    Ok(book)
}
