//! Members: the object, and the query for one and for all.

use super::page::{self, PageArguments};
use super::scalar::{self, DateTime};
use super::word::{MemberKind, MemberStatus, Role};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Id, Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::id::MemberId;
use mortise_engine::model::Member;
use std::sync::Arc;

/// A member, as the API shows them.
#[derive(Debug, Clone)]
pub(crate) struct MemberNode(pub(crate) Arc<Member>);

impl MemberNode {
    /// The member with this id; none for what the embedding program did itself.
    pub(crate) fn find(cx: &Snapshot, id: MemberId) -> Option<Row<Self>> {
        cx.directory().member(id).cloned().map(Self).map(Row)
    }

    /// The members with these ids, in their order.
    pub(crate) fn all(cx: &Snapshot, ids: &[MemberId]) -> Rows<Self> {
        if ids.is_empty() {
            return Rows(Vec::new());
        }
        let directory = cx.directory();
        ids.iter().filter_map(|id| directory.member(*id).cloned().map(Self)).collect()
    }

    pub(crate) fn id_of(&self) -> MemberId {
        self.0.id
    }
}

crate::lean_object! {
    /// A person, or a program's account, in this company. The same person in two companies is two members.
    "Member" for MemberNode, cx Snapshot {
        /// The global id, `usr_…`.
        "id" id: Id<MemberId> = |member, _| Id(member.0.id);
        /// How they are shown.
        "name" name: &str = |member, _| member.0.name.as_str();
        /// The address they sign in with; null for those known only from an import.
        "email" email: Option<&str> = |member, _| member.0.email.as_deref();
        /// Whether this is a person or a program's account.
        "kind" kind: MemberKind = |member, _| member.0.kind.into();
        /// The language and place whose words and forms they want, such as `de-CH`.
        "locale" locale: Option<&str> = |member, _| member.0.locale.as_deref();
        /// Where their days and weeks begin, as the IANA names the zone; the company's when null.
        "timeZone" time_zone: Option<&str> = |member, _| member.0.time_zone.as_deref();
        /// What they may do in general.
        "role" role: Role = |member, _| member.0.role.into();
        /// Whether they take part.
        "status" status: MemberStatus = |member, _| member.0.status.into();
        /// Whether this is who asks.
        "isMe" is_me: bool = |member, cx| cx.member() == Some(member.0.id);
        /// Who they were in an imported archive, such as `github:octocat`.
        "source" source: Option<&str> = |member, _| member.0.source.as_deref();
        /// When they were added.
        "createdAt" created_at: DateTime = |member, _| DateTime(member.0.created_at);
        /// When they last changed.
        "updatedAt" updated_at: DateTime = |member, _| DateTime(member.0.updated_at);
        /// Counts their changes, from 1: for `ifVersion`.
        "version" version: u64 = |member, _| member.0.version;
    }
}

/// Queries about members.
#[derive(Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The member who asks; null when the program that embeds the engine asks itself.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Row<MemberNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(asked.snapshot.member().and_then(|id| MemberNode::find(asked.snapshot, id)))
    }

    /// A member by global id; null when there is none.
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id, `usr_…`.")] id: ID,
    ) -> Result<Option<Row<MemberNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(MemberNode::find(asked.snapshot, scalar::id("id", &id)?))
    }

    /// The members of the company, in the order in which they were added.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those who take part in one of these ways; all unless said.")] status: Option<
            Vec<MemberStatus>,
        >,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
    ) -> Result<Row<Connection<MemberNode>>> {
        let asked = Asked::of(ctx)?;
        let wanted = |member: &Arc<Member>| {
            status.as_ref().is_none_or(|wanted| wanted.contains(&MemberStatus::from(member.status)))
        };
        let directory = asked.snapshot.directory();
        let all = directory.members().filter(|m| wanted(m)).cloned().map(MemberNode).collect();
        let arguments = PageArguments { first, after, last, before };
        page::of_ids(all, MemberNode::id_of, arguments, asked.snapshot)
    }
}
