//! Searches: two words among the open issues, the same while one types, and issues that say what a title says.

use std::sync::Arc;

use anyhow::Context as _;
use mortise_engine::filter::Filter;
use mortise_engine::model::Issue;

use super::subject::Subject;
use crate::ask::{FOUND, Found};
use crate::filters::{all, open};
use crate::report::Figures;
use crate::seed::number_of;
use crate::timing::{Closely, Outcome, measure};
use crate::words::Chance;
use crate::work::Work;

/// Letters of the second word that have been typed.
const TYPED: usize = 3;

/// Two words that stand together in some issue.
pub(super) struct Pair(String, String);

impl Pair {
    /// Of any description.
    pub(super) fn any(of: &Subject, chance: &mut Chance) -> anyhow::Result<Self> {
        let two = of.two_words(chance, |texts| &texts.description);
        two.map(|[one, other]| Self(one, other)).context("no description has two words")
    }

    pub(super) fn typed(&self) -> String {
        format!("{} {}", self.0, self.1)
    }

    fn half_typed(&self) -> String {
        format!("{} {}*", self.0, self.begun())
    }

    fn begun(&self) -> &str {
        self.1.get(..TYPED).unwrap_or(&self.1)
    }
}

/// The filter of every search.
pub(super) fn among() -> Filter {
    all([open()])
}

/// Both words.
pub(super) async fn search(of: &Subject) -> anyhow::Result<Figures> {
    let among = among();
    let ask = async |pair: &Pair| of.asker.search(&pair.typed(), &among).await;
    let check = |pair: &Pair, found: &Found, closely| check(of, [&pair.0, &pair.1], found, closely);
    let outcome = measure(of.effort, |chance: &mut Chance| Pair::any(of, chance), ask, check).await?;
    Ok(Figures { work: Work::Search, what: "two words among the open issues".to_owned(), outcome })
}

/// One word and the beginning of another.
pub(super) async fn prefix(of: &Subject) -> anyhow::Result<Figures> {
    let among = among();
    let ask = async |pair: &Pair| of.asker.search(&pair.half_typed(), &among).await;
    let check = |pair: &Pair, found: &Found, closely| check(of, [&pair.0, pair.begun()], found, closely);
    let outcome = measure(of.effort, |chance: &mut Chance| Pair::any(of, chance), ask, check).await?;
    let what = format!("a word and {TYPED} letters of another");
    Ok(Figures { work: Work::Prefix, what, outcome })
}

/// The title of an issue that is there.
pub(super) async fn similar(of: &Subject) -> anyhow::Result<Figures> {
    let next = |chance: &mut Chance| {
        let number = of.any_number(chance);
        Ok((number, of.texts(number).title))
    };
    let ask = async |(_, title): &(u32, String)| of.asker.similar(title).await;
    let check = |(number, title): &(u32, String), found: &Vec<Arc<Issue>>, Closely(closely)| {
        let itself = found.iter().any(|issue| number_of(issue.source.as_ref()) == Some(*number));
        anyhow::ensure!(!closely || itself, "the issue called `{title}` is not similar to itself");
        Ok(found.len() as u64)
    };
    let outcome: Outcome = measure(of.effort, next, ask, check).await?;
    Ok(Figures { work: Work::Similar, what: "to the title of an issue that is there".to_owned(), outcome })
}

/// How many are found; looking closely, that all are open and the best has both words.
fn check(of: &Subject, words: [&str; 2], found: &Found, Closely(closely): Closely) -> anyhow::Result<u64> {
    let Some(best) = found.issues.first().filter(|_| closely) else { return Ok(found.total) };
    let open = found.issues.iter().all(|issue| !issue.category.is_terminal());
    anyhow::ensure!(
        open && found.issues.len() <= FOUND,
        "a search finds what is closed, or more than was asked for"
    );
    let number = number_of(best.source.as_ref()).unwrap_or_default();
    let texts = of.texts(number);
    let right = words.iter().all(|word| texts.have(word));
    anyhow::ensure!(right, "the best that {words:?} find has not both: {texts:?}");
    Ok(found.total)
}
