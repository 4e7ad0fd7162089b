//! A model while it is learned: words by number, so that each is looked up once.

use crate::model::{Count, Logs, Task};
use std::collections::{BTreeMap, BTreeSet};

/// Words that are remembered.
const WORDS: usize = 6000;
/// Issues that a word has to be in.
const RARE: u16 = 2;

/// What was learned so far.
pub(crate) struct Learning {
    pub(crate) tasks: Vec<Task>,
    pub(crate) logs: Logs,
    numbers: BTreeMap<String, usize>,
    counts: Vec<Count>,
}

/// An issue: numbers of its words, and its answer to each task, if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    pub(crate) words: Vec<usize>,
    pub(crate) answers: Vec<Option<usize>>,
}

impl Learning {
    /// Nothing learned, for so many issues at most.
    pub(crate) fn new(issues: usize) -> Self {
        Self { tasks: Vec::new(), logs: Logs::up_to(issues), numbers: BTreeMap::new(), counts: Vec::new() }
    }

    /// The numbers of words.
    pub(crate) fn numbers(&mut self, words: BTreeSet<String>) -> Vec<usize> {
        let next = |numbers: &mut BTreeMap<String, usize>, word: String| {
            let fresh = numbers.len();
            *numbers.entry(word).or_insert(fresh)
        };
        words.into_iter().map(|word| next(&mut self.numbers, word)).collect()
    }

    /// What is to be learned: questions with their answers.
    pub(crate) fn ask(&mut self, questions: Vec<(String, Vec<String>)>) {
        let mut first = 0_u8;
        for (name, answers) in questions {
            let task = Task { name, issues: vec![0; answers.len()], first, answers, threshold: None };
            // Of a label only those that said yes are counted.
            let places =
                if task.is_label() { 1 } else { u8::try_from(task.answers.len()).unwrap_or(u8::MAX) };
            first = first.saturating_add(places);
            self.tasks.push(task);
        }
        self.counts = vec![Count::default(); self.numbers.len()];
    }

    /// Learns one issue.
    pub(crate) fn learn(&mut self, example: &Example) {
        let mut places: Vec<u8> = Vec::new();
        for (task, answer) in self.tasks.iter_mut().zip(&example.answers) {
            let Some(answer) = *answer else { continue };
            if let Some(issues) = task.issues.get_mut(answer) {
                *issues += 1;
            }
            if !task.is_label() || answer == 0 {
                places.extend(u8::try_from(answer).map(|answer| task.first.saturating_add(answer)));
            }
        }
        for word in &example.words {
            if let Some(count) = self.counts.get_mut(*word) {
                count.add(&places);
            }
        }
    }

    /// What is known of an issue's words.
    pub(crate) fn known(&self, words: &[usize]) -> Vec<&Count> {
        words.iter().filter_map(|word| self.counts.get(*word)).filter(|count| count.issues >= RARE).collect()
    }

    /// The words that are worth keeping: not too rare to say anything, and of too many the rarest not.
    pub(crate) fn words(mut self) -> (Vec<Task>, BTreeMap<String, Count>) {
        let mut rare = RARE;
        while self.counts.iter().filter(|count| count.issues >= rare).count() > WORDS {
            rare += 1;
        }
        let counts = &mut self.counts;
        let kept = self.numbers.into_iter().filter_map(|(word, number)| {
            let count = counts.get_mut(number).filter(|count| count.issues >= rare)?;
            Some((word, std::mem::take(count)))
        });
        (self.tasks, kept.collect())
    }
}
