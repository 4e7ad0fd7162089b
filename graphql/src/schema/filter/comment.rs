//! Filters on the comments of an issue: who wrote them, and when. What they say is reached by `text`.

use super::collection::{Collection, Sides};
use super::comparator::Ordered;
use super::deep::Deep;
use super::family::filters;
use super::people::MemberFilter;
use super::{At, Conditions, each};
use crate::schema::scalar::DateTimeOrDuration;
use async_graphql::InputObject;
use mortise_engine::Result;
use mortise_engine::filter::CommentTest;

filters! {
    /// Passes comments. Conditions side by side must all hold.
    CommentFilter of CommentTest {
        /// Who wrote it.
        "author" author: MemberFilter = |author, at| each(author.tests(at), CommentTest::Author);
        /// When it was written.
        "createdAt" created_at: Ordered<DateTimeOrDuration> = |at_time, at| each(at_time.compares(at), CommentTest::Created);
    }
    many CommentCollectionFilter = "Passes several comments, deleted ones left out. Conditions side by side must all hold.";
}

impl Conditions for CommentFilter {
    type Test = CommentTest;

    fn tests(self, at: &At<'_>) -> Result<Vec<CommentTest>> {
        self.side_by_side(at)
    }
}
