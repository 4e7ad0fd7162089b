//! What makes, changes and deletes saved views, and keeps them at hand.

use super::payload::{FavoritesPayload, ViewPayload};
use super::saved_view_input::{ViewCreateInput, ViewUpdateInput};
use super::scalar;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, Object};
use mortise_engine::command::favorites::{SetFavorite, SetFavorites};
use mortise_engine::command::view::DeleteView;

/// Mutations of saved views.
#[derive(Default)]
pub(crate) struct SavedViewMutation;

#[Object]
impl SavedViewMutation {
    /// Makes a view. Sharing it with the whole company is for admins.
    async fn view_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: ViewCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<ViewPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(asked.snapshot.reader())?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        ViewPayload::answer(&asked, done).await
    }

    /// Changes a view: one's own, or as an admin a shared one.
    async fn view_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The view: global id, `view_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: ViewUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<ViewPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(asked.snapshot.reader(), scalar::id("id", &id)?, if_version)?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        ViewPayload::answer(&asked, done).await
    }

    /// Deletes a view: one's own, or as an admin a shared one.
    async fn view_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The view: global id, `view_…`.")] id: ID,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<ViewPayload> {
        let asked = Asked::of(ctx)?;
        let command = DeleteView { view: scalar::id("id", &id)?, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        ViewPayload::answer(&asked, done).await
    }

    /// Keeps a view at hand, behind the others, or no longer.
    async fn favorite_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The view: global id, `view_…`.")] view_id: ID,
        #[graphql(desc = "At hand (true) or no longer (false).", default = true)] favorite: bool,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<FavoritesPayload> {
        let asked = Asked::of(ctx)?;
        let command = SetFavorite { view: scalar::id("viewId", &view_id)?, favorite };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        FavoritesPayload::answer(&asked, done)
    }

    /// Keeps these views at hand, in this order, and no others.
    async fn favorites_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, `view_…`, at most 100.")] view_ids: Vec<ID>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<FavoritesPayload> {
        let asked = Asked::of(ctx)?;
        let command = SetFavorites { views: scalar::ids("viewIds", &view_ids)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        FavoritesPayload::answer(&asked, done)
    }
}
