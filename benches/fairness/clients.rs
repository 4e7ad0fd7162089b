//! The clients of a company: so many connections, each of which takes the next request that is due.
//!
//! When all of them wait for answers a request that is due waits too, and its time runs. They do not know when that is.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, LocalSet};

use crate::client::{Answer, Connection};
use crate::companies::Company;
use crate::pace::{self, Due};
use crate::tally::{Outcome, Window};
use crate::words::Chance;

/// How long the last answers may take to arrive once nothing more is due.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes at each end of an answer that are looked at: clients must not take what the server could have.
const LOOKED_AT_BYTES: usize = 512;

/// Characters shown of an answer that is wrong.
const WRONG_CHARS: usize = 300;

/// Who asks in a run, and with how many connections each.
#[derive(Clone, Copy)]
pub(crate) struct Crowd<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) companies: &'a [Rc<Company>],
    /// Connections of each company.
    pub(crate) connections: usize,
    /// How long a window of the tally is.
    pub(crate) window: Duration,
    /// How many windows there are: what is due later counts to the last.
    pub(crate) windows: usize,
}

/// What the connections of one company share.
struct Shared {
    address: SocketAddr,
    company: Rc<Company>,
    due: Mutex<mpsc::Receiver<Instant>>,
    began: RefCell<Option<Instant>>,
    window: Duration,
    windows: RefCell<Vec<Window>>,
}

/// Keeps to a plan, and answers what came of it: of each company, the windows in their order.
pub(crate) async fn run(crowd: Crowd<'_>, plan: Vec<Due>) -> anyhow::Result<Vec<Vec<Window>>> {
    LocalSet::new().run_until(keep(crowd, plan)).await
}

async fn keep(crowd: Crowd<'_>, plan: Vec<Due>) -> anyhow::Result<Vec<Vec<Window>>> {
    let (mut senders, mut all, mut tasks) = (Vec::new(), Vec::new(), Vec::<JoinHandle<()>>::new());
    for company in crowd.companies {
        // Everything that is ever due has room: the one who tells waits for nobody.
        let (sender, due) = mpsc::channel(plan.len().max(1));
        senders.push(sender);
        let windows = (0..crowd.windows.max(1)).map(|_| Window::new()).collect::<anyhow::Result<_>>()?;
        let shared = Rc::new(Shared {
            address: crowd.address,
            company: company.clone(),
            due: Mutex::new(due),
            began: RefCell::new(None),
            window: crowd.window,
            windows: RefCell::new(windows),
        });
        for number in 0..crowd.connections {
            let chance = Chance::of(number as u64);
            tasks.push(tokio::task::spawn_local(shared.clone().ask_what_is_due(chance)));
        }
        all.push(shared);
    }
    let (began, pacer) = pace::keep(plan, senders)?;
    for shared in &all {
        shared.began.replace(Some(began));
    }
    for task in tasks {
        // They end when the plan does and everything was answered.
        task.await?;
    }
    pacer.join().map_err(|_| anyhow::anyhow!("the plan was not kept to"))?;
    Ok(all.iter().map(|shared| shared.windows.take()).collect())
}

impl Shared {
    async fn ask_what_is_due(self: Rc<Self>, mut chance: Chance) {
        let mut connection = None;
        let mut request = Vec::new();
        loop {
            // The guard is given back before anything is sent.
            let next = self.due.lock().await.recv().await;
            let Some(due) = next else { return };
            self.company.write(&mut chance, &mut request);
            let outcome = match tokio::time::timeout(PATIENCE, self.send(&mut connection, &request)).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(error)) => {
                    connection = None;
                    Outcome::Wrong(format!("{error:#}"))
                }
                Err(_elapsed) => {
                    connection = None;
                    Outcome::Wrong("no answer came".to_owned())
                }
            };
            let took = due.elapsed();
            let after =
                self.began.borrow().map_or(Duration::ZERO, |began| due.saturating_duration_since(began));
            let window = (after.as_secs_f64() / self.window.as_secs_f64()) as usize;
            let mut windows = self.windows.borrow_mut();
            let last = windows.len().saturating_sub(1);
            if let Some(window) = windows.get_mut(window.min(last)) {
                window.take(outcome, took);
            }
        }
    }

    /// Sends on the connection, which is opened when there is none. One that the server closed meanwhile is opened anew.
    async fn send(&self, connection: &mut Option<Connection>, request: &[u8]) -> anyhow::Result<Outcome> {
        if let Some(mut open) = connection.take() {
            let outcome = open.send(request).await.ok().map(of);
            if let Some(outcome) = outcome {
                connection.replace(open);
                return Ok(outcome);
            }
        }
        let open = connection.insert(Connection::open(self.address).await.context("cannot connect")?);
        Ok(of(open.send(request).await.context("no answer")?))
    }
}

/// How a request ended, by its answer.
fn of(answer: Answer<'_>) -> Outcome {
    match answer.status {
        200 if !says(answer.body, b"\"errors\"") && !says(answer.body, b"\"success\":false") => {
            Outcome::Right
        }
        429 if says(answer.body, b"RATE_LIMITED") && says(answer.body, b"\"retryAfter\"") => Outcome::TooFast,
        503 if says(answer.body, b"UNAVAILABLE") => Outcome::Shed,
        status => {
            let body: String = String::from_utf8_lossy(answer.body).chars().take(WRONG_CHARS).collect();
            Outcome::Wrong(format!("{status}: {body}"))
        }
    }
}

/// Whether an answer says this near its beginning or its end, which is where errors stand.
fn says(body: &[u8], word: &[u8]) -> bool {
    let end = body.get(body.len().saturating_sub(LOOKED_AT_BYTES)..).unwrap_or_default();
    let beginning = body.get(..LOOKED_AT_BYTES).unwrap_or(body);
    [beginning, end].iter().any(|part| part.windows(word.len()).any(|here| here == word))
}
