//! What happened to the issues since they came in, in rounds: each changes a part of them, forty at a time in the same way.

use std::sync::Arc;

use anyhow::Context as _;
use mortise_engine::command::IssueRef;
use mortise_engine::command::issue::{IssuePatch, UpdateIssues};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::model::Priority;
use mortise_engine::time::CalendarDate;

use super::{DAY_MS, Guard, Plan, WRITERS, in_parallel};
use crate::shape::Shape;
use crate::words::Chance;

/// Issues of one batch: each is a row and an event, and a batch of the store holds 100 keys.
const PER_BATCH: u32 = 40;

/// Days that an issue may be due in, beginning a hundred days ago.
const DUE_DAYS: usize = 200;

/// Changes that issues go through in this order.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// One issue in so many is changed.
    one_in: u32,
    patch: fn(&Plan, &mut Chance) -> IssuePatch,
}

/// The rounds of a company of this shape: all issues are planned, and then less and less happens to them.
fn rounds(shape: &Shape) -> [Round; 4] {
    let rarely = |one_in: u32| one_in * shape.rarely;
    [
        Round { one_in: 1, patch: planned },
        Round { one_in: rarely(2), patch: moved },
        Round { one_in: rarely(5), patch: handed_on },
        Round { one_in: rarely(20), patch: put_below },
    ]
}

impl Round {
    fn issues(self, of: u32) -> u32 {
        of / self.one_in
    }

    fn batches(self, of: u32) -> u32 {
        self.issues(of).div_ceil(PER_BATCH)
    }

    /// The numbers of the issues of a batch: far from each other, so that those that are changed alike were not made
    /// alike.
    fn numbers(self, batch: u32, of: u32) -> impl Iterator<Item = u32> {
        let (issues, batches) = (self.issues(of), self.batches(of));
        let places = (0..PER_BATCH).map(move |place| batch + place * batches);
        places.filter(move |at| *at < issues).map(move |at| at * self.one_in)
    }
}

/// Batches of changes of a company.
pub(super) fn batches(shape: &Shape) -> u32 {
    rounds(shape).iter().map(|round| round.batches(shape.issues)).sum()
}

/// Steps of the progress bar that a company takes.
pub(crate) fn steps(shape: &Shape) -> u64 {
    let changed = rounds(shape).into_iter().map(|round| u64::from(round.issues(shape.issues)));
    u64::from(shape.issues) + changed.sum::<u64>()
}

/// Goes through all rounds, one after the other.
pub(super) async fn change(plan: &Arc<Plan>, guard: &Guard) -> anyhow::Result<()> {
    for round in rounds(&plan.shape) {
        let shared = plan.clone();
        in_parallel(round.batches(plan.shape.issues), WRITERS, guard, move |batch| {
            let plan = shared.clone();
            async move { plan.change_batch(round, batch).await }
        })
        .await?;
    }
    Ok(())
}

impl Plan {
    async fn change_batch(&self, round: Round, batch: u32) -> anyhow::Result<()> {
        let mut chance = Chance::of(u64::from(batch) << 32 | u64::from(round.one_in));
        let mover = *chance.pick(&self.company.movers).context("the company has nobody who moves issues")?;
        let numbers = round.numbers(batch, self.shape.issues);
        let issues: Vec<IssueRef> = numbers.map(|number| IssueRef::Id(self.id_of(number))).collect();
        let count = issues.len();
        let command = UpdateIssues {
            request_size: u32::try_from(count)?,
            issues,
            patch: (round.patch)(self, &mut chance),
            atomic: false,
            first_index: 0,
        };
        self.past.pass_one_of(self.changes);
        let cx = OpContext::new(Principal::trusted_member(self.company.tenant, mover));
        let done = self.engine.execute(cx, command).await?;
        if let Some(refused) = done.errors.first() {
            anyhow::bail!("{} of {count} issues were not changed: {refused:?}", done.errors.len());
        }
        self.bar.inc(count as u64);
        Ok(())
    }
}

/// How pressing it is, how large, due when.
fn planned(plan: &Plan, chance: &mut Chance) -> IssuePatch {
    let today = i32::try_from(plan.made_until.millis() / DAY_MS).unwrap_or_default() + 360;
    let due =
        CalendarDate::from_days(today - 100 + i32::try_from(chance.below(DUE_DAYS)).unwrap_or_default());
    let estimate = [1, 2, 3, 5, 8];
    IssuePatch {
        priority: chance.pick(Priority::ALL).copied(),
        estimate: (chance.below(3) > 0).then(|| chance.pick(&estimate).copied()),
        due_date: (chance.below(2) > 0).then_some(Some(due)),
        ..IssuePatch::default()
    }
}

/// Into another state, with one more label.
fn moved(plan: &Plan, chance: &mut Chance) -> IssuePatch {
    IssuePatch {
        state: chance.pick(&plan.company.states).map(|(state, _)| *state),
        added_labels: chance.pick(&plan.company.labels).copied().into_iter().collect(),
        ..IssuePatch::default()
    }
}

/// To one more person, in another state, without a quarter of all labels, where it has them.
fn handed_on(plan: &Plan, chance: &mut Chance) -> IssuePatch {
    IssuePatch {
        added_assignees: chance.pick(&plan.company.movers).copied().into_iter().collect(),
        removed_labels: (0..plan.company.labels.len().div_ceil(4))
            .filter_map(|_| chance.pick(&plan.company.labels).copied())
            .collect(),
        ..moved(plan, chance)
    }
}

/// Below an issue whose number is odd: those that are changed here have even ones, so that no circle arises.
fn put_below(plan: &Plan, chance: &mut Chance) -> IssuePatch {
    let half = (plan.shape.issues / 2) as usize;
    let above = u32::try_from(chance.below(half) * 2 + 1).unwrap_or(1);
    IssuePatch { parent: Some(Some(IssueRef::Id(plan.id_of(above)))), ..IssuePatch::default() }
}
