//! The bounds of a filter and of an order.

use crate::error::{Error, ErrorCode, Result};
use crate::filter::{
    CommentTest, Compare, Filter, HistoryTest, LabelTest, Many, MemberTest, PastChange, Sort, SourceTest,
    StateTest, TeamTest, Test, Was,
};
use crate::limits::Limits;

/// Refuses a filter that is too large, too deep or names too many values.
///
/// # Errors
///
/// `TOO_COSTLY`, naming the bound.
pub fn validate(filter: &Filter, limits: &Limits) -> Result<()> {
    let (nodes, depth) = filter.size();
    bound("tests and groups", nodes, limits.filter_nodes_max)?;
    bound("levels", depth, limits.filter_depth_max)?;
    let mut fits = Ok(());
    filter.each_test(&mut |test| {
        fits = bound("values in one list", listed(test), limits.filter_values_max);
        fits.is_ok()
    });
    fits
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

/// The longest list of values in a test.
fn listed(test: &Test) -> usize {
    match test {
        Test::Id(c) => c.listed(),
        Test::Key(c) => c.listed(),
        Test::Number(c) | Test::Estimate(c) | Test::Reopened(c) => c.listed(),
        Test::Team(TeamTest::Id(c)) => c.listed(),
        Test::Team(TeamTest::Key(t) | TeamTest::Name(t)) => t.values.len(),
        Test::State(test) => state(test),
        Test::Category(c) => c.listed(),
        Test::Kind(c) => c.listed(),
        Test::Priority(c) => c.listed(),
        Test::Resolution(c) => c.listed(),
        Test::Creator(test) => member(test),
        Test::Assignees(many) => longest(many, member),
        Test::Labels(many) => longest(many, label),
        Test::Children(many) | Test::Related(_, many) => longest(many, |_| 1),
        Test::Comments(many) => longest(many, |test| match test {
            CommentTest::Author(test) => member(test),
            CommentTest::Created(c) => c.listed(),
        }),
        Test::Time(_, c) => c.listed(),
        Test::Date(_, c) => c.listed(),
        Test::Duration(_, c) => c.listed(),
        Test::Title(t) | Test::Source(SourceTest::System(t)) => t.values.len(),
        Test::History(test) => history(test),
        Test::Parent(_)
        | Test::Described(_)
        | Test::Source(SourceTest::Null(_))
        | Test::Archived(_)
        | Test::Deleted(_)
        | Test::Text(_)
        | Test::Looked(_) => 1,
    }
}

fn history(test: &HistoryTest) -> usize {
    fn values<T>(was: &Was<T>, count: impl Fn(&T) -> usize) -> usize {
        match was {
            Was::Had(value) => count(value),
            Was::Changed { from, to } => from.iter().chain(to).map(count).max().unwrap_or(1),
        }
    }
    let values = match &test.change {
        PastChange::State(was) => values(was, state),
        PastChange::Category(was) => values(was, Compare::listed),
        PastChange::Priority(was) => values(was, Compare::listed),
        PastChange::Kind(was) => values(was, Compare::listed),
        PastChange::Resolution(was) => values(was, Compare::listed),
        PastChange::Assignee(was) => values(was, member),
        PastChange::Label(was) => values(was, label),
    };
    let during = test.during.as_ref().map_or(1, Compare::listed);
    values.max(during).max(test.by.as_ref().map_or(1, member))
}

fn state(test: &StateTest) -> usize {
    match test {
        StateTest::Id(c) => c.listed(),
        StateTest::Name(t) => t.values.len(),
    }
}

fn member(test: &MemberTest) -> usize {
    match test {
        MemberTest::Id(c) => c.listed(),
        MemberTest::Name(t) | MemberTest::Email(t) => t.values.len(),
        MemberTest::Me(_) => 1,
    }
}

fn label(test: &LabelTest) -> usize {
    match test {
        LabelTest::Id(c) => c.listed(),
        LabelTest::Name(t) => t.values.len(),
    }
}

/// The tests of a collection count as one list too.
fn longest<T>(many: &Many<T>, count: impl Fn(&T) -> usize) -> usize {
    let length = if let Many::Length(c) = many { c.listed() } else { many.tests().len() };
    many.tests().iter().map(count).max().unwrap_or(1).max(length)
}
