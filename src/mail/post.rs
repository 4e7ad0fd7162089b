//! The post: a few tasks that take one message after another out of the outboxes and have them brought.
//!
//! Companies take turns (the engine sees to that). When nobody takes any message, all wait, longer each time; a message that
//! is refused for now comes again after growing pauses, and is given up after the last. One that is refused for good is given
//! up at once only while others are taken: who refuses all of them may have been told something wrong of us. It does not know
//! how messages are brought.

use super::carrier::{Carrier, CarryError, Parcel};
use super::message::parcel;
use super::sender::Sender;
use mortise_engine::outbox::{MailCounts, MailFate};
use mortise_engine::{Engine, WaitingMail};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

/// So many refusals for good are believed in a row; behind them messages wait until one is taken again.
const REFUSALS_BELIEVED: u32 = 3;

/// How many messages at once, and how long until something is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Messages that are brought at once, each of another company. Default: 4.
    pub at_once: usize,
    /// The pauses of a message that was refused for now: when the last is over and it is refused again, it is given up.
    /// Default: a minute, growing to eight hours; about a day in all.
    pub pauses: Vec<Duration>,
    /// The first pause of all messages when nobody takes any; it doubles each time. Default: a second.
    pub away_min: Duration,
    /// The longest of them. Default: five minutes.
    pub away_max: Duration,
    /// The longest that a message may be on its way, whoever brings it. Default: five minutes.
    pub carry_max: Duration,
    /// How long the messages on their way may take when the post is stopped. Default: ten seconds.
    pub stop_max: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let minutes = [1, 5, 15, 60, 180, 360, 480];
        Self {
            at_once: 4,
            pauses: minutes.map(|minutes| Duration::from_secs(minutes * 60)).to_vec(),
            away_min: Duration::from_secs(1),
            away_max: Duration::from_secs(5 * 60),
            carry_max: Duration::from_secs(5 * 60),
            stop_max: Duration::from_secs(10),
        }
    }
}

/// Mail of all companies of an engine, to be brought.
pub struct Post {
    engine: Engine,
    sender: Sender,
    address: String,
    carrier: Arc<dyn Carrier>,
    pace: Pace,
    weather: Mutex<Weather>,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// What became of messages since the engine was opened: posts of one engine count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PostCounts {
    /// Taken over by the carrier.
    pub sent: u64,
    /// Refused for now.
    pub deferred: u64,
    /// Given up.
    pub lost: u64,
}

/// Whether messages are taken at all.
#[derive(Debug, Default)]
struct Weather {
    /// Nothing is tried before this.
    until: Option<Instant>,
    /// How often in a row nobody was there.
    times: u32,
    /// A message was taken since the start.
    taken: bool,
    /// How many were refused for good since one was taken.
    refused: u32,
}

impl Weather {
    /// Somebody is there.
    const fn clears(&mut self) {
        (self.until, self.times) = (None, 0);
    }

    /// Whether a refusal for good is believed.
    fn believes_refusal(&mut self) -> bool {
        self.refused = self.refused.saturating_add(1);
        self.taken && self.refused <= REFUSALS_BELIEVED
    }
}

/// A post at work. Dropped, it stops after the messages on their way.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    engine: Engine,
    stop_max: Duration,
}

impl Post {
    /// Mail of this engine, from this sender. `address` is where people reach the installation, for links.
    #[must_use]
    pub fn new(engine: &Engine, sender: Sender, address: &str, carrier: impl Carrier) -> Self {
        Self {
            engine: engine.clone(),
            sender,
            address: address.to_owned(),
            carrier: Arc::new(carrier),
            pace: Pace::default(),
            weather: Mutex::default(),
        }
    }

    /// At another pace.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Begins, in the runtime of whoever calls it.
    #[must_use]
    pub fn start(self) -> Running {
        let (stop, stopped) = watch::channel(false);
        let (engine, at_once, stop_max) = (self.engine.clone(), self.pace.at_once.max(1), self.pace.stop_max);
        let post = Arc::new(self);
        let work = |_| tokio::spawn(post.clone().work(stopped.clone()));
        Running { tasks: (0..at_once).map(work).collect(), stop, engine, stop_max }
    }

    /// Brings one message after another. One that is on its way is brought to its end.
    async fn work(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        loop {
            let mail = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => return,
                mail = self.next() => mail,
            };
            self.bring(mail).await;
        }
    }

    async fn next(&self) -> WaitingMail {
        loop {
            let until = self.weather.lock().until;
            let Some(until) = until.filter(|until| *until > Instant::now()) else { break };
            #[expect(clippy::disallowed_methods, reason = "a pause while no mail server is there")]
            tokio::time::sleep_until(until).await;
        }
        self.engine.next_mail().await
    }

    async fn bring(&self, mail: WaitingMail) {
        let letter = self.engine.write_letter(&mail, &self.address).map_err(|fault| fault.to_string());
        let parcel = letter.and_then(|letter| parcel(&mail, &letter, &self.sender));
        let fate = match parcel {
            Ok(parcel) => self.fate(&mail, self.carried(parcel).await),
            Err(why) => MailFate::Lost(why),
        };
        self.engine.settle_mail(mail, fate).await;
    }

    /// Brings a message as a task of its own: one that hangs or panics takes nobody away who brings others.
    async fn carried(&self, parcel: Parcel) -> Result<(), CarryError> {
        let carrier = self.carrier.clone();
        // Dropped, it ends what is in it.
        let mut task = JoinSet::new();
        task.spawn(async move { carrier.carry(&parcel).await });
        match timeout(self.pace.carry_max, task.join_next()).await {
            Ok(Some(Ok(carried))) => carried,
            Ok(_) => Err(CarryError::Later("whoever brings messages has panicked".to_owned())),
            Err(_) => Err(CarryError::Later("whoever brings messages came to no end".to_owned())),
        }
    }

    /// What becomes of a message by what its carrier said.
    fn fate(&self, mail: &WaitingMail, carried: Result<(), CarryError>) -> MailFate {
        match carried {
            Ok(()) => {
                *self.weather.lock() = Weather { taken: true, ..Weather::default() };
                MailFate::Sent
            }
            Err(CarryError::Away(why)) => {
                self.nobody_is_there(&why);
                MailFate::NotTried
            }
            Err(CarryError::Later(why)) => {
                self.weather.lock().clears();
                self.later(mail, why)
            }
            Err(CarryError::Refused(why)) => {
                let mut weather = self.weather.lock();
                weather.clears();
                let believed = weather.believes_refusal();
                drop(weather);
                if believed { MailFate::Lost(why) } else { self.later(mail, why) }
            }
        }
    }

    /// It comes again after the next pause, if there is one.
    fn later(&self, mail: &WaitingMail, why: String) -> MailFate {
        match self.pace.pauses.get(mail.tries as usize) {
            Some(pause) => {
                let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                MailFate::Later(self.engine.clock().now().plus_millis(ms), why)
            }
            None => MailFate::Lost(why),
        }
    }

    /// All wait. Several find out at once: they count as one.
    fn nobody_is_there(&self, why: &str) {
        let now = Instant::now();
        let mut weather = self.weather.lock();
        if weather.until.is_some_and(|until| until > now) {
            return;
        }
        let doubled = self.pace.away_min.saturating_mul(2u32.saturating_pow(weather.times.min(20)));
        let pause = doubled.min(self.pace.away_max);
        weather.until = Some(now + pause);
        weather.times = weather.times.saturating_add(1);
        drop(weather);
        tracing::warn!(
            why,
            pause_ms = pause.as_millis() as u64,
            "no mail goes out; it waits and is tried again"
        );
    }
}

impl Running {
    /// What became of messages so far.
    #[must_use]
    pub fn counts(&self) -> PostCounts {
        let MailCounts { sent, deferred, lost, .. } = self.engine.mail_counts();
        PostCounts { sent, deferred, lost }
    }

    /// Stops once the messages on their way have come to their end, or have had their time: then they are brought again by
    /// the next post.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let mut tasks = std::mem::take(&mut self.tasks);
        let ended = async {
            for task in &mut tasks {
                // A task that has failed has ended too.
                drop(task.await);
            }
        };
        if timeout(self.stop_max, ended).await.is_err() {
            tracing::warn!("a message that is on its way is left; it is brought again at the next start");
            tasks.iter().for_each(JoinHandle::abort);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
