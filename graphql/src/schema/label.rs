//! Labels: the object, and the query for all.

use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::team::TeamNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::id::{LabelId, TeamId};
use mortise_engine::model::Label;
use std::sync::Arc;

/// A label, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct LabelNode(pub(crate) Arc<Label>);

impl LabelNode {
    /// The labels with these ids, deleted ones too: what has one keeps showing it.
    pub(crate) fn all(cx: &Snapshot, ids: &[LabelId]) -> Rows<Self> {
        if ids.is_empty() {
            return Rows(Vec::new());
        }
        let directory = cx.directory();
        ids.iter().filter_map(|id| directory.label(*id).cloned().map(Self)).collect()
    }

    pub(crate) fn id_of(&self) -> LabelId {
        self.0.id
    }
}

crate::lean_object! {
    /// A word that issues are marked with.
    "Label" for LabelNode, cx Snapshot {
        /// The global id, `lbl_…`.
        "id" id: Id<LabelId> = |label, _| Id(label.0.id);
        /// The word; unique among the labels of its team or of the company, whatever its case.
        "name" name: &str = |label, _| label.0.name.as_str();
        /// `#rrggbb`, in lower case.
        "color" color: &str = |label, _| label.0.color.as_str();
        /// What it is for.
        "description" description: Option<&str> = |label, _| label.0.description.as_deref();
        /// The one team that uses it; null for one that every team uses.
        "team" team: Option<Row<TeamNode>> = |label, cx| label.0.team.map(|id| Row(TeamNode::of(cx, id)));
        /// When it was made.
        "createdAt" created_at: DateTime = |label, _| DateTime(label.0.created_at);
        /// When it last changed.
        "updatedAt" updated_at: DateTime = |label, _| DateTime(label.0.updated_at);
        /// When it was deleted. Issues keep it; no issue gets it anew.
        "deletedAt" deleted_at: Option<DateTime> = |label, _| label.0.deleted_at.map(DateTime);
        /// Counts its changes, from 1: for `ifVersion`.
        "version" version: u64 = |label, _| label.0.version;
    }
}

/// Queries about labels.
#[derive(Default)]
pub(crate) struct LabelQuery;

#[Object]
impl LabelQuery {
    /// A label by global id, deleted ones too; null when there is none.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `lbl_…`.")] id: ID,
    ) -> Result<Option<Row<LabelNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(asked.snapshot.directory().label(scalar::id("id", &id)?).cloned().map(LabelNode).map(Row))
    }

    /// The labels of the company and of its teams, in the order in which they were made. Deleted ones are left out.
    async fn labels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that this team's issues can have: its own and the company's.")] team_id: Option<ID>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<LabelNode>>> {
        let asked = Asked::of(ctx)?;
        let team: Option<TeamId> = team_id.map(|id| scalar::id("teamId", &id)).transpose()?;
        let wanted = |label: &Arc<Label>| {
            label.deleted_at.is_none() && team.is_none_or(|team| label.team.is_none_or(|of| of == team))
        };
        let directory = asked.snapshot.directory();
        let all = directory.labels().filter(|l| wanted(l)).cloned().map(LabelNode).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, LabelNode::id_of, arguments, asked.snapshot)
    }
}
