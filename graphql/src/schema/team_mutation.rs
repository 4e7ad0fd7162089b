//! What makes and changes teams.

use super::payload::TeamPayload;
use super::scalar;
use super::word::{IssueType, TeamRole};
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use mortise_engine::command::team::{CreateTeam, SetTeamMember, UpdateTeam};
use mortise_engine::id::TeamId;
use mortise_engine::model::KindWorkflow;

/// A new team.
#[derive(Debug, InputObject)]
pub(crate) struct TeamCreateInput {
    /// The global id it shall have, `team_…`, chosen by the client; a new one unless said.
    id: Option<ID>,
    /// The first part of its issues' keys: 2 to 7 letters and digits, a letter first. No team has or had it.
    key: String,
    /// How it is shown, 1 to 100 characters.
    name: String,
    /// What it is for, at most 4 KiB.
    description: Option<String>,
    /// The workflow its issues follow; the company's first unless said.
    workflow_id: Option<ID>,
    /// Whether only those who belong to it, and super admins, know of it and see its issues. Who makes it leads it then.
    #[graphql(default = false)]
    private: bool,
}

impl TeamCreateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self) -> mortise_engine::Result<CreateTeam> {
        Ok(CreateTeam {
            id: self.id.map(|id| scalar::id("input.id", &id)).transpose()?,
            key: self.key,
            name: self.name,
            description: self.description,
            workflow: self.workflow_id.map(|id| scalar::id("input.workflowId", &id)).transpose()?,
            private: self.private,
        })
    }
}

/// What to change in a team. What is not said stays.
#[derive(Debug, InputObject)]
pub(crate) struct TeamUpdateInput {
    /// A new key; issues are still found by the old one.
    key: Option<String>,
    /// How it is shown.
    name: Option<String>,
    /// What it is for; null takes it away.
    description: MaybeUndefined<String>,
    /// Whether it is archived: its issues can then be read only.
    archived: Option<bool>,
    /// Whether only those who belong to it, and super admins, know of it and see its issues.
    private: Option<bool>,
    /// The workflow that its new issues follow. Those that are there keep theirs until `workflowMigrate` moves them.
    workflow_id: Option<ID>,
    /// All types of issues that follow a workflow of their own; the others follow the team's.
    type_workflows: Option<Vec<TeamTypeWorkflowInput>>,
}

/// The workflow that a team's new issues of one type follow.
#[derive(Debug, InputObject)]
pub(crate) struct TeamTypeWorkflowInput {
    /// The type.
    #[graphql(name = "type")]
    kind: IssueType,
    /// The workflow: global id, `wf_…`.
    workflow_id: ID,
}

impl TeamUpdateInput {
    /// The command.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read; the field is named.
    fn command(self, team: TeamId, if_version: Option<u64>) -> mortise_engine::Result<UpdateTeam> {
        let types = self.type_workflows.map(|own| {
            let read = (0..).zip(own).map(|(n, own): (usize, _)| {
                let field = format!("input.typeWorkflows[{n}].workflowId");
                Ok(KindWorkflow { kind: own.kind.into(), workflow: scalar::id(&field, &own.workflow_id)? })
            });
            read.collect::<mortise_engine::Result<_>>()
        });
        Ok(UpdateTeam {
            if_version,
            key: self.key,
            name: self.name,
            description: self.description.as_opt_ref().map(|text| text.cloned()),
            archived: self.archived,
            private: self.private,
            workflow: self.workflow_id.map(|id| scalar::id("input.workflowId", &id)).transpose()?,
            by_kind: types.transpose()?,
            ..UpdateTeam::of(team)
        })
    }
}

/// Mutations of teams.
#[derive(Default)]
pub(crate) struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team. For admins.
    async fn team_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: TeamCreateInput,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<TeamPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command()?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        TeamPayload::answer(&asked, done).await
    }

    /// Changes a team, archives it, or takes it out of the archive. For admins.
    async fn team_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team: global id, `team_…`.")] id: ID,
        #[graphql(desc = "What to change.")] input: TeamUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<TeamPayload> {
        let asked = Asked::of(ctx)?;
        let command = input.command(scalar::id("id", &id)?, if_version)?;
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        TeamPayload::answer(&asked, done).await
    }

    /// Says what a member is in a team, and adds them to it if they did not belong to it. For the team's leads and for
    /// admins.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a change")]
    async fn team_member_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team: global id, `team_…`.")] id: ID,
        #[graphql(desc = "The member: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "What they are in the team.", default_with = "TeamRole::Member")] role: TeamRole,
        #[graphql(desc = "The team's `version` it was read at; another one is a `CONFLICT`.")]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<TeamPayload> {
        let asked = Asked::of(ctx)?;
        let (team, member) = (scalar::id("id", &id)?, scalar::id("memberId", &member_id)?);
        let command = SetTeamMember { team, member, role: Some(role.into()), if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        TeamPayload::answer(&asked, done).await
    }

    /// Takes a member out of a team. For the team's leads, for admins, and for whoever leaves.
    async fn team_member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team: global id, `team_…`.")] id: ID,
        #[graphql(desc = "The member: global id, `usr_…`.")] member_id: ID,
        #[graphql(desc = "The team's `version` it was read at; another one is a `CONFLICT`.")]
        if_version: Option<u64>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<TeamPayload> {
        let asked = Asked::of(ctx)?;
        let (team, member) = (scalar::id("id", &id)?, scalar::id("memberId", &member_id)?);
        let command = SetTeamMember { team, member, role: None, if_version };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), command).await;
        TeamPayload::answer(&asked, done).await
    }
}
