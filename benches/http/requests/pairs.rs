//! What is searched for: two words that stand together in the description of an issue that was seeded as open.
//!
//! It holds the issues that were seeded against the answers: what was created or said since, it knows nothing of.

use std::collections::HashMap;

use serde_json::Value;

use super::TEXTS;
use crate::seed::{Company, texts_of};
use crate::words::{Chance, Words};

/// Issues of an answer.
const FOUND_MAX: usize = 20;

/// See the module.
pub(super) struct Pairs {
    words: Words,
    all: Vec<[String; 2]>,
    /// The number of each seeded issue, by its id.
    numbers: HashMap<String, u32>,
}

impl Pairs {
    /// As many as there are different texts of other kinds.
    pub(super) fn of(company: &Company, words: Words, chance: &mut Chance) -> Self {
        let open = company.issues.iter().filter(|issue| issue.state < company.open_states);
        let open: Vec<u32> = open.map(|issue| issue.number).collect();
        let mut pair = || {
            let texts = texts_of(*chance.pick(&open)?, &words);
            words.two_of(chance, &texts.description).map(|two| two.map(str::to_owned))
        };
        let all = (0..TEXTS).filter_map(|_| pair()).collect();
        let numbers = company.issues.iter().map(|issue| (issue.id.to_string(), issue.number)).collect();
        Self { words, all, numbers }
    }

    /// One of them, by its place.
    pub(super) fn any(&self, chance: &mut Chance) -> usize {
        chance.below(self.all.len())
    }

    /// Both words, as somebody types them.
    pub(super) fn typed(&self, pair: usize) -> String {
        self.all.get(pair).map(|two| two.join(" ")).unwrap_or_default()
    }

    /// Whether these are open issues, as many as a page holds at most, and the best of them has both words. Those
    /// behind it may have similar ones: a search forgives typos.
    pub(super) fn are_in(&self, pair: usize, nodes: &[Value]) -> bool {
        let open = |node: &Value| {
            let category = node.pointer("/issue/state/category").and_then(Value::as_str);
            category.is_some_and(|category| !["COMPLETED", "CANCELED"].contains(&category))
        };
        let best = nodes.first().and_then(|node| node.pointer("/issue/id")?.as_str());
        (1..=FOUND_MAX).contains(&nodes.len())
            && nodes.iter().all(open)
            && best.is_some_and(|best| self.stand_in(pair, best))
    }

    /// An issue that was created since has texts nobody kept: it may have the words.
    fn stand_in(&self, pair: usize, issue: &str) -> bool {
        let Some(number) = self.numbers.get(issue) else { return true };
        let texts = texts_of(*number, &self.words);
        self.all.get(pair).is_some_and(|two| two.iter().all(|word| texts.have(word)))
    }
}
