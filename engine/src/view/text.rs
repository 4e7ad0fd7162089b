//! Tests of texts, made ready: what they look for is folded once.

use super::fold::folded;
use crate::filter::{TextOperator, TextTest};
use std::borrow::Cow;

/// A test of a text, ready to be put to many.
#[derive(Debug)]
pub(crate) struct Matcher<'a> {
    operator: TextOperator,
    folded: bool,
    /// What is looked for, in order.
    wanted: Vec<Cow<'a, str>>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn of(test: &'a TextTest) -> Self {
        let ready = |text: &'a String| if test.folded { folded(text) } else { Cow::Borrowed(text.as_str()) };
        let mut wanted: Vec<_> = wanted(test).map(ready).collect();
        wanted.sort_unstable();
        Self { operator: test.operator, folded: test.folded, wanted }
    }

    /// Whether a text, or its absence, passes.
    pub(crate) fn passes(&self, text: Option<&str>) -> bool {
        match text {
            Some(text) if self.folded => self.passes_ready(&folded(text)),
            Some(text) => self.passes_ready(text),
            None => self.operator.is_negative(),
        }
    }

    /// Whether a text passes that is folded already, if the test wants it folded.
    pub(super) fn passes_ready(&self, text: &str) -> bool {
        let first = self.wanted.first().map_or("", |wanted| wanted);
        match self.operator {
            TextOperator::Eq => text == first,
            TextOperator::Neq => text != first,
            TextOperator::In => self.has(text),
            TextOperator::Nin => !self.has(text),
            TextOperator::Contains => text.contains(first),
            TextOperator::NotContains => !text.contains(first),
            TextOperator::StartsWith => text.starts_with(first),
            TextOperator::EndsWith => text.ends_with(first),
        }
    }

    fn has(&self, text: &str) -> bool {
        self.wanted.binary_search_by(|wanted| (**wanted).cmp(text)).is_ok()
    }
}

/// What a test looks for: all its values when it takes several, else the first, or the empty text.
pub(super) fn wanted(test: &TextTest) -> impl Iterator<Item = &String> {
    static NOTHING: String = String::new();
    let many = matches!(test.operator, TextOperator::In | TextOperator::Nin);
    let none = (!many && test.values.is_empty()).then_some(&NOTHING);
    test.values.iter().take(if many { usize::MAX } else { 1 }).chain(none)
}
