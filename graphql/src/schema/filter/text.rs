//! Comparisons of a text in filters: titles, names, addresses.

use super::At;
use async_graphql::InputObject;
use mortise_engine::Result;
use mortise_engine::filter::{TextOperator, TextTest};

/// Compares texts. Operators side by side must all hold. Those that ignore case ignore accents too.
#[derive(Debug, Default, InputObject)]
pub(crate) struct StringComparator {
    /// Is this.
    eq: Option<String>,
    /// Is not this.
    neq: Option<String>,
    /// Is one of these.
    #[graphql(name = "in")]
    within: Option<Vec<String>>,
    /// Is none of these.
    nin: Option<Vec<String>>,
    /// Has this in it.
    contains: Option<String>,
    /// Does not have this in it.
    not_contains: Option<String>,
    /// Begins with this.
    starts_with: Option<String>,
    /// Ends with this.
    ends_with: Option<String>,
    /// Is this, whatever the case.
    eq_ignore_case: Option<String>,
    /// Is not this, whatever the case.
    neq_ignore_case: Option<String>,
    /// Is one of these, whatever the case.
    in_ignore_case: Option<Vec<String>>,
    /// Is none of these, whatever the case.
    nin_ignore_case: Option<Vec<String>>,
    /// Has this in it, whatever the case.
    contains_ignore_case: Option<String>,
    /// Does not have this in it, whatever the case.
    not_contains_ignore_case: Option<String>,
    /// Begins with this, whatever the case.
    starts_with_ignore_case: Option<String>,
    /// Ends with this, whatever the case.
    ends_with_ignore_case: Option<String>,
}

impl StringComparator {
    /// The tests, all of which must pass.
    ///
    /// # Errors
    ///
    /// None: it is like the other comparators for those who call them.
    pub(super) fn tests(self, _: &At<'_>) -> Result<Vec<TextTest>> {
        use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
        let one = |operator, folded, text: Option<String>| {
            text.map(|text| TextTest { operator, values: vec![text], folded })
        };
        let any = |operator, folded, values: Option<Vec<String>>| {
            values.map(|values| TextTest { operator, values, folded })
        };
        let tests = [
            one(Eq, false, self.eq),
            one(Neq, false, self.neq),
            any(In, false, self.within),
            any(Nin, false, self.nin),
            one(Contains, false, self.contains),
            one(NotContains, false, self.not_contains),
            one(StartsWith, false, self.starts_with),
            one(EndsWith, false, self.ends_with),
            one(Eq, true, self.eq_ignore_case),
            one(Neq, true, self.neq_ignore_case),
            any(In, true, self.in_ignore_case),
            any(Nin, true, self.nin_ignore_case),
            one(Contains, true, self.contains_ignore_case),
            one(NotContains, true, self.not_contains_ignore_case),
            one(StartsWith, true, self.starts_with_ignore_case),
            one(EndsWith, true, self.ends_with_ignore_case),
        ];
        Ok(tests.into_iter().flatten().collect())
    }
}
