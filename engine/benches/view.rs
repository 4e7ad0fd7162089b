//! Lists, groups, counts and changes of one large tenant, in memory.
//!
//! `cargo xtask bench view`. The aim: any filter, order and page of 1,000,000 issues within 5 ms at
//! the 99th percentile. Each line is the time of single answers; runs during which another process had the processor are
//! left out, unless nearly all were, and counted at the end of the line.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints what it measures"
)]

#[path = "view/company.rs"]
mod company;
#[path = "view/questions.rs"]
mod questions;

use company::{Company, NOW};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mortise_engine::Limits;
use mortise_engine::filter::{Asking, Filter, Sort, SortKey};
use mortise_engine::model::{Issue, Priority};
use mortise_engine::time::Timestamp;
use mortise_engine::view::{
    CursorKey, GroupRequest, IssueQuery, Looked, Page, Position, Question, View, query_hash,
};
use questions::{boards, by, changes, lists};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Issues of the tenants that are measured.
const SIZES: [usize; 2] = [100_000, 1_000_000];

/// The page size a client usually asks for.
const PAGE: usize = 50;

/// Answers that the percentiles are taken from.
const RUNS: usize = 300;

/// The longest that one line may take.
const LINE_MAX: Duration = Duration::from_secs(2);

/// How long an answer takes: the median and the slow ones of many.
fn percentiles(name: &str, mut answer: impl FnMut()) {
    let (mut took, mut disturbed, all) = (Vec::new(), Vec::new(), Instant::now());
    while took.len() < RUNS && all.elapsed() < LINE_MAX {
        let (slices, begun) = (time_slices(), Instant::now());
        answer();
        let elapsed = begun.elapsed();
        if time_slices() == slices { took.push(elapsed) } else { disturbed.push(elapsed) }
    }
    let disturbances = disturbed.len();
    // What takes longer than others wait for the processor is always disturbed where there are others.
    if took.len() < RUNS / 10 {
        took.append(&mut disturbed);
    }
    took.sort();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    println!("{name:<64} p50 {:>9.3?}  p99 {:>9.3?}  ({disturbances} disturbed)", at(50), at(99));
}

/// How often this thread was given the processor, where the system says so.
fn time_slices() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().nth(2)?.parse().ok()
}

fn view_of(rows: &[Issue]) -> View {
    let begun = Instant::now();
    let mut view = View::new();
    rows.iter().for_each(|issue| view.load_issue(issue));
    view.finish_load();
    let (took, bytes) = (begun.elapsed(), view.memory_bytes());
    let titles: usize = rows.iter().map(|issue| issue.title.len()).sum();
    println!(
        "{} issues: loaded in {took:?}, {} bytes each, {} of them title",
        rows.len(),
        bytes / rows.len(),
        titles / rows.len()
    );
    view
}

/// Prints how long a view takes to be copied, saved and loaded, and the longest part of saving: changes wait so long at
/// most.
fn print_saving(view: &View) {
    let begun = Instant::now();
    drop(black_box(view.clone()));
    println!("{} issues: copied and dropped in {:?}", view.len(), begun.elapsed());
    let (begun, mut saved) = (Instant::now(), Vec::new());
    let (mut saving, mut longest, mut part) = (view.start_saving(), std::time::Duration::ZERO, Vec::new());
    loop {
        let begun = Instant::now();
        let more = view.save_part(&mut saving, &mut part);
        longest = longest.max(begun.elapsed());
        saved.append(&mut part);
        if !more {
            break;
        }
    }
    let took = begun.elapsed();
    println!("{} issues: saved in {took:?}, {} bytes, longest part {longest:?}", view.len(), saved.len());
    let begun = Instant::now();
    let loaded = View::load(&mut saved.as_slice()).unwrap();
    println!("{} issues: loaded from what was saved in {:?}", loaded.len(), begun.elapsed());
}

/// One company in memory, and who asks.
struct Bench {
    company: Company,
    view: View,
    asking: Asking,
    looked: Looked,
    limits: Limits,
}

impl Bench {
    fn new(size: usize) -> Self {
        let company = Company::new(size);
        let view = view_of(&company.rows);
        let asking = Asking { me: Some(company::member(7)), ..Asking::at(Timestamp::from_millis(NOW)) };
        let (found, scores) = company.found();
        let looked = Looked { sets: vec![found], scores };
        // Nearly as many issues have parts as have a parent here: more than an answer may have groups.
        let limits = Limits { groups_max: size, ..Limits::default() };
        Self { company, view, asking, looked, limits }
    }

    fn question<'a>(&'a self, filter: &'a Filter) -> Question<'a> {
        Question { filter, asking: &self.asking, directory: &self.company.directory, looked: &self.looked }
    }

    fn ask(&self, filter: &Filter, sort: &[Sort], page: Page) -> Option<Position> {
        let query = IssueQuery { question: self.question(filter), sort, page };
        let found = self.view.query(&self.company.sight, &query).unwrap();
        black_box(found.total);
        found.positions.last().cloned()
    }

    fn lists(&self) {
        let size = self.view.len();
        for (name, filter, sort) in lists() {
            let question = self.question(&filter);
            let total = self.view.count(&self.company.sight, &question).unwrap();
            let deep = usize::try_from(total / 10).unwrap();
            let middle = self.ask(&filter, &sort, Page::First(deep.max(1), None));
            let line = |what: &str| format!("{size}, {name} ({total}): {what}");
            percentiles(&line("first page"), || drop(self.ask(&filter, &sort, Page::First(PAGE, None))));
            percentiles(&line("deep page"), || {
                drop(self.ask(&filter, &sort, Page::First(PAGE, middle.clone())));
            });
        }
    }

    fn boards(&self) {
        for (name, filter, group_by, sub_by) in boards() {
            let sort = [by(SortKey::Updated, true)];
            let (first, sub_first) = if sub_by.is_some() { (0, 10) } else { (20, 0) };
            let limits = &self.limits;
            let request = GroupRequest {
                by: group_by,
                sub_by,
                empty: true,
                groups: limits.page_size_max,
                after: None,
                sort: &sort,
                first,
                sub_first,
                limits,
            };
            let groups = || self.view.groups(&self.company.sight, &self.question(&filter), &request).unwrap();
            let found = groups();
            let cells: usize = found.groups.iter().map(|group| group.groups.len().max(1)).sum();
            let name = format!("{}, board: {name} ({} in {cells})", self.view.len(), found.total);
            percentiles(&name, || drop(black_box(groups())));
        }
    }

    fn single_rows(&self) {
        let mut at = 0;
        for (name, filter, _) in lists() {
            let question = self.question(&filter);
            percentiles(&format!("{}, {name}: one row", self.view.len()), || {
                at = (at + 7_919) % self.view.len() as u32;
                black_box(self.view.passes(&self.company.sight, &question, at));
            });
        }
        let everything = Filter::everything();
        for (name, change) in changes() {
            let question = self.question(&everything);
            let name = format!("{}, may have been: {name}", self.view.len());
            percentiles(&name, || drop(black_box(self.view.ever(&question, &change))));
        }
    }
}

fn bench(c: &mut Criterion) {
    for size in SIZES {
        let mut bench = Bench::new(size);
        print_saving(&bench.view);
        bench.lists();
        bench.boards();
        if size == SIZES[0] {
            bench.single_rows();
        }
        let (rows, view) = (&bench.company.rows, &mut bench.view);
        c.bench_function(&format!("{size}, apply"), |b| {
            let (mut at, mut n) = (NOW, 0);
            b.iter_batched(
                || {
                    (at, n) = (at + 1, (n + 7_919) % rows.len());
                    let mut row = rows[n].clone();
                    row.updated_at = Timestamp::from_millis(at);
                    row.priority = Priority::ALL[n % 5];
                    row
                },
                |row| view.apply(&row),
                BatchSize::SmallInput,
            );
        });
    }
    cursors(c);
}

fn cursors(c: &mut Criterion) {
    let (key, bench) = (CursorKey::new([1; 32]), Bench::new(10));
    let (_, filter, sort) = lists().swap_remove(0);
    let hash = query_hash(&filter, &sort);
    let position = bench.ask(&Filter::everything(), &sort, Page::First(1, None)).unwrap();
    let cursor = key.seal(hash, &position);
    c.bench_function("query hash", |b| b.iter(|| query_hash(black_box(&filter), &sort)));
    c.bench_function("cursor: seal", |b| b.iter(|| key.seal(hash, black_box(&position))));
    c.bench_function("cursor: open", |b| b.iter(|| key.open::<Position>(hash, black_box(&cursor)).unwrap()));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20);
    targets = bench
}
criterion_main!(benches);
