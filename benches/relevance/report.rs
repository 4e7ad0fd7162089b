//! All figures of a run, as they stand in `relevance.json`.
//!
//! It knows no search: it is given what was found.

use serde::Serialize;

use crate::judgments::{Query, Similar};
use crate::measure::{HELPFUL, first_right, grade, mean, ndcg, reciprocal};

/// See the module.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// When it began.
    pub(crate) at: String,
    /// What was measured: the commit, with `+` behind it when files had been changed since.
    pub(crate) commit: String,
    /// The name of the archive.
    pub(crate) archive: String,
    /// In the order of the judgments.
    pub(crate) classes: Vec<Figures>,
    pub(crate) overall: Figures,
    /// Duplicates found from a title.
    pub(crate) similar: Figures,
    /// Each query, so that a change of the ranking is seen where it happens.
    pub(crate) queries: Vec<Answer>,
    pub(crate) titles: Vec<Answer>,
}

/// Means over some queries.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) class: String,
    pub(crate) queries: usize,
    /// None where any right answer will do.
    pub(crate) ndcg_at_10: Option<f64>,
    /// Of one divided by the place of the first helpful answer among ten.
    pub(crate) mrr: f64,
    /// The share of queries whose first answer helps.
    pub(crate) success_at_1: f64,
    /// The same for the first five.
    pub(crate) success_at_5: f64,
}

/// What came of one query.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) class: String,
    pub(crate) text: String,
    pub(crate) ndcg_at_10: Option<f64>,
    /// The place of the first helpful answer, from 1.
    pub(crate) first_right: Option<u32>,
    pub(crate) found: Vec<u32>,
}

impl Answer {
    /// What was found for a query.
    pub(crate) fn of_query(query: &Query, found: Vec<u32>) -> Self {
        Self {
            class: query.class.clone(),
            text: query.text.clone(),
            ndcg_at_10: Some(ndcg(&found, &query.grades)),
            first_right: first_right(&found, |number| grade(number, &query.grades) >= HELPFUL),
            found,
        }
    }

    /// What was found for a title.
    pub(crate) fn of_title(similar: &Similar, found: Vec<u32>) -> Self {
        Self {
            class: "similar".to_owned(),
            text: similar.title.clone(),
            ndcg_at_10: None,
            first_right: first_right(&found, |number| similar.duplicates.contains(&number)),
            found,
        }
    }
}

impl Figures {
    /// The means over these answers.
    pub(crate) fn of<'a>(class: &str, answers: impl Iterator<Item = &'a Answer> + Clone) -> Self {
        let gains = answers.clone().map(|answer| answer.ndcg_at_10).collect::<Option<Vec<_>>>();
        let within = |places: u32| {
            let right = |answer: &Answer| answer.first_right.is_some_and(|place| place <= places);
            mean(answers.clone().map(|answer| f64::from(u8::from(right(answer)))))
        };
        Self {
            class: class.to_owned(),
            queries: answers.clone().count(),
            ndcg_at_10: gains.map(mean),
            mrr: mean(answers.clone().map(|answer| reciprocal(answer.first_right))),
            success_at_1: within(1),
            success_at_5: within(5),
        }
    }

    /// The same for each class, in the order in which they first come.
    pub(crate) fn of_classes(answers: &[Answer]) -> Vec<Self> {
        let mut classes: Vec<&str> = Vec::new();
        for answer in answers {
            if !classes.contains(&answer.class.as_str()) {
                classes.push(&answer.class);
            }
        }
        let of = |class: &str| Self::of(class, answers.iter().filter(|answer| answer.class == class));
        classes.into_iter().map(of).collect()
    }
}
