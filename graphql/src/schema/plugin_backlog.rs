//! What waits for plugins, what they have given up, and having that done again or letting it go.

use super::payload::{UserError, settled};
use super::plugin_payload::told;
use super::plugin_word::PluginFailureKind;
use super::scalar::{self, DateTime};
use crate::context::{Asked, Snapshot, plugins};
use crate::error::Result;
use crate::lean::{PageInfo, Row};
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_plugins::automation::{Backlog, DeadLetter, DeadLetters, WaitingWork};
use mortise_plugins::service::Done;

/// Something that a plugin has failed to do, and that is not tried again by itself.
#[derive(SimpleObject)]
pub(crate) struct PluginDeadLetter {
    /// What it is known by, opaque.
    id: String,
    /// What kind of thing.
    kind: PluginFailureKind,
    /// The place in the log of the event that it was to act on.
    event: Option<String>,
    /// The issue that the event is about.
    issue_id: Option<ID>,
    /// What it is about, in words: the method and address of a request, the name of a schedule.
    about: String,
    /// How often it was tried.
    attempts: u32,
    /// Why it was given up.
    why: String,
    /// When.
    at: DateTime,
    /// The last attempt, `run_…`; of a request the run that staged it.
    run: Option<String>,
}

impl From<&DeadLetter> for PluginDeadLetter {
    fn from(letter: &DeadLetter) -> Self {
        Self {
            id: letter.id.clone(),
            kind: letter.kind.into(),
            event: letter.event.map(|seq| seq.to_string()),
            issue_id: letter.issue.map(scalar::global),
            about: letter.about.clone(),
            attempts: letter.attempts,
            why: letter.why.clone(),
            at: DateTime(letter.at),
            run: letter.run.map(|run| run.to_string()),
        }
    }
}

/// A page of what a plugin has given up.
pub(crate) struct PluginDeadLetterConnection {
    page: DeadLetters,
    is_first: bool,
}

impl PluginDeadLetterConnection {
    pub(crate) const fn new(page: DeadLetters, is_first: bool) -> Self {
        Self { page, is_first }
    }
}

/// A page of what a plugin has given up, by place in the log.
#[Object]
impl PluginDeadLetterConnection {
    /// What was given up.
    async fn nodes(&self) -> Vec<PluginDeadLetter> {
        self.page.letters.iter().map(Into::into).collect()
    }

    /// Where the page lies.
    async fn page_info(&self) -> Row<PageInfo<Snapshot>> {
        let cursor = |letter: Option<&DeadLetter>| letter.map(|letter| letter.id.clone());
        let ends = (cursor(self.page.letters.first()), cursor(self.page.letters.last()));
        Row(PageInfo::new((!self.is_first, self.page.more), ends))
    }

    /// How many there are over all pages.
    async fn total_count(&self) -> u64 {
        self.page.total
    }

    /// Older ones that are not kept any more, for want of room.
    async fn dropped(&self) -> u64 {
        self.page.dropped
    }
}

/// Something that a plugin is going to try.
#[derive(SimpleObject)]
pub(crate) struct PluginWaitingWork {
    /// The place in the log of the event to act on; null for a request.
    event: Option<String>,
    /// The issue that the event is about.
    issue_id: Option<ID>,
    /// What it is about, in words.
    about: String,
    /// How often it was tried.
    attempts: u32,
    /// Not before this time.
    not_before: DateTime,
    /// Why the last attempt failed; empty when there was none.
    why: String,
}

impl From<&WaitingWork> for PluginWaitingWork {
    fn from(work: &WaitingWork) -> Self {
        Self {
            event: work.event.map(|seq| seq.to_string()),
            issue_id: work.issue.map(scalar::global),
            about: work.about.clone(),
            attempts: work.attempts,
            not_before: DateTime(work.not_before),
            why: work.why.clone(),
        }
    }
}

/// What waits for a plugin.
#[derive(SimpleObject)]
pub(crate) struct PluginBacklog {
    /// Events that it failed at and those behind them, oldest first; at most 100.
    events: Vec<PluginWaitingWork>,
    /// Requests that are to be sent, oldest first; at most 100.
    requests: Vec<PluginWaitingWork>,
    /// The place in the log that it has come to.
    place: String,
    /// The end of the log.
    head: String,
}

impl From<Backlog> for PluginBacklog {
    fn from(backlog: Backlog) -> Self {
        Self {
            events: backlog.events.iter().map(Into::into).collect(),
            requests: backlog.requests.iter().map(Into::into).collect(),
            place: backlog.place.to_string(),
            head: backlog.head.to_string(),
        }
    }
}

/// The answer about what a plugin has given up.
#[derive(SimpleObject)]
pub(crate) struct PluginDeadLetterPayload {
    /// Whether it was done. False exactly when there are `userErrors`.
    success: bool,
    /// How many of those named were there.
    count: u32,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote: `plugin.redelivered`, `plugin.dropped`.
    events: Vec<String>,
}

impl PluginDeadLetterPayload {
    fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Done<u32>>) -> Result<Self> {
        asked.snapshot.catch_up();
        let (done, user_errors) = settled(done)?;
        let (sync_cursor, events) = told(asked, done.as_ref());
        let count = done.map(|done| done.what).unwrap_or_default();
        Ok(Self { success: user_errors.is_empty(), count, user_errors, sync_cursor, events })
    }
}

/// Mutations of what was given up.
#[derive(Default)]
pub(crate) struct PluginBacklogMutation;

#[Object]
impl PluginBacklogMutation {
    /// Has a plugin do again what it has given up, from the first attempt on. For admins.
    async fn plugin_redeliver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Which, of its `deadLetters`; at most 40 at once.")] letters: Vec<String>,
    ) -> Result<PluginDeadLetterPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let done = plugins(ctx)?.redeliver(asked.operation(None, false), id, &letters).await;
        PluginDeadLetterPayload::answer(&asked, done)
    }

    /// Lets go what a plugin has given up. For admins.
    async fn plugin_dead_letter_drop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "Which, of its `deadLetters`; at most 40 at once.")] letters: Vec<String>,
    ) -> Result<PluginDeadLetterPayload> {
        let asked = Asked::of(ctx)?;
        let id = scalar::id("id", &id)?;
        let done = plugins(ctx)?.drop_letters(asked.operation(None, false), id, &letters).await;
        PluginDeadLetterPayload::answer(&asked, done)
    }
}
