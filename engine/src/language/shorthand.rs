//! What `is:` stands for: common questions, each a filter that could be written out.

use super::problem::{Wrong, nearest};
use crate::filter::{Compare, DateField, Day, Filter, Link, Many, Moment, SourceTest, Test};
use crate::model::{RelationKind, StateCategory};

/// A word behind `is:`.
#[derive(Debug)]
pub(super) struct Shorthand {
    /// The word.
    pub(super) word: &'static str,
    /// What it finds.
    pub(super) help: &'static str,
    /// The filter it stands for.
    pub(super) filter: fn() -> Filter,
    /// Whether that filter is written with it.
    written: bool,
}

const fn shorthand(
    word: &'static str,
    help: &'static str,
    filter: fn() -> Filter,
    written: bool,
) -> Shorthand {
    Shorthand { word, help, filter, written }
}

/// All of them, in the order of the documentation.
pub(super) static SHORTHANDS: &[Shorthand] = &[
    shorthand("open", "Neither completed nor canceled.", || ended(false), true),
    shorthand("closed", "Completed or canceled.", || ended(true), true),
    shorthand(
        "archived",
        "Archived; without it, archived issues are left out.",
        || Test::Archived(true).into(),
        true,
    ),
    shorthand(
        "deleted",
        "Deleted; without it, deleted issues are left out.",
        || Test::Deleted(true).into(),
        true,
    ),
    shorthand(
        "confidential",
        "Not for everybody who sees its team.",
        || Test::Confidential(true).into(),
        true,
    ),
    shorthand(
        "awaiting-approval",
        "One of its moves waits for approval.",
        || Test::Approvals(Many::Some(Vec::new())).into(),
        false,
    ),
    shorthand("assigned", "Somebody works on it.", || Test::Assignees(Many::Some(Vec::new())).into(), false),
    shorthand("unassigned", "Nobody works on it.", || Test::Assignees(Many::None(Vec::new())).into(), false),
    shorthand("blocked", "It waits for an issue that is open.", blocked, false),
    shorthand("overdue", "Open, and due before today.", overdue, false),
    shorthand("imported", "Made elsewhere.", || Test::Source(SourceTest::Null(false)).into(), false),
];

fn ended(ended: bool) -> Filter {
    let terminal = vec![StateCategory::Completed, StateCategory::Canceled];
    Test::Category(if ended { Compare::In(terminal) } else { Compare::Nin(terminal) }).into()
}

fn blocked() -> Filter {
    let link = Link { kind: RelationKind::Blocks, reversed: true };
    Test::Related(link, Many::Some(vec![ended(false)])).into()
}

fn overdue() -> Filter {
    let due = Test::Date(DateField::Due, Compare::Lt(Day::Relative(Moment::NOW)));
    Filter::All(vec![ended(false), due.into()])
}

/// What a word behind `is:` stands for.
pub(super) fn read(word: &str) -> Result<Filter, Wrong> {
    let known = SHORTHANDS.iter().find(|known| known.word.eq_ignore_ascii_case(word));
    known.map(|known| (known.filter)()).ok_or_else(|| {
        let words = || SHORTHANDS.iter().map(|known| known.word);
        let near = nearest(word, words());
        let all = words().map(str::to_owned).collect();
        Wrong::value(word, "one of the shorthands behind `is:`").or(if near.is_empty() { all } else { near })
    })
}

/// The word that a test is written with, if there is one.
pub(super) fn write(test: &Test) -> Option<&'static str> {
    let said =
        |known: &&Shorthand| known.written && matches!((known.filter)(), Filter::Test(same) if same == *test);
    SHORTHANDS.iter().find(said).map(|known| known.word)
}
