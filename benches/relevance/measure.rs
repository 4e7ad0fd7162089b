//! How good an answer is, given what should have been found.
//!
//! It knows neither search nor issues: numbers in an order, and grades of numbers.

use std::collections::{BTreeMap, BTreeSet};

/// How many of the answers count.
pub(crate) const DEPTH: usize = 10;

/// From this grade on an answer helps; a lower one only touches the matter.
pub(crate) const HELPFUL: u8 = 2;

/// How relevant an issue is, by its number: 1 to 3; 0 when it is not among them.
pub(crate) type Grades = BTreeMap<u32, u8>;

/// Normalised discounted cumulative gain of the first ten: 1 when nothing could be in a better place, 0 when nothing
/// relevant is there. A grade g gains 2^g − 1, divided by the logarithm of its place; an issue gains once.
pub(crate) fn ndcg(found: &[u32], grades: &Grades) -> f64 {
    let mut best: Vec<u8> = grades.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = gain(best);
    if ideal == 0.0 {
        return 0.0;
    }
    let mut seen = BTreeSet::new();
    let once = |number: &u32| if seen.insert(*number) { grade(*number, grades) } else { 0 };
    gain(found.iter().map(once)) / ideal
}

fn gain(grades: impl IntoIterator<Item = u8>) -> f64 {
    let places = (2_u32..).map(|place| f64::from(place).log2());
    let gains = grades
        .into_iter()
        .take(DEPTH)
        .zip(places)
        .map(|(grade, place)| (f64::from(grade).exp2() - 1.0) / place);
    // The sum of no floats is -0, which nobody wants to read.
    gains.fold(0.0, |sum, gain| sum + gain)
}

/// The grade of an issue.
pub(crate) fn grade(number: u32, grades: &Grades) -> u8 {
    grades.get(&number).copied().unwrap_or_default()
}

/// The place of the first answer that is right, from 1; none when none of the first ten is.
pub(crate) fn first_right(found: &[u32], is_right: impl Fn(u32) -> bool) -> Option<u32> {
    let places = 1_u32..;
    found.iter().take(DEPTH).zip(places).find(|(number, _)| is_right(**number)).map(|(_, place)| place)
}

/// One divided by the place of the first right answer; 0 without one.
pub(crate) fn reciprocal(first_right: Option<u32>) -> f64 {
    first_right.map_or(0.0, |place| f64::from(place).recip())
}

/// The mean; 0 of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (count, sum) = values.into_iter().fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / f64::from(count.max(1))
}
