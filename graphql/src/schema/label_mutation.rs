//! What makes, changes and deletes labels.

use super::payload::LabelPayload;
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use mortise_engine::command::label::{CreateLabel, DeleteLabel, RestoreLabel, UpdateLabel};
use mortise_engine::id::LabelId;

/// A new label.
#[derive(Debug, InputObject)]
pub(crate) struct LabelCreateInput {
    /// The global id it shall have, `lbl_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// The word, 1 to 100 characters; unique among the labels of its team or of the company, whatever its case.
    name: String,
    /// `#rrggbb`; grey unless said.
    color: Option<String>,
    /// What it is for, at most 1 KiB.
    description: Option<String>,
    /// The one team that uses it; every team unless said.
    team_id: Option<ID>,
}

impl LabelCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self) -> mortise_engine::Result<CreateLabel> {
        Ok(CreateLabel {
            id: self.id.map(|id| scalar::id("input.id", &id)).transpose()?,
            name: self.name,
            color: self.color,
            description: self.description,
            team: self.team_id.map(|id| scalar::id("input.teamId", &id)).transpose()?,
        })
    }
}

/// What to change in a label. What is not said stays.
#[derive(Debug, InputObject)]
pub(crate) struct LabelUpdateInput {
    /// The word.
    name: Option<String>,
    /// `#rrggbb`.
    color: Option<String>,
    /// What it is for; null takes it away.
    description: MaybeUndefined<String>,
}

impl LabelUpdateInput {
    /// The command.
    fn command(self, label: LabelId, if_version: Option<u64>) -> UpdateLabel {
        let description = self.description.as_opt_ref().map(|text| text.cloned());
        UpdateLabel { label, if_version, name: self.name, color: self.color, description }
    }
}

/// Mutations of labels.
#[derive(Default)]
pub(crate) struct LabelMutation;

#[Object]
impl LabelMutation {
    /// Makes a label. For admins.
    async fn label_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: LabelCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<LabelPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        LabelPayload::answer(&asked, done).await
    }

    /// Changes a label. For admins.
    async fn label_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The label: global id, `lbl_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: LabelUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<LabelPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version);
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        LabelPayload::answer(&asked, done).await
    }

    /// Deletes a label: issues keep it, no issue gets it anew. For admins.
    async fn label_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The label: global id, `lbl_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<LabelPayload> {
        let asked = Asked::of(ctx)?;
        let command = DeleteLabel { label: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        LabelPayload::answer(&asked, done).await
    }

    /// Takes a deleted label back, if no other has its name by now. For admins.
    async fn label_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The label: global id, `lbl_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<LabelPayload> {
        let asked = Asked::of(ctx)?;
        let command = RestoreLabel { label: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        LabelPayload::answer(&asked, done).await
    }
}
