//! Many companies: how one starts on them, and what they answer.

use std::fmt::Write as _;

use super::{LeftOut, kept, median, mib, ms, of_left_out, of_timed};
use crate::aims;
use crate::many::Start;
use crate::report::{CrowdFigures, ManyRun};
use crate::sheet::{MIB, Style, grouped, heading, held_against, row, table};

/// What many companies answered.
pub(crate) fn of_many(run: &ManyRun, style: Style) -> String {
    let mut text = heading(style, &format!("Many companies, {}", of_crowd(run)));
    let mut left_out = LeftOut::new();
    let header = ["work", "asked", "p50 ms", "p95", "p99", "aim", "", "max", "CPU ms", "RSS MiB after"];
    let mut table = table(style, &header);
    for figures in &run.figures {
        let what = figures.work.to_string();
        let Some(timed) = kept(&what, &figures.outcome, &mut left_out) else { continue };
        let [aim, verdict] = held_against(timed.p99_ms, aims::cold_ms(figures.work));
        let [_, p50, p95, p99, cpu, runs] = of_timed(timed);
        let after = mib(figures.resident_bytes);
        table.add_row(row(what, [runs, p50, p95, p99, aim, verdict, ms(timed.max_ms), cpu, after]));
    }
    if !table.is_empty() {
        let _ = writeln!(text, "{table}");
    }
    let sum = |figure: fn(&CrowdFigures) -> u64| grouped(run.figures.iter().map(figure).sum());
    let (made, missed) = (sum(|figures| figures.made), sum(|figures| figures.missed));
    if made != "0" {
        let _ = writeln!(
            text,
            "\nOf {made} issues made while companies wrote at once, the first search after the answer missed {missed}."
        );
    }
    text + &of_left_out(&left_out)
}

/// How many companies were started on.
pub(crate) fn of_starts(runs: &[ManyRun], style: Style) -> String {
    let header = [
        "store",
        "companies",
        "start ms",
        "aim",
        "",
        "idle MiB",
        "aim",
        "",
        "first list ms",
        "folder MiB",
        "written MiB",
        "seed s",
        "index s",
    ];
    let mut table = table(style, &header);
    for run in runs.iter().filter(|run| !run.starts.is_empty()) {
        let median_of = |figure: fn(&Start) -> f64| median(run.starts.iter().map(figure));
        let open_ms = median_of(|start| start.open_ms);
        let idle_mib = median_of(|start| start.idle_bytes as f64 / MIB);
        let [open_aim, open_verdict] = held_against(open_ms, aims::start_ms(&run.store));
        let [idle_aim, idle_verdict] = held_against(idle_mib, Some(aims::IDLE_MIB));
        let numbers = [
            grouped(u64::from(run.crowd.tenants) + u64::from(run.crowd.large)),
            ms(open_ms),
            open_aim,
            open_verdict,
            format!("{idle_mib:.0}"),
            idle_aim,
            idle_verdict,
            ms(median_of(|start| start.answer_ms)),
            mib(run.folder_bytes),
            mib(run.seeded.written_bytes),
            format!("{:.1}", run.seeded.seconds),
            run.seeded.index_seconds.map_or_else(String::new, |seconds| format!("{seconds:.1}")),
        ];
        table.add_row(row(&run.store, numbers));
    }
    if table.is_empty() { String::new() } else { format!("{table}\n") }
}

fn of_crowd(run: &ManyRun) -> String {
    let crowd = run.crowd;
    let [tenants, issues, large_issues] =
        [crowd.tenants, crowd.issues, crowd.large_issues].map(|number| grouped(number.into()));
    format!("{}: {tenants} of {issues} issues and {} of {large_issues}", run.store, crowd.large)
}
