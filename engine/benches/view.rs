//! Lists, groups, counts and changes of one large tenant, in memory.
//!
//! `cargo bench -p mortise-engine --bench view`. The aim: any filter, order and page of 1,000,000 issues within 5 ms at
//! the 99th percentile. Each line is the time of single answers; a run during which another process had the processor
//! is left out, and counted at the end of the line.

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
use mortise_engine::filter::{Asking, Filter, GroupBy, Sort, SortKey};
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

/// How long an answer takes: the median and the slow ones of many.
fn percentiles(name: &str, mut answer: impl FnMut()) {
    let (mut took, mut interrupted) = (Vec::new(), 0);
    while took.len() < RUNS && interrupted < 3 * RUNS {
        let (slices, begun) = (time_slices(), Instant::now());
        answer();
        let elapsed = begun.elapsed();
        if time_slices() == slices {
            took.push(elapsed);
        } else {
            interrupted += 1;
        }
    }
    took.sort();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or(Duration::MAX);
    println!("{name:<64} p50 {:>9.3?}  p99 {:>9.3?}  ({interrupted} left out)", at(50), at(99));
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
        Self { company, view, asking, looked, limits: Limits::default() }
    }

    fn question<'a>(&'a self, filter: &'a Filter) -> Question<'a> {
        Question { filter, asking: &self.asking, directory: &self.company.directory, looked: &self.looked }
    }

    fn ask(&self, filter: &Filter, sort: &[Sort], page: Page) -> Option<Position> {
        let query = IssueQuery { question: self.question(filter), sort, page };
        let found = self.view.query(&self.company.scope, &query).unwrap();
        black_box(found.total);
        found.positions.last().cloned()
    }

    fn lists(&self) {
        let size = self.view.len();
        for (name, filter, sort) in lists() {
            let question = self.question(&filter);
            let total = self.view.count(&self.company.scope, &question).unwrap();
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
            // There are more members than a list may have groups.
            let empty = group_by != GroupBy::Assignee;
            let request = GroupRequest { by: group_by, sub_by, empty, sort: &sort, first, sub_first, limits };
            let groups = || self.view.groups(&self.company.scope, &self.question(&filter), &request).unwrap();
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
                black_box(self.view.passes(&self.company.scope, &question, at));
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
    c.bench_function("cursor: open", |b| b.iter(|| key.open(hash, black_box(&cursor)).unwrap()));
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
