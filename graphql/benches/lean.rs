//! A list of fifty rows through both paths: parsed document in, response bytes out.
//!
//! `cargo xtask bench lean`. Compare the two paths within one run only.

use std::{hint::black_box, sync::Arc};

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Enum, Object, Request, Result, Schema, ValidationMode,
    parser::{parse_query, types::ExecutableDocument},
};
use criterion::{Criterion, criterion_group, criterion_main};
use mortise_graphql::{
    lean::{Connection, Enabled, Id, Row, Rows, write_response},
    lean_enum, lean_object,
};

/// The page size a client usually asks for.
const ROWS: u32 = 50;

/// Twelve fields of fifty issues.
const FLAT: &str =
    "{ issues { id number title description url priority estimate sort archived created updated branch } }";

/// The same with an author of three fields and two labels of three fields.
const NESTED: &str =
    "{ issues { id number title description url priority estimate sort archived created updated
    branch author { id name email } labels { id name color } } }";

/// A page with cursors around it.
const PAGE: &str = "{ page { edges { cursor node { id title author { id name } } }
    pageInfo { hasNextPage endCursor } totalCount } }";

/// Twelve fields, one of them served by a stock resolver for every row.
const SPLICED: &str =
    "{ issues { id number title description url priority estimate sort archived created updated votes } }";

/// The tables' context: everything an issue refers to.
struct Snapshot {
    issues: Vec<IssueNode>,
    members: Vec<MemberNode>,
    labels: Vec<LabelNode>,
}

type Shared = Arc<Snapshot>;

#[derive(Clone)]
struct IssueNode(Arc<Issue>);

struct Issue {
    number: u32,
    title: String,
    description: String,
    url: String,
    created: String,
}

#[derive(Clone)]
struct MemberNode(Arc<Named>);

#[derive(Clone)]
struct LabelNode(Arc<Named>);

struct Named {
    number: usize,
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Priority {
    High,
    Low,
}
lean_enum!(Priority);

lean_object! {
    /// An issue.
    "Issue" for IssueNode, cx Shared {
        /// Its identifier.
        "id" id: Id<u32> = |issue, _| Id(issue.0.number);
        /// Its number.
        "number" number: u32 = |issue, _| issue.0.number;
        /// What it is about.
        "title" title: &str = |issue, _| issue.0.title.as_str();
        /// More about it.
        "description" description: &str = |issue, _| issue.0.description.as_str();
        /// Where to read it.
        "url" url: &str = |issue, _| issue.0.url.as_str();
        /// When to do it.
        "priority" priority: Priority = |issue, _| if issue.0.number.is_multiple_of(2) { Priority::High } else { Priority::Low };
        /// How much work it is.
        "estimate" estimate: Option<i32> = |issue, _| issue.0.number.is_multiple_of(3).then_some(5);
        /// Where it stands in a list.
        "sort" sort: f64 = |issue, _| f64::from(issue.0.number) * 0.5;
        /// Whether it is out of sight.
        "archived" archived: bool = |_, _| false;
        /// When it was made.
        "created" created: &str = |issue, _| issue.0.created.as_str();
        /// When it last changed.
        "updated" updated: &str = |issue, _| issue.0.created.as_str();
        /// A name for its branch.
        "branch" branch: &str = |issue, _| issue.0.url.as_str();
        /// Who made it.
        "author" author: Option<Row<MemberNode>> = |issue, snapshot| {
            snapshot.members.get(issue.0.number as usize % 7).cloned().map(Row)
        };
        /// What it is tagged with.
        "labels" labels: Rows<LabelNode> = |_, snapshot| snapshot.labels.iter().take(2).cloned().collect();
    }
    stock {
        /// How many want it.
        async fn votes(&self) -> u32 {
            self.0.number
        }
    }
}

lean_object! {
    /// A member.
    "Member" for MemberNode, cx Shared {
        /// Its identifier.
        "id" id: Id<usize> = |member, _| Id(member.0.number);
        /// What to call it.
        "name" name: &str = |member, _| member.0.name.as_str();
        /// Where to write to.
        "email" email: &str = |member, _| member.0.name.as_str();
    }
}

lean_object! {
    /// A label.
    "Label" for LabelNode, cx Shared {
        /// Its identifier.
        "id" id: Id<usize> = |label, _| Id(label.0.number);
        /// What it says.
        "name" name: &str = |label, _| label.0.name.as_str();
        /// How it looks.
        "color" color: &str = |_, _| "#ff8800";
    }
}

struct Query;

#[Object]
impl Query {
    async fn issues(&self, ctx: &Context<'_>) -> Result<Rows<IssueNode>> {
        Ok(Rows(ctx.data::<Shared>()?.issues.clone()))
    }

    async fn page(&self, ctx: &Context<'_>) -> Result<Row<Connection<IssueNode>>> {
        let issues = ctx.data::<Shared>()?.issues.clone();
        let cursor = Arc::new(|_: usize, issue: &IssueNode| format!("cursor-{}", issue.0.number));
        Ok(Row(Connection::new(issues, cursor).with_neighbours(false, true).with_total(3_000)))
    }
}

fn snapshot() -> Shared {
    let named = |kind: &str, number| Arc::new(Named { number, name: format!("{kind} {number} of the team") });
    let issue = |number| Issue {
        number,
        title: format!("Issue {number}: the list is slow when many rows are asked for"),
        description: format!("Row {number}. ").repeat(20),
        url: format!("https://tracker.example/acme/issue/{number}"),
        created: format!("2026-01-01T00:00:{:02}.000Z", number % 60),
    };
    Arc::new(Snapshot {
        issues: (0..ROWS).map(|number| IssueNode(Arc::new(issue(number)))).collect(),
        members: (0..7).map(|number| MemberNode(named("member", number))).collect(),
        labels: (0..9).map(|number| LabelNode(named("label", number))).collect(),
    })
}

type BenchSchema = Schema<Query, EmptyMutation, EmptySubscription>;

fn request(document: &ExecutableDocument, snapshot: &Shared) -> Request {
    let mut request = Request::new("").data(Arc::clone(snapshot));
    request.set_parsed_query(document.clone());
    request
}

async fn answer(schema: &BenchSchema, request: Request) -> Vec<u8> {
    let response = schema.execute(request).await;
    let mut bytes = Vec::new();
    write_response(&response, &mut bytes);
    bytes
}

fn lean(criterion: &mut Criterion) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    let schema =
        Schema::build(Query, EmptyMutation, EmptySubscription).validation_mode(ValidationMode::Fast).finish();
    let snapshot = snapshot();
    for (shape, text) in [("flat", FLAT), ("nested", NESTED), ("page", PAGE), ("spliced", SPLICED)] {
        let Ok(document) = parse_query(text) else { return };
        let stock = runtime.block_on(answer(&schema, request(&document, &snapshot)));
        let lean = runtime.block_on(answer(&schema, request(&document, &snapshot).data(Enabled)));
        assert_eq!(stock, lean, "both paths answer the same");
        let mut group = criterion.benchmark_group(format!("{shape}, {ROWS} rows, {} bytes", lean.len()));
        group.bench_function("stock", |bencher| {
            bencher.iter(|| black_box(runtime.block_on(answer(&schema, request(&document, &snapshot)))));
        });
        group.bench_function("lean", |bencher| {
            bencher.iter(|| {
                black_box(runtime.block_on(answer(&schema, request(&document, &snapshot).data(Enabled))))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, lean);
criterion_main!(benches);
