//! The figures as tables for the terminal.

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::report::{Answer, Figures, Report};

/// Answers shown of a query.
const SHOWN: usize = 5;

/// A line for each class, and one for all.
pub(crate) fn of_classes(report: &Report) -> String {
    let mut table = table(&["class", "queries", "NDCG@10", "MRR", "success@1", "success@5"]);
    for figures in report.classes.iter().chain([&report.overall, &report.similar]) {
        table.add_row(row(figures));
    }
    table.to_string()
}

/// A line for each query, the worst first.
pub(crate) fn of_answers(report: &Report) -> String {
    let mut table = table(&["NDCG@10", "first right", "class", "query", "found"]);
    let mut answers: Vec<&Answer> = report.queries.iter().chain(&report.titles).collect();
    answers.sort_by(|a, b| quality(a).total_cmp(&quality(b)));
    for answer in answers {
        let found: Vec<String> = answer.found.iter().take(SHOWN).map(u32::to_string).collect();
        table.add_row([
            number(answer.ndcg_at_10.map_or_else(String::new, decimal)),
            number(answer.first_right.map_or_else(String::new, |place| place.to_string())),
            Cell::new(&answer.class),
            Cell::new(&answer.text),
            Cell::new(found.join(" ")),
        ]);
    }
    table.to_string()
}

/// What answers are ordered by: a title has no gain, only a place.
fn quality(answer: &Answer) -> f64 {
    answer.ndcg_at_10.unwrap_or_else(|| crate::measure::reciprocal(answer.first_right))
}

fn row(figures: &Figures) -> Vec<Cell> {
    let gain = figures.ndcg_at_10.map_or_else(String::new, decimal);
    let shares = [figures.mrr, figures.success_at_1, figures.success_at_5].map(decimal);
    let numbers = [figures.queries.to_string(), gain].into_iter().chain(shares);
    [Cell::new(&figures.class)].into_iter().chain(numbers.map(number)).collect()
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(header);
    table
}

fn decimal(value: f64) -> String {
    format!("{value:.3}")
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
