//! The bounds of a filter.

use crate::error::{Error, ErrorCode, Result};
use crate::filter::{Compare, Filter, Many, Test};
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
    values(filter, limits.filter_values_max)
}

fn bound(what: &str, has: usize, max: usize) -> Result<()> {
    if has <= max {
        return Ok(());
    }
    let message = format!("the filter has {has} {what}: at most {max} are allowed; ask in several requests");
    Err(Error::new(ErrorCode::TooCostly, message).with_field("filter"))
}

fn values(filter: &Filter, max: usize) -> Result<()> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().try_for_each(|part| values(part, max)),
        Filter::Not(part) => values(part, max),
        Filter::Test(test) => bound("values in one list", listed(test), max),
    }
}

fn listed(test: &Test) -> usize {
    match test {
        Test::Id(c) | Test::Parent(c) => list(c),
        Test::Number(c) | Test::Estimate(c) => list(c),
        Test::Team(c) => list(c),
        Test::State(c) => list(c),
        Test::Category(c) => list(c),
        Test::Kind(c) => list(c),
        Test::Priority(c) => list(c),
        Test::Resolution(c) => list(c),
        Test::Creator(c) => list(c),
        Test::Assignees(m) => many(m),
        Test::Labels(m) => many(m),
        Test::Time(_, c) => list(c),
        Test::Date(_, c) => list(c),
        Test::Title(t) => t.values.len(),
        Test::Archived(_) | Test::Deleted(_) => 1,
    }
}

fn many<T>(many: &Many<T>) -> usize {
    match many {
        Many::Some(c) | Many::Every(c) | Many::None(c) => list(c),
        Many::Length(c) => list(c),
    }
}

fn list<T>(compare: &Compare<T>) -> usize {
    match compare {
        Compare::In(list) | Compare::Nin(list) => list.len(),
        _ => 1,
    }
}
