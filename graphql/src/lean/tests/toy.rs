//! A small tracker: issues and members that refer to each other, with table fields, stock fields that wait, take
//! arguments, answer lean rows or fail softly or hard, an interface, and pages.

use std::sync::Arc;

use async_graphql::{
    Context, CustomDirective, Directive, EmptyMutation, EmptySubscription, Enum, Interface, Object, Request,
    ResolveFut, Result, Schema, ServerResult, SimpleObject, Value, Variables,
};

use crate::lean::{Connection, Id, Row, Rows};

/// What the rows refer to each other through.
#[derive(Clone)]
pub(super) struct World(Arc<Rowset>);

struct Rowset {
    issues: Vec<IssueNode>,
    members: Vec<MemberNode>,
}

impl World {
    /// Eight issues and five members; titles hold what JSON must escape.
    pub(super) fn new() -> World {
        let titles = [
            "plain",
            "quote \" and \\",
            "tab\tline\nnul\u{0}",
            "separator \u{2028}",
            "löß 🦀",
            "",
            "/",
            "\u{7f}",
        ];
        let issues = (0..)
            .zip(titles)
            .map(|(number, title)| IssueNode(Arc::new(IssueRow { number, title: title.into() })));
        let members = (0..5).map(|number| MemberNode { number, name: format!("member {number}").into() });
        World(Arc::new(Rowset { issues: issues.collect(), members: members.collect() }))
    }

    fn member(&self, number: usize) -> Option<MemberNode> {
        self.0.members.get(number).cloned()
    }

    fn issue(&self, number: usize) -> Option<IssueNode> {
        self.0.issues.get(number).cloned()
    }
}

struct IssueRow {
    number: usize,
    title: String,
}

#[derive(Clone)]
pub(super) struct IssueNode(Arc<IssueRow>);

#[derive(Clone)]
pub(super) struct MemberNode {
    number: usize,
    name: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Priority {
    Low,
    NotYetTriaged,
    #[graphql(name = "P0")]
    Urgent,
}
crate::lean_enum!(Priority);

crate::text_scalar! {
    /// Where something lives.
    pub(super) Address(std::net::IpAddr) = "Address", specified by "https://www.rfc-editor.org/rfc/rfc4291";
}

/// A failure that depends on the row, so that lists fail at some places only.
fn broken(number: usize, what: &str) -> Result<String> {
    if number % 4 == 3 {
        Err(format!("{what} of {number} is broken").into())
    } else {
        Ok(format!("{what} {number}"))
    }
}

crate::lean_object! {
    /// An issue.
    /// With two lines of description.
    "Issue" for IssueNode, cx World {
        /// Its identifier.
        "id" id: Id<usize> = |issue, _| Id(issue.0.number);
        /// What it is about.
        "title" title: &str = |issue, _| issue.0.title.as_str();
        /// A title that may be missing.
        "subtitle" subtitle: Option<&str> = |issue, _| Some(issue.0.title.as_str()).filter(|title| title.len() > 4);
        /// Its number.
        "number" number: u32 = |issue, _| u32::try_from(issue.0.number).unwrap_or_default();
        /// How much it matters; not a number for one of them.
        "score" score: f64 = |issue, _| if issue.0.number == 5 { f64::NAN } else { 1.5e-7 * issue.0.number as f64 };
        /// Whether it is odd.
        "isOdd" is_odd: bool = |issue, _| issue.0.number % 2 == 1;
        /// When to do it.
        "priority" priority: Priority = |issue, _| match issue.0.number % 3 {
            0 => Priority::Low,
            1 => Priority::NotYetTriaged,
            _ => Priority::Urgent,
        };
        /// Where it was reported from.
        "address" address: Address = |_, _| Address(std::net::Ipv4Addr::LOCALHOST.into());
        /// Words about it.
        "labels" labels: Vec<String> = |issue, _| issue.0.title.split(' ').map(str::to_owned).collect();
        /// Who works on it.
        "assignee" assignee: Option<Row<MemberNode>> = |issue, world| world.member(issue.0.number).map(Row);
        /// Who made it.
        "creator" creator: Row<MemberNode> = |_, world| Row(world.0.members[0].clone());
        /// Who follows it.
        "watchers" watchers: Rows<MemberNode> = |issue, world| (0..issue.0.number % 4).filter_map(|n| world.member(n)).collect();
        /// Who was told of it.
        "told" told(#[graphql(desc = "So many.")] first: Option<i32>): Rows<MemberNode> = |issue, world| {
            let first = usize::try_from(first.unwrap_or(1)).unwrap_or_default();
            (issue.0.number..).take(first).filter_map(|n| world.member(n)).collect()
        };
        /// What it belongs to.
        "parent" parent: Option<Row<IssueNode>> = |issue, world| world.issue(issue.0.number + 3).map(Row);
        /// What belongs to it.
        "children" children: Option<Rows<IssueNode>> = |issue, world| issue.0.number.checked_sub(5).and_then(|n| world.issue(n)).map(|child| Rows(vec![child]));
        /// The first name of the world, borrowed from the context.
        "patron" patron: &str = |_, world| &*world.0.members[0].name;
    }
    stock {
        /// Waits once.
        async fn slow(&self) -> usize {
            tokio::task::yield_now().await;
            self.0.number
        }

        /// Takes an argument.
        async fn times(&self, factor: i32) -> i64 {
            i64::from(factor) * self.0.number as i64
        }

        /// Fails for some; the field is null then.
        async fn soft(&self) -> Option<Result<String>> {
            Some(broken(self.0.number, "soft"))
        }

        /// Fails for some; what holds the issue is null then.
        async fn hard(&self) -> Result<String> {
            broken(self.0.number, "hard")
        }

        /// Lean rows behind an argument.
        async fn team(&self, ctx: &Context<'_>, first: usize) -> Result<Rows<MemberNode>> {
            let world = ctx.data::<World>()?;
            tokio::task::yield_now().await;
            Ok((0..first).filter_map(|number| world.member(number)).collect())
        }

        /// A stock object.
        async fn extra(&self) -> Extra {
            Extra { text: format!("extra \" {}", self.0.number), creator: Row(MemberNode { number: 3, name: "x".into() }) }
        }
    }
}

crate::lean_object! {
    /// A member.
    "Member" for MemberNode, cx World {
        /// Its identifier.
        "id" id: Id<usize> = |member, _| Id(member.number + 100);
        /// What to call it.
        "name" name: Arc<str> = |member, _| member.name.clone();
        /// What it works on.
        "issues" issues: Rows<IssueNode> = |member, world| (0..2).filter_map(|n| world.issue(member.number + n)).collect();
        /// Its deputy.
        "deputy" deputy: Option<Row<MemberNode>> = |member, world| world.member(member.number + 1).map(Row);
    }
    stock {
        /// Fails for some.
        async fn hard(&self) -> Result<String> {
            tokio::task::yield_now().await;
            broken(self.number, "member")
        }

        /// Its boss.
        async fn boss(&self, ctx: &Context<'_>) -> Option<Row<MemberNode>> {
            ctx.data_opt::<World>()?.member(self.number + 2).map(Row)
        }
    }
}

/// An ordinary object with a lean field.
#[derive(SimpleObject)]
pub(super) struct Extra {
    text: String,
    creator: Row<MemberNode>,
}

/// Anything with an identifier.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "async_graphql::ID"))]
pub(super) enum Node {
    Issue(IssueNode),
    Member(MemberNode),
}

struct Shout;

#[async_trait::async_trait]
impl CustomDirective for Shout {
    async fn resolve_field(&self, _: &Context<'_>, resolve: ResolveFut<'_>) -> ServerResult<Option<Value>> {
        Ok(resolve.await?.map(shouted))
    }
}

fn shouted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_uppercase()),
        Value::List(items) => Value::List(items.into_iter().map(shouted).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, shouted(value))).collect())
        }
        other => other,
    }
}

/// Looks into what it is put on, which bytes would not allow.
#[Directive(location = "Field")]
fn shout() -> impl CustomDirective {
    Shout
}

/// The root.
pub(super) struct Query;

#[Object]
impl Query {
    async fn issues(&self, ctx: &Context<'_>) -> Result<Rows<IssueNode>> {
        Ok(Rows(ctx.data::<World>()?.0.issues.clone()))
    }

    async fn maybe(&self, ctx: &Context<'_>, first: usize) -> Result<Option<Rows<IssueNode>>> {
        let issues = &ctx.data::<World>()?.0.issues;
        Ok((first > 0).then(|| issues.iter().take(first).cloned().collect()))
    }

    async fn issue(&self, ctx: &Context<'_>, number: usize) -> Result<Option<Row<IssueNode>>> {
        Ok(ctx.data::<World>()?.issue(number).map(Row))
    }

    async fn page(&self, ctx: &Context<'_>, first: usize) -> Result<Row<Connection<IssueNode>>> {
        let issues = &ctx.data::<World>()?.0.issues;
        let nodes: Vec<_> = issues.iter().take(first).cloned().collect();
        let cursor = Arc::new(|index: usize, issue: &IssueNode| format!("{index}\"{}", issue.0.number));
        Ok(Row(Connection::new(nodes, cursor)
            .with_neighbours(false, first < issues.len())
            .with_total(issues.len())))
    }

    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<Node>> {
        let rows = &ctx.data::<World>()?.0;
        let issues = rows.issues.iter().take(2).cloned().map(Node::Issue);
        Ok(issues.chain(rows.members.iter().take(2).cloned().map(Node::Member)).collect())
    }
}

pub(super) type Toy = Schema<Query, EmptyMutation, EmptySubscription>;

pub(super) fn schema() -> Toy {
    Schema::build(Query, EmptyMutation, EmptySubscription)
        .register_output_type::<Node>()
        .directive(shout)
        .finish()
}

/// A request with the variables every document may use.
pub(super) fn request(document: &str) -> Request {
    let variables = Variables::from_json(serde_json::json!({ "yes": true, "no": false, "two": 2 }));
    Request::new(document).variables(variables).data(World::new())
}
