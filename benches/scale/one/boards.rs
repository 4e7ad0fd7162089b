//! Boards: columns with lanes, the first cards of each cell, in one request.

use mortise_engine::filter::{Filter, GroupBy};
use mortise_engine::model::Issue;

use super::subject::Subject;
use crate::ask::{CARDS, Group};
use crate::filters::{all, open, team};
use crate::report::Figures;
use crate::timing::{Closely, measure};
use crate::words::Chance;
use crate::work::Work;

/// A board: of what, columns, lanes.
struct Board {
    name: &'static str,
    columns: GroupBy,
    lanes: GroupBy,
    of: fn(&Subject, &mut Chance) -> Filter,
}

const BOARDS: [Board; 3] = [
    Board {
        name: "a team's open issues, states by assignees",
        columns: GroupBy::State,
        lanes: GroupBy::Assignee,
        of: of_team,
    },
    Board {
        name: "all open issues, categories by priorities",
        columns: GroupBy::Category,
        lanes: GroupBy::Priority,
        of: |_, _| all([open()]),
    },
    Board {
        name: "all issues, labels by teams",
        columns: GroupBy::Label,
        lanes: GroupBy::Team,
        of: |_, _| all([]),
    },
];

fn of_team(of: &Subject, chance: &mut Chance) -> Filter {
    all([open()].into_iter().chain(chance.pick(&of.company.teams).map(|id| team(*id))))
}

/// All of them.
pub(super) async fn boards(of: &Subject) -> anyhow::Result<Vec<Figures>> {
    let mut figures = Vec::new();
    for board in &BOARDS {
        let next = |chance: &mut Chance| Ok((board.of)(of, chance));
        let ask = async |filter: &Filter| of.asker.board(filter, board.columns, board.lanes).await;
        let outcome =
            measure(of.effort, next, ask, |_, columns, closely| check(board, columns, closely)).await?;
        figures.push(Figures { work: Work::Board, what: board.name.to_owned(), outcome });
    }
    Ok(figures)
}

/// Issues of all columns; looking closely, that each cell shows as many cards as it has, or as it may, and the right
/// ones where a state tells.
fn check(board: &Board, columns: &[Group], Closely(closely): Closely) -> anyhow::Result<u64> {
    for lane in columns.iter().filter(|_| closely).flat_map(|column| &column.lanes) {
        let shown = lane.cards.len() as u64;
        anyhow::ensure!(
            shown == lane.total.min(CARDS as u64),
            "`{}` shows {shown} of {} cards",
            board.name,
            lane.total
        );
        let same = |a: &Issue, b: &Issue| board.columns != GroupBy::State || a.state == b.state;
        let alike = lane.cards.windows(2).all(|two| matches!(two, [a, b] if same(a, b)));
        anyhow::ensure!(alike, "`{}` shows cards of two columns in one", board.name);
    }
    Ok(columns.iter().map(|column| column.total).sum())
}
