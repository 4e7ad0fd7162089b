//! Comparisons of a value in filters: equality, lists, order, absence. Each operator that is given is one test, and all
//! must pass.

use super::scalar::{self, Date, DateTime};
use super::word::{IssueType, Priority, Resolution, StateCategory};
use async_graphql::{ID, InputObject, InputType};
use mortise_engine::filter::Compare;
use mortise_engine::time::{CalendarDate, Timestamp};
use mortise_engine::{Error, Result};
use std::fmt::Display;
use std::str::FromStr;

/// Compares values that have an order. Operators side by side must all hold.
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "IntComparator", params(u32)))]
#[graphql(concrete(name = "DateTimeComparator", params(DateTime)))]
#[graphql(concrete(name = "DateComparator", params(Date)))]
#[graphql(concrete(name = "PriorityComparator", params(Priority)))]
#[graphql(concrete(name = "StateCategoryComparator", params(StateCategory)))]
pub(crate) struct Ordered<T: InputType> {
    /// Is this.
    eq: Option<T>,
    /// Is not this; what has no value passes.
    neq: Option<T>,
    /// Is one of these.
    #[graphql(name = "in")]
    within: Option<Vec<T>>,
    /// Is none of these; what has no value passes.
    nin: Option<Vec<T>>,
    /// Is less.
    lt: Option<T>,
    /// Is less or the same.
    lte: Option<T>,
    /// Is more.
    gt: Option<T>,
    /// Is more or the same.
    gte: Option<T>,
    /// Lies between these two, both included.
    between: Option<Vec<T>>,
    /// Is missing (true) or there (false).
    null: Option<bool>,
}

impl<T: InputType> Ordered<T> {
    /// The tests, all of which must pass.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a range that does not have two ends.
    pub(super) fn compares<U: From<T>>(self, field: &str) -> Result<Vec<Compare<U>>> {
        let list = |list: Vec<T>| list.into_iter().map(U::from).collect::<Vec<U>>();
        let range = self.between.map(|ends| range(field, list(ends))).transpose()?;
        let tests = [
            self.eq.map(|v| Compare::Eq(v.into())),
            self.neq.map(|v| Compare::Neq(v.into())),
            self.within.map(|v| Compare::In(list(v))),
            self.nin.map(|v| Compare::Nin(list(v))),
            self.lt.map(|v| Compare::Lt(v.into())),
            self.lte.map(|v| Compare::Lte(v.into())),
            self.gt.map(|v| Compare::Gt(v.into())),
            self.gte.map(|v| Compare::Gte(v.into())),
            range,
            self.null.map(Compare::Null),
        ];
        Ok(tests.into_iter().flatten().collect())
    }
}

fn range<U>(field: &str, ends: Vec<U>) -> Result<Compare<U>> {
    let mut ends = ends.into_iter();
    match (ends.next(), ends.next(), ends.next()) {
        (Some(low), Some(high), None) => Ok(Compare::Between(low, high)),
        _ => Err(Error::invalid(
            format!("{field}.between"),
            "`between` takes two values: the lowest and the highest",
        )),
    }
}

/// Compares values that have no order. Operators side by side must all hold.
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "IssueTypeComparator", params(IssueType)))]
#[graphql(concrete(name = "ResolutionComparator", params(Resolution)))]
pub(crate) struct Choice<T: InputType> {
    /// Is this.
    eq: Option<T>,
    /// Is not this; what has no value passes.
    neq: Option<T>,
    /// Is one of these.
    #[graphql(name = "in")]
    within: Option<Vec<T>>,
    /// Is none of these; what has no value passes.
    nin: Option<Vec<T>>,
    /// Is missing (true) or there (false).
    null: Option<bool>,
}

impl<T: InputType> Choice<T> {
    /// The tests, all of which must pass.
    pub(super) fn compares<U: From<T>>(self) -> Vec<Compare<U>> {
        let list = |list: Vec<T>| list.into_iter().map(U::from).collect();
        let tests = [
            self.eq.map(|v| Compare::Eq(v.into())),
            self.neq.map(|v| Compare::Neq(v.into())),
            self.within.map(|v| Compare::In(list(v))),
            self.nin.map(|v| Compare::Nin(list(v))),
            self.null.map(Compare::Null),
        ];
        tests.into_iter().flatten().collect()
    }
}

/// Compares global ids. Operators side by side must all hold.
#[derive(Debug, InputObject)]
#[graphql(name = "IDComparator")]
pub(crate) struct IdComparator {
    /// Is this.
    eq: Option<ID>,
    /// Is not this.
    neq: Option<ID>,
    /// Is one of these.
    #[graphql(name = "in")]
    within: Option<Vec<ID>>,
    /// Is none of these.
    nin: Option<Vec<ID>>,
}

impl IdComparator {
    /// The tests, all of which must pass.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what is not an id of the right kind.
    pub(super) fn compares<I>(self, field: &str) -> Result<Vec<Compare<I>>>
    where
        I: FromStr<Err: Display>,
    {
        let one = |operator: &str, id: ID| scalar::id(&format!("{field}.{operator}"), &id);
        let all = |operator: &str, ids: Vec<ID>| scalar::ids(&format!("{field}.{operator}"), &ids);
        let tests = [
            self.eq.map(|id| one("eq", id).map(Compare::Eq)),
            self.neq.map(|id| one("neq", id).map(Compare::Neq)),
            self.within.map(|ids| all("in", ids).map(Compare::In)),
            self.nin.map(|ids| all("nin", ids).map(Compare::Nin)),
        ];
        tests.into_iter().flatten().collect()
    }
}

/// Compares yes and no.
#[derive(Debug, InputObject)]
pub(crate) struct BooleanComparator {
    /// Is this.
    eq: Option<bool>,
    /// Is not this.
    neq: Option<bool>,
}

impl BooleanComparator {
    /// The values that are asked for, all of which must be.
    pub(super) fn wanted(&self) -> impl Iterator<Item = bool> + use<> {
        self.eq.into_iter().chain(self.neq.map(|no| !no))
    }
}

impl From<DateTime> for Timestamp {
    fn from(time: DateTime) -> Self {
        time.0
    }
}

impl From<Date> for CalendarDate {
    fn from(date: Date) -> Self {
        date.0
    }
}
