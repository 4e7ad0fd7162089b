//! A filter as the JSON of the input that it is read from: for a client that wants the tree, to show it or to change it.
//!
//! Every test becomes an input that says just this one thing, and every group an `and`, `or` or `not`, so that reading
//! it gives the very same tree. It knows no text language.

use crate::lean::Leaf;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value as GqlValue};
use mortise_engine::filter::{
    CommentTest, Compare, DateField, DurationField, Filter, HistoryTest, LabelTest, Link, Many, MemberTest,
    ParentTest, PastChange, SourceTest, StateTest, TeamTest, Test, TextOperator, TextTest, TimeField, Was,
    WorkflowTest,
};
use mortise_engine::model::RelationKind;
use serde_json::{Map, Value};
use std::fmt::Display;

/// A filter as JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IssueFilterJson(Value);

impl IssueFilterJson {
    /// The JSON of a filter; none when it asks what no input can, such as an order of ids.
    pub(crate) fn of(filter: &Filter) -> Option<Self> {
        whole(filter).map(Self)
    }
}

/// A filter as JSON: exactly the JSON of the input `IssueFilter`. Passed as a variable of that type it is the same filter
/// again. Each condition stands by itself, groups are `and`, `or` and `not`.
#[Scalar(name = "IssueFilterJSON")]
impl ScalarType for IssueFilterJson {
    fn parse(value: GqlValue) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> GqlValue {
        GqlValue::from_json(self.0.clone()).unwrap_or_default()
    }
}

impl Leaf for IssueFilterJson {
    fn write_json(&self, out: &mut Vec<u8>) {
        crate::lean::write_json_value(&self.to_value(), out);
    }
}

fn whole(filter: &Filter) -> Option<Value> {
    let list = |parts: &[Filter]| parts.iter().map(whole).collect::<Option<Vec<_>>>().map(Value::Array);
    match filter {
        Filter::All(parts) => Some(one("and", list(parts)?)),
        Filter::Any(parts) => Some(one("or", list(parts)?)),
        Filter::Not(part) => Some(one("not", whole(part)?)),
        Filter::Test(test) => condition(test),
    }
}

fn condition(test: &Test) -> Option<Value> {
    let (field, value) = match test {
        Test::Id(c) => ("id", name(c)?),
        Test::Key(c) => ("identifier", name(&c.map(|key| format!("{}-{}", key.team, key.number)))?),
        Test::Number(c) => ("number", number(c)),
        Test::Team(TeamTest::Id(c)) => ("team", one("id", name(c)?)),
        Test::Team(TeamTest::Key(t)) => ("team", one("key", text(t)?)),
        Test::Team(TeamTest::Name(t)) => ("team", one("name", text(t)?)),
        Test::State(test) => ("state", state(test)?),
        Test::Category(c) => ("category", ordered(c)),
        Test::Kind(c) => ("type", choice(c)?),
        Test::Priority(c) => ("priority", ordered(c)),
        Test::Resolution(c) => ("resolution", choice(c)?),
        Test::Assignees(people) => ("assignees", many(people, member)?),
        Test::Creator(test) => ("creator", creator(test)?),
        Test::Labels(labels) => ("labels", many(labels, label)?),
        Test::Parent(ParentTest::Null(null)) => ("parent", one("null", Value::Bool(*null))),
        Test::Parent(ParentTest::Passes(filter)) => ("parent", whole(filter)?),
        Test::Children(issues) => ("children", many(issues, whole)?),
        Test::Related(link, issues) => (related(*link), many(issues, whole)?),
        Test::Comments(comments) => ("comments", many(comments, comment)?),
        Test::Estimate(c) => ("estimate", number(c)),
        Test::Reopened(c) => ("reopenCount", number(c)),
        Test::Time(field, c) => (time(*field), ordered(c)),
        Test::Date(field, c) => (date(*field), ordered(c)),
        Test::Duration(field, c) => (duration(*field), ordered(c)),
        Test::Title(t) => ("title", text(t)?),
        Test::Described(there) => ("description", one("null", Value::Bool(!there))),
        Test::Source(SourceTest::Null(null)) => ("source", one("null", Value::Bool(*null))),
        Test::Source(SourceTest::System(t)) => ("source", one("system", text(t)?)),
        // Who has no id there comes from nowhere.
        Test::Source(SourceTest::Id(Compare::Null(null))) => ("source", one("null", Value::Bool(*null))),
        Test::Source(SourceTest::Id(c)) => ("source", one("id", name(c)?)),
        Test::Archived(archived) => ("archived", one("eq", Value::Bool(*archived))),
        Test::Deleted(deleted) => ("deleted", one("eq", Value::Bool(*deleted))),
        Test::Confidential(confidential) => ("confidential", one("eq", Value::Bool(*confidential))),
        Test::Participants(people) => ("participants", many(people, member)?),
        Test::Workflow(WorkflowTest::Id(c)) => ("workflow", one("id", name(c)?)),
        Test::Workflow(WorkflowTest::Name(t)) => ("workflow", one("name", text(t)?)),
        Test::WorkflowVersion(c) => ("workflowVersion", one("id", name(c)?)),
        Test::Approvals(asked) => ("approvals", many(asked, |to| Some(one("to", state(to)?)))?),
        Test::Rank(c) => ("rank", ordered(c)),
        Test::Version(c) => ("version", version(c)?),
        Test::History(test) => ("history", Value::Array(vec![history(test)?])),
        Test::Text(search) => ("text", one("matches", word(&search.text))),
        Test::Looked(_) => return None,
    };
    Some(one(field, value))
}

fn one(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn word(value: impl Display) -> Value {
    Value::String(value.to_string())
}

fn compare<T>(test: &Compare<T>, value: impl Fn(&T) -> Value) -> Value {
    let list = |values: &[T]| Value::Array(values.iter().map(&value).collect());
    match test {
        Compare::Eq(v) => one("eq", value(v)),
        Compare::Neq(v) => one("neq", value(v)),
        Compare::In(list_of) => one("in", list(list_of)),
        Compare::Nin(list_of) => one("nin", list(list_of)),
        Compare::Lt(v) => one("lt", value(v)),
        Compare::Lte(v) => one("lte", value(v)),
        Compare::Gt(v) => one("gt", value(v)),
        Compare::Gte(v) => one("gte", value(v)),
        Compare::Between(low, high) => one("between", Value::Array(vec![value(low), value(high)])),
        Compare::Null(null) => one("null", Value::Bool(*null)),
    }
}

fn ordered<T: Display>(test: &Compare<T>) -> Value {
    compare(test, |value| word(value))
}

fn number(test: &Compare<u32>) -> Value {
    compare(test, |number| Value::from(*number))
}

/// A version that no input can hold makes a filter without JSON.
fn version(test: &Compare<u64>) -> Option<Value> {
    let mut fits = true;
    let narrow = test.map(|version| {
        let narrow = u32::try_from(*version);
        fits &= narrow.is_ok();
        narrow.unwrap_or(u32::MAX)
    });
    fits.then(|| number(&narrow))
}

/// What has no order can only be this or that, or missing.
fn choice<T: Display>(test: &Compare<T>) -> Option<Value> {
    let said = matches!(
        test,
        Compare::Eq(_) | Compare::Neq(_) | Compare::In(_) | Compare::Nin(_) | Compare::Null(_)
    );
    said.then(|| ordered(test))
}

/// What names one thing can only be this or that.
fn name<T: Display>(test: &Compare<T>) -> Option<Value> {
    choice(test).filter(|_| !matches!(test, Compare::Null(_)))
}

fn text(test: &TextTest) -> Option<Value> {
    let operator = match (test.operator, test.folded) {
        (TextOperator::Eq, false) => "eq",
        (TextOperator::Neq, false) => "neq",
        (TextOperator::In, false) => "in",
        (TextOperator::Nin, false) => "nin",
        (TextOperator::Contains, false) => "contains",
        (TextOperator::NotContains, false) => "notContains",
        (TextOperator::StartsWith, false) => "startsWith",
        (TextOperator::EndsWith, false) => "endsWith",
        (TextOperator::Eq, true) => "eqIgnoreCase",
        (TextOperator::Neq, true) => "neqIgnoreCase",
        (TextOperator::In, true) => "inIgnoreCase",
        (TextOperator::Nin, true) => "ninIgnoreCase",
        (TextOperator::Contains, true) => "containsIgnoreCase",
        (TextOperator::NotContains, true) => "notContainsIgnoreCase",
        (TextOperator::StartsWith, true) => "startsWithIgnoreCase",
        (TextOperator::EndsWith, true) => "endsWithIgnoreCase",
    };
    let value = match (test.operator, test.values.as_slice()) {
        (TextOperator::In | TextOperator::Nin, values) => values.iter().map(word).collect(),
        (_, [value]) => word(value),
        _ => return None,
    };
    Some(one(operator, value))
}

fn many<T>(test: &Many<T>, condition: impl Fn(&T) -> Option<Value>) -> Option<Value> {
    let side = match test {
        Many::Some(_) => "some",
        Many::Every(_) => "every",
        Many::None(_) => "none",
        Many::Length(c) => return Some(one("length", number(c))),
    };
    let mut conditions = test.tests().iter().map(condition).collect::<Option<Vec<_>>>()?;
    // A group that stands alone would be read as the conditions in it.
    let alone = matches!(conditions.as_slice(), [only] if only.get("and").is_none());
    let all = if alone { conditions.pop()? } else { one("and", Value::Array(conditions)) };
    Some(one(side, all))
}

fn state(test: &StateTest) -> Option<Value> {
    Some(match test {
        StateTest::Id(c) => one("id", name(c)?),
        StateTest::Name(t) => one("name", text(t)?),
    })
}

fn label(test: &LabelTest) -> Option<Value> {
    Some(match test {
        LabelTest::Id(c) => one("id", name(c)?),
        LabelTest::Name(t) => one("name", text(t)?),
    })
}

fn member(test: &MemberTest) -> Option<Value> {
    Some(match test {
        MemberTest::Id(c) => one("id", name(c)?),
        MemberTest::Name(t) => one("name", text(t)?),
        MemberTest::Email(t) => one("email", text(t)?),
        MemberTest::Me(me) => one("isMe", one("eq", Value::Bool(*me))),
    })
}

fn creator(test: &MemberTest) -> Option<Value> {
    match test {
        MemberTest::Id(Compare::Null(null)) => Some(one("null", Value::Bool(*null))),
        test => member(test),
    }
}

fn comment(test: &CommentTest) -> Option<Value> {
    Some(match test {
        CommentTest::Author(test) => one("author", member(test)?),
        CommentTest::Created(c) => one("createdAt", ordered(c)),
    })
}

fn history(test: &HistoryTest) -> Option<Value> {
    let (field, asked) = match &test.change {
        PastChange::State(was) => ("state", once(was, state)?),
        PastChange::Category(was) => ("category", once(was, |c| Some(ordered(c)))?),
        PastChange::Priority(was) => ("priority", once(was, |c| Some(ordered(c)))?),
        PastChange::Kind(was) => ("type", once(was, choice)?),
        PastChange::Resolution(was) => ("resolution", once(was, choice)?),
        PastChange::Assignee(was) => ("assignee", once(was, member)?),
        PastChange::Label(was) => ("label", once(was, label)?),
    };
    let mut all = Map::from_iter([(field.to_owned(), asked)]);
    if let Some(during) = &test.during {
        all.insert("during".to_owned(), ordered(during));
    }
    if let Some(by) = &test.by {
        all.insert("by".to_owned(), member(by)?);
    }
    Some(Value::Object(all))
}

fn once<T>(was: &Was<T>, condition: impl Fn(&T) -> Option<Value>) -> Option<Value> {
    match was {
        Was::Had(value) => Some(one("was", condition(value)?)),
        Was::Changed { from: None, to: None } => Some(one("changed", Value::Bool(true))),
        Was::Changed { from, to } => {
            let mut all = Map::new();
            if let Some(from) = from {
                all.insert("changedFrom".to_owned(), condition(from)?);
            }
            if let Some(to) = to {
                all.insert("changedTo".to_owned(), condition(to)?);
            }
            Some(Value::Object(all))
        }
    }
}

/// A relation without direction has one name, from whichever end it is seen.
const fn related(link: Link) -> &'static str {
    match (link.kind, link.reversed) {
        (RelationKind::Blocks, false) => "blocks",
        (RelationKind::Blocks, true) => "blockedBy",
        (RelationKind::Duplicates, false) => "duplicates",
        (RelationKind::Duplicates, true) => "duplicatedBy",
        (RelationKind::Relates, _) => "relatesTo",
        (RelationKind::Precedes, false) => "precedes",
        (RelationKind::Precedes, true) => "follows",
    }
}

const fn time(field: TimeField) -> &'static str {
    match field {
        TimeField::Created => "createdAt",
        TimeField::Updated => "updatedAt",
        TimeField::Started => "startedAt",
        TimeField::Completed => "completedAt",
        TimeField::Canceled => "canceledAt",
        TimeField::Archived => "archivedAt",
        TimeField::Triaged => "triagedAt",
        TimeField::Deleted => "deletedAt",
        TimeField::StateSince => "stateSince",
    }
}

const fn date(field: DateField) -> &'static str {
    match field {
        DateField::Start => "startDate",
        DateField::Due => "dueDate",
    }
}

const fn duration(field: DurationField) -> &'static str {
    match field {
        DurationField::Cycle => "cycleTime",
        DurationField::Lead => "leadTime",
        DurationField::Triage => "triageTime",
        DurationField::Age => "ageTime",
        DurationField::InState => "timeInState",
    }
}
