//! Full-text search: issues by their texts, ranked, with the words marked; and issues that say the same.
//!
//! A search is an ordinary list of issues whose filter has a text. Only what is shown beside the issues is made here.

use super::filter::{At, IssueFilter};
use super::issue::IssueNode;
use super::issue_groups::{Cut, GroupsNode, groups_of};
use super::issue_sort::IssueSort;
use super::page::PageArguments;
use super::scalar;
use super::sight::Sight;
use super::wish::Wish;
use super::word::IssueGroupBy;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Connection, Row, Rows};
use async_graphql::{Context, Enum, ID, Object};
use mortise_engine::Error;
use mortise_engine::filter::{Filter, Sort, SortKey, Test, TextSearch};
use mortise_engine::id::CommentId;
use mortise_engine::query::{IssuePageRequest, Like, MarkedText, Similar, TextMarks, TextPlace};
use std::ops::RangeInclusive;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What matches best comes first, of equals the newest.
const BEST_FIRST: [Sort; 2] = [
    Sort { key: SortKey::Relevance, descending: true, nulls_first: false },
    Sort { key: SortKey::Created, descending: true, nulls_first: false },
];

/// Characters of a marked part of a text, when nobody says how many.
const MARKED_CHARS_DEFAULT: i32 = 160;

/// Characters of a marked part of a text.
const MARKED_CHARS: RangeInclusive<i32> = 20..=1_000;

/// Similar issues, when nobody says how many.
const SIMILAR_DEFAULT: i32 = 5;

/// Similar issues at most.
const SIMILAR_MAX: i32 = 50;

/// Queries by text.
#[derive(Default)]
pub(crate) struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Issues by their texts: titles, descriptions, comments, and keys. All words must be there, in whichever text;
    /// `"phrases"`, `-without`, `prefix*` and `title:word` (also `description:` and `comment:`) are understood, and typos
    /// forgiven. What matches best comes first unless an order is given.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed.")] text: String,
        #[graphql(desc = "Whether it is still being typed: then the last word may go on.", default)]
        typing: bool,
        #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
        #[graphql(desc = "Which of them, in the query language.")] query: Option<String>,
        #[graphql(desc = "In another order than by how well they match.")] sort: Option<Vec<IssueSort>>,
        #[graphql(desc = "Nodes of the page, 1 to 250; 50 unless said.")] first: Option<i32>,
        #[graphql(desc = "The cursor behind which the page begins; goes with `first`.")] after: Option<
            String,
        >,
        #[graphql(desc = "Nodes of the page, counted from the end, 1 to 250.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; goes with `last`.")] before: Option<String>,
        #[graphql(
            desc = "Where days and weeks begin, as the IANA names the zone, such as `Europe/Berlin`; the company's unless said."
        )]
        time_zone: Option<String>,
    ) -> Result<IssueSearch> {
        let asked = Asked::of(ctx)?;
        let sight = Sight::of(&asked, None, time_zone).await?;
        let search = if typing { TextSearch::unfinished(text) } else { TextSearch::of(text) };
        let within = Some(Test::Text(search.clone()).into());
        let wish = Wish { within, filter, query, sort, usual: BEST_FIRST.to_vec() };
        let (filter, sort) = wish.settle(sight.reader(asked.snapshot))?;
        let arguments = PageArguments { first, after, last, before };
        IssueSearch::ask(&asked, search, (filter, sort), &sight, arguments).await
    }

    /// Issues that say what another says, the most similar first: what may be the same is found while it is being written.
    /// Give either `id` or `title`.
    async fn similar_issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id or the key of an issue there is.")] id: Option<ID>,
        #[graphql(desc = "The title of one that is being written.")] title: Option<String>,
        #[graphql(desc = "Its description so far; goes with `title`.")] description: Option<String>,
        #[graphql(desc = "Which of them.")] filter: Option<IssueFilter>,
        #[graphql(desc = "How many at most, 1 to 50; 5 unless said.")] first: Option<i32>,
    ) -> Result<Rows<SimilarIssue>> {
        let asked = Asked::of(ctx)?;
        let like = like(&asked, id, title, description).await?;
        let filter = filter.map(|filter| filter.filter(&At::Argument("filter"))).transpose()?;
        let first = within("first", first.unwrap_or(SIMILAR_DEFAULT), 1..=SIMILAR_MAX)?;
        let filter = filter.unwrap_or_else(Filter::everything);
        let found = asked.snapshot.rows(asked.snapshot.reader().similar(&like, &filter, first)).await?;
        asked.snapshot.charge(found.len())?;
        let node =
            |Similar { issue, score }| SimilarIssue { issue: IssueNode::seen(issue, &Sight::PRESENT), score };
        Ok(found.into_iter().map(node).collect())
    }
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
            let found = found.ok_or_else(|| Error::not_found(&issue).with_field("id"))?;
            Ok(Like::Issue(found.id))
        }
        (None, Some(title)) => Ok(Like::Text { title, description: description.unwrap_or_default() }),
        _ => Err(Error::invalid("title", "give either `id` or `title`").into()),
    }
}

/// A size that must lie within bounds.
fn within(field: &str, size: i32, bounds: RangeInclusive<i32>) -> mortise_engine::Result<usize> {
    let wanted = usize::try_from(size).ok().filter(|_| bounds.contains(&size));
    wanted.ok_or_else(|| {
        let (min, max) = bounds.into_inner();
        Error::invalid(field, format!("`{field}` is {size}: ask for {min} to {max}"))
    })
}

/// What a search found.
pub(crate) struct IssueSearch {
    filter: Filter,
    hits: Row<Connection<SearchHit>>,
    sight: Sight,
    indexed_through: Option<String>,
}

impl IssueSearch {
    async fn ask(
        asked: &Asked<'_>,
        search: TextSearch,
        (filter, sort): (Filter, Vec<Sort>),
        sight: &Sight,
        arguments: PageArguments,
    ) -> Result<Self> {
        let reader = sight.reader(asked.snapshot);
        let window = arguments.window(asked.engine.limits())?;
        let request = IssuePageRequest { filter, sort, window };
        // Before, because it may be whole by the time all is found; after, because that may show that it is not.
        let incomplete = reader.indexed_through();
        let found = asked.snapshot.rows(reader.issues(&request)).await?;
        let indexed_through = incomplete.or_else(|| reader.indexed_through()).map(|seq| seq.to_string());
        asked.snapshot.charge(found.issues.len())?;
        let words = Arc::new(Words { search, marks: OnceCell::new() });
        let hit = |issue| SearchHit { issue: IssueNode::seen(issue, sight), words: words.clone() };
        let nodes = found.issues.into_iter().map(hit).collect();
        let cursors = found.cursors;
        let cursor = move |index: usize, _: &SearchHit| cursors.of(index).unwrap_or_default();
        let page = Connection::new(nodes, Arc::new(cursor))
            .with_neighbours(found.has_previous, found.has_next)
            .with_total(usize::try_from(found.total).unwrap_or(usize::MAX));
        Ok(Self { filter: request.filter, hits: Row(page), sight: sight.clone(), indexed_through })
    }
}

/// What a search found.
#[Object]
impl IssueSearch {
    /// The issues.
    async fn hits(&self) -> &Row<Connection<SearchHit>> {
        &self.hits
    }

    /// How the hits divide, over all pages: how many have each state, label, assignee …
    async fn facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what.")] by: IssueGroupBy,
    ) -> Result<Row<GroupsNode>> {
        let asked = Asked::of(ctx)?;
        let cut = Cut { by: by.into(), sub_by: None, empty: false, first: Some(0) };
        groups_of(&asked, ctx.look_ahead(), (self.filter.clone(), Vec::new()), cut, &self.sight).await
    }

    /// Null when everything was searched that was acknowledged, as it nearly always is; else, while the index is made
    /// anew, the `syncCursor` up to which the answer is complete.
    async fn indexed_through(&self) -> Option<&str> {
        self.indexed_through.as_deref()
    }
}

/// The words of one search; what marks them is made when the first text is to be marked.
#[derive(Debug)]
struct Words {
    search: TextSearch,
    marks: OnceCell<TextMarks>,
}

/// An issue that was found.
#[derive(Debug, Clone)]
pub(crate) struct SearchHit {
    issue: IssueNode,
    words: Arc<Words>,
}

crate::lean_object! {
    /// An issue that a search found.
    "SearchHit" for SearchHit, cx Snapshot {
        /// The issue.
        "issue" issue: Row<IssueNode> = |hit, _| Row(hit.issue.clone());
    }
    stock {
        /// The parts of its texts that show best what was sought: of the title, the description, and up to two comments.
        async fn snippets(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Characters of a part at most, 20 to 1000; 160 unless said.")] chars: Option<i32>,
        ) -> Result<Rows<SearchSnippet>> {
            let asked = Asked::of(ctx)?;
            let chars = within("chars", chars.unwrap_or(MARKED_CHARS_DEFAULT), MARKED_CHARS)?;
            let reader = asked.snapshot.reader();
            let marks = self.words.marks.get_or_try_init(|| reader.text_marks(&self.words.search)).await?;
            let found = asked.snapshot.rows(reader.marked(marks, self.issue.row(), chars)).await?;
            asked.snapshot.charge(found.len())?;
            Ok(found.into_iter().map(SearchSnippet::from).collect())
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

/// A part of a text with the words marked.
#[derive(Debug, Clone)]
pub(crate) struct SearchSnippet {
    field: SearchField,
    comment: Option<CommentId>,
    html: String,
    text: String,
}

impl From<MarkedText> for SearchSnippet {
    fn from(marked: MarkedText) -> Self {
        let (field, comment) = match marked.place {
            TextPlace::Title => (SearchField::Title, None),
            TextPlace::Description => (SearchField::Description, None),
            TextPlace::Comment(id) => (SearchField::Comment, Some(id)),
        };
        Self { field, comment, html: marked.snippet.html(), text: marked.snippet.text }
    }
}

crate::lean_object! {
    /// A part of a text with the words marked.
    "SearchSnippet" for SearchSnippet, cx Snapshot {
        /// Which text.
        "field" field: SearchField = |snippet, _| snippet.field;
        /// The global id of the comment, if it is one.
        "commentId" comment_id: Option<crate::lean::Id<CommentId>> = |snippet, _| snippet.comment.map(crate::lean::Id);
        /// The part as HTML: everything escaped, the words in `<em>`, an ellipsis where the text goes on.
        "html" html: &str = |snippet, _| snippet.html.as_str();
        /// The part as it is written.
        "text" text: &str = |snippet, _| snippet.text.as_str();
    }
}

/// An issue that says what another says.
#[derive(Debug, Clone)]
pub(crate) struct SimilarIssue {
    issue: IssueNode,
    score: f32,
}

crate::lean_object! {
    /// An issue that says what another says.
    "SimilarIssue" for SimilarIssue, cx Snapshot {
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
