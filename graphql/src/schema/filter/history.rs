//! Filters on what was true of an issue once: answered from its history.

use super::comparator::{Choice, Ordered};
use super::people::MemberFilter;
use super::refer::{LabelFilter, PastStateFilter};
use super::{At, Conditions as _};
use crate::schema::scalar::DateTimeOrDuration;
use crate::schema::word::{IssueType, Priority, Resolution, StateCategory};
use async_graphql::{InputObject, InputType};
use mortise_engine::filter::{HistoryTest, PastChange, Was};
use mortise_engine::{Error, Result};

/// What was true of one field once. Each condition asks one thing (one operator of one comparison).
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "StateHistoryFilter", params(PastStateFilter)))]
#[graphql(concrete(name = "StateCategoryHistoryFilter", params("Ordered<StateCategory>")))]
#[graphql(concrete(name = "PriorityHistoryFilter", params("Ordered<Priority>")))]
#[graphql(concrete(name = "IssueTypeHistoryFilter", params("Choice<IssueType>")))]
#[graphql(concrete(name = "ResolutionHistoryFilter", params("Choice<Resolution>")))]
#[graphql(concrete(name = "MemberHistoryFilter", params(MemberFilter)))]
#[graphql(concrete(name = "LabelHistoryFilter", params(LabelFilter)))]
pub(crate) struct Once<T: InputType> {
    /// It had such a value, once or still. The value it was made with counts.
    was: Option<T>,
    /// It changed from such a value; of several values: lost one. What it was made with is no change.
    changed_from: Option<T>,
    /// It changed to such a value; of several values: got one.
    changed_to: Option<T>,
    /// It changed, from and to whatever; only `true` can be asked, with `not` around it for the opposite.
    changed: Option<bool>,
}

impl<T: InputType> Once<T> {
    /// What is asked: what it was, how it changed, or both.
    fn asks<U>(self, at: &At<'_>, read: impl Fn(T, &At<'_>) -> Result<Vec<U>>) -> Result<Vec<Was<U>>> {
        let one = |field, value: Option<T>| {
            value.map(|value| sole(read(value, &at.field(field))?, &at.field(field))).transpose()
        };
        let (was, from, to) = (
            one("was", self.was)?,
            one("changedFrom", self.changed_from)?,
            one("changedTo", self.changed_to)?,
        );
        if self.changed == Some(false) {
            let message = "`changed` takes `true`: put `not` around it to ask for what never changed";
            return Err(Error::invalid(at.field("changed").to_string(), message));
        }
        let changed = from.is_some() || to.is_some() || self.changed.is_some();
        let changed = changed.then_some(Was::Changed { from, to });
        let asks: Vec<_> = was.map(Was::Had).into_iter().chain(changed).collect();
        if asks.is_empty() {
            return Err(Error::invalid(at.to_string(), format!("`{at}` asks nothing: say what it was")));
        }
        Ok(asks)
    }
}

/// What was true of an issue once. Fields side by side are asked each by itself, at the same time and of the same actor.
#[derive(Debug, InputObject)]
pub(crate) struct IssueHistoryFilter {
    /// The state it was in.
    state: Option<Once<PastStateFilter>>,
    /// What its state meant then.
    category: Option<Once<Ordered<StateCategory>>>,
    /// How pressing it was.
    priority: Option<Once<Ordered<Priority>>>,
    /// What kind of work it was.
    #[graphql(name = "type")]
    kind: Option<Once<Choice<IssueType>>>,
    /// Why it had been closed.
    resolution: Option<Once<Choice<Resolution>>>,
    /// One of those who worked on it.
    assignee: Option<Once<MemberFilter>>,
    /// One of its labels.
    label: Option<Once<LabelFilter>>,
    /// When: at some moment that passes. A value counts as long as it lasted, a change at its moment. One operator; a
    /// span of time is `between`.
    during: Option<Ordered<DateTimeOrDuration>>,
    /// Who gave the value, or made the change. One condition.
    by: Option<MemberFilter>,
}

impl IssueHistoryFilter {
    /// The tests, all of which must pass.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a filter that asks nothing, or several things where one is due; the field is named.
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<HistoryTest>> {
        let during =
            self.during.map(|during| sole(during.compares(&at.field("during"))?, &at.field("during")));
        let by = self.by.map(|by| sole(by.tests(&at.field("by"))?, &at.field("by")));
        let (during, by) = (during.transpose()?, by.transpose()?);
        let changes = [
            ask(self.state, &at.field("state"), PastStateFilter::tests, PastChange::State)?,
            ask(self.category, &at.field("category"), Ordered::compares, PastChange::Category)?,
            ask(self.priority, &at.field("priority"), Ordered::compares, PastChange::Priority)?,
            ask(self.kind, &at.field("type"), Choice::compares, PastChange::Kind)?,
            ask(self.resolution, &at.field("resolution"), Choice::compares, PastChange::Resolution)?,
            ask(self.assignee, &at.field("assignee"), MemberFilter::tests, PastChange::Assignee)?,
            ask(self.label, &at.field("label"), LabelFilter::tests, PastChange::Label)?,
        ];
        let test = |change| HistoryTest { change, during: during.clone(), by: by.clone() };
        let tests: Vec<_> = changes.into_iter().flatten().map(test).collect();
        if tests.is_empty() {
            return Err(Error::invalid(at.to_string(), format!("`{at}` names no field: say what was once")));
        }
        Ok(tests)
    }
}

fn ask<T: InputType, U>(
    once: Option<Once<T>>,
    at: &At<'_>,
    read: impl Fn(T, &At<'_>) -> Result<Vec<U>>,
    change: impl Fn(Was<U>) -> PastChange,
) -> Result<Vec<PastChange>> {
    let asks = once.map_or_else(|| Ok(Vec::new()), |once| once.asks(at, read))?;
    Ok(asks.into_iter().map(change).collect())
}

/// The only one of these.
fn sole<T>(mut tests: Vec<T>, at: &At<'_>) -> Result<T> {
    match (tests.pop(), tests.len()) {
        (Some(test), 0) => Ok(test),
        (_, more) => {
            let asked = if more == 0 { 0 } else { more + 1 };
            let message =
                format!("`{at}` has {asked} conditions: one is due; put others into a history of their own");
            Err(Error::invalid(at.to_string(), message))
        }
    }
}
