//! What is kept of the runs of each installation: which records there are, how many runs there were, how it did of late.
//!
//! Rows of a room: `run/` and the id of a run hold its record, `rin/` and the id what it knew; `runs` holds the sums and
//! the health. One task alone writes them.

use super::counted::{Counted, Sign};
use super::recorder::Noted;
use super::{RunAnswer, RunId, RunRecord, RunTotals};
use crate::service::{Health, Plugins, RunTask};
use mortise_engine::command::plugin::FailedAs;
use mortise_engine::draft::PluginRecord;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::time::Timestamp;
use mortise_engine::{PluginRoom, Result};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The beginnings of names.
pub(super) const RUN: &[u8] = b"run/";
pub(super) const INPUT: &[u8] = b"rin/";
pub(super) const SUMS: &[u8] = b"runs";

/// Records that are kept of one installation, and what so many of them knew.
const RUNS_MAX: usize = 500;
const INPUTS_MAX: usize = 100;

/// Milliseconds that a record is kept.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Hours of which there are sums.
const HOURS_MAX: usize = 48;

/// Installations whose books are open; the others are read again when one of them runs.
const OPEN_MAX: usize = 1_000;

/// Rows and bytes of one write.
const ROWS_AT_ONCE: usize = 40;
const BYTES_AT_ONCE: usize = 384 << 10;

/// How many runs there were of late, and how it did. A row.
#[derive(Debug, Clone, Default, minicbor::Encode, minicbor::Decode)]
pub(super) struct Sums {
    /// By hour, newest first.
    #[n(0)]
    pub(super) totals: Vec<RunTotals>,
    /// How it did as it was asked.
    #[n(1)]
    pub(super) asked: Health,
    /// How it did as it acted by itself.
    #[n(2)]
    pub(super) acting: Health,
}

/// The books of one installation.
#[derive(Debug, Default)]
struct Book {
    /// Records that are kept, oldest first.
    runs: VecDeque<RunId>,
    /// Those of which is kept what they knew.
    inputs: VecDeque<RunId>,
    sums: Sums,
}

/// Runs that are not written yet, of one installation.
#[derive(Debug, Default)]
struct News {
    whole: Vec<Noted>,
    counted: Vec<Counted>,
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

    pub(super) fn count(&mut self, tenant: TenantId, run: Counted) {
        self.news.entry((tenant, run.installation)).or_default().counted.push(run);
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
        if self.open.len() > OPEN_MAX {
            self.open.clear();
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
        let entry = |kind: &[u8], run: RunId, value| PluginRecord::Entry(id, name(kind, run), value);
        // In the order of their ids, which is that of time: failures in a row are those that nothing good came between.
        let mut all = news.counted;
        all.extend(news.whole.iter().map(|noted| Counted::of(&noted.record)));
        all.sort_by_key(|run| run.id);
        for run in &all {
            self.sums.count(run);
            if news.begun.is_none_or(|begun| run.id > begun) {
                self.sums.judge(run);
            }
        }
        for Noted { mut record, input, .. } in news.whole {
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
        let is_old = |run: RunId| run.millis() < now.millis().saturating_sub(KEPT_MS);
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
            match plugins.stop_failing(tenant, id, failed, &health.reason()).await {
                Ok(()) => health.failing_since = Some(health.failing_since.unwrap_or(now)),
                Err(error) => {
                    tracing::warn!(tenant.id = %tenant, installation = %id, ?error, "a plugin is not stopped");
                }
            }
        }
    }
}

impl Sums {
    const fn of(&mut self, failed: FailedAs) -> &mut Health {
        match failed {
            FailedAs::Asked => &mut self.asked,
            FailedAs::Acting => &mut self.acting,
        }
    }

    fn count(&mut self, run: &Counted) {
        let one = RunTotals::of(run);
        match self.totals.iter_mut().find(|totals| totals.hour == one.hour) {
            Some(totals) => totals.add(&one),
            None => {
                let place = self.totals.partition_point(|totals| totals.hour > one.hour);
                self.totals.insert(place, one);
                self.totals.truncate(HOURS_MAX);
            }
        }
    }

    /// Takes in how the plugin did.
    fn judge(&mut self, run: &Counted) {
        let Some(failed) = failing_as(run.task) else { return };
        if run.task == RunTask::Inbound && run.answer == RunAnswer::Refused {
            // Whoever sends requests decides what is refused.
            return;
        }
        let health = self.of(failed);
        match &run.sign {
            Sign::None => {}
            Sign::NotAsked(why) => health.not_asked = Some(why.clone()),
            Sign::Well | Sign::Failed(_) => {
                health.not_asked = None;
                let why = if let Sign::Failed(why) = &run.sign { Some(why.as_str()) } else { None };
                health.note(why, run.at);
            }
        }
    }
}

/// As what a plugin fails that fails at this. None for what boards show: it refuses nobody anything, and any reader could have a
/// guard fail by it.
const fn failing_as(task: RunTask) -> Option<FailedAs> {
    match task {
        RunTask::Amend | RunTask::Validate => Some(FailedAs::Asked),
        RunTask::NextStates => None,
        RunTask::Event | RunTask::Schedule | RunTask::Inbound | RunTask::Lifecycle => Some(FailedAs::Acting),
    }
}

/// The name of a row.
pub(super) fn name(kind: &[u8], run: RunId) -> Vec<u8> {
    [kind, run.as_bytes()].concat()
}

/// Opens the books of an installation.
async fn read(room: &PluginRoom) -> Result<Book> {
    let mut book = Book { sums: read_sums(room).await?, ..Book::default() };
    let mut after: Option<Vec<u8>> = None;
    // A book has at most 500 runs, but for what could not be taken away.
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

/// The sums of an installation.
pub(super) async fn read_sums(room: &PluginRoom) -> Result<Sums> {
    let row = room.get(SUMS).await?;
    Ok(row.and_then(|row| minicbor::decode(&row).ok()).unwrap_or_default())
}

/// Writes rows in parts, in order.
async fn write_rows(room: &PluginRoom, rows: Vec<PluginRecord>) -> Result<()> {
    let (mut part, mut bytes) = (Vec::new(), 0_usize);
    for row in rows {
        let length = match &row {
            PluginRecord::Entry(_, _, Some(value)) => value.len(),
            _ => 0,
        };
        if part.len() >= ROWS_AT_ONCE || bytes.saturating_add(length) > BYTES_AT_ONCE {
            room.write(std::mem::take(&mut part)).await?;
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        part.push(row);
    }
    room.write(part).await
}
