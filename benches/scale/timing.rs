//! One question asked over and over, with other values each time, and what each answer took.
//!
//! It knows neither questions nor answers: how they are made, asked and judged is given to it.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mortise_engine::ErrorCode;
use serde::{Deserialize, Serialize};

use crate::effort::Effort;
use crate::process::Tree;
use crate::words::Chance;

/// The questions are the same in every run.
const SEED: u64 = 1;

/// Questions that are made at once: the processor's time is read around so many.
const BLOCK: usize = 512;

/// The slowest answer that is told apart from slower ones, in nanoseconds.
const LATENCY_NS_MAX: u64 = 600 * 1_000_000_000;

/// The kernel counts processor time in steps of ten milliseconds: of less than this in all, nothing is said.
const CPU_MS_MIN: u64 = 200;

/// What the answers took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Timed {
    pub(crate) runs: u64,
    /// Found on average.
    pub(crate) hits: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    /// User and system time of the process, where enough of it was used to tell.
    pub(crate) cpu_ms: Option<f64>,
}

/// What came of measuring.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Timed(Timed),
    /// Not measured, and why.
    LeftOut(String),
}

impl Outcome {
    /// For what is behind a function of `ask` that answers none.
    pub(crate) fn not_yet() -> Self {
        Self::LeftOut("the engine cannot be asked this yet".to_owned())
    }

    /// For delays that were taken elsewhere, one hit each.
    pub(crate) fn of(delays: &[Duration]) -> anyhow::Result<Self> {
        let mut watch = Watch::start(Effort::QUICK)?;
        for delay in delays {
            watch.record(*delay);
        }
        Ok(watch.outcome(delays.len() as u64))
    }
}

/// Asks until it was often and long enough. `check` answers how much was found; when it is told to look closely, it fails
/// on a wrong answer.
pub(crate) async fn measure<Q, A>(
    effort: Effort,
    mut next: impl FnMut(&mut Chance) -> anyhow::Result<Q>,
    mut ask: impl AsyncFnMut(&Q) -> anyhow::Result<Option<A>>,
    mut check: impl FnMut(&Q, &A, Closely) -> anyhow::Result<u64>,
) -> anyhow::Result<Outcome> {
    let mut chance = Chance::of(SEED);
    let began = Instant::now();
    for _ in 0..effort.checks() {
        let question = next(&mut chance)?;
        match settled(ask(&question).await)? {
            Ok(answer) => check(&question, &answer, Closely(true))?,
            Err(left_out) => return Ok(left_out),
        };
        if began.elapsed() > effort.patience() {
            break;
        }
    }
    let (mut watch, mut hits) = (Watch::start(effort)?, 0);
    while !watch.is_enough() {
        let block = (0..BLOCK).map(|_| next(&mut chance)).collect::<anyhow::Result<Vec<Q>>>()?;
        watch.resume()?;
        for question in &block {
            let sent = Instant::now();
            let answered = ask(question).await;
            watch.record(sent.elapsed());
            match settled(answered)? {
                Ok(answer) => hits += check(question, &answer, Closely(false))?,
                Err(left_out) => return Ok(left_out),
            }
            if watch.is_enough() {
                break;
            }
        }
        watch.pause()?;
    }
    Ok(watch.outcome(hits))
}

/// Asks each of these once, none of them before. `hits` answers how much was found.
pub(crate) async fn once_each<Q, A>(
    questions: &[Q],
    mut ask: impl AsyncFnMut(&Q) -> anyhow::Result<Option<A>>,
    hits: impl Fn(&A) -> u64,
) -> anyhow::Result<Outcome> {
    let (mut watch, mut found) = (Watch::start(Effort::QUICK)?, 0);
    watch.resume()?;
    for question in questions {
        let sent = Instant::now();
        let answered = ask(question).await;
        watch.record(sent.elapsed());
        match settled(answered)? {
            Ok(answer) => found += hits(&answer),
            Err(left_out) => return Ok(left_out),
        }
    }
    watch.pause()?;
    Ok(watch.outcome(found))
}

/// Whether an answer is to be looked at closely.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closely(pub(crate) bool);

/// An answer, or why there is none: what cannot be asked yet, and what the engine refuses because it would cost too much,
/// is left out; every other refusal is a failure.
fn settled<A>(answered: anyhow::Result<Option<A>>) -> anyhow::Result<Result<A, Outcome>> {
    let error = match answered {
        Ok(Some(answer)) => return Ok(Ok(answer)),
        Ok(None) => return Ok(Err(Outcome::not_yet())),
        Err(error) => error,
    };
    match error.downcast_ref::<mortise_engine::Error>() {
        Some(refused) if refused.code() == ErrorCode::TooCostly => {
            Ok(Err(Outcome::LeftOut(refused.to_string())))
        }
        _ => Err(error),
    }
}

/// What has passed while questions were asked.
struct Watch {
    effort: Effort,
    began: Instant,
    own: Tree,
    cpu_before_ms: u64,
    cpu_ms: u64,
    latencies_ns: Histogram<u64>,
}

impl Watch {
    fn start(effort: Effort) -> anyhow::Result<Self> {
        Ok(Self {
            effort,
            began: Instant::now(),
            own: Tree::of(std::process::id()),
            cpu_before_ms: 0,
            cpu_ms: 0,
            latencies_ns: Histogram::new_with_max(LATENCY_NS_MAX, 3)?,
        })
    }

    fn is_enough(&self) -> bool {
        let passed = self.began.elapsed();
        let often = self.latencies_ns.len() >= self.effort.runs;
        often && passed.as_secs() >= self.effort.seconds || passed > self.effort.patience()
    }

    fn resume(&mut self) -> anyhow::Result<()> {
        self.cpu_before_ms = self.own.usage()?.cpu_ms;
        Ok(())
    }

    fn pause(&mut self) -> anyhow::Result<()> {
        self.cpu_ms += self.own.usage()?.cpu_ms.saturating_sub(self.cpu_before_ms);
        Ok(())
    }

    fn record(&mut self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.latencies_ns.saturating_record(ns);
    }

    /// Questions that find nothing at all are no measure of those that do.
    fn outcome(&self, hits: u64) -> Outcome {
        if hits == 0 {
            return Outcome::LeftOut("nothing is found".to_owned());
        }
        Outcome::Timed(self.timed(hits))
    }

    fn timed(&self, hits: u64) -> Timed {
        let runs = self.latencies_ns.len();
        let per_run = |amount: u64| amount as f64 / runs.max(1) as f64;
        let percentile_ms = |percent| self.latencies_ns.value_at_percentile(percent) as f64 / 1e6;
        Timed {
            runs,
            hits: per_run(hits),
            p50_ms: percentile_ms(50.0),
            p95_ms: percentile_ms(95.0),
            p99_ms: percentile_ms(99.0),
            max_ms: self.latencies_ns.max() as f64 / 1e6,
            cpu_ms: (self.cpu_ms >= CPU_MS_MIN).then(|| per_run(self.cpu_ms)),
        }
    }
}
