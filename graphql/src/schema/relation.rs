//! How issues stand to each other: the kinds of relation, each as seen from one of the two.

use super::issue::IssueNode;
use super::sight::Sight;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Id, Row, Rows};
use async_graphql::{Context, Enum};
use mortise_engine::filter::Link;
use mortise_engine::id::IssueId;
use mortise_engine::model::{Issue, RelationKind};

/// How an issue stands to another, as seen from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum IssueRelationType {
    /// The other cannot be finished before this one is.
    Blocks,
    /// This one cannot be finished before the other is.
    BlockedBy,
    /// This one says what the other says already.
    Duplicates,
    /// The other says what this one says already.
    DuplicatedBy,
    /// They have to do with each other.
    Relates,
    /// This one comes before the other.
    Precedes,
    /// This one comes after the other.
    Follows,
}

crate::lean_enum!(IssueRelationType);

impl From<Link> for IssueRelationType {
    fn from(link: Link) -> Self {
        match (link.kind, link.reversed) {
            (RelationKind::Blocks, false) => Self::Blocks,
            (RelationKind::Blocks, true) => Self::BlockedBy,
            (RelationKind::Duplicates, false) => Self::Duplicates,
            (RelationKind::Duplicates, true) => Self::DuplicatedBy,
            (RelationKind::Relates, _) => Self::Relates,
            (RelationKind::Precedes, false) => Self::Precedes,
            (RelationKind::Precedes, true) => Self::Follows,
        }
    }
}

impl From<IssueRelationType> for Link {
    fn from(seen: IssueRelationType) -> Self {
        let (kind, reversed) = match seen {
            IssueRelationType::Blocks => (RelationKind::Blocks, false),
            IssueRelationType::BlockedBy => (RelationKind::Blocks, true),
            IssueRelationType::Duplicates => (RelationKind::Duplicates, false),
            IssueRelationType::DuplicatedBy => (RelationKind::Duplicates, true),
            IssueRelationType::Relates => (RelationKind::Relates, false),
            IssueRelationType::Precedes => (RelationKind::Precedes, false),
            IssueRelationType::Follows => (RelationKind::Precedes, true),
        };
        Self { kind, reversed }
    }
}

/// A relation of an issue to another, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct RelationNode {
    link: Link,
    issue: IssueNode,
}

crate::lean_object! {
    /// A relation of an issue to another.
    "IssueRelation" for RelationNode, cx Snapshot {
        /// How the issue stands to the other.
        "type" kind: IssueRelationType = |relation, _| relation.link.into();
        /// The other issue.
        "issue" issue: Row<IssueNode> = |relation, _| Row(relation.issue.clone());
    }
}

/// The relations of an issue, as seen from it.
///
/// # Errors
///
/// `UNAVAILABLE` when the store cannot be read.
pub(crate) async fn relations_of(
    asked: &Asked<'_>,
    issue: &Issue,
    sight: &Sight,
) -> Result<Rows<RelationNode>> {
    let found = asked.snapshot.rows(sight.reader(asked.snapshot).relations(issue)).await?;
    asked.snapshot.charge(found.len())?;
    let node = |(link, issue)| RelationNode { link, issue: IssueNode::seen(issue, sight) };
    Ok(found.into_iter().map(node).collect())
}

/// A relation that came or went, as the API shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelationChangeNode {
    pub(super) link: Link,
    pub(super) issue: IssueId,
}

crate::lean_object! {
    /// A relation of an issue to another that was added or taken away.
    "IssueRelationChange" for RelationChangeNode, cx Snapshot {
        /// How the issue stands to the other.
        "type" kind: IssueRelationType = |change, _| change.link.into();
        /// The global id of the other issue.
        "issueId" issue_id: Id<IssueId> = |change, _| Id(change.issue);
    }
    stock {
        /// The other issue as it is now; null when it is deleted.
        async fn issue(&self, ctx: &Context<'_>) -> Result<Option<Row<IssueNode>>> {
            let asked = Asked::of(ctx)?;
            let found = asked.snapshot.rows(asked.snapshot.reader().issue(&self.issue.into())).await?;
            Ok(found.map(IssueNode::now).map(Row))
        }
    }
}
