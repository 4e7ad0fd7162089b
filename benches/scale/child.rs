//! A step in a process of its own: nothing that it leaves in memory weighs on the next.
//!
//! The step goes to the standard input of this very program, its result comes from the standard output, both as JSON. It
//! knows the steps by name only.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::effort::Effort;
use crate::many::{self, Crowd};
use crate::one;
use crate::work::Work;

/// What is done in a process of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Fills a folder with one company.
    SeedOne { data: PathBuf, store: String, issues: u32 },
    /// Opens that company and asks it once; `forget` takes its checkpoint away before.
    OpenOne { data: PathBuf, forget: bool },
    /// Asks it everything.
    AskOne { data: PathBuf, issues: u32, effort: Effort, work: Vec<Work> },
    /// Fills a folder with many companies.
    SeedMany { data: PathBuf, store: String, crowd: Crowd },
    /// Opens that folder and asks one company once.
    Start { data: PathBuf },
    /// Asks companies that sleep for a list: small ones, or large ones.
    Query { data: PathBuf, effort: Effort, large: bool },
    /// Searches in companies that sleep.
    Search { data: PathBuf, effort: Effort },
    /// Asks companies in turn in too little memory.
    Evict { data: PathBuf },
    /// Writes in many companies, and watches the search.
    FollowUp { data: PathBuf },
}

/// Has a step done, and answers its result.
pub(crate) fn run<T: DeserializeOwned>(task: &Task) -> anyhow::Result<T> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut child = Command::new(program)
        .arg("child")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a step")?;
    let mut input = child.stdin.take().context("the step has no input")?;
    input.write_all(&serde_json::to_vec(task)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    anyhow::ensure!(output.status.success(), "a step failed ({}): {task:?}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("cannot read the result of {task:?}"))
}

/// Does the step that is read, and writes its result.
pub(crate) fn serve() -> anyhow::Result<()> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let task: Task = serde_json::from_slice(&text).context("a step is read from the standard input")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(perform(task))?;
    std::io::stdout().write_all(&result)?;
    Ok(())
}

async fn perform(task: Task) -> anyhow::Result<Vec<u8>> {
    Ok(match task {
        Task::SeedOne { data, store, issues } => bytes(one::seed(&data, &store, issues).await?),
        Task::OpenOne { data, forget } => bytes(one::open(&data, forget).await?),
        Task::AskOne { data, issues, effort, work } => bytes(one::ask(&data, issues, effort, &work).await?),
        Task::SeedMany { data, store, crowd } => bytes(many::seed(&data, &store, &crowd).await?),
        Task::Start { data } => bytes(many::start(&data).await?),
        Task::Query { data, effort, large } => bytes(many::query(&data, effort, large).await?),
        Task::Search { data, effort } => bytes(many::search(&data, effort).await?),
        Task::Evict { data } => bytes(many::evict(&data).await?),
        Task::FollowUp { data } => bytes(many::follow_up(&data).await?),
    }?)
}

fn bytes(result: impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&result)
}
