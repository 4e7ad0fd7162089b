//! The search that is judged: the one place that says how the engine is asked. It knows no judgment.

use mortise::Engine;
use mortise::context::Principal;
use mortise::filter::{Filter, Sort, SortKey, Test, TextSearch};
use mortise::query::{IssuePageRequest, Like, Window};

/// The best match first.
const BEST_FIRST: Sort = Sort { key: SortKey::Relevance, descending: true, nulls_first: false };

/// The numbers of the issues that answer a search, the best first. It is asked as by somebody who is still typing.
pub(crate) async fn search(
    engine: &Engine,
    us: &Principal,
    text: &str,
    first: usize,
) -> anyhow::Result<Vec<u32>> {
    let filter = Filter::from(Test::Text(TextSearch::unfinished(text)));
    let request = IssuePageRequest { filter, sort: vec![BEST_FIRST], window: Window::First(first, None) };
    let list = engine.reader(us).await?.issues(&request).await?;
    Ok(list.issues.iter().map(|issue| issue.number).collect())
}

/// The numbers of the issues that may say the same as one with this title, the most similar first.
pub(crate) async fn similar(
    engine: &Engine,
    us: &Principal,
    title: &str,
    first: usize,
) -> anyhow::Result<Vec<u32>> {
    let like = Like::Text { title: title.to_owned(), description: String::new() };
    let found = engine.reader(us).await?.similar(&like, &Filter::everything(), first).await?;
    Ok(found.iter().map(|similar| similar.issue.number).collect())
}
