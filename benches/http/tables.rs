//! The figures as tables: for the terminal, and as markdown for a document.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::aims;
use crate::report::{Figures, Report, Run};

/// Where the figures stand in a document.
const BEGIN: &str = "<!-- figures of `cargo xtask bench http`: begin -->";
const END: &str = "<!-- figures of `cargo xtask bench http`: end -->";

/// Bytes of one MiB, for people.
const MIB: f64 = 1024.0 * 1024.0;

/// For whom a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Terminal,
    Markdown,
}

/// The loads of one run, with a line above.
pub(crate) fn of_run(run: &Run, style: Style) -> String {
    let mut table = table(
        style,
        &[
            "work",
            "clients",
            "CPU ms/op",
            "aim",
            "",
            "ops/s",
            "p50 ms",
            "p95",
            "p99",
            "cores",
            "RSS MiB",
            "written B/op",
            "load",
            "errors",
        ],
    );
    for figures in &run.loads {
        table.add_row(row_of_load(figures));
    }
    let heading = format!("{}, {} issues", run.store, grouped(run.issues.into()));
    let mut text = match style {
        Style::Terminal => format!("{heading}\n{table}\n"),
        Style::Markdown => format!("### {heading}\n\n{table}\n"),
    };
    for figures in &run.loads {
        if let Some(error) = &figures.first_error {
            let _ = writeln!(text, "{}, {} clients: {error}", figures.load.work, figures.load.clients);
        }
    }
    if !run.issues_after.are_whole() {
        let counts = &run.issues_after;
        let _ = writeln!(text, "LOST: {} issues acknowledged, {} found", counts.acknowledged, counts.counted);
    }
    text
}

/// What is said once of each run.
pub(crate) fn of_stores(runs: &[Run], style: Style) -> String {
    let mut table = table(
        style,
        &[
            "store",
            "issues",
            "first answer ms",
            "idle RSS MiB",
            "disk B/issue",
            "folder MiB",
            "after load MiB",
            "keys/create",
            "B/create",
            "keys, keyed",
            "seed s",
        ],
    );
    for run in runs {
        let numbers = [
            grouped(run.issues.into()),
            format!("{:.0}", run.first_answer_median_ms()),
            format!("{:.0}", run.idle_rss_mib),
            format!("{:.0}", run.disk.bytes_per_issue),
            format!("{:.1}", run.disk.seeded_bytes as f64 / MIB),
            format!("{:.1}", run.disk.loaded_bytes as f64 / MIB),
            run.per_create.keys.to_string(),
            run.per_create.bytes.to_string(),
            run.per_keyed_create.keys.to_string(),
            format!("{:.1}", run.seed_seconds),
        ];
        table.add_row([Cell::new(&run.store)].into_iter().chain(numbers.into_iter().map(number)));
    }
    format!("{table}\n")
}

/// A whole report for a document, with where and when.
pub(crate) fn markdown(report: &Report) -> String {
    let keys = if report.idempotency_keys { "with" } else { "without" };
    let mut text = format!(
        "Measured {} at commit `{}`: {}.\nEach load for {} s after {} s of warm-up, creates {keys} idempotency keys.\n\n",
        report.at, report.commit, report.machine, report.seconds, report.warm_up_seconds,
    );
    for run in &report.runs {
        text += &of_run(run, Style::Markdown);
        text.push('\n');
    }
    text += "### Starting, memory and disk\n\n";
    text + &of_stores(&report.runs, Style::Markdown)
}

/// Puts the figures between the marks of a document.
pub(crate) fn put_into(document: &Path, figures: &str) -> anyhow::Result<()> {
    let shown = document.display();
    let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {shown}"))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        parts.with_context(|| format!("{shown} has no place for the figures: `{BEGIN}` and `{END}`"))?;
    let whole = format!("{before}{BEGIN}\n\n{figures}\n{END}{after}");
    std::fs::write(document, whole).with_context(|| format!("cannot write {shown}"))
}

fn table(style: Style, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(match style {
        Style::Terminal => presets::UTF8_FULL_CONDENSED,
        Style::Markdown => presets::ASCII_MARKDOWN,
    });
    table.set_header(header);
    table
}

fn row_of_load(figures: &Figures) -> Vec<Cell> {
    let (aim, verdict) = match aims::cpu_ms(figures.load) {
        Some(aim) => (format!("≤ {aim}"), verdict(figures.cpu_ms_per_operation, aim)),
        None => Default::default(),
    };
    let written = figures.written_bytes_per_operation.map_or_else(String::new, |bytes| format!("{bytes:.0}"));
    let numbers = [
        figures.load.clients.to_string(),
        format!("{:.3}", figures.cpu_ms_per_operation),
        aim,
        verdict,
        grouped(figures.operations_per_second as u64),
        format!("{:.2}", figures.p50_ms),
        format!("{:.2}", figures.p95_ms),
        format!("{:.2}", figures.p99_ms),
        format!("{:.2}", figures.cores),
        format!("{:.0}", figures.rss_mib),
        written,
        format!("{:.1}", figures.load_average),
        figures.errors.to_string(),
    ];
    [Cell::new(figures.load.work)].into_iter().chain(numbers.into_iter().map(number)).collect()
}

/// Whether the aim is met, and what part of it is used.
fn verdict(cpu_ms: f64, aim: f64) -> String {
    let mark = if cpu_ms <= aim { '✓' } else { '✗' };
    format!("{mark} {:.2}×", cpu_ms / aim)
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
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
