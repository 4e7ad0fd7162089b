//! How far answers can be trusted, measured on issues that were not learned from.

use crate::learning::{Example, Learning};
use crate::model::Task;

/// Answers that have to be there before anything is said of them.
const FEWEST: usize = 8;

/// Sets the threshold of each task: how clear answers have to be so that `confidence` of them are right.
pub(crate) fn measure(learning: &mut Learning, kept: &[&Example], confidence: f64) {
    let known: Vec<_> = kept.iter().map(|example| learning.known(&example.words)).collect();
    let outcomes = |at: usize, task: &Task| {
        let mut out = Vec::new();
        for (example, known) in kept.iter().zip(&known) {
            let Some(right) = example.answers.get(at).copied().flatten() else { continue };
            let Some(guess) = task.guess(known, &learning.logs) else { continue };
            // Of a label "no" is never said.
            if !task.is_label() || guess.answer == 0 {
                out.push((guess.clarity, guess.answer == right));
            }
        }
        out
    };
    let tasks = learning.tasks.iter().enumerate();
    let thresholds: Vec<Option<f32>> =
        tasks.map(|(at, task)| threshold(outcomes(at, task), confidence)).collect();
    for (task, threshold) in learning.tasks.iter_mut().zip(thresholds) {
        task.threshold = threshold;
    }
}

/// The lowest clarity from which on upwards enough answers are right.
fn threshold(mut outcomes: Vec<(f32, bool)>, confidence: f64) -> Option<f32> {
    outcomes.sort_by(|one, other| other.0.total_cmp(&one.0));
    let (mut right, mut lowest) = (0_u32, None);
    for (at, (clarity, is_right)) in outcomes.iter().enumerate() {
        right += u32::from(*is_right);
        let count = at + 1;
        #[expect(clippy::cast_precision_loss, reason = "at most some hundred issues")]
        let share = f64::from(right) / count as f64;
        if count >= FEWEST && share >= confidence {
            lowest = Some(*clarity);
        }
    }
    lowest
}
