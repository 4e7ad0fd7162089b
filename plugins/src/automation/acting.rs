//! One installation at work: what is due of its schedules, what waits, and what has happened since, in this order, until there is
//! nothing more or its turn is over.

mod sweep;

use super::attempt::{Outcome, Subject};
use super::books::Books;
use super::fate::Fate;
use super::line::Next;
use super::rows::{self, Dead, DeadWhat, Pending};
use super::runner::TURN_TIME;
use super::ticks::{DueTick, TickRow, Ticks};
use super::waiting::Waiting;
use super::wanted::{Cause, Wanted, wanted};
use crate::service::Plugins;
use mortise_engine::command::plugin::FailedAs;
use mortise_engine::event::Event;
use mortise_engine::id::{InstallationId, IssueId, TenantId};
use mortise_engine::model::{Digest, Installation, Seq};
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, PluginRoom, Result};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::time::Instant;

/// Things done in one turn, of which none begins after [`TURN_TIME`].
const STEPS_MAX: usize = 100;
/// Events that are read at once.
const PAGE: usize = 100;
/// Events passed over after which the place is kept.
const UNSAVED_MAX: u64 = 50;
/// The place is kept when nothing more has happened for so long, in milliseconds.
const IDLE_MS: i64 = 5_000;
/// Where the store cannot be read or written, one waits so long, in milliseconds.
const AGAIN_MS: i64 = 2_000;
/// The memory of an installation is looked through for what has ended not more often than this, in milliseconds.
const SWEEP_MS: i64 = 60_000;
/// Rows that are read at once.
const ROWS_PAGE: usize = 200;

/// Why an event is left to people without a call.
const CIRCLE: &str = "so many steps of plugins led to it that it was taken for a circle";
const ENOUGH: &str =
    "plugins set each other off: so much has followed from what began this that nothing more may for an hour";

/// What is known of an installation between its turns.
#[derive(Debug)]
pub(crate) struct Acting {
    /// The place it has come to; what is behind `saved` is not kept yet.
    at: Seq,
    saved: Seq,
    /// When it was last moved.
    moved: Timestamp,
    /// Where it began, when this was read: it begins anew when it is enabled again.
    acts_after: Seq,
    /// The code that ran: other code may have other schedules.
    digest: Digest,
    waiting: Waiting,
    ticks: Ticks,
    /// When its memory was last looked through for what has ended.
    swept: Timestamp,
}

/// See the module.
pub(super) struct Work {
    pub(super) plugins: Plugins,
    pub(super) engine: Engine,
    /// It sees everything.
    pub(super) reader: Reader,
    pub(super) installation: Arc<Installation>,
    acting: Option<Acting>,
}

/// After one step.
enum Step {
    /// On to the next.
    On,
    /// Not before this time.
    Pause(Timestamp),
}

impl Work {
    pub(super) fn new(
        plugins: Plugins,
        engine: Engine,
        reader: Reader,
        installation: Arc<Installation>,
        acting: Option<Acting>,
    ) -> Self {
        Self { plugins, engine, reader, installation, acting }
    }

    pub(super) fn tenant(&self) -> TenantId {
        self.reader.tenant().id
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// The whole turn. Gives back what is to be remembered, and when there is more to do.
    pub(super) async fn go_on(mut self) -> (InstallationId, Option<Acting>, Next) {
        let id = self.installation.id;
        let mut acting = match self.known().await {
            Ok(acting) => acting,
            Err(error) => return (id, None, self.later(&error)),
        };
        match Box::pin(self.steps(&mut acting)).await {
            Ok(next) => (id, Some(acting), next),
            // It is not known what was stored: it is read again.
            Err(error) => (id, None, self.later(&error)),
        }
    }

    fn later(&self, error: &mortise_engine::Error) -> Next {
        tracing::info!(tenant.id = %self.tenant(), installation.id = %self.installation.id, ?error,
            "a plugin's work is interrupted; it goes on in a moment");
        Next::At(self.now().plus_millis(AGAIN_MS))
    }

    /// What was remembered, or else what is stored.
    async fn known(&mut self) -> Result<Acting> {
        let stale = self.plugins.0.runner.take_stale(self.installation.id);
        let Installation { acts_after, digest, .. } = *self.installation;
        let fits = |acting: &Acting| !stale && (acting.acts_after, acting.digest) == (acts_after, digest);
        if let Some(acting) = self.acting.take().filter(fits) {
            return Ok(acting);
        }
        let room = self.room().await?;
        let name = Installation::follower_of(self.installation.id);
        let stored = self.engine.follow(self.tenant(), &name).await?.at();
        let at = stored.max(acts_after);
        let waiting = read_waiting(&room).await?;
        let ticks = self.ticks(&room).await?;
        let now = self.now();
        Ok(Acting { at, saved: at, moved: now, acts_after, digest, waiting, ticks, swept: now })
    }

    /// Its schedules. Since when new ones run is stored, so that times are counted that nobody is there for.
    async fn ticks(&self, room: &PluginRoom) -> Result<Ticks> {
        let code = self.reader.directory().plugin_code(self.installation.digest);
        let Some(code) = code.filter(|_| !self.installation.hooks.schedules.is_empty()) else {
            return Ok(Ticks::default());
        };
        let known = self.plugins.0.known.of(code)?;
        let acts_after = self.installation.acts_after;
        let mut ticks = Ticks::read(&known.manifest, acts_after, room, self.now()).await?;
        let row = |(schedule, last)| (schedule, TickRow { last, acts_after });
        let new: Vec<_> = ticks.begin().into_iter().map(row).collect();
        if !new.is_empty() {
            self.write(Books { ticks: new, ..Books::default() }).await?;
        }
        Ok(ticks)
    }

    pub(super) async fn room(&self) -> Result<PluginRoom> {
        self.engine.plugin_room(self.tenant(), self.installation.id).await
    }

    /// Whether the installation is as it was when this turn began, and still acts. Otherwise the next turn sees what it is now.
    fn goes_on(&self) -> bool {
        let now = self.reader.refreshed();
        let same = |now: &Arc<Installation>| now.version == self.installation.version;
        now.directory().installation(self.installation.id).is_some_and(same)
            && self.plugins.may_act(&self.engine, self.tenant(), &self.installation)
    }

    async fn steps(&self, acting: &mut Acting) -> Result<Next> {
        let (mut events, end) = (VecDeque::new(), Instant::now() + TURN_TIME);
        for _ in 0..STEPS_MAX {
            if Instant::now() >= end || self.plugins.0.runner.is_closing() || !self.goes_on() {
                break;
            }
            let Some(step) = self.step(acting, &mut events).await? else {
                return self.idle(acting).await;
            };
            if let Step::Pause(at) = step {
                self.save(acting).await?;
                return Ok(Next::At(at));
            }
        }
        self.save(acting).await?;
        Ok(Next::Again)
    }

    /// The next thing there is to do; none when there is none.
    async fn step(&self, acting: &mut Acting, events: &mut VecDeque<Event>) -> Result<Option<Step>> {
        let now = self.now();
        if let Some(tick) = acting.ticks.due(now, &self.zone()) {
            return Box::pin(self.tick(acting, &tick)).await.map(Some);
        }
        if let Some(row) = acting.waiting.due(now).cloned() {
            return Box::pin(self.again(acting, row)).await.map(Some);
        }
        if events.is_empty() {
            if self.installation.hooks.events.is_empty() || acting.at >= self.reader.seq() {
                return Ok(None);
            }
            events.extend(self.reader.events(acting.at, PAGE).await?);
        }
        let Some(event) = events.pop_front() else {
            // What is there is not for us to see: others' views, say.
            acting.at = self.reader.seq();
            return Ok(None);
        };
        Box::pin(self.first(acting, &event)).await.map(Some)
    }

    /// An event for the first time.
    async fn first(&self, acting: &mut Acting, event: &Event) -> Result<Step> {
        let books = Books { place: Some(event.seq), ..Books::default() };
        match wanted(&self.installation, event) {
            Wanted::No => self.pass(acting, event.seq).await,
            Wanted::Circle(issue) => {
                self.give_up(books, (event.seq, 0), (issue, CIRCLE)).await?;
                Ok(moved(acting, event.seq, self.now()))
            }
            Wanted::Yes(cause) if self.is_enough(event, &cause) => {
                self.give_up(books, (event.seq, 0), (cause.issue, ENOUGH)).await?;
                Ok(moved(acting, event.seq, self.now()))
            }
            Wanted::Yes(cause) if acting.waiting.holds_up(Some(cause.issue)) => {
                let issue = Some(cause.issue);
                let row = Pending {
                    seq: event.seq,
                    issue,
                    attempts: 0,
                    not_before: self.now(),
                    why: String::new(),
                    basis: None,
                };
                self.write(Books { waits: Some(row.clone()), ..books }).await?;
                acting.waiting.put(row);
                self.expect_room(acting).await?;
                Ok(moved(acting, event.seq, self.now()))
            }
            Wanted::Yes(cause) => {
                let subject = Subject { event, cause, attempt: 1 };
                match Box::pin(self.attempt(&subject, books)).await? {
                    Outcome::Nothing => self.pass(acting, event.seq).await,
                    Outcome::Wait(at) => Ok(Step::Pause(at)),
                    Outcome::Waits(row) => {
                        acting.waiting.put(row);
                        self.expect_room(acting).await?;
                        Ok(moved(acting, event.seq, self.now()))
                    }
                    Outcome::Over => Ok(moved(acting, event.seq, self.now())),
                }
            }
        }
    }

    /// Whether so much has followed from what began this that nothing more may.
    fn is_enough(&self, event: &Event, cause: &Cause) -> bool {
        let following = &self.plugins.0.runner.following;
        following.room((self.tenant(), event.request), cause.depth, self.now()) == 0
    }

    /// Leaves an event to people, without a call.
    async fn give_up(
        &self,
        books: Books,
        (event, attempts): (Seq, u32),
        (issue, why): (IssueId, &str),
    ) -> Result<()> {
        let what = DeadWhat::Event(event, Some(issue));
        let dead = Dead { what, attempts, why: why.into(), at: self.now(), run: None, basis: None };
        self.write(Books { given_up: Some(dead), ..books }).await
    }

    /// One that waits.
    async fn again(&self, acting: &mut Acting, row: Pending) -> Result<Step> {
        let books = Books { no_longer: Some(row.seq), ..Books::default() };
        let event = self.reader.events(Seq(row.seq.0.saturating_sub(1)), 1).await?.into_iter().next();
        let event = event.filter(|event| event.seq == row.seq);
        let cause = event.as_ref().and_then(|event| match wanted(&self.installation, event) {
            Wanted::Yes(cause) => Some(cause),
            // Somebody has it done again though it was taken for a circle.
            _ => super::wanted::cause_of(event),
        });
        if let (Some(event), Some(cause)) = (&event, &cause)
            && self.is_enough(event, cause)
        {
            self.give_up(books, (event.seq, row.attempts), (cause.issue, ENOUGH)).await?;
            // Not before: where it is not written, the row waits on.
            acting.waiting.remove(row.seq);
            return Ok(Step::On);
        }
        let outcome = match (&event, cause) {
            (Some(event), Some(cause)) => {
                let subject = Subject { event, cause, attempt: row.attempts.saturating_add(1) };
                Box::pin(self.attempt(&subject, books)).await?
            }
            _ => Outcome::Nothing,
        };
        match outcome {
            Outcome::Wait(at) => return Ok(Step::Pause(at)),
            Outcome::Waits(row) => acting.waiting.put(row),
            Outcome::Over => acting.waiting.remove(row.seq),
            Outcome::Nothing => {
                self.write(Books { no_longer: Some(row.seq), ..Books::default() }).await?;
                acting.waiting.remove(row.seq);
            }
        }
        Ok(Step::On)
    }

    /// What is due of a schedule.
    async fn tick(&self, acting: &mut Acting, tick: &DueTick) -> Result<Step> {
        match Box::pin(self.attempt_tick(tick)).await? {
            Fate::Done | Fate::GivenUp(_) => acting.ticks.done(tick),
            Fate::Again(at, _) => acting.ticks.later(tick, at),
            Fate::Wait(at, _) => return Ok(Step::Pause(at)),
        }
        Ok(Step::On)
    }

    /// An event of which nothing comes: the place is kept now and then.
    async fn pass(&self, acting: &mut Acting, seq: Seq) -> Result<Step> {
        acting.at = seq;
        acting.moved = self.now();
        if acting.at.0.saturating_sub(acting.saved.0) >= UNSAVED_MAX {
            self.save(acting).await?;
        }
        Ok(Step::On)
    }

    async fn save(&self, acting: &mut Acting) -> Result<()> {
        if acting.at > acting.saved {
            self.write(Books { place: Some(acting.at), ..Books::default() }).await?;
            acting.saved = acting.at;
        }
        Ok(())
    }

    /// There is nothing to do: the place is kept when it has been so for a while.
    async fn idle(&self, acting: &mut Acting) -> Result<Next> {
        let now = self.now();
        // A clock that was ahead and was set right holds nothing up.
        (acting.moved, acting.swept) = (acting.moved.min(now), acting.swept.min(now));
        if self.installation.granted.kv && acting.swept.plus_millis(SWEEP_MS) <= now {
            acting.swept = now;
            Box::pin(sweep::sweep(self)).await?;
        }
        let mut next = acting.waiting.next_at().map_or(Next::Rest, Next::At);
        if let Some(at) = acting.ticks.next_at(&self.zone()) {
            next = next.or(Next::At(at));
        }
        let save_at = acting.moved.plus_millis(IDLE_MS);
        if acting.at > acting.saved && save_at <= now {
            self.save(acting).await?;
        }
        if acting.at > acting.saved {
            next = next.or(Next::At(save_at));
        }
        Ok(next)
    }

    /// Stops what an installation does that leaves too much behind.
    async fn expect_room(&self, acting: &Acting) -> Result<()> {
        if acting.waiting.len() < rows::PENDING_MAX {
            return Ok(());
        }
        let reason = format!("{} events wait for it because it fails at them", rows::PENDING_MAX);
        self.plugins.stop_failing(self.tenant(), self.installation.id, FailedAs::Acting, &reason).await?;
        // Nothing more is done in this turn; the next does not find it among those that act.
        Err(mortise_engine::Error::unavailable("the plugin is stopped"))
    }

    /// Changes the books, without commands.
    pub(super) async fn write(&self, books: Books) -> Result<()> {
        self.plugins.write_books(self.tenant(), self.installation.id, books).await
    }
}

fn moved(acting: &mut Acting, seq: Seq, now: Timestamp) -> Step {
    (acting.at, acting.saved, acting.moved) = (seq, seq, now);
    Step::On
}

async fn read_waiting(room: &PluginRoom) -> Result<Waiting> {
    let (mut waiting, mut after) = (Waiting::default(), None::<Vec<u8>>);
    loop {
        let page = room.scan(rows::PENDING, after.as_deref(), ROWS_PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(waiting) };
        after = Some(last.clone());
        for (_, bytes) in &page {
            waiting.put(rows::decode(bytes)?);
        }
    }
}
