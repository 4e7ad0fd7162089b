//! Pages: how much of a list is asked for, and pages of the small tables, which are cut out of memory.

use crate::context::Snapshot;
use crate::error::Result;
use crate::lean::{Connection, LeanObject, Row};
use mortise_engine::query::Window;
use mortise_engine::{Error, Limits};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

/// Nodes of a page when nobody says how many.
pub(crate) const PAGE_SIZE_DEFAULT: usize = 50;

/// The part of a list that is asked for: `first` behind `after`, or `last` before `before`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageArguments {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

impl PageArguments {
    /// A page read forwards.
    pub(crate) fn forwards(first: Option<i32>, after: Option<String>) -> Self {
        Self { first, after, ..Self::default() }
    }

    /// The part as the engine takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` when both ways are mixed or a size is out of bounds.
    pub(crate) fn window(self, limits: &Limits) -> mortise_engine::Result<Window> {
        match (self.first, self.last) {
            (Some(_), Some(_)) => Err(mixed("last", "`first` and `last` exclude each other")),
            (None, Some(_)) if self.after.is_some() => {
                Err(mixed("after", "`after` goes with `first`, not with `last`"))
            }
            (None, Some(last)) => Ok(Window::Last(size("last", last, limits)?, self.before)),
            _ if self.before.is_some() => Err(mixed("before", "`before` goes with `last`, not with `first`")),
            (first, None) => {
                let first = first.map_or(Ok(PAGE_SIZE_DEFAULT), |first| size("first", first, limits))?;
                Ok(Window::First(first, self.after))
            }
        }
    }
}

fn mixed(field: &str, rule: &str) -> Error {
    Error::invalid(field, format!("cannot tell which page is wanted: {rule}"))
}

/// A number of nodes as the engine takes it.
///
/// # Errors
///
/// `INVALID_INPUT` when it is out of bounds.
pub(crate) fn size(field: &str, size: i32, limits: &Limits) -> mortise_engine::Result<usize> {
    let max = limits.page_size_max;
    let wanted = usize::try_from(size).ok().filter(|n| (1..=max).contains(n));
    wanted.ok_or_else(|| Error::invalid(field, format!("`{field}` is {size}: ask for 1 to {max} at once")))
}

/// A page of a list that is all in memory, in the order of its ids, which are also its cursors.
///
/// # Errors
///
/// As [`PageArguments::window`] and [`Snapshot::charge`]; `INVALID_INPUT` for a cursor that is not one of this list.
pub(crate) fn of_ids<T, I>(
    mut all: Vec<T>,
    id: fn(&T) -> I,
    arguments: PageArguments,
    cx: &Snapshot,
) -> Result<Row<Connection<T>>>
where
    T: LeanObject,
    I: Ord + Display + FromStr + 'static,
{
    all.sort_unstable_by_key(id);
    let total = all.len();
    let (start, end) = match arguments.window(cx.reader().limits())? {
        Window::First(first, after) => {
            let after = after.map(|text| cursor::<I>("after", &text)).transpose()?;
            let start = after.map_or(0, |after| all.partition_point(|node| id(node) <= after));
            (start, start.saturating_add(first).min(total))
        }
        Window::Last(last, before) => {
            let before = before.map(|text| cursor::<I>("before", &text)).transpose()?;
            let end = before.map_or(total, |before| all.partition_point(|node| id(node) < before));
            (end.saturating_sub(last), end)
        }
    };
    all.truncate(end);
    let page: Vec<T> = all.drain(start.min(end)..).collect();
    cx.charge(page.len())?;
    let connection = Connection::new(page, Arc::new(move |_, node: &T| id(node).to_string()));
    Ok(Row(connection.with_neighbours(start > 0, end < total).with_total(total)))
}

/// A cursor that is an id.
///
/// # Errors
///
/// `INVALID_INPUT`.
pub(crate) fn cursor<I: FromStr>(field: &str, text: &str) -> mortise_engine::Result<I> {
    text.parse().map_err(|_| Error::invalid(field, format!("`{field}` is not a cursor of this list")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Option<Window> {
        let (after, before) = (after.map(str::to_owned), before.map(str::to_owned));
        PageArguments { first, after, last, before }.window(&Limits::default()).ok()
    }

    #[test]
    fn a_page_is_the_first_fifty_unless_said() {
        assert_eq!(window(None, None, None, None).unwrap(), Window::First(50, None));
        let after = Some("x".to_owned());
        assert_eq!(window(None, Some("x"), None, None).unwrap(), Window::First(50, after));
        let before = Some("x".to_owned());
        assert_eq!(window(None, None, Some(2), Some("x")).unwrap(), Window::Last(2, before));
    }

    #[test]
    fn both_ways_at_once_and_sizes_out_of_bounds_are_refused() {
        for (first, after, last, before) in [
            (Some(1), None, Some(1), None),
            (Some(1), None, None, Some("x")),
            (None, None, None, Some("x")),
            (None, Some("x"), Some(1), None),
            (Some(0), None, None, None),
            (Some(-1), None, None, None),
            (Some(251), None, None, None),
            (Some(i32::MAX), None, None, None),
        ] {
            assert!(window(first, after, last, before).is_none(), "{first:?} {after:?} {last:?} {before:?}");
        }
    }
}
