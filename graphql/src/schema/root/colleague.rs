//! The people of a company, for those who look after them: who they are and how they stand, and nothing of what they do.

use super::Asked;
use super::page::{self, PageInfo};
use crate::error::Result;
use crate::schema::scalar::{self, DateTime};
use crate::schema::word::{MemberStatus, Role};
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::model;
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

    /// Somebody of a company by the address they sign in with; null when there is nobody. Needs `ADMIN`.
    async fn member_by_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company: global id, `ten_…`.")] tenant_id: ID,
        #[graphql(desc = "The address.")] email: String,
    ) -> Result<Option<Member>> {
        let asked = Asked::of(ctx)?;
        let tenant = scalar::id("tenantId", &tenant_id)?;
        let member = asked.engine.colleague_by_email(asked.operator, tenant, &email).await?;
        Ok(member.map(|member| Member::from(&*member)))
    }
}
