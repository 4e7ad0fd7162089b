//! The figures as tables: for the terminal, and as markdown for a document.

use std::fmt::Write as _;
use std::path::Path;

use comfy_table::Cell;

use crate::aims;
use crate::report::{Figures, Report, Run};
pub(crate) use crate::sheet::Style;
use crate::sheet::{self, MIB, grouped, heading, held_against, row, table};

/// The name of this benchmark in the marks of a document.
const BENCHMARK: &str = "http";

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
    let title = format!("{}, {} issues", run.store, grouped(run.issues.into()));
    let mut text = format!("{}{table}\n", heading(style, &title));
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
        table.add_row(row(&run.store, numbers));
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
    sheet::put_into(document, BENCHMARK, figures)
}

fn row_of_load(figures: &Figures) -> Vec<Cell> {
    let [aim, verdict] = held_against(figures.cpu_ms_per_operation, aims::cpu_ms(figures.load));
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
    row(figures.load.work, numbers)
}
