//! What one call of a plugin came to and cost, for people and as JSON. It runs nothing.

use mortise::plugins::host::{Budget, Run, Share};
use serde_json::{Value, json};

use super::paint::{Tone, paint, plain};
use super::words;
use crate::cli::output;

/// One call, told.
pub(super) struct Report<'r> {
    /// What it was called for, such as `validate transition ENG-1 to done`.
    pub(super) about: &'r str,
    /// What came of it.
    pub(super) run: &'r Run,
    /// What it could have used.
    pub(super) budget: &'r Budget,
    /// What it staged, a line each.
    pub(super) staged: &'r [String],
    /// What was expected of it, if anything.
    pub(super) expected: Option<&'r str>,
}

impl Report<'_> {
    /// Whether it is as it should be: as expected, or fine where nothing was expected.
    pub(super) fn is_good(&self) -> bool {
        let word = words::word(&self.run.outcome);
        self.expected.map_or_else(|| words::is_fine(&self.run.outcome), |expected| expected == word)
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        let Run { outcome, used, logs, recording } = self.run;
        let log = |line: &mortise::plugins::host::LogLine| json!({ "level": words::lower(&line.level), "message": line.message, "fields": line.fields });
        let share = |share: &Share| json!({ "budget": share.name, "used": share.used, "limit": share.limit, "percent": share.percent });
        let asked: Vec<&str> = recording.exchanges().iter().map(|exchange| exchange.ask.name()).collect();
        json!({
            "about": self.about,
            "outcome": words::word(outcome),
            "details": words::details(outcome),
            "expected": self.expected,
            "good": self.is_good(),
            "staged": self.staged,
            "logs": logs.iter().map(log).collect::<Vec<_>>(),
            "logsDropped": used.log_lines_dropped,
            "asked": asked,
            "shares": used.percent_of(self.budget).iter().map(share).collect::<Vec<_>>(),
        })
    }

    /// For people.
    ///
    /// # Errors
    /// As [`output::line`].
    pub(super) fn say(&self) -> anyhow::Result<()> {
        let Run { outcome, used, logs, .. } = self.run;
        let word = words::word(outcome);
        let tone = match (self.is_good(), word.as_str()) {
            (false, _) => Tone::Bad,
            (true, "deny") => Tone::Warn,
            (true, _) => Tone::Good,
        };
        let unmet = match self.expected {
            Some(expected) if !self.is_good() => format!(" (expected: {expected})"),
            _ => String::new(),
        };
        output::line(format_args!("{}  {}{unmet}", plain(self.about), paint(tone, &word)))?;
        for detail in words::details(outcome) {
            output::line(format_args!("    {}", plain(&detail)))?;
        }
        let fate = if words::is_fine(outcome) { "staged " } else { "dropped" };
        for staged in self.staged {
            output::line(format_args!("    {fate} {}", plain(staged)))?;
        }
        for line in logs {
            let fields: String = line.fields.iter().map(|(key, value)| format!(" {key}={value}")).collect();
            let text = format!("{:<5} {}{fields}", words::lower(&line.level), line.message);
            output::line(format_args!("    log     {}", plain(&text)))?;
        }
        if used.log_lines_dropped > 0 {
            output::line(format_args!(
                "    log     {} lines more were over the budget",
                used.log_lines_dropped
            ))?;
        }
        let shares = used.percent_of(self.budget);
        let used = shares.iter().filter(|share| share.used > 0);
        let told: Vec<String> =
            used.map(|share| measured(share.name, share.used, share.limit, share.percent)).collect();
        Ok(output::line(format_args!("    {}", paint(Tone::Dim, &told.join(" · "))))?)
    }
}

/// One budget and what was used of it, in the unit that people read.
pub(super) fn measured(name: &str, used: u64, limit: u64, percent: u64) -> String {
    let (label, used, limit) = match name {
        "cpu_us" => ("CPU", millis(used), format!("{} ms", limit / 1000)),
        "wall_us" => ("time", millis(used), format!("{} ms", limit / 1000)),
        "memory_bytes" => ("memory", format!("{} KiB", used >> 10), format!("{} MiB", limit >> 20)),
        "host_calls" => ("host calls", used.to_string(), limit.to_string()),
        "log_lines" => ("log lines", used.to_string(), limit.to_string()),
        "staged_commands" => ("commands", used.to_string(), limit.to_string()),
        "query_cost" => ("issues looked at", used.to_string(), limit.to_string()),
        "http_calls" => ("requests", used.to_string(), limit.to_string()),
        other => (other, used.to_string(), limit.to_string()),
    };
    format!("{label} {used} of {limit} ({percent} %)")
}

/// Microseconds as milliseconds, to the hundredth.
fn millis(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_told_in_the_units_that_people_read() {
        assert_eq!(measured("cpu_us", 1_234, 20_000, 7), "CPU 1.23 ms of 20 ms (7 %)");
        let memory = measured("memory_bytes", 1 << 20, 32 << 20, 4);
        assert_eq!(memory, "memory 1024 KiB of 32 MiB (4 %)");
    }
}
