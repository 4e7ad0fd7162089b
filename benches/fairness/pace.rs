//! When who asks: a plan made beforehand, kept to by a thread that waits for nobody.
//!
//! It does not know what is asked, nor whether it is answered.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;

use crate::words::Chance;

/// Between the making of a plan and its beginning.
const LEAD: Duration = Duration::from_millis(20);

/// A request that is to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// From the beginning of the plan.
    pub(crate) after: Duration,
    /// By which company: its place in the list.
    pub(crate) company: usize,
}

/// Requests of one company at this rate for a while: the time between two is from half to one and a half of the mean, so
/// that they neither march in step with others nor come in heaps.
pub(crate) fn steady(
    company: usize,
    per_second: f64,
    (from, until): (Duration, Duration),
    chance: &mut Chance,
) -> Vec<Due> {
    let mut plan = Vec::new();
    let mut gap = || (0.5 + chance.below(1_000_000) as f64 / 1e6) / per_second;
    let mut after = from.as_secs_f64() + gap() / 2.0;
    while after < until.as_secs_f64() {
        plan.push(Due { after: Duration::from_secs_f64(after), company });
        after += gap();
    }
    plan
}

/// Keeps to a plan: tells each company's clients when each request is due. Answers when it began.
pub(crate) fn keep(
    mut plan: Vec<Due>,
    clients: Vec<Sender<Instant>>,
) -> std::io::Result<(Instant, JoinHandle<()>)> {
    plan.sort_by_key(|due| due.after);
    let began = Instant::now() + LEAD;
    let thread = std::thread::Builder::new().name("pace".to_owned()).spawn(move || {
        for Due { after, company } in plan {
            let due = began + after;
            pause(due.saturating_duration_since(Instant::now()));
            if let Some(client) = clients.get(company) {
                // Its clients are gone only when the run has failed.
                let _ = client.try_send(due);
            }
        }
    })?;
    Ok((began, thread))
}

#[expect(clippy::disallowed_methods, reason = "a request is sent when it is due")]
fn pause(time: Duration) {
    if !time.is_zero() {
        std::thread::sleep(time);
    }
}
