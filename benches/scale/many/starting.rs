//! Starting on a folder of many companies: how soon it is open, and what it takes while nobody asks.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mortise_engine::Engine;
use serde::{Deserialize, Serialize};

use super::cold::{Companies, first_list};
use super::seeding::SMALL;
use crate::process::Tree;

/// One start, in a fresh process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Start {
    /// Until the folder is open.
    pub(crate) open_ms: f64,
    /// Memory then.
    pub(crate) idle_bytes: u64,
    /// From then on until some company has answered.
    pub(crate) answer_ms: f64,
}

/// Opens a folder, and asks one company once.
pub(crate) async fn start(data: &Path) -> anyhow::Result<Start> {
    let began = Instant::now();
    let engine = Engine::builder(data).open().await?;
    let open_ms = ms(began.elapsed());
    let idle_bytes = Tree::of(std::process::id()).resident_bytes()?;
    let companies = Companies::of(engine);
    let asked = companies.askers(SMALL, 1);
    let first = asked.first().context("the folder holds no small company")?;
    let began = Instant::now();
    first_list(first).await?;
    let answer_ms = ms(began.elapsed());
    companies.close().await;
    Ok(Start { open_ms, idle_bytes, answer_ms })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
