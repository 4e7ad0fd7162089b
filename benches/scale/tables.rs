//! The figures as tables, for the terminal and for a document.

mod many;
mod one;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::{ManyRun, OneRun, Report};
use crate::sheet::{MIB, Style, grouped, heading};
use crate::timing::{Outcome, Timed};
pub(crate) use many::{of_many, of_starts};
pub(crate) use one::{of_one, of_openings};

/// What was not measured, by why.
type LeftOut = BTreeMap<String, Vec<String>>;

/// Both reports for a document, with where and when.
pub(crate) fn markdown(one: Option<&Report<OneRun>>, many: Option<&Report<ManyRun>>) -> String {
    let mut text = String::new();
    if let Some(report) = one {
        text += &of_circumstances(report);
        for run in &report.runs {
            let _ = writeln!(text, "{}", of_one(run, Style::Markdown));
        }
        text += &heading(Style::Markdown, "Opening one company");
        let _ = writeln!(text, "{}", of_openings(&report.runs, Style::Markdown));
    }
    if let Some(report) = many {
        text += &of_circumstances(report);
        for run in &report.runs {
            let _ = writeln!(text, "{}", of_many(run, Style::Markdown));
        }
        text += &heading(Style::Markdown, "Starting with many companies");
        text += &of_starts(&report.runs, Style::Markdown);
    }
    text
}

fn of_circumstances<R>(report: &Report<R>) -> String {
    format!(
        "Measured {} at commit `{}`: {}.\nEach question {} times and {} s at least, each opening {} times.\n\n",
        report.at,
        report.commit,
        report.machine,
        report.effort.runs,
        report.effort.seconds,
        report.effort.starts,
    )
}

/// What was measured; else it is noted as left out.
fn kept<'a>(what: &str, outcome: &'a Outcome, left_out: &mut LeftOut) -> Option<&'a Timed> {
    if let Outcome::LeftOut(why) = outcome {
        left_out.entry(why.clone()).or_default().push(what.to_owned());
    }
    timed(outcome)
}

const fn timed(outcome: &Outcome) -> Option<&Timed> {
    match outcome {
        Outcome::Timed(timed) => Some(timed),
        Outcome::LeftOut(_) => None,
    }
}

fn of_left_out(left_out: &LeftOut) -> String {
    let mut text = String::new();
    for (why, what) in left_out {
        let _ = write!(text, "\nLeft out, for {why}:\n\n- {}\n", what.join("\n- "));
    }
    text
}

fn of_timed(timed: &Timed) -> [String; 6] {
    let cpu = timed.cpu_ms.map_or_else(String::new, ms);
    let hits =
        if timed.hits < 10.0 { format!("{:.1}", timed.hits) } else { grouped(timed.hits.round() as u64) };
    [hits, ms(timed.p50_ms), ms(timed.p95_ms), ms(timed.p99_ms), cpu, grouped(timed.runs)]
}

fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds, with as many decimals as say something.
fn ms(figure: f64) -> String {
    if figure < 10.0 { format!("{figure:.3}") } else { format!("{figure:.1}") }
}

fn mib(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / MIB)
}
