//! One large company: seeded once for each store and size, opened in fresh processes, and asked everything in one more.

mod boards;
mod histories;
mod lists;
mod live;
mod opening;
mod pages;
mod past;
mod relations;
mod searches;
mod subject;

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use mortise_engine::Engine;
use mortise_engine::query::Window;
use mortise_engine::storage::StoreKind;

pub(crate) use opening::{Opening, open};

use crate::ask::{Asker, PAGE};
use crate::child::{self, Task};
use crate::effort::Effort;
use crate::folder::Filled;
use crate::machine::Machine;
use crate::options::One;
use crate::report::{Answers, Figures, OneRun, Report, Seeded};
use crate::seed::{self, Filling, Guard, Past};
use crate::shape::Shape;
use crate::work::Work;
use crate::{index, progress, tables};
use lists::Kind;
use subject::Subject;

/// Where the figures are kept.
pub(crate) const FILE: &str = "scale-one.json";

/// Runs every store at every size, and shows each table as soon as it is known.
pub(crate) fn run(options: &One) -> anyhow::Result<()> {
    let machine = Machine::with_data_on_disk(&options.how.folder())?;
    println!("{machine}\n");
    let mut report = Report::begin(machine, options.how.effort())?;
    for issues in &options.sizes {
        for store in &options.how.stores {
            let run = of_store(options, *store, *issues)
                .with_context(|| format!("cannot measure {store} with {issues} issues"))?;
            println!("{}", tables::of_one(&run, crate::STYLE));
            report.runs.push(run);
        }
    }
    crate::show(&tables::of_openings(&report.runs, crate::STYLE), &report.write(&options.how.file(FILE))?);
    Ok(())
}

/// One store at one size.
fn of_store(options: &One, store: StoreKind, issues: u32) -> anyhow::Result<OneRun> {
    let effort = options.how.effort();
    let name = format!("one-{store}-{issues}");
    let filled: Filled<Seeded> = Filled::new(&options.how, &name, |data| {
        child::run(&Task::SeedOne { data: data.to_owned(), store: store.name().to_owned(), issues })
    })?;
    let data = || filled.data.clone();
    let mut openings: Vec<Opening> = Vec::new();
    // The first without a checkpoint may leave one behind for those after it.
    for forget in [true, false] {
        for _ in 0..if options.wants(Work::Open) { effort.starts } else { 0 } {
            openings.push(child::run(&Task::OpenOne { data: data(), forget })?);
        }
    }
    let work: Vec<Work> = Work::ASKED.into_iter().filter(|work| options.wants(*work)).collect();
    let answers = child::run(&Task::AskOne { data: data(), issues, effort, work })?;
    Ok(OneRun {
        store: store.name().to_owned(),
        issues,
        folder_bytes: filled.bytes,
        seeded: filled.seeded,
        openings,
        answers,
    })
}

/// Fills a fresh folder with the company.
pub(crate) async fn seed(data: &Path, store: &str, issues: u32) -> anyhow::Result<Seeded> {
    let store = store.parse().map_err(anyhow::Error::msg)?;
    let (past, shape, guard) = (Past::begin(), Shape::large(issues), Guard::of(data));
    let engine = Engine::builder(data).store(store).clock(past.clock()).open().await?;
    let bar = progress::bar(seed::steps(&shape), "rows")?;
    let began = Instant::now();
    let tenant = seed::found(&engine, "acme", &shape).await?;
    let filling = Filling { engine: &engine, past: &past, shape, companies: 1, bar: &bar, guard: &guard };
    filling.fill(tenant).await?;
    let writing = began.elapsed();
    bar.finish_and_clear();
    let asker = Asker::of(engine, tenant);
    let indexed = index::catch_up(&asker).await?.map(|()| began.elapsed() - writing);
    let events = asker.reader().await?.seq();
    asker.engine.close().await;
    Seeded::of(writing, indexed, events)
}

/// Asks the company everything that is wanted.
pub(crate) async fn ask(
    data: &Path,
    issues: u32,
    effort: Effort,
    wanted: &[Work],
) -> anyhow::Result<Answers> {
    let of = Subject::open(data, issues, effort).await?;
    let mut answers = Answers::default();
    for work in wanted {
        let figures = match work {
            Work::Open => Vec::new(),
            Work::List => {
                for kind in &lists::KINDS {
                    answers.lists.push(pages::pages(&of, kind).await?);
                }
                Vec::new()
            }
            Work::Count => {
                let outcome = pages::counts(&of).await?;
                vec![Figures { work: *work, what: "any of the ten lists".to_owned(), outcome }]
            }
            Work::Board => boards::boards(&of).await?,
            Work::Relation => first_pages(&of, *work, &relations::KINDS).await?,
            Work::History => first_pages(&of, *work, &histories::KINDS).await?,
            Work::Search => vec![searches::search(&of).await?],
            Work::Prefix => vec![searches::prefix(&of).await?],
            Work::Similar => vec![searches::similar(&of).await?],
            Work::Past => past::past(&of).await?,
            Work::Live => vec![live::live(&of).await?],
        };
        answers.figures.extend(figures);
    }
    of.asker.engine.close().await;
    Ok(answers)
}

async fn first_pages(of: &Subject, work: Work, kinds: &[Kind]) -> anyhow::Result<Vec<Figures>> {
    let mut figures = Vec::new();
    for kind in kinds {
        let outcome = pages::page(of, kind, Window::First(PAGE, None)).await?;
        figures.push(Figures { work, what: kind.name.to_owned(), outcome });
    }
    Ok(figures)
}
