//! Backtests under way and those that ended lately. They live in memory: a backtest writes nothing, and is quick to repeat.

use super::finding::BacktestFinding;
use mortise_engine::id::{MemberId, TenantId};
use mortise_engine::query::Reader;
use mortise_engine::time::{Clock, Timestamp};
use mortise_engine::words;
use mortise_engine::{Error, ErrorCode, Result};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, str::FromStr};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Backtests of all companies at once.
const RUNNING_MAX: usize = 2;
/// Backtests that are remembered; with more the oldest are forgotten.
const KEPT_MAX: usize = 200;
/// How long one is remembered after its end, in milliseconds.
const KEPT_MS: i64 = 60 * 60 * 1000;
/// How long one is waited for when everything ends.
const CLOSE_WAIT: Duration = Duration::from_secs(5);
/// Findings that are kept of one.
pub(super) const FINDINGS_MAX: usize = 10_000;

/// The id of a backtest, `bkt_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BacktestId(Uuid);

impl fmt::Display for BacktestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bkt_{}", self.0.simple())
    }
}

impl FromStr for BacktestId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let id = text.strip_prefix("bkt_").and_then(|digits| Uuid::try_parse(digits).ok());
        id.map(Self).ok_or_else(|| Error::invalid("id", "this is not a backtest's id: expected `bkt_…`"))
    }
}

words! {
    /// How far a backtest is.
    BacktestStatus {
        /// It goes on.
        0 Running = "RUNNING",
        /// It has looked at everything.
        1 Done = "DONE",
        /// Somebody has stopped it.
        2 Canceled = "CANCELED",
        /// It could not go on.
        3 Failed = "FAILED",
    }
}

/// How a backtest stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backtest {
    /// Which.
    pub id: BacktestId,
    /// How far it is.
    pub status: BacktestStatus,
    /// Why it could not go on, in words.
    pub why: Option<String>,
    /// Issues looked at.
    pub issues_done: u64,
    /// Issues to look at.
    pub issues_total: u64,
    /// Things that happened of which it was asked.
    pub asked: u64,
    /// What was found, also beyond what is listed.
    pub denied: u64,
    /// Likewise.
    pub amended: u64,
    /// Likewise.
    pub failed: u64,
    /// How many are listed; at most 10,000.
    pub listed: u64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// One backtest, as those who do it and those who look at it share it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) tenant: TenantId,
    /// The member who began it, whose sight it went through; none: who began it is no member, and sees everything.
    starter: Option<MemberId>,
    pub(super) state: Mutex<Backtest>,
    pub(super) findings: Mutex<Vec<BacktestFinding>>,
    canceled: AtomicBool,
    /// Told when it is to end.
    ends: Notify,
}

impl Job {
    /// Whether this party may be told what it found: who began it, and who sees everything now.
    pub(super) fn is_told_to(&self, reader: &Reader) -> bool {
        let policy = reader.policy();
        let began_it = self.starter.is_some() && policy.member() == self.starter;
        began_it || policy.scope(reader.directory()).is_everything()
    }

    /// Whether it is to end.
    pub(super) fn is_canceled(&self) -> bool {
        self.canceled.load(Ordering::Relaxed)
    }

    /// Has it end.
    pub(super) fn cancel(&self) {
        self.canceled.store(true, Ordering::Relaxed);
        self.ends.notify_one();
    }

    /// Waits so long, or until it is to end.
    pub(super) async fn pause(&self, wait: Duration) {
        drop(tokio::time::timeout(wait, self.ends.notified()).await);
    }

    /// It has ended.
    pub(super) fn end(&self, outcome: Result<()>, now: Timestamp) {
        let mut state = self.state.lock();
        state.ended_at = Some(now);
        state.status = match outcome {
            _ if self.is_canceled() => BacktestStatus::Canceled,
            Ok(()) => BacktestStatus::Done,
            Err(error) => {
                state.why = Some(error.message().to_owned());
                BacktestStatus::Failed
            }
        };
    }
}

/// A backtest that somebody does. However that ends, it ends too: its company could begin no other until a restart.
#[derive(Debug)]
pub(super) struct UnderWay {
    job: Arc<Job>,
    clock: Clock,
}

impl UnderWay {
    pub(super) fn new(job: Arc<Job>, clock: Clock) -> Self {
        Self { job, clock }
    }
}

impl Deref for UnderWay {
    type Target = Job;

    fn deref(&self) -> &Job {
        &self.job
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let backtest = self.job.state.lock().clone();
        if backtest.ended_at.is_some() {
            return;
        }
        if std::thread::panicking() {
            tracing::error!(tenant.id = %self.job.tenant, id = %backtest.id, "a backtest ended in a panic");
        }
        let why = "something went wrong on our side, of which the server's log says more: begin another";
        self.job.end(Err(Error::new(ErrorCode::Internal, why)), self.clock.now());
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Backtests {
    jobs: Mutex<HashMap<BacktestId, Arc<Job>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Backtests {
    /// Begins one for this member, or for who is none and sees everything.
    ///
    /// # Errors
    ///
    /// `REJECTED` while the company has one running, `UNAVAILABLE` while others have too many.
    pub(super) fn begin(
        &self,
        tenant: TenantId,
        starter: Option<MemberId>,
        now: Timestamp,
    ) -> Result<Arc<Job>> {
        let mut jobs = self.jobs.lock();
        forget(&mut jobs, now);
        let running = |job: &&Arc<Job>| job.state.lock().status == BacktestStatus::Running;
        if let Some((id, _)) = jobs.iter().find(|(_, job)| running(job) && job.tenant == tenant) {
            let message = format!("the backtest {id} of this company is running: wait for it, or cancel it");
            return Err(Error::rejected(message));
        }
        if jobs.values().filter(running).count() >= RUNNING_MAX {
            return Err(Error::unavailable("others run backtests at the moment: try again in a minute"));
        }
        let id = BacktestId(Uuid::now_v7());
        let state = Backtest {
            id,
            status: BacktestStatus::Running,
            why: None,
            issues_done: 0,
            issues_total: 0,
            asked: 0,
            denied: 0,
            amended: 0,
            failed: 0,
            listed: 0,
            began_at: now,
            ended_at: None,
        };
        let (state, findings) = (Mutex::new(state), Mutex::default());
        let (canceled, ends) = (AtomicBool::new(false), Notify::new());
        let job = Arc::new(Job { tenant, starter, state, findings, canceled, ends });
        jobs.insert(id, job.clone());
        Ok(job)
    }

    /// One of a company.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for one that is not there, or of another company.
    pub(super) fn get(&self, tenant: TenantId, id: BacktestId) -> Result<Arc<Job>> {
        let found = self.jobs.lock().get(&id).filter(|job| job.tenant == tenant).cloned();
        let lost = || format!("backtest {id} was not found: one is kept for an hour after its end");
        found.ok_or_else(|| Error::new(ErrorCode::NotFound, lost()))
    }

    /// Does one behind the scenes.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Has all of them end, and waits for it, but not for long.
    pub(crate) async fn close(&self) {
        self.jobs.lock().values().for_each(|job| job.cancel());
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSE_WAIT, ended).await.is_err() {
            tasks.shutdown().await;
        }
    }
}

fn forget(jobs: &mut HashMap<BacktestId, Arc<Job>>, now: Timestamp) {
    let ended = |job: &Arc<Job>| job.state.lock().ended_at;
    jobs.retain(|_, job| ended(job).is_none_or(|at| at.plus_millis(KEPT_MS) > now));
    let mut over: Vec<_> = jobs.iter().filter_map(|(id, job)| ended(job).map(|at| (at, *id))).collect();
    over.sort_unstable();
    for (_, id) in over.into_iter().take(jobs.len().saturating_sub(KEPT_MAX)) {
        jobs.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_a_company_and_two_for_all() {
        let (jobs, now) = (Backtests::default(), Timestamp::from_millis(0));
        let [a, b, c] = [(); 3].map(|()| TenantId::generate());
        let first = jobs.begin(a, None, now).unwrap();
        let id = first.state.lock().id;
        assert!(jobs.begin(a, None, now).unwrap_err().message().contains("running"));
        jobs.begin(b, None, now).unwrap();
        assert!(jobs.begin(c, None, now).is_err());
        first.end(Ok(()), now);
        jobs.begin(c, None, now).unwrap();
        assert!(jobs.get(b, id).is_err(), "of another company");
        assert_eq!(jobs.get(a, id).unwrap().state.lock().status, BacktestStatus::Done);
        first.end(Ok(()), now);
        assert!(jobs.begin(a, None, now.plus_millis(KEPT_MS)).is_err(), "two are running");
        let lost = jobs.get(a, id).unwrap_err();
        assert_eq!(
            lost.message(),
            format!("backtest {id} was not found: one is kept for an hour after its end")
        );
        assert_eq!(id.to_string().parse::<BacktestId>().unwrap(), id);
    }

    async fn faulty(_job: UnderWay) {
        panic!("a fault of ours");
    }

    #[tokio::test]
    async fn one_that_ends_in_a_panic_has_failed_and_makes_room_for_the_next() {
        let (jobs, tenant) = (Backtests::default(), TenantId::generate());
        let clock = Clock::from_fn(|| Timestamp::from_millis(7));
        let job = jobs.begin(tenant, None, clock.now()).unwrap();
        jobs.spawn(faulty(UnderWay::new(job.clone(), clock.clone())));
        let mut tasks = std::mem::take(&mut *jobs.tasks.lock());
        assert!(tasks.join_next().await.unwrap().unwrap_err().is_panic());
        let state = job.state.lock().clone();
        assert_eq!((state.status, state.ended_at), (BacktestStatus::Failed, Some(clock.now())));
        assert!(state.why.unwrap().contains("on our side"));
        jobs.begin(tenant, None, clock.now()).unwrap();
    }

    #[test]
    fn one_that_ended_stays_as_it_ended() {
        let (jobs, clock) = (Backtests::default(), Clock::from_fn(|| Timestamp::from_millis(7)));
        let job = jobs.begin(TenantId::generate(), None, clock.now()).unwrap();
        job.end(Ok(()), Timestamp::from_millis(3));
        drop(UnderWay::new(job.clone(), clock));
        let state = job.state.lock().clone();
        assert_eq!((state.status, state.ended_at), (BacktestStatus::Done, Some(Timestamp::from_millis(3))));
    }
}
