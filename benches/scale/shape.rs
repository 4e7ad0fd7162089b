//! How large a company is, and how much its people write.
//!
//! The larger, the less each issue says: a million issues must fit on the disk of a machine that others use too.

use crate::texts::{Lengths, Texts};
use crate::words::Words;

/// From so many issues on, texts are short.
const TERSE_FROM: u32 = 200_000;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) issues: u32,
    pub(crate) teams: u32,
    /// People who wrote and were given issues, and have long left.
    pub(crate) people: u32,
    /// People who are there and move issues.
    pub(crate) movers: u32,
    pub(crate) labels: u32,
    /// How long texts are.
    lengths: Lengths,
    /// Comments of one issue after the other, over and over.
    comments: [usize; 5],
    /// How much more rarely issues are changed once they are planned.
    pub(crate) rarely: u32,
}

impl Shape {
    /// One company with a folder of its own.
    pub(crate) const fn large(issues: u32) -> Self {
        let terse = issues >= TERSE_FROM;
        Self {
            issues,
            teams: 10,
            people: 50,
            movers: 10,
            labels: 40,
            lengths: if terse {
                Lengths { title: 40, description: 100, comment: 60 }
            } else {
                Lengths { title: 60, description: 300, comment: 120 }
            },
            comments: if terse { [1, 0, 1, 0, 0] } else { [3, 0, 1, 0, 1] },
            rarely: if terse { 2 } else { 1 },
        }
    }

    /// One of many companies.
    pub(crate) const fn of_many(issues: u32) -> Self {
        Self {
            issues,
            teams: 1,
            people: 5,
            movers: 2,
            labels: 5,
            lengths: Lengths { title: 50, description: 150, comment: 80 },
            comments: [1, 0, 1, 0, 0],
            rarely: 1,
        }
    }

    /// The texts of the issue with this number, counted from 0.
    pub(crate) fn texts(&self, number: u32, words: &Words) -> Texts {
        let comments = self.comments.get(number as usize % self.comments.len()).copied().unwrap_or_default();
        Texts::of(number, self.lengths, comments, words)
    }
}
