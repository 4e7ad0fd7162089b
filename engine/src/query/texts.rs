//! What a search says beside the issues it finds: where the words stand, what is like it, how far the index is.
//!
//! Searching itself is a test of the filter: see [`Test::Text`](crate::filter::Test::Text). An order by relevance puts what
//! matches best first.

use super::Reader;
use crate::error::{Error, Result};
use crate::filter::{Compare, Filter, Test, TextSearch};
use crate::id::{CommentId, IssueId};
use crate::model::{Issue, Seq};
use crate::search::{Field, Matcher, SearchQuery, Snippet, Typing};
use std::sync::Arc;

/// Comments of an issue in which words are marked at most.
const COMMENTS_MARKED_MAX: usize = 2;

/// Comments read at once while looking for words.
const COMMENTS_PAGE: usize = 16;

/// Bytes of the comments of one issue that are looked through for words: when so many are, no further ones are read.
const COMMENT_BYTES_MAX: usize = 1024 * 1024;

/// An issue says at least so much of what another says (of 1) to be shown as similar.
const SIMILAR_MIN: f32 = 0.15;

/// Characters of a title or description that similar issues are sought for.
const LIKE_BYTES_MAX: usize = 64 * 1024;

/// Marks the words of one search in the texts of the issues it found.
#[derive(Debug, Clone)]
pub struct TextMarks(Matcher);

/// Where the words of a search stand in an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// The parts of its texts.
    pub texts: Vec<MarkedText>,
    /// Bytes of text that were read to find them.
    pub bytes_read: usize,
}

/// A part of a text in which words are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedText {
    /// Which text.
    pub place: TextPlace,
    /// The part.
    pub snippet: Snippet,
}

/// A text of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPlace {
    /// Its title.
    Title,
    /// Its description.
    Description,
    /// One of its comments.
    Comment(CommentId),
}

/// What similar issues are sought for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Like {
    /// An issue there is.
    Issue(IssueId),
    /// One that somebody is writing.
    Text {
        /// Its title so far.
        title: String,
        /// Its description so far.
        description: String,
    },
}

/// An issue that says what another says.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The issue.
    pub issue: Arc<Issue>,
    /// How much of it, from 0 to 1.
    pub score: f32,
}

impl Reader {
    /// What marks the words of a search.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a text that cannot be searched, with the place; `UNAVAILABLE` when the index cannot be read.
    pub async fn text_marks(&self, search: &TextSearch) -> Result<TextMarks> {
        let query = SearchQuery::parse(&search.text, Typing::Done, self.limits())?;
        self.live()?.text_matcher(query).await.map(TextMarks)
    }

    /// Where the words of a search stand in an issue: the title, the description, and up to two comments, those parts that
    /// show best what was sought, each of at most so many characters. Of long discussions the first MiB is looked through.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn marked(&self, marks: &TextMarks, issue: &Issue, chars_max: usize) -> Result<Marked> {
        let mark = |place, field, text: &str| {
            marks.0.snippet(field, text, chars_max).map(|snippet| MarkedText { place, snippet })
        };
        let description = self.description(issue).await?.unwrap_or_default();
        let mut found = Marked { bytes_read: description.len(), ..Marked::default() };
        found.texts.extend(mark(TextPlace::Title, Field::Title, &issue.title));
        found.texts.extend(mark(TextPlace::Description, Field::Description, &description));
        let (mut after, mut looked, mut left) = (None, 0_usize, COMMENTS_MARKED_MAX);
        while left > 0 && looked < COMMENT_BYTES_MAX {
            let (comments, more) = self.comments(issue, after, COMMENTS_PAGE).await?;
            looked = comments.iter().map(|comment| comment.body.len()).fold(looked, usize::saturating_add);
            let marked =
                comments.iter().filter_map(|c| mark(TextPlace::Comment(c.id), Field::Comments, &c.body));
            let marked: Vec<_> = marked.take(left).collect();
            left = left.saturating_sub(marked.len());
            found.texts.extend(marked);
            after = comments.last().map(|comment| comment.id);
            if !more {
                break;
            }
        }
        found.bytes_read = found.bytes_read.saturating_add(looked);
        Ok(found)
    }

    /// Issues that say what another says, the most similar first, at most `first`: what may be the same is found while it
    /// is being written. Only issues that pass the filter are shown.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for an issue that is not there, `TOO_COSTLY` for a text or a filter that is too large, `UNAVAILABLE`
    /// when the index cannot be read.
    pub async fn similar(&self, like: &Like, filter: &Filter, first: usize) -> Result<Vec<Similar>> {
        let (texts, own) = match like {
            Like::Text { title, description } => ((title.clone(), description.clone()), None),
            Like::Issue(id) => {
                let issue = self
                    .issue(&(*id).into())
                    .await?
                    .ok_or_else(|| Error::not_found(format!("issue {id}")))?;
                let description = self.description(&issue).await?.unwrap_or_default();
                ((issue.title.clone(), description), Some(*id))
            }
        };
        let bytes = texts.0.len().saturating_add(texts.1.len());
        if own.is_none() && bytes > LIKE_BYTES_MAX {
            let message =
                format!("the text has {bytes} bytes: similar issues are sought for at most {LIKE_BYTES_MAX}");
            return Err(Error::new(crate::error::ErrorCode::TooCostly, message).with_field("title"));
        }
        let not_itself = own.map(|id| Filter::from(Test::Id(Compare::Neq(id))));
        let filter = Filter::All(not_itself.into_iter().chain([filter.clone()]).collect());
        crate::view::validate(&filter, self.limits())?;
        let prepared = self.prepare(&filter).await?;
        let question = prepared.question(&self.directory);
        let allowed = self.with_view(prepared.seen(), |view, sight| view.select(sight, &question));
        let first = first.clamp(1, self.limits().page_size_max);
        let mut hits = self.live()?.similar_texts(texts, allowed, first).await?;
        hits.retain(|hit| hit.rank.score >= SIMILAR_MIN);
        let ids: Vec<_> = hits.iter().map(|hit| hit.rank.issue).collect();
        let rows = self.rows(&ids).await?.into_iter().zip(hits);
        Ok(rows.filter_map(|(issue, hit)| Some(Similar { issue: issue?, score: hit.rank.score })).collect())
    }

    /// The place in the log that the search index reflects; none while nobody has searched since the tenant was loaded.
    /// What came behind it is searched in memory.
    #[must_use]
    pub fn index_place(&self) -> Option<Seq> {
        self.live.index_place()
    }

    /// How far the search index is complete: none when searches find everything that was acknowledged, as they nearly
    /// always do; else, while an index is made anew, the place in the log behind which they do not.
    #[must_use]
    pub fn indexed_through(&self) -> Option<Seq> {
        self.live.index_incomplete_behind()
    }
}
