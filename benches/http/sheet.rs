//! A table of figures, for the terminal or for a document, where it stands between two marks.
//!
//! Every benchmark of this package that shows tables uses it; it knows the figures of none.

use std::path::Path;

use anyhow::Context as _;
use comfy_table::{Cell, CellAlignment, Table, presets};

/// Bytes of one MiB, for people.
pub(crate) const MIB: f64 = 1024.0 * 1024.0;

/// For whom a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Terminal,
    Markdown,
}

/// A table with these columns.
pub(crate) fn table(style: Style, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(match style {
        Style::Terminal => presets::UTF8_FULL_CONDENSED,
        Style::Markdown => presets::ASCII_MARKDOWN,
    });
    table.set_header(header);
    table
}

/// A row that begins with words and goes on with numbers.
pub(crate) fn row(what: impl ToString, numbers: impl IntoIterator<Item = String>) -> Vec<Cell> {
    let number = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    [Cell::new(what)].into_iter().chain(numbers.into_iter().map(number)).collect()
}

/// A line above a table.
pub(crate) fn heading(style: Style, text: &str) -> String {
    match style {
        Style::Terminal => format!("{text}\n"),
        Style::Markdown => format!("### {text}\n\n"),
    }
}

/// An aim, whether it is met, and what part of it is used.
pub(crate) fn held_against(figure: f64, aim: Option<f64>) -> [String; 2] {
    let Some(aim) = aim else { return Default::default() };
    let mark = if figure <= aim { '✓' } else { '✗' };
    [format!("≤ {aim}"), format!("{mark} {:.2}×", figure / aim)]
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Puts the figures of a benchmark between its marks in a document.
pub(crate) fn put_into(document: &Path, benchmark: &str, figures: &str) -> anyhow::Result<()> {
    let mark = |which| format!("<!-- figures of `cargo xtask bench {benchmark}`: {which} -->");
    let (begin, end) = (mark("begin"), mark("end"));
    let shown = document.display();
    let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {shown}"))?;
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) =
        parts.with_context(|| format!("{shown} has no place for the figures: `{begin}` and `{end}`"))?;
    let whole = format!("{before}{begin}\n\n{figures}\n{end}{after}");
    std::fs::write(document, whole).with_context(|| format!("cannot write {shown}"))
}
