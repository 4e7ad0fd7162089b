//! A closed loop: so many clients, each sending its next request as soon as the last one is answered.
//!
//! All clients are tasks of one thread, so that they take at most one processor and need no locks among them. What is
//! measured is what was answered between two looks at the clock, the kernel's counters being read at the same looks.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::task::LocalSet;

use crate::client::Connection;
use crate::process::{Tree, Usage};
use crate::requests::Requests;
use crate::words::Chance;
use crate::work::Load;

/// A client that fails so often in a row gives up.
const FAILURES_IN_A_ROW_MAX: u32 = 20;

/// The slowest answer that is told apart from slower ones, in microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;

/// How long the last answers may take to arrive once the load has ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Right answers while it was measured.
    pub(crate) operations: u64,
    /// Answers that were wrong or did not come, the warm-up included.
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    /// Right answers, the warm-up included.
    pub(crate) acknowledged: u64,
    pub(crate) seconds: f64,
    /// Microseconds from sending to the whole answer.
    pub(crate) latencies_us: Histogram<u64>,
    /// What the server used meanwhile.
    pub(crate) used: Usage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    WarmUp,
    Measure,
    Over,
}

/// What the clients share.
struct Shared {
    address: SocketAddr,
    requests: Rc<Requests>,
    load: Load,
    phase: Cell<Phase>,
    latencies_us: RefCell<Histogram<u64>>,
    acknowledged: Cell<u64>,
    errors: Cell<u64>,
    first_error: RefCell<Option<String>>,
}

/// Runs a load against a server and watches its processes.
pub(crate) async fn run(
    load: Load,
    requests: &Rc<Requests>,
    (address, server): (SocketAddr, Tree),
    (warm_up, seconds): (u64, u64),
) -> anyhow::Result<Measured> {
    let shared = Rc::new(Shared {
        address,
        requests: requests.clone(),
        load,
        phase: Cell::new(Phase::WarmUp),
        latencies_us: RefCell::new(Histogram::new_with_max(LATENCY_US_MAX, 3)?),
        acknowledged: Cell::new(0),
        errors: Cell::new(0),
        first_error: RefCell::new(None),
    });
    let (seconds, used) = LocalSet::new().run_until(watch(&shared, server, (warm_up, seconds))).await?;
    let latencies_us = shared.latencies_us.borrow().clone();
    Ok(Measured {
        operations: latencies_us.len(),
        errors: shared.errors.get(),
        first_error: shared.first_error.take(),
        acknowledged: shared.acknowledged.get(),
        seconds,
        latencies_us,
        used,
    })
}

/// Starts the clients, and takes the two looks.
async fn watch(
    shared: &Rc<Shared>,
    server: Tree,
    (warm_up, seconds): (u64, u64),
) -> anyhow::Result<(f64, Usage)> {
    let clients: Vec<_> = (0..shared.load.clients)
        .map(|number| tokio::task::spawn_local(shared.clone().ask_until_over(Chance::of(number as u64))))
        .collect();
    pass(warm_up).await;
    let (before, began) = (server.usage()?, Instant::now());
    shared.phase.set(Phase::Measure);
    pass(seconds).await;
    let took = began.elapsed().as_secs_f64();
    shared.phase.set(Phase::Over);
    let after = server.usage()?;
    for client in clients {
        tokio::time::timeout(PATIENCE, client).await.context("the last answers do not arrive")??;
    }
    let cpu_ms = after.cpu_ms.saturating_sub(before.cpu_ms);
    Ok((took, Usage { cpu_ms, written_bytes: after.written_bytes.saturating_sub(before.written_bytes) }))
}

#[expect(clippy::disallowed_methods, reason = "a measurement lasts for as long as it was asked to")]
async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

impl Shared {
    async fn ask_until_over(self: Rc<Self>, mut chance: Chance) {
        let (mut body, mut request) = (Vec::new(), Vec::new());
        let mut connection = None;
        let mut failures = 0;
        while self.phase.get() != Phase::Over && failures < FAILURES_IN_A_ROW_MAX {
            let asked = self.requests.write(self.load.work, &mut chance, &mut body, &mut request);
            let sent = Instant::now();
            let answered =
                self.send(&mut connection, &request, |answer| self.requests.check(asked, answer)).await;
            match answered {
                Ok(()) => {
                    failures = 0;
                    self.acknowledged.set(self.acknowledged.get() + 1);
                    self.record(sent.elapsed());
                }
                Err(error) => {
                    failures += 1;
                    connection = None;
                    self.errors.set(self.errors.get() + 1);
                    self.first_error.borrow_mut().get_or_insert(error);
                }
            }
        }
    }

    /// Sends on the connection, which is opened when there is none, and has the answer checked.
    async fn send(
        &self,
        connection: &mut Option<Connection>,
        request: &[u8],
        check: impl FnOnce(crate::client::Answer<'_>) -> Result<(), crate::requests::Wrong>,
    ) -> Result<(), String> {
        let open = match connection.take() {
            Some(open) => open,
            None => {
                Connection::open(self.address).await.map_err(|error| format!("cannot connect: {error}"))?
            }
        };
        let open = connection.insert(open);
        let answer = open.send(request).await.map_err(|error| format!("no answer: {error}"))?;
        check(answer).map_err(|wrong| wrong.to_string())
    }

    fn record(&self, took: Duration) {
        if self.phase.get() == Phase::Measure {
            let us = u64::try_from(took.as_micros()).unwrap_or(LATENCY_US_MAX);
            self.latencies_us.borrow_mut().saturating_record(us);
        }
    }
}
