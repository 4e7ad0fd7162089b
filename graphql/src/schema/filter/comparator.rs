//! Comparisons of a value in filters: equality, lists, order, absence. Each operator that is given is one test, and all
//! must pass.

use super::At;
use crate::schema::scalar::{self, DateOrDuration, DateTimeOrDuration, Duration};
use crate::schema::word::{IssueType, Priority, Resolution, StateCategory};
use async_graphql::{ID, InputObject, InputType};
use mortise_engine::command::IssueRef;
use mortise_engine::filter::{Compare, Day, IssueKey, Span, When};
use mortise_engine::{Error, Result};
use std::fmt::Display;
use std::str::FromStr;

/// Compares values that have an order. Operators side by side must all hold.
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "IntComparator", params(u32)))]
#[graphql(concrete(name = "DateTimeComparator", params(DateTimeOrDuration)))]
#[graphql(concrete(name = "DateComparator", params(DateOrDuration)))]
#[graphql(concrete(name = "DurationComparator", params(Duration)))]
#[graphql(concrete(name = "PriorityComparator", params(Priority)))]
#[graphql(concrete(name = "StateCategoryComparator", params(StateCategory)))]
#[graphql(concrete(name = "RankComparator", params(String)))]
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
    pub(super) fn compares<U: From<T>>(self, at: &At<'_>) -> Result<Vec<Compare<U>>> {
        let list = |list: Vec<T>| list.into_iter().map(U::from).collect::<Vec<U>>();
        let range = self.between.map(|ends| range(at, list(ends))).transpose()?;
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

fn range<U>(at: &At<'_>, ends: Vec<U>) -> Result<Compare<U>> {
    let mut ends = ends.into_iter();
    match (ends.next(), ends.next(), ends.next()) {
        (Some(low), Some(high), None) => Ok(Compare::Between(low, high)),
        _ => Err(Error::invalid(
            at.field("between").to_string(),
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
    ///
    /// # Errors
    ///
    /// None: it is like the other comparators for those who call them.
    pub(super) fn compares<U: From<T>>(self, _: &At<'_>) -> Result<Vec<Compare<U>>> {
        let list = |list: Vec<T>| list.into_iter().map(U::from).collect();
        let tests = [
            self.eq.map(|v| Compare::Eq(v.into())),
            self.neq.map(|v| Compare::Neq(v.into())),
            self.within.map(|v| Compare::In(list(v))),
            self.nin.map(|v| Compare::Nin(list(v))),
            self.null.map(Compare::Null),
        ];
        Ok(tests.into_iter().flatten().collect())
    }
}

/// Compares what names one thing. Operators side by side must all hold.
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "IDComparator", params(ID)))]
#[graphql(concrete(name = "IssueIdentifierComparator", params(String)))]
pub(crate) struct Name<T: InputType> {
    /// Is this.
    eq: Option<T>,
    /// Is not this.
    neq: Option<T>,
    /// Is one of these.
    #[graphql(name = "in")]
    within: Option<Vec<T>>,
    /// Is none of these.
    nin: Option<Vec<T>>,
}

impl<T: InputType> Name<T> {
    fn compares<U>(self, at: &At<'_>, read: fn(&At<'_>, T) -> Result<U>) -> Result<Vec<Compare<U>>> {
        let one = |operator, name: T| read(&at.field(operator), name);
        let all = |operator, names: Vec<T>| {
            let at = &at.field(operator);
            names.into_iter().enumerate().map(|(i, name)| read(&at.item(i), name)).collect::<Result<Vec<U>>>()
        };
        let tests = [
            self.eq.map(|name| one("eq", name).map(Compare::Eq)),
            self.neq.map(|name| one("neq", name).map(Compare::Neq)),
            self.within.map(|names| all("in", names).map(Compare::In)),
            self.nin.map(|names| all("nin", names).map(Compare::Nin)),
        ];
        tests.into_iter().flatten().collect()
    }
}

impl Name<ID> {
    /// The tests of global ids, all of which must pass.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what is not an id of the right kind.
    pub(super) fn ids<I: FromStr<Err: Display>>(self, at: &At<'_>) -> Result<Vec<Compare<I>>> {
        self.compares(at, |at, id| scalar::id(&at.to_string(), &id))
    }
}

impl Name<String> {
    /// The tests of keys such as `ENG-12`, all of which must pass.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what is not a key.
    pub(super) fn keys(self, at: &At<'_>) -> Result<Vec<Compare<IssueKey>>> {
        self.compares(at, |at, key| match key.parse() {
            Ok(IssueRef::Key(team, number)) => Ok(IssueKey { team, number }),
            _ => {
                let shown: String = key.chars().take(48).collect();
                let message = format!("cannot use `{at}`: `{shown}` is not a key such as ENG-12");
                Err(Error::invalid(at.to_string(), message))
            }
        })
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
    pub(super) fn wanted(&self) -> Vec<bool> {
        self.eq.into_iter().chain(self.neq.map(|no| !no)).collect()
    }
}

/// Asks whether something is there.
#[derive(Debug, InputObject)]
pub(crate) struct NullComparator {
    /// Is missing (true) or there (false).
    null: Option<bool>,
}

impl NullComparator {
    /// Whether it shall be missing, if that is asked.
    pub(super) const fn wanted(&self) -> Option<bool> {
        self.null
    }
}

impl From<DateTimeOrDuration> for When {
    fn from(when: DateTimeOrDuration) -> Self {
        when.0
    }
}

impl From<DateOrDuration> for Day {
    fn from(day: DateOrDuration) -> Self {
        day.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}
