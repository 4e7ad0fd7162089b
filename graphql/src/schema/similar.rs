//! Issues that say what another says: what may be the same is found while it is being written.

use super::costs::QUESTION_UNITS;
use super::filter::{At, IssueFilter};
use super::issue::IssueNode;
use super::scalar;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::{Context, ID, Object};
use mortise_engine::Error;
use mortise_engine::filter::Filter;
use mortise_engine::query::Like;

/// Similar issues at most.
const SIMILAR: std::ops::RangeInclusive<i32> = 1..=50;

/// An issue that says what another says, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct SimilarNode {
    issue: IssueNode,
    score: f32,
}

crate::lean_object! {
    /// An issue that says what another says.
    "SimilarIssue" for SimilarNode, cx Snapshot {
        /// The issue.
        "issue" issue: Row<IssueNode> = |similar, _| Row(similar.issue.clone());
        /// How much of it, in percent.
        "percent" percent: u32 = |similar, _| percent(similar.score);
    }
}

/// A share of 1 in percent.
fn percent(share: f32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 100")]
    let percent = (share.clamp(0.0, 1.0) * 100.0).round() as u32;
    percent
}

/// Queries for similar issues.
#[derive(Default)]
pub(crate) struct SimilarQuery;

#[Object]
impl SimilarQuery {
    /// Issues that say what another says, the most similar first: what may be the same is found while it is being written.
    /// Give either `id` or `title`.
    async fn similar_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id or the key of an issue there is.")] id: Option<ID>,
        #[graphql(desc = "The title of one that is being written.")] title: Option<String>,
        #[graphql(desc = "Its description so far; goes with `title`.")] description: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
        #[graphql(desc = "How many at most, 1 to 50.", default = 5)] first: i32,
    ) -> Result<Rows<SimilarNode>> {
        let asked = Asked::of(ctx)?;
        let like = like(&asked, id, title, description).await?;
        let filter = filter.map_or(Ok(Filter::everything()), |f| f.filter(&At::Argument("filter")))?;
        asked.snapshot.charge(QUESTION_UNITS)?;
        let found = asked.snapshot.reader().similar(&like, &filter, count(first)?);
        let found = asked.snapshot.rows(found).await?;
        asked.snapshot.charge(found.len())?;
        Ok(found
            .into_iter()
            .map(|s| SimilarNode { issue: IssueNode::now(s.issue), score: s.score })
            .collect())
    }
}

fn count(first: i32) -> mortise_engine::Result<usize> {
    let wanted = usize::try_from(first).ok().filter(|_| SIMILAR.contains(&first));
    wanted.ok_or_else(|| Error::invalid("first", format!("`first` is {first}: ask for 1 to 50")))
}

/// What similar issues are sought for.
async fn like(
    asked: &Asked<'_>,
    id: Option<ID>,
    title: Option<String>,
    description: Option<String>,
) -> Result<Like> {
    match (id, title) {
        (Some(id), None) => {
            let issue = scalar::issue("id", &id)?;
            let found = asked.snapshot.rows(asked.snapshot.reader().issue(&issue)).await?;
            Ok(Like::Issue(found.ok_or_else(|| Error::not_found(&issue).with_field("id"))?.id))
        }
        (None, Some(title)) => Ok(Like::Text { title, description: description.unwrap_or_default() }),
        _ => Err(Error::invalid("title", "give either `id` or `title`").into()),
    }
}
