//! The issues and comments as they came in: made over some years, part of them closed.

use std::sync::Arc;

use anyhow::Context as _;
use mortise_engine::command::import::{
    ImportBatch, ImportItem, ImportedComment, ImportedIssue, imported_comment_id, imported_issue_id,
};
use mortise_engine::context::OpContext;
use mortise_engine::event::Origin;
use mortise_engine::id::{IssueId, TenantId};
use mortise_engine::model::{IssueKind, IssueSource, Resolution};
use mortise_engine::time::Timestamp;

use super::found::{name_of_label, source_of_person};
use super::{DAY_MS, Guard, MADE_DAYS, Plan, WRITERS, in_parallel};
use crate::words::Chance;

/// The system that issues come from.
const SYSTEM: &str = "bench";

/// Issues of one batch: with the comments of a shape they fill it, and never overfill it.
const PER_BATCH: u32 = 10;

/// Imports everything.
pub(super) async fn import(plan: &Arc<Plan>, guard: &Guard) -> anyhow::Result<()> {
    let shared = plan.clone();
    in_parallel(plan.shape.issues.div_ceil(PER_BATCH), WRITERS, guard, move |batch| {
        let plan = shared.clone();
        async move { plan.import_batch(batch).await }
    })
    .await
}

/// Where a seeded issue came from: its number, counted from 0, from which its texts follow.
pub(crate) fn number_of(source: Option<&IssueSource>) -> Option<u32> {
    source?.id.parse().ok()
}

impl Plan {
    async fn import_batch(&self, batch: u32) -> anyhow::Result<()> {
        let first = batch * PER_BATCH;
        let numbers = first..self.shape.issues.min(first + PER_BATCH);
        let (mut items, mut comments) = (Vec::new(), Vec::new());
        for number in numbers.clone() {
            let texts = self.shape.texts(number, &self.words);
            let mut chance = Chance::of(!u64::from(number));
            for (place, body) in texts.comments.into_iter().enumerate() {
                let comment = self.comment(number, place, body, &mut chance);
                comments.push(ImportItem::Comment(Box::new(comment)));
            }
            let issue = self.issue(number, texts.title, texts.description, &mut chance)?;
            items.push(ImportItem::Issue(Box::new(issue)));
        }
        items.append(&mut comments);
        let cx = OpContext::new(self.company.us()).with_origin(Origin::Import);
        let done = self.engine.execute(cx, ImportBatch { items }).await;
        done.with_context(|| format!("cannot import issues {numbers:?}"))?;
        self.bar.inc(numbers.len() as u64);
        Ok(())
    }

    fn issue(
        &self,
        number: u32,
        title: String,
        description: String,
        chance: &mut Chance,
    ) -> anyhow::Result<ImportedIssue> {
        let created_at = self.made_at(number);
        let open_ms = chance.below((60 * DAY_MS) as usize) as i64;
        let closed = chance.below(5) < 2;
        Ok(ImportedIssue {
            id: self.id_of(number),
            source: source(number.to_string()),
            team: *chance.pick(&self.company.teams).context("the company has no team")?,
            number: number + 1,
            title,
            description: Some(description),
            kind: chance.pick(IssueKind::ALL).copied().unwrap_or(IssueKind::Task),
            closed: closed.then(|| (created_at.plus_millis(open_ms), Resolution::Done)),
            creator: self.somebody(chance),
            assignees: (0..chance.below(3)).map(|_| self.somebody(chance)).collect(),
            labels: (0..chance.below(4)).map(|_| name_of_label(below(chance, self.shape.labels))).collect(),
            created_at,
            updated_at: created_at.plus_millis(open_ms),
        })
    }

    fn comment(&self, on: u32, place: usize, body: String, chance: &mut Chance) -> ImportedComment {
        let created_at = self.made_at(on).plus_millis(1 + place as i64);
        let id = format!("{on}/{place}");
        ImportedComment {
            id: imported_comment_id(self.company.tenant, SYSTEM, &id, created_at),
            source: source(id),
            issue: self.id_of(on),
            author: self.somebody(chance),
            body,
            parent: None,
            created_at,
            updated_at: created_at,
        }
    }

    fn somebody(&self, chance: &mut Chance) -> String {
        source_of_person(below(chance, self.shape.people))
    }

    /// The first was made long ago, the last just before the changes begin.
    fn made_at(&self, number: u32) -> Timestamp {
        let age_ms =
            MADE_DAYS * DAY_MS / i64::from(self.shape.issues) * i64::from(self.shape.issues - number);
        self.made_until.plus_millis(-age_ms)
    }

    /// The id of an issue, by its number.
    pub(super) fn id_of(&self, number: u32) -> IssueId {
        id_of(self.company.tenant, number, self.made_at(number))
    }
}

fn id_of(tenant: TenantId, number: u32, made_at: Timestamp) -> IssueId {
    imported_issue_id(tenant, SYSTEM, &number.to_string(), made_at)
}

fn source(id: String) -> IssueSource {
    IssueSource { system: SYSTEM.to_owned(), id, url: None, state: None }
}

fn below(chance: &mut Chance, end: u32) -> u32 {
    u32::try_from(chance.below(end as usize)).unwrap_or_default()
}
