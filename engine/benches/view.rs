//! Lists, counts and changes of one large tenant, in memory.
//!
//! `cargo bench -p mortise-engine --bench view`. The aim: any filter, order and page of 1,000,000 issues within 5 ms.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints what it measures"
)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mortise_engine::access::{Policy, Scope};
use mortise_engine::context::Principal;
use mortise_engine::directory::Directory;
use mortise_engine::filter::{
    Compare, DateField, Filter, Many, Sort, SortKey, Test, TextOperator, TextTest, TimeField,
};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, TeamId, TenantId};
use mortise_engine::model::{
    Issue, IssueKind, Placement, Priority, Seq, StateCategory, Tenant, TenantStatus, Tier,
};
use mortise_engine::time::{CalendarDate, Timestamp};
use mortise_engine::view::{CursorKey, IssueQuery, Page, Position, View, query_hash};
use std::hint::black_box;
use std::time::Instant;
use uuid::Uuid;

/// Issues of the tenants that are measured.
const SIZES: [usize; 2] = [100_000, 1_000_000];

/// The page size a client usually asks for.
const PAGE: usize = 50;

/// Pages that the percentiles of a list are taken from.
const PERCENTILE_RUNS: usize = 200;

/// Milliseconds of a day, and of the time in which all issues were made.
const DAY: i64 = 24 * 60 * 60 * 1000;
const AGE: i64 = 1_500 * DAY;

/// When the newest issue was made.
const NOW: i64 = 1_780_000_000_000;

const WORDS: [&str; 12] = [
    "login",
    "fails",
    "after",
    "update",
    "the",
    "Export",
    "button",
    "is",
    "slow",
    "on",
    "mobile",
    "dashboard",
];

/// A repeatable sequence of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }

    /// Low numbers more often, as people and labels are.
    fn skewed(&mut self, limit: usize) -> usize {
        self.below(limit).min(self.below(limit))
    }
}

fn uuid(kind: u128, n: usize) -> Uuid {
    Uuid::from_u128(kind << 64 | n as u128)
}

fn member(n: usize) -> MemberId {
    MemberId::from_uuid(uuid(2, n))
}

fn label(n: usize) -> LabelId {
    LabelId::from_uuid(uuid(3, n))
}

fn state(team: usize, category: StateCategory) -> StateId {
    StateId::from_uuid(uuid(4, team * 8 + category as usize))
}

/// One of so many issues of 20 teams, 300 members and 100 labels.
fn issue(dice: &mut Dice, n: usize, of: usize) -> Issue {
    let created = NOW - AGE + (AGE as i128 * n as i128 / of as i128) as i64;
    let id = Uuid::from_u128((created as u128) << 80 | 7 << 76 | 2 << 62 | dice.roll() as u128 >> 2);
    let team = dice.skewed(20);
    let category = match dice.below(10) {
        0 => StateCategory::Backlog,
        1 => StateCategory::Unstarted,
        2 => StateCategory::Started,
        3 => StateCategory::Canceled,
        _ => StateCategory::Completed,
    };
    let updated = Timestamp::from_millis(created + (NOW - created) / (1 + dice.below(50) as i64));
    let title: Vec<_> = (0..4 + dice.below(5)).map(|_| WORDS[dice.below(WORDS.len())]).collect();
    let mut labels: Vec<_> = (0..dice.below(4)).map(|_| label(dice.skewed(100))).collect();
    labels.sort();
    labels.dedup();
    Issue {
        id: IssueId::from_uuid(id),
        team: TeamId::from_uuid(uuid(1, team)),
        number: n as u32 + 1,
        title: format!("{} {n}", title.join(" ")),
        kind: IssueKind::ALL[dice.below(4)],
        state: state(team, category),
        category,
        priority: Priority::ALL[dice.skewed(5)],
        assignees: (0..dice.below(3)).map(|_| member(dice.skewed(300))).collect(),
        creator: member(dice.skewed(300)),
        labels,
        parent: None,
        estimate: (dice.below(2) == 0).then(|| 1 << dice.below(5)),
        start_date: None,
        due_date: (dice.below(3) == 0).then(|| CalendarDate::from_days(20_000 + dice.below(1_000) as i32)),
        rank: format!("{:08x}", dice.roll() as u32),
        resolution: None,
        created_at: Timestamp::from_millis(created),
        updated_at: updated,
        triaged_at: None,
        started_at: (category as u8 >= 3).then_some(updated),
        completed_at: (category == StateCategory::Completed).then_some(updated),
        canceled_at: (category == StateCategory::Canceled).then_some(updated),
        archived_at: (dice.below(10) == 0).then_some(updated),
        deleted_at: (dice.below(50) == 0).then_some(updated),
        reopen_count: 0,
        comment_count: 0,
        version: 1,
        last_event: Seq(1),
        source: None,
        description_bytes: 0,
        description: None,
    }
}

fn scope() -> Scope {
    let tenant = Tenant {
        id: TenantId::from_uuid(uuid(9, 1)),
        slug: "bench".to_owned(),
        name: "Bench".to_owned(),
        tier: Tier::Platinum,
        status: TenantStatus::Active,
        placement: Placement::Dedicated,
        created_at: Timestamp::from_millis(NOW),
        updated_at: Timestamp::from_millis(NOW),
        version: 1,
    };
    Policy::of(&Principal::trusted_system(tenant.id), &tenant, &Directory::default()).unwrap().scope()
}

fn by(key: SortKey, descending: bool) -> Sort {
    Sort { key, descending, nulls_first: false }
}

/// What is asked: a name, a filter, an order.
fn lists() -> Vec<(&'static str, Filter, Vec<Sort>)> {
    use SortKey::{Created, Due, Priority, Rank, Title, Updated};
    let test = Filter::Test;
    let state_is = |c| test(Test::State(Compare::Eq(state(3, c))));
    let assignee = || test(Test::Assignees(Many::Some(Compare::Eq(member(7)))));
    let open = || test(Test::Category(Compare::Lte(StateCategory::Started)));
    let unassigned = || test(Test::Assignees(Many::Length(Compare::Eq(0))));
    let text = |operator, value: &str| {
        test(Test::Title(TextTest { operator, values: vec![value.to_owned()], folded: true }))
    };
    let week = || Timestamp::from_millis(NOW - 7 * DAY);
    vec![
        (
            "state and assignee by updated",
            Filter::All(vec![state_is(StateCategory::Completed), assignee()]),
            vec![by(Updated, true)],
        ),
        ("all by updated", Filter::everything(), vec![by(Updated, true)]),
        ("all by created", Filter::everything(), vec![by(Created, true)]),
        ("all by id", Filter::everything(), vec![]),
        ("all by priority, updated", Filter::everything(), vec![by(Priority, true), by(Updated, true)]),
        ("all by due", Filter::everything(), vec![by(Due, false)]),
        ("all by rank", Filter::everything(), vec![by(Rank, false)]),
        ("all by title", Filter::everything(), vec![by(Title, false)]),
        ("open by priority, due, rank", open(), vec![by(Priority, true), by(Due, false), by(Rank, false)]),
        ("unassigned by updated", unassigned(), vec![by(Updated, true)]),
        (
            "updated this week by created",
            test(Test::Time(TimeField::Updated, Compare::Gte(week()))),
            vec![by(Created, true)],
        ),
        (
            "created before this week by updated",
            test(Test::Time(TimeField::Created, Compare::Lt(week()))),
            vec![by(Updated, true)],
        ),
        (
            "open, overdue by due",
            Filter::All(vec![
                open(),
                test(Test::Date(DateField::Due, Compare::Lt(CalendarDate::from_days(20_100)))),
            ]),
            vec![by(Due, false)],
        ),
        ("title contains, by updated", text(TextOperator::Contains, "mobile Login"), vec![by(Updated, true)]),
        (
            "open and title contains, by updated",
            Filter::All(vec![open(), text(TextOperator::Contains, "mobile Login")]),
            vec![by(Updated, true)],
        ),
    ]
}

fn ask(view: &View, scope: &Scope, filter: &Filter, sort: &[Sort], page: Page) -> Option<Position> {
    let found = view.query(scope, &IssueQuery { filter, sort, page }).unwrap();
    black_box(found.total);
    found.positions.last().cloned()
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

/// Prints how long a view takes to be saved and loaded, and the parts of saving: changes wait as long as one at most.
fn print_saving(view: &View) {
    let (mut saving, mut part, mut saved, mut took) =
        (view.start_saving(), Vec::new(), Vec::new(), Vec::new());
    loop {
        let begun = Instant::now();
        let more = view.save_part(&mut saving, &mut part);
        took.push(begun.elapsed());
        saved.append(&mut part);
        if !more {
            break;
        }
    }
    took.sort();
    let (all, last) = (took.iter().sum::<std::time::Duration>(), took.len() - 1);
    println!(
        "{} issues: saved in {all:?}, {} bytes; parts: p50 {:?}, p99 {:?}, longest {:?}",
        view.len(),
        saved.len(),
        took[last / 2],
        took[last * 99 / 100],
        took[last]
    );
    let begun = Instant::now();
    let loaded = View::load(&mut saved.as_slice()).unwrap();
    println!("{} issues: loaded from what was saved in {:?}", loaded.len(), begun.elapsed());
}

/// Prints how long the slow ones of a list's pages take, first and deep ones.
fn print_percentiles(name: &str, mut page: impl FnMut(usize)) {
    let mut took: Vec<_> = (0..PERCENTILE_RUNS)
        .map(|run| {
            let begun = Instant::now();
            page(run);
            begun.elapsed()
        })
        .collect();
    took.sort();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    println!("{name}: p50 {:?}, p99 {:?}", at(50), at(99));
}

fn bench(c: &mut Criterion) {
    let scope = scope();
    for size in SIZES {
        let mut dice = Dice(42);
        let rows: Vec<_> = (0..size).map(|n| issue(&mut dice, n, size)).collect();
        let mut view = view_of(&rows);
        print_saving(&view);
        for (name, filter, sort) in lists() {
            let id = |what: &str| format!("{size}, {name}: {what}");
            c.bench_function(&id("first page"), |b| {
                b.iter(|| ask(&view, &scope, &filter, &sort, Page::First(PAGE, None)));
            });
            let middle = ask(&view, &scope, &filter, &sort, Page::First(size / 10, None));
            c.bench_function(&id("deep page"), |b| {
                b.iter(|| ask(&view, &scope, &filter, &sort, Page::First(PAGE, middle.clone())));
            });
            print_percentiles(&id("pages"), |run| {
                ask(
                    &view,
                    &scope,
                    &filter,
                    &sort,
                    Page::First(PAGE, middle.clone().filter(|_| run % 2 == 0)),
                );
            });
            c.bench_function(&id("count"), |b| {
                b.iter(|| black_box(view.count(&scope, &filter).unwrap()));
            });
        }
        c.bench_function(&format!("{size}, apply"), |b| {
            let mut at = NOW;
            b.iter_batched(
                || {
                    at += 1;
                    let mut row = rows[dice.below(size)].clone();
                    row.updated_at = Timestamp::from_millis(at);
                    row.priority = Priority::ALL[dice.below(5)];
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
    let (key, scope) = (CursorKey::new([1; 32]), scope());
    let mut dice = Dice(1);
    let view = view_of(&(0..10).map(|n| issue(&mut dice, n, 10)).collect::<Vec<_>>());
    let (_, filter, sort) = lists().swap_remove(0);
    let hash = query_hash(&filter, &sort);
    let position = ask(&view, &scope, &Filter::everything(), &sort, Page::First(1, None)).unwrap();
    let cursor = key.seal(hash, &position);
    c.bench_function("query hash", |b| b.iter(|| query_hash(black_box(&filter), &sort)));
    c.bench_function("cursor: seal", |b| b.iter(|| key.seal(hash, black_box(&position))));
    c.bench_function("cursor: open", |b| b.iter(|| key.open(hash, black_box(&cursor)).unwrap()));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(200))
        .measurement_time(std::time::Duration::from_millis(800))
        .sample_size(20);
    targets = bench
}
criterion_main!(benches);
