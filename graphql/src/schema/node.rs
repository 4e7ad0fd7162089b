//! Anything with a global id, found by it.

use super::comment::CommentNode;
use super::issue::IssueNode;
use super::label::LabelNode;
use super::member::MemberNode;
use super::plugin::PluginNode;
use super::saved_view::SavedViewNode;
use super::scalar;
use super::team::TeamNode;
use super::workflow::WorkflowNode;
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, Interface, Object};
use mortise_engine::Error;
use mortise_engine::command::IssueRef;
use mortise_engine::id::{
    CommentId, InstallationId, IssueId, LabelId, MemberId, StateId, TeamId, ViewId, WorkflowId,
    WorkflowVersionId,
};

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub(crate) enum Node {
    /// An issue.
    Issue(IssueNode),
    /// A comment.
    Comment(CommentNode),
    /// A label.
    Label(LabelNode),
    /// A member.
    Member(MemberNode),
    /// A team.
    Team(TeamNode),
    /// A saved view.
    SavedView(SavedViewNode),
    /// A workflow.
    Workflow(WorkflowNode),
    /// A workflow state.
    WorkflowState(StateNode),
    /// A version of a workflow.
    WorkflowVersion(VersionNode),
    /// A plugin that the company has installed; for who manages plugins.
    Plugin(PluginNode),
}

/// Global ids that `nodes` takes at once.
const IDS_MAX: usize = 250;

/// Queries by global id.
#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The thing with this global id; null when there is none that who asks may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id.")] id: ID,
    ) -> Result<Option<Node>> {
        find(&Asked::of(ctx)?, "id", &id).await
    }

    /// The things with these global ids, in their order; null for each that is not there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, at most 250.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        let asked = Asked::of(ctx)?;
        if ids.len() > IDS_MAX {
            let message = format!("{} ids are named: at most {IDS_MAX} can be looked up at once", ids.len());
            return Err(Error::invalid("ids", message).into());
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for (index, id) in ids.iter().enumerate() {
            nodes.push(find(&asked, &format!("ids[{index}]"), id).await?);
        }
        Ok(nodes)
    }
}

/// The thing with this global id. Its prefix says what to look for.
async fn find(asked: &Asked<'_>, field: &str, id: &ID) -> Result<Option<Node>> {
    let (cx, reader) = (asked.snapshot, asked.snapshot.reader());
    let directory = cx.directory();
    Ok(match id.split_once('_').map(|(prefix, _)| prefix) {
        Some(IssueId::PREFIX) => {
            let issue = IssueRef::Id(scalar::id(field, id)?);
            cx.rows(reader.issue(&issue)).await?.map(IssueNode::now).map(Node::Issue)
        }
        Some(CommentId::PREFIX) => {
            cx.rows(reader.comment(scalar::id(field, id)?)).await?.map(CommentNode::now).map(Node::Comment)
        }
        Some(LabelId::PREFIX) => {
            directory.label(scalar::id(field, id)?).cloned().map(LabelNode).map(Node::Label)
        }
        Some(MemberId::PREFIX) => {
            directory.member(scalar::id(field, id)?).cloned().map(MemberNode).map(Node::Member)
        }
        Some(TeamId::PREFIX) => directory.team(scalar::id(field, id)?).cloned().map(TeamNode).map(Node::Team),
        Some(ViewId::PREFIX) => reader.view(scalar::id(field, id)?).map(SavedViewNode).map(Node::SavedView),
        Some(WorkflowId::PREFIX) => {
            directory.workflow(scalar::id(field, id)?).cloned().map(WorkflowNode::now).map(Node::Workflow)
        }
        Some(StateId::PREFIX) => {
            let state = StateNode::of(&directory, scalar::id(field, id)?);
            Some(state).filter(StateNode::is_known).map(Node::WorkflowState)
        }
        Some(WorkflowVersionId::PREFIX) => {
            VersionNode::of(&directory, scalar::id(field, id)?).map(Node::WorkflowVersion)
        }
        Some(InstallationId::PREFIX) => PluginNode::find(asked, scalar::id(field, id)?).map(Node::Plugin),
        _ => {
            let message = format!("cannot use `{field}`: it is not a global id such as `iss_…`");
            return Err(Error::invalid(field, message).into());
        }
    })
}
