//! An attempt: at an event, or at what is due of a schedule.

use super::acting::Work;
use super::basis::Basis;
use super::books::Books;
use super::errand::{Errand, app_principal, class_of, invocation_of};
use super::fate::Fate;
use super::rows::{Dead, DeadWhat, Pending, shortened};
use super::ticks::{DueTick, TickRow, zone_of};
use super::told::{is_timely, told};
use super::wanted::{Cause, name_of};
use crate::answers::staging::Staged;
use crate::convert::{self, Bounds, Sight};
use crate::host::{Task, wit};
use crate::service::RunId;
use jiff::tz::TimeZone;
use mortise_engine::command::issue::IssueRef;
use mortise_engine::event::{Actor, Event, Origin};
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode, Result};
use uuid::Uuid;

/// Where a plugin's member cannot act at the moment, it is tried again after this, in milliseconds.
const MEMBER_AWAY_MS: i64 = 60_000;

/// What is acted on.
pub(super) struct Subject<'e> {
    pub(super) event: &'e Event,
    pub(super) cause: Cause,
    /// From 1.
    pub(super) attempt: u32,
}

/// What came of an attempt; its books are written.
pub(super) enum Outcome {
    /// It is none of the plugin's affair: nothing was written.
    Nothing,
    /// Done, or given up.
    Over,
    /// It waits.
    Waits(Pending),
    /// Nothing was written; not before this time.
    Wait(Timestamp),
}

/// What came of a call.
struct Made {
    fate: Fate,
    /// The books were written.
    wrote: bool,
    /// What the books say that waits because of it.
    waits: Option<Pending>,
}

impl Made {
    /// What leaves nothing that waits.
    const fn of(fate: Fate, wrote: bool) -> Self {
        Self { fate, wrote, waits: None }
    }
}

impl Work {
    /// An attempt at an event. The books say where it comes from; where it goes is added.
    pub(super) async fn attempt(&self, subject: &Subject<'_>, books: Books) -> Result<Outcome> {
        let Subject { event, cause, attempt } = subject;
        let by =
            app_principal(self.tenant(), &self.installation, cause.depth.saturating_add(1), cause.behalf);
        let app = match self.engine.reader(&by).await {
            Ok(app) => app,
            Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
            Err(_) => return Ok(Outcome::Wait(self.now().plus_millis(MEMBER_AWAY_MS))),
        };
        let row = app.issue_even_deleted(&IssueRef::Id(cause.issue)).await?;
        let row = row.filter(|row| self.installation.concerns(row.team) && is_timely(event, row));
        let Some(row) = row else { return Ok(Outcome::Nothing) };
        let sight = Sight::of(app);
        let Some(issue) = sight.issue(&row, Bounds::ONE).await? else { return Ok(Outcome::Nothing) };
        let key = issue.key.clone();
        let Some(told) = told(&sight, event, issue) else { return Ok(Outcome::Nothing) };
        if let Some(wait) = self.cpu_spent() {
            return Ok(Outcome::Wait(wait));
        }
        let errand = Errand {
            actor: convert::actor(&sight, event.actor, event.origin),
            sight,
            principal: by,
            installation: self.installation.clone(),
            task: Task::Event(told),
            invocation: invocation_of(self.installation.id, &[b"event", &event.seq.0.to_be_bytes()]),
            attempt: *attempt,
            mode: self.mode(),
            depth: cause.depth,
            issue: Some(cause.issue),
            about: format!("{} {key}", name_of(event)),
            request: event.request,
            now: self.now(),
        };
        let what = DeadWhat::Event(event.seq, Some(cause.issue));
        let Made { fate, wrote, waits } = self.made(&errand, books, &what).await?;
        Ok(match (fate, waits) {
            (_, Some(waits)) => Outcome::Waits(waits),
            (Fate::Done, None) if !wrote => Outcome::Nothing,
            (Fate::Done | Fate::GivenUp(_), None) => Outcome::Over,
            (Fate::Wait(at, _) | Fate::Again(at, _), None) => Outcome::Wait(at),
        })
    }

    /// An attempt at what is due of a schedule.
    pub(super) async fn attempt_tick(&self, tick: &DueTick) -> Result<Fate> {
        let by = app_principal(self.tenant(), &self.installation, 1, None);
        let later = |millis| self.now().plus_millis(millis);
        let app = match self.engine.reader(&by).await {
            Ok(app) => app,
            Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
            Err(error) => return Ok(Fate::Wait(later(MEMBER_AWAY_MS), error.message().to_owned())),
        };
        if let Some(at) = self.cpu_spent() {
            return Ok(Fate::Wait(at, String::new()));
        }
        let sight = Sight::of(app);
        let due_at = Timestamp::from_millis(tick.due.due_at.as_millisecond());
        let due = due_at.millis().to_be_bytes();
        let errand = Errand {
            actor: convert::actor(&sight, Actor::System, Origin::System),
            sight,
            principal: by,
            installation: self.installation.clone(),
            task: Task::Tick(wit::Tick {
                schedule: tick.schedule.clone(),
                due_at: due_at.to_string(),
                missed: tick.due.missed,
            }),
            invocation: invocation_of(self.installation.id, &[b"tick", tick.schedule.as_bytes(), &due]),
            attempt: tick.attempt,
            mode: self.mode(),
            depth: 0,
            issue: None,
            about: format!("schedule {}", tick.schedule),
            request: Uuid::now_v7(),
            now: self.now(),
        };
        let row = TickRow { last: due_at, acts_after: self.installation.acts_after };
        let books = Books { ticks: vec![(tick.schedule.clone(), row)], ..Books::default() };
        let what = DeadWhat::Tick(tick.schedule.clone(), due_at);
        Ok(self.made(&errand, books, &what).await?.fate)
    }

    /// The call, what it staged and what becomes of it, with its record.
    async fn made(&self, errand: &Errand, books: Books, what: &DeadWhat) -> Result<Made> {
        let again = |error: &Error| Fate::refused(error, errand.attempt, errand.now, chance());
        let mut returned = match Box::pin(self.plugins.errand(errand)).await {
            Ok(returned) => returned,
            Err(error) => {
                let why = errand.not_run(RunId::generate(), "host", error.message());
                self.plugins.note(why);
                return Ok(Made::of(Fate::not_asked(&error, errand.now), false));
            }
        };
        let mut fate = Fate::of(&returned.outcome, errand.attempt, errand.now, chance());
        if fate == Fate::Done {
            let staged = std::mem::take(&mut returned.staged);
            match Box::pin(self.done(errand, staged, &books)).await {
                Ok(wrote) => {
                    self.plugins.note(returned.finished);
                    return Ok(Made::of(fate, wrote));
                }
                Err(error) => {
                    returned.refused(&error);
                    if error.code() == ErrorCode::Unavailable {
                        // It is not known whether it was done: what is stored says it.
                        self.plugins.note(returned.finished);
                        return Err(error);
                    }
                    fate = again(&error);
                }
            }
        }
        let ran = (returned.run(), returned.basis());
        self.plugins.note(returned.finished);
        self.ended(errand, books, what, fate, ran).await
    }

    /// What was staged is done; of an installation in shadow mode nothing is. Whether anything was written.
    async fn done(&self, errand: &Errand, staged: Staged, books: &Books) -> Result<bool> {
        let counts = errand.mode == wit::RunMode::Live;
        let staged = if counts { staged } else { Staged::default() };
        if staged.is_empty() && books.is_place_alone() {
            // The place is kept now and then.
            return Ok(false);
        }
        Box::pin(self.plugins.commit(errand, staged, books.clone())).await?;
        Ok(true)
    }

    /// Writes what waits and what was given up.
    async fn ended(
        &self,
        errand: &Errand,
        books: Books,
        what: &DeadWhat,
        fate: Fate,
        (run, basis): (RunId, Option<Basis>),
    ) -> Result<Made> {
        let attempts = errand.attempt;
        let (books, waits) = match (&fate, what) {
            (Fate::Again(at, why), DeadWhat::Event(seq, issue)) => {
                let (seq, issue, not_before, why) = (*seq, *issue, *at, shortened(why));
                let waits = Pending { seq, issue, attempts, not_before, why, basis };
                (Books { waits: Some(waits.clone()), no_longer: None, ..books }, Some(waits))
            }
            (Fate::GivenUp(why), _) => {
                let (what, why, at) = (what.clone(), shortened(why), errand.now);
                let dead = Dead { what, attempts, why, at, run: Some(run), basis };
                (Books { given_up: Some(dead), ..books }, None)
            }
            _ => return Ok(Made::of(fate, false)),
        };
        self.write(books).await?;
        Ok(Made { fate, wrote: true, waits })
    }

    fn mode(&self) -> wit::RunMode {
        if self.installation.counts() { wit::RunMode::Live } else { wit::RunMode::Shadow }
    }

    /// When the company's plugins have CPU time again, where they have none now.
    fn cpu_spent(&self) -> Option<Timestamp> {
        let class = class_of(&self.installation);
        let rate = self.plugins.limit_of(self.reader.tenant()).cpu_rate(class);
        let spent = self.plugins.0.cpu.lock().may_begin(self.tenant(), class, rate).err()?;
        let millis =
            i64::try_from(spent.wait.as_millis()).unwrap_or(MEMBER_AWAY_MS).clamp(50, MEMBER_AWAY_MS);
        Some(self.now().plus_millis(millis))
    }

    /// Where the company's days begin.
    pub(super) fn zone(&self) -> TimeZone {
        zone_of(self.reader.tenant())
    }
}

/// Spreads what failed together.
pub(crate) fn chance() -> u32 {
    let mut bytes = [0; 4];
    // Without chance they come back together, which is borne.
    drop(getrandom::fill(&mut bytes).map_err(Error::internal));
    u32::from_be_bytes(bytes)
}
