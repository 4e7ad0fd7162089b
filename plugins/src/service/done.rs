//! What changes of plugins answer: the thing as it became, and what the company's log says of it.

use mortise_engine::Committed;
use mortise_engine::event::EventBody;
use mortise_engine::model::Seq;
use std::ops::Deref;

/// Something that was done, and what the company's log says of it. It can be looked at as if it were the thing itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<T> {
    /// The thing as it became.
    pub what: T,
    /// The names of the events that were written, such as `plugin.enabled`; for a rehearsal, those that would be. None for a
    /// repeated request.
    pub events: Vec<&'static str>,
    /// What went wrong beside it, in words: the plugin was told of it and failed, say. The change stands all the same.
    pub warnings: Vec<String>,
    /// The place in the log at which it is true.
    pub seq: Seq,
}

impl<T> Done<T> {
    /// A thing as it became by what was committed.
    pub(crate) fn by(committed: &Committed, what: T) -> Self {
        let names = committed.events.iter().filter_map(|event| event.body.as_ref()).map(EventBody::name);
        Self { what, events: names.collect(), warnings: Vec::new(), seq: committed.seq }
    }

    /// The same, with what was written before it for the same request.
    #[must_use]
    pub fn after(mut self, earlier: &[&'static str]) -> Self {
        self.events.splice(0..0, earlier.iter().copied());
        self
    }

    /// The same, with what went wrong beside it, if anything did.
    #[must_use]
    pub(crate) fn warned(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }

    /// The same of another thing.
    pub fn of<U>(self, other: impl FnOnce(T) -> U) -> Done<U> {
        Done { what: other(self.what), events: self.events, warnings: self.warnings, seq: self.seq }
    }
}

impl<T> Deref for Done<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}
