//! The search that is judged: the one place that says how the engine is asked.
//!
//! The engine has no index of texts yet, so a title stands for the whole issue: all words must be in it, and the newest
//! is the best. It knows no judgment.

use mortise::Engine;
use mortise::context::Principal;
use mortise::filter::{Filter, Test, TextOperator, TextTest};
use mortise::query::{IssuePageRequest, Window};

/// The numbers of the issues that answer a search, the best first.
pub(crate) async fn search(
    engine: &Engine,
    us: &Principal,
    text: &str,
    first: usize,
) -> anyhow::Result<Vec<u32>> {
    let phrase = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let words = phrase.map_or_else(|| text.split_whitespace().collect(), |phrase| vec![phrase]);
    titled(engine, us, &words, first).await
}

/// The numbers of the issues that may say the same as one with this title, the most similar first.
pub(crate) async fn similar(
    engine: &Engine,
    us: &Principal,
    title: &str,
    first: usize,
) -> anyhow::Result<Vec<u32>> {
    titled(engine, us, &title.split_whitespace().collect::<Vec<_>>(), first).await
}

async fn titled(engine: &Engine, us: &Principal, words: &[&str], first: usize) -> anyhow::Result<Vec<u32>> {
    let has = |word: &&str| {
        Filter::Test(Test::Title(TextTest {
            operator: TextOperator::Contains,
            values: vec![(*word).to_owned()],
            folded: true,
        }))
    };
    let filter = Filter::All(words.iter().map(has).collect());
    let request = IssuePageRequest { filter, sort: Vec::new(), window: Window::First(first, None) };
    let list = engine.reader(us).await?.issues(&request).await?;
    Ok(list.issues.iter().map(|issue| issue.number).collect())
}
