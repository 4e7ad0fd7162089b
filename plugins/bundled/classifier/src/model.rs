//! Counts of words, and what they say of a text.
//!
//! A task is a question with a few answers: which kind, which priority, whether a label. It does not know where issues come from
//! nor where counts are kept.

use serde::{Deserialize, Serialize};

/// One question, and how many issues gave each answer.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Task {
    /// `kind`, `priority`, or `label:` and its name.
    pub(crate) name: String,
    /// The answers' words; of a label `yes` and `no`.
    pub(crate) answers: Vec<String>,
    /// Issues that gave each of them.
    pub(crate) issues: Vec<u32>,
    /// The place of its first answer among the counts of a word.
    pub(crate) first: u8,
    /// How clear an answer has to be; none: never clear enough.
    pub(crate) threshold: Option<f32>,
}

/// In how many issues a word was.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Count {
    /// In how many in all.
    pub(crate) issues: u16,
    /// In how many of each answer; only answers that it was in, and of labels only those that said yes.
    pub(crate) of: Vec<(u8, u16)>,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Guess {
    /// Its place in the task.
    pub(crate) answer: usize,
    /// The answer that came next.
    pub(crate) second: usize,
    /// How much clearer it is than the next, whatever the length of the text.
    pub(crate) clarity: f32,
}

/// Logarithms of counts: a nightly run needs millions of them.
pub(crate) struct Logs(Vec<f32>);

impl Logs {
    /// Of counts up to so many issues.
    pub(crate) fn up_to(issues: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most some thousand issues")]
        Self((0..=issues.min(usize::from(u16::MAX))).map(|count| (count as f32 + 0.5).ln()).collect())
    }

    fn of(&self, count: u16) -> f32 {
        self.0.get(usize::from(count)).copied().unwrap_or_else(|| (f32::from(count) + 0.5).ln())
    }
}

impl Task {
    /// Whether it is about a label.
    pub(crate) fn is_label(&self) -> bool {
        self.name.starts_with("label:")
    }

    /// In how many issues that gave this answer a word was.
    fn with(&self, answer: usize, count: &Count) -> u16 {
        let of = |place: u8| count.of.iter().find(|(had, _)| *had == place).map_or(0, |(_, count)| *count);
        match u8::try_from(answer) {
            // What did not say yes said no.
            Ok(1) if self.is_label() => count.issues.saturating_sub(of(self.first)),
            Ok(answer) => of(self.first.saturating_add(answer)),
            Err(_) => 0,
        }
    }

    /// What words say. None when not at least two answers were ever given.
    pub(crate) fn guess(&self, known: &[&Count], logs: &Logs) -> Option<Guess> {
        let total: u32 = self.issues.iter().sum();
        let mut best: Option<(usize, f32)> = None;
        let mut next = None;
        #[expect(clippy::cast_precision_loss, reason = "at most some thousand issues")]
        for (answer, issues) in self.issues.iter().enumerate().filter(|(_, issues)| **issues > 0) {
            let prior = (*issues as f32 / total as f32).ln();
            let base = (*issues as f32 + 1.0).ln();
            let words: f32 = known.iter().map(|count| logs.of(self.with(answer, count)) - base).sum();
            let scored = Some((answer, prior + words));
            if best.is_none_or(|(_, top)| prior + words > top) {
                next = best;
                best = scored;
            } else if next.is_none_or(|(_, top): (usize, f32)| prior + words > top) {
                next = scored;
            }
        }
        let ((answer, top), (second, below)) = (best?, next?);
        // Words hang together, so a long text seems surer than it is.
        #[expect(clippy::cast_precision_loss, reason = "at most some hundred words")]
        let clarity = (top - below) / (known.len().max(1) as f32).sqrt();
        Some(Guess { answer, second, clarity })
    }

    /// How much a word speaks for a guess.
    pub(crate) fn says(&self, guess: Guess, count: &Count, logs: &Logs) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "at most some thousand issues")]
        let weight = |answer: usize| {
            let issues = self.issues.get(answer).copied().unwrap_or(0);
            logs.of(self.with(answer, count)) - (issues as f32 + 1.0).ln()
        };
        weight(guess.answer) - weight(guess.second)
    }
}

impl Count {
    /// Counts one more issue that gave the answers at these places.
    pub(crate) fn add(&mut self, places: &[u8]) {
        self.issues = self.issues.saturating_add(1);
        for place in places {
            match self.of.iter_mut().find(|(had, _)| had == place) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => self.of.push((*place, 1)),
            }
        }
    }
}
