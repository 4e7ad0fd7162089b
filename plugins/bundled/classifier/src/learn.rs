//! Learning from closed issues, the ones that were touched last.

use crate::learning::{Example, Learning};
use crate::settings::Settings;
use crate::{codec, measure, words};
use bundled_common::{is_word, kind_word, priority_word};
use mortise_sdk::prelude::*;
use std::collections::BTreeMap;

/// Issues of a page: with long descriptions a page stays below what one host call may carry.
const PAGE: u32 = 50;
/// Of how many issues one is kept apart, and how many at most.
const APART: usize = 5;
const APART_MAX: usize = 100;
/// Issues without which nothing is learned.
const FEWEST: usize = 50;
/// Labels that are learned, and issues that each has to be on.
const LABELS: usize = 30;
const LABELED: usize = 10;

/// Kinds that are told apart.
pub(crate) const KINDS: [&str; 4] = ["bug", "feature", "task", "epic"];
/// Priorities that are told apart; none is not an opinion.
pub(crate) const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// What is kept of an issue until the questions are known.
struct Closed {
    words: Vec<usize>,
    kind: &'static str,
    priority: &'static str,
    labels: Vec<String>,
}

/// Learns anew and keeps the model.
pub(crate) fn learn(settings: &Settings) -> Result<(), Error> {
    let mut learning = Learning::new(settings.examples);
    let closed = closed(settings, &mut learning)?;
    if closed.len() < FEWEST {
        host::log::info(&format!("{} closed issues are too few to learn from", closed.len()));
        return Ok(());
    }
    let labels = labels(settings, &closed);
    let count = closed.len();
    let examples: Vec<Example> = closed.into_iter().map(|issue| issue.example(&labels)).collect();
    take_in(&mut learning, settings, &labels, &examples);
    let (tasks, words) = learning.words();
    let silent: Vec<&str> =
        tasks.iter().filter(|task| task.threshold.is_none()).map(|task| task.name.as_str()).collect();
    if !silent.is_empty() {
        host::log::info(&format!("not right often enough, so nothing will be said: {}", silent.join(", ")));
    }
    host::log::info(&format!("learned {} words from {count} issues", words.len()));
    codec::save(tasks, &words)
}

fn closed(settings: &Settings, learning: &mut Learning) -> Result<Vec<Closed>, Error> {
    let filter = format!("is:closed {} sort:-updated", settings.only.query());
    let (mut out, mut after) = (Vec::new(), None::<String>);
    // Pages are counted too: of confidential issues nothing comes.
    for _ in 0..settings.examples.div_ceil(PAGE as usize) {
        let page = host::issues::query(&filter, PAGE, after.as_deref())?;
        // The words of an issue that few may see are not to be found in suggestions to others.
        for issue in page.items.into_iter().filter(|issue| !issue.confidential) {
            out.push(Closed {
                words: learning.numbers(words::features(&issue.title, &issue.description)),
                kind: kind_word(issue.kind),
                priority: priority_word(issue.priority),
                labels: issue.labels.into_iter().map(|label| label.name).collect(),
            });
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(out)
}

/// Learns from most of the examples, measures on the others, then learns from those too.
fn take_in(learning: &mut Learning, settings: &Settings, labels: &[String], examples: &[Example]) {
    let own = |words: [&str; 4]| words.map(str::to_owned).to_vec();
    let mut questions = vec![("kind".to_owned(), own(KINDS)), ("priority".to_owned(), own(PRIORITIES))];
    let label = |label: &String| (format!("label:{label}"), vec!["yes".to_owned(), "no".to_owned()]);
    questions.extend(labels.iter().map(label));
    learning.ask(questions);
    let mut kept: Vec<&Example> = Vec::new();
    for (at, example) in examples.iter().enumerate() {
        if at % APART == 0 && kept.len() < APART_MAX {
            kept.push(example);
        } else {
            learning.learn(example);
        }
    }
    measure::measure(learning, &kept, settings.confidence);
    for example in kept {
        learning.learn(example);
    }
}

impl Closed {
    fn example(self, labels: &[String]) -> Example {
        let place = |words: [&str; 4], word: &str| words.iter().position(|other| *other == word);
        let mut answers = vec![place(KINDS, self.kind), place(PRIORITIES, self.priority)];
        // "yes" is the first answer.
        answers.extend(labels.iter().map(|label| Some(usize::from(!self.labels.contains(label)))));
        Example { words: self.words, answers }
    }
}

/// Labels that are worth learning, the most used first.
fn labels(settings: &Settings, closed: &[Closed]) -> Vec<String> {
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for label in closed.iter().flat_map(|issue| &issue.labels) {
        *used.entry(label).or_default() += 1;
    }
    let wanted =
        |label: &str| settings.labels.is_empty() || settings.labels.iter().any(|name| is_word(name, label));
    let mut used: Vec<(&str, usize)> =
        used.into_iter().filter(|(label, count)| *count >= LABELED && wanted(label)).collect();
    used.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    used.into_iter().take(LABELS).map(|(label, _)| label.to_owned()).collect()
}
