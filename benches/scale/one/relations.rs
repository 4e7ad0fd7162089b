//! Lists by what issues have to do with others: parents, parts, blockers, commenters.

use mortise_engine::filter::CommentTest::Author;
use mortise_engine::filter::ParentTest::Passes;
use mortise_engine::filter::{Link, Many, SortKey, Test};
use mortise_engine::model::{Issue, RelationKind};

use super::lists::{Kind, List, is_open, list};
use super::subject::Subject;
use crate::filters::{all, down, member, open};
use crate::words::Chance;

pub(crate) const KINDS: [Kind; 4] = [
    Kind { name: "part of an open issue", make: part_of_open },
    Kind { name: "with an open part", make: with_open_part },
    Kind { name: "blocked by an open issue", make: blocked },
    Kind { name: "open, commented by somebody", make: commented },
];

fn part_of_open(_: &Subject, _: &mut Chance) -> Option<List> {
    let filter = all([Test::Parent(Passes(Box::new(open().into())))]);
    list(filter, [down(SortKey::Updated)], |issue| issue.parent.is_some())
}

fn with_open_part(_: &Subject, _: &mut Chance) -> Option<List> {
    let filter = all([Test::Children(Many::Some(vec![open().into()])), open()]);
    list(filter, [down(SortKey::Updated)], is_open)
}

fn blocked(_: &Subject, _: &mut Chance) -> Option<List> {
    let by_open =
        Test::Related(Link { kind: RelationKind::Blocks, reversed: true }, Many::Some(vec![open().into()]));
    list(all([by_open, open()]), [down(SortKey::Priority)], is_open)
}

fn commented(of: &Subject, chance: &mut Chance) -> Option<List> {
    let who = *chance.pick(&of.company.people)?;
    let filter = all([Test::Comments(Many::Some(vec![Author(member(who))])), open()]);
    let holds = move |issue: &Issue| issue.commenters.iter().any(|commenter| commenter.member == who);
    list(filter, [down(SortKey::Updated)], holds)
}
