//! The bounds of a filter and of an order.

use crate::error::{Error, ErrorCode, Result};
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, LabelTest, Many, MemberTest, PastChange, Sort, SourceTest,
    StateTest, TeamTest, Test, TextTest, Was, WorkflowTest,
};
use crate::limits::Limits;
use crate::search::{SearchQuery, Typing};
use std::cell::Cell;

/// Refuses a filter that is too large, too deep, names too many values or too long ones, or searches for what cannot be
/// searched for.
///
/// # Errors
///
/// `TOO_COSTLY` naming the bound, `INVALID_INPUT` for a text.
pub fn validate(filter: &Filter, limits: &Limits) -> Result<()> {
    let (nodes, depth) = filter.size();
    bound("tests and groups", nodes, limits.filter_nodes_max)?;
    bound("levels", depth, limits.filter_depth_max)?;
    let mut fits = Ok(());
    filter.each_test(&mut |test| {
        fits = validate_test(test, limits);
        fits.is_ok()
    });
    fits
}

fn validate_test(test: &Test, limits: &Limits) -> Result<()> {
    if let Test::Text(search) = test {
        return SearchQuery::parse(&search.text, Typing::Done, limits).map(drop).map_err(Error::from);
    }
    let listed = listed(test);
    bound("values in one list", listed.values, limits.filter_values_max)?;
    let max = limits.filter_text_bytes_max;
    if listed.bytes <= max {
        return Ok(());
    }
    let message = format!("the filter has a text of {} bytes: at most {max} are allowed", listed.bytes);
    Err(Error::invalid("filter", message))
}

/// Refuses an order of too many steps.
///
/// # Errors
///
/// `TOO_COSTLY`, naming the bound.
pub fn validate_sort(sort: &[Sort], limits: &Limits) -> Result<()> {
    let max = limits.sort_steps_max;
    if sort.len() <= max {
        return Ok(());
    }
    let message = format!("the order has {} steps: at most {max} are allowed", sort.len());
    Err(Error::new(ErrorCode::TooCostly, message).with_field("sort"))
}

fn bound(what: &str, has: usize, max: usize) -> Result<()> {
    if has <= max {
        return Ok(());
    }
    let message = format!("the filter has {has} {what}: at most {max} are allowed; ask in several requests");
    Err(Error::new(ErrorCode::TooCostly, message).with_field("filter"))
}

/// The longest list of values, and the longest text.
#[derive(Debug, Clone, Copy)]
struct Listed {
    values: usize,
    bytes: usize,
}

impl Listed {
    const ONE: Self = Self { values: 1, bytes: 0 };

    const fn of(values: usize) -> Self {
        Self { values, bytes: 0 }
    }

    fn of_text(test: &TextTest) -> Self {
        let bytes = test.values.iter().map(String::len).max().unwrap_or_default();
        Self { values: test.values.len(), bytes }
    }

    fn of_any<T>(compare: &Compare<T>) -> Self {
        Self::of(compare.listed())
    }

    fn max(self, other: Self) -> Self {
        Self { values: self.values.max(other.values), bytes: self.bytes.max(other.bytes) }
    }
}

fn listed(test: &Test) -> Listed {
    match test {
        Test::Id(c) => Listed::of_any(c),
        Test::Key(c) => Listed::of_any(c),
        Test::Number(c) | Test::Estimate(c) | Test::Reopened(c) => Listed::of_any(c),
        Test::Team(TeamTest::Id(c)) => Listed::of_any(c),
        Test::Team(TeamTest::Key(t) | TeamTest::Name(t)) => Listed::of_text(t),
        Test::State(test) => state(test),
        Test::Category(c) => Listed::of_any(c),
        Test::Kind(c) => Listed::of_any(c),
        Test::Priority(c) => Listed::of_any(c),
        Test::Resolution(c) => Listed::of_any(c),
        Test::Creator(test) => member(test),
        Test::Assignees(many) => longest(many, member),
        Test::Labels(many) => longest(many, label),
        Test::Children(many) | Test::Related(_, many) => longest(many, |_| Listed::ONE),
        Test::Comments(many) => longest(many, |test| match test {
            CommentTest::Author(test) => member(test),
            CommentTest::Created(c) => Listed::of_any(c),
        }),
        Test::Time(_, c) => Listed::of_any(c),
        Test::Date(_, c) => Listed::of_any(c),
        Test::Duration(_, c) => Listed::of_any(c),
        Test::Title(t) | Test::Source(SourceTest::System(t)) => Listed::of_text(t),
        Test::Source(SourceTest::Id(c)) | Test::Rank(c) => {
            let bytes = Cell::new(0);
            c.map(|text| bytes.set(bytes.get().max(text.len())));
            Listed { bytes: bytes.get(), ..Listed::of_any(c) }
        }
        Test::Participants(many) => longest(many, member),
        Test::Approvals(many) => longest(many, state),
        Test::Workflow(WorkflowTest::Id(c)) => Listed::of_any(c),
        Test::Workflow(WorkflowTest::Name(t)) => Listed::of_text(t),
        Test::WorkflowVersion(c) => Listed::of_any(c),
        Test::Version(c) => Listed::of_any(c),
        Test::History(test) => history(test),
        Test::Parent(_)
        | Test::Described(_)
        | Test::Source(SourceTest::Null(_))
        | Test::Archived(_)
        | Test::Deleted(_)
        | Test::Confidential(_)
        | Test::Text(_)
        | Test::Looked(_) => Listed::ONE,
    }
}

fn history(test: &HistoryTest) -> Listed {
    fn values<T>(was: &Was<T>, of: impl Fn(&T) -> Listed) -> Listed {
        match was {
            Was::Had(value) => of(value),
            Was::Changed { from, to } => from.iter().chain(to).map(of).fold(Listed::ONE, Listed::max),
        }
    }
    let values = match &test.change {
        PastChange::State(was) => values(was, state),
        PastChange::Category(was) => values(was, Listed::of_any),
        PastChange::Priority(was) => values(was, Listed::of_any),
        PastChange::Kind(was) => values(was, Listed::of_any),
        PastChange::Resolution(was) => values(was, Listed::of_any),
        PastChange::Assignee(was) => values(was, member),
        PastChange::Label(was) => values(was, label),
    };
    let during = test.during.as_ref().map_or(Listed::ONE, Listed::of_any);
    values.max(during).max(test.by.as_ref().map_or(Listed::ONE, member))
}

fn state(test: &StateTest) -> Listed {
    match test {
        StateTest::Id(c) => Listed::of_any(c),
        StateTest::Name(t) => Listed::of_text(t),
    }
}

fn member(test: &MemberTest) -> Listed {
    match test {
        MemberTest::Id(c) => Listed::of_any(c),
        MemberTest::Name(t) | MemberTest::Email(t) => Listed::of_text(t),
        MemberTest::Me(_) => Listed::ONE,
    }
}

fn label(test: &LabelTest) -> Listed {
    match test {
        LabelTest::Id(c) => Listed::of_any(c),
        LabelTest::Name(t) => Listed::of_text(t),
    }
}

/// The tests of a collection count as one list too.
fn longest<T>(many: &Many<T>, of: impl Fn(&T) -> Listed) -> Listed {
    let length = if let Many::Length(c) = many { c.listed() } else { many.tests().len() };
    many.tests().iter().map(of).fold(Listed::of(length), Listed::max)
}
