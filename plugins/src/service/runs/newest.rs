//! The runs of an installation from the newest on: whole records and briefs as one list.
//!
//! Blocks of briefs overlap in time (see [`blocks`](super::blocks)). So a run is given once all that was not read yet is older.

use super::blocks::{Block, SPAN_MS};
use super::brief::{BriefRow, RanCode};
use super::rows::{BRIEF, RUN, name, run_of};
use super::{RunFilter, RunId, RunRecord};
use mortise_engine::{Error, PluginRoom, Result};
use std::sync::Arc;

/// Rows that are read from the store at once: some are large.
const AT_ONCE: usize = 10;

/// Blocks that are read first where one run is looked for: it is in the first, or nearly so, unless many hold a run or two.
const AT_ONCE_FOR_ONE: usize = 2;

/// Readings of one kind: an installation has at most 500 records and as many blocks, but for what could not be taken away.
const READINGS_MAX: usize = 100;

/// Briefs that take as much to be looked at as one record.
const BRIEFS_AS_ONE: usize = 10;

/// A run, and how many bytes it takes as it is kept.
pub(super) struct Found {
    pub(super) record: RunRecord,
    pub(super) bytes: usize,
}

/// See the module.
pub(super) struct Newest<'r> {
    room: &'r PluginRoom,
    whole: Rows,
    briefs: Rows,
    looked_at: (usize, usize),
}

impl<'r> Newest<'r> {
    /// Those behind `after` that this filter may want; so many are asked for.
    pub(super) fn of(room: &'r PluginRoom, filter: &RunFilter, after: Option<RunId>, many: usize) -> Self {
        let wants_all = *filter == RunFilter::default();
        let at_once = if wants_all { AT_ONCE.min(many.saturating_add(1)) } else { AT_ONCE };
        let (whole, mut briefs) = (Rows::whole(after, at_once), Rows::briefs(after, at_once));
        briefs.is_over = !filter.may_want_briefs();
        Self { room, whole, briefs, looked_at: (0, 0) }
    }

    /// The next one; none when there are no more.
    ///
    /// # Errors
    ///
    /// As [`PluginRoom::scan_back`].
    pub(super) async fn next_run(&mut self) -> Result<Option<Found>> {
        let whole = self.whole.newest(self.room).await?;
        let brief = self.briefs.newest(self.room).await?;
        // None comes before all ids.
        let (rows, looked_at) = if whole > brief {
            (&mut self.whole, &mut self.looked_at.0)
        } else {
            (&mut self.briefs, &mut self.looked_at.1)
        };
        let Some(run) = rows.read.pop() else { return Ok(None) };
        *looked_at = looked_at.saturating_add(1);
        Ok(Some(run.found(self.room)))
    }

    /// Records that were looked at so far, or as many briefs as that takes.
    pub(super) const fn looked_at(&self) -> usize {
        let (whole, briefs) = self.looked_at;
        whole.saturating_add(briefs.div_ceil(BRIEFS_AS_ONE))
    }
}

/// One run that is kept as a whole.
///
/// # Errors
///
/// `UNAVAILABLE` when the store cannot be read, `INTERNAL` for what is damaged.
pub(super) async fn find_whole(room: &PluginRoom, run: RunId) -> Result<Option<RunRecord>> {
    let row = room.get(&name(RUN, run)).await?;
    row.map(|row| minicbor::decode(&row).map_err(Error::internal)).transpose()
}

/// One run that is kept in brief. Blocks are read for it.
///
/// # Errors
///
/// `UNAVAILABLE` when the store cannot be read.
pub(super) async fn find_brief(room: &PluginRoom, run: RunId) -> Result<Option<RunRecord>> {
    let mut briefs = Rows::reaching(Some(run), AT_ONCE_FOR_ONE);
    while briefs.newest(room).await?.is_some_and(|newest| newest >= run) {
        if let Some(read) = briefs.read.pop().filter(|read| read.id == run) {
            return Ok(Some(read.found(room).record));
        }
    }
    Ok(None)
}

/// Rows of one kind, from the newest on.
struct Rows {
    kind: &'static [u8],
    /// It goes on in front of this name.
    before: Option<Vec<u8>>,
    /// Only what is older than this is wanted.
    until: Option<RunId>,
    /// How many are read first: often they suffice.
    at_first: usize,
    readings: usize,
    /// What was read and not given yet, oldest first.
    read: Vec<Read>,
    /// All that was not read yet is older than this one; none before the first reading.
    unread: Option<RunId>,
    is_over: bool,
}

impl Rows {
    /// Whole records older than this one.
    fn whole(until: Option<RunId>, at_once: usize) -> Self {
        Self {
            kind: RUN,
            before: until.map(|until| name(RUN, until)),
            until,
            at_first: at_once,
            readings: 0,
            read: Vec::new(),
            unread: None,
            is_over: false,
        }
    }

    /// Briefs older than this one.
    fn briefs(until: Option<RunId>, at_once: usize) -> Self {
        Self { until, ..Self::reaching(until, at_once) }
    }

    /// All blocks that may reach back to this run, and those before it.
    fn reaching(run: Option<RunId>, at_once: usize) -> Self {
        let behind = run.map(|run| name(BRIEF, run.later(SPAN_MS.saturating_add(1))));
        Self { kind: BRIEF, before: behind, ..Self::whole(None, at_once) }
    }

    /// The newest of those that were not given yet. It is the last of what was read then.
    async fn newest(&mut self, room: &PluginRoom) -> Result<Option<RunId>> {
        while !self.is_certain() {
            let rows = if self.readings < READINGS_MAX {
                let at_once = if self.readings == 0 { self.at_first } else { AT_ONCE };
                room.scan_back(self.kind, self.before.as_deref(), at_once).await?
            } else {
                Vec::new()
            };
            self.readings = self.readings.saturating_add(1);
            self.take(&rows);
        }
        Ok(self.read.last().map(|read| read.id))
    }

    /// Whether nothing that was not read yet is newer than all that was.
    fn is_certain(&self) -> bool {
        let newest = self.read.last().map(|read| read.id);
        self.is_over || self.unread.is_some_and(|unread| newest >= Some(unread))
    }

    /// Takes in what was read: nothing once all was.
    fn take(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) {
        let Some((last, _)) = rows.last() else {
            self.is_over = true;
            return;
        };
        self.unread = run_of(self.kind, last);
        self.before = Some(last.clone());
        for (_, row) in rows {
            if self.kind == BRIEF {
                self.take_block(row);
            } else if let Ok(record) = minicbor::decode::<RunRecord>(row) {
                self.read.push(Read { id: record.id, bytes: row.len(), what: What::Whole(record) });
            }
        }
        if let Some(until) = self.until {
            self.read.retain(|read| read.id < until);
        }
        self.read.sort_unstable_by_key(|read| read.id);
    }

    fn take_block(&mut self, row: &[u8]) {
        let Some(block) = Block::of(row) else { return };
        let bytes = row.len() / block.len().max(1);
        let runs = block.into_runs();
        self.read.extend(runs.map(|(row, code)| Read { id: row.id, bytes, what: What::Brief(row, code) }));
    }
}

/// A run that was read. The whole record of a brief is made when it is given.
struct Read {
    id: RunId,
    bytes: usize,
    what: What,
}

enum What {
    Whole(RunRecord),
    Brief(BriefRow, Arc<RanCode>),
}

impl Read {
    fn found(self, room: &PluginRoom) -> Found {
        let record = match self.what {
            What::Whole(record) => record,
            What::Brief(row, code) => row.record(room.installation(), &code),
        };
        Found { record, bytes: self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::{NewBlock, blocks_of};
    use super::super::brief::tests::brief;
    use super::*;
    use mortise_engine::id::InstallationId;

    /// A block of these runs, as a row.
    fn block(runs: &[RunId]) -> (Vec<u8>, Vec<u8>) {
        let installation = InstallationId::generate();
        let briefs = runs.iter().map(|run| brief(installation, *run)).collect();
        let [new] = <[NewBlock; 1]>::try_from(blocks_of(briefs)).unwrap();
        (name(BRIEF, new.newest), minicbor::to_vec(&new.block).unwrap())
    }

    /// What can be given by now.
    fn given(rows: &mut Rows) -> Vec<RunId> {
        let mut given = Vec::new();
        while rows.is_certain() {
            let Some(read) = rows.read.pop() else { break };
            given.push(read.id);
        }
        given
    }

    #[test]
    fn runs_of_blocks_that_overlap_come_in_the_order_of_their_ids() {
        let first = RunId::generate();
        let [a, b, c, d] = [1, 2, 3, 4].map(|millis| first.later(millis));
        // The second was noted late: the third had been written.
        let (older, newer) = (block(&[a, c]), block(&[b, d]));
        let mut rows = Rows::briefs(None, 1);
        assert!(given(&mut rows).is_empty(), "nothing was read");
        rows.take(std::slice::from_ref(&newer));
        assert_eq!(given(&mut rows), [d], "what comes may be newer than the others");
        rows.take(std::slice::from_ref(&older));
        assert_eq!(given(&mut rows), [c]);
        rows.take(&[]);
        assert_eq!(given(&mut rows), [b, a]);

        let mut rows = Rows::briefs(Some(c), 2);
        assert!(
            rows.before.as_ref().is_some_and(|before| *before > newer.0),
            "from the block that may reach back"
        );
        rows.take(&[newer, older]);
        rows.take(&[]);
        assert_eq!(given(&mut rows), [b, a], "behind the third");
    }
}
