//! One large company: how it is opened, and what it answers.

use std::fmt::Write as _;

use super::{LeftOut, kept, median, mib, ms, of_left_out, of_timed, timed};
use crate::aims;
use crate::one::Opening;
use crate::report::OneRun;
use crate::sheet::{Style, grouped, heading, held_against, row, table};
use crate::timing::Outcome;
use crate::work::Work;

/// What a company answered.
pub(crate) fn of_one(run: &OneRun, style: Style) -> String {
    let title = format!("One company, {}, {} issues", run.store, grouped(run.issues.into()));
    let mut text = heading(style, &title);
    let mut left_out = LeftOut::new();
    if !run.answers.lists.is_empty() {
        let header =
            ["list", "of", "p50 ms", "p95", "p99", "aim", "", "far p99", "last p99", "CPU ms", "runs"];
        let mut lists = table(style, &header);
        let aim = aims::p99_ms(Work::List, run.issues);
        for list in &run.answers.lists {
            let Some(first) = kept(&list.what, &list.first, &mut left_out) else { continue };
            let p99 = |outcome: &Outcome| timed(outcome).map_or_else(String::new, |timed| ms(timed.p99_ms));
            let [aim, verdict] = held_against(first.p99_ms, aim);
            let [hits, p50, p95, p99_first, cpu, runs] = of_timed(first);
            lists.add_row(row(
                &list.what,
                [hits, p50, p95, p99_first, aim, verdict, p99(&list.far), p99(&list.last), cpu, runs],
            ));
        }
        let _ = writeln!(text, "{lists}\n");
    }
    let mut works = table(style, &["work", "finds", "p50 ms", "p95", "p99", "CPU ms", "runs"]);
    for figures in &run.answers.figures {
        let what = format!("{}: {}", figures.work, figures.what);
        if let Some(timed) = kept(&what, &figures.outcome, &mut left_out) {
            works.add_row(row(what, of_timed(timed)));
        }
    }
    if !works.is_empty() {
        let _ = writeln!(text, "{works}");
    }
    text + &of_left_out(&left_out)
}

/// How companies of all sizes were opened.
pub(crate) fn of_openings(runs: &[OneRun], style: Style) -> String {
    let header = [
        "store",
        "issues",
        "from",
        "folder ms",
        "first list ms",
        "aim",
        "",
        "first search ms",
        "RSS B/issue",
        "view B/issue",
        "folder MiB",
        "written MiB",
        "events",
        "seed s",
        "index s",
    ];
    let mut table = table(style, &header);
    for run in runs {
        for checkpoint in [false, true] {
            let openings: Vec<&Opening> =
                run.openings.iter().filter(|opening| opening.checkpoint == checkpoint).collect();
            if !openings.is_empty() {
                table.add_row(row(&run.store, of_opened(run, checkpoint, &openings)));
            }
        }
    }
    if table.is_empty() { String::new() } else { format!("{table}\n") }
}

fn of_opened(run: &OneRun, checkpoint: bool, openings: &[&Opening]) -> Vec<String> {
    let median_of = |figure: fn(&Opening) -> f64| median(openings.iter().map(|opening| figure(opening)));
    let per_issue = |bytes: f64| format!("{:.0}", bytes / f64::from(run.issues.max(1)));
    let answer_ms = median_of(|opening| opening.answer_ms);
    let [aim, verdict] = held_against(answer_ms, aims::opened_ms(run.issues, checkpoint));
    let searched = openings.iter().filter_map(|opening| opening.search_ms);
    let estimated = openings.iter().filter_map(|opening| opening.view_bytes.map(|bytes| bytes as f64));
    let or_nothing = |figures: Vec<f64>, show: &dyn Fn(f64) -> String| {
        if figures.is_empty() { String::new() } else { show(median(figures)) }
    };
    vec![
        grouped(run.issues.into()),
        if checkpoint { "checkpoint" } else { "rows" }.to_owned(),
        ms(median_of(|opening| opening.folder_ms)),
        ms(answer_ms),
        aim,
        verdict,
        or_nothing(searched.collect(), &ms),
        per_issue(median_of(|opening| opening.resident_bytes as f64)),
        or_nothing(estimated.collect(), &per_issue),
        mib(run.folder_bytes),
        mib(run.seeded.written_bytes),
        grouped(run.seeded.events),
        format!("{:.1}", run.seeded.seconds),
        run.seeded.index_seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}")),
    ]
}
