//! What a command says: answers on standard output, remarks on standard error, tables for people and plain lines for
//! pipes.
//!
//! It does not know what is said.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{Table, presets};
use serde::Serialize;

/// Says a line on standard output.
///
/// # Errors
/// The reader is gone, or the disk it goes to is full.
pub(super) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Remarks on standard error. Whether anybody reads it changes nothing.
pub(super) fn remark(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says a value as JSON, indented, on standard output.
///
/// # Errors
/// As [`line`].
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(line(serde_json::to_string_pretty(value)?)?)
}

/// Says what went wrong, with its causes, on standard error.
pub(super) fn complain(error: &anyhow::Error) {
    remark(complaint(error));
}

/// An error and its causes in one line; a cause that the error has quoted already is not said twice.
fn complaint(error: &anyhow::Error) -> String {
    let mut text = format!("mortise: {error}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Says rows on standard output: as a table on a terminal, else as lines of fields parted by tabs, without a header.
///
/// # Errors
/// As [`line`].
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let text = rendered(header, rows, io::stdout().is_terminal());
    if text.is_empty() { Ok(()) } else { line(text) }
}

fn rendered(header: &[&str], rows: &[Vec<String>], terminal: bool) -> String {
    if terminal {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.iter().copied());
        rows.iter().for_each(|row| {
            table.add_row(row.iter().map(|cell| plain(cell)));
        });
        return table.to_string();
    }
    let lines: Vec<String> =
        rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join("\t")).collect();
    lines.join("\n")
}

/// A field without what would break the line, the column or the terminal.
fn plain(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![vec!["acme".into(), "Acme\tLtd\u{1b}[31m".into()], vec!["zoo".into(), "Zoo".into()]]
    }

    #[test]
    fn a_pipe_gets_lines_of_fields_and_no_header() {
        assert_eq!(rendered(&["Slug", "Name"], &rows(), false), "acme\tAcme Ltd [31m\nzoo\tZoo");
        assert_eq!(rendered(&["Slug", "Name"], &[], false), "");
    }

    #[test]
    fn a_terminal_gets_a_table_that_names_its_columns() {
        let table = rendered(&["Slug", "Name"], &rows(), true);
        assert!(table.contains("Slug") && table.contains("│ zoo"), "{table}");
        assert!(!table.contains('\u{1b}'), "a name cannot colour the terminal: {table:?}");
    }

    #[test]
    fn a_complaint_names_every_cause_once() {
        let cause = io::Error::other("disk on fire");
        let error = anyhow::Error::new(cause).context("cannot read: disk on fire").context("cannot start");
        assert_eq!(complaint(&error), "mortise: cannot start: cannot read: disk on fire");
    }
}
