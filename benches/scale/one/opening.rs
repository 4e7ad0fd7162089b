//! Opening a company that nobody has asked since the program started: how soon it answers, and the memory it takes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mortise_engine::Engine;
use mortise_engine::filter::SortKey;
use mortise_engine::query::Window;
use serde::{Deserialize, Serialize};

use super::searches::{Pair, among};
use super::subject::Subject;
use crate::ask::{Asker, PAGE};
use crate::company::Company;
use crate::effort::Effort;
use crate::filters::{all, down, open as is_open};
use crate::process::Tree;
use crate::shape::Shape;
use crate::words::{Chance, Words};

/// The folder of checkpoints in a data folder.
const CHECKPOINTS: &str = "views";

/// One opening, in a fresh process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Opening {
    /// Whether there was a checkpoint to open from.
    pub(crate) checkpoint: bool,
    /// Until the folder is open.
    pub(crate) folder_ms: f64,
    /// From then on until the first list is answered: the company is in memory.
    pub(crate) answer_ms: f64,
    /// From then on until the first search is answered.
    pub(crate) search_ms: Option<f64>,
    /// Memory that the company takes: what the process has more than before it was asked.
    pub(crate) resident_bytes: u64,
    /// The same as the view itself estimates it.
    pub(crate) view_bytes: Option<u64>,
}

/// Opens the only company of a folder; `forget` takes its checkpoint away before.
pub(crate) async fn open(data: &Path, forget: bool) -> anyhow::Result<Opening> {
    let checkpoints = data.join(CHECKPOINTS);
    if forget && checkpoints.exists() {
        std::fs::remove_dir_all(&checkpoints).context("cannot remove the checkpoints")?;
    }
    let checkpoint = std::fs::read_dir(&checkpoints).is_ok_and(|mut files| files.next().is_some());
    let own = Tree::of(std::process::id());
    let began = Instant::now();
    let engine = Engine::builder(data).open().await?;
    let folder_ms = ms(began.elapsed());
    let before_bytes = own.resident_bytes()?;
    let tenant = engine.tenants().first().context("the folder holds no company")?.id;
    let asker = Asker::of(engine, tenant);
    let began = Instant::now();
    let list = asker.page(&all([is_open()]), &[down(SortKey::Updated)], &Window::First(PAGE, None)).await?;
    let answer_ms = ms(began.elapsed());
    anyhow::ensure!(!list.issues.is_empty(), "the first list is empty");
    let resident_bytes = own.resident_bytes()?.saturating_sub(before_bytes);
    let view_bytes = asker.view_bytes().await?;
    let search_ms = first_search(&asker).await?;
    asker.engine.close().await;
    Ok(Opening { checkpoint, folder_ms, answer_ms, search_ms, resident_bytes, view_bytes })
}

async fn first_search(asker: &Asker) -> anyhow::Result<Option<f64>> {
    let issues = u32::try_from(asker.count(&all([])).await?)?;
    let subject = Subject {
        company: Company::of(&asker.engine, asker.us.tenant()).await?,
        asker: asker.clone(),
        shape: Shape::large(issues),
        words: Words::new(),
        effort: Effort::QUICK,
    };
    let text = Pair::any(&subject, &mut Chance::of(u64::from(std::process::id())))?.typed();
    let began = Instant::now();
    let found = asker.search(&text, &among()).await?;
    Ok(found.map(|_| ms(began.elapsed())))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
