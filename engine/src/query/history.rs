//! Whether something was true of an issue once, judged from the events about it.
//!
//! A judge starts with the issue's row and is given its events, newest first: going back, it knows at each event what the
//! field became and what it was. A value lasts from the event that gave it to the one that took it; what the issue was
//! made with was given by its creator. The log orders, not the clock: where times run backwards, as imported ones may, a
//! value counts at the moment it was given. What an erased event did is unknown. A value that the field had before and
//! after it is taken to have stayed; of any other, what is certain counts and nobody is said to have given it.
//!
//! Pure: it knows neither the log nor the view.

mod during;
mod value;

#[cfg(test)]
mod tests;

pub(super) use during::since;
pub(super) use value::{Wanted, members};

use crate::directory::Directory;
use crate::event::{Actor, Event, EventBody, IssueChange};
use crate::filter::{Asking, Compare, HistoryTest, PastChange, Was, When};
use crate::id::MemberId;
use crate::model::Issue;
use crate::time::Timestamp;
use during::Stretch;
use std::ops::ControlFlow;
use value::{Field, Value, ValueTest};

/// A test of what was, with names, people and times settled.
#[derive(Debug)]
pub(super) struct Settled {
    field: Field,
    what: What,
    during: Option<Compare<Timestamp>>,
    by: Option<Wanted<MemberId>>,
    /// No moment before this passes `during`.
    since: Option<Timestamp>,
    now: Timestamp,
}

#[derive(Debug)]
enum What {
    Had(ValueTest),
    Changed { from: Option<ValueTest>, to: Option<ValueTest> },
}

impl What {
    fn of<T>(was: &Was<T>, test: impl Fn(&T) -> ValueTest) -> Self {
        match was {
            Was::Had(value) => Self::Had(test(value)),
            Was::Changed { from, to } => {
                Self::Changed { from: from.as_ref().map(&test), to: to.as_ref().map(&test) }
            }
        }
    }
}

impl Settled {
    /// What a test means for this asker at this moment, with the names as they are now.
    pub(super) fn of(test: &HistoryTest, asking: &Asking, directory: &Directory) -> Self {
        let (field, what) = match &test.change {
            PastChange::State(was) => {
                (Field::State, What::of(was, |test| ValueTest::State(value::states(test, directory))))
            }
            PastChange::Category(was) => (Field::Category, What::of(was, |c| ValueTest::Category(c.clone()))),
            PastChange::Priority(was) => (Field::Priority, What::of(was, |c| ValueTest::Priority(c.clone()))),
            PastChange::Kind(was) => (Field::Kind, What::of(was, |c| ValueTest::Kind(c.clone()))),
            PastChange::Resolution(was) => {
                (Field::Resolution, What::of(was, |c| ValueTest::Resolution(c.clone())))
            }
            PastChange::Assignee(was) => {
                (Field::Assignees, What::of(was, |test| ValueTest::Member(members(test, asking, directory))))
            }
            PastChange::Label(was) => {
                (Field::Labels, What::of(was, |test| ValueTest::Label(value::labels(test, directory))))
            }
        };
        let during = test.during.as_ref().map(|c| c.map(|when: &When| when.settle(asking)));
        Self {
            field,
            what,
            since: during.as_ref().and_then(since),
            during,
            by: test.by.as_ref().map(|test| members(test, asking, directory)),
            now: asking.now,
        }
    }

    /// An issue that passes has changed since then; none when one that never changed may pass.
    pub(super) const fn changed_since(&self) -> Option<Timestamp> {
        match self.what {
            What::Changed { .. } => self.since,
            What::Had(_) => None,
        }
    }

    fn by(&self, giver: Giver) -> bool {
        match (&self.by, giver) {
            (None, _) => true,
            (Some(by), Giver::Known(member)) => by.passes(member.as_ref()),
            (Some(_), Giver::Unknown) => false,
        }
    }
}

/// Who gave a value.
#[derive(Debug, Clone, Copy)]
enum Giver {
    Known(Option<MemberId>),
    Unknown,
}

impl Giver {
    /// The member in whose name something was done. What the embedding program made has an owner who is nobody.
    fn member(member: Option<MemberId>) -> Self {
        Self::Known(member.filter(|id| *id != crate::command::system_member()))
    }

    fn of(actor: Actor) -> Self {
        Self::member(actor.member())
    }
}

/// A value that the field has at the place in the past that the judge has come to.
#[derive(Debug)]
struct Held {
    value: Value,
    /// When it lost it; none: it has it still.
    until: Option<Timestamp>,
}

/// Erased events between the place that the judge has come to and the last where the field was known.
#[derive(Debug)]
struct Doubt {
    newest: Timestamp,
    oldest: Timestamp,
}

/// The judge of one issue.
#[derive(Debug)]
pub(super) struct Judge<'t> {
    test: &'t Settled,
    held: Vec<Held>,
    doubt: Option<Doubt>,
    creator: MemberId,
    /// Whether it has said that the issue passes.
    pub(super) passes: bool,
}

impl<'t> Judge<'t> {
    /// Of an issue whose newest row is this one; the events about it are to follow, newest first.
    pub(super) fn new(test: &'t Settled, row: &Issue) -> Self {
        let held = match test.what {
            What::Had(_) => test.field.of(row),
            What::Changed { .. } => Vec::new(),
        };
        let held = held.into_iter().map(|value| Held { value, until: None }).collect();
        Self { test, held, doubt: None, creator: row.creator, passes: false }
    }

    /// Takes the next older event; breaks off once nothing older can matter.
    pub(super) fn take(&mut self, event: &Event) -> ControlFlow<()> {
        self.passes = self.changed(event);
        if self.passes {
            return ControlFlow::Break(());
        }
        if event.previous.is_none() {
            self.passes = self.made(event);
            return ControlFlow::Break(());
        }
        match (self.test.since, event.updated_before) {
            (Some(since), Some(before)) if before < since => self.end(before),
            _ => ControlFlow::Continue(()),
        }
    }

    /// What the event did to the field.
    fn changed(&mut self, event: &Event) -> bool {
        let changes = match &event.body {
            Some(EventBody::IssueUpdated { changes }) => changes,
            // How the issue was made is judged by itself.
            None if event.previous.is_some() => {
                self.doubt = Some(Doubt {
                    newest: self.doubt.as_ref().map_or(event.at, |doubt| doubt.newest),
                    oldest: event.at,
                });
                return false;
            }
            _ => return false,
        };
        changes.iter().rev().any(|change| self.changed_one(event, change))
    }

    fn changed_one(&mut self, event: &Event, change: &IssueChange) -> bool {
        let Some((from, to)) = self.test.field.change(change) else { return false };
        let left = || from.iter().filter(|value| !to.contains(value));
        let mut came = to.iter().filter(|value| !from.contains(value));
        match &self.test.what {
            What::Changed { from: was, to: became } => {
                (left().next().is_some() || came.clone().next().is_some())
                    && self.test.during.as_ref().is_none_or(|during| during.passes(Some(&event.at)))
                    && self.test.by(Giver::of(event.actor))
                    && any_passes(was.as_ref(), left())
                    && any_passes(became.as_ref(), came)
            }
            What::Had(_) => {
                if self.clear_doubt(&to) {
                    return true;
                }
                let gave = came.any(|value| self.given(*value, event.at, Giver::of(event.actor)));
                self.held.extend(left().map(|value| Held { value: *value, until: Some(event.at) }));
                gave
            }
        }
    }

    /// The values it was made with.
    fn made(&mut self, event: &Event) -> bool {
        if !matches!(self.test.what, What::Had(_)) {
            return false;
        }
        match (&event.body, &self.doubt) {
            (Some(EventBody::IssueCreated { issue, .. }), _) => {
                if self.clear_doubt(&self.test.field.of(issue)) {
                    return true;
                }
            }
            (_, Some(doubt)) => {
                let since = doubt.newest;
                return self.all_given(since, Giver::Unknown);
            }
            (_, None) => {}
        }
        self.all_given(event.at, Giver::member(Some(self.creator)))
    }

    /// Everything older happened before any moment that passes: what the field has now, it had at that moment.
    fn end(&mut self, before: Timestamp) -> ControlFlow<()> {
        match self.test.what {
            What::Changed { .. } => ControlFlow::Break(()),
            // Who gave it, and what erased events hide, is older still.
            What::Had(_) if self.test.by.is_some() || self.doubt.is_some() => ControlFlow::Continue(()),
            What::Had(_) => {
                self.passes = self.all_given(before, Giver::Unknown);
                ControlFlow::Break(())
            }
        }
    }

    /// Before the erased events the field had these values.
    fn clear_doubt(&mut self, before: &[Value]) -> bool {
        let Some(doubt) = self.doubt.take() else { return false };
        let came: Vec<_> = self.held.iter().map(|held| held.value).filter(|v| !before.contains(v)).collect();
        let gave = came.into_iter().any(|value| self.given(value, doubt.newest, Giver::Unknown));
        for value in before {
            if !self.held.iter().any(|held| held.value == *value) {
                self.held.push(Held { value: *value, until: Some(doubt.oldest) });
            }
        }
        gave
    }

    /// The value was given then: it lasted from there.
    fn given(&mut self, value: Value, at: Timestamp, giver: Giver) -> bool {
        let Some(place) = self.held.iter().position(|held| held.value == value) else { return false };
        let held = self.held.swap_remove(place);
        self.lasted(&held, at, giver)
    }

    fn all_given(&mut self, at: Timestamp, giver: Giver) -> bool {
        let held = std::mem::take(&mut self.held);
        held.iter().any(|held| self.lasted(held, at, giver))
    }

    fn lasted(&self, held: &Held, from: Timestamp, giver: Giver) -> bool {
        let What::Had(test) = &self.test.what else { return false };
        let stretch = Stretch::of(from, held.until, self.test.now);
        // To be without a resolution is to have no value.
        held.value != Value::Resolution(None)
            && test.passes(held.value)
            && self.test.by(giver)
            && self.test.during.as_ref().is_none_or(|during| stretch.meets(during))
    }
}

/// Whether one of these values passes; without a test, whatever they are.
fn any_passes<'v>(test: Option<&ValueTest>, mut values: impl Iterator<Item = &'v Value>) -> bool {
    test.is_none_or(|test| values.any(|value| test.passes(*value)))
}
