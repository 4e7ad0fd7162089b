//! How far search lies behind while many companies write, and that nobody notices: what was just made is found at once.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mortise_engine::Limits;
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::OpContext;
use mortise_engine::id::TeamId;

use super::cold::Companies;
use super::seeding::SMALL;
use crate::ask::Asker;
use crate::filters::all;
use crate::index;
use crate::report::CrowdFigures;
use crate::timing::Outcome;
use crate::work::CrowdWork;

/// Companies that write at once, and issues that each makes one after the other.
const WRITING: usize = 500;
const CREATES: usize = 4;

/// Lets some companies write, all at once.
pub(crate) async fn follow_up(data: &Path) -> anyhow::Result<CrowdFigures> {
    let companies = Companies::open(data, Limits::default()).await?;
    let askers = companies.askers(SMALL, WRITING);
    let writers: Vec<_> =
        (0..).zip(askers).map(|(number, asker)| tokio::spawn(write(number, asker))).collect();
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.await??);
    }
    let written: Vec<Written> = written.into_iter().flatten().flatten().collect();
    let delays: Vec<Duration> = written.iter().filter_map(|one| one.indexed_after).collect();
    let outcome = if delays.is_empty() { Outcome::not_yet() } else { Outcome::of(&delays)? };
    let missed = written.iter().filter(|one| !one.found_at_once).count() as u64;
    let made = written.len() as u64;
    Ok(CrowdFigures { made, missed, ..companies.figures(CrowdWork::FollowUp, outcome).await? })
}

/// What came of one create.
struct Written {
    found_at_once: bool,
    /// None when the engine cannot be asked how far its index is.
    indexed_after: Option<Duration>,
}

/// Some creates of one company. None when the engine cannot search.
async fn write(number: u32, asker: Asker) -> anyhow::Result<Option<Vec<Written>>> {
    let directory = asker.reader().await?.directory().clone();
    let team = directory.teams().next().context("a company has no team")?.id;
    let mut written = Vec::with_capacity(CREATES);
    for create in 0..CREATES {
        // A word that stands nowhere else, in this run or another.
        let word = format!("q{:x}c{number}n{create}", std::process::id());
        let Some(one) = write_one(&asker, team, &word).await? else { return Ok(None) };
        written.push(one);
    }
    Ok(Some(written))
}

async fn write_one(asker: &Asker, team: TeamId, word: &str) -> anyhow::Result<Option<Written>> {
    let create = CreateIssue { title: format!("Found by {word}"), ..CreateIssue::in_team(team) };
    let done = asker.engine.execute(OpContext::new(asker.us.clone()), create).await?;
    let answered = Instant::now();
    let Some(first) = asker.search(word, &all([])).await? else { return Ok(None) };
    let indexed_after = index::reach(asker, done.seq).await?.map(|()| answered.elapsed());
    let found_at_once = first.issues.iter().any(|issue| Some(issue.id) == done.issue());
    Ok(Some(Written { found_at_once, indexed_after }))
}
