//! Filters on issues as typed inputs: the engine's tree, field by field, and back again.
//!
//! Fields side by side must all hold, `and`, `or` and `not` combine whole filters, and a filter on other issues (parent,
//! children, relations) is a filter again. An input becomes a tree here and a tree becomes the JSON of an input; what a
//! tree means, names included, only the engine knows.

mod at;
mod collection;
mod comment;
mod comparator;
mod deep;
mod family;
mod history;
mod issue;
mod json;
mod people;
mod refer;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use at::At;
pub(crate) use issue::IssueFilter;
pub(crate) use json::IssueFilterJson;

use mortise_engine::Result;

/// Conditions on one thing, all of which must hold, as the engine's tests.
trait Conditions: Sized {
    /// What the engine calls one condition.
    type Test;

    /// The tests.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    fn tests(self, at: &At<'_>) -> Result<Vec<Self::Test>>;

    /// The tests as one item of an `and`.
    ///
    /// # Errors
    ///
    /// As [`Conditions::tests`].
    fn item(self, at: &At<'_>) -> Result<Vec<Self::Test>> {
        self.tests(at)
    }
}

/// The same tests as tests of something else.
fn each<T, U>(tests: Result<Vec<T>>, to: impl Fn(T) -> U) -> Result<Vec<U>> {
    Ok(tests?.into_iter().map(to).collect())
}
