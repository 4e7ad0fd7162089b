//! Which issues block which: always one that was made earlier one that was made later, so that no circle arises.

use std::sync::Arc;

use super::{Guard, Plan, WRITERS, in_parallel};
use crate::ask::Asker;
use crate::words::Chance;

/// One issue in so many is blocked, where changes are not rare.
const ONE_IN: u32 = 10;

/// How much earlier the blocker was made at most, in issues.
const EARLIER: usize = 1_000;

/// Relates them all; nothing where the engine has no relations.
pub(super) async fn relate(plan: &Arc<Plan>, guard: &Guard) -> anyhow::Result<()> {
    let one_in = ONE_IN * plan.shape.rarely;
    let shared = plan.clone();
    in_parallel(plan.shape.issues / one_in, WRITERS, guard, move |number| {
        let plan = shared.clone();
        async move { plan.relate_one((number + 1) * one_in - 1).await }
    })
    .await
}

impl Plan {
    async fn relate_one(&self, blocked: u32) -> anyhow::Result<()> {
        let mut chance = Chance::of(u64::from(blocked) << 32);
        let earlier = 1 + u32::try_from(chance.below(EARLIER.min(blocked as usize)))?;
        let asker = Asker::of(self.engine.clone(), self.company.tenant);
        asker.relate(self.id_of(blocked - earlier), self.id_of(blocked)).await.map(|_| ())
    }
}
