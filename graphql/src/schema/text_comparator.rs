//! Comparisons of a text in filters: of titles by the engine, of names here, for names stand for ids.

use async_graphql::InputObject;
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
    pub(super) fn tests(self) -> Vec<TextTest> {
        use TextOperator::{Contains, EndsWith, Eq, In, Neq, Nin, NotContains, StartsWith};
        let one = |operator, folded, text: Option<String>| {
            text.map(|text| TextTest { operator, values: vec![text], folded })
        };
        let any = |operator, values: Option<Vec<String>>| {
            values.map(|values| TextTest { operator, values, folded: false })
        };
        let tests = [
            one(Eq, false, self.eq),
            one(Neq, false, self.neq),
            any(In, self.within),
            any(Nin, self.nin),
            one(Contains, false, self.contains),
            one(NotContains, false, self.not_contains),
            one(StartsWith, false, self.starts_with),
            one(EndsWith, false, self.ends_with),
            one(Eq, true, self.eq_ignore_case),
            one(Neq, true, self.neq_ignore_case),
            one(Contains, true, self.contains_ignore_case),
            one(NotContains, true, self.not_contains_ignore_case),
            one(StartsWith, true, self.starts_with_ignore_case),
            one(EndsWith, true, self.ends_with_ignore_case),
        ];
        tests.into_iter().flatten().collect()
    }
}

/// Whether a name passes a test. Titles are not tested here: the engine has them indexed.
pub(super) fn passes(test: &TextTest, name: &str) -> bool {
    let fold = |text: &str| if test.folded { mortise_engine::view::fold(text) } else { text.to_owned() };
    let name = fold(name);
    let any = |check: fn(&str, &str) -> bool| test.values.iter().any(|value| check(&name, &fold(value)));
    match test.operator {
        TextOperator::Eq | TextOperator::In => any(|name, value| name == value),
        TextOperator::Neq | TextOperator::Nin => !any(|name, value| name == value),
        TextOperator::Contains => any(|name, value| name.contains(value)),
        TextOperator::NotContains => !any(|name, value| name.contains(value)),
        TextOperator::StartsWith => any(|name, value| name.starts_with(value)),
        TextOperator::EndsWith => any(|name, value| name.ends_with(value)),
    }
}
