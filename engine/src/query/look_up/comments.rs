//! Looking up tests of comments beyond who wrote some: the candidates' threads are read.

use super::super::history::{Wanted, members, since};
use super::{AT_ONCE, LookUp, and};
use crate::error::Result;
use crate::filter::{CommentTest, Compare, Filter, Many, Test, TimeField, When};
use crate::id::{CommentId, MemberId};
use crate::model::{Comment, Issue};
use crate::tenant::Texts;
use crate::time::Timestamp;
use crate::view::Looked;
use roaring::RoaringBitmap;

/// Comments read at once.
const PAGE: usize = 500;

/// A test of a comment, with names, people and times settled.
enum Settled {
    Author(Wanted<MemberId>),
    Created(Compare<Timestamp>),
}

impl Settled {
    fn passes(&self, comment: &Comment) -> bool {
        match self {
            Self::Author(wanted) => {
                let author = Some(&comment.author).filter(|id| **id != crate::command::system_member());
                wanted.passes(author)
            }
            Self::Created(compare) => compare.passes(Some(&comment.created_at)),
        }
    }
}

impl LookUp<'_> {
    /// The candidates whose comments pass.
    pub(super) async fn comments(
        &mut self,
        many: &Many<CommentTest>,
        candidates: Filter,
        looked: &Looked,
    ) -> Result<RoaringBitmap> {
        let settled: Vec<_> = many.tests().iter().map(|test| self.settle(test)).collect();
        let all = |comment: &Comment| settled.iter().all(|test| test.passes(comment));
        let some = and(candidates.clone(), Test::Comments(Many::Length(Compare::Gte(1))));
        match many {
            Many::Some(tests) => self.some_comment(self.narrowed(some, tests), looked, &all).await,
            Many::None(tests) => {
                let has = self.some_comment(self.narrowed(some, tests), looked, &all).await?;
                Ok(self.select(candidates, looked) - has)
            }
            Many::Every(_) => {
                let fails = self.some_comment(some, looked, &|comment| !all(comment)).await?;
                Ok(self.select(candidates, looked) - fails)
            }
            Many::Length(_) => Ok(RoaringBitmap::new()),
        }
    }

    fn settle(&self, test: &CommentTest) -> Settled {
        match test {
            CommentTest::Author(test) => Settled::Author(members(test, self.asking, &self.reader.directory)),
            CommentTest::Created(compare) => Settled::Created(compare.map(|when| when.settle(self.asking))),
        }
    }

    /// Issues that can have a comment that passes: its author wrote some, and a comment makes an issue fresh.
    fn narrowed(&self, candidates: Filter, tests: &[CommentTest]) -> Filter {
        tests.iter().fold(candidates, |candidates, test| match test {
            CommentTest::Author(_) => and(candidates, Test::Comments(Many::Some(vec![test.clone()]))),
            CommentTest::Created(compare) => match since(&compare.map(|when| when.settle(self.asking))) {
                Some(since) => and(candidates, Test::Time(TimeField::Updated, Compare::Gte(When::At(since)))),
                None => candidates,
            },
        })
    }

    /// The candidates that have a comment that passes.
    async fn some_comment(
        &mut self,
        candidates: Filter,
        looked: &Looked,
        passes: &(dyn Fn(&Comment) -> bool + Sync),
    ) -> Result<RoaringBitmap> {
        let candidates = self.select(candidates, looked);
        self.issues.take(candidates.len())?;
        let candidates: Vec<_> = candidates.iter().collect();
        let mut found = RoaringBitmap::new();
        for ordinals in candidates.chunks(AT_ONCE) {
            let rows = self.reader.rows_within(&self.ids(ordinals), &mut self.undoing).await?;
            for (at, row) in ordinals.iter().zip(&rows) {
                if let Some(row) = row
                    && self.has_comment(row, passes).await?
                {
                    found.insert(*at);
                }
            }
        }
        Ok(found)
    }

    async fn has_comment(
        &mut self,
        issue: &Issue,
        passes: &(dyn Fn(&Comment) -> bool + Sync),
    ) -> Result<bool> {
        let (reader, scope) = (self.reader, &self.reader.scope);
        if self.seen.is_past() {
            let comments = reader.live.comments_at(scope, issue, Texts::LeftOut, &mut self.events).await?;
            return Ok(comments.iter().any(|comment| passes(comment)));
        }
        let mut after: Option<CommentId> = None;
        loop {
            let (comments, more) = reader.live.comments(scope, issue, after, PAGE).await?;
            self.events.take(comments.len() as u64)?;
            if comments.iter().any(|comment| passes(comment)) {
                return Ok(true);
            }
            after = comments.last().map(|comment| comment.id);
            if !more || after.is_none() {
                return Ok(false);
            }
        }
    }
}
