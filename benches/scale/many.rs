//! Many companies: seeded once for each store, then started on, asked, squeezed and written to, each in a fresh process.

mod cold;
mod follow_up;
mod seeding;
mod starting;

use anyhow::Context as _;
use clap::Args;
use mortise_engine::storage::StoreKind;
use serde::{Deserialize, Serialize};

pub(crate) use cold::{evict, query, search};
pub(crate) use follow_up::follow_up;
pub(crate) use seeding::seed;
pub(crate) use starting::{Start, start};

use crate::child::{self, Task};
use crate::folder::Filled;
use crate::machine::Machine;
use crate::options::Many;
use crate::report::{ManyRun, Report, Seeded};
use crate::work::CrowdWork;
use crate::{STYLE, tables};

/// Where the figures are kept.
pub(crate) const FILE: &str = "scale-many.json";

/// How many companies, and how large they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args, Serialize, Deserialize)]
pub(crate) struct Crowd {
    /// Companies.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) tenants: u32,
    /// Issues of each.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(40..=10_000))]
    pub(crate) issues: u32,
    /// Large companies besides.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) large: u32,
    /// Issues of each large company.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(40..=1_000_000))]
    pub(crate) large_issues: u32,
}

impl Crowd {
    /// Enough to see that everything works.
    pub(crate) const QUICK: Self = Self { tenants: 60, issues: 40, large: 1, large_issues: 500 };
}

/// Runs every store, and shows each table as soon as it is known.
pub(crate) fn run(options: &Many) -> anyhow::Result<()> {
    let machine = Machine::with_data_on_disk(&options.how.folder())?;
    println!("{machine}\n");
    let mut report = Report::begin(machine, options.how.effort())?;
    for store in &options.how.stores {
        let run = of_store(options, *store).with_context(|| format!("cannot measure {store}"))?;
        println!("{}", tables::of_many(&run, STYLE));
        report.runs.push(run);
    }
    crate::show(&tables::of_starts(&report.runs, STYLE), &report.write(&options.how.file(FILE))?);
    let missed: u64 = report.runs.iter().flat_map(|run| &run.figures).map(|figures| figures.missed).sum();
    anyhow::ensure!(missed == 0, "{missed} issues were not found by the first search after they were made");
    Ok(())
}

fn of_store(options: &Many, store: StoreKind) -> anyhow::Result<ManyRun> {
    let (crowd, effort) = (options.crowd, options.how.effort());
    let Crowd { tenants, issues, large, large_issues } = crowd;
    let name = format!("many-{store}-{tenants}x{issues}-{large}x{large_issues}");
    let filled: Filled<Seeded> = Filled::new(&options.how, &name, |data| {
        child::run(&Task::SeedMany { data: data.to_owned(), store: store.name().to_owned(), crowd })
    })?;
    let data = || filled.data.clone();
    let starts = if options.wants(CrowdWork::Start) { effort.starts } else { 0 };
    let starts = (0..starts).map(|_| child::run(&Task::Start { data: data() }));
    let starts: Vec<Start> = starts.collect::<anyhow::Result<_>>()?;
    let tasks = [
        (CrowdWork::Query, Task::Query { data: data(), effort, large: false }),
        (CrowdWork::LargeQuery, Task::Query { data: data(), effort, large: true }),
        (CrowdWork::Search, Task::Search { data: data(), effort }),
        (CrowdWork::Evict, Task::Evict { data: data() }),
        // Last, for it writes.
        (CrowdWork::FollowUp, Task::FollowUp { data: data() }),
    ];
    let figures = tasks.iter().filter(|(work, _)| options.wants(*work)).map(|(_, task)| child::run(task));
    Ok(ManyRun {
        store: store.name().to_owned(),
        crowd,
        folder_bytes: filled.bytes,
        seeded: filled.seeded,
        starts,
        figures: figures.collect::<anyhow::Result<_>>()?,
    })
}
