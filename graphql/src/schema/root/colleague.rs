//! The people of a company, for those who look after them: who they are and how they stand, and nothing of what they do.

use super::page::{self, PageInfo};
use super::{Asked, answered};
use crate::error::Result;
use crate::schema::payload::UserError;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::{MemberStatus, Role};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::{NewColleague, model};
use std::sync::Arc;

/// Somebody of a company.
#[derive(SimpleObject)]
pub(super) struct Member {
    /// The global id, `usr_…`.
    id: ID,
    /// How they are shown.
    name: String,
    /// The address they sign in with; null for those known only from an import.
    email: Option<String>,
    /// What they may do in general.
    role: Role,
    /// Whether they take part.
    status: MemberStatus,
    /// Who they were in an imported archive, such as `github:octocat`.
    source: Option<String>,
    /// When they were added.
    created_at: DateTime,
}

impl From<&model::Member> for Member {
    fn from(member: &model::Member) -> Self {
        Self {
            id: scalar::global(member.id),
            name: member.name.clone(),
            email: member.email.clone(),
            role: member.role.into(),
            status: member.status.into(),
            source: member.source.clone(),
            created_at: DateTime(member.created_at),
        }
    }
}

/// A page of a company's people.
#[derive(SimpleObject)]
pub(super) struct MemberConnection {
    /// The people, the earliest first.
    nodes: Vec<Member>,
    /// Where the page lies.
    page_info: PageInfo,
    /// People of the whole company.
    total_count: usize,
}

/// Somebody to be put down among a company's people.
#[derive(InputObject)]
pub(super) struct MemberAddInput {
    /// The address they will sign in with.
    email: String,
    /// How they are shown.
    name: String,
    /// What they will be able to do in general.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Why the platform does it, in at least 10 characters: the company reads it among its visits.
    reason: String,
}

/// The answer to somebody's being put down.
#[derive(SimpleObject)]
pub(super) struct MemberAddPayload {
    /// Whether it was done. False exactly when there are `userErrors`.
    success: bool,
    /// Who was put down, `usr_…`; null when it was refused.
    member_id: Option<ID>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// Queries about people.
#[derive(Default)]
pub(super) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The people of a company, in the order in which they were added. Needs `ADMIN`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins.")] after: Option<String>,
    ) -> Result<MemberConnection> {
        let asked = Asked::of(ctx)?;
        let people = asked.engine.people_of(asked.operator, scalar::id("tenantId", &tenant_id)?).await?;
        // Ids sort as their texts do.
        let before = |member: &Arc<model::Member>, id: &str| member.id.to_string().as_str() <= id;
        let limits = asked.engine.limits();
        let cut = page::cut(people, (first, after), limits, |member| member.id.to_string(), before)?;
        Ok(MemberConnection {
            nodes: cut.nodes.iter().map(|member| Member::from(&**member)).collect(),
            page_info: cut.page_info,
            total_count: cut.total,
        })
    }
}

/// Mutations of people.
#[derive(Default)]
pub(super) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Puts somebody down among a company's people, in a visit that its super admins see. They do not take part until one
    /// of those says so (`memberUpdate` with the status `ACTIVE`): the platform lets nobody in. Needs `ADMIN`.
    async fn member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "Who.")] input: MemberAddInput,
    ) -> Result<MemberAddPayload> {
        let asked = Asked::of(ctx)?;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let MemberAddInput { email, name, role, reason } = input;
        let new = NewColleague { email, name, role: role.into(), reason };
        let (member, user_errors) = answered(asked.engine.add_colleague(asked.operator, tenant, new).await)?;
        let member_id = member.map(scalar::global);
        Ok(MemberAddPayload { success: user_errors.is_empty(), member_id, user_errors })
    }
}
