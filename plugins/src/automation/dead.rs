//! What plugins have failed to do, for people: what waits, what was given up, and having it done again or letting it go.

use super::basis::Basis;
use super::books::Books;
use super::rows::{self, Counts, Dead, DeadWhat, Out, Pending};
use crate::host::wit::http::Method;
use crate::service::{Done, HIDDEN, Plugins, RunId};
use data_encoding::HEXLOWER;
use mortise_engine::command::plugin::DoneAgain;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::draft::PluginRecord;
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::{Installation, Seq};
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::words;
use mortise_engine::{Engine, Error, ErrorCode, PluginRoom, Result};
use std::sync::Arc;

/// Entries of one page.
const PAGE_MAX: usize = 100;

/// Things that are done again, or let go, at once.
const AT_ONCE_MAX: usize = 40;

words! {
    /// What was given up.
    FailureKind {
        /// Acting on an event.
        0 Event = "EVENT",
        /// Sending a request.
        1 Request = "REQUEST",
        /// Acting at a time.
        2 Schedule = "SCHEDULE",
    }
}

/// Something that a plugin has failed to do, and that is not tried again by itself. Who does not see all that the run was told of
/// is told that it is there, its kind, its times and its attempts, as of the run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// What it is known by, opaque.
    pub id: String,
    /// What kind of thing.
    pub kind: FailureKind,
    /// The event that it was to act on.
    pub event: Option<Seq>,
    /// The issue that the event is about.
    pub issue: Option<IssueId>,
    /// What it is about, in words: the method and address of a request, the name of a schedule. Empty where it is not told.
    pub about: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// The last attempt; of a request the run that staged it.
    pub run: Option<RunId>,
}

/// A page of what was given up, by place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetters {
    /// Those of this page.
    pub letters: Vec<DeadLetter>,
    /// Whether there are more behind.
    pub more: bool,
    /// How many there are in all; at most 1,000.
    pub total: u64,
    /// Older ones that are not kept any more, for want of room.
    pub dropped: u64,
}

/// Something that is going to be tried; told as a [`DeadLetter`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingWork {
    /// The event to act on; none for a request.
    pub event: Option<Seq>,
    /// The issue that the event is about.
    pub issue: Option<IssueId>,
    /// What it is about, in words. Empty where it is not told.
    pub about: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this time.
    pub not_before: Timestamp,
    /// Why the last attempt failed; empty when there was none, as for what waits behind another event of the same issue.
    pub why: String,
}

/// What waits for an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Events, oldest first; at most 100.
    pub events: Vec<WaitingWork>,
    /// Requests, oldest first; at most 100.
    pub requests: Vec<WaitingWork>,
    /// The place in the log that it has come to; what lies between and the end of the log is still to be read.
    pub place: Seq,
    /// The end of the log.
    pub head: Seq,
}

impl Plugins {
    /// What waits for an installation: events that it failed at and those behind them, and requests that are to be sent.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND`, `UNAVAILABLE`.
    pub async fn backlog(&self, principal: &Principal, id: InstallationId) -> Result<Backlog> {
        let (engine, installation, room) = self.managed_installation(principal, id).await?;
        let reader = engine.reader(principal).await?;
        let events = scanned(&room, rows::PENDING, None, PAGE_MAX).await?;
        let events =
            events.iter().map(|(_, row)| rows::decode::<Pending>(row).map(|row| waiting_event(row, &reader)));
        let requests = scanned(&room, rows::OUT, None, PAGE_MAX).await?;
        let requests =
            requests.iter().map(|(_, row)| rows::decode::<Out>(row).map(|out| waiting_request(out, &reader)));
        let name = Installation::follower_of(id);
        let place = engine.follow(principal.tenant(), &name).await?.at().max(installation.acts_after);
        let head = engine.head(principal.tenant()).await?;
        Ok(Backlog {
            events: events.collect::<Result<_>>()?,
            requests: requests.collect::<Result<_>>()?,
            place,
            head,
        })
    }

    /// What an installation has failed to do for good: `first` behind the one with the id `after`; at most 100.
    ///
    /// # Errors
    ///
    /// As [`Plugins::backlog`]; `INVALID_INPUT` for an `after` that is none.
    pub async fn dead_letters(
        &self,
        principal: &Principal,
        id: InstallationId,
        first: usize,
        after: Option<&str>,
    ) -> Result<DeadLetters> {
        let (engine, _, room) = self.managed_installation(principal, id).await?;
        let reader = engine.reader(principal).await?;
        let after = after.map(|after| name_of("after", after)).transpose()?;
        let first = first.clamp(1, PAGE_MAX);
        let mut page = scanned(&room, rows::DEAD, after, first.saturating_add(1)).await?;
        let more = page.len() > first;
        page.truncate(first);
        let letters = page.iter().map(|(name, row)| Ok(letter(name, rows::decode(row)?, &reader)));
        let counts = room.get(rows::COUNTS).await?;
        let counts: Counts = counts.map_or(Ok(Counts::default()), |row| rows::decode(&row))?;
        let letters = letters.collect::<Result<_>>()?;
        Ok(DeadLetters { letters, more, total: counts.dead, dropped: counts.dead_dropped })
    }

    /// Has an installation do again what it has given up, from the first attempt on. How many of those named were there.
    ///
    /// # Errors
    ///
    /// As [`Plugins::backlog`]; `INVALID_INPUT` for none or more than 40 at once, `REJECTED` for the time of a schedule, which
    /// has passed.
    pub async fn redeliver(
        &self,
        cx: OpContext,
        id: InstallationId,
        letters: &[String],
    ) -> Result<Done<u32>> {
        self.end_letters(cx, id, letters, false).await
    }

    /// Lets go what an installation has given up. How many of those named were there.
    ///
    /// # Errors
    ///
    /// As [`Plugins::redeliver`].
    pub async fn drop_letters(
        &self,
        cx: OpContext,
        id: InstallationId,
        letters: &[String],
    ) -> Result<Done<u32>> {
        self.end_letters(cx, id, letters, true).await
    }

    async fn end_letters(
        &self,
        cx: OpContext,
        id: InstallationId,
        letters: &[String],
        dropped: bool,
    ) -> Result<Done<u32>> {
        if letters.is_empty() || letters.len() > AT_ONCE_MAX {
            return Err(Error::invalid("letters", format!("name 1 to {AT_ONCE_MAX} letters at once")));
        }
        let tenant = cx.principal.tenant();
        let (engine, _, room) = self.managed_installation(&cx.principal, id).await?;
        let desk = self.0.runner.desks.of(id);
        let held = desk.lock_owned().await;
        let (mut ending, mut names) = (Ending::default(), Vec::new());
        for letter in letters {
            let name = name_of("letters", letter)?;
            if let Some(row) = room.get(&name).await?
                && !names.contains(&name)
            {
                if !dropped {
                    ending.again(id, rows::decode(&row)?, engine.clock().now())?;
                } else if let DeadWhat::Event(seq, _) = rows::decode::<Dead>(&row)?.what {
                    ending.events.push(seq);
                }
                names.push(name);
            }
        }
        if names.is_empty() {
            let message = "none of these letters is among what the plugin has given up, or not any more";
            return Err(Error::new(ErrorCode::NotFound, message));
        }
        let found = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let books = Books { risen: names, out: ending.out, ..Books::default() };
        let mut records = books.records(id, &room, u64::MAX).await?;
        records.append(&mut ending.records);
        if ending.events.is_empty() {
            // Requests have no place of their own: it is said at the end of the log.
            ending.events.push(engine.head(tenant).await?);
        }
        let (plugins, again) = (self.clone(), DoneAgain { id, events: ending.events, dropped, records });
        super::commit::to_the_end(async move {
            let done = engine.execute(cx, again).await?;
            drop(held);
            plugins.0.runner.waits_changed(tenant, id);
            plugins.0.runner.ring_to_send(tenant);
            Ok(Done::by(&done, found))
        })
        .await
    }

    /// An installation that is there, for who manages plugins.
    pub(crate) async fn managed_installation(
        &self,
        principal: &Principal,
        id: InstallationId,
    ) -> Result<(Engine, Arc<Installation>, PluginRoom)> {
        let engine = self.engine()?;
        let found = engine.installations(principal).await?.into_iter().find(|i| i.id == id);
        let installation = found.ok_or_else(|| Error::not_found(format!("installation {id}")))?;
        let room = engine.plugin_room(principal.tenant(), id).await?;
        Ok((engine, installation, room))
    }
}

/// So many entries behind this one; less where there are no more. A page of the store may be shorter, where entries are large.
async fn scanned(
    room: &PluginRoom,
    kind: &[u8],
    mut after: Option<Vec<u8>>,
    limit: usize,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    while found.len() < limit {
        let page = room.scan(kind, after.as_deref(), limit - found.len()).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        found.extend(page);
    }
    Ok(found)
}

/// What is to be done again.
#[derive(Default)]
struct Ending {
    events: Vec<Seq>,
    out: Vec<Out>,
    records: Vec<PluginRecord>,
}

impl Ending {
    fn again(&mut self, id: InstallationId, dead: Dead, now: Timestamp) -> Result<()> {
        match dead.what {
            DeadWhat::Event(seq, issue) => {
                let why = String::new();
                let row = Pending { seq, issue, attempts: 0, not_before: now, why, basis: None };
                let name = rows::at_seq(rows::PENDING, seq);
                self.records.push(PluginRecord::Entry(id, name, Some(rows::encode(&row))));
                self.events.push(seq);
            }
            DeadWhat::Out(out) => {
                self.out.push(Out { attempts: 0, not_before: now, why: String::new(), ..out });
            }
            DeadWhat::Tick(schedule, at) => {
                let message = format!("the time {at} of the schedule `{schedule}` has passed: let it go");
                return Err(Error::rejected(message));
            }
        }
        Ok(())
    }
}

/// The name of a row by what it is known by, which came in this field.
fn name_of(field: &str, letter: &str) -> Result<Vec<u8>> {
    let name = HEXLOWER.decode(letter.as_bytes()).ok().filter(|name| name.len() <= 300);
    let name = name.ok_or_else(|| {
        let message = format!("`{}` is no dead letter of a plugin", crate::convert::line(letter, 60));
        Error::invalid(field, message)
    })?;
    Ok([rows::DEAD, &name].concat())
}

/// What is told of something that a plugin failed at.
struct Told {
    issue: Option<IssueId>,
    about: String,
    why: String,
}

impl Told {
    /// As this reader may see it; `ran` is whether there was a run, and what that was told of. Of a run from before this was kept it
    /// is not known: that is for those who see everything.
    fn seen_by(self, reader: &Reader, (ran, basis): (bool, Option<&Basis>)) -> Self {
        let everything = reader.policy().scope(reader.directory()).is_everything();
        let sees_issue = self.issue.is_none_or(|issue| reader.sees(issue));
        let sees_basis = basis.map_or(!ran, |basis| basis.is_seen_by(reader));
        if everything || (sees_issue && sees_basis) {
            return self;
        }
        Self { issue: None, about: String::new(), why: HIDDEN.to_owned() }
    }
}

fn letter(name: &[u8], dead: Dead, reader: &Reader) -> DeadLetter {
    let id = HEXLOWER.encode(name.strip_prefix(rows::DEAD).unwrap_or_default());
    let (kind, event, issue, about) = match &dead.what {
        DeadWhat::Event(seq, issue) => (FailureKind::Event, Some(*seq), *issue, format!("event {seq}")),
        DeadWhat::Out(out) => (FailureKind::Request, None, None, about_request(out)),
        DeadWhat::Tick(schedule, at) => {
            (FailureKind::Schedule, None, None, format!("schedule {schedule} at {at}"))
        }
    };
    let told = Told { issue, about, why: dead.why.clone() };
    let Told { issue, about, why } = told.seen_by(reader, (dead.run.is_some(), dead.basis()));
    let Dead { attempts, at, run, .. } = dead;
    DeadLetter { id, kind, event, issue, about, attempts, why, at, run }
}

fn waiting_event(row: Pending, reader: &Reader) -> WaitingWork {
    let Pending { seq, issue, attempts, not_before, why, basis } = row;
    let told = Told { issue, about: format!("event {seq}"), why };
    let Told { issue, about, why } = told.seen_by(reader, (attempts > 0, basis.as_ref()));
    WaitingWork { event: Some(seq), issue, about, attempts, not_before, why }
}

fn waiting_request(out: Out, reader: &Reader) -> WaitingWork {
    let told = Told { issue: None, about: about_request(&out), why: out.why };
    let Told { about, why, .. } = told.seen_by(reader, (out.run.is_some(), out.basis.as_ref()));
    let (attempts, not_before) = (out.attempts, out.not_before);
    WaitingWork { event: None, issue: None, about, attempts, not_before, why }
}

/// The method and the address of a request, without what may be secret in it.
pub(crate) fn about_request(out: &Out) -> String {
    let Ok(request) = out.request() else { return "a request".to_owned() };
    let address = request.url.split(['?', '#']).next().unwrap_or_default();
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
        Method::Head => "HEAD",
    };
    crate::convert::line(&format!("{method} {address}"), 200)
}
