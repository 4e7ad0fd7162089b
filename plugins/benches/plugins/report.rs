//! Figures as one table for the terminal.

use comfy_table::{Cell, CellAlignment, Table, presets};

/// One figure.
pub(crate) struct Figure {
    /// Of what.
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// At most this is aimed at.
    pub(crate) aim: Option<f64>,
}

impl Figure {
    /// One for which nothing is aimed at.
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, aim: None }
    }
}

/// A line for each.
pub(crate) fn table(figures: &[Figure]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["what", "figure", "unit", "aim"]);
    let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for Figure { what, value, unit, aim } in figures {
        let aim = aim.map_or_else(String::new, |aim| format!("≤ {aim:.0}"));
        table.add_row([Cell::new(what), number(format!("{value:.1}")), Cell::new(unit), number(aim)]);
    }
    table
}
