//! Briefs as they are kept: those of one installation that were written together are one row, a block.
//!
//! A block is named by its newest run and reaches back [`SPAN_MS`] at most. Threads note their runs side by side, so one may come
//! into a later block than its time says: the times of blocks overlap by that much, and whoever reads them must know it. Whole
//! blocks go, oldest first.

use super::RunId;
use super::brief::{Brief, BriefRow, RanCode};
use super::rows::{BRIEF, run_of};
use mortise_engine::{PluginRoom, Result};
use std::collections::VecDeque;
use std::sync::Arc;

/// Briefs of one block, and their bytes: well within those of a row.
const RUNS_MAX: usize = 256;
const BYTES_MAX: usize = 256 << 10;

/// Milliseconds between the oldest and the newest run of a block. Calls of automations are named when they begin, and end seconds
/// later.
pub(super) const SPAN_MS: u32 = 10_000;

/// Briefs of one installation that are kept at least; beside them there may be the rest of the oldest block.
pub(super) const KEPT_MIN: usize = 500;

/// Blocks that are read at once, and how often, where all of an installation are: each has a run of its own at least.
const READ_AT_ONCE: usize = 100;
const READINGS_MAX: usize = 20;

/// A block, as it is kept.
#[derive(Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(super) struct Block {
    /// The codes that ran, each once.
    #[n(0)]
    codes: Vec<RanCode>,
    /// The runs, newest first, each with the place of its code.
    #[n(1)]
    runs: Vec<(usize, Box<BriefRow>)>,
}

/// A block that is to be written.
#[derive(Debug)]
pub(super) struct NewBlock {
    pub(super) newest: RunId,
    pub(super) block: Block,
    /// At most.
    bytes: usize,
}

impl Block {
    /// That of a row; none for one that cannot be read.
    pub(super) fn of(row: &[u8]) -> Option<Self> {
        minicbor::decode(row).ok()
    }

    /// How many runs it holds.
    pub(super) const fn len(&self) -> usize {
        self.runs.len()
    }

    /// Its runs, newest first, each with its code.
    pub(super) fn into_runs(self) -> impl Iterator<Item = (BriefRow, Arc<RanCode>)> {
        let codes: Vec<Arc<RanCode>> = self.codes.into_iter().map(Arc::new).collect();
        self.runs.into_iter().filter_map(move |(code, row)| Some((*row, codes.get(code)?.clone())))
    }

    fn push(&mut self, brief: Brief) {
        let Brief { ran, row, .. } = brief;
        let code = self.codes.iter().position(|code| ran.is(code)).unwrap_or_else(|| {
            self.codes.push(ran.code());
            self.codes.len() - 1
        });
        self.runs.push((code, row));
    }
}

impl NewBlock {
    fn begin(newest: RunId) -> Self {
        Self { newest, block: Block::default(), bytes: 0 }
    }

    /// Whether this one fits into it, which is older than all that it holds.
    fn takes(&self, row: &BriefRow) -> bool {
        self.block.len() < RUNS_MAX
            && self.bytes.saturating_add(row.bytes_max()) <= BYTES_MAX
            && self.newest.millis().saturating_sub(row.id.millis()) <= i64::from(SPAN_MS)
    }

    fn push(&mut self, brief: Brief) {
        self.bytes = self.bytes.saturating_add(brief.row.bytes_max());
        self.block.push(brief);
    }
}

/// Briefs of one installation as blocks, oldest first. What would go again at once is left out.
pub(super) fn blocks_of(mut briefs: Vec<Brief>) -> Vec<NewBlock> {
    briefs.sort_unstable_by_key(|brief| brief.row.id);
    let mut blocks: Vec<NewBlock> = Vec::new();
    for (kept, brief) in briefs.into_iter().rev().map(Brief::settled).enumerate() {
        match blocks.last_mut().filter(|block| block.takes(&brief.row)) {
            Some(block) => block.push(brief),
            None if kept >= KEPT_MIN => break,
            None => {
                let mut block = NewBlock::begin(brief.row.id);
                block.push(brief);
                blocks.push(block);
            }
        }
    }
    blocks.reverse();
    blocks
}

/// Which blocks of an installation there are.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Their names and how many runs each holds, oldest first.
    there: VecDeque<(RunId, usize)>,
    /// How many runs all of them hold.
    runs: usize,
}

impl Blocks {
    /// Those of this room.
    ///
    /// # Errors
    ///
    /// As [`PluginRoom::scan`].
    pub(super) async fn read(room: &PluginRoom) -> Result<Self> {
        let mut blocks = Self::default();
        let mut after: Option<Vec<u8>> = None;
        for _ in 0..READINGS_MAX {
            let page = room.scan(BRIEF, after.as_deref(), READ_AT_ONCE).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (name, row) in &page {
                // One that cannot be read goes in its turn.
                let runs = Block::of(row).map_or(0, |block| block.len());
                if let Some(newest) = run_of(BRIEF, name) {
                    blocks.push(newest, runs);
                }
            }
        }
        Ok(blocks)
    }

    /// There is one more.
    pub(super) fn push(&mut self, newest: RunId, runs: usize) {
        self.there.push_back((newest, runs));
        self.runs = self.runs.saturating_add(runs);
    }

    /// Takes the oldest out, where it is old or the rest holds enough.
    pub(super) fn pop(&mut self, is_old: impl Fn(RunId) -> bool) -> Option<RunId> {
        let (newest, runs) = self.there.front().copied()?;
        let rest = self.runs.saturating_sub(runs);
        if rest < KEPT_MIN && !is_old(newest) {
            return None;
        }
        self.there.pop_front();
        self.runs = rest;
        Some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::brief::tests::brief;
    use super::*;
    use mortise_engine::id::InstallationId;

    /// A block of one run that used 1 of 10 of the first, 2 of 20 of the second, and so on.
    const KEPT: &str = "8281825820070707070707070707070707070707070707070707070707070707070707070765312e302e308182008e50\
        019b8e5c00007000800000000000000a01000067616c6c6f77656467616c6c6f7765641b0000019b76daa80001f67161\
        206368616e6765206f6620454e472d318882010a8202148203181e82041828820518328206183c820718468208185050\
        000102030405060708090a0b0c0d0e0f008280f4";

    /// Briefs of one installation, one each so many milliseconds, oldest first.
    fn briefs(many: usize, each_ms: u32) -> Vec<Brief> {
        let installation = InstallationId::generate();
        let first = RunId::generate();
        let at = |n: usize| first.later(each_ms.saturating_mul(u32::try_from(n).unwrap()));
        (0..many).map(|n| brief(installation, at(n))).collect()
    }

    /// The ids that blocks hold, block by block.
    fn ids(blocks: Vec<NewBlock>) -> Vec<Vec<RunId>> {
        blocks.into_iter().map(|new| new.block.into_runs().map(|(row, _)| row.id).collect()).collect()
    }

    #[test]
    fn a_block_reads_back_equal_and_names_its_code_once() {
        let mut made = briefs(3, 1);
        let whole = |brief: &Brief| brief.row.clone().record(brief.installation, &brief.ran.code());
        let whole: Vec<_> = made.iter().rev().map(whole).collect();
        made.rotate_left(1);
        let installation = made[0].installation;
        let [new] = <[NewBlock; 1]>::try_from(blocks_of(made)).unwrap();
        assert_eq!((new.block.codes.len(), new.block.len(), new.newest), (1, 3, whole[0].id));
        let row = minicbor::to_vec(&new.block).unwrap();
        assert!(row.len() <= new.bytes, "{}: {}", row.len(), new.bytes);
        let read = Block::of(&row).unwrap();
        assert_eq!(read, new.block);
        let read: Vec<_> = read.into_runs().map(|(row, code)| row.record(installation, &code)).collect();
        assert_eq!(read, whole, "newest first, in whatever order they came");
    }

    /// What is kept stays readable: numbers of fields, their order, the order of what is measured.
    #[test]
    fn a_block_of_long_ago_is_read() {
        let kept = data_encoding::HEXLOWER.decode(KEPT.as_bytes()).unwrap();
        let block = Block::of(&kept).unwrap();
        assert_eq!(minicbor::to_vec(&block).unwrap(), kept);
        let (row, code) = block.into_runs().next().unwrap();
        let record = row.record(InstallationId::generate(), &code);
        let used: Vec<_> = record.used.iter().map(|share| (share.name.as_str(), share.used)).collect();
        let measured = ["cpu_us", "wall_us", "memory_bytes", "host_calls", "log_lines", "staged_commands"];
        let measured: Vec<_> = measured.into_iter().chain(["query_cost", "http_calls"]).zip(1..).collect();
        assert_eq!(used, measured);
        assert_eq!((record.about.as_str(), record.outcome.words.as_str()), ("a change of ENG-1", "allowed"));
    }

    #[test]
    fn what_is_too_much_for_one_block_or_too_far_apart_is_several() {
        let sizes = |made| ids(blocks_of(made)).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(briefs(RUNS_MAX + 10, 1)), [10, RUNS_MAX]);
        assert_eq!(sizes(briefs(25, 1_000)), [3, 11, 11], "the newest, and ten seconds before it");
        let long = |mut brief: Brief| {
            brief.row.about = "ä".repeat(500);
            brief.row.words = "ä".repeat(10_000).into();
            brief
        };
        let long = blocks_of(briefs(30, 1).into_iter().map(long).collect());
        assert!(long.len() > 1);
        for new in long {
            let row = minicbor::to_vec(&new.block).unwrap();
            assert!(row.len() <= BYTES_MAX + 1_000 && new.block.len() > 1, "{}", row.len());
        }
    }

    #[test]
    fn of_very_many_only_the_newest_are_kept() {
        let made = briefs(3_000, 1);
        let newest: Vec<RunId> = made.iter().rev().map(|brief| brief.row.id).collect();
        let kept: Vec<RunId> = ids(blocks_of(made)).into_iter().rev().flatten().collect();
        assert_eq!(kept.len(), 2 * RUNS_MAX);
        assert_eq!(kept, newest[..kept.len()]);
    }

    #[test]
    fn whole_blocks_go_and_enough_stay() {
        let mut blocks = Blocks::default();
        let first = RunId::generate();
        let name = |n: u32| first.later(n);
        for n in 0..40 {
            blocks.push(name(n), 30);
            while blocks.pop(|_| false).is_some() {}
            let least = KEPT_MIN.min((usize::try_from(n).unwrap() + 1) * 30);
            assert!(blocks.runs >= least && blocks.runs < KEPT_MIN + 30, "{n}: {}", blocks.runs);
        }
        assert_eq!(blocks.there.front().map(|(newest, _)| *newest), Some(name(23)), "the oldest went");
        while blocks.pop(|newest| newest < name(35)).is_some() {}
        assert_eq!((blocks.there.len(), blocks.runs), (5, 150), "what is old goes, however few stay");
    }
}
