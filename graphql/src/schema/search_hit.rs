//! An issue that a search found: how well it matches, and where the words stand in it.

use super::comment::CommentNode;
use super::issue::IssueNode;
use super::sight::Sight;
use crate::context::{Asked, Snapshot, text_units};
use crate::error::Result;
use crate::lean::{Id, Row, Rows};
use async_graphql::{Context, Enum};
use mortise_engine::Error;
use mortise_engine::filter::TextSearch;
use mortise_engine::id::CommentId;
use mortise_engine::model::Issue;
use mortise_engine::query::{MarkedText, TextMarks, TextPlace};
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};

/// Characters of a marked part of a text.
const MARKED_CHARS: std::ops::RangeInclusive<i32> = 20..=1_000;

/// Issues of one search whose texts are looked through at once.
const LOOKED_THROUGH_AT_ONCE: usize = 4;

/// The words of one search; what marks them is made when the first text is to be marked.
#[derive(Debug)]
pub(crate) struct Words {
    search: TextSearch,
    marks: OnceCell<TextMarks>,
    /// Who may look through texts.
    turns: Semaphore,
}

impl Words {
    /// These words.
    pub(crate) fn new(search: TextSearch) -> Self {
        Self { search, marks: OnceCell::new(), turns: Semaphore::new(LOOKED_THROUGH_AT_ONCE) }
    }
}

/// An issue that was found, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct HitNode {
    issue: Arc<Issue>,
    score: Option<f32>,
    words: Arc<Words>,
    sight: Sight,
}

impl HitNode {
    /// An issue in which these words were found, and how well it matches.
    pub(crate) fn new(issue: Arc<Issue>, score: Option<f32>, words: &Arc<Words>, sight: &Sight) -> Self {
        Self { issue, score, words: words.clone(), sight: sight.clone() }
    }

    async fn marked(&self, asked: &Asked<'_>, chars: i32) -> Result<Rows<SnippetNode>> {
        let wanted = usize::try_from(chars).ok().filter(|_| MARKED_CHARS.contains(&chars));
        let refuse = || Error::invalid("chars", format!("`chars` is {chars}: ask for 20 to 1,000"));
        let (chars, reader) = (wanted.ok_or_else(refuse)?, self.sight.reader(asked.snapshot));
        // What was read for one is paid for before much more is read.
        let _turn = self.words.turns.acquire().await.map_err(Error::internal)?;
        let marks = self.words.marks.get_or_try_init(|| reader.text_marks(&self.words.search)).await?;
        let found = asked.snapshot.rows(reader.marked(marks, &self.issue, chars)).await?;
        asked.snapshot.charge(text_units(found.bytes_read))?;
        Ok(found.texts.into_iter().map(|marked| SnippetNode(Arc::new(marked))).collect())
    }
}

crate::lean_object! {
    /// An issue that a search found.
    "SearchHit" for HitNode, cx Snapshot {
        /// The issue.
        "issue" issue: Row<IssueNode> = |hit, _| Row(IssueNode::seen(hit.issue.clone(), &hit.sight));
        /// How well it matches. It can be compared within one search alone.
        "score" score: Option<f64> = |hit, _| hit.score.map(f64::from);
    }
    stock {
        /// The parts of its texts that show best what was sought: of the title, the description, and up to two comments.
        /// Of a long discussion the first MiB is looked through.
        async fn snippets(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Characters of a part at most, 20 to 1,000.", default = 160)] chars: i32,
        ) -> Result<Rows<SnippetNode>> {
            self.marked(&Asked::of(ctx)?, chars).await
        }
    }
}

/// Which text of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SearchField {
    /// The title.
    Title,
    /// The description.
    Description,
    /// A comment.
    Comment,
}

crate::lean_enum!(SearchField);

/// A part of a text with the words marked, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct SnippetNode(Arc<MarkedText>);

impl SnippetNode {
    fn in_comment(&self) -> Option<CommentId> {
        if let TextPlace::Comment(id) = self.0.place { Some(id) } else { None }
    }
}

crate::lean_object! {
    /// A part of a text with the words marked.
    "SearchSnippet" for SnippetNode, cx Snapshot {
        /// Which text.
        "field" field: SearchField = |snippet, _| match snippet.0.place {
            TextPlace::Title => SearchField::Title,
            TextPlace::Description => SearchField::Description,
            TextPlace::Comment(_) => SearchField::Comment,
        };
        /// The global id of the comment, if it is one.
        "commentId" comment_id: Option<Id<CommentId>> = |snippet, _| snippet.in_comment().map(Id);
        /// The part as HTML: everything escaped, the words in `<em>`, on one line, an ellipsis where the text goes on.
        "html" html: String = |snippet, _| snippet.0.snippet.html();
        /// The part as it is written.
        "text" text: &str = |snippet, _| snippet.0.snippet.text.as_str();
    }
    stock {
        /// The comment, if it is one.
        async fn comment(&self, ctx: &Context<'_>) -> Result<Option<Row<CommentNode>>> {
            let Some(id) = self.in_comment() else { return Ok(None) };
            let asked = Asked::of(ctx)?;
            let found = asked.snapshot.rows(asked.snapshot.reader().comment(id)).await?;
            Ok(found.map(CommentNode::now).map(Row))
        }
    }
}
