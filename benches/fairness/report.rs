//! All figures of a run, as they stand in `fairness.json`, and as people read them.

use std::fmt;
use std::time::Duration;

use mortise_engine::model::Tier;
use mortise_engine::time::Clock;
use serde::Serialize;

use crate::machine::Machine;
use crate::options::{Loud, Options};
use crate::place;
use crate::tally::{Window, ms};

/// See the module.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// When it began.
    at: String,
    /// What was measured: the commit, with `+` behind it when files had been changed since.
    commit: String,
    machine: Machine,
    store: String,
    rounds: u32,
    seconds: u64,
    pub(crate) fair: Vec<Fair>,
    pub(crate) flood: Option<Flood>,
}

/// Nine companies with or without the tenth, while it is measured.
pub(crate) struct Side {
    pub(crate) window: Window,
    pub(crate) p99_ms_of_rounds: Vec<f64>,
    /// Processors that the server had in each round.
    pub(crate) cores: Vec<f64>,
}

/// What the nine saw.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    answers: u64,
    p50_ms: f64,
    /// Of the middle one of the rounds: a single stall of the disk is nobody's doing.
    p99_ms: f64,
    p99_ms_of_all: f64,
    max_ms: f64,
    /// The lowest and the highest of the rounds: how far figures differ by themselves.
    p99_ms_of_rounds: [f64; 2],
    refused: u64,
    wrong: u64,
    first_wrong: Option<String>,
    cores: f64,
}

/// One tier.
#[derive(Debug, Serialize)]
pub(crate) struct Fair {
    tier: String,
    /// What the tenth asks for ten times of.
    loud: String,
    /// Requests in a second that a company may.
    limit: f64,
    without: Seen,
    with: Seen,
    /// What the tenth was answered in a second.
    loud_right_per_second: f64,
    loud_refused_per_second: f64,
    loud_wrong: u64,
}

/// A part of the flood.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) asked_per_second: f64,
    pub(crate) right_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) shed_per_second: f64,
    pub(crate) shed_p50_ms: f64,
    pub(crate) shed_p99_ms: f64,
    pub(crate) wrong: u64,
    pub(crate) first_wrong: Option<String>,
}

/// The whole flood: before, during, after.
#[derive(Debug, Serialize)]
pub(crate) struct Flood {
    pub(crate) peak_per_second: f64,
    /// Processors that the server had then.
    pub(crate) peak_cores: f64,
    /// The same over the three parts.
    pub(crate) cores: f64,
    pub(crate) parts: Vec<Part>,
    /// From the end of the flood until nobody is turned away and answers take no more than twice as long as before.
    pub(crate) recovered_after_s: f64,
}

impl Report {
    pub(crate) fn begin(options: &Options, machine: Machine) -> anyhow::Result<Self> {
        Ok(Self {
            at: Clock::system().now().to_string(),
            commit: place::commit()?,
            machine,
            store: options.store.name().to_owned(),
            rounds: options.rounds,
            seconds: options.seconds,
            fair: Vec::new(),
            flood: None,
        })
    }

    /// Answers that should not have been. The quiet companies are never refused.
    pub(crate) fn wrong(&self) -> u64 {
        let of_fair = |fair: &Fair| {
            let quiet = [&fair.without, &fair.with];
            fair.loud_wrong + quiet.iter().map(|seen| seen.wrong + seen.refused).sum::<u64>()
        };
        let of_flood = |flood: &Flood| flood.parts.iter().map(|part| part.wrong).sum::<u64>();
        self.fair.iter().map(of_fair).sum::<u64>() + self.flood.as_ref().map_or(0, of_flood)
    }
}

impl Side {
    pub(crate) const fn new(window: Window) -> Self {
        Self { window, p99_ms_of_rounds: Vec::new(), cores: Vec::new() }
    }

    fn seen(&self) -> Seen {
        let Window { right_us, shed_us, too_fast, wrong, first_wrong } = &self.window;
        let rounds = &self.p99_ms_of_rounds;
        Seen {
            answers: right_us.len(),
            p50_ms: ms(right_us, 50.0),
            p99_ms: median(rounds),
            p99_ms_of_all: ms(right_us, 99.0),
            max_ms: ms(right_us, 100.0),
            p99_ms_of_rounds: [
                rounds.iter().copied().fold(f64::INFINITY, f64::min),
                rounds.iter().copied().fold(0.0, f64::max),
            ],
            refused: too_fast + shed_us.len(),
            wrong: *wrong,
            first_wrong: first_wrong.clone(),
            cores: self.cores.iter().sum::<f64>() / self.cores.len().max(1) as f64,
        }
    }
}

fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2.0
}

impl Fair {
    pub(crate) fn of(
        (tier, loud): (Tier, Loud),
        limit: f64,
        (without, with): (&Side, &Side),
        (of_loud, loud_seconds): (&Window, u64),
    ) -> Self {
        let per_second = |count: u64| count as f64 / loud_seconds.max(1) as f64;
        Self {
            tier: tier.to_string().to_lowercase(),
            loud: if loud == Loud::Work { "work" } else { "requests" }.to_owned(),
            limit,
            without: without.seen(),
            with: with.seen(),
            loud_right_per_second: per_second(of_loud.right_us.len()),
            loud_refused_per_second: per_second(of_loud.too_fast),
            loud_wrong: of_loud.wrong + of_loud.shed_us.len(),
        }
    }
}

impl Part {
    /// What was due in windows of this length, one after the other. Answers in a second are reckoned up to the last of them,
    /// which may come long after the last request was due.
    pub(crate) fn of(windows: &[Window], window: Duration) -> anyhow::Result<Self> {
        let mut all = Window::new()?;
        let mut answered_s = 0.0_f64;
        for (number, one) in windows.iter().enumerate() {
            all.add(one)?;
            let slowest = one.right_us.max().max(one.shed_us.max()) as f64 / 1e6;
            answered_s = answered_s.max(number as f64 * window.as_secs_f64() + slowest);
        }
        let due_s = windows.len() as f64 * window.as_secs_f64();
        let answered_s = answered_s.max(due_s);
        let per_second = |count: u64| count as f64 / answered_s;
        let (right, shed) = (all.right_us.len(), all.shed_us.len());
        Ok(Self {
            asked_per_second: (right + shed + all.too_fast + all.wrong) as f64 / due_s,
            right_per_second: per_second(right),
            p50_ms: ms(&all.right_us, 50.0),
            p99_ms: ms(&all.right_us, 99.0),
            shed_per_second: per_second(shed),
            shed_p50_ms: ms(&all.shed_us, 50.0),
            shed_p99_ms: ms(&all.shed_us, 99.0),
            wrong: all.wrong + all.too_fast,
            first_wrong: all.first_wrong,
        })
    }
}

impl fmt::Display for Fair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.with.p99_ms / self.without.p99_ms;
        writeln!(f, "{}: {} requests a second; nine ask at half of it", self.tier, self.limit)?;
        let with = format!("with a tenth at ten times its {}", self.loud);
        for (seen, name) in [(&self.without, "alone"), (&self.with, with.as_str())] {
            let [low, high] = seen.p99_ms_of_rounds;
            writeln!(
                f,
                "  {name:<42} p50 {:>6.2} ms   p99 {:>6.2} ({low:.2} to {high:.2}, of all {:.2})   max {:>7.2}   \
                 {} answers, {} refused, {} wrong, {:.2} cores",
                seen.p50_ms,
                seen.p99_ms,
                seen.p99_ms_of_all,
                seen.max_ms,
                seen.answers,
                seen.refused,
                seen.wrong,
                seen.cores
            )?;
            if let Some(wrong) = &seen.first_wrong {
                writeln!(f, "    {wrong}")?;
            }
        }
        let mark = if ratio < 2.0 { '✓' } else { '✗' };
        writeln!(
            f,
            "  {mark} their p99 is {ratio:.2} times what it was; the tenth was answered {:.1} a second and refused {:.1}",
            self.loud_right_per_second, self.loud_refused_per_second
        )
    }
}

impl fmt::Display for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (peak, cores) = (self.peak_per_second, self.peak_cores);
        writeln!(f, "the whole server: {peak:.0} large requests a second at best, with {cores:.2} cores")?;
        for (part, name) in self.parts.iter().zip(["half of it", "three times it", "half of it"]) {
            writeln!(
                f,
                "  {name:<15} {:>7.0} asked/s  {:>6.0} right/s   p50 {:>7.2} ms   p99 {:>7.2}   \
                 {:>6.0} shed/s   p50 {:>6.2} ms   p99 {:>6.2}   {} wrong",
                part.asked_per_second,
                part.right_per_second,
                part.p50_ms,
                part.p99_ms,
                part.shed_per_second,
                part.shed_p50_ms,
                part.shed_p99_ms,
                part.wrong
            )?;
            if let Some(wrong) = &part.first_wrong {
                writeln!(f, "    {wrong}")?;
            }
        }
        let kept = self.parts.get(1).map_or(0.0, |flood| flood.right_per_second / peak * 100.0);
        writeln!(
            f,
            "  in the flood {kept:.0} % of the best; as before {:.2} s after it; {:.2} cores on average",
            self.recovered_after_s, self.cores
        )
    }
}
